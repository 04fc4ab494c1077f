"""`shorts`: several clips of one film, each of whole sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import compress
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

from smartcut.annotation import Signal, Transcript
from smartcut.cut import Cut, Segment
from smartcut.errors import StageError
from smartcut.interchange.json import tells
from smartcut.offers import OfferedMoment, Offers, best_apart
from smartcut.selecting.asked import OfferedSentence, PickRules
from smartcut.selecting.said import heard_reactions
from smartcut.selecting.shorts import (
    MEASURES,
    SaidSentence,
    ShortClip,
    best_clips,
    clips_of,
    reasons,
    scored,
    span_of,
)
from smartcut.stage import Analysis, Context, Group, Stage, Step
from smartcut.stages._constrained import (
    clips_kept_to,
    constraints_of,
    is_kept,
    offered_of,
    steps_of_notes,
)
from smartcut.stages._copy_slack import (
    Sliding,
    copy_slack_field,
    sliding_cuts,
    steps_of_moves,
    with_moves,
)
from smartcut.stages._select import selected
from smartcut.stages._selector import Selector
from smartcut.stages._shorts_params import CountsParam, LengthsParam
from smartcut.stages._shorts_said import (
    answered,
    heard_in,
    language_of,
    mean_of,
    offered_sentences,
)
from smartcut.stages.loudness import LoudnessAnalysis, loudness_of
from smartcut.timebase import Range, TimeParam, format_time

if TYPE_CHECKING:
    import numpy as np

Run = tuple[int, int, Fraction, Fraction]
"""A clip: sentences from and up to, when it begins and ends in their segment."""
Described = list[tuple[int, float, list[tuple[str, float]], str]]

#: Raised whenever the same talk would be divided into other clips.
VERSION = 4
_LONGEST_HOOK = 60


class Shorts(Stage):
    """Picks several clips of a talk, each of which stands alone: one segment each.

    A clip begins with a sentence's first word and ends at a sentence's end. Its score is the
    weighted mean of how much it keeps to one subject (`coherence`, by the meaning of its
    sentences), whether it begins and ends by itself (`completeness`), how fast and how loud it is
    spoken (`pace`, `loudness`, as ranks among all clips), whether it asks and answers
    (`questions`), and, where captions say so, whether it is laughed about or applauded
    (`reactions`). The clips of the highest scores in all are taken, none of which overlaps
    another; notes say why. Each keeps to what `expect` says of a film; notes say what that costs.
    With `select` a program or a language model chooses, and its answer is checked
    (docs/talks.md). `render: {each: segment}` writes each to a file of its own, and
    `-o 'short-{n}.mp4'` names them. Within `copy_slack`, in the pauses around it, a clip begins and
    ends where the source can be copied.

        - shorts: {clips: 3..7, length: 20s..60s}
        - render: {each: segment}

    ```yaml
    - shorts: {clips: 3..7, length: 20s..60s}
    ```
    """

    name: ClassVar[str] = "shorts"
    group: ClassVar[Group] = "choose"
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("transcript",),)

    clips: CountsParam = Field(
        (3, 3), description="How many; of a range, as many as are good enough."
    )
    length: LengthsParam = Field(
        (Fraction(20), Fraction(60)),
        description="Shortest and longest; of one time, the shortest is half of it.",
    )
    weights: dict[str, float] = Field(
        {
            "coherence": 2.0,
            "completeness": 2.0,
            "pace": 1.0,
            "loudness": 1.0,
            "questions": 1.0,
            "reactions": 1.0,
        },
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

    select: Selector | None = Field(
        None, description="A program or a language model that chooses, in place of the scores."
    )

    copy_slack: TimeParam = copy_slack_field()

    def analyses(self) -> tuple[Analysis, ...]:
        return (LoudnessAnalysis(),) if self.weights.get("loudness", 0.0) else ()

    def offers(self, cut: Cut, context: Context) -> Offers | None:
        said = self._said(cut, list(offered_sentences(cut)), context)
        runs = self._runs(cut, said)
        vectors = _vectors(context)([one.text for one in said])
        clips = scored(said, runs, vectors, self.weights, language_of(cut))
        shown = [_segment(clip, said, cut) for clip in clips]
        ranges = [(str(segment.source), segment.range) for segment in shown]
        best = best_apart(ranges, [clip.score for clip in clips])
        moments = (OfferedMoment(*ranges[i], clips[i].score, clips[i].parts) for i in best)
        weights = tuple((n, w) for n, w in self.weights.items() if w)
        return Offers(self.name, weights, tuple(moments), len(clips))

    def _runs(self, cut: Cut, said: list[SaidSentence]) -> list[Run]:
        """All clips that are as long as asked; raises StageError where there is none."""
        ends = [segment.duration for segment in cut.segments]
        runs = list(clips_of(said, ends, *self.length))
        if not runs:
            low, high = map(float, self.length)
            raise StageError(
                f"`shorts` finds no sentences that last {low:g} to {high:g} s together; "
                + ("lower `length`" if said else "nobody speaks in what was chosen")
            )
        return runs

    def apply(self, cut: Cut, context: Context) -> Cut:
        offered = list(offered_sentences(cut))
        said = self._said(cut, offered, context)
        runs = self._runs(cut, said)
        if self.select is not None:
            chosen = self._picked(cut, said, offered, runs, context)
            cut = cut.with_note(f"shorts: chosen by {self.select.called}")
        else:
            chosen, notes = self._best(cut, said, runs, context)
            cut = replace(cut, notes=(*cut.notes, *notes))
        sliding = sliding_cuts(cut, self.copy_slack, context)
        chosen = self._slid(cut, said, chosen, sliding, context)
        for number, clip in enumerate(chosen, 1):
            cut = cut.with_note(f"short {number}: {_told(clip, said, cut)}")
        if len(chosen) < self.clips[0]:
            cut = cut.with_note(
                f"{len(chosen)} shorts, not {self.clips[0]}: no more sentences fit without overlap"
            )
        cut = cut.with_segments(tuple(_segment(clip, said, cut) for clip in chosen))
        return with_moves(self.name, cut, sliding)

    def _slid(
        self,
        cut: Cut,
        said: list[SaidSentence],
        chosen: list[ShortClip],
        sliding: Sliding,
        context: Context,
    ) -> list[ShortClip]:
        """The clips with their ends where the source can be copied; each stays as expected."""
        found: list[ShortClip] = []
        for clip in chosen:
            whole = cut.segments[said[clip.first].segment]
            segment = _segment(clip, said, cut)
            own = sliding.get(segment.source or "")
            if own is None:
                found.append(clip)
                continue
            others = [_segment(o, said, cut) for o in (*found, *chosen[len(found) + 1 :])]

            def is_fine(now: Range, asked: Segment = segment, apart: Any = others) -> bool:
                is_long = self.length[0] <= now.duration <= max(self.length[1], asked.duration)
                alone = all(o.source != asked.source or not o.range.overlaps(now) for o in apart)
                return is_long and alone and _is_expected(cut, replace(asked, range=now), context)

            now = own.part(segment.range, whole.range, is_fine)
            found.append(replace(clip, start=whole.time_of(now.start), end=whole.time_of(now.end)))
        return found

    def _said(
        self, cut: Cut, offered: Sequence[OfferedSentence], context: Context
    ) -> list[SaidSentence]:
        """The offered sentences where they are heard."""
        found: list[SaidSentence] = []
        for number, segment in enumerate(cut.segments):
            own = [one for one in offered if one.group == number]
            if not own or segment.source is None:
                continue
            signal = self._loudness(cut, segment.source, context)
            speech = heard_in(cut, segment)
            known = cut.data(Transcript, "transcript", segment.source)
            replies = set(answered(own, heard_reactions(known)))
            for place, one in enumerate(own):
                start, end = sorted(map(segment.time_of, (one.start, one.end)))
                before, after = speech.around(start, end)
                loud = None if signal is None else mean_of(signal, one.start, one.end)
                text, count = one.sentence.text, len(one.sentence.words)
                found.append(
                    SaidSentence(
                        number, start, end, text, count, loud, before, after, place in replies
                    )
                )
        return found

    def _loudness(self, cut: Cut, source: str, context: Context) -> Signal | None:
        if not self.analyses():
            return cut.data(Signal, "loudness", source)
        return loudness_of(cut, cut.source(source), context)

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        made = self.apply(cut, context)
        told = steps_of_notes(self.name, cut, made)
        return made, (*told, *steps_of_moves(self.name, cut, made))

    def _best(
        self, cut: Cut, said: list[SaidSentence], runs: list[Run], context: Context
    ) -> tuple[list[ShortClip], tuple[str, ...]]:
        """The clips of the highest scores, in the order asked for, each as `expect` says; notes."""

        def best_of(allowed: tuple[bool, ...] | None) -> list[ShortClip]:
            return self._described(cut, said, runs, None, context, allowed)

        if not context.expected:
            best, notes = best_of(None), tuple[str, ...]()
        else:
            bare = (ShortClip(*run, 0.0, ()) for run in runs)
            offered = offered_of(cut, [_segment(clip, said, cut) for clip in bare])
            best, notes = clips_kept_to(
                self.name, offered, context, best_of, lambda clip: clip.score
            )
        if self.order == "score":
            best.sort(key=lambda clip: -clip.score)
        return best, notes

    def _picked(
        self,
        cut: Cut,
        said: list[SaidSentence],
        offered: list[OfferedSentence],
        runs: list[Run],
        context: Context,
    ) -> list[ShortClip]:
        """The clips that the selector picks, in the order asked for."""
        assert self.select is not None
        ends = [segment.duration for segment in cut.segments]

        def lasts(first: int, last: int) -> Fraction:
            start, end = span_of(said, ends, first, last, self.length[1])
            return end - start

        rules = PickRules(self.clips, self.length)
        language = language_of(cut)
        picks = selected("shorts", self.select, offered, rules, lasts, context, language)
        if self.order == "time":
            picks.sort(key=lambda pick: pick.first)
        own = [
            (p.first, p.last, *span_of(said, ends, p.first, p.last, self.length[1])) for p in picks
        ]
        # They are measured among all others, so that the figures mean the same.
        among = [*own, *(run for run in runs if run not in own)]
        found = self._described(cut, said, among, len(own), context)
        return [
            replace(clip, title=pick.title or clip.title, why=pick.reason or "picked")
            for clip, pick in zip(found, picks, strict=True)
        ]

    def _described(
        self,
        cut: Cut,
        said: list[SaidSentence],
        runs: list[Run],
        count: int | None,
        context: Context,
        allowed: tuple[bool, ...] | None = None,
    ) -> list[ShortClip]:
        """The best of the runs that are allowed, or the first ``count``, with scores and titles.

        Worked out once for the same sentences and settings.
        """
        from smartcut.selecting.key_phrases import titles

        language = language_of(cut)
        texts = [one.text for one in said]
        vectors = _vectors(context)

        def compute() -> Described:
            clips = scored(said, runs, vectors(texts), self.weights, language)
            place = {(c.first, c.last): i for i, c in enumerate(clips)}
            may = clips if allowed is None else [*compress(clips, allowed)]
            best = clips[:count] if count else best_clips(may, said, *self.clips)
            names = titles([texts[c.first : c.last] for c in best], vectors, language)
            return [
                (place[c.first, c.last], c.score, [*c.parts], name)
                for c, name in zip(best, names, strict=True)
            ]

        inputs: Mapping[str, Any] = {
            "said": [
                [s.segment, str(s.start), str(s.end), s.text, s.loudness, s.is_answered]
                for s in said
            ],
            "runs": [[first, last, str(start), str(end)] for first, last, start, end in runs],
            "settings": self.model_dump(mode="json", include={"clips", "weights"}),
            "count": count,
            "tower": _tower(),
            "language": language,
        }
        if allowed is not None:
            inputs = {**inputs, "allowed": [*allowed]}
        rows = context.memo("shorts", VERSION, inputs, compute, tells(Described))
        return [
            ShortClip(*runs[place], score, tuple((n, v) for n, v in parts), title)
            for place, score, parts, title in rows
        ]


def _is_expected(cut: Cut, segment: Segment, context: Context) -> bool:
    """Whether a film of this segment alone keeps to what is expected."""
    if not context.expected:
        return True
    limits = constraints_of(context, offered_of(cut, [segment]))
    return all(is_kept((0,), [segment.duration], Fraction(0), one) for one in limits)


def _tower() -> str:
    """What turns sentences into vectors on this machine."""
    from smartcut.models.generation.prompts import HASHED, choose

    return choose("auto") or HASHED


def _vectors(context: Context) -> Callable[[Sequence[str]], np.ndarray]:
    """The meaning of sentences, (n, D) of length 1."""
    from smartcut.models.generation.prompts import embed

    return lambda texts: embed(texts, _tower(), allow_net=context.allow_net)


def _segment(clip: ShortClip, said: list[SaidSentence], cut: Cut) -> Segment:
    whole = cut.segments[said[clip.first].segment]
    part = whole.part(clip.start, clip.end)
    scores = (("score", clip.score), *clip.parts)
    return replace(part, transition=None, label=clip.title, scores=scores, id="")


def _hook(clip: ShortClip, said: list[SaidSentence]) -> str:
    """What is said first."""
    text = " ".join(said[clip.first].text.split())
    return text if len(text) <= _LONGEST_HOOK else f"{text[: _LONGEST_HOOK - 1].rstrip()}…"


def _told(clip: ShortClip, said: list[SaidSentence], cut: Cut) -> str:
    part = _segment(clip, said, cut)
    times = f"{format_time(part.range.start)} to {format_time(part.range.end)} of {part.source}"
    return (
        f"“{clip.title}”, {times}, score {clip.score:.2f}: {reasons(clip)}; "
        f"it begins “{_hook(clip, said)}”"
    )
