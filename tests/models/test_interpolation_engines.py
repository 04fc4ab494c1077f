"""Flow, blending and minterpolate on pictures whose motion is known; the choice between engines."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.held_back import middles, psnr, ssim
from benchmarks.interpolation import CASES, Case, _quality_checks, _speed_checks
from benchmarks.plain_flow import PlainFlow
from smartcut.errors import ModelError
from smartcut.models import weights
from smartcut.models.interpolation import EngineName, Gap, Interpolator, Tier, load, synthetic
from smartcut.models.interpolation.choice import BEST_WITHIN, FAST_WITHIN, choose, estimate

PLAIN: tuple[EngineName, ...] = ("flow", "blend", "minterpolate")
HD = (1280, 720)


def textured(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Soft noise with strong contrast: RGB uint8."""
    noise = np.random.default_rng(seed).normal(size=(height, width, 3))
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5)
    return np.clip(127 + soft / soft.std() * 45, 0, 255).astype(np.uint8)


def panned(shift: int, size: tuple[int, int] = (120, 160)) -> np.ndarray:
    """A window that has moved left by ``shift`` over one texture: its content moves right."""
    height, width = size
    return textured(height, width + 80)[:, 40 - shift : 40 - shift + width]


# ------------------------------------------------------------------------------ the contract


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("size", [(1, 1), (3, 50), (16, 16), (17, 40), (33, 31), (64, 47)])
def test_any_size_comes_back_in_order_and_the_same_each_time(
    name: EngineName, size: tuple[int, int]
) -> None:
    gap = Gap(textured(*size), textured(*size, seed=1), (0.75, 0.25))
    engine = load(name)
    later, sooner = engine.make([gap])[0]
    assert later.shape == sooner.shape == gap.first.shape
    assert later.dtype == sooner.dtype == np.uint8
    again = load(name).make([Gap(gap.first, gap.second, (0.25,)), gap])
    assert np.array_equal(again[0][0], sooner)
    assert np.array_equal(again[1][0], later)
    if name != "blend":
        return
    assert psnr(later, gap.second) > psnr(later, gap.first)


@pytest.mark.parametrize("name", ["flow", "blend"])
def test_sixteen_bits_stay_sixteen_bits(name: EngineName) -> None:
    first, second = (panned(x).astype(np.uint16) * 257 for x in (0, 8))
    made = load(name).make([Gap(first, second, (0.5,))])[0][0]
    eight = load(name).make([Gap(panned(0), panned(8), (0.5,))])[0][0]
    assert made.dtype == np.uint16
    assert np.abs(made / 257 - eight).max() <= 0.51


def test_minterpolate_refuses_what_it_cannot_keep() -> None:
    picture = np.zeros((32, 32, 3), np.uint16)
    with pytest.raises(ModelError, match="8-bit pictures only"):
        load("minterpolate").make([Gap(picture, picture, (0.5,))])


@pytest.mark.parametrize("name", PLAIN)
def test_nothing_asked_gives_nothing(name: EngineName) -> None:
    engine = load(name)
    assert engine.make([]) == []
    assert engine.make([Gap(panned(0), panned(4), ())]) == [[]]
    assert (engine.name, engine.weights, engine.at_once) == (name, None, 1)


# ------------------------------------------------------------------------------ known motion


@pytest.mark.parametrize(("step", "shift"), [(0.25, 2), (0.5, 4), (0.75, 6)])
@pytest.mark.parametrize(("name", "least"), [("flow", 45), ("minterpolate", 38)])
def test_a_pan_is_met_at_any_step(name: EngineName, least: float, step: float, shift: int) -> None:
    made = load(name).make([Gap(panned(0), panned(8), (step,))])[0][0]
    inner = np.s_[16:-16, 16:-16]
    assert psnr(made[inner], panned(shift)[inner]) > least
    assert psnr(made[inner], panned(shift + 1)[inner]) < 35


def scene(at: int) -> np.ndarray:
    """A square moves right over a background that stands still."""
    picture = textured(160, 200).copy()
    picture[50:110, 50 + at : 110 + at] = textured(60, 60, seed=5)
    return picture


def test_flow_beats_blending_and_minterpolate_where_something_moves_over_something() -> None:
    gap = Gap(scene(0), scene(12), (0.5,))
    near = {name: psnr(load(name).make([gap])[0][0], scene(6)) for name in PLAIN}
    assert near["flow"] > near["minterpolate"] > near["blend"] + 2
    assert near["flow"] > near["blend"] + 5


def test_flow_leaves_what_stands_still() -> None:
    made = load("flow").make([Gap(scene(0), scene(12), (0.5,))])[0][0]
    assert np.abs(made[:, :30].astype(int) - scene(0)[:, :30]).max() <= 2


def test_equal_pictures_stay_as_they_are() -> None:
    picture = panned(0)
    (made,) = load("flow").make([Gap(picture, picture.copy(), (0.4,))])[0]
    assert np.array_equal(made, picture)
    made[:] = 0
    assert picture.any()


def test_flow_near_an_end_is_nearly_that_end() -> None:
    first, last = load("flow").make([Gap(panned(0), panned(8), (1e-6, 1 - 1e-6))])[0]
    assert np.abs(first.astype(int) - panned(0)).max() <= 1
    assert np.abs(last.astype(int) - panned(8)).max() <= 1


def test_minterpolate_rounds_steps_to_sixtieths_at_finest() -> None:
    engine: Interpolator = load("minterpolate")
    gap = Gap(panned(0), panned(8), (0.5, 0.5001, 0.25, float(Fraction(1, 3))))
    half, nearly, quarter, third = engine.make([gap])[0]
    assert np.array_equal(half, nearly)
    assert not np.array_equal(half, quarter)
    assert np.array_equal(engine.make([Gap(gap.first, gap.second, (1 / 3,))])[0][0], third)


# -------------------------------------------------------------------------------- the choice


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find", lambda name: Path(name))


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find", lambda name: None)


def most(tier: Tier, seconds: float, cores: int = 2) -> int:
    """How many 720p pictures RIFE makes in that time."""
    one = estimate("rife", tier, device="cpu", size=HD, pictures=1, cores=cores)
    return int(seconds / one)


@pytest.mark.usefixtures("pulled")
def test_auto_gets_cheaper_as_the_work_grows() -> None:
    def made(pictures: int) -> tuple[EngineName, Tier | None]:
        found = choose("auto", None, device="cpu", size=HD, pictures=pictures, cores=2)
        return found.engine, found.tier

    assert made(0) == made(1) == made(most("best", BEST_WITHIN)) == ("rife", "best")
    assert made(most("best", BEST_WITHIN) + 1) == ("rife", "fast")
    assert made(most("fast", FAST_WITHIN)) == ("rife", "fast")
    assert made(most("fast", FAST_WITHIN) + 1) == ("flow", None)


@pytest.mark.usefixtures("pulled")
def test_a_tier_asked_for_is_kept_or_given_up_whole() -> None:
    many = most("best", BEST_WITHIN) + 1
    kept = choose("auto", "fast", device="cpu", size=HD, pictures=10, cores=2)
    assert (kept.engine, kept.tier) == ("rife", "fast")
    given_up = choose("auto", "best", device="cpu", size=HD, pictures=many, cores=2)
    assert (given_up.engine, given_up.tier) == ("flow", None)
    assert "tier best would need about 10 minutes" in given_up.reason


@pytest.mark.usefixtures("pulled")
def test_cores_and_a_gpu_make_more_bearable() -> None:
    many = most("best", BEST_WITHIN) + 1
    assert choose("auto", None, device="cpu", size=HD, pictures=many, cores=8).tier == "best"
    on_gpu = choose("auto", None, device="cuda:0", size=HD, pictures=10 * many, cores=2)
    assert (on_gpu.engine, on_gpu.tier) == ("rife", "best")
    assert on_gpu.reason.endswith(f"{10 * many} pictures of 1280x720 on cuda:0")
    flow = {
        device: estimate("flow", None, device=device, size=HD, pictures=9, cores=4)
        for device in ("cpu", "cuda")
    }
    assert flow["cpu"] == flow["cuda"]


@pytest.mark.usefixtures("absent")
def test_without_weights_auto_takes_flow_and_says_how_to_get_them() -> None:
    found = choose("auto", None, device="cpu", size=HD, pictures=10, cores=2)
    assert (found.engine, found.tier) == ("flow", None)
    assert "smartcut models pull rife-4.6" in found.reason


@pytest.mark.parametrize("name", ["rife", *PLAIN])
@pytest.mark.usefixtures("absent")
def test_what_is_asked_for_is_taken(name: EngineName) -> None:
    found = choose(name, None, device="cpu", size=HD, pictures=1, cores=1)
    assert found.engine == name
    assert found.tier == ("best" if name == "rife" else None)
    assert found.seconds > 0
    assert "as asked" in found.reason
    assert found.reason.endswith("1 picture of 1280x720 on 1 core")


@pytest.mark.usefixtures("pulled")
def test_the_time_is_told_in_words() -> None:
    def words(pictures: int) -> str:
        found = choose("rife", "fast", device="cpu", size=(1000, 1000), pictures=pictures, cores=2)
        return found.reason.split(": ")[1].split(" for ")[0]

    one = estimate("rife", "fast", device="cpu", size=(1000, 1000), pictures=1, cores=2)
    assert words(0) == "under a second"
    assert words(round(60 / one)) == "about 60 seconds"
    assert words(round(600 / one)) == "about 10 minutes"
    assert words(round(36000 / one)) == "about 10 hours"


# --------------------------------------------------------------------------- the benchmark's


def test_held_back_frames_avoid_cuts_and_spread() -> None:
    assert middles(18, (), 1, 20) == [5, 7, 9, 11]
    assert middles(18, (7,), 1, 20) == [5, 9, 11]
    assert middles(18, (8,), 1, 20) == [5, 9, 11]
    assert middles(18, (6,), 2, 20) == [9, 11]
    assert middles(110, (), 1, 3) == [5, 53, 103]


def test_likeness_by_known_values() -> None:
    picture = panned(0)
    assert psnr(picture, picture) == 100
    assert ssim(picture, picture) == pytest.approx(1)
    level = np.full((40, 40, 3), 100, np.uint8)
    assert psnr(level + np.uint8(5), level) == pytest.approx(34.1514, abs=1e-4)
    # Flat pictures differ in light alone: (2ab + C1) / (a^2 + b^2 + C1).
    expected = (2 * 100 * 120 + 6.5025) / (100**2 + 120**2 + 6.5025)
    assert ssim(level + np.uint8(20), level) == pytest.approx(expected, abs=1e-6)


def test_flow_beats_what_is_usually_written() -> None:
    near: dict[str, list[float]] = {"flow": [], "plain": [], "blend": []}
    engines = {"flow": load("flow"), "plain": PlainFlow(), "blend": load("blend")}
    for seed in range(6):
        made_up = synthetic.scene((seed,), 160, 12)
        first, between, second = (
            np.rint(picture * 255).astype(np.uint8)
            for picture in (made_up.first, made_up.between, made_up.second)
        )
        for name, engine in engines.items():
            made = engine.make([Gap(first, second, (made_up.step,))])[0][0]
            near[name].append(psnr(made, between))
    flow, plain, blend = (float(np.mean(each)) for each in near.values())
    assert flow > plain + 1 > blend + 5


def test_the_benchmark_finds_the_case_with_the_least_lead() -> None:
    def row(case: Case, engine: str, level: float) -> dict[str, object]:
        return {"case": case.name, "engine": engine, "psnr": 30 + level, "ssim": 0.9 + level / 100}

    rows = [row(case, "flow", n) for n, case in enumerate(CASES)]
    rows += [row(case, "plain DIS", 0.5) for case in CASES]
    checks = _quality_checks(rows)
    known = [check for check in checks if check.figure is not None]
    assert [(check.figure, check.verdict) for check in known] == [
        (-0.5, "NOT held"),
        (-5, "NOT held"),
    ]
    assert CASES[0].name in known[0].text
    assert {check.verdict for check in checks if check not in known} == {"not measured"}


def test_the_benchmark_compares_the_network_with_itself_turn_by_turn() -> None:
    def row(engine: str, *seconds: float) -> dict[str, object]:
        return {"size": "720p", "engine": engine, "samples_s": list(seconds)}

    fast = row("rife fast", 1, 5, 1) | {"mean_difference_from_plain": 0.01}
    checks = _speed_checks([row("flow", 1, 1, 1), fast, row("rife fast, plain torch", 4, 20, 3)])
    assert [(check.figure, check.verdict) for check in checks] == [(0.25, "held"), (0.01, "held")]
