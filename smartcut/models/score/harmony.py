"""Keys, chords and how their notes move from one to the next. Pure; pitches are MIDI numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

_LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_KEY = re.compile(r"([A-Ga-g])([#♯b♭]?)[ -]*(major|minor|maj|min|m|)", re.IGNORECASE)
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_MINOR = (0, 2, 3, 5, 7, 8, 10)
_DOMINANT = 4


@dataclass(frozen=True, slots=True)
class MusicalKey:
    """``tonic`` counts semitones from C."""

    tonic: int
    mode: Literal["major", "minor"]

    def scale(self, degree: int = 0) -> tuple[int, ...]:
        """The pitch classes over the chord on ``degree``, from the tonic up.

        In minor the seventh is raised over the dominant, so that it leads to the tonic.
        """
        steps = _MAJOR if self.mode == "major" else _MINOR
        if self.mode == "minor" and degree == _DOMINANT:
            steps = (*steps[:6], steps[6] + 1)
        return tuple((self.tonic + step) % 12 for step in steps)

    def chord(self, degree: int) -> tuple[int, int, int]:
        """Root, third and fifth, as pitch classes; ``degree`` 0 is the tonic."""
        scale = self.scale(degree)
        root, third, fifth = (scale[(degree + step) % 7] for step in (0, 2, 4))
        return root, third, fifth


def parse_key(text: str) -> MusicalKey:
    """The key from ``C minor``, ``F# major``, ``Bb`` or ``Am``; raises ValueError."""
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a key; write it like `C minor`, `F# major` or `Bb`")
    letter, sign, mode = match.groups()
    is_minor = mode == "m" or mode.lower() in ("min", "minor")
    tonic = (_LETTERS[letter.lower()] + _SIGNS[sign.lower()]) % 12
    return MusicalKey(tonic, "minor" if is_minor else "major")


def led(chords: Sequence[tuple[int, ...]], lowest: int, highest: int) -> list[tuple[int, ...]]:
    """The chords as pitches in a range, each note moving as little as can be to the next chord.

    Every pitch class of a chord is there once; among equals the middle of the range is kept to.
    """
    middle = (lowest + highest) / 2
    voiced: list[tuple[int, ...]] = []
    for chord in chords:
        places = [[p for p in range(lowest, highest + 1) if p % 12 == c] for c in chord]
        before = voiced[-1] if voiced else None

        def cost(
            notes: tuple[int, ...], before: tuple[int, ...] | None = before
        ) -> tuple[float, ...]:
            spread = float(max(notes) - min(notes))
            drift = abs(sum(notes) / len(notes) - middle)
            if before is None:
                return (spread + drift, *notes)
            moved = sum(abs(a - b) for a, b in zip(notes, before, strict=True))
            return (moved + drift / 4 + max(0.0, spread - 12), *notes)

        voiced.append(min((tuple(sorted(n)) for n in product(*places)), key=cost))
    return voiced


def near(classes: Sequence[int], pitch: float) -> int:
    """The pitch of one of the classes that is nearest to ``pitch``; the lower of two."""
    around = range(round(pitch) - 12, round(pitch) + 13)
    return min((p for p in around if p % 12 in classes), key=lambda p: (abs(p - pitch), p))
