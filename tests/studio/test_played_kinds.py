"""What players get of every kind of source: the frames and times of the file that is rendered."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.media.codec_strings import MIMES, mime_in
from smartcut.render.write import write_all
from smartcut.testing import write_bar_coded
from tests.builders.playing import playing, samples_in, seen_in

X265 = "log-level=none:pools=1:frame-threads=1"
VP9 = {"cpu-used": "8", "b": "300k", "deadline": "realtime"}
HIDDEN = {"cpu-used": "5", "b": "300k", "auto-alt-ref": "1", "lag-in-frames": "16"}
SVT = {"preset": "12", "svtav1-params": "lp=1"}

#: name -> (suffix in, suffix out, how it is made)
QUICK: dict[str, tuple[str, str, dict[str, Any]]] = {
    "Annex B": (".ts", ".mp4", {"b_frames": 3}),
    "Matroska's clock, 29.97, from 2 s": (
        ".mkv",
        ".mp4",
        {"rate": F(30000, 1001), "start": F(2)},
    ),
    "variable rate": (".mp4", ".mp4", {"steps": (33, 34, 50, 17)}),
}
SLOW: dict[str, tuple[str, str, dict[str, Any]]] = {
    "10 bit": (".mp4", ".mp4", {"pixel_format": "yuv420p10le"}),
    "pyramid of 7": (
        ".mp4",
        ".mp4",
        {"b_frames": 7, "options": {"x264-params": "b-pyramid=normal:b-adapt=0"}},
    ),
    "23.976": (".mp4", ".mkv", {"rate": F(24000, 1001)}),
    "4:4:4": (".mp4", ".mp4", {"pixel_format": "yuv444p"}),
    "VP9": (".webm", ".webm", {"encoder": "libvpx-vp9", "audio": "libopus", "options": VP9}),
    "VP9 with hidden frames": (
        ".webm",
        ".webm",
        {"encoder": "libvpx-vp9", "audio": "libopus", "options": HIDDEN},
    ),
    "AV1": (".mp4", ".mp4", {"encoder": "libsvtav1", "options": SVT}),
    "AV1, Matroska": (".mkv", ".mkv", {"encoder": "libsvtav1", "options": SVT}),
    "AV1, 10 bit": (
        ".mp4",
        ".mp4",
        {"encoder": "libsvtav1", "pixel_format": "yuv420p10le", "options": SVT},
    ),
    "HEVC": (".mp4", ".mp4", {"encoder": "libx265", "options": {"x265-params": X265}}),
    "HEVC, Annex B, 10 bit": (
        ".ts",
        ".mp4",
        {
            "encoder": "libx265",
            "pixel_format": "yuv420p10le",
            "options": {"x265-params": X265},
        },
    ),
    "HEVC, open GOP": (
        ".mp4",
        ".mp4",
        {"encoder": "libx265", "options": {"x265-params": f"{X265}:open-gop=1"}},
    ),
}


def check(tmp_path: Path, suffixes: tuple[str, str], how: dict[str, Any]) -> None:
    source, out = tmp_path / f"a{suffixes[0]}", tmp_path / f"out{suffixes[1]}"
    write_bar_coded(source, **{"frames": 130, "size": (160, 90), "gop": 24, **how})
    film = sc.concat(sc.open(source)[F("0.4") : F("2.7")], sc.open(source)[F("1.1") : F("3.6")])
    with playing(film, out) as (playback, rendering, context):
        playback.plays = frozenset(MIMES)
        chunks = playback.show(rendering)
        assert {chunk.kind for chunk in chunks} == {"copy", "encode"}
        shown = []
        for chunk in chunks:
            data = b"".join(playback.fragment(chunk.key))
            assert mime_in(data)[:22] == chunk.mime[:22]
            samples, pictures = samples_in(data), seen_in([data])
            assert min(sample.shown for sample in samples) == 0
            assert samples[0].is_key
            assert len(samples) == len(pictures) == chunk.frames
            ends = samples[-1].decoded + samples[-1].duration
            assert ends * rendering.output.picture.timebase.numerator == pytest.approx(
                (chunk.end - chunk.start) * rendering.output.picture.timebase.denominator
            )
            shown += [(chunk.start + one.at, one) for one in pictures]
        write_all(rendering.cut, rendering.job, context)
    clock = F(1, 1000) if suffixes[1] in (".mkv", ".webm") else F(1, 90_000)
    written = seen_in(out)
    assert len(shown) == len(written)
    begins = written[0].at
    for (time, one), other in zip(shown, written, strict=True):
        assert abs(time - (other.at - begins)) <= clock
        assert one.number == other.number
        assert np.array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("name", QUICK)
def test_fragments_show_what_the_file_shows(name: str, tmp_path: Path) -> None:
    before, after, how = QUICK[name]
    check(tmp_path, (before, after), how)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_fragments_of_further_kinds_show_what_the_file_shows(name: str, tmp_path: Path) -> None:
    before, after, how = SLOW[name]
    check(tmp_path, (before, after), how)
