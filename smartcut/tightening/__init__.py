"""What of a recording is worth keeping: sound and pictures over time, and words, to ranges."""
