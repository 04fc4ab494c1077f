"""How many changes of sense `elisions` marks: ``python -m benchmarks.elision_sense``.

Sentences with words left out of them, of which some change the sense and others do not
(elision_cases.yaml), are made into cuts; printed is how many of each are marked, and which ones are
missed, or marked without need; not of the set that is held back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import yaml

from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.cut import Cut, Segment, Track
from smartcut.eliding.finding import elisions
from smartcut.source import AudioStream, Source
from smartcut.timebase import Range

CASES = Path(__file__).with_name("elision_cases.yaml")
_WORD = Fraction(3, 10)


@dataclass(frozen=True, slots=True)
class SenseFigures:
    """What was marked of what."""

    changed: int
    found: int
    harmless: int
    alarms: int
    missed: tuple[str, ...]
    needless: tuple[str, ...]

    @property
    def recall(self) -> float:
        return self.found / self.changed

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.alarms)


def cut_of(case: str, language: str = "en") -> Cut:
    """What is said is all of the text; what is heard is what stands outside of brackets."""
    words: list[Word] = []
    kept: list[bool] = []
    sentences: list[Sentence] = []
    begun, is_kept, at = 0, True, Fraction(0)
    for token in re.findall(r"\[|\]|[^\s\[\]]+", case):
        if token in "[]":
            is_kept = token == "]"
            continue
        if not re.search(r"\w", token):
            continue
        words.append(Word(Range(at, at + _WORD), token))
        kept.append(is_kept)
        at += _WORD
        if token[-1] in ".?!":
            sentences.append(_sentence(words[begun:]))
            begun = len(words)
    if begun < len(words):
        sentences.append(_sentence(words[begun:]))
    audio = AudioStream(0, "aac", Fraction(1, 48000), 48000, 2, "stereo", Fraction(0), at)
    source = Source("said", Path("said.m4a"), "digest", "mp4", Fraction(0), at, None, audio)
    segments = tuple(Segment("said", place) for place in _runs(words, kept))
    told = Annotation("transcript", "said", Transcript(language, tuple(sentences)))
    return Cut((source,), (Track("programme", segments),), (told,))


def _sentence(words: list[Word]) -> Sentence:
    whole = Range(words[0].range.start, words[-1].range.end)
    return Sentence(whole, " ".join(word.text for word in words), tuple(words))


def _runs(words: list[Word], kept: list[bool]) -> list[Range]:
    found: list[Range] = []
    for word, is_kept in zip(words, kept, strict=True):
        if not is_kept:
            continue
        if found and found[-1].end == word.range.start:
            found[-1] = Range(found[-1].start, word.range.end)
        else:
            found.append(word.range)
    return found


def is_marked(case: str, language: str) -> bool:
    """Whether a change of sense is marked."""
    return any(one.senses for one in elisions(cut_of(case, language)))


def measured() -> dict[str, SenseFigures]:
    """Of each set of cases."""
    sets = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    return {name: _figures(**own) for name, own in sets.items()}


def _figures(language: str, changed: list[str], harmless: list[str]) -> SenseFigures:
    missed = tuple(case for case in changed if not is_marked(case, language))
    needless = tuple(case for case in harmless if is_marked(case, language))
    found = len(changed) - len(missed)
    return SenseFigures(len(changed), found, len(harmless), len(needless), missed, needless)


def main() -> None:
    sets = measured()
    for name, found in sets.items():
        print(
            f"{name}: changes of sense marked: {found.found} of {found.changed} (recall "
            f"{found.recall:.2f}); harmless ones marked: {found.alarms} of {found.harmless} "
            f"(precision {found.precision:.2f})"
        )
    for name, found in sets.items():
        if name == "held_back":
            continue
        for case in found.missed:
            print(f"missed in {name}: {case}")
        for case in found.needless:
            print(f"needless in {name}: {case}")


if __name__ == "__main__":
    main()
