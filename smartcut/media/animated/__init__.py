"""Files of pictures with durations: GIF, WebP and APNG, joined from pieces of their own kind."""
