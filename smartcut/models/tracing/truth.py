"""What is known of a rendered picture beyond its colours: depth, motion and boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from smartcut.models.tracing.path_tracer import Lens, Rendered, geometry
from smartcut.models.tracing.setting import SceneSetting


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is known of one frame; see the functions below."""

    depth: np.ndarray
    motion: np.ndarray
    boxes: np.ndarray
    """A row for each of the setting's things."""


def truth_at(
    shown: SceneSetting,
    number: int,
    frames: int,
    rate: float,
    size: tuple[int, int],
    device: str = "cpu",
) -> Truth:
    """What is known of the ``number``-th of ``frames`` frames; ``size`` is (width, height)."""
    camera = shown.path.at(number / max(1, frames - 1))
    now, following = shown.scene_at(number / rate), shown.scene_at((number + 1) / rate)
    seen = geometry(now, camera, *size, device)
    parts = max((thing.parts.stop for thing in shown.things), default=0)
    places = [np.array([s.centre for s in scene.spheres[:parts]]) for scene in (now, following)]
    moved = (places[1] - places[0]).reshape(-1, 3)
    return Truth(
        depth_of(seen),
        motion_of(Lens(camera, *size, device), seen, moved),
        boxes_of(seen, [thing.parts for thing in shown.things]),
    )


def depth_of(seen: Rendered) -> np.ndarray:
    """float16 (H, W): metres along the camera's axis; 60000 for the sky."""
    return seen.depth.clamp(max=60_000).cpu().numpy().astype(np.float16)


def motion_of(lens: Lens, seen: Rendered, moved: np.ndarray) -> np.ndarray:
    """float16 (H, W, 2): pixels that what each pixel shows goes to the next frame, x then y.

    ``moved`` (N, 3) says how far each of the first N surfaces goes; all others, and the camera,
    stand still.
    """
    device = seen.depth.device
    height, width = seen.depth.shape
    pixels = torch.arange(width * height, device=device)
    x, y = pixels % width + 0.5, pixels // width + 0.5
    thing = seen.thing.reshape(-1)
    if not len(moved):
        return np.zeros((height, width, 2), np.float16)
    moves = (thing >= 0) & (thing < len(moved))
    depth = torch.where(moves, seen.depth.reshape(-1), 1.0)
    point = lens.place + lens.towards(x, y) * depth[:, None]
    shift = torch.tensor(moved, dtype=torch.float32, device=device)
    there = lens.project(point + shift[thing.clamp(0, len(moved) - 1)])
    motion = torch.stack([there[:, 0] - x, there[:, 1] - y], 1) * moves[:, None]
    return motion.reshape(height, width, 2).cpu().numpy().astype(np.float16)


def boxes_of(seen: Rendered, groups: Sequence[range], most: int | None = None) -> np.ndarray:
    """float32 (N, 4): left, top, right and bottom of what is seen of each group of surfaces.

    In pixels, -1 where nothing is; ``most`` fills up with such rows.
    """
    found = np.full((len(groups) if most is None else most, 4), -1, np.float32)
    thing = seen.thing.cpu().numpy()
    for number, group in enumerate(groups):
        rows, columns = np.nonzero((thing >= group.start) & (thing < group.stop))
        if len(rows):
            found[number] = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    return found
