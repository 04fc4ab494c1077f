"""What changes sound: the contract of its effects, beside those on pictures (``effect.py``).

A sound effect is one module with one subclass of :class:`SoundEffect` in a package that an entry
point of the group ``smartcut.effects`` names; its stage, schema, page, key and JSON follow from it.
It works in source time and at its own speed, before the sound is stretched, reversed or mixed: so
it gives the same samples however the source is divided.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pydantic import Field

from smartcut.algebra import shown_when
from smartcut.annotation import Data
from smartcut.curve import Animated
from smartcut.cut import Effect, EffectClock, Segment
from smartcut.effect import AnyEffect, find_effect, made_of, undivided
from smartcut.errors import PipelineError
from smartcut.timebase import Range

if TYPE_CHECKING:
    import numpy as np

#: Samples for which an effect's numbers change in one go; blocks begin at multiples of it.
STEP = 512


@dataclass(frozen=True, slots=True)
class SoundBench:
    """What an effect works with, for one clip in one thread."""

    rate: int
    """Samples a second."""
    layout: str
    """Of the channels, by FFmpeg's name."""
    channels: int
    known: Callable[[str], Data | None]
    """What an analysis of that name found out about the source."""


@dataclass(frozen=True, slots=True)
class SoundBlock:
    """Sound that an effect works on: whole steps of :data:`STEP` samples, one block after the
    other; only one step where the effect's numbers change."""

    values: np.ndarray
    """float32 (channels, n) in [-1, 1]; not to be changed."""
    start: int
    """Number of its first sample, from source time 0; may be below 0."""
    first: Any
    """The effect with the numbers that it has where the block begins."""
    last: Any
    """The same where the block ends."""


SoundWork = Callable[[SoundBlock], "np.ndarray"]
"""Gives as many samples as it is given: what came in :meth:`SoundEffect.delay` samples before."""


class SoundEffect(AnyEffect):
    """A change to sound."""

    amount: Animated = Field(
        1.0, ge=0, le=1, description="Share of the effect in the sound; 0 leaves it as it was."
    )

    def within(self, shown: Range) -> SoundEffect:
        return self

    def settles(self) -> Fraction:
        """Seconds of sound after which it no longer matters what it heard before."""
        return Fraction(0)

    def delay(self) -> int:
        """Samples by which what it gives is late."""
        return 0

    @abstractmethod
    def open(self, bench: SoundBench) -> SoundWork:
        """The function that changes the sound of one clip, in one thread."""


# ------------------------------------------------------------------ effects of a cut, ready to work


@dataclass(frozen=True, slots=True)
class AppliedSound:
    """A sound effect of a segment."""

    effect: SoundEffect
    during: Range | None = None
    """In source time; None is always."""
    clock: EffectClock | None = None
    """Of the segment that it was put on, where that has been divided or retimed since."""

    def at(self, source_time: Fraction, segment_time: Fraction) -> SoundEffect:
        """The effect at a moment of today's segment."""
        then = segment_time if self.clock is None else self.clock.at(segment_time)
        return self.effect.at(source_time, then)

    @property
    def follows_segment(self) -> bool:
        """Whether what it does depends on when its segment begins."""
        return any(curve.clock == "segment" for curve in self.effect.curves)


def is_sound(effect: Effect) -> bool:
    """Whether an effect of a cut changes sound; raises PipelineError for one that is not known."""
    return issubclass(find_effect(effect.name), SoundEffect)


def applied_to(segment: Segment) -> tuple[AppliedSound, ...]:
    """The effects that change the segment's sound; raises PipelineError for what is not known."""
    found = (_applied(effect, segment) for effect in segment.effects if is_sound(effect))
    return tuple(one for one in found if one is not None)


def _applied(effect: Effect, segment: Segment) -> AppliedSound | None:
    made = made_of(effect)
    assert isinstance(made, SoundEffect)
    whole = undivided(segment, effect.clock)
    shown = Range(Fraction(0), whole.duration)
    if effect.during is not None and not effect.during.overlaps(segment.range):
        return None
    if effect.during is not None:
        when = [*shown_when(whole, shown, effect.during)]
        if not when:
            return None
        shown = Range(when[0].start, when[-1].end)
    made = made.within(shown)
    idle = not made.curves and (made.is_idle() or made.amount == 0)
    return None if idle else AppliedSound(made, effect.during, effect.clock)


def check_sound(effect: Effect) -> SoundEffect:
    """The effect of a cut on sound, ready to work; raises PipelineError where it is none."""
    made = made_of(effect)
    if not isinstance(made, SoundEffect):
        raise PipelineError(f"the effect {effect.name!r} changes pictures, not sound")
    return made
