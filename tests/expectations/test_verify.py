"""`expect:` and `smartcut verify`: what is said of films that are as expected, and of others."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction as F
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

import smartcut as sc
from smartcut.expectations._amounts import number, read_amount, seconds
from smartcut.expectations._flashes import harmful
from smartcut.stage import find_stage
from smartcut.testing import write_bar_coded
from tests.builders.commands import run_command


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_bar_coded(path, frames=60, size=(160, 90))
    return path


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("30s ± 0.5s", F(59, 2), F(61, 2)), ("30 +- 1", 29, 31), ("28s..32s", 28, 32),
        ("<= 60s", None, 60), ("at least 1m", 60, None), (30, F(59, 2), F(61, 2)),
        ("1m30s", F(179, 2), F(181, 2)),
    ],
)  # fmt: skip
def test_amounts_are_read_as_written(text: Any, low: F | None, high: F | None) -> None:
    found = read_amount(text, seconds, F(1, 2))
    assert (found.low, found.high) == (low, high)
    assert str(found) == str(text)


def test_amounts_below_zero() -> None:
    found = read_amount("-16 ± 0.5", number, F(1, 2))
    assert (found.low, found.high) == (F(-33, 2), F(-31, 2))
    assert found.holds(-16.5)
    assert not found.holds(-16.6)
    assert read_amount("-24..-22 LUFS", number, F(1)).low == -24
    with pytest.raises(ValueError, match="begins above its end"):
        read_amount("3..2", number, F(1))


def changes(*times: float, share: float = 0.3) -> tuple[list[F], list[float], list[float]]:
    """Pictures at these times that grow bright and dark in turn, over a share of the screen."""
    up = [share * (n % 2 == 0) for n in range(len(times))]
    return [F(str(t)) for t in times], up, [share - one for one in up]


def test_three_flashes_in_a_second_are_accepted_and_more_are_not() -> None:
    six = changes(0, 0.1, 0.2, 0.3, 0.4, 0.5)
    assert not [*harmful(*six)]
    seven = changes(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.9)
    assert [*harmful(*seven)] == [(F(0), F(9, 10), 7)]
    assert not [*harmful(*changes(0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.01))]
    assert not [*harmful(*changes(0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.9, share=0.25))]


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return lambda *arguments: run_command(monkeypatch, capsys, *arguments)


def test_a_film_that_is_as_expected_and_one_that_is_not(
    film: Path, tmp_path: Path, command: Command
) -> None:
    good = tmp_path / "good.yaml"
    good.write_text("length: 2s ± 0.1s\nsize: 160x90\nframe_rate: 30\nno_black: 0.2s\n")
    assert command("verify", film, "--expect", good)[0] == 0
    bad = tmp_path / "bad.yaml"
    bad.write_text("stages: [render]\nexpect: {length: 3s, size: 160x90, loudness: -60}\n")
    report = tmp_path / "out.xml"
    asked = ("verify", film, "--expect", bad, "--junit", report, "--no-pictures")
    code, told, _ = command(*asked)
    assert code == 1
    assert "2 of 3 expectations are not met" in told
    suite = ElementTree.parse(report).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    cases = {case.get("name"): case for case in suite}
    assert cases["size"].find("failure") is None
    failure = cases["length"].find("failure")
    assert failure is not None
    assert "0.500 s shorter than 3s" in str(failure.get("message"))


def test_bad_input_is_told_apart(film: Path, tmp_path: Path, command: Command) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("lenght: 3s\n")
    code, _, told = command("verify", film, "--expect", wrong)
    assert code == 2
    assert "wrong.yaml:1: expect: unknown key 'lenght'; did you mean 'length'?" in told
    code, _, told = command("verify", tmp_path / "none.mp4")
    assert code == 2
    assert "there is no file" in told
    assert command("verify", wrong)[0] == 2


def test_what_is_missed_has_a_picture(film: Path, tmp_path: Path, command: Command) -> None:
    wanted = tmp_path / "still.yaml"
    wanted.write_text("no_freeze: {longest: 0.5s, below: 1}\n")
    shown = tmp_path / "shown"
    code, told, _ = command("verify", film, "--expect", wanted, "--pictures", shown, "--json")
    assert code == 1
    (miss,) = json.loads(told)["verdicts"][0]["misses"]
    assert (miss["start"], miss["end"]) == (0, 2)
    with Image.open(miss["picture"]) as picture:
        assert picture.size == (160, 90)


def test_without_any_what_is_usual_is_checked_and_said(film: Path, command: Command) -> None:
    code, out, _ = command("verify", film, "--json")
    told = json.loads(out)
    assert (code, told["met"]) == (0, True)
    assert told["by"].startswith("what is usual (audio_video_offset, no_black, no_flash, no_freeze")
    assert {row["state"] for row in told["verdicts"]} == {"met"}


def test_a_run_keeps_what_it_found_and_verify_goes_by_it(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    expected = sc.expect(length="1s", frame_rate=30, channels=True)
    result = (sc.open(film) | sc.trim(start=0, end=1) | expected).render(out)
    assert result.is_met
    kept = json.loads((tmp_path / "out.manifest.json").read_text())["expect"]
    assert kept["met"]
    assert [row["name"] for row in kept["verdicts"]] == ["channels", "frame_rate", "length"]
    found = result.verify()
    assert (found.origin, found.is_met) == ("the film's manifest", True)
    too_long = (sc.open(film) | sc.expect(length="1s")).render(tmp_path / "long.mp4")
    assert [v.name for v in too_long.verifications[0].failed] == ["length"]
    assert not too_long.is_met


def test_the_plan_says_what_is_known_before(film: Path) -> None:
    plan = (sc.open(film) | sc.expect(length="1s", loudness=-16) | sc.trim(end=1.7)).plan()
    told = {step.subject: step.reason for step in plan.steps if step.stage == "expect"}
    assert told["length"].startswith("NOT MET: it lasts 1.700 s: 0.200 s longer than 1s")
    assert told["loudness"] == "checked when the film is written (-16)"


def test_functions_of_ones_own(film: Path) -> None:
    def is_small(view: Any) -> Any:
        assert view.frame(0.5).shape == (90, 160, 3)
        return view.size == (160, 90)

    assert sc.verify(film, is_small).is_met
    (verdict,) = sc.verify(film, lambda view: [(0.5, "too green"), "too short"]).failed
    assert [(miss.start, miss.reason) for miss in verdict.misses] == [
        (F(1, 2), "too green"), (None, "too short"),
    ]  # fmt: skip
    with pytest.raises(sc.SmartcutError, match="must return None, True, False"):
        sc.verify(film, lambda view: 3)


def test_the_schema_tells_each_way_of_writing_an_expectation() -> None:
    schema = find_stage("expect").model_json_schema()
    length = schema["properties"]["length"]
    assert {"type": "boolean"} in length["anyOf"]
    assert "30s ± 0.5s" in json.dumps(length, ensure_ascii=False)


@pytest.mark.slow
def test_the_schema_of_pipelines_knows_expectations() -> None:
    from smartcut.spec_schema import json_schema

    schema = json_schema()
    assert schema["properties"]["expect"] == {"$ref": "#/$defs/stage-expect"}
    assert "length" in schema["$defs"]["stage-expect"]["properties"]


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        ("[1]", "it is no object"),
        ("{", "cannot be read as a manifest"),
        ('{"words": [{"start": 0, "end": 1e400, "text": "a"}]}', "words.0.end"),
        ('{"timeline": {"a": 1}}', "timeline"),
        ('{"captions": [{"start": 0, "end": 1, "lines": [], "box": [1], "colours": []}]}', "box"),
        ('{"expect": {"expected": {"lenght": 3}}}', "lenght"),
    ],
)  # fmt: skip
def test_a_damaged_manifest_is_refused(
    damaged: str, said: str, film: Path, tmp_path: Path, command: Command
) -> None:
    out = tmp_path / "film.mp4"
    out.write_bytes(film.read_bytes())
    out.with_suffix(".manifest.json").write_text(damaged)
    code, _, told = command("verify", out)
    assert (code, said in told) == (2, True), told


def test_what_a_manifest_keeps_of_another_kind_is_nothing(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "film.mp4"
    out.write_bytes(film.read_bytes())
    names = {"frame_rate": 30, "channels": "stereo", "colour": {"range": "limited"}}
    kept = {"frame_rate": [3], "channels": "x", "colour": [1, "2", None], "no_word_cut": {}}
    record = {"expect": {"expected": names, "rendered": kept}}
    out.with_suffix(".manifest.json").write_text(json.dumps(record))
    assert sc.verify(out).is_met


def test_a_report_says_what_was_expected(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    result = (sc.open(film) | sc.expect(length="1s", size="160x90")).render(out)
    result.report(tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "Expectations" in page
    assert "it lasts 2.000 s" in page


@pytest.mark.slow
def test_of_many_films_one_that_is_not_as_expected_has_failed(
    film: Path, tmp_path: Path, command: Command
) -> None:
    (tmp_path / "p.yaml").write_text("stages: [render]\nexpect: {length: 1s}\n")
    other = tmp_path / "short.mp4"
    write_bar_coded(other, frames=30, size=(160, 90))
    asked = (
        "run",
        tmp_path / "p.yaml",
        film,
        other,
        "--each",
        "-o",
        f"{tmp_path}/out/{{stem}}.mp4",
    )
    code, out, err = command(*asked, "--retries", 0)
    assert code == 3
    assert "written, but not as expected: film.mp4: length" in out + err
    assert (tmp_path / "out" / "short.mp4").exists()


@pytest.mark.slow
def test_a_session_keeps_to_what_is_expected_and_checks_it(film: Path, tmp_path: Path) -> None:
    from smartcut.studio import Session

    pipeline = tmp_path / "p.yaml"
    pipeline.write_text("stages: [{trim: {end: 1}}, score, render]\nexpect: {length: 3s}\n")
    with Session.open(pipeline, [film], tmp_path / "out.mp4") as session:
        steps = session.plan()["steps"]
        told = [step["reason"] for step in steps if step["stage"] == "expect"]
        assert told[0].startswith("NOT MET: it lasts 1.000 s")
        (found,) = session.render().result().verifications
    assert [verdict.name for verdict in found.failed] == ["length"]
