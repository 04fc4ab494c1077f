"""Moments of films that never were: textured pictures with captions over them, and noise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction as F
from pathlib import Path

import numpy as np

from benchmarks.conform_material import texture
from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.conforming.beside import LaidOver
from smartcut.cut import Cut, Segment, Track
from smartcut.learning_style.caption_look import CaptionLook, drawn_captions, spoken_film
from smartcut.learning_style.caption_seen import SeenMoment, moment_of
from smartcut.source import Source, VideoStream
from smartcut.timebase import Range
from tests.builders.captions import captions_at

SIZE = (320, 180)
_TEXT = re.findall(
    "[a-z]+",
    "the harbour lies very quiet before the boats come in and nobody says a word about the storm "
    "that took half of the pier last winter when the old light went out for the first time",
)


@dataclass(frozen=True)
class CaptionedMoments:
    name: str
    cut: Cut
    moments: tuple[SeenMoment, ...]


def spoken_cut(seed: int, seconds: int = 24) -> Cut:
    """One source, shown whole, in which sentences are said."""
    random = np.random.default_rng(seed)
    video = VideoStream(
        index=0, codec="h264", timebase=F(1, 25), width=SIZE[0], height=SIZE[1],
        pixel_format="yuv420p", rate=F(25), is_vfr=False, start=F(0), duration=F(seconds),
        frames=25 * seconds,
    )  # fmt: skip
    name = f"talk{seed}"
    digest = (name.encode().hex() * 64)[:64]
    source = Source(name, Path(f"/m/{name}.mp4"), digest, "mp4", F(0), F(seconds), video, None)
    at, sentences = F(1, 2), []
    while at < seconds - 4:
        words = []
        for _ in range(int(random.integers(5, 9))):
            place = Range(at, at + F(int(random.integers(18, 40)), 100))
            words.append(Word(place, str(random.choice(_TEXT))))
            at = place.end
        whole = Range(words[0].range.start, at)
        sentences.append(Sentence(whole, " ".join(w.text for w in words), tuple(words)))
        at += F(int(random.integers(30, 80)), 100)
    known = Annotation("transcript", name, Transcript("en", tuple(sentences)))
    shown = Segment(name, Range(F(0), F(seconds)))
    return Cut((source,), (Track("programme", (shown,)),), (known,))


def captioned(seed: int, look: CaptionLook | None, count: int = 12) -> CaptionedMoments:
    """A film with such captions, or with none, at so many of its moments."""
    cut = spoken_cut(seed)
    random = np.random.default_rng(seed)
    drawn = None
    if isinstance(look, CaptionLook):
        spoken = spoken_film(cut, SIZE)
        assert spoken is not None
        drawn = drawn_captions(spoken, look)
    moments = []
    for k in range(count):
        time = F(round(25 * (1 + 21 * (k + 0.3) / count)), 25)
        plane = texture(SIZE[1], SIZE[0], 100 * seed + k)[..., None]
        source = np.clip(110 + plane * [1.2, 0.9, 0.7], 0, 255).astype(np.uint8)
        film = source * [0.9, 1.0, 1.05] + 8
        if drawn is not None:
            film = captions_at(drawn, SIZE, time, F(1, 25), film.astype(np.float32))
        film = np.clip(film + random.normal(0, 2.0, film.shape), 0, 255).astype(np.uint8)
        one = LaidOver(0, k, film, source, np.ones(film.shape[:2], bool))
        moments.append(moment_of(one, time, F(1, 25)))
    return CaptionedMoments(f"film {seed}", cut, tuple(moments))
