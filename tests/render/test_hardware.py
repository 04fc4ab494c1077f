"""Encoders in hardware: tried first, named in a note and in the key, or replaced by software."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import smartcut as sc
from smartcut.media import hardware
from smartcut.testing import read_bar_codes, write_bar_coded


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=20, size=(160, 90), audio=None)
    return path


def spans(out: Path) -> dict:
    told = json.loads((out.parent / f"{out.stem}.manifest.json").read_text())
    return told["settings"]["picture"]


def test_what_is_not_here_is_said_and_software_does_it(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "FAMILIES", {"nvenc": {"h264": "h264_none"}, "qsv": {}})
    for wanted, said in (
        ("nvenc", "encoded by software: nvenc: this build of FFmpeg has it not"),
        ("auto", "has it not; qsv: it has no encoder for h264"),
    ):
        out = tmp_path / f"{wanted}.mp4"
        result = sc.open(clip).render(out, mode="encode", encoder=wanted)
        assert any(said in note for note in result.notes)
        assert spans(out)["encoder"] is None
        assert read_bar_codes(out)[0] == list(range(20))
    assert (tmp_path / "nvenc.mp4").read_bytes() == (tmp_path / "auto.mp4").read_bytes()


def test_what_works_is_used_and_part_of_the_key(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A software encoder stands in for the chip.
    monkeypatch.setattr(hardware, "FAMILIES", {"qsv": {"h264": "libx264"}})
    plain, chip = tmp_path / "plain.mp4", tmp_path / "chip.mp4"
    sc.open(clip).render(plain, mode="encode")
    result = sc.open(clip).render(chip, mode="encode", encoder="auto")
    assert any(note.startswith("encoded by libx264; its bits") for note in result.notes)
    assert spans(chip)["encoder"] == "libx264"
    assert read_bar_codes(chip)[0] == list(range(20))
    assert plain.stat().st_size != chip.stat().st_size  # encoded again, with other settings


def test_parts_between_copied_ones_are_encoded_by_software(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "FAMILIES", {"qsv": {"h264": "libx264"}})
    path, out = tmp_path / "long.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=90, size=(160, 90), gop=30, audio=None)
    (sc.open(path) | sc.trim(start="0.5")).render(out, encoder="qsv")
    assert spans(out)["encoder"] is None
    assert read_bar_codes(out)[0] == list(range(15, 90))


def test_one_that_is_listed_and_does_not_work_is_found_out() -> None:
    why = hardware.why_not("h264_nvenc", "yuv420p")
    assert why is None or "it does not work here" in why or "has it not" in why
    assert hardware.why_not("libx264", "yuv420p") is None
    assert hardware.why_not("libx264", "bgr24") == "it does not take bgr24"
