"""Sound from samples and functions: what is heard is what was given, and mistakes are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import PipelineError

RATE = 8000
STEPS = np.linspace(-1, 1, 800)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (STEPS, STEPS),
        (np.stack([STEPS, -STEPS]).astype(np.float32), np.stack([STEPS, -STEPS])),
        (np.round(STEPS * 32767).astype(np.int16), STEPS * 32767 / 32768),
        (np.round(STEPS * 127 + 128).astype(np.uint8), np.round(STEPS * 127) / 128),
    ],
)
def test_samples_are_heard_as_they_are(given: np.ndarray, wanted: np.ndarray) -> None:
    heard = sc.open(sc.sound(given, RATE)).audio()
    assert heard.shape == np.atleast_2d(wanted).shape
    assert np.abs(heard - wanted).max() < 2e-5


def test_a_function_is_asked_for_every_time_once() -> None:
    asked: list[np.ndarray] = []

    def tone(times: np.ndarray) -> np.ndarray:
        asked.append(times)
        return 0.5 * np.sin(2 * np.pi * 50 * times)

    heard = sc.open(sc.sound(tone, RATE, duration="150s")).audio(as_="numpy")
    times = np.arange(150 * RATE) / RATE
    assert np.array_equal(np.concatenate(asked), times)
    assert len(asked) > 1
    assert np.abs(heard[0] - 0.5 * np.sin(2 * np.pi * 50 * times)).max() < 1e-6


def test_the_same_sound_is_the_same_file_and_another_rate_another() -> None:
    first = sc.sound(STEPS, RATE)
    written = first.stat().st_mtime_ns
    assert sc.sound(STEPS, RATE) == first != sc.sound(STEPS, 2 * RATE)
    assert first.suffix == ".wav"
    assert first.stat().st_mtime_ns >= written


def test_it_goes_under_a_film(tmp_path: Path) -> None:
    tone = sc.sound(0.25 * np.ones(RATE), RATE)
    film = sc.color("#000000", 2, size=(64, 64)) | sc.sounds(pieces=[{"file": tone, "at": 1}])
    heard = film.audio(rate=RATE, channels=1)[0]
    assert np.abs(heard[: RATE - 100]).max() == 0
    assert np.abs(heard[RATE + 1000 : 2 * RATE - 1000] - 0.25).max() < 0.01


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"samples": np.zeros((800, 2))}, "pass samples.T"),
        ({"samples": np.zeros((2, 3, 4))}, r"shape \(2, 3, 4\)"),
        ({"samples": np.zeros(0)}, r"shape \(0,\)"),
        ({"samples": 1.5 * STEPS}, "loudest sample is 1.5; accepted: -1 to 1"),
        ({"samples": np.array([0.0, np.nan])}, "not all finite"),
        ({"samples": np.arange(9)}, "int64; accepted: floats, or integers of 8, 16 or 32"),
        ({"samples": np.array(["a"])}, "accepted: floats"),
        ({"samples": STEPS, "rate": 10}, "rate=10 is not accepted"),
        ({"samples": STEPS, "duration": 2}, "duration= goes with a function"),
        ({"samples": np.sin}, "needs duration="),
        ({"samples": np.sin, "duration": 0}, "more than 0 seconds"),
        ({"samples": np.sin, "duration": "soon"}, "soon"),
        ({"samples": lambda t: t[1:], "duration": 1}, "given 44100 times and returned 44099"),
    ],
)
def test_what_is_no_sound_is_named(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(PipelineError, match=said):
        sc.sound(**arguments)
