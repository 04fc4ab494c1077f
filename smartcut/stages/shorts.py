"""`shorts`: several clips of one film, each of whole sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator

from smartcut.accepted import InWords
from smartcut.annotation import Signal, Transcript
from smartcut.cut import Cut, Segment
from smartcut.errors import StageError
from smartcut.selecting.shorts import (
    MEASURES,
    SaidSentence,
    ShortClip,
    best_clips,
    clips_of,
    reasons,
    scored,
)
from smartcut.stage import Analysis, Context, Stage
from smartcut.stages.loudness import LoudnessAnalysis
from smartcut.timebase import format_time, parse_time

#: Raised whenever the same talk would be divided into other clips.
VERSION = 1
_LONGEST_HOOK = 60


def _range(given: Any) -> tuple[Any, Any] | None:
    """Both ends of ``3..7`` or ``[3, 7]``; None for one value."""
    if isinstance(given, str) and ".." in given:
        low, _, high = given.partition("..")
        return low.strip(), high.strip()
    if isinstance(given, (list, tuple)) and len(given) == 2:
        return given[0], given[1]
    return None


def _counts(given: Any) -> Any:
    low, high = _range(given) or (given, given)
    try:
        counts = int(low), int(high)
    except (TypeError, ValueError):
        counts = 0, 0
    if isinstance(given, bool) or not 1 <= counts[0] <= counts[1] <= 100:
        raise ValueError(f"{given!r} is no number of clips; accepted: 3, or 3..7 (1 to 100)")
    return counts


def _lengths(given: Any) -> Any:
    ends = _range(given)
    low, high = map(parse_time, ends) if ends else (parse_time(given) / 2, parse_time(given))
    if not 1 <= low <= high:
        raise ValueError(
            f"{given!r} is no length of clips; accepted: 20s..60s, or the longest (30s); at least "
            "1s"
        )
    return low, high


class Shorts(Stage):
    """Picks several clips of a talk, each of which stands alone: one segment each.

    A clip begins with a sentence's first word and ends at a sentence's end. Its score is the
    weighted mean of how much it keeps to one subject (`coherence`, by the meaning of its
    sentences), whether it begins and ends by itself (`completeness`), how fast and how loud it is
    spoken (`pace`, `loudness`, as ranks among all clips), and whether it asks and answers
    (`questions`). The clips of the highest scores in all are taken, none of which overlaps
    another; notes say why. `render: {each: segment}` writes each to a file of its own, and
    `-o 'short-{n}.mp4'` names them.

        - shorts: {clips: 3..7, length: 20s..60s}
        - render: {each: segment}
    """

    name: ClassVar[str] = "shorts"
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("transcript",),)

    clips: Annotated[
        tuple[int, int], BeforeValidator(_counts), InWords("whole number, or range (3..7)")
    ] = Field((3, 3), description="How many; of a range, as many as are good enough.")
    length: Annotated[
        tuple[Fraction, Fraction],
        BeforeValidator(_lengths),
        InWords("range of times (20s..60s), or the longest time"),
    ] = Field(
        (Fraction(20), Fraction(60)),
        description="Shortest and longest; of one time, the shortest is half of it.",
    )
    weights: dict[str, float] = Field(
        {"coherence": 2.0, "completeness": 2.0, "pace": 1.0, "loudness": 1.0, "questions": 1.0},
        description="What counts how much: " + ", ".join(MEASURES) + ".",
    )
    order: Literal["time", "score"] = Field("time", description="How the clips follow.")

    @field_validator("weights")
    @classmethod
    def _known_names(cls, value: dict[str, float]) -> dict[str, float]:
        for name, weight in value.items():
            if name not in MEASURES:
                raise ValueError(f"unknown measure {name!r}; accepted: {', '.join(MEASURES)}")
            if weight < 0:
                raise ValueError(f"the weight of {name!r} is negative")
        return value

    def analyses(self) -> tuple[Analysis, ...]:
        return (LoudnessAnalysis(),) if self.weights.get("loudness", 0.0) else ()

    def apply(self, cut: Cut, context: Context) -> Cut:
        said = self._said(cut, context)
        ends = [segment.duration for segment in cut.segments]
        runs = list(clips_of(said, ends, *self.length))
        if not runs:
            low, high = map(float, self.length)
            raise StageError(
                f"`shorts` finds no sentences that last {low:g} to {high:g} s together; "
                + ("lower `length`" if said else "nobody speaks in what was chosen")
            )
        chosen = self._chosen(cut, said, runs, context)
        if self.order == "score":
            chosen.sort(key=lambda clip: -clip.score)
        for number, clip in enumerate(chosen, 1):
            cut = cut.with_note(f"short {number}: {_told(clip, said, cut)}")
        if len(chosen) < self.clips[0]:
            cut = cut.with_note(
                f"{len(chosen)} shorts, not {self.clips[0]}: no more sentences fit without overlap"
            )
        return cut.with_segments(tuple(_segment(clip, said, cut) for clip in chosen))

    def _said(self, cut: Cut, context: Context) -> list[SaidSentence]:
        """The sentences that are heard whole, segment by segment."""
        found: list[SaidSentence] = []
        for number, segment in enumerate(cut.segments):
            if segment.source is None:
                continue
            transcript = cut.data(Transcript, "transcript", segment.source)
            signal = self._loudness(cut, segment.source, context)
            sentences = transcript.sentences if transcript else ()
            words = [w.range for s in sentences for w in s.words]
            heard = sorted(
                sorted(map(segment.time_of, (r.start, r.end)))
                for w in words
                if (r := w.intersect(segment.range)) is not None
            )
            own = []
            for one in sentences:
                if one.words and one.range.intersect(segment.range) == one.range:
                    start, end = sorted(map(segment.time_of, (one.range.start, one.range.end)))
                    before = max((e for s, e in heard if s < start), default=None)
                    after = min((s for s, e in heard if e > end), default=None)
                    loud = _mean(signal, one.range.start, one.range.end)
                    count = len(one.words)
                    own.append(
                        SaidSentence(number, start, end, one.text, count, loud, before, after)
                    )
            found += sorted(own, key=lambda s: s.start)
        return found

    def _loudness(self, cut: Cut, source: str, context: Context) -> Signal | None:
        known = cut.data(Signal, "loudness", source)
        for analysis in self.analyses() if known is None else ():
            data = context.result(analysis, cut.source(source)).data
            known = data if isinstance(data, Signal) else None
        return known

    def _chosen(
        self,
        cut: Cut,
        said: list[SaidSentence],
        runs: list[tuple[int, int, Fraction, Fraction]],
        context: Context,
    ) -> list[ShortClip]:
        """The best clips, worked out once for the same sentences and settings."""
        from smartcut.models.generation.prompts import HASHED, choose, embed

        tower = choose("auto") or HASHED
        languages = {
            t.language for s in cut.sources if (t := cut.data(Transcript, "transcript", s.id))
        }
        language = languages.pop() if len(languages) == 1 else ""

        def compute() -> list[list[Any]]:
            vectors = embed([one.text for one in said], tower, allow_net=context.allow_net)
            clips = scored(said, runs, vectors, self.weights, language)
            place = {(c.first, c.last): i for i, c in enumerate(clips)}
            best = best_clips(clips, said, *self.clips)
            return [[place[c.first, c.last], c.score, [list(p) for p in c.parts]] for c in best]

        inputs: Mapping[str, Any] = {
            "said": [[s.segment, str(s.start), str(s.end), s.text, s.loudness] for s in said],
            "runs": [[first, last, str(start), str(end)] for first, last, start, end in runs],
            "settings": self.model_dump(mode="json", exclude={"order"}),
            "tower": tower,
            "language": language,
        }
        answer = context.memo("shorts", VERSION, inputs, compute)
        return [_clip(runs[place], score, parts) for place, score, parts in answer]


def _clip(
    run: tuple[int, int, Fraction, Fraction], score: float, parts: list[list[Any]]
) -> ShortClip:
    first, last, start, end = run
    return ShortClip(first, last, start, end, score, tuple((n, v) for n, v in parts))


def _mean(signal: Signal | None, start: Fraction, end: Fraction) -> float | None:
    """The mean of a signal in a range of source time."""
    if signal is None:
        return None
    times, values = signal.times(), signal.values[0]
    inside = [v for t, v in zip(times, values, strict=True) if start <= t < end]
    return sum(inside) / len(inside) if inside else None


def _segment(clip: ShortClip, said: list[SaidSentence], cut: Cut) -> Segment:
    whole = cut.segments[said[clip.first].segment]
    part = whole.part(clip.start, clip.end)
    scores = (("score", clip.score), *clip.parts)
    return replace(part, transition=None, label=_hook(clip, said), scores=scores, id="")


def _hook(clip: ShortClip, said: list[SaidSentence]) -> str:
    """What is said first, as a name for the clip."""
    text = said[clip.first].text.strip()
    return text if len(text) <= _LONGEST_HOOK else f"{text[: _LONGEST_HOOK - 1].rstrip()}…"


def _told(clip: ShortClip, said: list[SaidSentence], cut: Cut) -> str:
    part = _segment(clip, said, cut)
    times = f"{format_time(part.range.start)} to {format_time(part.range.end)} of {part.source}"
    return f"{times}, score {clip.score:.2f}: {reasons(clip)}; “{_hook(clip, said)}”"
