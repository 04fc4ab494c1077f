"""Generated video: physically based rendering, and clips to learn from."""
