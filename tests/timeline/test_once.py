"""What is to happen once in a process happens once, whatever the number of threads that ask."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from smartcut.once import once
from tests.builders.toy_clip import TOY

_THREADS = 16


def asked_at_once(call: object, times: int = _THREADS) -> list[object]:
    """What each of so many threads gets, or the error it meets, all asking at the same time."""
    start = Barrier(times)

    def ask(_: int) -> object:
        start.wait()
        try:
            return call()  # type: ignore[operator]
        except ValueError as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(ask, range(times)))


def test_threads_that_ask_meanwhile_wait_for_the_one_answer() -> None:
    calls: list[str] = []

    @once
    def load(name: str) -> object:
        """Doc."""
        calls.append(name)
        time.sleep(0.05)
        return object()

    answers = asked_at_once(lambda: load("a"))
    assert calls == ["a"]
    assert len({id(answer) for answer in answers}) == 1
    assert load("b") is not answers[0]
    assert load.__doc__ == "Doc."
    load.cache_clear()
    assert load("a") is not answers[0]
    assert calls == ["a", "b", "a"]


def test_an_error_is_not_kept() -> None:
    calls: list[int] = []

    @once
    def fail() -> str:
        calls.append(1)
        if len(calls) < 3:
            raise ValueError(f"call {len(calls)}")
        return "there"

    answers = asked_at_once(fail, 4)
    assert sorted(map(str, answers)) == ["call 1", "call 2", "there", "there"]
    assert len(calls) == 3


def test_a_slow_answer_keeps_only_those_waiting_who_ask_the_same() -> None:
    both = Barrier(2, timeout=10)

    @once
    def meet(name: str) -> str:
        both.wait()  # only passes where the two calls run side by side
        return name

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(meet, ["a", "b"])) == ["a", "b"]


def fresh_process(code: str, *arguments: str) -> None:
    """Run the code where nothing is imported yet; its errors are the test's."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]


_IMPORTS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import torch

sys.setswitchinterval(1e-6)
from smartcut.models import torchvision_shim

start = Barrier(8)


def ask(name):
    start.wait()
    return getattr(torchvision_shim, name)()


def load(_):
    start.wait()
    return torchvision_shim.import_with_torchvision("torchvision").ops.nms


with ThreadPoolExecutor(8) as pool:
    whole = list(pool.map(ask, ["ensure_torchvision"] * 8))
    sys.setswitchinterval(0.005)  # what is imported then takes its time otherwise
    assert len(set(whole)) == 1, whole
    assert len(set(pool.map(load, range(8)))) == 1
"""


def test_torchvision_is_made_whole_once() -> None:
    fresh_process(_IMPORTS)


_TWO_SOURCES = """
import sys

import smartcut as sc

folder, *videos = sys.argv[1:]
asked = sc.open(*videos) | sc.relevance(prompts=["a dog"], model=f"local-dir:{folder}")
cut = asked.cut(jobs=len(videos))
assert len({a.source for a in cut.annotations if a.name == "relevance"}) == len(videos)
"""


@pytest.fixture(scope="module")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CLIP of random weights, as in toy_clip, made where torchvision is not needed here."""
    folder = tmp_path_factory.mktemp("toy-clip")
    code = """
import json, sys
from pathlib import Path
import torch
from smartcut.models.torchvision_shim import import_with_torchvision
from safetensors.torch import save_file
folder, config = Path(sys.argv[1]), json.loads(sys.argv[2])
model = import_with_torchvision("open_clip").model.CLIP(**config)
save_file(model.state_dict(), folder / "open_clip_model.safetensors")
(folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}))
"""
    fresh_process(code, str(folder), json.dumps(TOY))
    return folder


@pytest.mark.slow
def test_several_sources_and_an_open_clip_model(toy_folder: Path, tmp_path: Path) -> None:
    import cv2

    videos = []
    for i in range(4):
        path = tmp_path / f"{i}.mp4"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48))
        for n in range(10):
            writer.write(np.full((48, 64, 3), (20 * n, 50 * i, 90), np.uint8))
        writer.release()
        videos.append(str(path))
    fresh_process(_TWO_SOURCES, str(toy_folder), *videos)


def test_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from smartcut import spec_files

    class Pipe:
        """Holds its text until it is read, as a pipe does."""

        def __init__(self) -> None:
            self.buffer = self
            self._text = b"stages: [tighten]"

        def read(self) -> bytes:
            text, self._text = self._text, b""
            time.sleep(0.02)
            return text

    monkeypatch.setattr(sys, "stdin", Pipe())
    spec_files._standard_input.cache_clear()
    try:
        answers = asked_at_once(lambda: spec_files.read_pipeline_text(Path("-")).text)
    finally:
        spec_files._standard_input.cache_clear()
    assert answers == ["stages: [tighten]"] * _THREADS


def test_one_folder_holds_the_colour_tables_of_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    from smartcut.media import look_up

    made: list[str] = []
    make = look_up.tempfile.mkdtemp

    def slow(**settings: str) -> str:
        made.append(make(**settings))
        time.sleep(0.02)
        return made[-1]

    monkeypatch.setattr(look_up.tempfile, "mkdtemp", slow)
    look_up._folder.cache_clear()
    table = np.zeros((2, 2, 2, 3))
    files = asked_at_once(lambda: look_up.cube_file(table))
    assert len(made) == 1
    assert set(files) == {Path(made[0]) / files[0].name}  # type: ignore[attr-defined]


def test_an_encoder_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from smartcut.media import hardware

    tried: list[str] = []

    def refuse(encoder: str, name: str) -> None:
        tried.append(encoder)
        time.sleep(0.02)

    monkeypatch.setattr(hardware, "given_format", refuse)
    hardware.why_not.cache_clear()
    try:
        answers = asked_at_once(lambda: hardware.why_not("libx264", "yuv420p"))
    finally:
        hardware.why_not.cache_clear()
    assert tried == ["libx264"]
    assert set(answers) == {"it does not take yuv420p"}
