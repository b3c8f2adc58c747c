"""The report: what it holds as data, and the page that shows it."""
