"""The sound effects of a cut. Most segments have none: what effects are is imported for others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartcut.cut import Cut, Segment

if TYPE_CHECKING:
    from smartcut.sound_effect import AppliedSound


def applied_sounds(segment: Segment) -> tuple[AppliedSound, ...]:
    """The effects that change the segment's sound; raises PipelineError for what is not known."""
    if not segment.effects:
        return ()
    from smartcut.sound_effect import applied_to

    return applied_to(segment)


def without_sound_effects(cut: Cut) -> Cut:
    """The cut as pictures are made of it."""
    if not any(segment.effects for track in cut.tracks for segment in track.segments):
        return cut
    from smartcut.sound_effect import is_sound

    def bare(segment: Segment) -> Segment:
        kept = tuple(effect for effect in segment.effects if not is_sound(effect))
        return segment if kept == segment.effects else replace(segment, effects=kept)

    tracks = (replace(t, segments=tuple(bare(s) for s in t.segments)) for t in cut.tracks)
    return replace(cut, tracks=tuple(tracks))
