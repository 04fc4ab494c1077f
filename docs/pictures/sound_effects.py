"""Draws what effects do to sound: ``python -m docs.pictures.sound_effects [NAME ...]``.

Of those that change frequencies: how loud each is before and after, in speech of sample_media.
Run it in the root of the project.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import smartcut as sc
from docs.pictures import footage
from docs.pictures.charts import HARBOUR, axis, heard, plot, save, seconds, stacked

RATE, BLOCK = 48_000, 4_096
#: Hz: what is drawn, in sixths of octaves.
LOWEST, OCTAVES = 31.25, 9
EFFECTS: dict[str, Any] = {
    "equaliser": sc.equaliser(bass=-12, treble=6, bands=[{"frequency": 400, "db": -10}]),
    "high_pass": sc.high_pass(frequency=200, slope=24),
    "low_pass": sc.low_pass(frequency=3000, slope=24),
}


def powers(film: Any, block: int) -> np.ndarray:
    """(blocks, frequencies) of a film's sound in one channel."""
    samples = film.audio(rate=RATE, channels=1)[0]
    blocks = samples[: len(samples) // block * block].reshape(-1, block) * np.hanning(block)
    return np.asarray(np.abs(np.fft.rfft(blocks, axis=1)) ** 2) / block


def levels(power: np.ndarray) -> list[float]:
    """dB in each sixth of an octave."""
    hertz = np.fft.rfftfreq(BLOCK, 1 / RATE)
    edges = LOWEST * 2 ** (np.arange(6 * OCTAVES + 1) / 6)
    bands = [hertz[:, None] >= edges[:-1], hertz[:, None] < edges[1:]]
    inside = (bands[0] & bands[1]).astype(float)
    narrow = inside.sum(axis=0) == 0
    nearest = np.abs(hertz[:, None] - edges[:-1]).argmin(axis=0)
    inside[nearest[narrow], np.nonzero(narrow)[0]] = 1
    mean = power.mean(axis=0) @ inside / inside.sum(axis=0)
    return (10 * np.log10(mean + 1e-12)).tolist()


def spectrum(effect: Any) -> Image.Image:
    film = sc.open(HARBOUR)
    curves = {
        "before": levels(powers(film, BLOCK)),
        "after": levels(powers(film | effect, BLOCK)),
    }
    drawn = plot(range(6 * OCTAVES), curves, (0, 6 * OCTAVES), (-80, -15), "dB", 110)
    marks = [(k / OCTAVES, f"{LOWEST * 2**k:.4g} Hz") for k in range(OCTAVES)]
    return stacked(drawn, axis(marks))


def de_ess() -> Image.Image:
    """How loud it is above 4.5 kHz, 50 times a second."""
    film, block = sc.open(HARBOUR) | sc.trim(end="4s"), RATE // 50
    high = np.fft.rfftfreq(block, 1 / RATE) > 4_500
    curves = {
        name: (10 * np.log10(powers(one, block)[:, high].mean(axis=1) + 1e-9)).tolist()
        for name, one in {"before": film, "after": film | sc.de_ess(reduction=12)}.items()
    }
    times = [k / 50 for k in range(len(curves["before"]))]
    drawn = plot(times, curves, (0, 4), unit="dB above 4.5 kHz", height=110)
    return stacked(heard(film), drawn, seconds(4, 0.5))


def denoise_sound(folder: Path) -> Image.Image:
    film = sc.open(footage.hissing(folder / "hiss.wav"))
    return stacked(heard(film), heard(film | sc.denoise_sound(reduction=24)), seconds(10, 2))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = {name: lambda effect=effect: spectrum(effect) for name, effect in EFFECTS.items()}
        made |= {"de_ess": de_ess, "denoise_sound": lambda: denoise_sound(Path(folder))}
        for name in sys.argv[1:] or made:
            save(name, made[name]())


if __name__ == "__main__":
    main()
