"""Differences in words, and a cut that an editor gave back, brought to what the pipeline says."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from smartcut.cut import Cut, Effect, Segment, Track, Transition
from smartcut.editing.applying import apply_edits
from smartcut.editing.differences import differences
from smartcut.interchange.files import read_cut, write_cut
from smartcut.interchange.json import cut_to_json
from tests.builders.commands import run_command
from tests.builders.programmes import edit, order, seen, shown
from tests.builders.sounds import write_wav

CUT = shown(("talk", 10, 20), ("room", 0, 5), ("talk", 40, 50))


def told(before: Cut, after: Cut) -> list[str]:
    return [f"{one.kind}: {one.text}" for one in differences(before, after)]


def test_nothing_is_different() -> None:
    assert differences(CUT, CUT) == []


def test_what_became_of_segments_is_told_in_words() -> None:
    first, room, last = CUT.segments
    colour = Effect("colour", (("exposure", 0.5),))
    after = CUT.with_segments(
        (
            last,
            replace(first, range=first.range.__class__(F(12), F(18)), effects=(colour,)),
            Segment("room", room.range.shift(F(30)), label="room"),
        )
    )
    assert told(CUT, after) == [
        "dropped: room 0-5 s (5 s)",
        "moved: talk 40-50 s, from place 3 to place 1",
        "trimmed: talk 10-20 s: begins at 12 s, 2 s later, and ends at 18 s, 2 s earlier",
        "changed: talk 10-20 s: with colour",
        "added: room 30-35 s (5 s), after talk 12-18 s",
    ]
    fast = replace(room, speed=F(2), transition=Transition("dissolve", F(1)))
    assert told(CUT, CUT.with_segments((first, fast, last))) == [
        "retimed: room 0-5 s: speed 1 to speed 2",
        "changed: room 0-5 s: a plain cut to dissolve of 1 s",
    ]


def test_parts_titles_and_tracks_are_told() -> None:
    cut = apply_edits(CUT, [edit(add={"title": {"text": "Harbour", "at": 11}})]).cut
    music = Track("music", (Segment("room", CUT.segments[1].range),))
    cut = replace(cut, tracks=(*cut.tracks, music))
    after = apply_edits(
        cut,
        [
            edit(set={"segment": seen(cut, 0, track=1), "text": "The harbour", "at": 3}),
            edit(drop={"source": "talk", "start": 13, "end": 15}),
            edit(set={"track": "music", "gain": -9}),
        ],
    ).cut
    assert told(cut, after) == [
        "divided: talk 10-20 s into 10-13 s and 15-20 s",
        "moved: the text 'Harbour': at 00:00:11.000 to at 00:00:03.000",
        "changed: the text 'Harbour': says 'The harbour'",
        "changed: the track music: gain -9.0",
    ]


# ---------------------------------------------------------------------------------- as commands


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, seconds in (("a", 30), ("b", 10)):
        write_wav(tmp_path / f"{name}.wav", np.zeros(seconds * 8000), 8000)
    (tmp_path / "reel.yaml").write_text(
        "params: {end: 9}\nstages:\n  - trim: {ranges: ['2s-${end}', '12s-16s', '20s-24s']}\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cut_of(**params: object) -> Cut:
    return sc.Pipeline.from_yaml("reel.yaml", **params).cut("a.wav")


def test_diff_says_what_is_different_by_its_exit_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("one.json").write_text(cut_to_json(cut_of()))
    Path("two.json").write_text(cut_to_json(cut_of(end=8)))
    code, out, _ = run_command(monkeypatch, capsys, "diff", "one.json", "one.json")
    assert (code, out) == (0, "both show the same\n")
    code, out, _ = run_command(monkeypatch, capsys, "diff", "one.json", "two.json")
    assert (code, out) == (1, "trimmed  a 2-9 s: ends at 8 s, 1 s earlier\n")
    code, out, _ = run_command(monkeypatch, capsys, "diff", "one.json", "two.json", "--json")
    assert json.loads(out)[0]["after"]["end"] == 8
    code, _, error = run_command(monkeypatch, capsys, "diff", "one.json", "none.json")
    assert code == 2
    assert "none.json" in error


@pytest.mark.parametrize("suffix", [".json", ".otio", ".fcpxml", ".edl"])
def test_an_editors_work_is_brought_to_another_cut(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    write_cut(cut_of(), Path(f"exported{suffix}"))
    back = read_cut(Path(f"exported{suffix}"), lambda path, id: sc.open(path).cut().sources[0])
    one, two, three = back.segments
    edited = back.with_segments((three, one.lengthened(F(-1), F(0)), two))
    write_cut(edited, Path(f"edited{suffix}"))
    Path("reel.yaml").write_text(Path("reel.yaml").read_text().replace("12s-16s", "12s-17s"))
    arguments = ["--base", f"exported{suffix}", "--onto", "reel.yaml", "a.wav", "-o", "C.json"]
    code, out, _ = run_command(monkeypatch, capsys, "rebase", f"edited{suffix}", *arguments)
    assert code == 0
    assert "edits, 2 of which apply" in out
    assert [p[1:] for p in order(read_cut(Path("C.json")))] == [(20, 24), (3, 9), (12, 17)]


@pytest.mark.parametrize("suffix", [".fcpxml", ".edl"])
def test_what_a_format_cannot_say_was_taken_out_by_nobody(folder: Path, suffix: str) -> None:
    film = sc.Pipeline.from_yaml("reel.yaml") | sc.gain(db=-3) | sc.title(text="Harbour")
    cut = film.cut("a.wav")
    write_cut(cut, Path("exported.json"))
    back = cut.with_segments(cut.segments[1:])
    write_cut(back, Path(f"edited{suffix}"))
    assert [one.kind for one in sc.diff("exported.json", f"edited{suffix}")] == ["dropped"]
    found = sc.rebase(f"edited{suffix}", "exported.json", film, "a.wav")
    assert [one.kind for one in found.edits.edits] == ["drop"]
    assert [s.effects for s in found.cut.segments] == [s.effects for s in back.segments]
    assert found.cut.tracks[1].segments[0].label == "Harbour"


def test_rebase_onto_the_same_is_what_the_editor_made(folder: Path) -> None:
    cut = cut_of()
    Path("exported.json").write_text(cut_to_json(cut))
    edited = cut.with_segments(cut.segments[1:])
    Path("edited.json").write_text(cut_to_json(edited))
    found = sc.rebase("edited.json", "exported.json", "reel.yaml", "a.wav")
    assert found.cut.tracks == edited.tracks
    assert not found.conflicts


def test_conflicts_of_a_rebase_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = cut_of()
    Path("exported.json").write_text(cut_to_json(cut))
    short = cut.with_segments((*cut.segments[:2], cut.segments[2].lengthened(F(0), F(-1))))
    Path("edited.json").write_text(cut_to_json(short))
    Path("reel.yaml").write_text("stages:\n  - trim: {ranges: ['2s-9s', '12s-16s']}\n")
    arguments = ["--base", "exported.json", "--onto", "reel.yaml", "a.wav", "-o", "C.yaml"]
    code, out, _ = run_command(monkeypatch, capsys, "rebase", "edited.json", *arguments, "--strict")
    assert code == 1
    assert "conflict: edit 1 (trim): 20-24 s of a is no longer shown" in out
    assert "trim" in Path("C.yaml").read_text()  # the edits, which are kept


def test_films_are_edited_in_python(folder: Path) -> None:
    film = sc.open("a.wav").edited([{"drop": {"source": "a.wav", "start": 1, "end": 29}}])
    assert order(film.cut()) == [("a", 0, 1), ("a", 29, 30)]
    assert [one.kind for one in sc.diff("a.wav", film)] == ["divided"]
