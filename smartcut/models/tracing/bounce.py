"""Balls that fall, bounce and collide: rigid bodies in small steps of time.

Gravity pulls along -y. Bodies are spheres, so turning changes nothing that is seen and is left
out. Each step moves by the mean velocity of the step, which is exact for free fall; where a ball
sank into the floor, a wall or another ball, it is put back to the surface and the velocity across
the surface is turned round, times the restitution (Newton's law of impact).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartcut.models.tracing.scene import Vector

GRAVITY = 9.81
_STEP = 1 / 2000
# Slower than this across a surface, a ball lies still on it, in metres a second.
_RESTING = 0.02


@dataclass(frozen=True, slots=True)
class Ball:
    """A sphere of even density; metres, and metres a second."""

    position: Vector
    velocity: Vector = (0.0, 0.0, 0.0)
    radius: float = 0.5


def bounced(
    balls: Sequence[Ball],
    frames: int,
    rate: float,
    *,
    restitution: float = 0.9,
    half: float | None = None,
    gravity: float = GRAVITY,
) -> np.ndarray:
    """float64 (frames, balls, 3): where the balls are at each frame, above a floor at y = 0.

    ``half`` is how far walls stand from the axis, in x and z; None is no walls. ``restitution``
    is the share of speed that an impact leaves, 0..1. Raises ValueError for values outside.
    """
    if not 0 <= restitution <= 1 or frames < 1 or rate <= 0:
        raise ValueError(f"restitution {restitution}, {frames} frames, rate {rate}: out of range")
    place = np.array([b.position for b in balls], dtype=np.float64).reshape(-1, 3)
    speed = np.array([b.velocity for b in balls], dtype=np.float64).reshape(-1, 3)
    radius = np.array([b.radius for b in balls], dtype=np.float64)
    pull = np.array([0.0, -gravity, 0.0])
    shown = [place.copy()]
    for _ in range(frames - 1):
        count = max(1, round(1 / rate / _STEP))
        step = 1 / rate / count
        for _ in range(count):
            place += speed * step + pull * (step * step / 2)
            speed += pull * step
            _off_walls(place, speed, radius, half, restitution, gravity, step)
            _apart(place, speed, radius, restitution)
        shown.append(place.copy())
    return np.stack(shown)


def _off_walls(
    place: np.ndarray,
    speed: np.ndarray,
    radius: np.ndarray,
    half: float | None,
    restitution: float,
    gravity: float,
    step: float,
) -> None:
    sunk = radius - place[:, 1]
    hit = (sunk > 0) & (speed[:, 1] < 0)
    place[hit, 1] = radius[hit]
    # The speed at the surface, not where the step happened to end: else energy is gained.
    at_surface = np.sqrt(np.maximum(speed[hit, 1] ** 2 - 2 * gravity * sunk[hit], 0))
    resting = at_surface < max(_RESTING, 2 * gravity * step)
    speed[hit, 1] = np.where(resting, 0, restitution * at_surface)
    if half is None:
        return
    for axis in (0, 2):
        for side in (-1, 1):
            hit = (side * place[:, axis] > half - radius) & (side * speed[:, axis] > 0)
            place[hit, axis] = side * (half - radius[hit])
            speed[hit, axis] *= -restitution


def _apart(place: np.ndarray, speed: np.ndarray, radius: np.ndarray, restitution: float) -> None:
    """Balls that overlap are moved apart, and exchange momentum if they come nearer."""
    mass = radius**3
    for i in range(len(place)):
        for j in range(i + 1, len(place)):
            away = place[j] - place[i]
            distance = float(np.linalg.norm(away))
            overlap = radius[i] + radius[j] - distance
            if overlap <= 0 or distance == 0:
                continue
            along, total = away / distance, mass[i] + mass[j]
            place[i] -= along * overlap * mass[j] / total
            place[j] += along * overlap * mass[i] / total
            nearing = float((speed[i] - speed[j]) @ along)
            if nearing > 0:
                impulse = (1 + restitution) * nearing / total
                speed[i] -= along * impulse * mass[j]
                speed[j] += along * impulse * mass[i]
