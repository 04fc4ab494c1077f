"""What the readers of all formats share: the sources that a file names, and what is to be noted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import lcm
from pathlib import Path

from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.interchange.edits import MOST_EDITS, Edit
from smartcut.interchange.media_paths import allowed
from smartcut.source import Source, unused

#: Looks at a media file: (path, id of the source).
Prober = Callable[[Path, str], Source]
#: More media than this in a file are not looked at.
MOST_SOURCES = 10_000
_MOST_BITS = 4096


class Exactness:
    """Bounds how exact the times of one file are together, for sums of them are as exact as all.

    Times that cameras, sample rates and editors give share their denominators; made up ones could
    make numbers of millions of digits.
    """

    def __init__(self) -> None:
        self._shared = 1

    def checked(self, time: Fraction) -> Fraction:
        """The time; raises PipelineError where it makes the bound burst."""
        if self._shared % time.denominator:
            self._shared = lcm(self._shared, time.denominator)
            if self._shared.bit_length() > _MOST_BITS:
                raise PipelineError("its times have too many different denominators to be added up")
        return time


def check_times(cut: Cut) -> Cut:
    """The cut; raises PipelineError for speeds and times that nothing can be made of."""
    exactness = Exactness()
    for track in cut.tracks:
        if len(track.segments) > MOST_EDITS:
            raise PipelineError(f"a track has more than {MOST_EDITS} segments")
        for segment in track.segments:
            if segment.speed <= 0:
                raise PipelineError(f"a segment of {segment.source} has the speed {segment.speed}")
            clocks = [effect.clock for effect in segment.effects if effect.clock]
            warps = [segment.warp, *(w for c in clocks for w in (c.whole, c.shown))]
            points = [time for warp in warps if warp for point in warp.points for time in point]
            for time in (segment.range.start, segment.duration, segment.overlap, *points):
                exactness.checked(time)
            if isinstance(segment.at, Fraction):
                exactness.checked(segment.at)
    return cut


class ClipCount:
    """Bounds how many clips are made of one file; nesting and layers may multiply them."""

    def __init__(self, by: str) -> None:
        self._by, self._count = by, 0

    def add(self, found: Sequence[Edit]) -> None:
        """Count these too; raises PipelineError where they are too many."""
        self._count += len(found)
        if self._count > MOST_EDITS:
            raise PipelineError(f"{self._by}: it holds more than {MOST_EDITS} clips")


class Media:
    """The sources of one file, each looked at once; ``by`` says whose they are."""

    def __init__(self, by: str, look: Prober | None, known: Iterable[Source] = ()) -> None:
        self.by, self._look = by, look
        self.sources: dict[str, Source] = {source.id: source for source in known}
        self._ids: dict[Path, str] = {}
        self.notes: list[str] = []
        for source in self.sources.values():
            if source.is_drawn:
                continue
            allowed(source.path, by)
            self._ids.setdefault(source.path, source.id)

    def at(self, path: Path) -> Source:
        """The source at that place; raises PipelineError or SourceError."""
        if path in self._ids:
            return self.sources[self._ids[path]]
        allowed(path, self.by)
        if len(self.sources) >= MOST_SOURCES:
            raise PipelineError(f"{self.by}: names more than {MOST_SOURCES} files")
        if self._look is None:
            raise PipelineError(
                f"{self.by}: says nothing of what is in {path}; it must be looked at"
            )
        source = self._look(path, unused(path.stem or "source", self.sources))
        self.sources[source.id] = source
        self._ids[path] = source.id
        return source

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def mirrors(sounds: list[Edit], pictures: list[Edit]) -> set[int] | None:
    """Which pictures are heard, if a sound track is nothing but the pictures' own sound.

    None where it holds anything else. Times may differ by a hundredth of a second.
    """
    shown: dict[tuple[str | None, int], list[tuple[int, float]]] = {}
    for number, (edit, at) in enumerate(_placed(pictures)):
        shown.setdefault((edit.source, round(at * 10)), []).append((number, at))
    heard = set()
    for edit, at in _placed(sounds):
        if edit.source is None:
            continue
        near = [
            (abs(at - begins), number)
            for step in (-1, 0, 1)
            for number, begins in shown.get((edit.source, round(at * 10) + step), ())[:8]
            if _alike(edit, pictures[number])
        ]
        if not near:
            return None
        heard.add(min(near)[1])
    return heard


def _placed(edits: list[Edit]) -> Iterable[tuple[Edit, float]]:
    at = 0.0
    for edit in edits:
        yield edit, at
        at += float(edit.duration)


def _alike(one: Edit, other: Edit) -> bool:
    return one.speed == other.speed and all(
        abs(a - b) <= 0.01 for a, b in ((one.start, other.start), (one.duration, other.duration))
    )
