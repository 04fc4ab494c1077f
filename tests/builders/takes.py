"""Takes that nobody spoke: words made of numbers, at known times, in rooms that hiss."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import numpy as np

from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.cut import Cut
from smartcut.stage import Context, Stage
from smartcut.timebase import Range
from tests.builders.sounds import write_wav

RATE = 48_000
#: Seconds of a word, of the pause between words, and of a pause that is written as ``|``.
WORD, GAP, LONG = 0.3, 0.12, 1.5
_HARMONICS = 24


@dataclass(frozen=True)
class MadeTake:
    """Samples, and (start, end, text) of each word in seconds."""

    samples: np.ndarray
    words: tuple[tuple[float, float, str], ...]
    unsure: frozenset[int] = field(default_factory=frozenset)

    def write(self, folder: Path, name: str) -> Path:
        path = folder / f"{name}.wav"
        write_wav(path, self.samples, RATE)
        return path


def made_take(
    text: str,
    *,
    room: float = -60.0,
    level: float = -20.0,
    pitch: float = 120.0,
    seed: int = 0,
    tilt: float = 0.0,
) -> MadeTake:
    """A take of a text, words of 0.3 s with 0.12 s between them.

    ``|`` is a pause of 1.5 s more; a word in asterisks is spoken with a slam over it, one with a
    tilde before it at half the pitch, one with a question mark after it is hardly recognised.
    ``room`` and ``level`` are dB RMS; ``tilt`` makes the room duller, 0 to 1.
    """
    random = np.random.default_rng(seed)
    words: list[tuple[float, float, str]] = []
    unsure: set[int] = set()
    parts: list[np.ndarray] = [np.zeros(round(0.5 * RATE))]
    at = 0.5
    for token in text.split():
        if token == "|":
            parts.append(np.zeros(round(LONG * RATE)))
            at += LONG
            continue
        plain = token.strip("*~?")
        own = _word(plain, pitch / 2 if token.startswith("~") else pitch, level)
        if token.startswith("*"):
            own = own + random.normal(0, 10 ** ((level + 2) / 20), len(own))
        if token.endswith("?"):
            unsure.add(len(words))
        words.append((round(at, 4), round(at + WORD, 4), plain))
        parts += [own, np.zeros(round(GAP * RATE))]
        at += WORD + GAP
    parts.append(np.zeros(round(0.5 * RATE)))
    samples = np.concatenate(parts)
    hiss = random.normal(0, 1, len(samples))
    if tilt:
        hiss = np.convolve(hiss, np.ones(1 + round(20 * tilt)), mode="same")
    samples = samples + hiss / hiss.std() * 10 ** (room / 20)
    return MadeTake(np.clip(samples, -1, 1), tuple(words), frozenset(unsure))


def _word(text: str, pitch: float, level: float) -> np.ndarray:
    """Harmonics under two formants that are the word's own, with soft edges."""
    random = np.random.default_rng(zlib.crc32(text.encode()))
    time = np.arange(round(WORD * RATE)) / RATE
    formants = random.uniform(300, 900), random.uniform(1000, 2600)
    sound = np.zeros(len(time))
    for number in range(1, _HARMONICS + 1):
        tone = number * pitch
        loud = sum(np.exp(-(((tone - f) / 250) ** 2)) for f in formants) + 0.05
        sound += loud * np.sin(2 * np.pi * tone * time)
    edge = np.minimum(1, np.minimum(time, time[::-1]) / 0.015)
    sound *= edge
    return np.asarray(sound / np.sqrt((sound**2).mean()) * 10 ** (level / 20))


class TakesSaid(Stage):
    """Says which words are heard when, in each source."""

    name: ClassVar[str] = "takes_said"
    gives: ClassVar[tuple[str, ...]] = ("transcript",)

    words: dict[str, tuple[tuple[float, float, str, float], ...]]

    @classmethod
    def of(cls, takes: dict[str, MadeTake]) -> TakesSaid:
        return cls(
            words={
                name: tuple(
                    (a, b, text, 0.2 if n in take.unsure else 1.0)
                    for n, (a, b, text) in enumerate(take.words)
                )
                for name, take in takes.items()
            }
        )

    def apply(self, cut: Cut, context: Context) -> Cut:
        for source in cut.footage:
            words = tuple(
                Word(Range(Fraction(str(a)), Fraction(str(b))), text, sure)
                for a, b, text, sure in self.words.get(source.id, ())
            )
            sentences = ()
            if words:
                whole = Range(words[0].range.start, words[-1].range.end)
                sentences = (Sentence(whole, " ".join(w.text for w in words), words),)
            told = Transcript("en", sentences)
            cut = cut.with_annotation(Annotation("transcript", source.id, told))
        return cut
