"""Decoding in a graphics chip: used where its pictures are the software's, or else not."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction as F
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av.codec.context import CodecContext
from av.error import ExternalError

from smartcut.errors import SourceError
from smartcut.media import chip_decoding
from smartcut.media.index import video_index
from smartcut.media.listen import listen
from smartcut.media.probe import probe
from smartcut.models import device
from smartcut.stage import Frames, Picture
from smartcut.testing import write_bar_coded

_NUMBERS = count(100)  # a chip that was tried is known by its number
_WISHES = Frames((64, 36), "rgb"), Frames((96, 54), "gray", every=F(2)), Frames((160, 90), "rgb")


class StandIn:
    """A software decoder that answers as one in the chip does."""

    is_hwaccel = True

    def __init__(self, name: str, fails_after: int | None, wrong: bool) -> None:
        vars(self)["inner"] = CodecContext.create({"av1": "libdav1d"}.get(name, name), "r")
        vars(self)["left"] = fails_after
        vars(self)["wrong"] = wrong

    def decode(self, packet: Any) -> Iterator[Any]:
        for frame in self.inner.decode(packet):
            if self.left is not None:
                vars(self)["left"] -= 1
                if self.left < 0:
                    raise ExternalError(1, "no surfaces left")
            form = "p010le" if "10" in frame.format.name else "nv12"
            shown = frame.reformat(format=form, threads=1)
            if self.wrong:
                np.frombuffer(memoryview(shown.planes[0]), np.uint8)[7] ^= 1
            yield shown

    def __getattr__(self, name: str) -> Any:
        return getattr(vars(self)["inner"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.inner, name, value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chip")
    write_bar_coded(folder / "h264.mp4", frames=40, size=(160, 90), gop=12, audio=None)
    write_bar_coded(
        folder / "hevc.mkv", frames=20, size=(160, 90), gop=10, audio=None, encoder="libx265",
        pixel_format="yuv420p10le", options={"x265-params": "log-level=none"},
    )  # fmt: skip
    return folder


def seen(path: Path, gpu: int | None, wishes: tuple[Frames, ...] = _WISHES) -> list[np.ndarray]:
    kept: list[np.ndarray] = []

    class Keeper:
        def feed(self, item: Picture) -> None:
            kept.append(item.pixels.copy())

        def finish(self) -> Any:
            raise NotImplementedError

    source = probe(path)
    listen(source, [(wish, Keeper()) for wish in wishes], video_index(source), gpu=gpu)
    return kept


def stand_in(
    monkeypatch: pytest.MonkeyPatch, fails_after: int | None = None, wrong: bool = False
) -> tuple[int, list[str]]:
    """The number of a new chip, and what decoders it was asked for, those of the trial included."""
    asked: list[str] = []

    def made(name: str, gpu: int) -> StandIn:
        asked.append(name)
        tried = len(asked) <= 2  # it is there; it decodes what was made to try it
        return StandIn(name, None if tried else fails_after, wrong)

    monkeypatch.setattr(chip_decoding, "in_chip", made)
    return next(_NUMBERS), asked


def same(found: list[np.ndarray], expected: list[np.ndarray]) -> bool:
    pairs = zip(found, expected, strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("name", ["h264.mp4", "hevc.mkv"])
@pytest.mark.parametrize("wishes", [_WISHES, _WISHES[1:2]], ids=["all", "some"])
def test_analyses_see_the_same_pictures(
    folder: Path, name: str, wishes: tuple[Frames, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = seen(folder / name, None, wishes)
    gpu, asked = stand_in(monkeypatch)
    assert same(seen(folder / name, gpu, wishes), expected)
    assert asked == [name.partition(".")[0]] * 3


def test_a_chip_whose_pictures_differ_by_a_bit_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = seen(folder / "h264.mp4", None)
    gpu, asked = stand_in(monkeypatch, wrong=True)
    assert same(seen(folder / "h264.mp4", gpu), expected)
    assert len(asked) == 2
    assert (
        chip_decoding.why_not("h264", "yuv420p", gpu)
        == "its pictures are not those of the software"
    )


@pytest.mark.parametrize("wishes", [_WISHES, _WISHES[1:2]], ids=["all", "some"])
def test_software_goes_on_where_the_chip_fails(
    folder: Path, wishes: tuple[Frames, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = seen(folder / "h264.mp4", None, wishes)
    gpu, asked = stand_in(monkeypatch, fails_after=2)
    assert same(seen(folder / "h264.mp4", gpu, wishes), expected)
    assert len(asked) == 3


def test_a_damaged_file_is_told_of_as_software_does(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = probe(folder / "h264.mp4")
    index = video_index(source)
    gpu, _ = stand_in(monkeypatch, fails_after=0)

    monkeypatch.setattr("smartcut.media.packets.PacketReader.from_key", lambda self, pts: iter(()))
    with pytest.raises(SourceError, match="cannot be decoded; the file is damaged"):
        listen(source, [(_WISHES[0], None)], index, gpu=gpu)  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("asked", "driver", "number"),
    [("cpu", True, None), ("auto", False, None), ("auto", True, 0), ("cuda", True, 0),
     ("cuda:3", True, 3)],
)  # fmt: skip
def test_which_chip_belongs_to_a_device(
    asked: str, driver: bool, number: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_driver_sees_a_gpu", lambda: driver)
    assert device.chip_of(asked) == number


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["h264", "hevc", "vp9", "av1"])
def test_a_chip_decodes_to_the_bit(name: str) -> None:
    assert chip_decoding.why_not(name, "yuv420p", 0) is None
