"""What goes along with a source's pictures: its chapters, its subtitles, what its file says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from smartcut.algebra import to_timeline
from smartcut.cut import Cut
from smartcut.render.provenance import untagged
from smartcut.timebase import Range

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
            ends = (to_timeline(segment, place, t) for t in (shown.start, shown.end))
            here = Range(*ends)
            if found and found[-1][1] == item and found[-1][0].end == here.start:
                here = Range(found.pop()[0].start, here.end)
            found.append((here, item))
    return sorted(found, key=lambda pair: pair[0].start)


def kept_metadata(cut: Cut, more: Sequence[str] = ()) -> dict[str, str]:
    """What the file of the only source says of the work; nothing where there are several.

    ``more`` names keys that go along besides: places, devices.
    """
    shown = {s.source for s in cut.segments if s.source}
    if len(shown) != 1:
        return {}
    metadata = {key.lower(): value for key, value in cut.source(shown.pop()).metadata}
    metadata["comment"] = untagged(metadata.get("comment", ""))  # the output gets a tag of its own
    wanted = dict.fromkeys((*KEPT, *map(str.lower, more)))
    return {key: metadata[key] for key in wanted if metadata.get(key)}
