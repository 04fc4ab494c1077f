"""Moving backgrounds by the path tracer: quiet pictures that a title can stand before.

They are soft by a wide lens and move slowly, so that they are traced small and a dozen times a
second; frames between are mixed from their neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import torch

from smartcut.errors import ModelError
from smartcut.models.generation.bouncing import displayed
from smartcut.models.generation.camera_path import CameraPath, orbit
from smartcut.models.generation.makers import Brief
from smartcut.models.generation.path_tracer import render
from smartcut.models.generation.scene import Camera, Material, Plane, Scene, Sphere, Vector

Set = tuple[Scene, CameraPath]

# Frames traced a second.
_TRACED = 12

_HUES: tuple[Vector, ...] = ((1.0, 0.45, 0.2), (0.2, 0.5, 1.0), (1.0, 0.8, 0.4), (0.7, 0.25, 0.9))


def make(brief: Brief) -> Iterator[np.ndarray]:
    """uint8 (H, W, 3) for each frame; parameters ``scene``, ``detail`` and ``samples``.

    ``detail`` is the share of the height that is traced; ``samples`` are paths a traced pixel.
    """
    name = str(brief.params.get("scene", "bokeh"))
    if name not in SCENES:
        raise ModelError(f"unknown scene {name!r}; accepted: {', '.join(SCENES)}")
    scene, path = SCENES[name](np.random.default_rng(brief.seed))
    height = max(18, round(brief.height * float(brief.params.get("detail", 0.15))))
    width = max(18, round(height * brief.width / brief.height))
    samples = int(brief.params.get("samples", 16))
    every = max(1, round(float(brief.rate) / _TRACED))
    before = after = np.zeros(0, np.uint8)
    for number in range(brief.frames):
        if number % every == 0:
            before = after if number else _traced(brief, scene, path, 0, (width, height), samples)
            after = _traced(brief, scene, path, number + every, (width, height), samples)
        share = number % every / every
        yield cv2.addWeighted(before, 1 - share, after, share, 0)


def _traced(
    brief: Brief, scene: Scene, path: CameraPath, number: int, size: tuple[int, int], samples: int
) -> np.ndarray:
    """The frame of that number, enlarged."""
    camera = path.at(number / max(1, brief.frames - 1))
    # one pattern of chance for all frames: noise stays where it is, and does not flicker
    seen = render(
        scene, camera, *size, samples=samples, bounces=3, seed=brief.seed, device=brief.device
    )
    radiance = cv2.GaussianBlur(seen.radiance.cpu().numpy(), (0, 0), 1.1)
    large = cv2.resize(radiance, (brief.width, brief.height), interpolation=cv2.INTER_CUBIC)
    return displayed(torch.from_numpy(large))


def _bokeh(random: np.random.Generator) -> Set:
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
    return scene, orbit((0, 1.8, -1), 8, 0.4, (-7, 7), view)


def _studio(random: np.random.Generator) -> Set:
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
    return scene, orbit((0, 0.8, -1), 8.5, 1.2, (-10, 10), view)


def _dusk(random: np.random.Generator) -> Set:
    """A wide plain under a coloured evening sky, one glowing ball on the horizon."""
    low = _vector(np.array((1.0, 0.45, 0.2)) * random.uniform(0.7, 0.9))
    sun = Sphere((0, 1.5, -60), 4.0, Material((0, 0, 0), emission=(2.4, 1.2, 0.5)), "sun")
    floor = Plane((0, 0, 0), material=Material((0.35, 0.3, 0.4)), name="floor")
    views = (
        Camera((-2, 1.4, 8), (0, 2.2, -20), view=42),
        Camera((2, 2.0, 6), (0, 2.4, -20), view=42),
    )
    return Scene((sun,), (floor,), (0.05, 0.08, 0.3), low), CameraPath(views)


def _vector(values: object) -> Vector:
    x, y, z = (float(v) for v in values)  # type: ignore[attr-defined]
    return x, y, z


SCENES: dict[str, Callable[[np.random.Generator], Set]] = {
    "bokeh": _bokeh,
    "studio": _studio,
    "dusk": _dusk,
}
