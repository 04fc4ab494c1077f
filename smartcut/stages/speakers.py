"""`speakers`: who speaks when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from smartcut.accepted import InWords
from smartcut.annotation import Annotation, Signal, Speakers, SpeakerTurn, Transcript, Voices
from smartcut.cut import Cut
from smartcut.diarising.labels import matched, renamed, speaker_label, with_speakers
from smartcut.errors import PipelineError, StageError
from smartcut.source import Source, unused
from smartcut.stage import Analysis, Context, Group, PathParam, Stage
from smartcut.stages._sound_levels import LevelAnalysis
from smartcut.stages._voices import VoicesAnalysis
from smartcut.timebase import Range, nearest

if TYPE_CHECKING:
    import numpy as np

    from smartcut.diarising.turns import FoundTurn, HeardVoices

#: So many speakers are told apart at most.
_MOST = 20
_MILLISECOND = Fraction(1, 1000)


def _as_bounds(value: Any) -> Any:
    """``3`` and ``2..4`` as (least, most); ``auto`` as it is."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return (value, value)
    if isinstance(value, str) and value != "auto":
        least, dots, most = value.partition("..")
        try:
            return (int(least), int(most if dots else least))
        except ValueError:
            return value
    return value


class SpeakersStage(Stage):
    """Finds out who speaks when, and who says each word.

    Voices are told apart by how they sound: nobody has to be known. Speakers are called
    `SPEAKER_00`, `SPEAKER_01` ... in the order of their first words, the same in all sources;
    `names` and `voices` give them names. Where there is a transcript, its words are labelled.
    Where two speak at once, the one who is heard best counts; whoever says less than three seconds
    in all may be taken for another. With `from`, who speaks is read from a file of RTTM.

    ```yaml
    - speakers: {count: 2..4, names: {SPEAKER_00: Ada}}
    ```

    ```yaml
    - speakers: {voices: {Ada: ada.wav, Ben: ben.wav}}
    ```
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    name: ClassVar[str] = "speakers"
    group: ClassVar[Group] = "speech"
    gives: ClassVar[tuple[str, ...]] = ("speakers",)
    short: ClassVar[str] = "count"
    hint: ClassVar[str] = "- speakers"

    count: Annotated[
        Literal["auto"] | tuple[int, int],
        BeforeValidator(_as_bounds),
        InWords("auto, a number, or LEAST..MOST"),
    ] = Field("auto", description="How many speak: `auto`, 3, or 2..4.")
    names: dict[str, str] = Field({}, description="Other names: `{SPEAKER_00: Ada}`.")
    voices: dict[str, PathParam] = Field(
        {}, description="A recording in which each speaks alone, some seconds long: `{Ada: a.wav}`."
    )
    turns: PathParam | None = Field(
        None, alias="from", description="A file of RTTM that says it; `turns` in Python."
    )

    @model_validator(mode="after")
    def _can_be(self) -> SpeakersStage:
        if self.count != "auto":
            least, most = self.count
            if not 1 <= least <= most <= _MOST:
                raise ValueError(f"count is 1 to {_MOST} speakers, the lesser number first")
        if self.turns is not None and (self.voices or self.count != "auto"):
            raise ValueError("`from` says who speaks; leave out `count` and `voices`")
        return self

    def analyses(self) -> tuple[Analysis, ...]:
        return () if self.turns is not None else (VoicesAnalysis(), LevelAnalysis())

    def apply(self, cut: Cut, context: Context) -> Cut:
        if self.turns is not None:
            found, notes = self._read(cut, self.turns), list[str]()
        else:
            found, notes = self._heard(cut, context)
        names = list(dict.fromkeys(turn.speaker for own in found.values() for turn in own))
        if unknown := [name for name in self.names if name not in names]:
            known = f"speakers: {', '.join(names)}" if names else "nobody speaks"
            notes.append(f"speakers: there is no {', '.join(unknown)} to be renamed; {known}")
        for source in cut.footage:
            turns = renamed(found.get(source.id, ()), self.names)
            cut = _labelled(cut, source, turns)
        told = [self.names.get(name, name) for name in names]
        for note in (_told(told), *notes):
            cut = cut.with_note(note)
        return cut

    # ------------------------------------------------------------------------ from the voices

    def _heard(
        self, cut: Cut, context: Context
    ) -> tuple[dict[str, tuple[SpeakerTurn, ...]], list[str]]:
        from smartcut.diarising.turns import joined, turns_of
        from smartcut.diarising.voices import count_of, voices_in

        recordings = {s: heard for s in cut.footage if (heard := _recording(s, context))}
        if not recordings:
            return {}, []
        lengths = [float(source.duration) for source in recordings]
        whole, starts = joined(list(recordings.values()), lengths)
        labels = voices_in(whole, *(self.count if self.count != "auto" else (1, None)))
        turns = turns_of(whole, labels)
        names, notes = self._named(turns, whole, context)
        if self.count != "auto" and (found := count_of(turns)) < self.count[0]:
            notes.append(f"speakers: {found} voices are heard, not {self.count[0]}")
        placed = dict(zip(recordings, starts, strict=True))
        return {
            source.id: tuple(_turns(turns, names, start, source))
            for source, start in placed.items()
        }, notes

    def _named(
        self, turns: list[FoundTurn], whole: HeardVoices, context: Context
    ) -> tuple[dict[int, str], list[str]]:
        """What each voice is called, and what the user should know of it."""
        from smartcut.diarising.voices import centroids_in

        order = list(dict.fromkeys(turn.voice for turn in turns))
        names = {voice: speaker_label(place) for place, voice in enumerate(order)}
        if not self.voices or not order:
            return names, []
        import numpy as np

        samples = np.stack([_sample(n, path, context) for n, path in self.voices.items()])
        own = centroids_in(whole, turns)[order]
        pairs = matched(own @ samples.T)
        known = list(self.voices)
        names.update({order[row]: known[column] for row, column in pairs.items()})
        missing = [name for i, name in enumerate(known) if i not in pairs.values()]
        notes = [f"speakers: the voice of {name} is not heard" for name in missing]
        return names, notes

    # ---------------------------------------------------------------------------- from a file

    def _read(self, cut: Cut, path: Path) -> dict[str, tuple[SpeakerTurn, ...]]:
        from smartcut.interchange.rttm import from_rttm

        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise StageError(f"`speakers` cannot read {path}: {error}") from error
        try:
            told = from_rttm(text, str(path))
        except PipelineError as error:
            raise StageError(f"`speakers`: {error}") from error
        sources = [s for s in cut.footage if s.audio is not None] or list(cut.footage)
        if len(told) == 1 and len(sources) == 1:
            (turns,) = told.values()
            return {sources[0].id: _within(turns, sources[0])}
        found = {}
        for source in sources:
            name = next((n for n in (source.id, source.path.stem) if n in told), None)
            if name is not None:
                found[source.id] = _within(told[name], source)
        if not found:
            raise StageError(
                f"`speakers`: {path} speaks of {', '.join(told)}, and the sources are called "
                f"{', '.join(s.id for s in sources)}; its second column names the recording"
            )
        return found


def _labelled(cut: Cut, source: Source, turns: tuple[SpeakerTurn, ...]) -> Cut:
    """The cut with who speaks in a source, and its words labelled."""
    cut = cut.with_annotation(Annotation("speakers", source.id, Speakers(turns), "speakers/1"))
    said = cut.annotation("transcript", source.id)
    if said is not None and isinstance(said.data, Transcript):
        cut = cut.with_annotation(replace(said, data=with_speakers(said.data, turns)))
    return cut


def _told(names: list[str]) -> str:
    if not names:
        return "speakers: nobody speaks"
    count = "one speaker" if len(names) == 1 else f"{len(names)} speakers"
    return f"speakers: {count}: {', '.join(names)}"


def _recording(source: Source, context: Context) -> HeardVoices | None:
    """What is known of the speech in a source; None where there is none."""
    import numpy as np

    from smartcut.diarising.turns import HeardVoices
    from smartcut.tightening.levels import exact_edges

    voices = context.result(VoicesAnalysis(), source).data
    levels = context.result(LevelAnalysis(), source).data
    assert isinstance(voices, Voices)
    assert isinstance(levels, Signal)
    if not voices.windows:
        return None
    vectors = context.cache.load_array(voices.array, mapped=True)
    assert vectors is not None, "the cache lost what it has just given"
    return HeardVoices(
        _seconds(exact_edges(voices.stretches, levels)),
        _seconds(voices.windows),
        np.asarray(vectors),
        np.array(levels.channel("level"), np.float32),
    )


def _seconds(ranges: tuple[Range, ...]) -> np.ndarray:
    import numpy as np

    return np.array([[float(r.start), float(r.end)] for r in ranges])


def _turns(
    turns: list[FoundTurn], names: Mapping[int, str], start: float, source: Source
) -> Iterator[SpeakerTurn]:
    """Those of one recording, which begins at ``start``, in its own time."""
    for turn in turns:
        ends = (nearest(Fraction(t - start) * 1000) * _MILLISECOND for t in (turn.start, turn.end))
        first, last = (min(max(t, Fraction(0)), source.duration) for t in ends)
        if first < last and start <= turn.start < start + float(source.duration):
            yield SpeakerTurn(Range(first, last), names[turn.voice])


def _within(turns: tuple[SpeakerTurn, ...], source: Source) -> tuple[SpeakerTurn, ...]:
    whole = Range(Fraction(0), source.duration)
    seen = ((turn, turn.range.intersect(whole)) for turn in turns)
    return tuple(replace(turn, range=place) for turn, place in seen if place is not None)


def _sample(name: str, path: Path, context: Context) -> np.ndarray:
    """float32 (D,): how a voice sounds, of length 1; raises StageError where nobody speaks."""
    import numpy as np

    from smartcut.diarising.turns import centroids_of
    from smartcut.media.probe import probe

    source: Source = probe(path, id=unused(path.stem, ()), cache=context.cache)
    voices = context.result(VoicesAnalysis(), source).data
    assert isinstance(voices, Voices)
    if not voices.windows:
        raise StageError(f"`speakers`: nobody speaks in {path}, which is to be the voice of {name}")
    vectors = context.cache.load_array(voices.array)
    assert vectors is not None
    weights = np.array([[float(w.duration) for w in voices.windows]])
    return np.asarray(centroids_of(weights, vectors)[0])
