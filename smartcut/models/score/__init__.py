"""A small composer: chords, bass, figures and a melody in a key, played by simple instruments."""
