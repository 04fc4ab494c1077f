"""Physically based rendering: scenes, cameras that move, a path tracer, and what it knows."""
