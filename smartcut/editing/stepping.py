"""A cut on its way to another one, edit by edit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from smartcut.algebra import connected, identified, resolved
from smartcut.cut import Anchor, Cut, Segment, Track
from smartcut.editing.applying import applied
from smartcut.editing.drawn import said_by
from smartcut.editing.finding import Finder, match_of, track_names
from smartcut.editing.model import HandEdit
from smartcut.editing.refusing import Refused
from smartcut.editing.setting import said_at
from smartcut.errors import PipelineError
from smartcut.source import Source
from smartcut.timebase import Range


class Stepping:
    """A cut, and the edits so far; ``sources`` may be shown besides those that it has."""

    def __init__(self, cut: Cut, sources: Iterable[Source] = ()) -> None:
        known = {source.id for source in cut.sources}
        more = tuple(s for s in sources if s.id not in known and not s.is_drawn)
        self.cut = replace(cut, sources=(*cut.sources, *more))
        self.edits: list[HandEdit] = []

    def do(self, kind: str, what: dict[str, Any]) -> bool:
        """Make an edit, and note it; False where it cannot be made."""
        try:
            edit = HandEdit.model_validate({kind: what})
            after, _ = applied(self.cut, Finder(self.cut), edit)
        except (Refused, PipelineError, ValidationError):
            return False
        self.cut = identified(after)
        # As a file would have it: what was worked out is plain.
        self.edits.append(HandEdit.model_validate(edit.to_plain()))
        return True

    # ------------------------------------------------------------------------------- looking

    def ids(self) -> set[str]:
        """The names of all segments."""
        return {segment.id for track in self.cut.tracks for segment in track.segments}

    def new(self, before: set[str]) -> str | None:
        """The name that has come since, where it is one."""
        found = self.ids() - before
        return found.pop() if len(found) == 1 else None

    def _at(self, id: str) -> tuple[int, int] | None:
        for number, track in enumerate(self.cut.tracks):
            for place, segment in enumerate(track.segments):
                if segment.id == id:
                    return number, place
        return None

    def segment(self, id: str) -> Segment | None:
        """The segment of that name, as it is now."""
        found = self._at(id)
        return self.cut.tracks[found[0]].segments[found[1]] if found else None

    def match(self, id: str) -> dict[str, Any] | None:
        """How an edit speaks of the segment of that name."""
        found = self._at(id)
        return match_of(self.cut, *found).model_dump(exclude_unset=True) if found else None

    def track(self, name: str) -> Track | None:
        """The track of that name."""
        return dict(zip(track_names(self.cut), self.cut.tracks, strict=True)).get(name)

    def follows(self, id: str, other: str | None) -> bool:
        """Whether a segment of the programme comes right after another, or first."""
        ids = [segment.id for segment in self.cut.segments]
        place = ids.index(id) if id in ids else -1
        return place == 0 if other is None else place > 0 and ids[place - 1] == other

    # ---------------------------------------------------------------------------------- doing

    def try_drop(self, whole: Segment, here: str, gone: Range) -> bool:
        """Drop a range, where that changes nothing but one segment, which it divides."""
        shown = [
            s.id for s in self.cut.segments if s.source == whole.source and s.range.overlaps(gone)
        ]
        if whole.source is None or shown != [here]:
            return False
        return self.do("drop", {"source": whole.source, "start": gone.start, "end": gone.end})

    def set_drawing(self, id: str, wanted: Segment, edited: Cut) -> None:
        """Have a segment drawn as it is to be; where only its text is another, set that."""
        now = self.segment(id)
        if now is None or now.source is None or wanted.source is None:
            return
        old, new = self.cut.source(now.source), edited.source(wanted.source)
        if not (old.is_drawn and new.is_drawn) or old.made == new.made:
            return
        assert old.made is not None
        assert new.made is not None
        before, after = dict(old.made.params), dict(new.made.params)
        said: dict[str, Any] = {}
        if (text := said_by(new)) != said_by(old):
            said["text"] = text
        others = {n: v for n, v in after.items() if n != "text" and before.get(n) != v}
        if others:
            said["drawing"] = others
        match = self.match(id)
        if said and match is not None:
            was = {"was": {"text": said_by(old)}} if "text" in said else {}
            self.do("set", {"segment": match, **said, **was})

    def set_at(self, id: str, wanted: Segment, edited: Cut) -> None:
        """Have a segment begin when it is to; connected to what is shown there where it can be."""
        now, match = self.segment(id), self.match(id)
        if now is None or match is None or now.at == wanted.at:
            return
        if _begins(self.cut, now) == _begins(edited, wanted) is not None:
            return
        at = wanted.at
        if isinstance(at, Fraction):
            anchor = connected(edited, at)
            placed = _placed(edited, replace(wanted, at=anchor))
            if placed == [Range(at, at + wanted.duration)]:
                at = anchor
        said = said_at(at)
        if not isinstance(at, Anchor):
            said.pop("of")
        self.do("set", {"segment": match, **said})


def _placed(cut: Cut, segment: Segment) -> list[Range]:
    """Where a segment above the programme is seen."""
    alone = replace(cut, tracks=(cut.programme, Track("overlay", (segment,))))
    return [place for _, place in resolved(alone).tracks[1].placed()]


def _begins(cut: Cut, segment: Segment) -> list[Range] | None:
    return None if segment.at is None else _placed(cut, segment)
