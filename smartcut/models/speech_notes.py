"""What a user should know of a transcript: which languages it is in, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smartcut.annotation import Sentence, Word
from smartcut.models.speech_models import AUTO, MULTILINGUAL, SpeechTask
from smartcut.timebase import format_time

#: Words of English have 0.88 to 0.95 on average, in noise too; other languages 0.23 to 0.53.
_LEAST_PROBABLE = 0.6
_FEWEST_WORDS = 5
#: Words that are spoken have 0.34 and more on average, those of another text or language up to 0.18
#: (but for languages that a model knows and takes for English: up to 0.32).
_HARDLY_HEARD = 0.25
_UNSURE = 0.5
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class WrittenPassage:
    """The sentences of a stretch of speech, and how they came about."""

    language: str
    """ISO 639-1: that is spoken."""
    share: float
    """How probable that language is, 0..1."""
    model: str
    sentences: tuple[Sentence, ...]


def notes(
    passages: Sequence[WrittenPassage], model: str, task: SpeechTask, knows_english_only: bool
) -> tuple[str, ...]:
    """One sentence for each thing that a user should know, in that order."""
    heard = [one for one in passages if one.sentences]
    if knows_english_only:
        return tuple(_doubts(heard))
    return (*_languages(heard), *_choice(heard, model), *_unsure(heard), *_translated(heard, task))


def alignment_notes(words: Sequence[Word], file: str, language: str, model: str) -> tuple[str, ...]:
    """What a user should know of a text whose words were found in the sound.

    ``language`` is what the text was taken for. Where a text is in another one, or is not that
    which is spoken, its words are improbable.
    """
    if language != "en" and model.endswith(".en"):
        return (
            f"the words of {file} ({language}) were placed by {model!r}, which knows English only, "
            f"so their times are rough; run: smartcut models pull whisper-{MULTILINGUAL}",
        )
    if len(words) < _FEWEST_WORDS:
        return ()
    mean = sum(word.probability for word in words) / len(words)
    if mean >= _HARDLY_HEARD:
        return ()
    return (
        f"the words of {file} are hardly heard in the sound ({mean:.2f} probable, as {language}), "
        "so their times are rough: `language: CODE` says which language it is in; else see whether "
        "it belongs to this recording, and whether its times do",
    )


def _doubts(heard: Sequence[WrittenPassage]) -> Iterator[str]:
    words = [word for one in heard for sentence in one.sentences for word in sentence.words]
    if len(words) < _FEWEST_WORDS:
        return
    mean = sum(word.probability for word in words) / len(words)
    if mean < _LEAST_PROBABLE:
        yield (
            f"what is said does not seem to be English, which is all that {heard[0].model!r} knows "
            f"(its words are {mean:.2f} probable, where English is over 0.85); for other "
            f"languages: smartcut models pull whisper-{MULTILINGUAL}, then `model: {MULTILINGUAL}`"
        )


def _languages(heard: Sequence[WrittenPassage]) -> Iterator[str]:
    count = len({one.language for one in heard})
    if count < 2:
        return
    named = [f"{one.language} {_times(one)}" for one in heard[:_MOST_NAMED]]
    more = f" and {len(heard) - _MOST_NAMED} more" if len(heard) > _MOST_NAMED else ""
    yield f"speech in {count} languages: {', '.join(named)}{more}"


def _times(one: WrittenPassage) -> str:
    first, last = one.sentences[0].range.start, one.sentences[-1].range.end
    return "-".join(format_time(time, 0) for time in (first, last))


def _choice(heard: Sequence[WrittenPassage], model: str) -> Iterator[str]:
    if model == AUTO and heard:
        by = dict.fromkeys(f"{one.model} for {one.language}" for one in heard)
        yield f"`model: {AUTO}` took {', '.join(by)}"


def _unsure(heard: Sequence[WrittenPassage]) -> Iterator[str]:
    doubtful = {one.language: one.share for one in heard if one.share < _UNSURE}
    if doubtful:
        named = ", ".join(f"{language} ({share:.2f})" for language, share in doubtful.items())
        yield f"the language is uncertain: {named}; `language: CODE` says which it is"


def _translated(heard: Sequence[WrittenPassage], task: SpeechTask) -> Iterator[str]:
    foreign = dict.fromkeys(one.language for one in heard if one.language != "en")
    if task == "translate" and foreign:
        yield (
            f"translated from {', '.join(foreign)} by Whisper, which is rough and can lose the "
            "meaning: read it against what is said before it is used"
        )
