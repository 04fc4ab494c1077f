"""HTTP on this machine alone: who may ask, what is answered, and events as they come."""
