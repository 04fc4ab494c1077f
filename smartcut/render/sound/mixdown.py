"""The finished sound of a track: sources read, mixed and mastered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction

import numpy as np

from smartcut.annotation import Data
from smartcut.cut import Cut
from smartcut.media.audio import samples
from smartcut.media.stretch import stretched_from
from smartcut.render.sound.clips import BLOCK, SoundClip, mix
from smartcut.render.sound.effects import backwards, with_effects
from smartcut.render.sound.mastering import (
    Passing,
    ceiling_of,
    limited,
    mastered,
    measured_gain,
)
from smartcut.render.sound.passing import is_untouched
from smartcut.render.sound.plan import SoundPlan
from smartcut.sound_effect import SoundBench
from smartcut.source import Source
from smartcut.timebase import Range, nearest

# Seconds that are decoded at a time to be heard backwards.
_HELD_SECONDS = 10


def mixed(
    plan: SoundPlan, duration: Fraction, speech: Sequence[Range]
) -> AbstractContextManager[tuple[Iterator[np.ndarray], list[str]]]:
    """(blocks, notes) of a whole sound track of ``duration`` seconds, for which ``speech`` ducks.

    The context holds a temporary file.
    """
    blocks = unmastered(plan, duration, speech)
    if not is_mastered(plan):
        return nullcontext((blocks, []))
    return mastered(blocks, plan.track.cut.mix, plan.sound.rate, plan.sound.layout)


def is_mastered(plan: SoundPlan) -> bool:
    """Whether the mix is brought to a loudness, or its peaks are held."""
    return bool(plan.track.also) or not is_untouched(plan.track.cut)


def mixed_from(
    plan: SoundPlan, duration: Fraction, speech: Sequence[Range], first: int, gain: float
) -> Iterator[np.ndarray]:
    """What :func:`mixed` gives from sample ``first`` on, a whole number of :data:`clips.BLOCK`.

    ``gain`` is the factor that brings the mix to its loudness; see :func:`loudness_gain`.
    """
    if not is_mastered(plan):
        return unmastered(plan, duration, speech, first)
    total, before = nearest(duration * plan.sound.rate), max(0, first - BLOCK)
    passing = Passing(unmastered(plan, duration, speech, before), before, total)
    return limited(passing, gain, ceiling_of(plan.track.cut.mix), first)


def loudness_gain(plan: SoundPlan, blocks: Iterable[np.ndarray]) -> float:
    """The factor for which all of the mix, as :func:`unmastered` gives it, is listened to."""
    return measured_gain(blocks, plan.track.cut.mix, plan.sound.rate, plan.sound.layout)


def unmastered(
    plan: SoundPlan, duration: Fraction, speech: Sequence[Range], first: int = 0
) -> Iterator[np.ndarray]:
    """The mix before its loudness is touched, from a sample on; see :func:`clips.mix`."""
    rate, layout, channels = plan.sound.rate, plan.sound.layout, plan.sound.channels

    def read(clip: SoundClip, skipped: int) -> Iterator[np.ndarray]:
        def own(first: int, last: int) -> Iterator[np.ndarray]:
            start, end = (Fraction(number, rate) for number in (first, last))
            return samples(clip.source, rate, layout, start, end)

        bench = SoundBench(rate, layout, channels, _known(plan.track.cut, clip.source))
        heard = with_effects(own, clip.effects, clip.times, bench)
        shown = clip.heard(rate)
        first, last = nearest(shown.start * rate), nearest(shown.end * rate)
        most = _HELD_SECONDS * rate
        plays = all(speed == 1 for _, speed in clip.paces)

        def read_from(start: int) -> Iterator[np.ndarray]:
            if clip.is_reversed:
                return backwards(heard, first, last - start, most)
            return heard(first + start, last)

        if plays:
            sought = skipped if skipped >= rate else 0  # what is little is read and dropped
            return _after(read_from(sought), skipped - sought)
        count = clip.end - clip.start
        return stretched_from(read_from, clip.paces, rate, count, channels, skipped)

    cut, also = plan.track.cut, plan.track.also
    return mix(
        cut, read, duration=duration, rate=rate, channels=channels, speech=speech, also=also,
        first=first,
    )  # fmt: skip


def _after(blocks: Iterator[np.ndarray], count: int) -> Iterator[np.ndarray]:
    """The blocks without their first ``count`` samples."""
    for block in blocks:
        kept = block[:, count:]
        count = max(0, count - block.shape[1])
        if kept.shape[1]:
            yield kept


def _known(cut: Cut, source: Source) -> Callable[[str], Data | None]:
    def known(name: str) -> Data | None:
        found = cut.annotation(name, source.id)
        return found.data if found else None

    return known
