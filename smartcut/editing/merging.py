"""Three cuts made one: what was edited, what an editor made of it, and what there is now."""

from __future__ import annotations

from dataclasses import dataclass, replace

from smartcut.cut import Cut
from smartcut.editing.applying import Mark, apply_edits
from smartcut.editing.between import edits_between
from smartcut.editing.likeness import named_as
from smartcut.editing.model import Edits
from smartcut.editing.refusing import EditConflict
from smartcut.source import Source, unused


@dataclass(frozen=True, slots=True)
class Merged:
    """What three cuts are together."""

    cut: Cut
    edits: Edits
    """What the editor did, in the language of corrections."""
    conflicts: tuple[EditConflict, ...] = ()
    marks: tuple[tuple[str, Mark], ...] = ()


def merge(base: Cut, mine: Cut, theirs: Cut) -> Merged:
    """``theirs`` with what became ``mine`` of ``base``.

    Where ``theirs`` is ``base``, that is ``mine``, and where ``mine`` is, ``theirs``. What no
    longer applies is a conflict, and is as in ``theirs``. How the sound is mixed, captions, and
    what is known of sources are those of ``theirs``.
    """
    edits = edits_between(base, mine)
    if shows_the_same(base, theirs):
        return Merged(replace(theirs, sources=mine.sources, tracks=mine.tracks), edits)
    done = apply_edits(_with_sources(theirs, named_as(mine, base), edits), edits)
    return Merged(_without_unused(done.cut, theirs), edits, done.conflicts, done.marks)


def shows_the_same(one: Cut, other: Cut) -> bool:
    """Whether two cuts show and play the same of the same sources."""
    return one.tracks == other.tracks and [_known(s) for s in one.sources] == [
        _known(s) for s in other.sources
    ]


def _known(source: Source) -> tuple[object, ...]:
    return source.id, source.digest, source.made


def _with_sources(theirs: Cut, mine: Cut, edits: Edits) -> Cut:
    """The cut with the sources that the edits speak of, and that it does not have."""
    digests = {source.digest for source in theirs.sources}
    ids = {source.id for source in theirs.sources}
    for source in mine.sources:
        if source.id in edits.sources and source.digest not in digests:
            if source.id in ids and _is_changed(source, theirs):
                continue
            id = unused(source.id, ids)
            ids.add(id)
            theirs = replace(theirs, sources=(*theirs.sources, replace(source, id=id)))
    return theirs


def _is_changed(source: Source, theirs: Cut) -> bool:
    """Whether the other cut has the same recording with other bytes, such as a longer one."""
    other = theirs.source(source.id)
    return other.path.name == source.path.name and other.made is None


def _without_unused(cut: Cut, theirs: Cut) -> Cut:
    """The cut without sources that came with the edits and are not shown after all."""
    known = {source.id for source in theirs.sources}
    shown = {segment.source for track in cut.tracks for segment in track.segments}
    return replace(cut, sources=tuple(s for s in cut.sources if s.id in known or s.id in shown))
