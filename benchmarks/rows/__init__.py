"""One module for each row: its ``run`` yields the row's results."""
