"""A yard under a watching camera: people and carts go about, and it is known where.

They are made of balls, walk in straight lines, leave the picture and come back on the other side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smartcut.models.tracing.camera_path import CameraPath
from smartcut.models.tracing.scene import Camera, Material, Plane, Scene, Sphere, Vector
from smartcut.models.tracing.setting import SceneSetting, Thing

#: (category, parts as (across, height, radius in metres)), along the way that it goes.
_BUILDS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "person": ((0.0, 0.35, 0.24), (0.0, 0.8, 0.3), (0.0, 1.25, 0.26), (0.0, 1.65, 0.17)),
    "cart": ((-0.55, 0.35, 0.33), (0.0, 0.5, 0.45), (0.55, 0.35, 0.33)),
}
_COLOURS: tuple[Vector, ...] = (
    (0.75, 0.15, 0.1), (0.1, 0.3, 0.7), (0.8, 0.65, 0.15), (0.15, 0.5, 0.25), (0.6, 0.6, 0.65),
)  # fmt: skip
_CAMERA = Camera((7.5, 6.5, 9.5), (0, 0.4, 0), view=38)
# From one side of the yard to the other, in metres.
_ACROSS = 20.0


@dataclass(frozen=True, slots=True)
class _Walker:
    category: str
    colour: Vector
    start: tuple[float, float]
    """Along its way, and beside the middle, in metres."""
    angle: float
    speed: float

    def spheres(self, seconds: float) -> tuple[Sphere, ...]:
        along = (self.start[0] + self.speed * seconds) % _ACROSS - _ACROSS / 2
        cosine, sine = float(np.cos(self.angle)), float(np.sin(self.angle))
        parts = []
        for across, height, radius in _BUILDS[self.category]:
            ahead = along + across
            place = (
                ahead * cosine - self.start[1] * sine,
                height,
                ahead * sine + self.start[1] * cosine,
            )
            parts.append(Sphere(place, radius, Material(self.colour), self.category))
        return tuple(parts)


def yard(random: np.random.Generator) -> SceneSetting:
    """Four to seven walkers in the evening sun."""
    walkers = [_walker(random, i) for i in range(int(random.integers(4, 8)))]
    sun = Sphere((-14, 16, 10), 2.2, Material((0, 0, 0), emission=(75, 66, 54)), "sun")
    ground = Material((0.42, 0.41, 0.4), squares=(0.33, 0.33, 0.34), square=2.0)
    floor = Plane((0, 0, 0), material=ground, name="ground")

    def scene_at(seconds: float) -> Scene:
        moving = tuple(s for w in walkers for s in w.spheres(seconds))
        return Scene((*moving, sun), (floor,), (0.3, 0.38, 0.5), (0.5, 0.5, 0.5))

    things, first = [], 0
    for walker in walkers:
        count = len(_BUILDS[walker.category])
        things.append(Thing(walker.category, range(first, first + count)))
        first += count
    return SceneSetting(CameraPath((_CAMERA,)), scene_at, tuple(things), moves=True)


def _walker(random: np.random.Generator, number: int) -> _Walker:
    category = "cart" if random.random() < 0.25 else "person"
    speed = float(random.uniform(0.9, 1.7) if category == "person" else random.uniform(1.8, 3.0))
    start = (float(random.uniform(0, _ACROSS)), float(random.uniform(-3.5, 3.5)))
    angle = float(random.choice([0.0, 0.5, 1.0, 1.5]) * np.pi + random.uniform(-0.25, 0.25))
    return _Walker(category, _COLOURS[number % len(_COLOURS)], start, angle, speed)
