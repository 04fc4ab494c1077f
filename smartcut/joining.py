"""Cuts one after the other: what each shows, plays and knows, in one cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

from smartcut.algebra import by_time_shown
from smartcut.annotation import Annotation
from smartcut.cut import Anchor, Cut, Effect, Segment, TimelineFormat, Track
from smartcut.errors import PipelineError
from smartcut.source import Source, unused

T = TypeVar("T")

_NONE = Fraction(0)


def concatenated(cuts: Sequence[Cut]) -> Cut:
    """The cuts one after the other; of one, itself.

    What lies above the programme of one (overlays, titles, voices, music) stays with it. A source
    that several show is one source where nothing is connected to it and all know the same of it.
    Raises PipelineError where the cuts differ in what a film has once: how the sound is mixed,
    how captions look.
    """
    if len(cuts) == 1:
        return cuts[0]
    joined = Cut(tracks=(Track("programme"),))
    for cut in cuts:
        joined = _appended(joined, with_own_sources(cut, joined))
    return replace(
        joined,
        mix=_same([c.mix for c in cuts], "how the sound is mixed", "audio") or Cut().mix,
        captions=_same([c.captions for c in cuts], "how captions look", "subtitles"),
        is_sdr=any(c.is_sdr for c in cuts),
        format=_format(cuts),
    )


def _format(cuts: Sequence[Cut]) -> TimelineFormat | None:
    """The first one's; of cuts that show nothing recorded, only where none does."""
    recorded = [c for c in cuts if any(source.video for source in by_time_shown(c))]
    return next((c.format for c in recorded or cuts if c.format), None)


def _same(values: Sequence[T], what: str, stage: str) -> T | None:
    """What all say; where only some say it, what they say."""
    if len({repr(value) for value in values if value is not None}) > 1:
        raise PipelineError(
            f"the parts differ in {what}, of which a film has one: put `{stage}` among the stages "
            "of the whole, behind its parts"
        )
    return next((value for value in values if value is not None), None)


def _appended(joined: Cut, cut: Cut) -> Cut:
    start = joined.duration
    above = tuple(_later(track, start, cut) for track in cut.tracks[1:])
    known = {source.id for source in joined.sources}
    told = {(a.name, a.source) for a in joined.annotations}
    programme = replace(
        joined.programme,
        segments=(*joined.segments, *_opening(cut.segments, bool(joined.segments))),
    )
    others = tuple(_later(track, start, cut) for track in cut.alternatives)
    return replace(
        joined,
        sources=(*joined.sources, *(s for s in cut.sources if s.id not in known)),
        tracks=(programme, *joined.tracks[1:], *above),
        alternatives=(*joined.alternatives, *others),
        annotations=(
            *joined.annotations,
            *(a for a in cut.annotations if (a.name, a.source) not in told),
        ),
        notes=(*joined.notes, *(note for note in cut.notes if note not in joined.notes)),
    )


def _opening(segments: tuple[Segment, ...], is_later: bool) -> Iterator[Segment]:
    """The segments; what comes first has nothing to come in over."""
    for i, segment in enumerate(segments):
        yield replace(segment, transition=None) if i == 0 and is_later else segment


def _later(track: Track, start: Fraction, cut: Cut) -> Track:
    """A track above the programme, so many seconds later, bounded by its part."""
    if track.role == "music":
        track = _music_of(track, cut)
    lasts = cut.duration
    return replace(track, segments=tuple(_placed_later(track.segments, start, lasts)))


def _music_of(track: Track, cut: Cut) -> Track:
    """Music as sound at its times: from the start of its part, again and again, to its end."""
    segments: list[Segment] = []
    at, is_made = _NONE, any(s.source and cut.source(s.source).made for s in track.segments)
    lasts = sum((segment.duration for segment in track.segments), _NONE)
    while lasts and at < cut.duration and not (is_made and segments):
        for segment in track.segments:
            most = cut.duration - at
            if most <= 0:
                break
            if segment.duration > most:
                segment = segment.lengthened(_NONE, most - segment.duration)
            segments.append(replace(segment, at=at, id=""))
            at += segment.duration
    if segments:
        segments[0] = _faded(segments[0], fade_in=track.fade_in)
        segments[-1] = _faded(segments[-1], fade_out=track.fade_out)
    return replace(
        track, role="sound", kind="sound", segments=tuple(segments), fade_in=_NONE, fade_out=_NONE
    )


def _faded(segment: Segment, **fade: Fraction) -> Segment:
    if not any(fade.values()):
        return segment
    return replace(
        segment,
        effects=(
            *segment.effects,
            Effect("gain", tuple((n, str(seconds)) for n, seconds in fade.items())),
        ),
    )


def _placed_later(
    segments: tuple[Segment, ...], start: Fraction, lasts: Fraction
) -> Iterator[Segment]:
    for i, segment in enumerate(segments):
        if segment.at == "throughout":
            yield replace(segment.lengthened(_NONE, lasts - segment.duration), at=start)
        elif isinstance(segment.at, Fraction):
            yield replace(segment, at=segment.at + start)
        elif segment.at is None and i == 0:
            yield replace(segment, at=start)
        else:
            yield segment


# ------------------------------------------------------------------------------------- sources


def with_own_sources(cut: Cut, others: Cut) -> Cut:
    """The cut with the sources' names of the others where they are the same, else with new ones."""
    taken = {source.id for source in others.sources}
    names: dict[str, str] = {}
    for source in cut.sources:
        same = next((o for o in others.sources if _is_same(source, cut, o, others)), None)
        names[source.id] = same.id if same else unused(source.id, taken)
        taken.add(names[source.id])
    return cut if all(k == v for k, v in names.items()) else _renamed(cut, names)


def _is_same(source: Source, cut: Cut, other: Source, others: Cut) -> bool:
    if replace(source, id="") != replace(other, id=""):
        return False
    if source.id in _anchored(cut) or other.id in _anchored(others):
        return False
    known = {a.name: a for a in others.annotations if a.source == other.id}
    ours = [a for a in cut.annotations if a.source == source.id]
    return all(replace(known[a.name], source=a.source) == a for a in ours if a.name in known)


def _anchored(cut: Cut) -> set[str]:
    """The sources that something is connected to."""
    tracks = (*cut.tracks, *cut.alternatives)
    ats = (segment.at for track in tracks for segment in track.segments)
    return {at.source for at in ats if isinstance(at, Anchor)}


def _renamed(cut: Cut, names: dict[str, str]) -> Cut:
    def segment(old: Segment) -> Segment:
        at = replace(old.at, source=names[old.at.source]) if isinstance(old.at, Anchor) else old.at
        return replace(old, source=names[old.source] if old.source else None, at=at, id="")

    def annotation(old: Annotation) -> Annotation:
        return replace(old, source=names.get(old.source, old.source))

    return replace(
        cut,
        sources=tuple(replace(s, id=names[s.id]) for s in cut.sources),
        tracks=tuple(_each(track, segment) for track in cut.tracks),
        alternatives=tuple(_each(track, segment) for track in cut.alternatives),
        annotations=tuple(map(annotation, cut.annotations)),
    )


def _each(track: Track, change: Callable[[Segment], Segment]) -> Track:
    return replace(track, segments=tuple(map(change, track.segments)))
