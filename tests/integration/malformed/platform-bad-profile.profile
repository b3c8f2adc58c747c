0 1.0
noon 0.5
