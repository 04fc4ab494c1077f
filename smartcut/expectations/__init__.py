"""What films can be expected to be, one in a module."""
