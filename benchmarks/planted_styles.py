"""Films whose style is known: cuts of talks that nobody recorded, with signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.annotation import Annotation, Sentence, Signal, Transcript, Word
from smartcut.cut import Cut, Segment, Track
from smartcut.source import AudioStream, Source, VideoStream
from smartcut.timebase import Range

RATE = F(25)
_STEP = F(1, 2)


@dataclass(frozen=True)
class PlantedStyle:
    """How films are cut; seconds."""

    before: float = 0.12
    after: float = 0.26
    min_cut: float = 0.35
    jitter: float = 0.0
    """Of the margins: the standard deviation."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """What the signals of a passage count for its being chosen; nothing: all are shown."""
    strength: float = 9.0
    share: float = 0.3
    """Of the passages that are chosen."""


@dataclass(frozen=True)
class Talk:
    source: Source
    sentences: tuple[Sentence, ...]
    blocks: tuple[tuple[int, int], ...]
    """First sentence and one past the last of each passage."""
    signals: Mapping[str, np.ndarray]
    """Of each block."""

    def annotations(self) -> list[Annotation]:
        found = [Annotation("transcript", self.source.id, Transcript("en", self.sentences))]
        starts = [float(self.sentences[first].range.start) for first, _ in self.blocks]
        times = np.arange(int(self.source.duration / _STEP)) * float(_STEP)
        block = np.clip(np.searchsorted(starts, times, side="right") - 1, 0, None)
        for name, values in self.signals.items():
            row = tuple(values[block].tolist())
            signal = Signal(_STEP, tuple(range(len(row))), (name,), (row,))
            found.append(Annotation(name, self.source.id, signal))
        return found


def talk(id: str, random: np.random.Generator, blocks: int, names: Sequence[str]) -> Talk:
    """Passages of three or four sentences, with pauses of all lengths between and within them."""
    at, sentences, rows = F(1), list[Any](), list[Any]()
    for _ in range(blocks):
        first = len(sentences)
        for _ in range(int(random.integers(3, 5))):
            words = []
            for _ in range(int(random.integers(3, 7))):
                place = Range(at, at + F(int(random.integers(150, 450)), 1000))
                words.append(Word(place, "word"))
                at = place.end
            whole = Range(words[0].range.start, words[-1].range.end)
            sentences.append(Sentence(whole, "word " * len(words), tuple(words)))
            at += F(int(random.integers(150, 1600)), 1000)
        rows.append((first, len(sentences)))
    video = VideoStream(
        index=0, codec="h264", timebase=F(1, 25), width=160, height=90, pixel_format="yuv420p",
        rate=RATE, is_vfr=False, start=F(0), duration=at, frames=int(at * RATE),
    )  # fmt: skip
    audio = AudioStream(1, "aac", F(1, 48000), 48000, 2, "stereo", F(0), at)
    digest = (id.encode().hex() * 64)[:64]
    source = Source(id, Path(f"/media/{id}.mp4"), digest, "mp4", F(0), at, video, audio)
    signals = {name: random.uniform(0.1, 1.0, blocks) for name in names}
    if "loudness" in signals:
        signals["loudness"] = 30 * signals["loudness"] - 50
    return Talk(source, tuple(sentences), tuple(rows), signals)


def planted_film(
    seed: int, style: PlantedStyle, *, talks: int = 2, blocks: int = 24,
    names: Sequence[str] = ("motion", "loudness", "sharpness"),
) -> Cut:  # fmt: skip
    """A film of several talks in that style."""
    random = np.random.default_rng(seed)
    given = [talk(f"talk{seed}x{n}", random, blocks, names) for n in range(talks)]
    segments = [s for one in given for s in _shown(one, style, random)]
    known = tuple(annotation for one in given for annotation in one.annotations())
    sources = tuple(one.source for one in given)
    return Cut(sources, (Track("programme", tuple(segments)),), known)


def _shown(one: Talk, style: PlantedStyle, random: np.random.Generator) -> list[Segment]:
    if not style.weights:
        return _tightened(one, (0, len(one.sentences)), style, random)
    score = sum(
        style.strength * weight * _ranks(one.signals[name])
        for name, weight in style.weights.items()
    ) + random.gumbel(size=len(one.blocks))
    best = np.sort(np.argsort(-score)[: round(style.share * len(one.blocks))])
    return [s for n in best for s in _tightened(one, one.blocks[n], style, random)]


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values)) / (len(values) - 1)


def _tightened(
    one: Talk, block: tuple[int, int], style: PlantedStyle, random: np.random.Generator
) -> list[Segment]:
    """The sentences, without pauses that are too long; edges go outwards to frames."""
    sentences = one.sentences[slice(*block)]
    edges = [sentences[0].range.start - F(1, 10)]
    for a, b in pairwise(sentences):
        before, after = (
            F(str(round(max(0.02, m + random.normal(0, style.jitter)), 3)))
            for m in (style.before, style.after)
        )
        if b.range.start - a.range.end - before - after >= F(str(style.min_cut)):
            edges += [_up(a.range.end + after), _down(b.range.start - before)]
    edges.append(sentences[-1].range.end + F(1, 10))
    return [
        Segment(one.source.id, Range(start, end))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def _down(time: F) -> F:
    return (time * RATE // 1) / RATE


def _up(time: F) -> F:
    return -((-time * RATE) // 1) / RATE
