"""Made-up clips whose every pixel follows from a seed: shapes and digits that move.

Shapes are drawn from their distance to the edge, which gives smooth edges at any size. They bounce
off the frame, so that every clip has things to predict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from smartcut.models.generation.dataset import TrainingClip

SHAPES = ("circle", "square", "triangle")
COLOURS = {
    "red": (220, 50, 47),
    "green": (60, 180, 75),
    "blue": (50, 90, 220),
    "yellow": (240, 200, 40),
    "white": (235, 235, 235),
}
DIRECTIONS = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}
_GROUND = (24, 26, 32)

#: Seven rows of five for each digit.
_DIGITS = (
    "01110 10001 10011 10101 11001 10001 01110",
    "00100 01100 00100 00100 00100 00100 01110",
    "01110 10001 00001 00110 01000 10000 11111",
    "11111 00010 00100 00010 00001 10001 01110",
    "00010 00110 01010 10010 11111 00010 00010",
    "11111 10000 11110 00001 00001 10001 01110",
    "00110 01000 10000 11110 10001 10001 01110",
    "11111 00001 00010 00100 01000 01000 01000",
    "01110 10001 10001 01110 10001 10001 01110",
    "01110 10001 10001 01111 00001 00010 01100",
)


@dataclass(frozen=True, slots=True)
class Moving:
    """A thing that moves: its place in pixels, speed in pixels a frame, and radius in pixels."""

    kind: str
    colour: tuple[int, int, int]
    x: float
    y: float
    dx: float
    dy: float
    radius: float


def moving_shapes(count: int, size: int, frames: int, seed: int) -> Iterator[TrainingClip]:
    """Clips of one shape each, with a caption; the label is the shape's number.

    Clip ``n`` depends on the seed and ``n`` alone.
    """
    for n in range(count):
        rng = np.random.default_rng([seed, n])
        label = int(rng.integers(len(SHAPES)))
        colour = str(rng.choice(list(COLOURS)))
        direction = str(rng.choice(list(DIRECTIONS)))
        radius = size * rng.uniform(0.12, 0.2)
        speed = size * rng.uniform(0.03, 0.06)
        x, y = rng.uniform(radius, size - radius, 2)
        dx, dy = (speed * d for d in DIRECTIONS[direction])
        thing = Moving(SHAPES[label], COLOURS[colour], x, y, dx, dy, radius)
        caption = f"a {colour} {SHAPES[label]} that moves {direction}"
        yield TrainingClip(drawn([thing], size, frames), caption, label, f"{seed}/{n}")


def moving_digits(count: int, size: int, frames: int, seed: int) -> Iterator[TrainingClip]:
    """Clips of two white digits that move and bounce; the label is the first digit."""
    for n in range(count):
        rng = np.random.default_rng([seed, n])
        digits = rng.integers(10, size=2)
        things = []
        for digit in digits:
            angle, speed = rng.uniform(0, 2 * np.pi), size * rng.uniform(0.03, 0.06)
            radius = size * 0.18
            x, y = rng.uniform(radius, size - radius, 2)
            things.append(
                Moving(
                    f"digit {digit}", COLOURS["white"], x, y,
                    speed * float(np.cos(angle)), speed * float(np.sin(angle)), radius,
                )
            )  # fmt: skip
        caption = f"the digits {digits[0]} and {digits[1]} move about"
        yield TrainingClip(drawn(things, size, frames), caption, int(digits[0]), f"{seed}/{n}")


def drawn(things: list[Moving], size: int, frames: int) -> np.ndarray:
    """uint8 (frames, size, size, 3): the things, the later over the earlier."""
    y, x = np.mgrid[0:size, 0:size] + 0.5
    shown = np.empty((frames, size, size, 3), np.uint8)
    for t in range(frames):
        picture = np.broadcast_to(np.array(_GROUND, np.float32), (size, size, 3)).copy()
        for thing in things:
            at_x = _bounced(thing.x + t * thing.dx, thing.radius, size - thing.radius)
            at_y = _bounced(thing.y + t * thing.dy, thing.radius, size - thing.radius)
            cover = coverage(thing.kind, x - at_x, y - at_y, thing.radius)[..., None]
            picture += (np.array(thing.colour, np.float32) - picture) * cover
        shown[t] = np.rint(picture)
    return shown


def _bounced(place: float, low: float, high: float) -> float:
    """A place that is reflected at both ends."""
    if high <= low:
        return (low + high) / 2
    along = (place - low) % (2 * (high - low))
    return low + min(along, 2 * (high - low) - along)


def coverage(kind: str, x: np.ndarray, y: np.ndarray, radius: float) -> np.ndarray:
    """float32, 0..1: how much of each pixel a shape around (0, 0) covers."""
    if kind.startswith("digit "):
        return _digit(int(kind[6:]), x, y, radius)
    if kind == "circle":
        outside = np.hypot(x, y) - radius
    elif kind == "square":
        outside = np.maximum(np.abs(x), np.abs(y)) - radius * 0.85
    elif kind == "triangle":
        sides = (y - radius * 0.5, -y * 0.5 + np.abs(x) * 0.866 - radius * 0.5)
        outside = np.maximum(*sides)
    else:
        raise ValueError(f"unknown shape {kind!r}; accepted: {', '.join(SHAPES)}, digit N")
    return np.clip(0.5 - outside, 0, 1).astype(np.float32)


def _digit(digit: int, x: np.ndarray, y: np.ndarray, radius: float) -> np.ndarray:
    rows = _DIGITS[digit].split()
    cell = radius * 2 / 7
    cover = np.zeros(x.shape, np.float32)
    for i, row in enumerate(rows):
        for j, bit in enumerate(row):
            if bit == "1":
                from_x, from_y = np.abs(x - (j - 2) * cell), np.abs(y - (i - 3) * cell)
                outside = np.maximum(from_x, from_y) - cell / 2
                cover = np.maximum(cover, np.clip(0.5 - outside, 0, 1))
    return cover.astype(np.float32)
