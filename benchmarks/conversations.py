"""Conversations that nobody had: sentences of several voices in turns, at known times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.diarisation_error import Labelled
from benchmarks.voices import RATE

#: Seconds: a shorter sentence is an interjection.
_SHORT = 1.3
#: A pause in a sentence that is no longer than this counts as speech, as in NIST's references.
_PAUSE = 0.3
_SILENT, _ROOM = 0.004, 0.0003


@dataclass(frozen=True, slots=True)
class Manner:
    """How people talk to each other."""

    turns: int = 16
    sentences: tuple[int, int] = (1, 3)
    """Of a turn."""
    gaps: tuple[float, float] = (0.15, 0.7)
    """Seconds between turns."""
    pauses: tuple[float, float] = (0.2, 0.6)
    """Seconds between sentences of a turn."""
    interjections: float = 0.3
    """How often somebody says a word or two after a turn."""
    levels: float = 3.0
    """dB by which voices may be louder or quieter."""


READING = Manner(turns=9, sentences=(2, 4), interjections=0.0)


@dataclass(frozen=True, slots=True)
class MadeConversation:
    voices: tuple[str, ...]
    samples: np.ndarray
    """float32 (n,) at 16 kHz."""
    reference: tuple[Labelled, ...]

    def with_noise(self, snr: float, seed: int = 11) -> MadeConversation:
        """In white noise, ``snr`` dB below what is said."""
        said = [self.samples[round(a * RATE) : round(b * RATE)] for a, b, _ in self.reference]
        level = np.sqrt((np.concatenate(said) ** 2).mean()) * 10 ** (-snr / 20)
        noise = np.random.default_rng(seed).normal(0, level, len(self.samples))
        return MadeConversation(
            self.voices, (self.samples + noise).astype(np.float32), self.reference
        )


def converse(
    voices: dict[str, list[np.ndarray]], seed: int, manner: Manner = Manner()
) -> MadeConversation:
    """A conversation of these voices, each of which speaks; equal for equal seeds."""
    return _Conversation(voices, np.random.default_rng(seed), manner).made()


class _Conversation:
    def __init__(
        self, voices: dict[str, list[np.ndarray]], random: np.random.Generator, manner: Manner
    ) -> None:
        self._random, self._manner = random, manner
        self._voices = {name: list(random.permutation(len(own))) for name, own in voices.items()}
        self._said = voices
        self._gains = {
            name: 10 ** (random.uniform(-manner.levels, manner.levels) / 20) for name in voices
        }
        self._parts: list[tuple[int, np.ndarray]] = []
        self._reference: list[Labelled] = []
        self._at = RATE // 2

    def made(self) -> MadeConversation:
        names, manner = list(self._voices), self._manner
        speaker = names[0]
        for turn in range(manner.turns):
            others = [name for name in names if name != speaker] or names
            speaker = names[turn] if turn < len(names) else str(self._random.choice(others))
            for sentence in range(int(self._random.integers(*manner.sentences, endpoint=True))):
                self._wait(manner.pauses if sentence else manner.gaps)
                self._say(speaker, is_short=False)
            if len(names) > 1 and self._random.random() < manner.interjections:
                speaker = str(self._random.choice([name for name in names if name != speaker]))
                self._wait(manner.gaps)
                self._say(speaker, is_short=True)
        samples = self._random.normal(0, _ROOM, self._at + RATE // 2)
        for start, part in self._parts:
            samples[start : start + len(part)] += part
        return MadeConversation(tuple(names), samples.astype(np.float32), tuple(self._reference))

    def _wait(self, between: tuple[float, float]) -> None:
        self._at += int(self._random.uniform(*between) * RATE)

    def _say(self, name: str, is_short: bool) -> None:
        said, left = self._said[name], self._voices[name]
        fitting = [i for i in left if (len(said[i]) < _SHORT * RATE) == is_short] or left
        if not fitting:  # all has been said: again
            left[:] = list(self._random.permutation(len(said)))
            fitting = left
        number = fitting[0]
        left.remove(number)
        start = self._at / RATE
        self._reference += [(start + a, start + b, name) for a, b in _spoken(said[number])]
        self._parts.append((self._at, said[number] * self._gains[name]))
        self._at += len(said[number])


def _spoken(samples: np.ndarray) -> Sequence[tuple[float, float]]:
    """Seconds in which a sentence is heard, pauses that are long left out."""
    count = len(samples) // 160
    levels = np.sqrt((samples[: count * 160].reshape(count, 160) ** 2).mean(axis=1))
    found: list[tuple[float, float]] = []
    for i in np.flatnonzero(levels > _SILENT).tolist():
        start, end = i / 100, (i + 1) / 100
        if found and start - found[-1][1] <= _PAUSE:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
