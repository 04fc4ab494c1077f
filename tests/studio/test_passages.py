"""The passages of `takes` in a session: which take is heard, and another one in its place."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest

import smartcut as sc
from smartcut.studio import Session
from tests.builders.takes import TakesSaid, made_take

SCRIPT = "the old lighthouse on the hill was built before the flood"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Two takes, each spoiled in another place, one 6 dB softer."""
    folder = tmp_path_factory.mktemp("takes")
    takes = {
        "one": made_take("the old lighthouse on the hill *was* *built* before the flood", seed=1),
        "two": made_take(
            "*the* *old* *lighthouse* on | the hill was built before the flood", seed=2, level=-26
        ),
    }
    paths = [take.write(folder, name) for name, take in takes.items()]
    film = sc.open(*paths) | TakesSaid.of(takes) | sc.takes(text=SCRIPT)
    with Session.open(film, output=folder / "reading.m4a") as session:
        yield session


@pytest.fixture
def session(opened: Session) -> Session:
    """Without edits."""
    opened.revert()
    return opened


def shown(session: Session) -> list[tuple[str, F, F, float | None]]:
    rows = session.state()["tracks"][0]["segments"]
    return [(r["source"], F(r["start"]), F(r["end"]), r["gain"]) for r in rows]


def test_another_take_is_played_and_the_first_one_again(session: Session) -> None:
    before = shown(session)
    passages = session.takes()
    assert " ".join(one["words"] for one in passages) == SCRIPT
    assert [one["heard"] for one in passages] == [0] * len(passages)
    first = passages[0]
    assert (first["takes"][0]["name"], first["at"]) == ("take 1 of one", 0.0)
    assert first["takes"][0]["edits"] == []
    assert first["runner_up"] == "take 1 of two"
    assert first["costs_more"] > 1
    assert "noise" in first["takes"][1]["costs"]
    assert first["takes"][1]["total"] == pytest.approx(sum(first["takes"][1]["costs"].values()))
    assert first["why"].startswith(f"'take 1 of one: {first['words'][:10]}")

    session.edit(*first["takes"][1]["edits"])
    # The other take's voice is brought to the level of the first.
    assert shown(session)[0][:2] == ("two", before[0][1])
    assert (shown(session)[0][3] or 0) - (before[0][3] or 0) == 6
    assert shown(session)[1:] == before[1:]
    changed = session.takes()[0]
    assert (changed["heard"], len(changed["segments"])) == (1, 1)
    session.edit(*changed["takes"][0]["edits"])
    assert [row[:3] for row in shown(session)] == [row[:3] for row in before]
    assert session.conflicts == ()


def test_a_longer_take_is_played_to_its_end(session: Session) -> None:
    """In the second take a pause of 1.5 s stands within the first passage's words."""
    passage = session.takes()[0]
    assert passage["words"].startswith("the old lighthouse on the")
    lengths = [F(one["end"]) - F(one["start"]) for one in passage["takes"]]
    assert float(lengths[1] - lengths[0]) == pytest.approx(1.5, abs=0.2)
    state = session.edit(*passage["takes"][1]["edits"])
    segment = state["tracks"][0]["segments"][0]
    assert segment["to"] - segment["at"] == pytest.approx(float(lengths[1]), abs=0.05)


def test_a_passage_that_the_film_no_longer_plays_has_no_edits(session: Session) -> None:
    first: dict[str, Any] = session.state()["tracks"][0]["segments"][0]
    match = {key: first[key] for key in ("id", "source", "start", "end")}
    session.edit({"drop": {"segment": match}})
    passage = session.takes()[0]
    assert (passage["heard"], passage["at"], passage["segments"]) == (None, None, [])
    assert [take["edits"] for take in passage["takes"]] == [[], []]


def test_a_film_without_takes_has_no_passages(tmp_path: Path) -> None:
    path = made_take("the old lighthouse").write(tmp_path, "one")
    with Session.open(path, output=tmp_path / "out.m4a") as session:
        assert session.takes() == []
        assert session.state()["stages"] == ["render"]
