"""`tighten`: silence out, and whatever else is not worth its time."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from smartcut.cut import Cut, Segment
from smartcut.errors import StageError
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Group, Stage, Step
from smartcut.stages._activity import Activity, analyses_of
from smartcut.stages._copy_slack import (
    SlidingCuts,
    copy_slack_field,
    sliding_cuts,
    steps_of_moves,
    with_moves,
)
from smartcut.stages._frame_edges import frame_edges
from smartcut.stages._tighten_params import (
    ConditionParam,
    LengthsParam,
    MarginParam,
    ThresholdParam,
    Treatment,
    TreatmentParam,
    read_lengths,
    read_threshold,
    read_treatment,
)
from smartcut.tightening.levels import VOICED
from smartcut.tightening.ranges import Ranges, left, padded, union, without
from smartcut.tightening.rule import (
    WORD_MARGIN,
    TightenRule,
    clear_of_words,
    kept,
    outwards,
    rooms,
)
from smartcut.tightening.timeline import Treated, treated
from smartcut.tightening.where import holds, parse_condition, signals_in
from smartcut.timebase import Range, TimeParam

#: Seconds by which a detector of voices may begin before a filler that is left out, or end after.
_BESIDE = Fraction(1, 20)


class Tighten(Stage):
    """Leaves out silence: where nobody speaks, where it is quiet, or where no word is said.

    It works on what was chosen before, in its order, also on sound alone: `trim` or `highlights`
    may stand before it, `speed` after it. Nothing ends inside a word, where words are known
    (`transcribe` before it), and every edge lies where a frame begins. Where the picture is copied,
    edges move within `copy_slack`, in the pause, to where that needs no encoding; so that more is
    shown only where shots are known (`shots` before it).

    `where`, `keep` and `cut` are conditions on what is heard and seen: `loudness` (LUFS), `level`
    (dB), `voice` (0 to 1), `words`, `motion`, `sharpness`, `black` (share of the picture) and
    `freeze` (seconds), compared by `<`, `<=`, `>` or `>=` and joined by `and`, `or`, `not` and
    brackets. `voice`, `words`, `black` and `freeze` may stand alone.

        - tighten: {margin: [0.3s, 0.5s], silence: speed 8, longer_than: {20s: cut}}
        - tighten: {by: level, threshold: -35dB}
        - tighten: {where: "loudness > -35 or motion > 0.02", cut: "black or freeze > 3s"}

    ```yaml
    - tighten: {margin: 0.2s, silence: speed 8}
    ```
    """

    name: ClassVar[str] = "tighten"
    group: ClassVar[Group] = "choose"
    hint: ClassVar[str] = "- tighten"

    by: Literal["auto", "voice", "level", "words"] = Field(
        "auto",
        description="What counts as active: a `voice` (also in noise), sound of a `level`, or "
        "`words`. `auto` is `voice`, and `level` in sources without one.",
    )
    threshold: ThresholdParam = Field(
        "auto",
        description="From where on it is active: of `level` in dB (`-35dB`) or percent of full "
        "scale, of `voice` how sure it is (`0.5`). `auto` finds a level by the recording.",
    )
    margin: MarginParam = Field(
        (Fraction(3, 20), Fraction(3, 20)),
        description="Seconds kept on each side of what is active, or `[before, after]`; negative "
        "ones take from it.",
    )
    min_cut: TimeParam = Field(Fraction(1, 5), ge=0, description="A shorter silence stays.")
    min_clip: TimeParam = Field(
        Fraction(1, 10), ge=0, description="What is active for less time is left out, but words."
    )
    silence: TreatmentParam = Field(
        "cut", description="What becomes of silence: `cut`, `keep`, or `speed 8`."
    )
    longer_than: LengthsParam = Field(
        {}, description="The same for silences that are longer than a time: `{3s: keep}`."
    )
    where: ConditionParam | None = Field(
        None, description="What counts as active, as a condition in the place of `by`."
    )
    keep: ConditionParam | None = Field(None, description="What stays besides.")
    cut: ConditionParam | None = Field(None, description="What is left out in any case.")

    fillers: bool | tuple[str, ...] = Field(
        False,
        description="Leave out um and uh: `true` for those of the language, or a list of words. "
        "They are found as words, and as sounds that no word needs.",
    )
    repeats: bool = Field(
        False,
        description="Leave out false starts and repeated takes: of what is said again right after, "
        "the last stays.",
    )

    copy_slack: TimeParam = copy_slack_field()

    @field_validator("fillers", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fits_together(self) -> Tighten:
        if self.where is not None and "by" in self.model_fields_set:
            raise ValueError("give either `by` or `where`: both say what counts as active")
        if self.threshold != "auto":
            if self.by not in ("level", "voice"):
                raise ValueError("`threshold` goes with `by: level` or `by: voice`")
            read_threshold(self.threshold, self.by)
        return self

    def needed(self) -> tuple[tuple[str, ...], ...]:
        asks = self.by == "words" or "words" in self._signals() or self.fillers or self.repeats
        return (("transcript",),) if asks else ()

    def analyses(self) -> tuple[Analysis, ...]:
        return analyses_of(self._signals())

    def _signals(self) -> list[str]:
        """The names of all signals that it looks at."""
        names = [
            name
            for text in (self.where, self.keep, self.cut)
            if text is not None
            for name in signals_in(parse_condition(text))
        ]
        if self.where is None:
            first = "voice" if self.by == "auto" else self.by
            names += dict.fromkeys((first, "level"))
        return names

    # ------------------------------------------------------------------------------- the work

    def apply(self, cut: Cut, context: Context) -> Cut:
        sources = {s.id: _Tightening(self, Activity(s, cut, context)) for s in _shown(cut)}
        sliding = sliding_cuts(
            cut, self.copy_slack, context, lambda source: sources[source.id].untouched
        )
        segments: list[Segment] = []
        places = 0
        for segment in cut.segments:
            if segment.source is None or segment.source not in sources:
                segments.append(segment)
                continue
            own = sliding.get(segment.source)
            changes = sources[segment.source].changes(segment.range, own)
            segments += treated(segment, changes)
            places += len(changes)
        if not segments and cut.segments:
            raise StageError(
                f"`tighten` would leave nothing: {self._nothing()}; lower `threshold`, or choose "
                "another `by`"
            )
        for note in (note for one in sources.values() for note in one.notes):
            cut = cut.with_note(note)
        shorter = with_moves(self.name, cut.with_segments(tuple(segments)), sliding)
        return shorter.with_note(_saved(cut.duration, shorter.duration, places))

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        made = self.apply(cut, context)
        return made, steps_of_moves(self.name, cut, made)

    def _nothing(self) -> str:
        if self.where is not None:
            return f"`{self.where}` holds nowhere"
        what = {"words": "a word is said", "voice": "somebody speaks"}.get(self.by, "it is loud")
        return f"there is no time at which {what}"


def _saved(before: Fraction, after: Fraction, places: int) -> str:
    """What was done, in words."""
    if not places:
        return "tighten: there is nothing to leave out"
    return f"tighten: {float(before - after):.1f} of {float(before):.1f} s saved in {places} places"


def _shown(cut: Cut) -> list[Source]:
    """The recorded sources that the programme shows or plays."""
    used = {s.source for s in cut.segments}
    return [s for s in cut.footage if s.id in used]


def _slid(
    changes: list[Treated],
    within: Range,
    rule: TightenRule,
    dropped: Ranges,
    sliding: SlidingCuts,
) -> list[Treated]:
    """The changes with their edges where the source can be copied, as far as they are free."""
    fixed = {within.start, within.end, *(t for part in dropped for t in (part.start, part.end))}
    found = []
    for change, (first, last) in zip(
        changes, rooms([c.range for c in changes], within, rule), strict=True
    ):
        start, end = change.range.start, change.range.end
        start = start if start in fixed else sliding.moved("end", start, first)
        end = end if end in fixed else sliding.moved("start", end, last)
        found.append(replace(change, range=Range(start, end)))
    for asked, now in zip(
        left(within, [c.range for c in changes]),
        left(within, [c.range for c in found]),
        strict=True,
    ):
        sliding.show(asked, now)
    return found


class _Tightening:
    """What `tighten` does to one source."""

    def __init__(self, stage: Tighten, activity: Activity) -> None:
        self._stage, self._known = stage, activity
        self.notes: list[str] = []
        self._edges = frame_edges(activity.source, activity.context)
        self._by_level = stage.where is None
        self._words = activity.known_words(by_level=self._by_level)
        fillers = self._fillers()
        repeats = activity.repeats() if stage.repeats else ()
        words = self._words_without(fillers)
        cut = clear_of_words(self._when(stage.cut), words) if stage.cut is not None else ()
        self._dropped = union(cut, fillers, repeats)
        self._active = self._rest()
        whole = padded(words, WORD_MARGIN, WORD_MARGIN) if self._by_level else words
        self._whole = without(whole, self._dropped)

    def _words_without(self, fillers: Ranges) -> Ranges:
        """Words as long as they are heard; recognisers put some where there is only quiet."""
        words = without(self._words, fillers)
        return self._known.heard_of(words) if self._by_level else union(words)

    def _fillers(self) -> Ranges:
        known, given = self._known, self._stage.fillers
        if not given:
            return ()
        if note := known.missing_of_fillers(given):
            self.notes.append(f"tighten: {note}")
        return known.fillers(given)

    def _rest(self) -> Ranges:
        """What is active without what is left out, and without the quiet between the two."""
        found = self._found_active()
        rest = without(found, self._dropped)
        if self._by_level and self._stage.by in ("auto", "voice") and rest != found:
            apart = without(found, padded(self._dropped, _BESIDE, _BESIDE))
            rest = self._known.heard_of(apart)
        kept = self._when(self._stage.keep) if self._stage.keep is not None else ()
        return union(rest, without(kept, self._dropped))

    def _when(self, text: str) -> Ranges:
        return holds(parse_condition(text), self._known.measured, self._known.source.duration)

    def _found_active(self) -> Ranges:
        stage, known = self._stage, self._known
        if stage.where is not None:
            return self._when(stage.where)
        if stage.by == "words":
            return union(self._words)
        threshold = read_threshold(stage.threshold, stage.by)
        if stage.by != "level":
            found = known.voiced(VOICED if threshold is None else threshold)
            if found or stage.by == "voice":
                return found
            self.notes.append(
                f"tighten: nobody speaks in {known.source.id}: it goes by level there; `by: voice` "
                "would leave out all of it"
            )
        return known.loud(threshold)

    @property
    def untouched(self) -> Ranges:
        """What an edge that may be moved keeps clear of: what is active, and what is left out."""
        return union(padded(self._active, WORD_MARGIN, WORD_MARGIN), self._whole, self._dropped)

    def changes(self, within: Range, sliding: SlidingCuts | None) -> list[Treated]:
        """What is left out or played faster of a range of the source, in order."""
        stage = self._stage
        rule = TightenRule(*stage.margin, stage.min_cut, stage.min_clip)
        clips = kept(self._active, within, rule, self._whole)
        dropped = left(within, self._longer(left(within, self._dropped), within))
        changes = [Treated(part) for part in dropped]
        for gap in left(within, self._longer(clips, within)):
            what = self._treatment(gap.duration)
            if what != "keep":
                speed = None if what == "cut" else what
                changes += [Treated(part, speed) for part in without((gap,), dropped)]
        changes.sort(key=lambda change: change.range)
        return changes if sliding is None else _slid(changes, within, rule, dropped, sliding)

    def _longer(self, ranges: Ranges, within: Range) -> Ranges:
        """The ranges, each to where frames begin."""
        return outwards(ranges, within, *self._edges)

    def _treatment(self, length: Fraction) -> Treatment:
        for longer, what in read_lengths(self._stage.longer_than):
            if length > longer:
                return what
        return read_treatment(self._stage.silence)
