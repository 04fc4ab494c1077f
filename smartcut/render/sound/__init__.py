"""The sound of a film: clips to the sample, tracks, mastering, and what is passed through."""
