"""The inputs of the whole job: films, made once into the media folder, and CLIP's random weights.

``FILMS=A.mp4:B.mp4`` in the environment takes these instead of made talks.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import cycle
from pathlib import Path

import numpy as np

from benchmarks.bench import Bench
from benchmarks.films.pictures import KINDS
from benchmarks.made_speech import write_sound
from benchmarks.spoken import RAILWAY, RATE, RIVER, spoken
from benchmarks.talk_sections import SECTIONS
from smartcut.models.voice.engine import VoiceEngine

_CLIP = "ViT-B-32"


def films(bench: Bench, kind: str, seconds: float) -> list[Path]:
    """Two films of that kind which last so many seconds together.

    Raises ModelError or MissingExtra where there is no voice to speak in them.
    """
    if kind == "talk" and (own := os.environ.get("FILMS")):
        return [Path(path).resolve() for path in own.split(os.pathsep)]
    paths = [bench.media / f"{kind}-{seconds / 2:g}s-{seed}.mp4" for seed in (1, 2)]
    if not all(path.exists() for path in paths):
        _make(bench, kind, seconds / 2, paths)
    return paths


def _make(bench: Bench, kind: str, seconds: float, paths: list[Path]) -> None:
    """Make both side by side."""
    from smartcut.models.voice.engine import choose

    voice = choose("piper", None)[0]
    bench.media.mkdir(parents=True, exist_ok=True)
    bench.say(f"making {2 * seconds:g} s of {kind} (once)")
    makers = []
    for seed, path in enumerate(paths, 1):
        sound = path.with_suffix(".wav")
        write_sound(sound, _said(voice, kind, seconds, seed), RATE)
        arguments = [str(path), kind, str(seconds), str(seed), str(sound)]
        makers.append(subprocess.Popen([sys.executable, "-m", "benchmarks.films.make", *arguments]))
    for maker in makers:
        if maker.wait():
            raise RuntimeError(f"the film could not be made: {maker.args!r} failed")


def _said(voice: VoiceEngine, kind: str, seconds: float, seed: int) -> np.ndarray:
    """float32 (n,): sections of talks on end, in an order of the seed's own."""
    texts = [RAILWAY, RIVER, *(" ".join(sentences) for sentences in SECTIONS.values())]
    order = np.random.default_rng(seed).permutation(len(texts))
    sounds: list[np.ndarray] = []
    for which in cycle(order):
        sounds.append(spoken(voice, texts[which], KINDS[kind].pauses)[0])
        if sum(map(len, sounds)) >= seconds * RATE:
            return np.concatenate(sounds)[: round(seconds * RATE)]
    raise AssertionError("there are texts")


def random_clip(bench: Bench) -> Path:
    """A checkpoint of ViT-B/32 that nobody trained: as large and as slow as a trained one."""
    path = bench.media / f"{_CLIP}-random.pt"
    if not path.exists():
        bench.media.mkdir(parents=True, exist_ok=True)
        bench.say("writing random weights of CLIP (once)")
        command = [sys.executable, "-m", "benchmarks.films.clip_weights", _CLIP, str(path)]
        subprocess.run(command, check=True)
    return path
