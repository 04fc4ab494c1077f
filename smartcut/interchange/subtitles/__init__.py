"""Subtitle files that a user brings along: SubRip, WebVTT, ASS, Whisper's JSON, plain text."""
