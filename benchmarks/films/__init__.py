"""Films that nobody shot: talks and action with made speech, as a camera and x264 leave them."""
