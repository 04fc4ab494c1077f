"""Bad subtitle files: each is mended with a note that names the line, or refused with the line."""

from __future__ import annotations

import json
import random
import re
from fractions import Fraction as F
from pathlib import Path
from time import process_time

import pytest

from smartcut.errors import PipelineError
from smartcut.interchange.subtitles.reading import BroughtText, read_subtitles

LASTS = F(60)
A, B = "00:00:01,000 --> 00:00:02,000", "00:00:03,000 --> 00:00:04,000"
GOOD = f"1\n{A}\nOne\n\n2\n{B}\nTwo\n"
PLAIN = [(1.0, 2.0, "One"), (3.0, 4.0, "Two")]
ASS = "[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,One\n"


def read(folder: Path, data: str | bytes, name: str = "a.srt") -> BroughtText:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_subtitles(path, LASTS)


def plain(found: BroughtText) -> list[tuple[float, float, str]]:
    return [(float(c.start), float(c.end or -1), "|".join(c.lines)) for c in found.cues]


def segment(**more: object) -> str:
    return json.dumps({"segments": [{"start": 1, "end": 2, "text": "a b", **more}]})


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        GOOD.encode("utf-32"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("\n", "\r\r\n"),
        GOOD.replace("One\n\n", "One\r\n\r").replace("1\n", "1\r", 1),
        GOOD.replace("1\n", "7\n", 1).replace("\n2\n", "\n7\n"),
        GOOD.replace("1\n", "", 1).replace("\n2\n", "\n"),
        GOOD.replace("\n\n", "\n"),
        GOOD.replace("\n\n", "\n\n\n \n"),
        GOOD.replace(",", "."),
        GOOD.replace(" --> ", "-->"),
        GOOD.replace("00:00:", "00:"),
        GOOD.replace(A, f"{A} X1:40 X2:600 Y1:20 Y2:50"),
        f"WEBVTT\n\n{A.replace(',', '.')} align:start\nOne\n\n{B.replace(',', '.')}\nTwo\n",
        "\n\n" + GOOD + "\n\n\n",
        "\ufeff" + GOOD,
    ],
)
def test_what_is_only_unusual_is_read_without_a_word(data: str | bytes, tmp_path: Path) -> None:
    found = read(tmp_path, data)
    assert plain(found) == PLAIN
    assert found.notes == ()


@pytest.mark.parametrize(
    ("data", "cues", "note"),
    [
        # over each other
        (f"{A[:-5]}5,000\nOne\n\n{B}\nTwo", [(1, 3, "One"), (3, 4, "Two")], "overlap .* line 1"),
        # no end, an end that is not after the start
        ("00:01 -->\nOne\n\n" + f"{B}\nTwo", [(1, 2, "One"), (3, 4, "Two")], "without an end"),
        ("00:03 --> 00:02\nOne", [(3, 4, "One")], "without an end .* line 1"),
        ("00:03 --> 00:03\nOne", [(3, 4, "One")], "without an end .* line 1"),
        # wrong encodings
        (GOOD.replace("Two", "Zwölf").encode("cp1252"), [*PLAIN[:1], (3, 4, "Zwölf")], "UTF-8"),
        (GOOD.encode("utf-16-le"), PLAIN, "not UTF-8; it was read as UTF-16"),
        # markup
        (f"{A}\n<font color='red'>A &lt;B&gt;</font>", [(1, 2, "A <B>")], "tags .* line 1"),
        (f"{A}\n<i>One</i>", PLAIN[:1], "tags of styles are left out: 1 cue in line 1"),
        (f"{A}\n<script>x()</script>A", [(1, 2, "x()A")], "tags of styles are left out"),
        (f"{A}\n{{\\an8\\pos(1,2)}}A", [(1, 2, "A")], "tags of styles are left out"),
        # past the end, before the beginning
        ("00:59 --> 01:10\nOne", [(59, 60, "One")], "past the end .* line 1"),
        (GOOD + "\n00:02:00,000 --> 00:02:01,000\nNo", PLAIN, "after the end .* line 9"),
        ("-00:00:01,000 --> 00:00:01,000\nOne", [(0, 1, "One")], "begin before the recording"),
        (GOOD + "\n-00:00:05,000 --> -00:00:04,000\nNo", PLAIN, "before the beginning .* line 9"),
        # out of order, empty, broken off, without times
        (f"{B}\nTwo\n\n{A}\nOne", PLAIN, "out of order are sorted by time: 1 cue in line 4"),
        (f"{A}\n\n\n{B}\nTwo", PLAIN[1:], "empty cues are left out: 1 cue in line 1"),
        (f"{A}\n<b></b>\n\n{B}\nTwo", PLAIN[1:], "empty cues are left out"),
        (f"1\n{A}\nOne\n\n2\n00:00:03,000 --> 00:0", PLAIN[:1], "empty cues .* line 6"),
        (f"1\n{A}\nOne\n\n2\nNo times\n\n3\n{B}\nTwo", PLAIN, "without times are left out"),
        (GOOD + "\n\n3\n", PLAIN, "cues without times are left out"),
        (f"1\n{A}\nOne\n\nmore\n\n2\n{B}\nTwo", [(1, 2, "One|more"), PLAIN[1]], "empty lines wi"),
        # another kind than the name says
        (ASS, PLAIN[:1], "a.srt is read as ASS, which it holds"),
        (segment(), [(1, 2, "a b")], "a.srt is read as JSON, which it holds"),
        # words that are not where their segment is
        (segment(words=[{"word": "a", "start": 5, "end": 6}]), [(1, 2, "a b")], "outside of th"),
        (segment(words=[{"word": "a"}]), [(1, 2, "a b")], "without times are placed by the sound"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_mended_with_a_note(
    data: str | bytes, cues: list[tuple[float, float, str]], note: str, tmp_path: Path
) -> None:
    found = read(tmp_path, data)
    assert plain(found) == cues
    assert any(re.search(note, one) for one in found.notes), found.notes
    for cue, following in zip(found.cues, found.cues[1:], strict=False):
        assert cue.end is not None
        assert 0 <= cue.start < cue.end <= following.start


def test_subrip_in_a_file_called_text_is_no_script(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD, "a.txt")
    assert plain(found) == PLAIN
    assert "read as subtitles with lines of times" in found.notes[0]
    assert read(tmp_path, "One.\nTwo.", "b.txt").script == ((1, "One."), (2, "Two."))


_RANDOM = random.Random(3).randbytes(4000)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.srt", f"1\n{A[:-1]}x\nOne", "line 2: '00:00:02,00x' is no time"),
        ("a.srt", f"{GOOD}\n00:61 --> 00:62\nNo", "line 9: '00:61' is no time"),
        ("a.srt", "99999:00:01,000 --> 99999:00:02,000\nA", "line 1: '99999:00:01,000' is no time"),
        ("a.srt", "one --> two\nOne", "line 1: 'one --> two' is no line of times"),
        ("a.srt", "One\nTwo\n", "line 1: no subtitle"),
        ("a.srt", "", "line 1: no subtitle"),
        ("a.srt", f"{A[:-12]}\nOne".replace("-->", "->"), "line 1: no subtitle"),
        ("a.srt", _RANDOM, "not text in Windows-1252|zero bytes"),
        ("a.srt", bytes(range(1, 128)) * 9, "line 1: no subtitle"),
        ("a.vtt", b"\x00" * 500, "zero bytes"),
        ("a.srt", b"\xff\xfe\x00", "not text in UTF-16"),
        ("a.srt", "02:00 --> 02:01\nA", "none of its 1 subtitles lies within the recording"),
        ("a.ass", ASS.replace("0:00:02.00", "later"), "line 3: 'later' is no time"),
        ("a.json", "[" * 100_000, "line 1: it is no JSON"),
        ("a.json", segment(start=float("nan")), "segment 0: start nan is no time"),
        ("a.json", segment(end="2"), "segment 0: end '2' is no time"),
        ("a.sub", "{1}{2}A", "accepted: .srt, .vtt, .ass"),
    ],
)
def test_what_cannot_be_mended_is_refused_with_its_line(
    name: str, data: str | bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(PipelineError, match=message) as caught:
        read(tmp_path, data, name)
    assert name in str(caught.value)
    assert len(str(caught.value)) < 300


def clock(ms: int) -> str:
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_ten_thousand_cues_and_as_many_lines_are_read_at_once(between: str, tmp_path: Path) -> None:
    def rows(step: int) -> str:
        return between.join(
            f"{n}\n{clock(step * n)} --> {clock(step * n + 5)}\nline {n}" for n in range(10_000)
        )

    began = process_time()
    found = read(tmp_path, rows(6))
    assert len(found.cues) == 10_000
    assert [c.lines for c in found.cues[:10_000:3333]] == [
        (f"line {n}",) for n in range(0, 10_000, 3333)
    ]
    # Texts that are made to take for ever.
    for text in ("x --> y\n" * 20_000, "<" * 100_000, "<a" * 50_000, "&amp" * 50_000):
        assert len(read(tmp_path, f"{A}\n{text}").cues) == 1
    assert process_time() - began < 8
