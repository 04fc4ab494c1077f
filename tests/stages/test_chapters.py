"""`chapters`: in the file, along with cuts, and as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import smartcut as sc
from smartcut.cli import app
from smartcut.errors import PipelineError, StageError
from smartcut.media.probe import probe
from smartcut.render.chapter_lists import as_json, as_text, as_webvtt
from smartcut.source import Chapter
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range

SRT = "\n".join(
    f"00:00:{a:02},000 --> 00:00:{a + 1:02},500\n{text}\n"
    for a, text in enumerate(
        ["Bread needs yeast.", "Bread needs an oven.", "Whales sing songs.", "Whales dive deep."]
    )
).replace("500", "000")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chapters") / "talk.mp4"
    write_bar_coded(path, frames=150, rate=F(30), gop=30, size=(160, 90), audio=False)
    path.with_suffix(".srt").write_text(SRT)
    return path


@pytest.fixture(autouse=True)
def by_first_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences are alike where they have a word in common."""
    from smartcut.models import embedded_scorer

    def vectors(texts: Sequence[str]) -> np.ndarray:
        rows = [[float("bread" in t.lower()), float("whales" in t.lower()), 0.01] for t in texts]
        made = np.array(rows)
        return made / np.linalg.norm(made, axis=1, keepdims=True)

    monkeypatch.setattr(embedded_scorer, "sentence_model", lambda allow_net=False: vectors)


def test_the_file_has_them_and_they_follow_their_source(film: Path, tmp_path: Path) -> None:
    steps = sc.open(film) | sc.transcribe(text=film.with_suffix(".srt"))
    steps = steps | sc.chapters(shortest="1s", count=2)
    steps.render(tmp_path / "a.mp4")
    found = probe(tmp_path / "a.mp4").chapters
    assert [c.range for c in found] == [Range(F(0), F(2)), Range(F(2), F(5))]
    assert [c.title for c in found] == ["Bread", "Whales"]
    (steps | sc.trim(ranges=["3-4", "1-2"])).render(tmp_path / "b.mp4")
    moved = probe(tmp_path / "b.mp4").chapters
    assert [(c.title, c.range.start) for c in moved] == [("Whales", 0), ("Bread", 1)]


def test_names_can_be_given(film: Path) -> None:
    steps = sc.open(film) | sc.transcribe(text=film.with_suffix(".srt"))
    cut = (steps | sc.chapters(shortest="1s", count=2, names=["One", "Two", "Three"])).cut()
    assert [c.title for c in cut.sources[0].chapters] == ["One", "Two"]
    assert "chapters: there are fewer than `names`: 'Three' is not used" in cut.notes


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_a_list_that_was_edited_is_what_the_file_has(
    film: Path, tmp_path: Path, suffix: str
) -> None:
    (tmp_path / "list.txt").write_text("0:00 Bread & butter\n0:03 Whales\n")
    out = tmp_path / f"a{suffix}"
    (sc.open(film) | sc.chapters(file=tmp_path / "list.txt")).render(out, chapter_list=True)
    assert [(c.range, c.title) for c in probe(out).chapters] == [
        (Range(F(0), F(3)), "Bread & butter"),
        (Range(F(3), F(5)), "Whales"),
    ]
    assert (tmp_path / "a.chapters.txt").read_text() == "0:00 Bread & butter\n0:03 Whales\n"
    assert (tmp_path / "a.chapters.vtt").read_text() == (
        "WEBVTT\n\n1\n00:00:00.000 --> 00:00:03.000\nBread &amp; butter\n\n"
        "2\n00:00:03.000 --> 00:00:05.000\nWhales\n"
    )


def test_a_list_is_of_one_source(film: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("0:00 Bread\n")
    write_bar_coded(tmp_path / "b.mp4", frames=30, audio=False)
    both = sc.open(film, tmp_path / "b.mp4")
    with pytest.raises(StageError, match=r"list.txt is of one source, but there are 2"):
        (both | sc.chapters(file=tmp_path / "list.txt")).cut()
    with pytest.raises(PipelineError, match="`file` says all there is to say; leave out count"):
        sc.chapters(file=tmp_path / "list.txt", count=3)


def test_the_command_writes_a_list_and_a_copy(film: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("0:00 Bread\n0:02 Whales\n")
    given = ["chapters", str(film), "--from", str(tmp_path / "list.txt")]
    shown = CliRunner().invoke(app, given)
    assert shown.stdout == "0:00 Bread\n0:02 Whales\n"
    done = CliRunner().invoke(app, [*given, "-o", str(tmp_path / "copy.mkv")])
    assert done.exit_code == 0, done.output
    assert [c.title for c in probe(tmp_path / "copy.mkv").chapters] == ["Bread", "Whales"]
    wrong = CliRunner().invoke(app, [*given, "-o", str(tmp_path / "a.xyz")])
    assert isinstance(wrong.exception, PipelineError)
    assert "accepted: .txt, .vtt, .json, .mp4" in str(wrong.exception)


def test_where_nobody_speaks_there_are_none_and_a_note(film: Path) -> None:
    silent = sc.open(film) | sc.transcribe() | sc.chapters()
    assert "chapters: talk gets none: nobody speaks in it" in silent.cut().notes


def test_by_shots() -> None:
    from smartcut.stages.chapters import _by_scenes

    starts = [F(n) for n in (0, 2, 3, 7, 8, 14)]
    found = _by_scenes(starts, F(16), F(5), None)
    assert [(c.range.start, c.title) for c in found] == [(0, "Scene 1"), (7, "Scene 2")]
    assert found[-1].range.end == 16


def test_a_pipeline_without_a_transcript_is_refused(film: Path) -> None:
    with pytest.raises(PipelineError, match="transcribe"):
        (sc.open(film) | sc.chapters()).cut()


LIST = [
    Chapter(Range(F(0), F("65.9")), "Bread & butter"),
    Chapter(Range(F("65.9"), F(3700)), "Two\nlines"),
    Chapter(Range(F(3700), F(4000)), "End"),
]


def test_texts_for_video_sites_and_players() -> None:
    assert as_text(LIST) == "0:00 Bread & butter\n1:05 Two lines\n1:01:40 End\n"
    assert as_webvtt(LIST[:2]) == (
        "WEBVTT\n\n1\n00:00:00.000 --> 00:01:05.900\nBread &amp; butter\n\n"
        "2\n00:01:05.900 --> 01:01:40.000\nTwo lines\n"
    )
    assert json.loads(as_json(LIST[2:])) == [{"start": 3700.0, "end": 4000.0, "title": "End"}]
    assert as_text([replace(LIST[0], title="")]) == "0:00 \n"


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en")
def test_the_command() -> None:
    from tests.conftest import SAMPLES

    given = ["chapters", str(SAMPLES / "harbour.mp4"), "--count", "1"]
    shown = CliRunner().invoke(app, given)
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.splitlines()[-1].startswith("0:00 ")
