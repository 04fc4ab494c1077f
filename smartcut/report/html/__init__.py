"""A report as one page of HTML: no script, no request, every text of a file escaped."""
