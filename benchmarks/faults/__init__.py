"""Ends runs where it hurts, and looks at what is left: ``python -m benchmarks.faults``."""
