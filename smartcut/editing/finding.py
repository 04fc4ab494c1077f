"""Where in a cut the moments are that edits speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from fractions import Fraction
from pathlib import Path

from smartcut.cut import Cut, Segment
from smartcut.editing.drawn import said_by
from smartcut.editing.model import SegmentMatch
from smartcut.editing.refusing import Refused
from smartcut.editing.times import clock, stretch
from smartcut.registry import close_to
from smartcut.source import Source
from smartcut.timebase import Range

_NONE = Fraction(0)
# So far apart, in seconds, two held pictures are still the same moment.
_NEAR = Fraction(1, 2)
# Texts that share less than this are different ones.
_SAME_TEXT = 0.5
#: Digits of a digest that name a source.
_DIGITS = 12


def track_names(cut: Cut) -> tuple[str, ...]:
    """What edits call the tracks: by their role, the second of a role with a number."""
    names: list[str] = []
    for track in cut.tracks:
        same = sum(name == track.role or name.startswith(f"{track.role}-") for name in names)
        names.append(f"{track.role}-{same + 1}" if same else track.role)
    return tuple(names)


@dataclass(frozen=True)
class Finder:
    """Finds sources and segments in a cut; ``digests`` are those of sources by their old names."""

    cut: Cut
    digests: Mapping[str, str] = field(default_factory=dict)

    # ------------------------------------------------------------------------------- sources

    def sources(self, name: str) -> set[str]:
        """The ids of the sources that a name means; raises Refused where there is none."""
        known = self.cut.sources
        digest = self.digests.get(name)
        same = {s.id for s in known if digest is not None and s.digest == digest}
        found = same or {s.id for s in known if s.id == name} or self._by_file(name)
        if not found:
            names = [source.path.name or source.id for source in known if not source.is_drawn]
            there = close_to(name, names, "sources") if names else f"{name!r}; it has none"
            raise Refused("source", f"the cut has no source {there}")
        return found

    def _by_file(self, name: str) -> set[str]:
        """The sources whose file, or the beginning of whose digest, is so named."""
        path = Path(name)
        return {
            source.id
            for source in self.cut.sources
            if not source.is_drawn
            and (
                source.path.name == name
                or source.path == path
                or (not path.suffix and source.path.stem == name)
                or (len(name) >= _DIGITS and source.digest.startswith(name))
            )
        }

    def source(self, name: str) -> Source:
        """One source of that name; the one with that id where several are meant."""
        found = self.sources(name)
        return self.cut.source(name if name in found else min(found))

    # ------------------------------------------------------------------------------ segments

    def tracks(self, name: str | None) -> list[int]:
        """The numbers of the tracks that a name means, the likeliest first; maybe none."""
        if name in (None, "programme", self.cut.programme.role):
            return [0] if self.cut.tracks else []
        names = track_names(self.cut)
        role = name.rpartition("-")[0] if name not in names else ""
        own = [i for i, other in enumerate(names) if i and other == name]
        roles = {self.cut.tracks[i].role for i in own} | {name, role}
        return own + [
            i for i, track in enumerate(self.cut.tracks) if i and i not in own
            and track.role in roles
        ]  # fmt: skip

    def segment(self, match: SegmentMatch) -> tuple[int, int]:
        """(track, number) of the segment that shows what an edit speaks of; raises Refused."""
        sources = self._of(match)
        tracks = self.tracks(match.track)
        if not tracks:
            there = close_to(str(match.track), track_names(self.cut), "tracks")
            raise Refused("gone", f"the cut has no track {there}")
        found = sorted(self._rated(match, sources, tracks), key=lambda one: one[0], reverse=True)
        if not found:
            raise Refused("gone", self._gone(match, sources, tracks))
        if len(found) > 1 and found[0][0] == found[1][0]:
            those = ", ".join(
                self.cut.tracks[track].segments[number].id
                for rating, (track, number) in found
                if rating == found[0][0]
            )
            raise Refused(
                "several",
                f"{told(match)} is shown more than once; give the `id` of one: {those}",
            )
        return found[0][1]

    def _of(self, match: SegmentMatch) -> set[str | None]:
        """The sources that a match may mean; what is drawn may have another name by now."""
        if match.source is None:
            return {None}
        try:
            return set(self.sources(match.source))
        except Refused:
            if match.text is None:
                raise
            return set()

    def _rated(
        self, match: SegmentMatch, sources: set[str | None], tracks: list[int]
    ) -> Iterator[tuple[tuple[float, ...], tuple[int, int]]]:
        """The segments that may be meant, each with how well it fits."""
        wanted = Range(match.start, match.end)
        for track in tracks:
            for number, segment in enumerate(self.cut.tracks[track].segments):
                says = said_alike(match.text, self.text(segment))
                is_said = match.text is not None and says == 1
                if says < _SAME_TEXT or not (is_said or segment.source in sources):
                    continue
                is_named = bool(match.id) and segment.id == match.id
                share = alike(segment, wanted, is_named)
                if share or match.text is not None:
                    yield (says, is_named, share, track == tracks[0]), (track, number)

    def _gone(self, match: SegmentMatch, sources: set[str | None], tracks: list[int]) -> str:
        """What to say of a moment that no segment shows."""
        wanted = Range(match.start, match.end)
        near = [
            (shared.duration, segment)
            for track in tracks
            for segment in self.cut.tracks[track].segments
            if segment.source in sources and (shared := segment.range.intersect(wanted))
        ]
        if not near:
            return f"{told(match)} is no longer shown"
        best = max(near, key=lambda one: one[0])[1]
        return (
            f"{told(match)} is no longer shown as one: the nearest shows "
            f"{stretch(best.range.start, best.range.end)}"
        )

    def text(self, segment: Segment) -> str | None:
        """What a segment says, where it is a text."""
        return None if segment.source is None else said_by(self.cut.source(segment.source))

    def last_part(self, match: SegmentMatch) -> tuple[int, int]:
        """(track, number) of the last of the segments into which a segment was divided."""
        track, number = self.segment(match)
        segments = self.cut.tracks[track].segments
        while number + 1 < len(segments):
            this, after = segments[number], segments[number + 1]
            is_more = after.source == this.source and after.range.start >= this.range.end
            if not is_more or after.range.end > match.end or not after.range.duration:
                break
            number += 1
        return track, number


def said_alike(wanted: str | None, found: str | None) -> float:
    """How much of a text is the same, 0..1; 1 where no text is looked for."""
    if wanted is None or wanted == found:
        return 1.0
    return SequenceMatcher(None, wanted, found or "", autojunk=False).ratio()


def alike(segment: Segment, wanted: Range, is_named: bool) -> float:
    """How much of both a segment and a range share, 0..1; 0 where they are not the same moment.

    They are where they share half of the longer; of one with the same id, half of the shorter.
    """
    shown = segment.range
    if not shown.duration or not wanted.duration:
        both = not shown.duration and not wanted.duration
        return float(both and abs(shown.start - wanted.start) < _NEAR)
    if shown.start >= wanted.end or wanted.start >= shown.end:
        return 0.0
    shared = Range(max(shown.start, wanted.start), min(shown.end, wanted.end))
    bound = min if is_named else max
    if 2 * shared.duration < bound(shown.duration, wanted.duration):
        return 0.0
    whole = max(shown.end, wanted.end) - min(shown.start, wanted.start)
    return float(shared.duration / whole)


def told(match: SegmentMatch) -> str:
    """What messages call a moment."""
    if match.text is not None:
        return f"the text {match.text!r}"
    if match.source is not None and match.start == match.end:
        return f"{match.source} held at {clock(match.start)}"
    if match.source is None:
        return f"the gap of {stretch(match.start, match.end)}"
    return f"{stretch(match.start, match.end)} of {match.source}"


def match_of(cut: Cut, track: int, number: int) -> SegmentMatch:
    """How a segment is found again."""
    segment = cut.tracks[track].segments[number]
    given = {"source": segment.source, "start": segment.range.start, "end": segment.range.end}
    if segment.id:
        given["id"] = segment.id
    if track:
        given["track"] = track_names(cut)[track]
    if (text := Finder(cut).text(segment)) is not None:
        given["text"] = text
    return SegmentMatch.model_validate(given)
