"""A window's words do not depend on what else is heard, nor on how many are heard at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from smartcut import usable
from smartcut.models import speech_batches
from smartcut.models.speech import SpeechRequest, load
from smartcut.models.speech_batches import (
    WindowRequest,
    WindowText,
    _Batches,
    context_of,
    written,
)
from smartcut.stage import Stopped

SAMPLES = Path(__file__).parents[2] / "sample_media"


def text(*words: str, log: float = -0.2, none: float = 0.1, squeeze: float = 1.0) -> WindowText:
    timed = tuple((float(n), n + 1.0, f" {word}", 0.9) for n, word in enumerate(words))
    return WindowText(timed, none, log, squeeze)


@pytest.mark.parametrize(
    ("found", "doubtful"),
    [
        (text("fine", "weather"), False),
        (text("mumble", log=-1.2), True),
        (text("noise", log=-1.2, none=0.9), False),
        (text("la", "la", "la"), True),
        (text("again", squeeze=2.6), True),
    ],
)
def test_doubtful_windows_are_worth_a_second_hearing(found: WindowText, doubtful: bool) -> None:
    assert found.is_doubtful is doubtful


def test_the_context_holds_the_window_and_the_silence_after_it() -> None:
    contexts = [context_of(16_000 * seconds) for seconds in (0, 13, 14, 19, 20, 25, 26, 30)]
    assert contexts == [1500, 1500, 2100, 2100, 2700, 2700, 3000, 3000]


def test_no_window_is_begun_once_the_run_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    has_ended = Event()

    class Alone:
        most = 1

        def __init__(self, *given: object) -> None: ...

        def of(self, heard: Sequence[np.ndarray], context: int) -> list[WindowText]:
            begun.append(len(heard))
            assert len(begun) == 1 or has_ended.wait(20)
            return [text("fine")]

    def stop(number: int) -> None:
        raise Stopped

    def shut(pool: ThreadPoolExecutor, wait: bool = True, **how: bool) -> None:
        """What is under way ends once the others are given up, or are waited for."""
        shutdown(pool, wait=False, **how)
        has_ended.set()
        shutdown(pool, wait=wait)

    shutdown = ThreadPoolExecutor.shutdown
    monkeypatch.setattr(speech_batches, "_Batches", Alone)
    monkeypatch.setattr(speech_batches, "usable_cores", lambda: 1)
    monkeypatch.setattr(ThreadPoolExecutor, "shutdown", shut)
    with pytest.raises(Stopped):
        written(None, [np.zeros(16_000, np.float32)] * 20, WindowRequest("en"), stop)  # type: ignore[arg-type]
    assert len(begun) <= 2


@pytest.mark.parametrize(("device", "left"), [("cpu", False), ("cuda", True)])
def test_a_batch_has_a_core_to_itself_where_it_is_computed_on_one(
    device: str, left: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[bool] = []

    def compute(self: Any, *given: Any) -> list[WindowText]:
        found.append(usable.taken_cores.leave_any(0))
        return [text("fine")]

    monkeypatch.setattr(usable, "usable_cores", lambda: 1)
    monkeypatch.setattr(_Batches, "_written", compute)
    batches = object.__new__(_Batches)
    batches._whisper = SimpleNamespace(model=SimpleNamespace(device=device))
    sound = np.zeros(16_000, np.float32)
    batches.of([sound], 1500)
    batches.again(sound, text("fine"))
    assert found == [left, left]
    assert usable.taken_cores.leave_any(0)


@pytest.mark.weights("whisper-tiny.en")
def test_words_are_the_same_in_any_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bit for bit, with their times and doubts: alone, together, in another order, by two."""
    from faster_whisper.audio import decode_audio

    model = load(SpeechRequest("faster-whisper"))
    sound = decode_audio(str(SAMPLES / "harbour.mp4"), sampling_rate=16_000)
    heard = [sound[a * 16_000 : b * 16_000] for a, b in ((1, 6), (0, 9), (8, 14), (2, 12))]
    asked = WindowRequest("en", beam_size=2)
    together = written(model, heard, asked)
    assert sum(len(one.words) for one in together) > 20
    assert [written(model, [one], asked)[0] for one in heard] == together
    assert written(model, heard[::-1], asked)[::-1] == together
    monkeypatch.setattr(speech_batches, "_TOGETHER", 3)
    monkeypatch.setattr(speech_batches, "usable_cores", lambda: 3)
    assert written(model, [*heard, np.zeros(32_000, np.float32)], asked)[:4] == together
