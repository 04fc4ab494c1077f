"""Places where a copy begins are checked by their packets; pictures where these do not tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import smartcut as sc
from smartcut.media.decode import DecoderPool
from smartcut.media.probe import examined
from smartcut.media.same_packets import Place, decodes_alike
from smartcut.render.splicing import verify
from smartcut.testing import read_bar_codes, write_bar_coded
from tests.builders.damaged_copies import damage_copies

#: Frames of parts that begin at key frames, 12 apart, and end where no later packet is needed.
PARTS = ((0, 12), (24, 36), (48, 60), (84, 96))


def made(path: Path, params: str = "") -> Path:
    """96 frames with a key frame every 12; x264's macroblock trees may differ from run to run."""
    options = {"x264-params": f"scenecut=0:mbtree=0{params}"}
    write_bar_coded(path, frames=96, gop=12, options=options)
    return path


def place(path: Path, number: int) -> Place:
    source, index = examined(path, digest=path.name)
    assert index is not None
    return Place(source, index, number)


def parts_of(path: Path, out: Path) -> Any:
    ranges = [f"{first}f-{last}f" for first, last in PARTS]
    return (sc.open(path) | sc.trim(ranges=ranges)).render(out)


def numbers() -> list[int]:
    return [n for first, last in PARTS for n in range(first, last)]


def test_packets_tell_a_copy_from_another_part_and_another_encoder(tmp_path: Path) -> None:
    first, copied = made(tmp_path / "a.mp4"), made(tmp_path / "b.mkv")
    other = made(tmp_path / "c.mp4", ":no-cabac=1")
    assert decodes_alike(place(copied, 12), place(first, 12), 2)
    assert not decodes_alike(place(copied, 24), place(first, 12), 2)
    assert not decodes_alike(place(other, 12), place(first, 12), 2)
    assert not decodes_alike(place(copied, 84), place(first, 84), 13)  # there are twelve


def test_of_places_with_the_same_packets_one_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = made(tmp_path / "a.mp4"), tmp_path / "o.mp4"
    looked: list[str] = []
    frames = DecoderPool.frames

    def counted(self: DecoderPool, source: Any, *rest: Any) -> Iterator[Any]:
        looked.append(source.path.suffix)
        return frames(self, source, *rest)

    monkeypatch.setattr(verify.DecoderPool, "frames", counted)
    parts_of(path, out)
    assert read_bar_codes(out)[0] == numbers()
    assert len(looked) == 2  # the first seam, there and in the source


def test_a_later_place_that_is_damaged_is_found_and_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = made(tmp_path / "a.mp4"), tmp_path / "o.mp4"
    damage_copies(monkeypatch, lambda number: number == 3)
    result = parts_of(path, out)
    assert any("encoded after all" in note for note in result.notes)
    shown = json.loads((tmp_path / "o.manifest.json").read_text())["intervals"]
    assert [one["how"] for one in shown] == ["copy", "copy", "encode", "encode"]
    assert read_bar_codes(out)[0] == numbers()
