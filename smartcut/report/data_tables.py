"""What a cut holds and knows as rows, and those as tables of pandas or polars."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from smartcut.annotation import Shots, Signal, Transcript
from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.registry import close_to

Row = dict[str, Any]
#: What tables come as.
KINDS = ("auto", "pandas", "polars", "list")


def segment_rows(cut: Cut) -> Iterator[Row]:
    """A row for each segment: when it is seen, what of which source, how fast, and why."""
    names = list(dict.fromkeys(name for s in cut.segments for name, _ in s.scores))
    for number, (segment, place) in enumerate(cut.programme.placed()):
        scores = dict(segment.scores)
        yield {
            "segment": number,
            "start": float(place.start),
            "end": float(place.end),
            "source": segment.source,
            "in": float(segment.range.start),
            "out": float(segment.range.end),
            "speed": float(segment.speed),
            "label": segment.label,
            "chapter": segment.chapter,
            "transition": segment.transition.kind if segment.transition else None,
            "effects": ", ".join(effect.label for effect in segment.effects),
            **{name: scores.get(name) for name in names},
        }


def shot_rows(cut: Cut) -> Iterator[Row]:
    """A row for each shot of each source, in source time."""
    for source in cut.sources:
        found = cut.data(Shots, "shots", source.id)
        for number, shot in enumerate(found.shots if found else ()):
            yield {
                "source": source.id,
                "shot": number,
                "start": float(shot.range.start),
                "end": float(shot.range.end),
                "start_frame": shot.start_frame,
                "end_frame": shot.end_frame,
                "entry": shot.entry,
                "confidence": shot.confidence,
            }


def word_rows(cut: Cut) -> Iterator[Row]:
    """A row for each word that is said in a source, in source time."""
    for source in cut.sources:
        found = cut.data(Transcript, "transcript", source.id)
        for number, sentence in enumerate(found.sentences if found else ()):
            for word in sentence.words:
                yield {
                    "source": source.id,
                    "sentence": number,
                    "start": float(word.range.start),
                    "end": float(word.range.end),
                    "text": word.text,
                    "probability": word.probability,
                    "speaker": word.speaker,
                }


def signal_rows(cut: Cut) -> Iterator[Row]:
    """A row for each reading of each measured signal, in source time."""
    for annotation in cut.annotations:
        if not isinstance(data := annotation.data, Signal):
            continue
        times = [float(time) for time in data.times()]
        for channel, values in zip(data.channels, data.values, strict=True):
            for time, value in zip(times, values, strict=True):
                yield {
                    "source": annotation.source,
                    "signal": annotation.name,
                    "channel": channel,
                    "time": time,
                    "value": value,
                    "unit": data.unit,
                }


#: The tables, and the stage that gives what is in each.
TABLES: Mapping[str, tuple[Callable[[Cut], Iterator[Row]], str]] = {
    "segments": (segment_rows, ""),
    "shots": (shot_rows, "sc.shots()"),
    "words": (word_rows, "sc.transcribe()"),
    "signals": (signal_rows, "sc.motion(), sc.loudness(), sc.sharpness() or sc.relevance(...)"),
}


def table(cut: Cut, what: str, kind: str) -> Any:
    """The rows of a table, as pandas, polars or dicts have them.

    Raises PipelineError for a table that there is not, for what the cut does not know, and for a
    package that is not installed.
    """
    if what not in TABLES:
        raise PipelineError(f"unknown table {close_to(str(what), TABLES, 'tables')}")
    if kind not in KINDS:
        raise PipelineError(f"as_: unknown kind of table {close_to(str(kind), KINDS)}")
    rows, giver = TABLES[what]
    found = list(rows(cut))
    if not found and giver:
        raise PipelineError(
            f"the cut knows no {what}: add {giver} before, as in (film | {giver.split(',')[0]})"
            f".table({what!r})"
        )
    return _as_table(found, kind)


def _as_table(rows: Sequence[Row], kind: str) -> Any:
    if kind == "auto":
        kind = next((name for name in ("pandas", "polars") if find_spec(name)), "list")
    if kind == "list":
        return list(rows)
    if find_spec(kind) is None:
        raise PipelineError(
            f"{kind} is not installed: pip install {kind}; or take as_='list', a list of dicts"
        )
    return import_module(kind).DataFrame(list(rows))
