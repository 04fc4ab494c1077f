"""Corrections by hand: edits in source time, laid over an automatic cut, that outlive its next run.

An edit says what is to become of a moment of a source (drop it, keep it, trim, split, move or
replace the segment that shows it, set something of it, add something to it). It does not say where
in the cut that moment is: when the automatic part changes, the edit is found a place again, and one
that no longer has any is a conflict with a name, which is never dropped.
"""
