"""Figures of generators: against what analysis says they are, and the same for every generator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from smartcut.errors import ModelError
from smartcut.models.generation import dataset, measures, prompts, sampling
from smartcut.models.generation.baselines import (
    BASELINES,
    CopyLastFrame,
    MeanClip,
    PixelGaussian,
    moments,
)
from smartcut.models.generation.batches import ClipBatches, config_fields, to_clips, to_pixels
from smartcut.models.generation.contract import ClipBatch, Config, Generator, Given, SampleSettings
from smartcut.models.generation.evaluation import Reference, evaluate, measured
from smartcut.models.generation.features import NAMES, features
from smartcut.models.generation.shapes import SHAPES, moving_shapes

SIZE, FRAMES, PAST = 16, 4, 2


class Counting(Generator):
    """Each frame is one level brighter than the one before; starts at 100, or after the past."""

    family: ClassVar[str] = "counting"

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.start = nn.Parameter(torch.tensor(100.0))

    def losses(
        self, phase: str, batch: ClipBatch, random: torch.Generator, progress: float
    ) -> dict[str, Tensor]:
        return {"loss": (self.start / 127.5 - 1 - batch.clips.mean()).square()}

    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = sampling.STANDARD
    ) -> Tensor:
        steps = torch.arange(self.config.frames).view(1, -1, 1, 1, 1)
        first = self.start.view(1, 1, 1, 1, 1).expand(given.count, -1, -1, -1, -1)
        if given.past is not None:
            first = (given.past[:, :1] + 1) * 127.5
        clips = (first + steps) / 127.5 - 1
        return clips.expand(given.count, *self.config.clip)


def config(**fields: object) -> Config:
    return Config.model_validate({"frames": FRAMES, "height": SIZE, "width": SIZE, **fields})


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> dataset.Dataset:
    folder = tmp_path_factory.mktemp("sets") / "shapes"
    made = moving_shapes(160, SIZE, FRAMES, 3)
    return dataset.write(folder, made, kind="moving-shapes", rate=15.0, labels=SHAPES, seed=3)


# ---------------------------------------------------------------------- against analysis


def whitened(count: int, size: int, seed: int) -> np.ndarray:
    """Rows whose mean is exactly 0 and whose covariance is exactly the identity."""
    rows = np.random.default_rng(seed).standard_normal((count, size))
    rows -= rows.mean(0)
    values, vectors = np.linalg.eigh(np.cov(rows.T))
    return np.asarray(rows @ vectors / np.sqrt(values))


def test_the_frechet_distance_of_normal_distributions_is_the_closed_form() -> None:
    base = whitened(50, 3, 0)
    one, other = base * [1, 2, 3] + [0, 1, 0], base * [2, 2, 5] + [3, 1, 4]
    assert measures.frechet(one, other) == pytest.approx(9 + 16 + 1 + 0 + 4)
    turned = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    assert measures.frechet(one @ turned, other @ turned) == pytest.approx(30)
    assert measures.frechet(one, one) == pytest.approx(0, abs=1e-9)
    # covariances that do not commute, of full and of lower rank: C and the projection on x
    flat = whitened(50, 2, 2) * [1, 0]
    skew = whitened(50, 2, 2) @ np.linalg.cholesky([[2, 1], [1, 2]]).T
    assert measures.frechet(skew, flat) == pytest.approx(4 + 1 - 2 * np.sqrt(2))
    with pytest.raises(ValueError, match="at least 2 clips"):
        measures.frechet(one[:1], other)


def test_precision_and_recall_of_sets_that_are_the_same_apart_or_parts() -> None:
    rows = np.random.default_rng(0).standard_normal((40, 5))
    assert measures.precision_recall(rows, rows.copy()) == (1, 1)
    assert measures.precision_recall(rows, rows + 1000) == (0, 0)
    both = np.concatenate([rows, rows + 1000])
    assert measures.precision_recall(both, rows) == (1, 0.5)
    assert measures.precision_recall(rows, both) == (0.5, 1)


def test_psnr_of_a_known_error() -> None:
    clips = np.full((2, 3, 16, 16, 3), 100, np.uint8)
    assert measures.psnr(clips, clips + 5) == pytest.approx(20 * np.log10(255 / 5))
    assert measures.psnr(clips, clips) == pytest.approx(10 * np.log10(255**2 * 12))


def test_ssim_of_equal_flat_and_inverted_pictures() -> None:
    clips = np.random.default_rng(0).integers(0, 256, (1, 2, 24, 20, 3), np.uint8)
    assert measures.ssim(clips, clips) == pytest.approx(1)
    assert measures.ssim(clips, 255 - clips) < -0.8
    flat = np.full((1, 1, 8, 8, 3), 100, np.uint8)
    c1 = 2.55**2
    of_means = (2 * 100 * 120 + c1) / (100**2 + 120**2 + c1)
    assert measures.ssim(flat, flat + 20) == pytest.approx(of_means)


def test_bits_of_a_discretised_normal_distribution() -> None:
    levels = np.arange(256.0).reshape(256, 1)
    for mean, spread in ((128.0, 20.0), (3.0, 8.0), (255.0, 1.0), (100.0, 0.1)):
        bits = measures.gaussian_bits(levels, np.array([mean]), np.array([spread]))
        assert np.isfinite(bits).all()
        assert (2.0**-bits).sum() == pytest.approx(1)
    # far out in the tail: log2 of the density's ratio, where shares are below 1e-300
    far = measures.gaussian_bits(np.array([[200.0]]), np.array([100.0]), np.array([1.0]))
    edge = 99.5  # nearly all the mass lies at the near edge: phi(z) / z, to a part in z squared
    mass = -0.5 * edge**2 - np.log(np.sqrt(2 * np.pi) * edge)
    assert far[0] == pytest.approx(-mass / np.log(2), rel=1e-5)


def test_change_and_what_motion_does_not_explain() -> None:
    rng = np.random.default_rng(0)
    wide = np.kron(rng.integers(0, 256, (12, 30, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    moving = np.stack([[wide[:, 3 * t : 3 * t + 96] for t in range(4)]])
    jumping = rng.integers(0, 256, moving.shape, np.uint8)
    assert measures.change(moving[:, :1].repeat(4, 1)) == 0
    assert measures.change(np.arange(0, 40, 10, np.uint8).reshape(1, 4, 1, 1, 1)) == 10
    assert measures.unexplained(moving) < 0.4 * measures.change(moving)
    assert measures.unexplained(jumping) > 0.6 * measures.change(jumping)
    assert measures.unexplained(moving[..., :16, :16, :]) > 0  # small pictures are enlarged
    assert measures.change(moving[:, :1]) == measures.unexplained(moving[:, :1]) == 0


# -------------------------------------------------------------------------------- features


@pytest.mark.parametrize("name", ["random-conv", "pixels"])
def test_features_are_of_each_clip_by_itself_and_always_the_same(
    name: str, shapes: dataset.Dataset
) -> None:
    clips = shapes.arrays()[:20]
    rows = features(name, clips)
    assert rows.shape[0] == 20
    assert np.allclose(rows[17], features(name, clips[17:18])[0], atol=1e-5)
    assert np.ptp(rows, axis=0).max() > 0.01
    reverse = features(name, clips[:, ::-1])
    assert np.abs(rows - reverse).max() > 1e-3  # which way things move is seen


def test_the_drawn_network_is_the_same_everywhere() -> None:
    ramp = np.linspace(0, 255, 2 * 8 * 8 * 3).astype(np.uint8).reshape(1, 2, 8, 8, 3)
    assert features("random-conv", ramp)[0, [0, 12, 60]] == pytest.approx(
        [-0.011703, -0.737502, -0.519960], abs=1e-5
    )


@pytest.mark.weights("efficientnet-lite0")
def test_the_classifier_s_features(shapes: dataset.Dataset) -> None:
    clips = shapes.arrays()[:2]
    rows = features("efficientnet-lite0", clips)
    assert rows.shape == (2, 128)
    assert np.abs(rows[0] - rows[1]).max() > 0.01
    still = features("efficientnet-lite0", clips[:, :1].repeat(FRAMES, 1))
    assert np.abs(still[:, 64:]).max() == pytest.approx(0, abs=1e-5)


def test_unknown_features_are_an_error_that_lists_them() -> None:
    with pytest.raises(ModelError, match="accepted: random-conv, efficientnet-lite0, pixels"):
        features("inception", np.zeros((1, 1, 8, 8, 3), np.uint8))
    assert NAMES[0] == "random-conv"


# ------------------------------------------------------------------------------- baselines


def test_baselines_are_what_their_names_say(shapes: dataset.Dataset) -> None:
    asked = config(past=PAST)
    data = ClipBatches.of(shapes, asked)
    past = to_clips(data.clips[:3, :PAST])
    mean, spread = moments(data.clips)
    assert mean == pytest.approx(data.clips.mean(0))
    assert spread == pytest.approx(data.clips.astype(float).std(0))

    def of(kind: str, given: Given) -> np.ndarray:
        made = sampling.drawn(BASELINES[kind].of(asked, data), given, 7)
        assert made.shape == (given.count, FRAMES, SIZE, SIZE, 3)
        if given.past is not None:
            assert np.array_equal(made[:, :PAST], to_pixels(given.past))
        return made

    means = of("mean-clip", Given(3, past=past))
    assert np.abs(means[:, PAST:] - mean[PAST:]).max() <= 0.51
    held = of("copy-last-frame", Given(3, past=past))
    assert np.array_equal(held[:, PAST:], data.clips[:3, PAST - 1 : PAST].repeat(2, 1))
    stills = of("copy-last-frame", Given(9))
    assert (np.ptp(stills, axis=1) == 0).all()
    assert len(np.unique(stills[:, 0].reshape(9, -1), axis=0)) > 3
    noise = of("pixel-gaussian", Given(500))
    assert noise[..., 0].std(0).mean() > 0.8 * spread[..., 0].mean()
    assert np.abs(np.median(noise, axis=0) - mean).max() < 12  # ends of the range are cut off
    assert of("pixel-gaussian", Given(2)).tobytes() == noise[:2].tobytes()
    with pytest.raises(ModelError, match="mean-clip learns nothing"):
        MeanClip.of(asked, data).losses("loss", None, None, 0)  # type: ignore[arg-type]


def test_the_pixel_gaussian_s_bits_are_those_of_the_formula(shapes: dataset.Dataset) -> None:
    data = ClipBatches.of(shapes, config())
    model = PixelGaussian.of(config(), data)
    mean, spread = moments(data.clips)
    assert np.unique(model.spread[spread < 2].numpy()).size == 1  # the bound
    assert 1 < model.spread.min() <= 32
    random = torch.Generator().manual_seed(0)
    bits = model.bits_per_dimension(to_clips(data.clips[:5]), Given(5), random)
    wanted = measures.gaussian_bits(data.clips[:5], mean, model.spread.numpy())
    assert bits.numpy() == pytest.approx(wanted)


# ------------------------------------------------------------------------------ the report


def test_a_report_has_the_floor_and_the_baselines_beside_the_model(
    shapes: dataset.Dataset, tmp_path: Path
) -> None:
    asked = config(**{**config_fields(shapes, prompts.HASHED, PAST), "past": PAST})
    model = Counting(asked)
    report = evaluate(model, shapes, clips=50, seed=1)
    assert report == evaluate(model, shapes, clips=50, seed=1)
    assert (report.clips, report.past, report.features) == (16, PAST, "random-conv")
    assert report.floor.frechet < min(b.frechet for b in report.baselines.values())
    assert report.floor.frechet < report.model.frechet
    assert report.floor.psnr is None
    assert report.model.bits is None
    assert report.baselines["pixel-gaussian"].bits is not None
    assert report.baselines["copy-last-frame"].change == 0
    assert report.model.psnr is not None
    plain = json.loads(json.dumps(report.to_plain()))
    assert plain["model"]["frechet"] == report.model.frechet
    lines = report.text().splitlines()
    names = ["counting", "real", "mean-clip", "copy-last-frame", "pixel-gaussian"]
    assert lines[0].split() == names
    assert lines[1].startswith("Fréchet distance")
    assert len(lines) == 10


def test_predictions_are_measured_on_what_was_not_given(shapes: dataset.Dataset) -> None:
    asked = config(past=PAST)
    reference = Reference.of(asked, shapes)
    figures = measured(CopyLastFrame.of(asked, reference.learned), reference)
    last = reference.clips[:, PAST - 1 : PAST].repeat(FRAMES - PAST, 1)
    assert figures.psnr == measures.psnr(reference.clips[:, PAST:], last)
    assert figures.ssim == measures.ssim(reference.clips[:, PAST:], last)


def test_gray_generators_are_compared_in_gray(shapes: dataset.Dataset) -> None:
    report = evaluate(Counting(config(channels=1)), shapes, features="pixels")
    assert report.model.psnr is None
    assert report.floor.frechet < report.model.frechet


def test_sets_that_do_not_fit_are_errors(shapes: dataset.Dataset) -> None:
    for fields, said in (
        ({"labels": ("cat", "dog")}, "classes circle, square, triangle; .* cat, dog"),
        ({"frames": 9}, "9 frames of 16x16 are wanted"),
        ({"width": 32}, "4 frames of 32x16 are wanted"),
    ):
        with pytest.raises(ModelError, match=said):
            evaluate(Counting(config(**fields)), shapes)
    with pytest.raises(ModelError, match="2 clips are too few"):
        evaluate(Counting(config()), shapes, clips=2)


# ------------------------------------------------------------------------ weights to frames


def test_clips_of_any_length_are_made_in_windows() -> None:
    model = Counting(config(past=PAST))
    made = sampling.made(model, 3, frames=11)
    assert made.shape == (3, 11, SIZE, SIZE, 3)
    assert made[:, :, 0, 0, 0].tolist() == [list(range(100, 111))] * 3
    assert sampling.made(model, frames=2)[0, :, 0, 0, 0].tolist() == [100, 101]
    past = (
        np.full((5, SIZE, SIZE, 3), 50, np.uint8)
        + np.arange(5, dtype=np.uint8)[:, None, None, None]
    )
    more = sampling.continued(model, past, 6, count=2)
    assert more[:, :, 3, 2, 1].tolist() == [list(range(55, 61))] * 2
    assert np.array_equal(sampling.made(model, past=past[:1])[0, 0], past[0])


def test_what_a_generator_cannot_heed_is_an_error() -> None:
    plain = Counting(config())
    knowing = Counting(config(labels=SHAPES, tower=prompts.HASHED, text_size=64))
    past = np.zeros((3, SIZE, SIZE, 3), np.uint8)
    for model, asked, said in (
        (plain, {"prompt": "a circle"}, "trained without text$"),
        (plain, {"label": "circle"}, "know no classes"),
        (plain, {"past": past}, "cannot continue a clip; train with --past"),
        (plain, {"frames": 5}, "at most 4 frames, not 5, or train with --past"),
        (plain, {"count": 0}, "at least 1 clip"),
        (knowing, {"prompt": " ... "}, "has no words"),
        (knowing, {"label": "star"}, "unknown class 'star'; accepted: circle, square, triangle"),
        (Counting(config(past=PAST)), {"past": past}, "accepted are .N, 1 to 2"),
        (Counting(config(labels=SHAPES)), {"prompt": "a"}, "ask for a class instead: circle"),
    ):
        with pytest.raises(ModelError, match=said):
            sampling.made(model, **{"count": 1, **asked})  # type: ignore[arg-type]


def test_too_little_memory_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Counting, "sample", fails)
    with pytest.raises(ModelError, match="does not fit into the memory of cpu: ask for fewer"):
        sampling.made(Counting(config()), 1)
    with (
        pytest.raises(ModelError, match="does not fit"),
        sampling.enough_memory("cpu"),
    ):
        torch.empty(1 << 50)
