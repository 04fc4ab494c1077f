"""What the path tracer shows on the timeline: scenes with a camera, each drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from smartcut.errors import ModelError
from smartcut.models.tracing.camera_path import CameraPath, orbit
from smartcut.models.tracing.scene import Camera, Material, Plane, Scene, Sphere, Vector
from smartcut.models.tracing.setting import SceneSetting
from smartcut.models.tracing.yard import yard

_HUES: tuple[Vector, ...] = ((1.0, 0.45, 0.2), (0.2, 0.5, 1.0), (1.0, 0.8, 0.4), (0.7, 0.25, 0.9))


def setting(name: str, seed: int) -> SceneSetting:
    """The scene of that name; raises ModelError that lists those there are."""
    if name not in SCENES:
        raise ModelError(f"unknown scene {name!r}; accepted: {', '.join(SCENES)}")
    return SCENES[name](np.random.default_rng(seed))


def _bokeh(random: np.random.Generator) -> SceneSetting:
    """Lamps far out of focus over a dark floor."""
    spheres = []
    for i in range(12):
        hue = _HUES[i % len(_HUES)]
        bright = float(random.uniform(0.5, 1.6))
        place = (random.uniform(-7, 7), random.uniform(0.4, 5), random.uniform(-9, -2))
        lamp = Material((0, 0, 0), emission=(hue[0] * bright, hue[1] * bright, hue[2] * bright))
        spheres.append(Sphere(_vector(place), float(random.uniform(0.3, 0.55)), lamp, "lamp"))
    floor = Plane((0, 0, 0), material=Material((0.12, 0.12, 0.16)), name="floor")
    view = Camera((0, 2, 7), (0, 1.8, 0), view=45, aperture=0.7, focus=3.5)
    scene = Scene(tuple(spheres), (floor,), (0.01, 0.012, 0.03), (0.03, 0.03, 0.06))
    return SceneSetting(orbit((0, 1.8, -1), 8, 0.4, (-7, 7), view), lambda seconds: scene)


def _studio(random: np.random.Generator) -> SceneSetting:
    """Metal and dull balls on a light floor under two large lamps."""
    spheres = [
        Sphere((-4, 7, 4), 1.8, Material((0, 0, 0), emission=(7, 6.6, 6)), "lamp"),
        Sphere((6, 5, 3), 1.2, Material((0, 0, 0), emission=(4, 4.6, 6)), "lamp"),
    ]
    for i in range(7):
        radius = float(random.uniform(0.35, 0.8))
        x = (i - 3) * 1.5 + float(random.uniform(-0.3, 0.3))
        colour = _vector(np.array(_HUES[i % len(_HUES)]) * 0.6 + 0.1)
        kind = Material(colour, "metal", roughness=0.25) if i % 2 else Material(colour)
        spheres.append(Sphere((x, radius, float(random.uniform(-3, 0.5))), radius, kind, "ball"))
    floor = Plane((0, 0, 0), material=Material((0.6, 0.6, 0.62)), name="floor")
    view = Camera((0, 2, 8), (0, 0.8, 0), view=38, aperture=0.25, focus=6)
    scene = Scene(tuple(spheres), (floor,), (0.25, 0.3, 0.4), (0.5, 0.52, 0.55))
    return SceneSetting(orbit((0, 0.8, -1), 8.5, 1.2, (-10, 10), view), lambda seconds: scene)


def _dusk(random: np.random.Generator) -> SceneSetting:
    """A wide plain under a coloured evening sky, one glowing ball on the horizon."""
    low = _vector(np.array((1.0, 0.45, 0.2)) * random.uniform(0.7, 0.9))
    sun = Sphere((0, 1.5, -60), 4.0, Material((0, 0, 0), emission=(2.4, 1.2, 0.5)), "sun")
    floor = Plane((0, 0, 0), material=Material((0.35, 0.3, 0.4)), name="floor")
    views = (
        Camera((-2, 1.4, 8), (0, 2.2, -20), view=42),
        Camera((2, 2.0, 6), (0, 2.4, -20), view=42),
    )
    scene = Scene((sun,), (floor,), (0.05, 0.08, 0.3), low)
    return SceneSetting(CameraPath(views), lambda seconds: scene)


def _vector(values: object) -> Vector:
    x, y, z = (float(v) for v in values)  # type: ignore[attr-defined]
    return x, y, z


SCENES: dict[str, Callable[[np.random.Generator], SceneSetting]] = {
    "bokeh": _bokeh,
    "studio": _studio,
    "dusk": _dusk,
    "yard": yard,
}
