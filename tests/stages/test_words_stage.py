"""`words`: an edited transcript, or what is said, as the cut."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import smartcut as sc
from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.cut import Cut
from smartcut.errors import PipelineError, StageError
from smartcut.interchange.files import write_cut
from smartcut.render.chapter_names import chapters_of
from smartcut.stage import Context, Stage
from smartcut.testing import read_bar_codes, write_bar_coded
from smartcut.timebase import Range

F = Fraction
TEXTS = ("We sail to the sea.", "Is the boat old?", "It sails on and on.")
SPEAKERS = ("Ada", "Ben", "Ada")


class Spoken(Stage):
    """Says that words are heard, each for 0.16 s with 0.08 s between; the lines begin at 0.4 s."""

    name = "spoken"
    gives = ("transcript",)

    def apply(self, cut: Cut, context: Context) -> Cut:
        at, sentences = F(2, 5), []
        for text, speaker in zip(TEXTS, SPEAKERS, strict=True):
            words = []
            for word in text.split():
                words.append(Word(Range(at, at + F(16, 100)), word, speaker=speaker))
                at += F(24, 100)
            whole = Range(words[0].range.start, words[-1].range.end)
            sentences.append(Sentence(whole, text, tuple(words)))
        told = Transcript("en", tuple(sentences))
        return cut.with_annotation(Annotation("transcript", cut.sources[0].id, told))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds at 25 frames a second. Lines begin at 0.4, 1.6 and 2.56 s; the last ends at
    3.68 s."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_bar_coded(path, frames=100, rate=F(25), size=(160, 90), gop=25)
    return path


@pytest.fixture
def file(film: Path, tmp_path: Path) -> Path:
    path = tmp_path / "film.md"
    assert write_cut((sc.open(film) | Spoken()).cut(), path) == ()
    return path


def edit(path: Path, *changes: tuple[str, str]) -> Path:
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)
    return path


def shown(cut: Cut) -> list[tuple[float, float]]:
    return [(float(s.range.start), float(s.range.end)) for s in cut.segments]


def test_an_edited_file_is_the_cut_to_the_frame(film: Path, file: Path, tmp_path: Path) -> None:
    edit(file, ("to the sea", "to ~~the~~ sea"), ("- [x] [00:00:01.600", "- [ ] [00:00:01.600"))
    reel = sc.open(film) | sc.words(file=file)
    cut = reel.render(tmp_path / "out.mp4").cut
    assert shown(cut) == [(0, 1.12), (1.28, 1.6), (2.48, 4)]
    expected = [*range(28), *range(32, 40), *range(62, 100)]
    assert read_bar_codes(tmp_path / "out.mp4")[0] == expected
    # As an input, the file is the same cut.
    again = sc.open(file).cut()
    assert shown(again) == shown(cut)
    assert again.data(Transcript, "transcript", "film") == cut.data(
        Transcript, "transcript", "film"
    )


def test_no_edit_leaves_what_was_chosen_before_as_it_is(film: Path, file: Path) -> None:
    chosen = sc.open(film) | sc.trim(ranges=("2s-3.2s", "0.4s-1s")) | sc.speed(factor=2)
    assert (chosen | sc.words(file=file)).cut().segments == chosen.cut().segments
    edit(file, ("It sails", "~~It~~ sails"))
    cut = (chosen | sc.words(file=file)).cut()
    # The first part of the file is all up to the word, the second all after it.
    assert shown(cut) == [(2, 2.56), (0.4, 1), (2.72, 3.2)]
    assert {s.speed for s in cut.segments} == {2}


def test_moved_lines_and_headings(film: Path, file: Path) -> None:
    line = "- [x] [00:00:01.600 - 00:00:02.480] **Ben:** Is the boat old?\n"
    edit(file, (line, ""))
    edit(file, ("- [x]", f"# A question\n{line}\n# An answer\n\n- [x]"))
    cut = (sc.open(film) | sc.words(file=file)).cut()
    # Of each pause of 0.08 s half goes with the words on its sides.
    assert shown(cut) == [(1.56, 2.52), (0, 1.56), (2.52, 4)]
    assert [(c.title, float(c.range.start), float(c.range.end)) for c in chapters_of(cut)] == [
        ("A question", 0, 0.96),
        ("An answer", 0.96, 4),
    ]


def test_a_cut_is_written_with_what_is_out_of_it(film: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.md"
    write_cut((sc.open(film) | Spoken() | sc.trim(start=0.9)).cut(), path)
    text = path.read_text()
    assert "] **Ada:** ~~We sail~~ to the sea." in text
    write_cut((sc.open(film) | Spoken() | sc.trim(start=1.6)).cut(), path)
    assert "- [ ] [00:00:00.400 - 00:00:01.520] **Ada:** We sail to the sea." in path.read_text()


def test_what_is_said_is_found(film: Path) -> None:
    spoken = sc.open(film) | Spoken()
    # A sentence, and 0.2 s on each side as far as nothing else is said.
    assert shown((spoken | sc.words(said="BOAT")).cut()) == [(1.52, 2.56)]
    assert shown((spoken | sc.words(said=r"sails?\b", padding=0)).cut()) == [
        (0.4, 1.52),
        (2.56, 3.68),
    ]
    few = sc.words(said=r"\bthe \w+", take="fragments", padding=0.02)
    assert shown((spoken | few).cut()) == [(1.1, 1.54), (1.82, 2.26)]
    rest = sc.words(said="boat", padding=0, leave_out=True)
    assert shown((spoken | rest).cut()) == [(0, 1.6), (2.48, 4)]


def test_who_says_it_is_found(film: Path) -> None:
    spoken = sc.open(film) | Spoken()
    assert shown((spoken | sc.words(speaker="Ben", padding=0)).cut()) == [(1.6, 2.48)]
    both = sc.words(speaker="Ada", said="on", take="fragments", padding=0)
    assert shown((spoken | both).cut()) == [(3.04, 3.2), (3.52, 3.68)]
    with pytest.raises(StageError, match="'Eve' says nothing there; speakers: Ada, Ben"):
        (spoken | sc.words(speaker="Eve")).cut()
    with pytest.raises(StageError, match="'submarine' is never said"):
        (spoken | sc.words(said="submarine")).cut()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "give either `file`, or `said` or `speaker`"),
        ({"said": "("}, "'\\(' is no regular expression"),
        ({"speaker": "Ada", "take": "fragments"}, "`take: fragments` goes with `said`"),
        ({"file": "nowhere.md"}, "there is no file nowhere.md"),
    ],
)
def test_mistakes_say_what_is_accepted(given: dict[str, str], message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        sc.words(**given)


def test_a_file_of_another_recording_is_refused(film: Path, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    write_bar_coded(other, frames=10, rate=F(25), size=(160, 90), audio=None)
    with pytest.raises(StageError, match="film.md was written from .*film.mp4, which is none of"):
        (sc.open(other) | sc.words(file=file)).cut()
    with pytest.raises(PipelineError, match="give either `file`|leave out said"):
        sc.words(file=file, said="sea")


def test_planning_reads_the_file_alone(film: Path, file: Path) -> None:
    plan = (sc.open(film) | sc.words(file=file)).plan()
    assert plan.is_idle
    assert plan.cut is not None
    with pytest.raises(PipelineError, match="film.md:10: 'row' is not said here"):
        edit(file, ("sail to", "row to"))
        (sc.open(film) | sc.words(file=file)).plan()
