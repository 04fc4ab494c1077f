"""Made-up motion to learn interpolation from: textured layers that move over one another.

Each layer moves by its own affine motion (shift, turn, growth), even over time; layers in front
hide those behind. So the picture at any time between, and the vectors from it to both ends, are
known exactly. A scene is a pure function of its seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# The texture reaches this far outside the picture on each side, so that motion uncovers more of it.
_MARGIN = 32
_OCTAVES = 6
_MOST_LAYERS = 3


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticScene:
    """Two pictures, one between them, and where its pixels are in both.

    Pictures are RGB float32 (size, size, 3) in 0..1; ``flow`` is (size, size, 4): x and y to the
    same point in ``first``, then in ``second``, in pixels. The point may be hidden there.
    """

    first: np.ndarray
    between: np.ndarray
    second: np.ndarray
    step: float
    flow: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    texture: np.ndarray
    shape: np.ndarray
    """How much of the layer there is at each texel, 0..1."""
    centre: np.ndarray
    shift: np.ndarray
    turn: float
    growth: float

    def place(self, time: float) -> np.ndarray:
        """3 x 3: from the layer at time 0 to where it is at ``time``."""
        angle, scale = self.turn * time, np.exp(self.growth * time)
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        linear = np.array([[cos, -sin], [sin, cos]])
        found = np.eye(3)
        found[:2, :2] = linear
        found[:2, 2] = self.centre + self.shift * time - linear @ self.centre
        return found


def scene(seed: tuple[int, ...], size: int, reach: float) -> SyntheticScene:
    """The scene of that seed: square pictures, layers that shift by up to ``reach`` pixels."""
    random = np.random.default_rng(seed)
    step = float(random.uniform(0.1, 0.9))
    layers = [_layer(random, size, reach, whole=True)]
    count = int(random.integers(1, _MOST_LAYERS + 1))
    layers += [_layer(random, size, reach, whole=False) for _ in range(count)]
    first, _ = _drawn(layers, 0.0, size)
    between, owner = _drawn(layers, step, size)
    second, _ = _drawn(layers, 1.0, size)
    return SyntheticScene(first, between, second, step, _flow(layers, owner, step, size))


def _layer(random: np.random.Generator, size: int, reach: float, whole: bool) -> _Layer:
    full = size + 2 * _MARGIN
    texture = _texture(random, full)
    shape = np.ones((full, full), np.float32) if whole else _shape(random, full)
    # The background moves less: otherwise most of what is seen lies outside one of the pictures.
    far = random.uniform(0, reach * (0.5 if whole else 1.0))
    angle = random.uniform(0, 2 * np.pi)
    return _Layer(
        texture,
        shape,
        random.uniform(0, size, 2),
        far * np.array([np.cos(angle), np.sin(angle)]),
        float(random.normal(0, 0.03)),
        float(random.normal(0, 0.03)),
    )


def _texture(random: np.random.Generator, full: int) -> np.ndarray:
    """Noise of several sizes, the coarse ones stronger, in random colours."""
    import cv2

    picture = np.zeros((full, full, 3), np.float32)
    weight = random.uniform(0.5, 1.1)
    for octave in range(_OCTAVES):
        side = 4 * 2**octave
        noise = random.normal(0, 1, (side, side, 3)).astype(np.float32)
        noise += random.normal(0, 1, (side, side, 1)).astype(np.float32)
        larger = cv2.resize(noise, (full, full), interpolation=cv2.INTER_CUBIC)
        picture += larger * np.float32(weight**octave)
    contrast = random.uniform(0.12, 0.3) / max(float(picture.std()), 1e-6)
    middle = random.uniform(0.25, 0.75, 3).astype(np.float32)
    return np.clip(picture * np.float32(contrast) + middle, 0, 1)


def _shape(random: np.random.Generator, full: int) -> np.ndarray:
    """An ellipse or a polygon with smooth edges, somewhere inside."""
    import cv2

    mask = np.zeros((full, full), np.uint8)
    middle = random.uniform(_MARGIN, full - _MARGIN, 2)
    radius = random.uniform(0.12, 0.35) * (full - 2 * _MARGIN)
    count = int(random.integers(3, 9))
    if random.random() < 0.5:
        count = 40
    angles = np.sort(random.uniform(0, 2 * np.pi, count))
    stretch = random.uniform(0.5, 1.5, 2)
    corners = middle + radius * stretch * np.stack((np.cos(angles), np.sin(angles)), 1)
    cv2.fillPoly(mask, [np.rint(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return mask.astype(np.float32) / 255


def _drawn(layers: list[_Layer], time: float, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The picture at ``time`` and, of each pixel, the layer that is seen most."""
    import cv2

    picture = np.zeros((size, size, 3), np.float32)
    owner = np.zeros((size, size), np.int64)
    inward = np.array([[1, 0, -_MARGIN], [0, 1, -_MARGIN], [0, 0, 1]], np.float64)
    for number, layer in enumerate(layers):
        to_picture = (layer.place(time) @ inward)[:2]
        texture = cv2.warpAffine(
            layer.texture,
            to_picture,
            (size, size),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        shape = cv2.warpAffine(layer.shape, to_picture, (size, size))
        if number == 0:
            shape = np.ones_like(shape)
        picture += (texture - picture) * shape[..., None]
        owner[shape > 0.5] = number
    return np.clip(picture, 0, 1), owner


def _flow(layers: list[_Layer], owner: np.ndarray, step: float, size: int) -> np.ndarray:
    y, x = np.mgrid[:size, :size].astype(np.float64)
    points = np.stack((x, y, np.ones_like(x)), -1)
    flow = np.zeros((size, size, 4), np.float32)
    for number, layer in enumerate(layers):
        here = owner == number
        back = np.linalg.inv(layer.place(step))
        for at, time in ((0, 0.0), (2, 1.0)):
            moved = points[here] @ (layer.place(time) @ back).T
            flow[here, at : at + 2] = (moved - points[here])[:, :2]
    return flow
