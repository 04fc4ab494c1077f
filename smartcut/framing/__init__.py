"""What the picture should follow, and the path that a crop takes after it; pure."""
