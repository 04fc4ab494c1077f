"""When there is something to hear in a source, as `tighten` knows it."""

from __future__ import annotations

from collections.abc import Sequence

from smartcut.annotation import Signal, Transcript
from smartcut.cut import Cut
from smartcut.learning_style.style import Basis
from smartcut.source import Source
from smartcut.tightening.levels import (
    VOICED,
    auto_threshold,
    exact_edges,
    heard_within,
    loud,
    voiced,
)
from smartcut.tightening.ranges import Ranges, union


def basis_of(cuts: Sequence[Cut]) -> Basis:
    """`words` where all that is heard in all films has a transcript; else `voice`."""
    heard = ((cut, source) for cut in cuts for source in heard_sources(cut))
    known = [cut.data(Transcript, "transcript", source.id) is not None for cut, source in heard]
    return "words" if known and all(known) else "voice"


def heard_sources(cut: Cut) -> list[Source]:
    """The recorded sources with sound that the programme shows."""
    used = {segment.source for segment in cut.segments}
    return [s for s in cut.footage if s.id in used and s.audio is not None]


def active(cut: Cut, source: Source, basis: Basis) -> Ranges:
    """Words as long as they are heard, or voices; where there is none, what is loud."""
    level = cut.data(Signal, "level", source.id)
    if basis == "words":
        transcript = cut.data(Transcript, "transcript", source.id)
        sentences = transcript.sentences if transcript else ()
        words = tuple(word.range for sentence in sentences for word in sentence.words)
        return union(heard_within(words, level) if level else words)
    voice = cut.data(Signal, "voice", source.id)
    found = voiced(voice, VOICED, source.duration) if voice else ()
    if level is None:
        return found
    if found:
        return exact_edges(found, level)
    return loud(level, auto_threshold(level.values[0]), source.duration)
