"""Corrections in a pipeline: where they are found, where they go, and what is told of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.runners.jobs import read_pipeline
from smartcut.spec_edits import place_of_edits, without_edits
from tests.builders.commands import run_command
from tests.builders.programmes import order
from tests.builders.sounds import write_wav

DROP = {"drop": {"source": "a.wav", "start": 2, "end": 3}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, seconds in (("a", 6), ("b", 4)):
        write_wav(tmp_path / f"{name}.wav", np.zeros(seconds * 8000), 8000)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pipeline(folder: Path, text: str, edits: str | None = None) -> Path:
    path = folder / "reel.yaml"
    path.write_text(f"inputs: a.wav\n{text}")
    if edits is not None:
        (folder / "reel.edits.yaml").write_text(edits)
    return path


def names(film: sc.Pipeline) -> list[str]:
    return [step.stage.name for step in film.steps]


def test_edits_beside_the_pipeline_are_found(folder: Path) -> None:
    path = pipeline(folder, "stages: [trim: {start: 1, end: 5}, render]",
                    "edits:\n  - drop: {source: a.wav, start: 2, end: 3}\n")  # fmt: skip
    film = sc.Pipeline.from_yaml(path)
    assert names(film) == ["trim", "edits", "render"]
    assert film.notes == (f"{folder}/reel.edits.yaml: 1 edit by hand; --no-edits leaves them out",)
    cut = film.cut()
    assert order(cut) == [("a", 1, 2), ("a", 3, 5)]
    assert cut.notes == ("edits: 1 of 1 edits by hand apply",)
    without = sc.Pipeline.from_yaml(path, edits=False)
    assert names(without) == ["trim", "render"]
    assert "is left out: as asked" in without.notes[0]
    other = folder / "other.yaml"
    other.write_text("- drop: {source: a.wav, start: 1, end: 4}\n")
    assert order(sc.Pipeline.from_yaml(path, edits=other).cut()) == [("a", 4, 5)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stages: [trim: {start: 1, end: 5}, score, render]\nedits: [LIST]",
         ["trim", "edits", "score", "render"]),
        ("stages: [trim: {start: 1, end: 5}, edits, gain: {db: -3}, render]\nedits: [LIST]",
         ["trim", "edits", "gain", "render"]),
        ("stages: [trim: {start: 1, end: 5}, audio]\nedits: mine.yaml", ["trim", "audio", "edits"]),
        ("stages: [edits: [LIST], gain: {db: -3}, render]", ["edits", "gain", "render"]),
    ],
)  # fmt: skip
def test_where_they_go(folder: Path, text: str, expected: list[str]) -> None:
    one = "{drop: {source: a.wav, start: 2, end: 3}}"
    (folder / "mine.yaml").write_text(f"- {one}\n")
    film = sc.Pipeline.from_yaml(pipeline(folder, text.replace("LIST", one)))
    assert names(film) == expected
    assert [shown[1:] for shown in order(film.cut())] in ([(1, 2), (3, 5)], [(0, 2), (3, 6)])
    automatic = without_edits(film.steps)
    assert place_of_edits(automatic) == expected.index("edits")


def test_parameters_set_later_keep_the_edits(folder: Path) -> None:
    path = pipeline(folder, "params: {end: 5}\nstages: [trim: {start: 1, end: '${end}'}]",
                    "- drop: {source: a.wav, start: 2, end: 3}\n")  # fmt: skip
    film = sc.Pipeline.from_yaml(path)
    assert order(film.cut(end=6)) == [("a", 1, 2), ("a", 3, 6)]


def test_the_pipeline_own_edits_come_before_those_beside_it(folder: Path) -> None:
    path = pipeline(folder, "stages: [trim: {start: 1, end: 5}]\nedits: []", "edits: []\n")
    film = sc.Pipeline.from_yaml(path)
    assert film.notes == (f"{folder}/reel.edits.yaml is left out: the pipeline names other edits",)


def test_media_that_edits_name_is_opened(folder: Path) -> None:
    path = pipeline(folder, "stages: [trim: {start: 1, end: 5}]",
                    "- keep: {source: b.wav, start: 1, end: 2}\n")  # fmt: skip
    assert order(sc.Pipeline.from_yaml(path).cut()) == [("a", 1, 5), ("b", 1, 2)]


def test_conflicts_are_told_in_plan_run_and_manifest(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = "- trim: {segment: {source: a.wav, start: 50, end: 60}, end: 55}\n"
    path = pipeline(folder, "stages: [trim: {start: 1, end: 5}, render]", gone)
    code, out, _ = run_command(monkeypatch, capsys, "plan", path, "-o", "out.wav")
    why = "50 s - 1:00.000 of a.wav is no longer shown"
    assert code == 0
    assert f"conflict  {why}" in out
    assert "1 edit by hand no longer applies" in out
    code, out, _ = run_command(monkeypatch, capsys, "run", path, "-o", "out.wav")
    assert code == 0
    assert f"edits: conflict in edit 1 (trim): {why}" in out
    assert why in (folder / "out.manifest.json").read_text()
    code, out, _ = run_command(monkeypatch, capsys, "plan", path, "--no-edits", "-o", "out.wav")
    assert "conflict" not in out
    strict = sc.open("a.wav") | sc.edits(edits="reel.edits.yaml", strict=True)
    with pytest.raises(sc.SmartcutError, match=r"`edits`: edit 1 \(trim\): .* no longer shown"):
        strict.cut()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stages: [render]\nedits:\n  - drp: {source: a.wav, start: 2, end: 3}",
         "reel.yaml:4: edits: edits.0: unknown key 'drp'; did you mean 'drop'?"),
        ("stages: [render]\nedits: none.yaml", "there is no file none.yaml (looked at: "),
        ("edits: []", "these are corrections by hand (`edits:`), which belong to a pipeline"),
        ("stages: [edits: [{drp: 1}], render]", "did you mean 'drop'?"),
    ],
)  # fmt: skip
def test_mistakes_in_pipelines(folder: Path, text: str, message: str) -> None:
    with pytest.raises(sc.SmartcutError) as caught:
        sc.Pipeline.from_yaml(pipeline(folder, text))
    assert message in str(caught.value)


def test_many_films_leave_the_edits_of_one_out(folder: Path) -> None:
    path = pipeline(folder, "stages: [trim: {start: 1, end: 5}]", "edits: []\n")
    (note,) = read_pipeline(path, {}).notes
    assert note.endswith("reel.edits.yaml is left out: corrections by hand are of one film, and "
                         "here are many")  # fmt: skip


def test_edits_in_python(folder: Path) -> None:
    edits: list[Any] = [DROP]
    film = sc.open("a.wav") | sc.edits(edits=edits)
    assert order(film.cut()) == [("a", 0, 2), ("a", 3, 6)]
    everything = sc.open("a.wav") | sc.edits([{"drop": {"source": "a", "start": 0, "end": 9}}])
    with pytest.raises(sc.SmartcutError, match="leave nothing of the cut"):
        everything.cut()
