"""Captions and titles: which words are shown when, and how they are drawn and written."""
