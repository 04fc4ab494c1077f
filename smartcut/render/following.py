"""Companions of a source's pictures: its chapters, its subtitles, its metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

from smartcut.algebra import shown_when
from smartcut.cut import Cut
from smartcut.interchange.timecode import drops, first_count, timecode
from smartcut.render.records.provenance import untagged
from smartcut.timebase import Range, nearest

T = TypeVar("T")

#: What describes the work; devices, places and software stay behind.
KEPT = (
    "title", "artist", "album", "album_artist", "author", "composer", "date", "genre", "comment",
    "copyright", "description", "synopsis", "show", "episode_id", "season_number", "network",
)  # fmt: skip


def in_timeline(cut: Cut, items: Mapping[str, Sequence[tuple[Range, T]]]) -> list[tuple[Range, T]]:
    """The programme's share of (range in source time, item) pairs, given for each source's id.

    Items are clipped at the edges of segments, not dropped; one that goes on in the next segment
    without a break stays one.
    """
    found: list[tuple[Range, T]] = []
    for segment, place in cut.programme.placed():
        for when, item in items.get(segment.source or "", ()):
            shown = when.intersect(segment.range)
            if shown is None or not shown.duration:
                continue
            for here in shown_when(segment, place, shown):
                if found and found[-1][1] == item and found[-1][0].end == here.start:
                    here = Range(found.pop()[0].start, here.end)
                found.append((here, item))
    return sorted(found, key=lambda pair: pair[0].start)


def kept_metadata(cut: Cut, more: Sequence[str] = ()) -> dict[str, str]:
    """What the file of the only source says of the work; nothing where there are several.

    ``more`` names keys that are copied besides: places, devices.
    """
    shown = {s.source for s in cut.segments if s.source}
    if len(shown) != 1:
        return {}
    metadata = {key.lower(): value for key, value in cut.source(shown.pop()).metadata}
    metadata["comment"] = untagged(metadata.get("comment", ""))  # the output gets a tag of its own
    wanted = dict.fromkeys((*KEPT, *map(str.lower, more)))
    return {key: metadata[key] for key in wanted if metadata.get(key)}


def start_timecode(cut: Cut, rate: Fraction | None) -> str | None:
    """The timecode of the output's first frame, at its ``rate``: that of the source's frame there.

    None where the source has none, or where frames come at no rate that it could count.
    """
    first = cut.segments[0] if cut.segments else None
    source = cut.source(first.source) if first and first.source else None
    count = first_count(source) if source else None
    if first is None or source is None or source.video is None or count is None or rate is None:
        return None
    own = source.video.nominal_rate
    count += nearest((first.range.start - source.video.start) * own)
    clock = count / _counted(own, drops(source, own))
    drop = drops(source, rate)
    return timecode(nearest(clock * _counted(rate, drop)), rate, drop)


def _counted(rate: Fraction, drop: bool) -> Fraction:
    """Frames a second of a timecode's own clock: without dropped numbers it is slow at 29.97."""
    return rate if drop else Fraction(max(nearest(rate), 1))


def dropped_timecode(cut: Cut, rate: Fraction | None) -> tuple[str, ...]:
    """A note where a source has a timecode that the output cannot carry on."""
    if rate is not None or start_timecode(cut, Fraction(25)) is None:
        return ()
    return (
        "the source's timecode is dropped: the output has variable frame times, which none can "
        "count; set render.fps to keep it",
    )
