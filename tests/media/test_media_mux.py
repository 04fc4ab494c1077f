"""Files that come out: other players accept them, and chapters and subtitles come back."""

from __future__ import annotations

import subprocess
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

import smartcut as sc
from smartcut.media import mux
from smartcut.media.containers import CONTAINERS
from smartcut.media.piece_files import VideoPiece
from smartcut.media.probe import probe
from smartcut.testing import read_bar_codes, write_bar_coded
from smartcut.timebase import Range


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "a.mp4"
    write_bar_coded(path, size=(320, 180), b_frames=3)
    return path


def complaints(path: Path) -> str:
    """What FFmpeg's own program says when it decodes all of the file; empty when it is sound."""
    from imageio_ffmpeg import get_ffmpeg_exe

    command = [get_ffmpeg_exe(), "-nostdin", "-xerror", "-v", "error", "-i", str(path)]
    done = subprocess.run(
        [*command, "-map", "0:v?", "-map", "0:a?", "-f", "null", "-"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stderr + ("" if done.returncode == 0 else f"exit code {done.returncode}")


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("o.mp4", {}),
        ("o.mp4", {"codec": "hevc"}),
        ("o.mov", {}),
        ("o.mkv", {"audio_codec": "flac"}),
        ("o.mkv", {"codec": "ffv1", "audio_codec": "pcm"}),
        ("o.webm", {"codec": "vp9"}),
        ("o.mp4", {"codec": "av1"}),
        ("o.mp4", {"mode": "copy"}),
        ("o.mkv", {"mode": "copy"}),
    ],
)
def test_another_player_decodes_it_without_complaint(
    clip: Path, tmp_path: Path, name: str, how: dict[str, Any]
) -> None:
    out = tmp_path / name
    (sc.open(clip) | sc.trim(ranges=["0-1", "2-3"])).render(out, **how)
    assert complaints(out) == ""
    numbers, times = read_bar_codes(out)
    assert numbers == [*range(30), *range(60, 90)]
    assert all(abs(t - F(k, 30)) <= F(1, 1000) for k, t in enumerate(times))


@pytest.mark.parametrize("name", ["o.mp4", "o.mkv", "o.webm"])
def test_decoding_times_rise_and_never_pass_presentation(
    clip: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / name
    (sc.open(clip) | sc.trim(ranges=["2-3", "0.5-1.5"])).render(out)
    with av.open(str(out)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    # Matroska keeps none for pictures shown out of order
    packets = [p for p in packets if p.dts is not None]
    assert len(packets) > 1
    dts = [p.dts for p in packets]
    assert all(a < b for a, b in pairwise(dts))
    assert all(p.dts <= p.pts for p in packets)


@pytest.mark.parametrize("name", ["o.mp4", "o.mov", "o.mkv", "o.webm"])
def test_chapters_and_metadata_come_back(clip: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    steps = sc.open(clip) | sc.trim(ranges=["0-1", "2-2.5"])
    steps.render(out, chapters=True, title="Two parts")
    with av.open(str(out)) as container:
        found = [
            (c["start"] * c["time_base"], c["end"] * c["time_base"]) for c in container.chapters()
        ]
        title = container.metadata.get("title") or container.metadata.get("TITLE")
    assert found == [(0, 1), (1, F(3, 2))]
    assert title == "Two parts"


@pytest.mark.parametrize("name", ["o.mp4", "o.mkv", "o.webm"])
def test_soft_subtitles_come_back(clip: Path, tmp_path: Path, name: str) -> None:
    made = tmp_path / f"made-{name}"
    sc.open(clip).render(made)
    source = probe(made)
    assert source.video is not None
    cues = [(Range(F(1, 4), F(1)), "Grüße, one"), (Range(F(3, 2), F(5, 2)), "two\nlines")]
    out = tmp_path / name
    piece = VideoPiece(made, 0, int(3 / source.video.timebase))
    parts = mux.Parts((piece,), source.video.timebase, texts=[mux.TextTrack(cues, "eng")])
    mux.write(out, CONTAINERS[out.suffix], parts)
    assert complaints(out) == ""
    with av.open(str(out)) as opened:
        (stream,) = opened.streams.subtitles
        assert stream.language == "eng"
        packets = [p for p in opened.demux(stream) if p.size]
        told = [bytes(p) for p in packets]
        shown = [(p.pts * p.time_base, p.duration * p.time_base) for p in packets]
    texts = [(t[2:] if name == "o.mp4" else t).decode() for t in told]
    spoken = [(t, s) for t, s in zip(texts, shown, strict=True) if t]
    assert [t for t, _ in spoken] == [text for _, text in cues]
    assert [s for _, s in spoken] == [(r.start, r.duration) for r, _ in cues]
