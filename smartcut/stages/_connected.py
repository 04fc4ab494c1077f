"""When what stages put above the picture begins: connected to what the programme shows there."""

from __future__ import annotations

from fractions import Fraction

from smartcut.algebra import connected
from smartcut.cut import Anchor, At, Cut
from smartcut.errors import StageError


def begins(cut: Cut, stage: str, at: Fraction | None, of: str | None) -> At:
    """Where something begins that is wanted at a timeline time, or at a time of the source ``of``.

    Raises StageError where there is no such time or source.
    """
    if of is not None:
        if of not in {source.id for source in cut.sources}:
            known = ", ".join(source.id for source in cut.sources)
            raise StageError(f"`{stage}`: there is no source {of!r}; sources: {known}")
        return Anchor(of, at or Fraction(0))
    time = at or Fraction(0)
    if time >= cut.duration:
        raise StageError(
            f"`{stage}` begins at {float(time):g} s, but the cut lasts {float(cut.duration):.3f} s"
        )
    return connected(cut, time)


def rest(cut: Cut, at: Fraction | None, of: str | None) -> Fraction:
    """How long the cut goes on after a timeline time; all of it for times of sources."""
    left = cut.duration - (at or 0) if of is None else cut.duration
    return max(left, Fraction(1, 100))
