"""Subtitles, chapters and titles of a source go where its pictures go."""

from __future__ import annotations

import subprocess
from fractions import Fraction as F
from pathlib import Path

import av
import imageio_ffmpeg
import pytest

import smartcut as sc
from smartcut.media.probe import probe
from smartcut.media.texts import read_texts, text_streams
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range

SRT = """1
00:00:00,500 --> 00:00:01,500
first

2
00:00:02,000 --> 00:00:03,000
second, on
two <i>lines</i>

3
00:00:04,000 --> 00:00:04,800
third
"""
METADATA = """;FFMETADATA1
title=The harbour
artist=Somebody
location=+52.5200+013.4050/
[CHAPTER]
TIMEBASE=1/1000
START=0
END=2500
title=Morning
[CHAPTER]
TIMEBASE=1/1000
START=2500
END=5000
title=Evening
"""


@pytest.fixture(params=["mp4", "mkv"])
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Five seconds with subtitles, two chapters and a title."""
    plain, path = tmp_path / "plain.mp4", tmp_path / f"told.{request.param}"
    write_bar_coded(plain, frames=150)
    (tmp_path / "t.srt").write_text(SRT)
    (tmp_path / "t.txt").write_text(METADATA)
    inputs = [str(plain), str(tmp_path / "t.srt"), str(tmp_path / "t.txt")]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
    command += [x for name in inputs for x in ("-i", name)]
    command += ["-map", "0", "-map", "1", "-map_metadata", "2", "-c", "copy"]
    command += ["-c:s", "mov_text" if request.param == "mp4" else "srt"]
    subprocess.run([*command, "-metadata:s:s:0", "language=deu", str(path)], check=True)
    return path


def texts(path: Path) -> list[tuple[Range, str]]:
    source = probe(path)
    (stream,) = text_streams(source)
    assert stream.language == "deu"
    return read_texts(source, stream)


def test_they_are_read(told: Path) -> None:
    source = probe(told)
    assert [c.title for c in source.chapters] == ["Morning", "Evening"]
    assert source.chapters[1].range == Range(F(5, 2), F(5))
    assert dict(source.metadata)["title"] == "The harbour"
    assert [t for _, t in texts(told)] == ["first", "second, on\ntwo lines", "third"]
    assert texts(told)[1][0] == Range(F(2), F(3))


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_they_are_clipped_at_cuts_and_moved_along(told: Path, suffix: str) -> None:
    out = told.with_name(f"out.{suffix}")
    (sc.open(told) | sc.trim(ranges=["1-2.5", "4-5"])).render(out)
    assert texts(out) == [
        (Range(F(0), F(1, 2)), "first"),
        (Range(F(1), F(3, 2)), "second, on\ntwo lines"),
        (Range(F(3, 2), F(23, 10)), "third"),
    ]
    made = probe(out)
    assert [(c.title, c.range) for c in made.chapters] == [
        ("Morning", Range(F(0), F(3, 2))),
        ("Evening", Range(F(3, 2), F(5, 2))),
    ]
    said = {key.lower(): value for key, value in made.metadata}
    assert (said["title"], said["artist"]) == ("The harbour", "Somebody")
    assert "location" not in said


def test_one_that_goes_on_stays_one(told: Path) -> None:
    out = told.with_name("out.mkv")
    (sc.open(told) | sc.trim(ranges=["0-2.2", "2.2-5"])).render(out)
    assert len(texts(out)) == 3
    assert len(probe(out).chapters) == 2


def test_they_stay_behind_where_asked(told: Path) -> None:
    out = told.with_name("out.mkv")
    sc.open(told).render(out, follow=False, title="Mine")
    with av.open(str(out)) as container:
        assert not container.streams.subtitles
    made = probe(out)
    assert not made.chapters
    assert {k.lower(): v for k, v in made.metadata}["title"] == "Mine"
    assert "artist" not in {k.lower() for k, _ in made.metadata}
