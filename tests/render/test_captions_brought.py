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
from smartcut.annotation import Annotation, Transcript
from smartcut.cut import Captions, Cut, Segment, Track
from smartcut.render.captions.brought import captions_of
from smartcut.render.captions.files import to_srt
from smartcut.source import Source
from smartcut.stages.transcribe import Transcribe
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


#: What no player takes for anything but text: no markup, no times, no number alone.
_LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="<>{}&\\")
_LINES = st.text(_LETTERS, min_size=1, max_size=40).map(lambda t: " ".join(t.split())).filter(
    lambda t: t and "-->" not in t and not t.isdigit() and not _INVISIBLE & {*t}
)  # fmt: skip
_INVISIBLE = {"\u200b", "\u2060", "\ufeff", "\ufdd0", "\ufdd1", "\ufdd2"}
_ROWS = st.tuples(
    st.integers(1, 9000), st.integers(0, 4_000_000), st.lists(_LINES, min_size=1, max_size=3)
)


@given(st.lists(_ROWS, min_size=1, max_size=8))
def test_every_plain_cue_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, list[str]]]
) -> None:
    """SubRip, read as a transcript and written again, is the same to the last byte."""
    at, cues = F(0), []
    for number, (length, rest, lines) in enumerate(rows, 1):
        end = at + F(length, 1000)
        text = "\n".join(lines)
        cues.append(f"{number}\n{clock(at)} --> {clock(end)}\n{text}\n")
        at = end + F(rest, 1000)
    srt = "\n".join(cues)
    path = tmp_path_factory.mktemp("plain") / "a.srt"
    path.write_text(srt, encoding="utf-8", newline="")
    source = Source("a", path, "d" * 64, "mp4", F(0), at + 1)
    given_text = Transcribe.model_validate({"from": str(path)}, context={"folder": path.parent})
    (speech,) = given_text.analyses()
    spoken = speech.empty(source)
    assert isinstance(spoken, Transcript)
    assert spoken.notes == ()
    cut = Cut(
        (source,),
        (Track("programme", (Segment("a", Range(F(0), at + 1)),)),),
        (Annotation("transcript", "a", spoken),),
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
