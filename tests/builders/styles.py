"""Cuts in a planted style, with files that are as long as what they show, and silent."""

from __future__ import annotations

import math
import wave
from dataclasses import replace
from pathlib import Path

from benchmarks.planted_styles import PlantedStyle, planted_film
from smartcut.interchange.files import write_cut
from smartcut.media.probe import probe

_RATE = 8000


def write_styled(folder: Path, style: PlantedStyle, count: int = 3) -> list[Path]:
    """``style0.json`` and so on in a folder, with their files."""
    found = []
    for number in range(count):
        cut = planted_film(number, style, talks=1)
        sources = []
        for source in cut.sources:
            path = folder / f"{source.id}.wav"
            _write_silence(path, float(source.duration))
            sources.append(replace(probe(path), id=source.id))
        found.append(folder / f"style{number}.json")
        write_cut(replace(cut, sources=tuple(sources)), found[-1])
    return found


def _write_silence(path: Path, seconds: float) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(_RATE)
        file.writeframes(b"\x80" * math.ceil(seconds * _RATE))
