"""What figures and reports share: reading results, statistics over seeds, looks, files."""
