"""The built-in transitions, a module each."""
