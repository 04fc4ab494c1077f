"""Chapters that a user wrote or edited: read with notes, or refused with the line."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smartcut.errors import PipelineError
from smartcut.interchange.chapter_lists import read_chapters
from smartcut.render.chapter_lists import write_chapters
from smartcut.source import Chapter
from smartcut.timebase import Range


def read(
    folder: Path, text: str | bytes, name: str = "a.txt", duration: int = 5000
) -> tuple[list[tuple[F, str]], tuple[str, ...]]:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    found, notes = read_chapters(path, F(duration))
    return [(one.start, one.title) for one in found], notes


@pytest.mark.parametrize(
    "text",
    [
        "0:00 Start\n1:05 Middle\n1:01:40.5 End\n",
        "\ufeffMy talk, with chapters:\r\n\r\n00:00 - Start\r\n01:05 – Middle\r\n1:01:40,500 | End",
        "(0:00) Start\n[1:05]  Middle \n(1:01:40.5) End\nThanks to all!",
    ],
)
def test_lines_as_video_sites_have_them(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, text) == (
        [(F(0), "Start"), (F(65), "Middle"), (F("3700.5"), "End")],
        (),
    )


titles = st.text(st.characters(categories=["L", "N"], include_characters="&<>'!? "), min_size=1,
                 max_size=20).map(lambda t: " ".join(t.split())).filter(bool)  # fmt: skip


@example([(3_600_000, "Thousand hours"), (1, "End")], ".txt")
@given(
    st.lists(st.tuples(st.integers(1, 3_000_000), titles), min_size=1, max_size=6),
    st.sampled_from([".vtt", ".json", ".txt"]),
)
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str]], kind: str
) -> None:
    tick = 1000 if kind == ".txt" else 1
    at, chapters = F(0), []
    for length, title in rows:
        end = at + F(length * tick, 1000)
        # A line of a text begins with its time: a title that begins with another one does not.
        chapters.append(Chapter(Range(at, end), f"The {title}"))
        at = end
    path = tmp_path_factory.mktemp("c") / f"a{kind}"
    write_chapters(path, chapters)
    found, notes = read_chapters(path, at)
    assert [(one.start, one.title) for one in found] == [(c.range.start, c.title) for c in chapters]
    assert notes == ()


def test_what_lies_outside_is_noted(tmp_path: Path) -> None:
    found, notes = read(tmp_path, "0:10 One\n0:20 Two\n2:00 Three\n3:00 Four", duration=60)
    assert [title for _, title in found] == ["One", "Two"]
    assert (
        "chapters after the end of the recording are left out, from 'Three' in line 3" in notes[0]
    )
    assert "'One', begins with the recording, not at 00:00:10" in notes[1]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "Only words", "line 1: no chapter; expected lines such as `1:05 Title`"),
        ("a.txt", "", "line 1: no chapter"),
        ("a.txt", "0:00 A\n1:00 B\n0:30 C", "line 3: 'C' begins at 00:00:30.000, which is not"),
        ("a.txt", "0:00 A\n0:00 B", "line 2: 'B' begins at"),
        ("a.txt", "99:00:00 A", "line 1: all chapters begin after the end"),
        ("a.vtt", "WEBVTT\n\n00:00.000 --> x\nA", "line 3: 'x' is no time"),
        ("a.json", "{}", "expected a list"),
        ("a.json", '[{"start": NaN, "title": "A"}]', "chapter 0: expected a `start` in seconds"),
        ("a.json", '[{"start": 1}]', "chapter 0: expected"),
        ("a.json", "[" * 90_000, "no JSON"),
        ("a.xyz", "0:00 A", "accepted: .txt, .vtt, .json"),
        ("a.txt", b"\x00\x01\x00", "zero bytes"),
    ],
)
def test_what_is_wrong_is_refused(
    name: str, text: str | bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(PipelineError, match=message):
        read(tmp_path, text, name)
