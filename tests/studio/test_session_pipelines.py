"""What a session tells of its pipeline: what parts chose from, and what is expected of the film."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path

import pytest

from smartcut.studio import Session
from smartcut.testing import write_bar_coded
from tests.builders.talks import sentences_of


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pipelines")
    write_bar_coded(folder / "film.mp4", frames=150, rate=F(25), size=(160, 90), gop=25)
    return folder


@pytest.fixture
def folder(media: Path, tmp_path: Path) -> Path:
    (tmp_path / "film.mp4").hardlink_to(media / "film.mp4")
    return tmp_path


def test_what_a_part_did_not_choose_is_offered_too(folder: Path) -> None:
    (folder / "b.mp4").hardlink_to(folder / "film.mp4")
    choosing = "{duration: 1s, min_length: 1s, max_length: 1s, weights: {motion: 1}}"
    (folder / "reel.yaml").write_text(f"""\
parts:
  - inputs: [film.mp4]
    stages:
      - motion
      - highlights: {choosing}
  - inputs: [b.mp4]
    stages: [trim: {{end: 1}}]
stages: [render]
""")
    with Session.open(folder / "reel.yaml", output=folder / "out.mp4") as session:
        rows = session.candidates()
        assert {row["stage"] for row in rows} == {"highlights"}
        assert {True, False} == {row["chosen"] for row in rows}
        first, second = session.state()["tracks"][0]["segments"]
        assert "`highlights` chose it" in session.why(first["id"])["text"]
        assert {row["source"] for row in rows if not row["chosen"]} == {"film"}
        assert "`highlights`" not in session.why(second["id"])["text"]
        first_part, second_part = session.pipeline()["parts"]
        assert [(s["name"], s["line"]) for s in first_part["stages"]] == [
            ("motion", 4),
            ("highlights", 5),
        ]
        assert (second_part["name"], second_part["line"]) == ("2", 6)
        assert [s["line"] for s in second_part["stages"]] == [7]
        assert [s["name"] for s in session.pipeline()["stages"]] == ["render"]


def test_what_is_expected_is_judged_with_times(folder: Path) -> None:
    said = sentences_of([("We sail at dawn.", 1), ("The harbour is far.", 1)])
    (folder / "film.json").write_text(
        json.dumps(
            {
                "segments": [
                    {
                        "start": float(one.range.start),
                        "end": float(one.range.end),
                        "text": one.text,
                        "words": [
                            {
                                "word": w.text,
                                "start": float(w.range.start),
                                "end": float(w.range.end),
                            }
                            for w in one.words
                        ],
                    }
                    for one in said
                ]
            }
        )
    )
    (folder / "reel.yaml").write_text(
        "inputs: [film.mp4]\nexpect: {length: 6s, no_word_cut: true, loudness: -16}\n"
        "stages:\n  - transcribe: {from: film.json}\n  - render\n"
    )
    with Session.open(folder / "reel.yaml", output=folder / "out.mp4") as session:
        assert [(v["name"], v["state"]) for v in session.expected()] == [
            ("length", "met"),
            ("loudness", "unchecked"),
            ("no_word_cut", "met"),
        ]
        word = session.state()["words"][1]
        middle = F(word["from"]) / 2 + F(word["to"]) / 2
        session.edit({"drop": {"source": "film", "start": str(middle), "end": str(middle + 2)}})
        length, _, words = session.expected()
        assert (length["state"], length["met"], length["wanted"]) == ("failed", False, "6s")
        assert words["state"] == "failed"
        assert words["misses"][0]["start"] == pytest.approx(float(middle), abs=0.05)
    with Session.open(folder / "film.mp4", output=folder / "out.mp4") as session:
        assert session.expected()
        assert all(v["met"] for v in session.expected())  # what is usual, as far as it is known
