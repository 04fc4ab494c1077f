"""Text to speech: engines that speak one sentence at a time, and know when each word is heard."""
