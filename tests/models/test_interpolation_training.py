"""The small network: its shape, made-up motion, and a short training on the processor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from smartcut.cache import file_sha256
from smartcut.errors import ModelError
from smartcut.models.interpolation import Gap, load, small
from smartcut.models.interpolation.small import Small, SmallNet
from smartcut.models.interpolation.synthetic import scene
from smartcut.models.interpolation.training import (
    HELD_BACK,
    InterpolationSettings,
    batch_of,
    held_back,
    loss_of,
    main,
    train,
)
from smartcut.models.interpolation.triplets import Videos

TINY = InterpolationSettings(steps=6, batch=2, size=32, reach=3, widths=(8, 8, 8), layers=1)


def quiet(text: str) -> None:
    """Nobody reads it."""


# -------------------------------------------------------------------------- made-up motion


def test_a_scene_follows_from_its_seed() -> None:
    one, same, other = scene((3, 1), 64, 8), scene((3, 1), 64, 8), scene((3, 2), 64, 8)
    assert one.step == same.step
    assert np.array_equal(one.between, same.between)
    assert np.array_equal(one.flow, same.flow)
    assert not np.array_equal(one.between, other.between)


def test_the_flow_of_a_scene_leads_to_the_same_points() -> None:
    y, x = np.mgrid[:96, :96].astype(np.float32)
    for seed in range(8):
        found = scene((seed,), 96, 10)
        for picture, at in ((found.first, 0), (found.second, 2)):
            across, down = found.flow[..., at], found.flow[..., at + 1]
            looked_up = cv2.remap(picture, x + across, y + down, cv2.INTER_CUBIC)
            error = np.abs(looked_up - found.between).mean(axis=-1)
            # The rest is hidden there, lies outside, or is an edge of a layer.
            assert np.median(error) < 0.015
            assert (error < 0.06).mean() > 0.75
            assert np.median(error) < 0.4 * np.median(np.abs(picture - found.between))


def test_a_scene_near_its_start_is_its_first_picture() -> None:
    seeds = [(seed,) for seed in range(40)]
    found = min((scene(seed, 32, 4) for seed in seeds), key=lambda s: s.step)
    nearer = np.abs(found.between - found.first).mean()
    assert nearer < np.abs(found.between - found.second).mean()


# ------------------------------------------------------------------------------ the network


def test_the_standard_network_has_two_to_five_million_parameters_and_starts_as_blending() -> None:
    net = SmallNet()
    assert 2e6 < sum(p.numel() for p in net.parameters()) < 5e6
    found = scene((1,), 48, 5)
    for dtype in (np.uint8, np.uint16):
        most = np.iinfo(dtype).max
        first, second = ((p * most).astype(dtype)[:, :37] for p in (found.first, found.second))
        gap = Gap(first, second, (0.75, 0.25))
        ours, blended = (e.make([gap])[0] for e in (Small(net, "cpu"), load("blend")))
        for own, plain in zip(ours, blended, strict=True):
            assert own.dtype == dtype
            assert own.shape == (48, 37, 3)
            assert np.abs(own.astype(int) - plain).max() <= most * 1e-4 + 1


def test_motion_is_even_whatever_the_weights() -> None:
    torch.manual_seed(0)
    net = SmallNet((8, 8, 8), 1)
    for stage in net.stages:
        torch.nn.init.normal_(stage.leave.weight, std=0.5)
    first, second = torch.rand(2, 1, 3, 32, 48)
    with torch.no_grad():
        for step, end in ((1e-4, first), (1 - 1e-4, second)):
            picture, flow = net(first, second, torch.full((1, 1, 1, 1), step))[-1]
            assert (picture - end).abs().mean() < 0.02
            assert flow.abs().max() > 0.5


# ------------------------------------------------------------------------------- training


def mean_loss(net: SmallNet, settings: InterpolationSettings) -> float:
    """On scenes held back: those of two steps differ more than a step teaches."""
    with torch.inference_mode():
        losses = [loss_of(net, batch_of(settings, HELD_BACK, n, "cpu")) for n in range(16)]
    return float(np.mean(losses))


@pytest.mark.slow
def test_training_learns_and_beats_blending(tmp_path: Path) -> None:
    settings = InterpolationSettings(
        steps=250, batch=4, size=48, reach=6, rate=4e-3, widths=(32, 24, 16), layers=1
    )
    out = tmp_path / "small.safetensors"
    untrained = SmallNet(settings.widths, settings.layers)
    before, blended = held_back(untrained, settings)
    assert before == pytest.approx(blended, abs=0.01)
    losses = train(settings, out, say=quiet)
    assert len(losses) == 250
    trained = small.load(out).net
    after, _ = held_back(trained, settings)
    assert after > blended + 0.7
    assert mean_loss(trained, settings) < 0.96 * mean_loss(untrained, settings)


def test_the_same_seed_gives_the_same_file_and_another_seed_another(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one", "same", "other")]
    for file, seed in zip(files, (0, 0, 1), strict=True):
        train(replace(TINY, seed=seed), file, say=quiet)
    one, same, other = (file_sha256(file) for file in files)
    assert one == same
    assert one != other


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    losses = train(TINY, whole, say=quiet)
    start = train(TINY, parted, stop_after=4, say=quiet)
    assert not parted.exists()
    rest = train(TINY, parted, say=quiet)
    assert start + rest == losses
    assert file_sha256(parted) == file_sha256(whole)
    assert train(TINY, parted, say=quiet) == []


def test_a_state_of_other_settings_is_refused(tmp_path: Path) -> None:
    train(TINY, tmp_path / "net", stop_after=1, say=quiet)
    with pytest.raises(ModelError, match="other settings"):
        train(replace(TINY, rate=1e-3), tmp_path / "net", say=quiet)


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"size": 40}, {"size": 0}, {"batch": 0}], ids=lambda w: str(w)
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        InterpolationSettings(**{"steps": 1, **wrong})


def test_the_file_says_how_it_was_made_and_loads_as_an_engine(tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    train(TINY, out, say=quiet)
    about = small.describe(out)
    assert (about["seed"], about["steps"], about["widths"]) == (0, 6, [8, 8, 8])
    assert about["video"] == {}
    engine = small.load(out)
    assert engine.weights == ("small (net.safetensors)", file_sha256(out))
    picture = np.full((20, 30, 3), 77, np.uint8)
    (made,) = engine.make([Gap(picture, picture, (0.5,))])[0]
    assert np.array_equal(made, picture)


def test_other_files_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    foreign, other, damaged = (tmp_path / f"{n}.safetensors" for n in "fod")
    save_file({"a": torch.zeros(1)}, str(foreign))
    with pytest.raises(ModelError, match="is no small network"):
        small.load(foreign)
    save_file({"a": torch.zeros(1)}, str(other), {"smartcut": '{"format": "smartcut-small-9"}'})
    with pytest.raises(ModelError, match="smartcut-small-9"):
        small.load(other)
    text = '{"format": "smartcut-small-1", "widths": [8, 8, 8], "layers": 1}'
    save_file({"a": torch.zeros(1)}, str(other), {"smartcut": text})
    with pytest.raises(ModelError, match="does not fit"):
        small.load(other)
    damaged.write_bytes(foreign.read_bytes()[:20])
    with pytest.raises(ModelError, match="cannot be loaded"):
        small.load(damaged)


# ------------------------------------------------------------------------------ real video


def written(file: Path, levels: list[int], size: tuple[int, int] = (64, 48)) -> None:
    video = cv2.VideoWriter(str(file), cv2.VideoWriter_fourcc(*"MJPG"), 25, size)
    for level in levels:
        video.write(np.full((size[1], size[0], 3), level, np.uint8))
    video.release()


def test_triplets_come_from_one_shot_and_know_their_step(tmp_path: Path) -> None:
    first_shot, second_shot = list(range(20, 60, 2)), list(range(160, 200, 2))
    written(tmp_path / "a.avi", first_shot + second_shot)
    (tmp_path / "notes.txt").write_text("no video")
    videos = Videos(tmp_path, 32)
    assert list(videos.digests) == ["a.avi"]
    random = np.random.default_rng(0)
    steps = set()
    for _ in range(60):
        first, between, second, step = videos.triplet(random)
        assert first.shape == (32, 32, 3)
        assert first.dtype == np.float32
        low, middle, high = (float(p.mean()) * 255 for p in (first, between, second))
        assert high - low < 12
        assert middle == pytest.approx(low + step * (high - low), abs=1.5)
        steps.add(round(step, 3))
    assert steps == {0.25, 0.333, 0.5, 0.667, 0.75}


def test_a_folder_without_usable_video_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "tiny.avi", [10, 20, 30], (16, 16))
    with pytest.raises(ModelError, match="holds no video to learn from"):
        Videos(tmp_path, 32)


def test_the_command_trains_on_video_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "video"
    folder.mkdir()
    written(folder / "a.avi", list(range(20, 60, 4)))
    out = tmp_path / "net.safetensors"
    options = ["--steps", "2", "--batch", "2", "--size", "32", "--seed", "4"]
    assert main([*options, "--out", str(out), "--video", str(folder)]) == 0
    about = small.describe(out)
    assert about["video"] == {"a.avi": file_sha256(folder / "a.avi")}
    assert (about["seed"], about["batch"], about["widths"]) == (4, 2, list(small.WIDTHS))
    said = capsys.readouterr().out
    assert file_sha256(out) in said
    assert "held-back scenes" in said
    with pytest.raises(SystemExit, match="2"):
        main([*options, "--out", str(out), "--video", str(tmp_path)])
    assert "holds no video" in capsys.readouterr().err
