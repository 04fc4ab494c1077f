"""`copy_slack`: moves cuts that are free to where the source can be copied; what that saves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field

from smartcut.algebra import by_time_shown
from smartcut.annotation import Annotation, Shots, Signal
from smartcut.cut import Cut
from smartcut.media.containers import container_of
from smartcut.selecting.candidates import words_of
from smartcut.source import Source
from smartcut.stage import Context, Step
from smartcut.tightening.ranges import Ranges, padded
from smartcut.tightening.rule import WORD_MARGIN
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.render.splicing.places import CopyPlaces, Surroundings

#: The annotation that says which cuts were moved.
MOVED_CUTS: Final = "moved-cuts"
Kind = Literal["start", "end", "division"]
# Ticks a second in which moved cuts are written down.
_TICKS = 1_000_000
_SAVING = "where the source can be copied"


def copy_slack_field() -> Any:
    """The parameter, the same wherever a stage has it."""
    return Field(
        Fraction(3, 20),
        ge=0,
        le=1,
        description="Seconds by which a cut that is free to move may go where the source can be "
        "copied: in a pause, and within its shot where shots are known. `0s` moves none.",
    )


@dataclass(frozen=True, slots=True)
class MovedCut:
    """A cut that was moved, in source time."""

    asked: Fraction
    now: Fraction


@dataclass
class SlidingCuts:
    """The cuts of one source, moved where that saves encoding; remembers which were."""

    source: Source
    places: CopyPlaces
    around: Surroundings
    moves: dict[tuple[Kind, Fraction], MovedCut] = field(default_factory=dict)
    """By what they are now."""
    shown: list[tuple[Range, Range]] = field(default_factory=list)
    """Parts that are shown: as they would be, and as they are."""

    def moved(self, kind: Kind, asked: Fraction, within: Range | None = None) -> Fraction:
        """Where a cut goes, also kept ``within`` a range that holds it."""
        room = getattr(self.around, f"of_{kind}")(asked)
        if within is not None:
            room = Range(max(room.start, within.start), min(room.end, within.end))
        if room.start == room.end:
            return asked
        now: Fraction = getattr(self.places, kind)(asked, room)
        if now != asked:
            self.moves[kind, now] = MovedCut(asked, now)
        return now

    def part(self, asked: Range, within: Range, is_fine: Callable[[Range], bool]) -> Range:
        """A part with both its ends moved, or one of them, where that is fine."""
        start = self.moved("start", asked.start, Range(within.start, asked.middle))
        end = self.moved("end", asked.end, Range(asked.middle, within.end))
        ways = (Range(start, end), Range(start, asked.end), Range(asked.start, end))
        now = next((way for way in ways if way != asked and is_fine(way)), asked)
        self.show(asked, now)
        return now

    def show(self, asked: Range, now: Range) -> None:
        """Remember that a part is shown."""
        self.shown.append((asked, now))

    def as_asked(self, now: Range) -> Range:
        """The part as it would be if none of its ends had been moved."""
        ends = []
        for kind, time in (("start", now.start), ("end", now.end)):
            kinds: tuple[Kind, ...] = (
                ("start", "division") if kind == "start" else ("end", "division")
            )
            found = (self.moves[one, time] for one in kinds if (one, time) in self.moves)
            ends.append(next((move.asked for move in found), time))
        return Range(*ends)


Sliding = dict[str, SlidingCuts]
"""By the ids of sources; those of which nothing can be copied are not in it."""


def sliding_cuts(
    cut: Cut,
    slack: Fraction,
    context: Context,
    whole: Callable[[Source], Ranges] | None = None,
) -> Sliding:
    """The sources whose cuts may be moved. ``whole`` is what stays undivided: their words."""
    shown = [s for s in by_time_shown(cut) if s.video]
    path = context.output
    container = container_of(path) if path is not None else None
    is_film = container is None or container.kind == "stream"  # none: a cut file is for films
    if not slack or not context.target.copies or not shown or not is_film:
        return {}
    from smartcut.media.index import video_index
    from smartcut.render.splicing.places import CopyPlaces, Surroundings, why_never_copied

    touched = {s.source for s in cut.segments if s.effects or s.between or not s.is_plain}
    found: Sliding = {}
    for source in cut.footage:
        if source.video is None or source.id in touched:
            continue
        index = video_index(source, context.cache)
        if why_never_copied(source, shown[0], index, context.target) is None:
            shots = cut.data(Shots, "shots", source.id)
            begun = None if shots is None else tuple(sorted(s.range.start for s in shots.shots))
            around = Surroundings(slack, (whole or _words(cut))(source), begun)
            found[source.id] = SlidingCuts(source, CopyPlaces(index), around)
    return found


def _words(cut: Cut) -> Callable[[Source], Ranges]:
    return lambda source: padded(
        (word.range for word in words_of(cut, source)), WORD_MARGIN, WORD_MARGIN
    )


# ----------------------------------------------------------------------------------- what is told


def with_moves(stage: str, cut: Cut, sliding: Sliding) -> Cut:
    """The cut with a note on what was saved, and what was moved written down."""
    moves: list[MovedCut] = []
    before = after = places = 0
    for id, one in sliding.items():
        own = list(_changes(one.shown))
        if not own:
            continue
        cut = cut.with_annotation(_written(stage, cut, id, own))
        moves += own
        places += 2 * len(one.shown)
        before += sum(one.places.encoded(asked) for asked, _ in one.shown)
        after += sum(one.places.encoded(now) for _, now in one.shown)
    if not moves:
        return cut
    most = max(abs(move.now - move.asked) for move in moves)
    return cut.with_note(
        f"{stage}: cuts moved by {float(most):.2f} s at most to {_SAVING}, in {len(moves)} of "
        f"{places} places: {after} frames encoded instead of {before}"
    )


def _changes(shown: Sequence[tuple[Range, Range]]) -> Iterator[MovedCut]:
    for asked, now in shown:
        for one, other in ((asked.start, now.start), (asked.end, now.end)):
            if one != other:
                yield MovedCut(one, other)


def _written(stage: str, cut: Cut, source: str, moves: Sequence[MovedCut]) -> Annotation:
    known = cut.data(Signal, MOVED_CUTS, source)
    by_place = dict(zip(known.pts, known.values[0], strict=True)) if known else {}
    by_place |= {round(m.now * _TICKS): float(m.now - m.asked) for m in moves}
    pts = tuple(sorted(by_place))
    by = tuple(by_place[tick] for tick in pts)
    signal = Signal(Fraction(1, _TICKS), pts, ("moved",), (by,), "s")
    return Annotation(MOVED_CUTS, source, signal, stage)


def steps_of_moves(stage: str, before: Cut, after: Cut) -> tuple[Step, ...]:
    """A line of the plan for the note that a stage added on what its moved cuts save."""
    mark = f"{stage}: "
    return tuple(
        Step(stage, "copies", "pure", note.removeprefix(mark))
        for note in after.notes
        if note not in before.notes and note.startswith(mark) and _SAVING in note
    )


def moves_told(cut: Cut, source: str | None, part: Range) -> Iterator[str]:
    """Of a segment: which of its ends were moved to save encoding, as sentences."""
    known = cut.data(Signal, MOVED_CUTS, source) if source else None
    if known is None:
        return
    by_place = dict(zip(known.pts, known.values[0], strict=True))
    for name, time in (("start", part.start), ("end", part.end)):
        by = by_place.get(round(time * _TICKS))
        if by:
            way = "later" if by > 0 else "earlier"
            yield f"Its {name} was moved {abs(by):.2f} s {way}, to {_SAVING}."
