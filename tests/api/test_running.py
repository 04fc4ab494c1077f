"""Runs in threads: awaited, told of by events, cancelled, and several side by side."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction as F
from pathlib import Path
from threading import Event
from time import sleep

import numpy as np
import pytest

import smartcut as sc
from smartcut.api.events import (
    EventProgress,
    Noted,
    RunCancelled,
    RunEvent,
    WorkAdvanced,
    WorkFinished,
    WorkStarted,
)
from smartcut.testing import read_bar_codes, write_bar_coded


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "a.mp4"
    write_bar_coded(path, frames=150, rate=F(25), size=(160, 96), gop=25)
    return path


def test_events_tell_of_the_work(media: Path, tmp_path: Path) -> None:
    told: list[RunEvent] = []
    film = sc.open(media)[:2] | sc.flip()
    running = film.start(tmp_path / "a.mp4", on_event=told.append)
    seen = list(running.events())
    result = running.result()
    assert seen == told
    assert result.outputs[0] == tmp_path / "a.mp4"
    assert running.is_done
    labels = {e.label for e in seen if isinstance(e, WorkStarted)}
    assert labels == {e.label for e in seen if isinstance(e, WorkFinished)} >= {"encode a.mp4"}
    steps = [e for e in seen if isinstance(e, WorkAdvanced) and e.label == "encode a.mp4"]
    assert steps[-1].share == pytest.approx(1, abs=0.05)
    shares = [e.share or 0 for e in steps]
    assert shares == sorted(shares)
    assert list(running.events()) == []


def test_a_run_is_awaited_beside_other_work(media: Path, tmp_path: Path) -> None:
    async def work() -> tuple[int, sc.Result]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.01)

        beside = asyncio.create_task(tick())
        film = sc.open(media) | sc.apply(lambda rgb: sleep(0.002) or 255 - rgb)
        result = await film.run_async(tmp_path / "a.mp4")
        beside.cancel()
        return ticks, result

    ticks, result = asyncio.run(work())
    assert ticks > 5
    assert result.cut.duration == 6
    assert sum(1 for _ in sc.open(tmp_path / "a.mp4").frames()) == 150


def test_a_cancelled_run_ends_soon_and_leaves_no_file(media: Path, tmp_path: Path) -> None:
    out, begun = tmp_path / "a.mp4", Event()

    def slow(rgb: np.ndarray) -> np.ndarray:
        begun.set()
        sleep(0.05)
        return 255 - rgb

    film = sc.open(media) | sc.apply(slow)
    running = film.start(out)
    assert begun.wait(20)
    running.cancel()
    with pytest.raises(RunCancelled, match="the run was cancelled"):
        running.result(timeout=5)
    assert not out.exists()

    async def interrupted() -> None:
        task = asyncio.create_task(film.run_async(out))
        begun.clear()
        await asyncio.to_thread(begun.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(interrupted())
    assert not out.exists()
    film = sc.open(media)[:1]
    finished = film.start(tmp_path / "b.mp4")
    finished.result()
    finished.cancel()  # too late, and without effect
    assert finished.result().outputs


def test_errors_of_a_run_are_those_of_the_pipeline(media: Path, tmp_path: Path) -> None:
    with pytest.raises(sc.SmartcutError, match="outside of the film"):
        sc.open(media)[3:99].start(tmp_path / "a.mp4").result()
    with pytest.raises(sc.SmartcutError, match="unknown key 'resolutoin'"):
        sc.open(media).start(tmp_path / "a.mp4", resolutoin="720p")
    with pytest.raises(sc.SmartcutError, match="give `on_event`, not `progress`"):
        sc.open(media).start(tmp_path / "a.mp4", progress=print)
    with pytest.raises(sc.SmartcutError, match="on_event=3 is not accepted"):
        sc.open(media).start(tmp_path / "a.mp4", on_event=3)  # type: ignore[arg-type]


def test_notes_are_events() -> None:
    told: list[RunEvent] = []
    EventProgress(told.append, Event()).note("a note")
    assert told == [Noted("a note")]


def test_several_threads_render_and_read_at_once(media: Path, tmp_path: Path) -> None:
    def render(number: int) -> list[int]:
        out = tmp_path / f"{number}.mp4"
        film = sc.open(media)[number % 3 :][:1] | sc.zoom(scale=1.0 + number % 2 / 100)
        film |= sc.title(text="Harbour", at=0.2, duration=0.4, fade=0, size=0.06)
        film.render(out, crf=12)
        return read_bar_codes(out)[0]

    def read(number: int) -> list[float]:
        film = sc.open(media)[number:][:1]
        return [float(rgb.mean()) for _, rgb in film.frames()]

    with ThreadPoolExecutor(6) as pool:
        films = [pool.submit(render, number) for number in range(6)]
        arrays = [pool.submit(read, number) for number in (0, 1, 0, 1)]
        for number, made in enumerate(films):
            first = number % 3 * 25
            assert made.result() == list(range(first, first + 25))
        found = [one.result() for one in arrays]
    assert found[0] == found[2] == read(0)
    assert found[1] == found[3] == read(1)
