"""What a recogniser is sent: the speech without its long silences, in windows cut at pauses.

Whisper's encoder takes time with the square of what it hears at once, and its decoder is far
cheaper for several windows together than one after the other. So windows are shorter than the 30 s
that it can hear, and are divided where pauses are longest: inside a word only where nobody pauses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from smartcut.models.voice_activity import RATE, STEP
from smartcut.models.word_times import Piece, pauses

#: Seconds of silence that are not sent, where a pause lasts longer; so much of it is kept on either
#: side, since the detector is late.
LEFT_OUT, KEPT = 0.5, 0.3
#: Seconds of speech in a window at most: of less, more words are wrong (benchmarks/speech_ways.py).
LONGEST = 25.0
#: What a cut costs where there is no pause, how long a pause costs nothing, and each window.
_NO_PAUSE, _FULL_PAUSE, _WINDOW = 4.0, 0.8, 0.6
#: Where nobody pauses for so many seconds, a cut may fall on the weakest moment.
_UNBROKEN = 2.0
# A moment that is so many dB weaker than the usual one costs half.
_DEEP = 10.0


def spoken_pieces(voice: np.ndarray, count: int, pause: float = LEFT_OUT) -> list[Piece]:
    """The (first, last) samples of speech that pauses of so many seconds divide, with margins.

    ``voice`` is the probability of a voice in every 512 of ``count`` samples at 16 kHz.
    """
    length = count / RATE
    silent = pauses(voice, length)
    if not silent:
        return []
    inner = [(a, b) for a, b in silent[1:-1] if b - a >= pause]
    edges = [silent[0][1], *(x for gap in inner for x in gap), silent[-1][0]]
    spoken = list(zip(edges[::2], edges[1::2], strict=True))
    found = []
    for number, (start, end) in enumerate(spoken):
        before = spoken[number - 1][1] if number else -KEPT
        after = spoken[number + 1][0] if number + 1 < len(spoken) else length + KEPT
        first = max(0.0, start - min(KEPT, (start - before) / 2))
        last = min(length, end + min(KEPT, (after - end) / 2))
        found.append((round(first * RATE), min(count, round(last * RATE))))
    return [piece for piece in found if piece[1] > piece[0]]


def windows(
    samples: np.ndarray, voice: np.ndarray, pieces: Sequence[Piece], longest: float = LONGEST
) -> list[tuple[Piece, ...]]:
    """The pieces in windows of so many seconds at most, as few and as well divided as can be.

    No window holds more, and all of the pieces' samples are in one of them, in order.
    """
    most = int(longest * RATE)
    cuts = _cuts(samples, voice, pieces, most)
    chosen = _cheapest(cuts, most)
    return [_between(pieces, a.at, b.at) for a, b in pairwise(chosen)]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place in the speech without its silences, in samples, and what cutting there costs."""

    at: int
    cost: float


def _cuts(samples: np.ndarray, voice: np.ndarray, pieces: Sequence[Piece], most: int) -> list[_Cut]:
    """The ends, and every place between at which a window may end."""
    silent = pauses(voice, len(samples) / RATE)
    found, before = [_Cut(0, 0.0)], 0
    for first, last in pieces:
        inside = [
            (round((a + b) / 2 * RATE), b - a)
            for a, b in silent[1:-1]
            if first < (a + b) / 2 * RATE < last
        ]
        at = [(first, 0.0), *inside, (last, 0.0)]
        for number, (place, pause) in enumerate(at[1:], 1):
            weak = _weakest(samples, voice, at[number - 1][0], place, min(most, _unbroken()))
            found += [_Cut(before + at - first, cost) for at, cost in weak]
            if number < len(at) - 1:
                missing = max(0.0, 1 - pause / _FULL_PAUSE)
                found.append(_Cut(before + place - first, missing**2))
        before += last - first
        found.append(_Cut(before, 0.0))
    return found


def _unbroken() -> int:
    return int(_UNBROKEN * RATE)


def _weakest(
    samples: np.ndarray, voice: np.ndarray, first: int, last: int, apart: int
) -> list[tuple[int, float]]:
    """The weakest moment of every so many samples, but near the ends, and what a cut there costs.

    That is the less the farther its level lies below the usual one.
    """
    steps = np.arange(-(-first // STEP) + 1, last // STEP - 1)
    each = max(apart // STEP, 1)
    if len(steps) <= each:
        return []
    power = np.array([float(np.square(samples[s * STEP : (s + 1) * STEP]).mean()) for s in steps])
    level = 10 * np.log10(np.maximum(power, 1e-12)) + 20 * voice[steps]
    usual = float(np.median(level))
    found = []
    for at in range(0, len(steps) - each + 1, each):
        place = at + int(np.argmin(level[at : at + each]))
        depth = max(0.0, usual - float(level[place]))
        middle = int(steps[place]) * STEP + STEP // 2
        found.append((middle, _NO_PAUSE / (1 + depth / _DEEP)))
    return found


def _cheapest(cuts: Sequence[_Cut], most: int) -> list[_Cut]:
    """The cheapest way from the first to the last in steps of so many samples at most."""
    cost, came = [0.0], [0]
    low = 0
    for number in range(1, len(cuts)):
        while cuts[number].at - cuts[low].at > most and low < number - 1:
            low += 1
        best = min(range(low, number), key=lambda k: (cost[k], -k))
        cost.append(cost[best] + cuts[number].cost + _WINDOW)
        came.append(best)
    path = [len(cuts) - 1]
    while path[-1]:
        path.append(came[path[-1]])
    return [cuts[number] for number in reversed(path)]


def _between(pieces: Sequence[Piece], first: int, last: int) -> tuple[Piece, ...]:
    """The pieces from one place of the speech to another."""
    found, before = [], 0
    for start, end in pieces:
        a, b = max(first - before, 0), min(last - before, end - start)
        if b > a:
            found.append((start + a, start + b))
        before += end - start
    return tuple(found)
