"""The passages of the stage `takes`: which take is heard, why, and what else could be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from smartcut.context import LocalContext
from smartcut.cut import Cut, Segment
from smartcut.editing.effects_of import gain_of
from smartcut.editing.finding import match_of
from smartcut.editing.model import HandEdit
from smartcut.runners.local import run_in
from smartcut.spec import Begin, Part, StageLine

if TYPE_CHECKING:
    from smartcut.stages._take_passages import PassageTake, TakePassage
    from smartcut.stages.takes import Takes

_NONE = Fraction(0)


def passages_of(
    context: LocalContext, steps: Sequence[StageLine], begin: Sequence[Begin], whole: Cut
) -> tuple[TakePassage, ...]:
    """Those of the last `takes` of these stages, else of each part; none where there is none."""
    for number in reversed(range(len(steps))):
        if steps[number].stage.name == "takes":
            stage = cast("Takes", steps[number].stage)
            cut = run_in(context, steps[:number], begin).cut
            names = ids_in(whole, cut)
            return tuple(_called(one, names) for one in stage.passages(cut, context))
    parts = (item for item in begin if isinstance(item, Part))
    return tuple(
        one for part in parts for one in passages_of(context, part.steps, part.inputs, whole)
    )


def ids_in(whole: Cut, part: Cut) -> dict[str, str]:
    """What the sources of a part are called in the whole."""
    kept = {(source.id, source.digest) for source in whole.sources}
    ids = {source.digest: source.id for source in reversed(whole.sources)}
    return {
        one.id: one.id if (one.id, one.digest) in kept else ids.get(one.digest, one.id)
        for one in part.sources
    }


def _called(passage: TakePassage, names: Mapping[str, str]) -> TakePassage:
    takes = (replace(take, source=names[take.source]) for take in passage.takes)
    return replace(passage, takes=tuple(takes))


def plain_passages(passages: Sequence[TakePassage], cut: Cut) -> list[dict[str, Any]]:
    """Passages as plain data, each with the take that the cut plays, and where."""
    return [_plain(passage, _Heard.of(passage, cut), cut) for passage in passages]


@dataclass(frozen=True, slots=True)
class _Heard:
    """Where a cut plays a passage."""

    take: int | None = None
    """The number of the take among the passage's own; None where it plays none of them."""
    segments: tuple[int, ...] = ()
    """Of the programme, by number."""
    at: Fraction = _NONE
    """Seconds of the film."""

    @classmethod
    def of(cls, passage: TakePassage, cut: Cut) -> _Heard:
        """The take of which most is played, half of it or more."""
        shares = [_share(take, cut) for take in passage.takes]
        best = max(shares)
        if 2 * best < 1:
            return cls()
        number = shares.index(best)
        take = passage.takes[number]
        own = [
            (n, place.start)
            for n, (segment, place) in enumerate(cut.programme.placed())
            if 2 * _shared(take, segment) >= segment.range.duration
        ]
        if not own:
            return cls(number)
        return cls(number, tuple(n for n, _ in own), min(at for _, at in own))


def _shared(take: PassageTake, segment: Segment) -> Fraction:
    """Seconds of a take that a segment plays."""
    if segment.source != take.source:
        return _NONE
    part = segment.range.intersect(take.range)
    return part.duration if part is not None else _NONE


def _share(take: PassageTake, cut: Cut) -> Fraction:
    played = sum((_shared(take, segment) for segment in cut.segments), _NONE)
    return played / take.range.duration


def _plain(passage: TakePassage, heard: _Heard, cut: Cut) -> dict[str, Any]:
    segments = [cut.segments[n].id for n in heard.segments]
    rows = enumerate(passage.takes)
    return {
        "words": passage.words,
        "heard": heard.take,
        "segments": segments,
        "at": float(heard.at) if segments else None,
        "takes": [_take(take, list(_instead(n, passage, heard, cut))) for n, take in rows],
        "joining": dict(passage.joining),
        "runner_up": passage.runner_up,
        "costs_more": passage.costs_more,
        "why": passage.why,
    }


def _take(take: PassageTake, edits: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": take.name,
        "source": take.source,
        "start": str(take.range.start),
        "end": str(take.range.end),
        "gain": take.gain,
        "costs": dict(take.costs),
        "total": sum(take.costs.values()),
        "edits": edits,
    }


def _instead(
    number: int, passage: TakePassage, heard: _Heard, cut: Cut
) -> Iterator[dict[str, Any]]:
    """The edits that play a take where another is heard; none where that cannot be."""
    if number == heard.take or not heard.segments or heard.take is None:
        return
    take, first, *rest = passage.takes[number], *heard.segments
    for other in rest:
        yield _edit("drop", segment=match_of(cut, 0, other))
    segment = cut.segments[first]
    shown = {"source": take.source, "start": take.range.start, "end": take.range.end}
    yield _edit(
        "replace",
        segment=match_of(cut, 0, first),
        **shown,
        label=f"{take.name}: {passage.words}",
        why=f"{take.name} in place of {passage.takes[heard.take].name}",
    )
    if (gain_of(segment) or 0.0) != take.gain:
        yield _edit("set", segment=shown, gain=take.gain)


def _edit(kind: str, **said: Any) -> dict[str, Any]:
    return HandEdit.model_validate({kind: said}).to_plain()
