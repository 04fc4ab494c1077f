"""The path tracer against answers that can be worked out by hand, and balls against mechanics."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from smartcut.models.tracing.bounce import GRAVITY, Ball, bounced
from smartcut.models.tracing.path_tracer import render
from smartcut.models.tracing.scene import Camera, Material, Plane, Scene, Sphere

WHITE = (1.0, 1.0, 1.0)
EVEN = {"sky": WHITE, "horizon": WHITE}
FRONT = Camera((0, 0, 5), view=20)


@pytest.mark.parametrize("kind", ["diffuse", "metal", "glass"])
def test_in_an_even_furnace_white_things_cannot_be_seen(kind: str) -> None:
    material = Material(WHITE, kind)  # type: ignore[arg-type]
    scene = Scene((Sphere((0, 0, 0), 0.8, material),), **EVEN)
    seen = render(scene, FRONT, 32, 32, samples=16, bounces=16)
    assert (seen.thing >= 0).float().mean() > 0.4
    assert seen.radiance.mean() == pytest.approx(1, abs=0.01)
    assert (seen.radiance - 1).abs().max() < 0.15


@pytest.mark.parametrize("albedo", [0.2, 0.5, 0.9])
def test_light_that_is_thrown_to_and_fro_adds_up(albedo: float) -> None:
    """Inside a closed dull sphere that shines, radiance is emission / (1 - albedo) everywhere."""
    wall = Material((albedo,) * 3, emission=(0.3, 0.3, 0.3))
    # a shining sphere is a lamp that is aimed at; from inside, paths must find it themselves
    scene = Scene((Sphere((0, 0, 0), 2.0, wall),), sky=(0, 0, 0), horizon=(0, 0, 0))
    seen = render(scene, Camera((0.3, 0, 0.2), (0, 0, -1)), 24, 24, samples=64, bounces=80)
    assert seen.radiance.mean() == pytest.approx(0.3 / (1 - albedo), rel=0.01)


@pytest.mark.parametrize(
    ("x", "height", "radius"), [(0.0, 3.0, 0.5), (2.0, 3.0, 1.0), (4.0, 2.0, 0.2)]
)
def test_direct_light_of_a_spherical_lamp(x: float, height: float, radius: float) -> None:
    """A sphere of radiance L gives irradiance pi L (r / d)^2 cos, from anywhere above."""
    floor = Plane((0, 0, 0), material=Material((0.6, 0.6, 0.6)))
    lamp = Sphere((0, height, 0), radius, Material((0, 0, 0), emission=(10, 10, 10)))
    scene = Scene((lamp,), (floor,), sky=(0, 0, 0), horizon=(0, 0, 0))
    camera = Camera((x, 1.0, 0.001), (x, 0, 0), view=0.5)
    seen = render(scene, camera, 4, 4, samples=256, bounces=1)
    distance = np.hypot(x, height)
    expected = 0.6 * 10 * (radius / distance) ** 2 * height / distance
    assert seen.radiance.mean() == pytest.approx(expected, rel=0.02)


def test_two_lamps_are_as_bright_as_both_alone() -> None:
    floor = Plane((0, 0, 0), material=Material((0.5, 0.5, 0.5)))
    lamps = [Sphere((x, 2, 0), 0.3, Material((0, 0, 0), emission=(8, 8, 8))) for x in (-1.0, 1.5)]
    camera = Camera((0.2, 1, 0.001), (0.2, 0, 0), view=2)

    def light(*some: Sphere) -> float:
        scene = Scene(some, (floor,), sky=(0, 0, 0), horizon=(0, 0, 0))
        return float(render(scene, camera, 8, 8, samples=256, bounces=1).radiance.mean())

    assert light(*lamps) == pytest.approx(light(lamps[0]) + light(lamps[1]), rel=0.02)


def test_noise_falls_with_the_root_of_the_samples() -> None:
    scene = Scene((Sphere((0, 0, 0), 1.0),), (Plane((0, -1, 0)),), horizon=(0.2, 0.2, 0.2))
    camera = Camera((0, 1, 4), (0, -0.6, 0), view=10)

    def noise(samples: int) -> float:
        seen = [render(scene, camera, 10, 10, samples=samples, seed=s).radiance for s in range(8)]
        return float(torch.stack(seen).std(0).mean())

    few, many = noise(16), noise(256)
    assert few / many == pytest.approx(4, rel=0.12)


def test_glass_bends_and_mirrors_as_fresnel_says() -> None:
    """Straight on, glass of index 1.5 mirrors 4 % at each face; a ball of it lets the rest pass."""
    ball = Sphere((0, 0, 0), 1.0, Material(WHITE, "glass"))
    behind = Plane((0, 0, -3), (0, 0, 1), Material((0, 0, 0), emission=(1, 0, 0)))
    scene = Scene((ball,), (behind,), sky=(0, 0, 1), horizon=(0, 0, 1))
    camera = Camera((0, 0, 5), view=0.2)
    red, _, blue = render(scene, camera, 4, 4, samples=1024).radiance.mean((0, 1)).tolist()
    mirrored = 0.04
    # through both faces, after any even number of reflections inside
    through = (1 - mirrored) ** 2 / (1 - mirrored**2)
    assert red == pytest.approx(through, abs=0.01)
    assert blue == pytest.approx(1 - through, abs=0.01)


def test_depth_normals_and_things_are_the_first_surfaces() -> None:
    ball = Sphere((0, 0, 0), 1.0)
    scene = Scene((ball,), (Plane((0, -1, 0)),))
    seen = render(scene, FRONT, 33, 33, samples=1)
    assert seen.thing[16, 16] == 0
    assert seen.depth[16, 16] == pytest.approx(4, abs=1e-4)
    assert seen.normal[16, 16].tolist() == pytest.approx([0, 0, 1], abs=1e-3)
    low = render(scene, Camera((0, 1, 5), (0, 0, 0), view=60), 33, 33, samples=1)
    assert low.thing[32, 16] == 1
    assert low.normal[32, 16].tolist() == [0, 1, 0]
    assert low.thing[0, 0] == -1
    assert torch.isinf(low.depth[0, 0])


def test_what_lies_in_focus_is_sharp_and_what_does_not_is_soft() -> None:
    squares = Material((0, 0, 0), squares=WHITE, square=0.25)
    wall = Plane((0, 0, 0), (0, 0, 1), squares)

    def contrast(focus: float) -> float:
        camera = Camera((0.06, 0.06, 4), (0.06, 0.06, 0), view=10, aperture=0.5, focus=focus)
        seen = render(Scene((), (wall,), **EVEN), camera, 48, 48, samples=64, bounces=1)
        return float(seen.radiance.std())

    assert contrast(4.0) > 3 * contrast(2.0)


def test_the_same_seed_gives_the_same_picture_however_it_is_divided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene((Sphere((0, 0, 0), 1.0, Material(kind="glass")),), (Plane((0, -1, 0)),))
    whole = render(scene, FRONT, 20, 12, samples=8, seed=3).radiance
    monkeypatch.setattr("smartcut.models.tracing.path_tracer._BATCH", 64)
    parts = render(scene, FRONT, 20, 12, samples=8, seed=3).radiance
    assert torch.allclose(whole, parts, atol=1e-6)
    assert not torch.allclose(whole, render(scene, FRONT, 20, 12, samples=8, seed=4).radiance)


def test_impossible_scenes_are_refused() -> None:
    with pytest.raises(ValueError, match="no surface"):
        render(Scene(), FRONT, 4, 4)
    with pytest.raises(ValueError, match="where it stands"):
        render(Scene((Sphere((0, 0, 0), 1),)), Camera((0, 0, 0)), 4, 4)
    with pytest.raises(ValueError, match="choose another `up`"):
        render(Scene((Sphere((0, 0, 0), 1),)), Camera((0, 5, 0)), 4, 4)
    with pytest.raises(ValueError, match="1 is the least"):
        render(Scene((Sphere((0, 0, 0), 1),)), FRONT, 4, 4, samples=0)


# ---------------------------------------------------------------------------------------- balls


def test_a_dropped_ball_falls_and_comes_back_as_high_as_restitution_lets_it() -> None:
    rate, drop, share = 240.0, 2.0, 0.8
    path = bounced([Ball((0, 0.25 + drop, 0), radius=0.25)], 400, rate, restitution=share)[:, 0, 1]
    t = np.arange(400) / rate
    falling = t < np.sqrt(2 * drop / GRAVITY) - 0.01
    assert path[falling] == pytest.approx(0.25 + drop - GRAVITY * t[falling] ** 2 / 2, abs=1e-6)
    landed = int(np.argmin(path[:200]))
    assert landed / rate == pytest.approx(np.sqrt(2 * drop / GRAVITY), abs=1.1 / rate)
    assert path[landed : landed + 250].max() - 0.25 == pytest.approx(share**2 * drop, rel=0.01)


def test_energy_and_momentum_are_kept_without_loss() -> None:
    balls = [Ball((-1, 3, 0), (1, 0, 0.2), 0.3), Ball((1, 2, 0.1), (-1, 0, 0), 0.2)]
    path = bounced(balls, 481, 240.0, restitution=1.0, half=2.0)
    mass = np.array([0.3, 0.2]) ** 3
    speed = np.diff(path, axis=0) * 240
    middle = (path[1:] + path[:-1]) / 2
    energy = ((speed**2).sum(2) / 2 * mass + GRAVITY * middle[:, :, 1] * mass).sum(1)
    assert np.median(energy[-40:]) == pytest.approx(np.median(energy[:40]), rel=0.01)
    head_on = bounced(
        [Ball((-1, 9, 0), (2, 0, 0), 0.5), Ball((1, 9, 0), radius=0.5)], 121, 120.0,
        restitution=1.0, gravity=0.0,
    )  # fmt: skip
    after = (head_on[-1] - head_on[-2]) * 120
    assert after[0] == pytest.approx([0, 0, 0], abs=1e-9)
    assert after[1] == pytest.approx([2, 0, 0], abs=1e-9)


def test_balls_stay_inside_and_come_to_rest() -> None:
    rng = np.random.default_rng(1)
    balls = [
        Ball((float(x), 1.0 + i, float(z)), radius=0.3)
        for i, (x, z) in enumerate(rng.uniform(-1, 1, (4, 2)))
    ]
    path = bounced(balls, 300, 30.0, restitution=0.5, half=1.5)
    assert (np.abs(path[..., [0, 2]]) <= 1.2 + 1e-6).all()
    assert (path[..., 1] >= 0.3 - 0.02).all()
    assert np.abs(path[-1] - path[-30]).max() < 0.05
