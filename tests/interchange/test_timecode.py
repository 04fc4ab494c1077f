"""Frames counted in the index, and timecode: accepted as a time, and carried along."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import pytest

import smartcut as sc
from smartcut.errors import PipelineError
from smartcut.testing import read_bar_codes, write_bar_coded

NTSC = F(30000, 1001)
STEPS = (33, 34, 67, 40, 20)


def copied(path: Path, source: Path, **how: Any) -> Path:
    """All packets of a file, in another container or with other metadata."""
    metadata = how.pop("metadata", {})
    with av.open(str(source)) as given, av.open(str(path), "w", **how) as output:
        output.metadata.update(metadata)
        streams = [output.add_stream_from_template(s, opaque=True) for s in given.streams]
        for packet in given.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                output.mux(packet)
    return path


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    write_bar_coded(tmp_path / "plain.mp4", size=(160, 90), rate=NTSC)
    return tmp_path / "plain.mp4"


def shown(path: Path, text: str, out: Path, **settings: Any) -> list[int]:
    (sc.open(path) | sc.trim(ranges=[text])).render(out, **settings)
    return read_bar_codes(out)[0]


def test_frame_numbers_are_frames_in_every_file(plain: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    fragments = {"movflags": "+frag_keyframe+empty_moov"}
    files = [
        plain,
        copied(tmp_path / "a.ts", plain),
        copied(tmp_path / "frag.mp4", plain, options=fragments),
        tmp_path / "vfr.mkv",
    ]
    write_bar_coded(files[-1], size=(160, 90), steps=STEPS)
    for path in files:
        assert shown(path, "36f-46f", out) == list(range(36, 46))
        assert shown(path, "3f-5f", out) == [3, 4]
        assert shown(path, "85f-", out) == list(range(85, 90))
    with pytest.raises(PipelineError, match="no frame 91: plain has 90 frames"):
        shown(plain, "10f-91f", out)


def said(path: Path) -> str | None:
    """The timecode that a file says its first frame has."""
    with av.open(str(path)) as container:
        kept = [container.metadata, *(s.metadata for s in container.streams)]
    found = [v for m in kept for k, v in m.items() if k.lower() == "timecode"]
    return found[0] if found else None


@pytest.mark.parametrize("name", ["in.mov", "in.mp4", "in.mkv"])
@pytest.mark.parametrize("out", ["out.mov", "out.mp4", "out.mkv"])
def test_a_files_own_timecode_is_a_time_and_goes_along(
    name: str, out: str, plain: Path, tmp_path: Path
) -> None:
    path = copied(tmp_path / name, plain, metadata={"timecode": "01:00:59;20"})
    assert said(path) == "01:00:59;20"
    # Minute 1 begins with number 2: of the frames 0 and 1 only the numbers are left out.
    assert shown(path, "01:00:59;28-01:01:00;07", tmp_path / out) == list(range(8, 15))
    assert said(tmp_path / out) == "01:00:59;28"
    assert shown(path, "00:00:00;12-00:00:00;20", tmp_path / out, mode="encode") == [*range(12, 20)]
    assert said(tmp_path / out) == "01:01:00;04"
    assert shown(path, "15f-30f", tmp_path / out, fps=25)[0] == 15
    assert said(tmp_path / out) == "01:01:00:06"


def test_files_without_timecode_get_none_and_one_that_cannot_go_along_is_noted(
    plain: Path, tmp_path: Path
) -> None:
    shown(plain, "1f-30f", tmp_path / "out.mov")
    assert said(tmp_path / "out.mov") is None
    write_bar_coded(tmp_path / "v.mkv", size=(160, 90), steps=STEPS, audio=None)
    path = copied(tmp_path / "coded.mkv", tmp_path / "v.mkv", metadata={"timecode": "01:00:00:00"})
    result = sc.open(path).render(tmp_path / "out.mp4")
    assert said(tmp_path / "out.mp4") is None
    assert any("timecode is dropped" in note for note in result.notes)


def test_tracks_of_data_are_noted(plain: Path, tmp_path: Path) -> None:
    path = tmp_path / "telemetry.ts"
    with av.open(str(plain)) as given, av.open(str(path), "w") as output:
        data = output.add_data_stream("klv")
        streams = [output.add_stream_from_template(s, opaque=True) for s in given.streams]
        for packet in given.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                output.mux(packet)
        told = av.Packet(b"\x06\x0e\x2b\x34" + bytes(28))
        told.stream, told.pts, told.dts, told.time_base = data, 0, 0, F(1, 90_000)
        output.mux(told)
    result = sc.open(path).render(tmp_path / "out.mp4")
    assert [n for n in result.notes if "its data track 0 (klv) is left out" in n]
    chapters = copied(tmp_path / "in.mov", plain, metadata={"timecode": "01:00:00;00"})
    assert not [n for n in sc.open(chapters).render(tmp_path / "o.mov").notes if "data" in n]
