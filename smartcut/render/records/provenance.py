"""Names the generated parts of a file in a tag of its own metadata.

The tag is the end of the comment: words that a person can read, then one line of JSON. Every
container has comments, and other programs carry them along. It holds no names of files or folders.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, NamedTuple, get_args

from smartcut.algebra import merged
from smartcut.source import Source
from smartcut.timebase import Range

MediaKind = Literal["picture", "sound"]

#: IPTC's vocabulary of digital source types, https://cv.iptc.org/newscodes/digitalsourcetype/
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED, ALGORITHMIC = "trainedAlgorithmicMedia", "algorithmicMedia"
WITH_TRAINED, ENHANCED = "compositeWithTrainedAlgorithmicMedia", "algorithmicallyEnhanced"
COMPOSITE = "composite"
_KNOWN = (TRAINED, ALGORITHMIC, WITH_TRAINED, ENHANCED)

_VERSION = 1
_OPENS = "Parts of this were generated or interpolated; smartcut "
_COLUMNS = ["start", "end", "media", "kind", "engine", "source_type"]
# QuickTime counts the bytes of a text in 16 bits.
_MOST_BYTES = 60_000
_LONGEST_WORD = 80
_LONGEST_TIME = 10**8
# Two clocks that round to 1 ms, and the last frame's end.
_NEARLY = Fraction(1, 10)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A part of a file that was made, in seconds from its first picture."""

    range: Range
    media: MediaKind
    kind: str
    """Such as interpolate, morph, background, extend, bridge, voiceover or score."""
    engine: str
    source_type: str
    """The last part of one of IPTC's digital source types."""

    def row(self) -> list[Any]:
        """Its values under the names of the tag's columns; times in decimal seconds."""
        times = (round(float(t), 6) for t in (self.range.start, self.range.end))
        return [*times, self.media, self.kind, self.engine, self.source_type]


class Tag(NamedTuple):
    """What a file says of itself."""

    manifest: str
    """sha256 of what the manifest says of the file's content; see manifest.content_digest."""
    intervals: tuple[Interval, ...]
    is_coarse: bool = False
    """Whether intervals near each other were made one, because there were too many."""


def source_type(is_trained: bool) -> str:
    """IPTC's digital source type of what was made anew, by whether a network made it."""
    return TRAINED if is_trained else ALGORITHMIC


def between_type(is_trained: bool) -> str:
    """The same of pictures made from the recorded ones on both sides of them."""
    return WITH_TRAINED if is_trained else ENHANCED


def overall_type(intervals: Sequence[Interval], duration: Fraction) -> str:
    """IPTC's digital source type of a whole file in which ``intervals`` were made."""
    types = {i.source_type for i in intervals}
    shown = [i for i in intervals if i.media == "picture"] or intervals
    ranges = merged([i.range for i in shown], _NEARLY)
    if len(types) == 1 and len(ranges) == 1 and ranges[0].duration >= duration - _NEARLY:
        return types.pop()
    return WITH_TRAINED if types & {TRAINED, WITH_TRAINED} else COMPOSITE


def joined(intervals: Iterable[Interval], gap: Fraction = Fraction(0)) -> tuple[Interval, ...]:
    """The intervals in order; those alike and at most ``gap`` seconds apart are one."""
    last: dict[tuple[str, ...], Interval] = {}
    found: list[Interval] = []
    for item in sorted(intervals):
        alike = (item.media, item.kind, item.engine, item.source_type)
        before = last.get(alike)
        if before is not None and item.range.start - before.range.end <= gap:
            both = Range(before.range.start, max(before.range.end, item.range.end))
            last[alike] = replace(before, range=both)
            continue
        if before is not None:
            found.append(before)
        last[alike] = item
    return tuple(sorted([*found, *last.values()]))


# ------------------------------------------------------------------------------- the tag's text


def tagged(comment: str, manifest: str, intervals: Iterable[Interval]) -> str:
    """The comment with the tag at its end, in place of one that was there."""
    found, gap = joined(intervals), Fraction(1, 2)
    text = _text(Tag(manifest, found))
    while len(text) > _MOST_BYTES:
        if gap > _LONGEST_TIME:
            found = tuple(replace(i, kind="several", engine="several") for i in found)
        found, gap = joined(found, gap), gap * 2
        text = _text(Tag(manifest, found, is_coarse=True))
    before = untagged(comment)
    return f"{before}\n{text}" if before else text


def _text(tag: Tag) -> str:
    plain = {
        "version": _VERSION,
        "manifest": tag.manifest,
        "columns": _COLUMNS,
        "made": [i.row() for i in tag.intervals],
        **({"coarse": True} if tag.is_coarse else {}),
    }
    return _OPENS + json.dumps(plain, separators=(",", ":"))


def untagged(comment: str) -> str:
    """The comment without the tag."""
    return comment.partition(_OPENS)[0].rstrip()


def read_tag(metadata: Iterable[tuple[str, str]]) -> Tag | None:
    """The tag in a file's metadata; None where there is none.

    Raises ValueError for one that is damaged, or written by a later version.
    """
    for key, value in metadata:
        if key.lower() == "comment" and _OPENS in value:
            return _read(value.partition(_OPENS)[2])
    return None


def tag_of(source: Source) -> Tag | None:
    """What the source's file says was made in it; None where it says nothing that can be read."""
    try:
        return read_tag(source.metadata)
    except ValueError:
        return None


def _read(text: str) -> Tag:
    try:
        plain = json.loads(text)
        if plain["version"] != _VERSION:
            raise ValueError(f"its version is {plain['version']!r}, not {_VERSION}")
        if plain["columns"] != _COLUMNS:
            raise ValueError("its columns are others")
        rows = tuple(_interval(row) for row in plain["made"])
        return Tag(_word(plain["manifest"]), rows, bool(plain.get("coarse")))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"the tag of what was made cannot be read: {error}") from error


def _interval(row: Sequence[Any]) -> Interval:
    start, end, media, kind, engine, made_as = row
    if media not in get_args(MediaKind) or made_as not in _KNOWN:
        raise ValueError(f"{media!r}, {made_as!r} are not known")
    return Interval(Range(_time(start), _time(end)), media, _word(kind), _word(engine), made_as)


def _time(value: Any) -> Fraction:
    if not isinstance(value, int | float) or not 0 <= value < _LONGEST_TIME:
        raise ValueError(f"{value!r} is not a time")
    return Fraction(str(value))


def _word(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_WORD or not value.isprintable():
        raise ValueError("a name in it is not one")
    return value
