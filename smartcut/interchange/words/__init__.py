"""The transcript as the editing surface: words as Markdown, and what is left of them as a cut."""
