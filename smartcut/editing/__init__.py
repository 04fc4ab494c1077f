"""Corrections by hand: edits in source time, laid over an automatic cut, that outlive its next run.

An edit says what is to become of a moment of a source (drop it, keep it, trim, split, move or
replace the segment that shows it, set something of it, add something to it). It does not say where
in the cut that moment is: when the automatic part changes, the edit is found a place again, and one
that no longer has any is a conflict with a name, which is never dropped.
"""

from smartcut.editing.applying import Edited, apply_edits
from smartcut.editing.between import edits_between
from smartcut.editing.differences import Difference, differences
from smartcut.editing.merging import Merged, merge
from smartcut.editing.model import Edits, HandEdit, SegmentMatch
from smartcut.editing.reading import read_edits, write_edits
from smartcut.editing.refusing import EditConflict

__all__ = [
    "Difference",
    "EditConflict",
    "Edited",
    "Edits",
    "HandEdit",
    "Merged",
    "SegmentMatch",
    "apply_edits",
    "differences",
    "edits_between",
    "merge",
    "read_edits",
    "write_edits",
]
