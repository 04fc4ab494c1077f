"""Planted styles are found again within their intervals; none is claimed where there is none."""

from __future__ import annotations

import pytest

import smartcut as sc
from benchmarks.learned_styles import CHOSEN, WEIGHTS
from benchmarks.planted_styles import PlantedStyle, planted_film
from smartcut.api.learning import FoundStyle
from smartcut.cut import Cut
from smartcut.errors import SourceError
from smartcut.learning_style.style import LearnedStyle


def films(style: PlantedStyle, count: int = 3, seed: int = 0, **more: int) -> list[Cut]:
    return [planted_film(seed + number, style, **more) for number in range(count)]


def learned(style: PlantedStyle, **more: int) -> LearnedStyle:
    return sc.learn(films(style, **more)).learned


@pytest.mark.parametrize(
    "style",
    [
        PlantedStyle(before=0.12, after=0.26, min_cut=0.35),
        PlantedStyle(before=0.05, after=0.08, min_cut=0.6, jitter=0.02),
        PlantedStyle(before=0.3, after=0.4, min_cut=0.1, jitter=0.05),
    ],
)
def test_planted_margins_lie_in_their_intervals(style: PlantedStyle) -> None:
    found = learned(style)
    assert found.basis == "words"
    silences = found.silences
    assert silences is not None
    assert silences.min_cut is not None
    for name, estimate in [
        ("before", silences.before), ("after", silences.after), ("min_cut", silences.min_cut)
    ]:  # fmt: skip
        planted = getattr(style, name)
        assert estimate.low - 1e-6 <= planted <= estimate.high + 1e-6, (name, estimate)
        assert estimate.value == pytest.approx(planted, abs=0.05), name
    assert found.held_back is not None
    assert found.held_back.whole.share > 0.9
    assert found.held_back.default.share < found.held_back.whole.share + 1e-9
    assert found.weighing is None
    assert any(reason.startswith("highlights: 0 of the films choose") for reason in found.left_out)


@pytest.fixture(scope="module")
def choosing() -> FoundStyle:
    """Of films whose passages were chosen by signals."""
    return sc.learn(films(CHOSEN, blocks=40))


def test_planted_weights_lie_in_their_intervals(choosing: FoundStyle) -> None:
    found = choosing.learned
    assert found.weighing is not None
    by_name = {one.signal: one for one in found.weighing.weights}
    for name, planted in WEIGHTS.items():
        share = by_name[name].share
        assert share.low <= planted <= share.high, (name, share)
        assert by_name[name].error > 0
    assert by_name["motion"].share.value > by_name["loudness"].share.value
    assert by_name["motion"].is_told
    assert min(found.weighing.held_back) > 0.7
    # The margins are found in the passages as well.
    assert found.silences is not None
    assert found.silences.after.low <= CHOSEN.after <= found.silences.after.high


def test_what_counts_against_being_chosen_is_said() -> None:
    style = PlantedStyle(weights={"motion": 1.0, "sharpness": -0.7}, strength=9)
    found = sc.learn(films(style, blocks=40))
    assert any("weights.sharpness: counts against" in one for one in found.learned.left_out)
    assert "sharpness:" not in found.yaml().split("stages:")[1]
    assert "motion:" in found.yaml().split("stages:")[1]


def test_the_pipeline_runs_and_says_its_figures(choosing: FoundStyle) -> None:
    found = choosing
    steps = {step.stage.name: step.stage for step in found.pipeline().steps}
    silences, lengths = found.learned.silences, found.learned.lengths
    assert silences is not None
    assert lengths is not None
    assert list(steps)[-3:] == ["highlights", "tighten", "render"]
    margin = [float(side) for side in steps["tighten"].margin]  # type: ignore[attr-defined]
    assert margin == pytest.approx([silences.before.value, silences.after.value], abs=0.001)
    told = {w.signal for w in found.learned.weighing.weights if w.is_told}  # type: ignore[union-attr]
    assert set(steps["highlights"].weights) == told  # type: ignore[attr-defined]
    assert {name for name in told if name != "speech"} <= set(steps)
    text = found.yaml()
    assert f"n = {silences.before.count})" in text
    assert "films held back:" in text
    assert "AUC" in text


# ---------------------------------------------------------------------------------- refusals


def test_one_film_tells_no_style() -> None:
    short = planted_film(0, PlantedStyle(), talks=1, blocks=3)
    four = short.with_segments(short.segments[:5])
    with pytest.raises(SourceError, match="cut 1 alone, with 4 cuts, tells no style"):
        sc.learn(four)
    with pytest.raises(SourceError, match="give at least 2, better three or more"):
        sc.learn(films(PlantedStyle(), count=1))
    with pytest.raises(SourceError, match="2 films with 8 cuts in all tell no style"):
        sc.learn([four, four])


def test_films_of_no_one_style_tell_none() -> None:
    """Margins of 0.05 s in one film, of 0.6 s in the others: nothing that films share."""
    mixed = [
        planted_film(0, PlantedStyle(before=0.05, after=0.05)),
        planted_film(1, PlantedStyle(before=0.6, after=0.6, min_cut=0.05)),
        planted_film(2, PlantedStyle(before=0.3, after=0.3, jitter=0.3)),
    ]
    with pytest.raises(SourceError, match="carry no setting") as caught:
        sc.learn(mixed)
    assert "tighten: " in str(caught.value)


def test_passages_chosen_by_nothing_have_no_weights() -> None:
    style = PlantedStyle(weights={"motion": 1.0}, strength=0.0)
    found = learned(style)
    assert found.weighing is None
    reasons = [r for r in found.left_out if r.startswith("highlights: ")]
    assert len(reasons) == 1
    assert "of pairs (chance is 50%" in reasons[0] or "told apart from none" in reasons[0]
    assert found.silences is not None


def test_where_every_pause_is_cut_the_shortest_is_not_known() -> None:
    found = sc.learn(films(PlantedStyle(before=0.02, after=0.02, min_cut=0.0)))
    assert found.learned.silences is not None
    assert found.learned.silences.min_cut is None
    assert any(one.startswith("tighten.min_cut: every pause") for one in found.learned.left_out)
    assert "min_cut:" not in found.yaml().split("stages:")[1]
