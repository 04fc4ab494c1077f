"""`chapters`: where the subject changes, with titles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from smartcut.annotation import Sentence, Shots, Transcript
from smartcut.cut import Cut
from smartcut.errors import StageError
from smartcut.interchange.chapter_lists import read_chapters
from smartcut.selecting.said import spoken_sentences
from smartcut.source import Chapter, Source
from smartcut.stage import Context, Group, PathParam, Stage
from smartcut.timebase import Range, TimeParam

_VERSION = 3
# Without a wish, no chapter is shorter than this many seconds, and than this share of the source.
_SHORTEST, _SHARE = Fraction(20), Fraction(1, 20)


class ChaptersStage(Stage):
    """Divides sources into chapters, by what is said or by scenes, and gives them titles.

    The chapters go into the file (MP4, MKV and others hold them), and follow their source through
    cuts; `smartcut chapters FILE` writes them as text for video sites. Those that a source had are
    replaced. By topics, the sentences' vectors say where the subject changes (`smartcut models pull
    minilm-l6-v2`), and a title is the phrase that is nearest to its chapter's meaning. With `file`
    times and titles are a user's: lines such as `1:05 Title`, WebVTT, or JSON, as the command
    writes them.

    ```yaml
    - chapters: {by: topics, count: 5}
    ```
    """

    name: ClassVar[str] = "chapters"
    group: ClassVar[Group] = "speech"

    by: Literal["topics", "shots"] = Field(
        "topics", description="topics: what is said, after `transcribe`; shots: after `shots`."
    )
    shortest: TimeParam | None = Field(
        None,
        gt=0,
        description="Shortest chapter; without it, 20 s or a twentieth of the source.",
    )
    count: int | None = Field(
        None, ge=1, le=200, description="How many chapters; without it, as the subject changes."
    )
    names: tuple[str, ...] = Field(
        (), description="Titles in place of those that are found, in order."
    )

    file: PathParam | None = Field(
        None, description="Chapters that are there already, as they were edited."
    )

    @model_validator(mode="after")
    def _one_way(self) -> ChaptersStage:
        if self.file is not None and (more := self.model_fields_set - {"file"}):
            raise ValueError(
                f"`file` says all there is to say; leave out {', '.join(sorted(more))}"
            )
        return self

    def needed(self) -> tuple[tuple[str, ...], ...]:
        if self.file is not None:
            return ()
        return (("transcript" if self.by == "topics" else "shots",),)

    def apply(self, cut: Cut, context: Context) -> Cut:
        if self.file is not None:
            return self._written(cut, self.file)
        footage = {source.id for source in cut.footage}
        sources, given, silent = [], list(self.names), list[str]()
        for source in cut.sources:
            found = self._chapters(cut, source, context) if source.id in footage else ()
            if source.id in footage and not found:
                what = "nobody speaks in it" if self.by == "topics" else "it has no shots"
                silent.append(f"chapters: {source.id} gets none: {what}")
            named = tuple(replace(c, title=given.pop(0) if given else c.title) for c in found)
            sources.append(replace(source, chapters=named) if named else source)
        cut = replace(cut, sources=tuple(sources))
        for note in silent:
            cut = cut.with_note(note)
        if given:
            cut = cut.with_note(f"chapters: there are fewer than `names`: {given[0]!r} is not used")
        return cut

    def _written(self, cut: Cut, file: Path) -> Cut:
        """The chapters of a file, which are those of the only source."""
        if len(cut.footage) != 1:
            raise StageError(
                f"`chapters`: {file.name} is of one source, but there are {len(cut.footage)}; "
                "`parts:` give each its own stages"
            )
        (source,) = cut.footage
        found, notes = read_chapters(file, source.duration)
        edges = [Fraction(0), *(one.start for one in found[1:]), source.duration]
        chapters = tuple(
            Chapter(Range(a, b), one.title)
            for (a, b), one in zip(pairwise(edges), found, strict=True)
        )
        sources = (replace(s, chapters=chapters) if s.id == source.id else s for s in cut.sources)
        cut = replace(cut, sources=tuple(sources))
        for note in notes:
            cut = cut.with_note(note)
        return cut

    def _chapters(self, cut: Cut, source: Source, context: Context) -> tuple[Chapter, ...]:
        shortest = self.shortest or max(_SHORTEST, source.duration * _SHARE)
        if self.by == "shots":
            shots = cut.data(Shots, "shots", source.id)
            starts = [shot.range.start for shot in shots.shots] if shots else []
            return _by_scenes(starts, source.duration, shortest, self.count)
        spoken = cut.data(Transcript, "transcript", source.id)
        sentences = spoken_sentences(spoken)
        if spoken is None or not sentences:
            return ()
        inputs = {
            "source": str(source.path),
            "sentences": [[s.text, str(s.range.start)] for s in sentences],
            "end": str(sentences[-1].range.end),
            "shortest": str(shortest),
            "count": self.count,
            "language": spoken.language,
        }

        def compute() -> list[list[Any]]:
            return _topics(sentences, shortest, self.count, spoken.language, context)

        rows = context.memo(self.name, _VERSION, inputs, compute)
        edges = [Fraction(0), *(Fraction(start) for start, _ in rows[1:]), source.duration]
        ranges = [Range(a, b) for a, b in pairwise(edges)]
        return tuple(Chapter(r, str(title)) for r, (_, title) in zip(ranges, rows, strict=True))


def _topics(
    sentences: Sequence[Sentence],
    shortest: Fraction,
    count: int | None,
    language: str,
    context: Context,
) -> list[list[Any]]:
    """[start, title] of each chapter."""
    from smartcut.models.embedded_scorer import sentence_model
    from smartcut.selecting.key_phrases import titles
    from smartcut.selecting.topics import section_starts

    model = sentence_model(context.allow_net)
    texts = [" ".join(s.text.split()) for s in sentences]
    begin = [float(s.range.start) for s in sentences]
    firsts = section_starts(
        model(texts), begin, float(sentences[-1].range.end), float(shortest), count
    )
    sections = [texts[a:b] for a, b in zip(firsts, [*firsts[1:], len(texts)], strict=True)]
    names = titles(sections, model, language)
    return [[str(sentences[a].range.start), name] for a, name in zip(firsts, names, strict=True)]


def _by_scenes(
    starts: list[Fraction], duration: Fraction, shortest: Fraction, count: int | None
) -> tuple[Chapter, ...]:
    """Chapters that begin at shots, none shorter than asked."""
    least = duration / count if count else shortest
    edges = [Fraction(0)]
    for start in starts:
        if start - edges[-1] >= least and duration - start >= min(least, shortest):
            edges.append(start)
    ends = [*edges[1:], duration]
    return tuple(
        Chapter(Range(a, b), f"Scene {number}")
        for number, (a, b) in enumerate(zip(edges, ends, strict=True), 1)
    )
