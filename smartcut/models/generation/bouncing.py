"""Clips of balls that fall and bounce, rendered by the path tracer, with all that is known of them.

Beside each clip, under the truth's names: ``depth`` float16 (T, H, W), metres along the camera's
axis; ``motion`` float16 (T, H, W, 2), pixels that what is seen moves to the next frame, x then y (0
in the last frame); ``boxes`` float32 (T, B, 4), left, top, right and bottom of what is seen of each
ball, in pixels (-1 where nothing is).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from smartcut.models.generation.dataset import TrainingClip
from smartcut.models.tracing.bounce import Ball, bounced
from smartcut.models.tracing.path_tracer import Lens, render
from smartcut.models.tracing.scene import Camera, Material, Plane, Scene, Sphere, Vector
from smartcut.models.tracing.truth import boxes_of, depth_of, motion_of

#: Balls a clip has at most; clips with fewer have empty boxes.
MOST = 3
_COLOURS: dict[str, Vector] = {
    "red": (0.75, 0.1, 0.08),
    "green": (0.12, 0.55, 0.15),
    "blue": (0.1, 0.2, 0.75),
    "yellow": (0.85, 0.65, 0.1),
    "white": (0.85, 0.85, 0.85),
}
_FLOOR = Plane(
    (0, 0, 0), material=Material((0.55, 0.55, 0.55), squares=(0.25, 0.27, 0.3)), name="floor"
)
_LAMP = Sphere((-3, 6, 4), 1.0, Material((0, 0, 0), emission=(18, 17, 15)), name="lamp")
_CAMERA = Camera((0, 1.8, 6.5), (0, 1.0, 0), view=34)
_SKY, _HORIZON = (0.25, 0.4, 0.7), (0.55, 0.6, 0.7)


def bouncing(
    count: int,
    size: int,
    frames: int,
    seed: int,
    *,
    rate: float = 15.0,
    samples: int = 24,
    device: str = "cpu",
) -> Iterator[TrainingClip]:
    """Clips with captions; the label is the number of balls less one.

    Clip ``n`` depends on the seed and ``n`` alone.
    """
    for n in range(count):
        rng = np.random.default_rng([seed, n])
        number = int(rng.integers(1, MOST + 1))
        names = [str(name) for name in rng.choice(list(_COLOURS), number, replace=False)]
        kinds = rng.choice(["diffuse", "diffuse", "metal", "glass"], number)
        balls = [_thrown(rng, i, number) for i in range(number)]
        path = bounced(balls, frames, rate, restitution=0.85, half=2.2)
        materials = [_material(str(k), _COLOURS[c]) for k, c in zip(kinds, names, strict=True)]
        radii = [ball.radius for ball in balls]
        said = [_said(str(k), c) for k, c in zip(kinds, names, strict=True)]
        caption = f"{' and '.join(said)} bounce{'s' if number == 1 else ''}"
        yield _clip(path, radii, materials, size, samples, seed + n, device, caption, f"{seed}/{n}")


def _thrown(rng: np.random.Generator, place: int, number: int) -> Ball:
    x = (place - (number - 1) / 2) * 1.3 + rng.uniform(-0.2, 0.2)
    position = (x, rng.uniform(1.2, 2.6), rng.uniform(-0.8, 0.8))
    velocity = (rng.uniform(-1.5, 1.5), rng.uniform(-1, 2), rng.uniform(-1, 1))
    return Ball(position, velocity, rng.uniform(0.28, 0.5))


def _material(kind: str, colour: Vector) -> Material:
    if kind == "glass":
        return Material((0.97, 0.97, 0.97), "glass")
    if kind == "metal":
        return Material(colour, "metal", roughness=0.08)
    return Material(colour)


def _said(kind: str, colour: str) -> str:
    return {"glass": "a glass ball", "metal": f"a {colour} metal ball"}.get(
        kind, f"a {colour} ball"
    )


def _clip(
    path: np.ndarray,
    radii: list[float],
    materials: list[Material],
    size: int,
    samples: int,
    seed: int,
    device: str,
    caption: str,
    source: str,
) -> TrainingClip:
    lens = Lens(_CAMERA, size, size, device)
    pictures, depths, motions, boxes = [], [], [], []
    for t, places in enumerate(path):
        spheres = tuple(
            Sphere((float(p[0]), float(p[1]), float(p[2])), radius, material)
            for p, radius, material in zip(places, radii, materials, strict=True)
        )
        scene = Scene((*spheres, _LAMP), (_FLOOR,), _SKY, _HORIZON)
        seen = render(scene, _CAMERA, size, size, samples=samples, seed=seed, device=device)
        following = path[min(t + 1, len(path) - 1)]
        pictures.append(displayed(seen.radiance))
        depths.append(depth_of(seen))
        motions.append(motion_of(lens, seen, following - places))
        boxes.append(boxes_of(seen, [range(i, i + 1) for i in range(len(radii))], MOST))
    truth = {"depth": np.stack(depths), "motion": np.stack(motions), "boxes": np.stack(boxes)}
    return TrainingClip(np.stack(pictures), caption, len(radii) - 1, source, truth)


def displayed(radiance: torch.Tensor) -> np.ndarray:
    """uint8 (H, W, 3): linear light as sRGB (IEC 61966-2-1), what is too bright cut off."""
    light = radiance.clamp(0, 1).cpu().numpy()
    curved = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(curved * 255).astype(np.uint8)
