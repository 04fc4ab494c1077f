"""Captions that a user brought are shown as they are, where their source is."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import smartcut as sc
from smartcut.annotation import Annotation, Sentence, Transcript
from smartcut.cut import Captions, Cut, Segment, Track
from smartcut.interchange.subtitles.cue import Mended
from smartcut.interchange.subtitles.timed_lines import read_timed_lines
from smartcut.models.speech_alignment import spread
from smartcut.render.captions.brought import captions_of
from smartcut.render.captions.files import to_srt
from smartcut.source import Source
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range

SRT = """1
00:00:00,500 --> 00:00:01,250
One line that is short

2
00:00:01,250 --> 00:00:02,000
Two
lines, - as they are -

3
00:00:02,600 --> 00:00:03,900
Three.
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brought") / "talk.mp4"
    write_bar_coded(path, frames=120, rate=F(30), gop=30, size=(160, 90), audio=False)
    path.with_suffix(".srt").write_text(SRT)
    return path


def test_subrip_to_transcript_to_subrip_is_the_same_file(film: Path, tmp_path: Path) -> None:
    steps = sc.open(film) | sc.transcribe(text=film.with_suffix(".srt"))
    (steps | sc.subtitles(sidecar="srt")).render(tmp_path / "out.mp4")
    assert (tmp_path / "out.srt").read_text() == SRT


def clock(seconds: F) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 30)), min_size=1, max_size=20),
    st.text("abc ", min_size=1, max_size=60).filter(lambda t: t.strip() == t),
)
def test_every_plain_cue_comes_back(rows: list[tuple[int, int]], text: str) -> None:

    at, lines = F(0), []
    for number, (length, rest) in enumerate(rows, 1):
        end = at + F(length, 20)
        lines.append(f"{number}\n{clock(at)} --> {clock(end)}\n{text} {number}\n")
        at = end + F(rest, 20)
    srt = "\n".join(lines)
    found = read_timed_lines(srt, "a.srt", Mended("a.srt"))
    sentences = tuple(
        Sentence(
            Range(c.start, c.end or at),
            "\n".join(c.lines),
            spread(Range(c.start, c.end or at), " ".join(c.lines).split()),
        )
        for c in found
    )
    source = Source("a", Path("a.mp4"), "d" * 64, "mp4", F(0), at)
    cut = Cut(
        (source,),
        (Track("programme", (Segment("a", Range(F(0), at)),)),),
        (Annotation("transcript", "a", Transcript("en", sentences, is_captions=True)),),
        captions=Captions(),
    )
    assert to_srt(captions_of(cut)) == srt


def test_they_go_where_their_source_goes(film: Path, tmp_path: Path) -> None:
    steps = sc.open(film) | sc.transcribe(text=film.with_suffix(".srt"))
    steps = steps | sc.trim(ranges=["2.5-4", "0.8-1.5"]) | sc.subtitles(sidecar="srt")
    steps.render(tmp_path / "out.mp4")
    assert (tmp_path / "out.srt").read_text() == (
        "1\n00:00:00,100 --> 00:00:01,400\nThree.\n\n"
        "2\n00:00:01,500 --> 00:00:01,950\nOne line that is short\n\n"
        "3\n00:00:01,950 --> 00:00:02,200\nTwo\nlines, - as they are -\n"
    )


def _pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [f.to_ndarray(format="rgb24").astype(int) for f in container.decode(video=0)]


def test_burned_in_they_are_shown_exactly_as_long_as_they_say(film: Path, tmp_path: Path) -> None:
    steps = sc.open(film) | sc.transcribe(text=film.with_suffix(".srt"))
    style = {"colour": "#ffffff", "outline_width": 0.02, "size": 0.1}
    (steps | sc.subtitles(sidecar="none", burn=True, karaoke=True, style=style)).render(
        tmp_path / "out.mp4"
    )
    before, after = _pictures(film), _pictures(tmp_path / "out.mp4")
    drawn = [int(np.abs(a - b).max()) > 120 for a, b in zip(before, after, strict=True)]
    shown = [15 <= n < 60 or 78 <= n < 117 for n in range(120)]
    assert drawn == shown
