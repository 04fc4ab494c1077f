"""Which spans of the picture are copied and which encoded, and whether the file is as planned."""
