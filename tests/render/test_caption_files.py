from __future__ import annotations

import html
import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.annotation import Word
from smartcut.colours import rgba
from smartcut.errors import RenderError
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.files import to_ass, to_srt, to_vtt, write_sidecar
from smartcut.text_style import TextStyle
from smartcut.timebase import Range

NASTY = ["a <b>bold</b> {\\an8}claim", "1 < 2 & 3 --> 4", "C:\\new\\Name {x}", "שלום 世界 — ♪"]


def cue(start: object, end: object, *lines: str) -> Cue:
    return Cue(Range(Fraction(start), Fraction(end)), lines, ())  # type: ignore[arg-type]


def spoken(start: Fraction, *texts: str, each: Fraction) -> Cue:
    words = tuple(
        Word(Range(start + i * each, start + (i + 1) * each), t) for i, t in enumerate(texts)
    )
    return Cue(Range(start, words[-1].range.end), (" ".join(texts),), words)


TWO = (cue("0.0005", "1.5", "Hello,", "world"), cue("61.25", "3600.9996", "Good-bye"))


def test_srt_is_as_players_expect_it() -> None:
    assert to_srt(TWO) == (
        "1\n00:00:00,001 --> 00:00:01,500\nHello,\nworld\n\n"
        "2\n00:01:01,250 --> 01:00:01,000\nGood-bye\n"
    )


def test_vtt_is_as_players_expect_it() -> None:
    assert to_vtt(TWO) == (
        "WEBVTT\n\n1\n00:00:00.001 --> 00:00:01.500\nHello,\nworld\n\n"
        "2\n00:01:01.250 --> 01:00:01.000\nGood-bye\n"
    )


def test_no_captions_make_valid_empty_files() -> None:
    assert to_srt([]) == ""
    assert to_vtt([]).strip() == "WEBVTT"
    assert "[Events]" in to_ass([], TextStyle())


_lines = st.lists(
    st.text(r"abnNhiz<>/{}\&;:,.-=0123éß世界שלוםمहि♪😀'\"", min_size=1, max_size=20).map(
        lambda text: f"a {text} z"
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def _cues(draw: st.DrawFn) -> list[Cue]:
    at, result = Fraction(0), []
    for _ in range(draw(st.integers(0, 6))):
        at += draw(st.fractions(0, 2, max_denominator=90000))
        end = at + draw(st.fractions(Fraction(1, 24), 5, max_denominator=90000))
        result.append(Cue(Range(at, end), tuple(draw(_lines)), ()))
        at = end
    return result


def _shown(event: pysubs2.SSAEvent) -> list[str]:
    return [line.replace("\u2060", "") for line in event.text.split("\\N")]


@settings(max_examples=50)
@given(_cues())
def test_srt_read_back_has_the_same_text_and_times(made: list[Cue]) -> None:
    if not made:
        return
    read = pysubs2.SSAFile.from_string(to_srt(made), "srt", keep_html_tags=True)
    texts = [e.text.replace("\u2060", "") for e in read]
    assert texts == ["\\N".join(c.written) for c in made]
    for event, original in zip(read, made, strict=True):
        assert abs(event.start - original.range.start * 1000) <= Fraction(1, 2)
        assert abs(event.end - original.range.end * 1000) <= Fraction(1, 2)
    assert all(a.end <= b.start for a, b in pairwise(read))


@settings(max_examples=50)
@given(_cues())
def test_vtt_read_back_has_the_same_text(made: list[Cue]) -> None:
    text = to_vtt(made)
    read = pysubs2.SSAFile.from_string(text, "vtt", keep_html_tags=True)
    assert [html.unescape(e.text) for e in read] == ["\\N".join(c.written) for c in made]
    assert text.count("-->") == len(made)


@settings(max_examples=50)
@given(_cues())
def test_ass_read_back_has_the_same_text_and_times(made: list[Cue]) -> None:
    read = pysubs2.SSAFile.from_string(to_ass(made, TextStyle()), "ass")
    for event, original in zip(read, made, strict=True):
        shown = [line.replace("\\{", "{").replace("\\}", "}") for line in _shown(event)]
        assert shown == list(original.lines)
        assert abs(event.start - original.range.start * 1000) <= 5
        assert abs(event.end - original.range.end * 1000) <= 5


def test_text_that_looks_like_markup_is_shown_as_it_is() -> None:
    made = [cue(i, i + 1, text) for i, text in enumerate(NASTY)]
    srt = pysubs2.SSAFile.from_string(to_srt(made), "srt")
    assert [e.text.replace("\u2060", "").strip("\u202a\u202b\u202c") for e in srt] == NASTY
    assert "{\\" not in to_srt(made)
    assert "<b" not in to_srt(made)
    assert "a &lt;b&gt;bold&lt;/b&gt; {\\an8}claim" in to_vtt(made)
    assert "\\{\\\u2060an8\\}claim" in to_ass(made, TextStyle())


def test_captions_shorter_than_a_tick_keep_their_order() -> None:
    made = [cue(Fraction(i, 5000), Fraction(i + 1, 5000), str(i) + "x") for i in range(4)]
    read = pysubs2.SSAFile.from_string(to_srt(made), "srt")
    assert [(e.start, e.end) for e in read] == [(0, 1), (1, 2), (2, 3), (3, 4)]


def test_overlapping_captions_are_refused() -> None:
    with pytest.raises(RenderError, match=r"overlap: 'a' ends at 00:00:02.000 and 'b' starts"):
        to_srt([cue(0, 2, "a"), cue("1.9", 3, "b")])


def test_times_that_the_format_cannot_hold_are_refused() -> None:
    late = [cue(36000, 36001, "ten hours in")]
    assert "10:00:00,000" in to_srt(late)
    with pytest.raises(RenderError, match="ASS files hold times below 10:00:00"):
        to_ass(late, TextStyle())


# -------------------------------------------------------------------------------------- karaoke


def _timed(text: str) -> str:
    """A text with no tags but those of karaoke."""
    return re.sub(r"\\t\([^)]*\)|\\[12][ca]&H[0-9A-F]*&", "", text)


def test_karaoke_marks_each_word_in_hundredths() -> None:
    made = [spoken(Fraction(1), "Row,", "row", "gently", each=Fraction(1, 4))]
    read = pysubs2.SSAFile.from_string(to_ass(made, TextStyle(highlight="#ffd54a")), "ass")
    assert _timed(read[0].text) == r"{\k25}Row, {\k25}row {\k25}gently"
    assert read[0].text.startswith(
        r"{\1c&H4AD5FF&\1a&H00&\2c&HFFFFFF&\2a&H00&\t(250,250,\1c&HFFFFFF&"
    )


def test_karaoke_does_not_drift() -> None:
    texts = [f"w{i}" for i in range(100)]
    made = [spoken(Fraction(1, 3), *texts, each=Fraction(1, 30))]
    read = pysubs2.SSAFile.from_string(to_ass(made, TextStyle(highlight="#ffd54a")), "ass")
    steps = [int(k) for k in re.findall(r"\\k(\d+)", read[0].text)]
    assert len(steps) == 100
    for i in range(100):
        exact = Fraction(1, 3) + Fraction(i, 30)
        assert abs(Fraction(read[0].start, 1000) + Fraction(sum(steps[:i]), 100) - exact) <= (
            Fraction(1, 200)
        )


def test_karaoke_waits_for_a_word_after_a_silence() -> None:
    words = (
        Word(Range(Fraction(0), Fraction(1, 2)), "one"),
        Word(Range(Fraction(1), Fraction(2)), "two"),
    )
    made = [Cue(Range(Fraction(0), Fraction(2)), ("one", "two"), words)]
    read = pysubs2.SSAFile.from_string(to_ass(made, TextStyle(highlight="#ffd54a")), "ass")
    assert _timed(read[0].text) == r"{\k100}one\N{\k100}two"


# ----------------------------------------------------------------------------------------- style


def test_the_style_is_in_the_picture_s_pixels() -> None:
    style = TextStyle(colour="#ff8000", highlight="#00ff00", margin=0.1, position="top")
    read = pysubs2.SSAFile.from_string(to_ass([], style, (1280, 720)), "ass")
    made = read.styles["Default"]
    assert (read.info["PlayResX"], read.info["PlayResY"]) == ("1280", "720")
    assert made.fontname == "Noto Sans"
    assert made.primarycolor == pysubs2.Color(0, 255, 0, 0)
    assert made.secondarycolor == pysubs2.Color(255, 128, 0, 0)
    assert made.alignment == pysubs2.Alignment.TOP_CENTER
    assert (made.marginl, made.marginv) == (128, 72)
    assert made.fontsize == pytest.approx(36 * 1.519, abs=0.01), "as Windows measures the font"


def test_a_box_is_a_shape_below_the_text() -> None:
    style = TextStyle(box="#10203080", box_radius=0)
    read = pysubs2.SSAFile.from_string(to_ass([cue(0, 1, "Hi")], style), "ass")
    whole, box, text = read
    assert (whole.is_comment, whole.text, whole.effect) == (True, "Hi", "karaoke")
    assert box.is_drawing
    assert box.layer < text.layer
    assert r"\1c&H302010&\1a&H7F&" in box.text
    assert re.fullmatch(r"\{.*\}Hi", text.text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("#fff", (255, 255, 255, 255)),
        ("#1234", (0x11, 0x22, 0x33, 0x44)),
        ("#FF8000", (255, 128, 0, 255)),
        ("#00000080", (0, 0, 0, 128)),
    ],
)
def test_colours(text: str, value: tuple[int, ...]) -> None:
    assert rgba(text) == value


@pytest.mark.parametrize("text", ["white", "#ff", "#ggg", "#12345", "", "#fff\n"])
def test_wrong_colours_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a colour; accepted: #rgb"):
        rgba(text)


# -------------------------------------------------------------------------------------- the file


@pytest.mark.parametrize("kind", ["srt", "vtt", "ass"])
def test_a_sidecar_is_written_whole(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"reel.{kind}"
    path.write_text("old")
    write_sidecar(path, [cue(0, 1, "世界")], kind)  # type: ignore[arg-type]
    assert "世界" in path.read_bytes().decode("utf-8")
    assert b"\r" not in path.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_sidecar_that_cannot_be_made_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "reel.srt"
    path.write_text("old")
    with pytest.raises(RenderError, match="overlap"):
        write_sidecar(path, [cue(0, 2, "a"), cue(1, 3, "b")], "srt")
    with pytest.raises(RenderError, match="unknown subtitle format 'sub'; accepted: srt, vtt, ass"):
        write_sidecar(path, [], "sub")  # type: ignore[arg-type]
    with pytest.raises(RenderError, match=r"cannot be written: (Not a directory|File exists)"):
        write_sidecar(path / "reel.srt", [], "srt")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["reel.srt"]
