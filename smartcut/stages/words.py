"""`words`: edit by the transcript."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.cut import Cut, Segment
from smartcut.diarising.labels import with_names_of
from smartcut.errors import StageError
from smartcut.interchange.words.pieces import WordsPiece
from smartcut.interchange.words.reading import WordsFile, read_words, transcript_of
from smartcut.selecting.asked import PickRules
from smartcut.source import Source
from smartcut.stage import Context, Group, PathParam, Stage
from smartcut.stages._select import MOST_PICKS, by_source, pick_note, selected
from smartcut.stages._selector import Selector
from smartcut.tightening.ranges import Ranges, left, union
from smartcut.tightening.timeline import Treated, treated
from smartcut.timebase import Range, TimeParam


class Words(Stage):
    """Cuts by what is said: by an edited transcript, or by words that are looked for.

    `smartcut words talk.mp4 -o talk.md` writes the sentences with their times and check boxes. In
    that file words and lines can be struck, deleted and moved, names before lines (`**Ada:**`,
    where `speakers` knows who speaks) mended, and a heading begins a chapter (`render: {chapters:
    true}` writes them); `file` is then the cut. No edit is the same cut, and a word that is taken
    out is exactly its range. What cannot be matched is an error with its line.

    `said` (a regular expression, in which case does not count) and `speaker` pick sentences, or
    fragments of them, from what was chosen before. `select` has a program or a language model pick
    sentences by what they mean; its answer is checked (docs/talks.md).

        - words: {file: talk.md}
        - words: {said: "sail(ing|s)? boat", take: fragments, padding: 0.3s}
        - words: {select: {command: [python3, pick.py], prompt: all that is about boats}}

    ```yaml
    - words: {file: talk.md}
    - words: {said: "sails? home"}
    ```
    """

    name: ClassVar[str] = "words"
    group: ClassVar[Group] = "choose"
    hint: ClassVar[str] = "words: {file: talk.md}"

    file: PathParam | None = Field(None, description="A words file, as it was edited.")
    said: str | None = Field(None, description="What is said: a regular expression.")
    speaker: str | None = Field(None, description="Who says it, where speakers are known.")
    select: Selector | None = Field(
        None, description="A program or a language model that picks sentences."
    )
    take: Literal["sentences", "fragments"] = Field(
        "sentences", description="Whole sentences, or the words that match alone."
    )
    padding: TimeParam = Field(
        Fraction(1, 5), ge=0, description="Seconds kept on each side, up to the next word."
    )
    leave_out: bool = Field(False, description="Leave out what is found, and keep the rest.")

    @field_validator("said")
    @classmethod
    def _is_expression(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Words:
        looks = self.said is not None or self.speaker is not None
        if looks + (self.file is not None) + (self.select is not None) != 1:
            raise ValueError("give either `file`, or `said` or `speaker` or both, or `select`")
        if self.file is not None and len(self.model_fields_set) > 1:
            others = ", ".join(sorted(self.model_fields_set - {"file"}))
            raise ValueError(f"`file` says all there is to say; leave out {others}")
        if self.take == "fragments" and self.said is None:
            raise ValueError("`take: fragments` goes with `said`")
        return self

    def needed(self) -> tuple[tuple[str, ...], ...]:
        return () if self.file is not None else (("transcript",),)

    def apply(self, cut: Cut, context: Context) -> Cut:
        if self.file is not None:
            return self._by_file(cut)
        if self.select is not None:
            return self._by_selector(cut, self.select, context)
        used = {segment.source for segment in cut.segments}
        found = {s.id: self._found(cut, s) for s in cut.footage if s.id in used}
        if not any(found.values()):
            raise StageError(f"`words` finds nothing: {self._asked(cut)}")
        return self._kept(cut, found)

    # ---------------------------------------------------------------------- an edited transcript

    def _by_file(self, cut: Cut) -> Cut:
        assert self.file is not None
        try:
            data = self.file.read_bytes()
        except OSError as error:
            raise StageError(f"`words` cannot read {self.file}: {error}") from error
        read = read_words(data, str(self.file))
        sources = _sources(cut, read, str(self.file))
        segments = tuple(_played(cut, read.pieces, sources))
        if not segments:
            raise StageError(f"`words`: nothing of what was chosen before is left in {self.file}")
        for id, source in sources.items():
            told = transcript_of(read.script, id)
            known = cut.annotation("transcript", source.id)
            if known is None or not isinstance(known.data, Transcript):
                cut = cut.with_annotation(Annotation("transcript", source.id, told, "words/1"))
            else:
                mended = with_names_of(known.data, told)
                cut = cut.with_annotation(replace(known, data=mended))
        return cut.with_segments(segments)

    # ------------------------------------------------------------------------ what is looked for

    def _by_selector(self, cut: Cut, selector: Selector, context: Context) -> Cut:
        offered = [o for o in by_source(cut) if _is_shown(cut, o.source, o.range)]
        if not offered:
            raise StageError("`words` finds nothing: nobody speaks in what was chosen before")

        def part(first: int, last: int) -> Range:
            return Range(offered[first].start, offered[last - 1].end)

        rules = PickRules((1, MOST_PICKS))
        picks = selected(
            "words", selector, offered, rules, lambda a, b: part(a, b).duration, context
        )
        used = {segment.source for segment in cut.segments}
        cut = cut.with_note(f"words: chosen by {selector.called}")
        runs: dict[str, list[Range]] = {s.id: [] for s in cut.footage if s.id in used}
        for number, pick in enumerate(picks, 1):
            source, place = offered[pick.first].source, part(pick.first, pick.last)
            runs[source].append(place)
            cut = cut.with_note(pick_note("words", number, pick, place, source))
        found = {id: self._with_padding(cut, cut.source(id), own) for id, own in runs.items()}
        return self._kept(cut, found)

    def _kept(self, cut: Cut, found: Mapping[str, Ranges]) -> Cut:
        """What was found, or all the rest."""
        segments: list[Segment] = []
        for segment in cut.segments:
            if segment.source is None or segment.source not in found:
                segments.append(segment)
                continue
            kept = found[segment.source]
            gone = kept if self.leave_out else left(segment.range, kept)
            segments += treated(segment, [Treated(part) for part in gone])
        if not segments:
            raise StageError("`words` would leave nothing of what was chosen before")
        return cut.with_segments(tuple(segments))

    def _asked(self, cut: Cut) -> str:
        parts = [] if self.said is None else [f"{self.said!r} is never said"]
        if self.speaker is not None:
            names = sorted(set(filter(None, (w.speaker for s in _sentences(cut) for w in s.words))))
            known = f"speakers: {', '.join(names)}" if names else "no speakers are known"
            parts.append(f"{self.speaker!r} says nothing there; {known}")
        return " or ".join(parts)

    def _found(self, cut: Cut, source: Source) -> Ranges:
        """What is looked for in a source, with its padding."""
        transcript = cut.data(Transcript, "transcript", source.id)
        sentences = transcript.sentences if transcript else ()
        runs = [run for sentence in sentences for run in self._runs(sentence)]
        return self._with_padding(cut, source, runs)

    def _with_padding(self, cut: Cut, source: Source, runs: Iterable[Range]) -> Ranges:
        transcript = cut.data(Transcript, "transcript", source.id)
        sentences = transcript.sentences if transcript else ()
        words = [word.range for sentence in sentences for word in sentence.words]
        return union(_padded(run, words, self.padding, source.duration) for run in runs)

    def _runs(self, sentence: Sentence) -> Iterator[Range]:
        """The parts of a sentence that match."""
        words = [w for w in sentence.words if self.speaker in (None, w.speaker)]
        if not words:
            return
        if self.said is None:
            yield Range(words[0].range.start, words[-1].range.end)
            return
        places, text = _spelled(words)
        for match in re.finditer(self.said, text, re.IGNORECASE):
            hit = [
                word.range
                for word, (start, end) in zip(words, places, strict=True)
                if start < match.end() and match.start() < end
            ]
            if hit and self.take == "fragments":
                yield Range(hit[0].start, hit[-1].end)
            elif hit:
                yield Range(words[0].range.start, words[-1].range.end)
                return


def _is_shown(cut: Cut, source: str, place: Range) -> bool:
    return any(s.source == source and s.range.overlaps(place) for s in cut.segments)


def _sentences(cut: Cut) -> Iterator[Sentence]:
    for annotation in cut.annotations:
        if isinstance(annotation.data, Transcript):
            yield from annotation.data.sentences


def _spelled(words: list[Word]) -> tuple[list[tuple[int, int]], str]:
    """Where each word lies in the text, and the text."""
    places, text = [], ""
    for word in words:
        text += " " if text else ""
        places.append((len(text), len(text) + len(word.text)))
        text += word.text
    return places, text


def _padded(run: Range, words: list[Range], padding: Fraction, duration: Fraction) -> Range:
    """A run of words with so much on each side, up to the next words."""
    before = max((w.end for w in words if w.end <= run.start), default=Fraction(0))
    after = min((w.start for w in words if w.start >= run.end), default=duration)
    start, end = max(run.start - padding, before), min(run.end + padding, after)
    return Range(min(start, run.start), max(end, run.end))


def _sources(cut: Cut, read: WordsFile, by: str) -> dict[str, Source]:
    """Which source of the cut each one of the file is; raises StageError where it has none."""
    found = {}
    for said in read.script.sources:
        same = [s for s in cut.sources if s.digest == said.digest]
        named = next((s for s in same if s.id == said.id), None)
        source = named or next(iter(same), None)
        if source is None:
            ids = ", ".join(s.id for s in cut.sources)
            raise StageError(
                f"`words`: {by} was written from {said.path}, which is none of the sources "
                f"({ids}), or has changed since; write it anew with `smartcut words`"
            )
        found[said.id] = source
    return found


def _is_in(segment: Segment, place: Range) -> bool:
    """Whether a segment shows something of a range, or holds a picture of it."""
    return segment.range.overlaps(place) or place.contains(segment.range.start)


def _played(cut: Cut, pieces: list[WordsPiece], sources: dict[str, Source]) -> Iterator[Segment]:
    """The segments of the cut in the order of the pieces, as far as these go.

    What the file does not speak of stays before or after all that it does.
    """
    known = {source.id for source in sources.values()}
    numbers = [i for i, s in enumerate(cut.segments) if s.source in known]
    first = numbers[0] if numbers else len(cut.segments)
    others = [(i, s) for i, s in enumerate(cut.segments) if s.source not in known]
    yield from (segment for i, segment in others if i < first)
    for piece in pieces:
        source = sources[piece.source].id
        for segment in cut.segments:
            if segment.source == source and _is_in(segment, piece.range):
                gone = [Treated(part) for part in left(segment.range, (piece.range,))]
                for part in treated(segment, gone):
                    yield replace(part, chapter=piece.chapter or part.chapter)
    yield from (segment for i, segment in others if i >= first)
