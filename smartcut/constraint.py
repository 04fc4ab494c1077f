"""Limits on what may be chosen, as expectations state them, and what a candidate brings."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from smartcut.annotation import Word
from smartcut.timebase import Range


@dataclass(frozen=True, slots=True)
class Offered:
    """What a candidate brings, as constraints ask for it."""

    source: str
    range: Range
    """In source time."""
    words: tuple[Word, ...] = ()
    """All words that are said in it, also those that it divides, in source time."""
    generated: Fraction = Fraction(0)
    """Seconds of it that were generated, as its source says."""

    @property
    def heard(self) -> tuple[Word, ...]:
        """The words that are heard whole."""
        inside = self.range
        return tuple(
            w for w in self.words if inside.start <= w.range.start and w.range.end <= inside.end
        )


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a choice has to keep to: one of these, by what is given."""

    name: str
    """What the user calls it, such as ``said.must 'harbour'``."""
    allowed: tuple[bool, ...] | None = None
    """Whether each candidate may be chosen."""
    covers: tuple[bool, ...] | None = None
    """Whether each candidate does what one of the chosen has to."""
    shortest: Fraction | None = None
    """Least seconds of all together."""
    longest: Fraction | None = None
    """Most seconds of all together."""
    used: tuple[Fraction, ...] | None = None
    """Seconds of each candidate that count against :attr:`share`."""
    share: Fraction = Fraction(1)
    """Most of the seconds of all together that may be ``used``."""
