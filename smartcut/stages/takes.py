"""`takes`: the best reading of many takes of one script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from pydantic import Field, field_validator, model_validator

from smartcut.best_takes.aligning import aligned, takes_of
from smartcut.best_takes.choosing import Passage, against, best_reading, told
from smartcut.best_takes.placing import FrameEdges, PlacedPassage, placed
from smartcut.best_takes.recording import TakeRecording
from smartcut.best_takes.weighing import COSTS, Candidate, Weighing
from smartcut.cut import Cut, Segment, Track
from smartcut.errors import StageError
from smartcut.offers import OfferedMoment, Offers
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Group, PathParam, Stage, find_stage
from smartcut.stages._frame_edges import frame_edges
from smartcut.stages._take_cut import TakeCut
from smartcut.stages._take_material import recording_of
from smartcut.stages._take_passages import PassageTake, TakePassage, TakePassages
from smartcut.stages._take_script import TakeScript, script_of
from smartcut.stages._take_sound import TakeSoundAnalysis
from smartcut.stages._take_tones import tones
from smartcut.stages.sharpness import SharpnessAnalysis
from smartcut.timebase import Range, TimeParam

#: Of what a recording says, so much at least is in the script, or it is no take of it; and of the
#: script, so much is said by somebody.
_SHARED, _SAID = 0.3, 0.4
#: Words of a passage in its label; passages, and words that nobody says, that notes tell of.
_LABEL_WORDS, _MOST_TOLD, _MOST_MISSING = 6, 60, 12


class Takes(Stage):
    """Puts the best reading of a script together from several takes of it.

    Takes may be files of their own, or follow each other in one, with false starts and sentences
    said again wherever they are. Their words (`transcribe` before it) are aligned with the script,
    which is `text`, a `file`, or found from the takes: what most of them say. Each word of each
    take has costs, and so has each join; of all ways through the takes, the cheapest is taken,
    exactly. A note on each passage says why, and which take comes next.

    The costs: `unsure` (the recogniser), `noise`, `pitch` and `pace` (beside the other takes),
    `blur`, and `eyes` (closed ones, with `faces` before it); `extra` words and long `pause`s that
    are played; of joins `join` (any), `edge` (no pause to cut in), `breath`, `room` (another level
    or sound of the room), `voice` (a step of pitch or pace) and `head` (a jump, with `faces`).
    `weights` count them more, or not at all.

    Joins lie in pauses, voices are brought to one level, and the sound of a louder room fades out
    under a quieter one. Other takes of each passage are kept as `alternative` tracks, neither seen
    nor heard: `export` to .otio has them as tracks that are switched off.

        - takes: {file: script.txt, morph: 0.2s}
        - takes: {weights: {blur: 0, join: 2}, alternatives: 3}

    ```yaml
    - takes: {text: "The harbour has an old lighthouse, and it was built in the year of the flood."}
    ```
    """

    name: ClassVar[str] = "takes"
    group: ClassVar[Group] = "choose"
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("transcript",),)
    hint: ClassVar[str] = "- takes"

    text: str | None = Field(None, description="The script.")
    file: PathParam | None = Field(
        None, description="A file with the script: text, or subtitles whose times do not count."
    )
    weights: dict[str, float] = Field(
        {}, description=f"What counts how much; 1 where nothing is said: {', '.join(COSTS)}."
    )
    alternatives: int = Field(
        2, ge=0, le=20, description="How many other takes of each passage are kept along."
    )
    match: bool = Field(True, description="Bring the voices of all takes to one level.")
    room_tone: bool = Field(
        True, description="Let the sound of a louder room fade out under a quieter one at joins."
    )
    crossfade: TimeParam = Field(
        Fraction(3, 100),
        le=Fraction(1, 2),
        description="Seconds of cross-fade at joins, in pauses.",
    )
    morph: TimeParam = Field(
        Fraction(0),
        le=1,
        description="Seconds in which pictures morph at joins, where pauses have room; 0: a cut.",
    )

    @model_validator(mode="after")
    def _one_script(self) -> Takes:
        if self.text is not None and self.file is not None:
            raise ValueError("give either `text` or `file`: both are the script")
        return self

    @field_validator("weights")
    @classmethod
    def _known_costs(cls, value: dict[str, float]) -> dict[str, float]:
        for name, weight in value.items():
            if name not in COSTS:
                raise ValueError(f"unknown cost {name!r}; accepted: {', '.join(COSTS)}")
            if not 0 <= weight <= 100:
                raise ValueError(f"the weight of {name!r} is {weight:g}; accepted: 0 to 100")
        return value

    def analyses(self) -> tuple[Analysis, ...]:
        return (TakeSoundAnalysis(), SharpnessAnalysis())

    def apply(self, cut: Cut, context: Context) -> Cut:
        reading = _Reading.of(self, cut, context)
        for note in reading.notes:
            cut = cut.with_note(note)
        return self._cut(cut, reading, context)

    def offers(self, cut: Cut, context: Context) -> Offers | None:
        reading = _Reading.of(self, cut, context)
        moments = sorted(reading.offered(), key=lambda moment: -moment.score)
        weights = tuple((name, self.weights.get(name, 1.0)) for name in COSTS)
        return Offers(self.name, weights, tuple(moments), len(moments))

    def passages(self, cut: Cut, context: Context) -> tuple[TakePassage, ...]:
        """Each passage of the best reading: its take, why, and the takes that were not chosen."""
        reading = _Reading.of(self, cut, context)
        edges, at = self._placed(reading, context)
        told = TakePassages(
            reading.recordings, reading.weighing, edges, self._gains(cut, reading, at),
            reading.label,
        )  # fmt: skip
        return tuple(
            reading.passage(one, (told.chosen(one), *told.others(one)), label)
            for one, label in zip(at, reading.labels, strict=True)
        )

    # ------------------------------------------------------------------------------ the reading

    def _placed(
        self, reading: _Reading, context: Context
    ) -> tuple[list[FrameEdges], list[PlacedPassage]]:
        """The edges of frames of each source, and where the passages lie."""
        edges = [FrameEdges(*frame_edges(s, context)) for s in reading.sources]
        pauses, morph = reading.weighing.pauses, float(self.morph)
        return edges, placed(reading.passages, reading.recordings, edges, pauses, morph)

    def _gains(self, cut: Cut, reading: _Reading, at: Sequence[PlacedPassage]) -> list[float]:
        """dB of each recording."""
        if not self.match:
            return [0.0] * len(reading.recordings)
        return TakeCut(cut, reading.recordings, reading.weighing, at, reading.label).gains()

    def _cut(self, cut: Cut, reading: _Reading, context: Context) -> Cut:
        _, at = self._placed(reading, context)
        take_cut = TakeCut(cut, reading.recordings, reading.weighing, at, reading.label)
        gains = self._gains(cut, reading, at)
        parts = take_cut.segments(reading.labels, gains)
        segments = [segment for own in parts for segment in own]
        laid, notes = (
            tones(at, reading.recordings, gains, self.crossfade) if self.room_tone else ([], [])
        )
        made = replace(
            cut.with_segments(tuple(segments)),
            alternatives=take_cut.alternatives(self.alternatives, gains),
            mix=replace(cut.mix, crossfade=self.crossfade),
        )
        if laid:
            track = Track("room tone", tuple(laid), kind="sound")
            made = replace(made, tracks=(*made.tracks, track))
        for note in notes:
            made = made.with_note(note)
        return self._morphed(made, parts, [one.overlap for one in at], context)

    def _morphed(
        self,
        cut: Cut,
        parts: Sequence[Sequence[Segment]],
        overlaps: Sequence[float],
        context: Context,
    ) -> Cut:
        """The cut with its joins morphed, each for as long as it has room."""
        if not self.morph:
            return cut
        number, plain = 0, 0
        for own, overlap in zip(parts, overlaps, strict=True):
            if number and overlap >= 2 / 25:
                lasts = Fraction(round(overlap * 1000), 1000)
                given = {"kind": "morph", "duration": lasts, "at": (number,)}
                join = find_stage("transitions").model_validate(given)
                cut = join.apply(cut, context)
            elif number:
                plain += 1
            number += len(own)
        if plain:
            cut = cut.with_note(
                f"takes: {plain} joins are plain cuts: the pauses there have no room for a morph"
            )
        return cut


@dataclass(frozen=True)
class _Reading:
    """The recordings, their takes, and the best reading of them."""

    sources: tuple[Source, ...]
    recordings: tuple[TakeRecording, ...]
    script: TakeScript
    said: tuple[int, ...]
    """The numbers of the script's words that somebody says."""
    owners: tuple[tuple[int, int, float], ...]
    """Of each take its recording, its number there from 1, and when it begins."""
    weighing: Weighing
    passages: tuple[Passage, ...]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, params: Takes, cut: Cut, context: Context) -> _Reading:
        used = {segment.source for segment in cut.segments}
        sources = tuple(s for s in cut.footage if s.id in used)
        recordings = tuple(recording_of(source, cut, context) for source in sources)
        if not any(own.words for own in recordings):
            raise StageError(
                "`takes` needs words, and no source has any: `transcribe` finds them, or takes "
                "them from a file (`from`)"
            )
        script = script_of(params.text, params.file, recordings)
        layers, owners, notes = _taken(script, recordings)
        said = tuple(n for n, layer in enumerate(layers) if layer)
        if len(said) < max(1, _SAID * len(script.normal)):
            raise StageError(
                f"`takes`: of the {len(script.normal)} words of the script, {len(said)} are said "
                f"in {_named(recordings)}; give takes of that script, or the script of these takes"
            )
        notes = [*script.notes, *notes, *_missing(script, layers)]
        words = [script.normal[n] for n in said]
        weighing = Weighing(words, recordings, [layers[n] for n in said], params.weights)
        found = best_reading(weighing)
        reading = cls(sources, recordings, script, said, owners, weighing, found, ())
        return replace(reading, notes=(*notes, *reading.told()))

    # ------------------------------------------------------------------------------- in words

    def label(self, take: int) -> str:
        recording, number, _ = self.owners[take]
        return f"take {number} of {self.recordings[recording].name}"

    @cached_property
    def labels(self) -> list[str]:
        """What each passage is called; no two are called the same."""
        taken: dict[str, int] = {}
        found = []
        for passage in self.passages:
            words = [self.script.written[self.said[n]] for n in _numbers(passage)]
            more = " …" if len(words) > _LABEL_WORDS else ""
            label = f"{self.label(passage.take)}: {' '.join(words[:_LABEL_WORDS])}{more}"
            taken[label] = taken.get(label, 0) + 1
            found.append(label if taken[label] == 1 else f"{label} ({taken[label]})")
        return found

    def told(self) -> list[str]:
        """What was chosen, passage by passage, and why."""
        takes = len(self.owners)
        script = "found from the takes" if self.script.is_found else "given"
        notes = [
            f"takes: {len(self.script.normal)} words ({script}), {takes} take"
            f"{'s' * (takes != 1)} in {len(self.recordings)} recording"
            f"{'s' * (len(self.recordings) != 1)}, {len(self.passages)} passage"
            f"{'s' * (len(self.passages) != 1)}"
        ]
        if takes == 1:
            notes.append("takes: there is one take only, so that there was nothing to choose from")
            return notes
        rows = list(zip(self.passages, self.labels, strict=True))
        notes += [f"takes: {self._why(passage, label)}" for passage, label in rows[:_MOST_TOLD]]
        if len(rows) > _MOST_TOLD:
            notes.append(f"takes: {len(rows) - _MOST_TOLD} more passages are not told of here")
        return notes

    def _why(self, passage: Passage, label: str) -> str:
        costs = told(passage.costs)
        own = f"costs {sum(passage.costs.values()):.2f}" + (f" ({costs})" if costs else "")
        join = f"; the join before it {told(passage.joining, 6)}" if passage.joining else ""
        if passage.runner_up is None:
            return f"{label!r} {own}{join}; no other take says all of it"
        take, worse = against(self.weighing, passage)
        more = passage.runner_up.costs_more
        by = told(worse)
        return f"{label!r} {own}{join}; next is {self.label(take)}, {more:.2f} more" + (
            f" ({by})" if by else " (its joins)"
        )

    def passage(
        self, one: PlacedPassage, takes: tuple[PassageTake, ...], label: str
    ) -> TakePassage:
        """A passage with its takes, as data."""
        passage = one.passage
        words = " ".join(self.script.written[self.said[n]] for n in _numbers(passage))
        runner = passage.runner_up
        taken = self.label(against(self.weighing, passage)[0]) if runner else None
        more = runner.costs_more if runner else None
        return TakePassage(words, takes, passage.joining, taken, more, self._why(passage, label))

    def offered(self) -> list[OfferedMoment]:
        """Each passage, and the other takes of it."""
        found = []
        for passage in self.passages:
            candidates = [(passage.candidates, passage.costs)]
            for other in passage.others:
                layers = self.weighing.layers[passage.first : passage.last + 1]
                own = tuple(layer[n] for layer, n in zip(layers, other.nodes, strict=True))
                candidates.append((own, other.costs))
            found += [self._moment(own, costs) for own, costs in candidates]
        return found

    def _moment(self, own: Sequence[Candidate], costs: Mapping[str, float]) -> OfferedMoment:
        recording = self.recordings[own[0].recording]
        start, end = recording.edges[own[0].heard][0], recording.edges[own[-1].heard][1]
        place = Range(*(Fraction(round(time * 1000), 1000) for time in (start, end)))
        count = len(own)
        shares = tuple((n, round(max(0.0, 1 - v / count), 4)) for n, v in sorted(costs.items()))
        score = round(max(0.0, 1 - sum(costs.values()) / count), 4)
        return OfferedMoment(recording.name, place, score, shares)


def _numbers(passage: Passage) -> range:
    return range(passage.first, passage.last + 1)


def _named(recordings: Sequence[TakeRecording]) -> str:
    return ", ".join(own.name for own in recordings)


def _taken(
    script: TakeScript, recordings: Sequence[TakeRecording]
) -> tuple[list[list[Candidate]], tuple[tuple[int, int, float], ...], list[str]]:
    """The candidates of each word of the script, whose each take is, and notes."""
    layers: list[list[Candidate]] = [[] for _ in script.normal]
    owners: list[tuple[int, int, float]] = []
    notes = []
    for number, own in enumerate(recordings):
        places = aligned(script.normal, own.words)
        shared = sum(place is not None for place in places)
        if shared < _SHARED * max(1, len(own.words)):
            notes.append(
                f"takes: {own.name} is left out: {shared} of its {len(own.words)} words are in the "
                "script"
                if own.words
                else f"takes: {own.name} is left out: nobody speaks in it"
            )
            continue
        for count, take in enumerate(takes_of(places), 1):
            for place, heard in take.places:
                layers[place].append(Candidate(number, len(owners), heard))
            owners.append((number, count, own.words[take.places[0][1]].start))
    return layers, tuple(owners), notes


def _missing(script: TakeScript, layers: Sequence[Sequence[Candidate]]) -> list[str]:
    """A note on the words of the script that nobody says."""
    lost = [n for n, layer in enumerate(layers) if not layer]
    if not lost:
        return []
    named = ", ".join(f"{script.written[n]!r} (word {n + 1})" for n in lost[:_MOST_MISSING])
    more = f" and {len(lost) - _MOST_MISSING} more" if len(lost) > _MOST_MISSING else ""
    return [f"takes: no take says {named}{more}: say it again, or change the script"]
