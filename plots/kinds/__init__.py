"""One module for each kind of figure: what of the results it draws, and how."""
