"""Finds shots: what PySceneDetect sees, where it is in doubt, and what a network says there."""
