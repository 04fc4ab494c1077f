"""What editing took away from what was said, and where that may change its sense. Pure."""
