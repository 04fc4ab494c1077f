"""`translate`: what is said, in another language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from smartcut.accepted import InWords
from smartcut.annotation import Annotation, Sentence, Transcript, Word, translation_name
from smartcut.cut import Cut
from smartcut.roots import check_inside
from smartcut.source import Source
from smartcut.stage import Context, Group, Network, Stage, Step
from smartcut.timebase import Range

_VERSION: Final = 1


@dataclass(frozen=True)
class TranslationModel(Network[Any]):
    """A CTranslate2 model in a folder."""

    folder: Path = Path()

    def load(self, device: str, allow_net: bool) -> Any:
        from smartcut.models.translation import Translator

        return Translator(self.folder, device)


def _folder(path: Path, info: ValidationInfo) -> Path:
    """Relative to the YAML file, or else to the current folder; looked into when it is needed."""
    base = (info.context or {}).get("folder")
    places = [path.expanduser()] if base is None else [base / path.expanduser(), path]
    found = next((place for place in places if place.is_dir()), places[0])
    check_inside(found)
    return found


def _terms(value: Any) -> Any:
    """A list of terms to keep, and of mappings, as one mapping."""
    if not isinstance(value, list | tuple):
        return value
    found: dict[Any, Any] = {}
    for item in value:
        if not isinstance(item, Mapping | str):
            return value  # and is told of as what it is
        found |= item if isinstance(item, Mapping) else {item: item}
    return found


class Translate(Stage):
    """Translates what is said, by a model of your own; the original stays beside it.

    The model is a folder as CTranslate2's converters make it (OPUS-MT, NLLB, M2M100, T5, MADLAD)
    with its tokenizer: `source.spm`, `sentencepiece.bpe.model` or `tokenizer.json`. Sentences keep
    their times, and words are spread over their sentence by length. `subtitles: {show: de}`, or
    `{show: [original, de]}`, shows it. Sentences in the language asked for are kept.

    ```yaml
    - transcribe
    - translate: {to: de, model: opus-mt-en-de, glossary: [smartcut], review: talk.de.csv}
    - subtitles: {show: [original, de]}
    ```
    """

    name: ClassVar[str] = "translate"
    group: ClassVar[Group] = "speech"
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("transcript",),)

    to: str = Field(description="The language: ISO 639-1, such as `de`, or as the model calls it.")
    model: Annotated[Path, AfterValidator(_folder), InWords("folder")] = Field(
        description="A folder with a CTranslate2 translation model and its tokenizer."
    )
    glossary: Annotated[
        dict[str, str], BeforeValidator(_terms), InWords("list of terms, or {TERM: TRANSLATION}")
    ] = Field(
        {},
        description="Terms that stay as they are, or are always translated the same way.",
    )
    review: str | None = Field(
        None,
        description="A table of both texts (`.csv` or `.tsv`, below the current folder): written "
        "where there is none; what you corrected in it is taken over, and the rest translated.",
    )

    @field_validator("to")
    @classmethod
    def _is_a_language(cls, value: str) -> str:
        from smartcut.media.languages import terminological

        if terminological(value) is None:
            raise ValueError(f"{value!r} is no language; give an ISO 639 code such as de")
        return value

    @field_validator("review")
    @classmethod
    def _is_a_table(cls, value: str | None) -> str | None:
        from smartcut.interchange.translation_review import SUFFIXES

        if value is None:
            return None
        path = Path(value)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"{value!r} leaves the current folder")
        if path.suffix.lower() not in SUFFIXES:
            raise ValueError(f"{value!r} is no table; accepted: {', '.join(SUFFIXES)}")
        return value

    def writes(self, context: Context) -> tuple[Path, ...]:
        return (Path(self.review),) if self.review and not Path(self.review).exists() else ()

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.interchange.translation_review import row, write_review

        made = self._translated(cut, context)
        for path in self.writes(context):
            originals = [(s, _speech(cut, s)) for s in cut.footage]
            rows = [
                row(source.id, own.range.start, own.language or spoken.language, *texts)
                for source, spoken in originals
                for own, texts in _pairs(spoken, _speech(made, source, self.to))
            ]
            write_review(path, rows)
            context.outputs.append(path)
        return made

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        found = self._translated(cut, context)
        written = [Step(self.name, str(p), "pure", "both texts") for p in self.writes(context)]
        return found, tuple(written)

    def _translated(self, cut: Cut, context: Context) -> Cut:
        from smartcut.models.translation import check_folder, digest_of

        check_folder(self.model)
        digest = digest_of(self.model)
        reviewed = self._reviewed()
        for source in cut.footage:
            spoken = _speech(cut, source)
            if not spoken.sentences:
                continue
            given = reviewed.pop(source.id, {})
            texts, notes = self._texts(source, spoken, given, digest, context)
            for note in notes:
                cut = cut.with_note(f"translate: {source.id}: {note}")
            told = replace(
                spoken,
                language=self.to,
                sentences=tuple(map(_said, spoken.sentences, texts)),
                is_captions=False,
                notes=(),
            )
            name, producer = translation_name(self.to), f"{self.name}/{_VERSION}"
            cut = cut.with_annotation(
                Annotation(name, source.id, told, producer, self.model.name, digest)
            )
        for other in reviewed:
            cut = cut.with_note(
                f"translate: {self.review} has rows of {other!r}, which is no source"
            )
        return cut

    def _reviewed(self) -> dict[str, dict[str, list[str]]]:
        """Translations from the table, by source and original text; one text may come again."""
        from smartcut.interchange.translation_review import read_review

        found: dict[str, dict[str, list[str]]] = {}
        if self.review and Path(self.review).is_file():
            for one in read_review(Path(self.review)):
                texts = found.setdefault(one.source, defaultdict(list))
                texts[_plain(one.original)].append(one.translation)
        return found

    def _texts(
        self,
        source: Source,
        spoken: Transcript,
        given: Mapping[str, list[str]],
        digest: str,
        context: Context,
    ) -> tuple[list[str], list[str]]:
        """A translation for every sentence, and notes."""
        texts: list[str | None] = []
        for sentence in spoken.sentences:
            own = given.get(_plain(sentence.text))
            kept = sentence.text if (sentence.language or spoken.language) == self.to else None
            texts.append(own.pop(0) if own else kept)
        due = [s for s, text in zip(spoken.sentences, texts, strict=True) if text is None]
        asked = [[s.language or spoken.language, _plain(s.text)] for s in due]
        rows = self._by_model(source, asked, digest, context) if due else []
        answers = iter(rows)
        found = [next(answers)[0] if text is None else text for text in texts]
        return [str(text) for text in found], list(self._notes(given, due, rows))

    def _by_model(
        self, source: Source, asked: list[list[str]], digest: str, context: Context
    ) -> list[list[Any]]:
        """[translation, terms that it lacks] of each [language, text]."""
        from smartcut.interchange.json import tells

        inputs = {
            "source": str(source.path), "texts": asked, "to": self.to, "model": digest,
            "glossary": self.glossary,
        }  # fmt: skip

        def compute() -> list[list[Any]]:
            return self._computed(source, asked, digest, context)

        return context.memo(
            "translation", _VERSION, inputs, compute, tells(list[tuple[str, list[str]]])
        )

    def _computed(
        self, source: Source, asked: list[list[str]], digest: str, context: Context
    ) -> list[list[Any]]:
        from smartcut.models.glossary import translate_with

        model = context.network(TranslationModel(self.model.name, digest, self.model))
        label = f"{source.id}: translation"
        advance = context.progress.start(label, float(len(asked)))
        found: dict[int, list[Any]] = {}
        for language in dict.fromkeys(language for language, _ in asked):
            numbers = [k for k, (own, _) in enumerate(asked) if own == language]
            before = len(found)

            def translate(
                texts: Sequence[str], language: str = language, before: int = before
            ) -> Sequence[str]:
                done: Sequence[str] = model(
                    texts, language, self.to, lambda n: advance(float(before + n))
                )
                return done

            texts = [asked[k][1] for k in numbers]
            for k, one in zip(
                numbers, translate_with(texts, self.glossary, translate), strict=True
            ):
                found[k] = [one.text, list(one.missing)]
        context.progress.done(label)
        return [found[k] for k in range(len(asked))]

    def _notes(
        self, given: Mapping[str, list[str]], due: Sequence[Sentence], rows: Sequence[Sequence[Any]]
    ) -> Iterator[str]:
        missing = list(dict.fromkeys(term for _, terms in rows for term in terms))
        if missing:
            yield (
                f"the model did not keep these terms everywhere: {', '.join(missing)}; correct the "
                "sentences in `review`"
            )
        if given and due:
            yield f"{len(due)} sentences are not in {self.review}, and were translated anew"
        unused = sum(len(texts) for texts in given.values())
        if unused:
            yield f"{unused} rows of {self.review} are of sentences that are not said"


def _speech(cut: Cut, source: Source, language: str | None = None) -> Transcript:
    name = "transcript" if language is None else translation_name(language)
    return cut.data(Transcript, name, source.id) or Transcript("en", ())


def _pairs(spoken: Transcript, told: Transcript) -> Iterator[tuple[Sentence, tuple[str, str]]]:
    for own, other in zip(spoken.sentences, told.sentences, strict=True):
        yield own, (_plain(own.text), other.text)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _said(sentence: Sentence, text: str) -> Sentence:
    """The translation of a sentence, in its time."""
    words = _spread(sentence.range, text)
    return replace(sentence, text=text, words=words, language=None)


def _spread(when: Range, text: str) -> tuple[Word, ...]:
    """Its words, or what is written without spaces in parts that may stand apart."""
    from smartcut.models.speech_alignment import spread
    from smartcut.render.captions.text import unspaced_parts

    return spread(when, [part for word in text.split() for part in unspaced_parts(word)])
