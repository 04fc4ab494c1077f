"""Small pictures as numbers that a grade, another size or a codec hardly change.

Each pixel counts by how it differs from its surroundings, measured in their spread; any smooth
curve over tones leaves that nearly as it is. What is compared are blocks of it: captions and logos
spoil the few blocks that they cover.
"""

from __future__ import annotations

import numpy as np

from smartcut.conforming.windows import PictureWindow

#: Blocks down and across.
BLOCKS = (6, 8)
# Tones that a surrounding has to differ by to count fully, in 1/255: below is noise of codecs.
_NOISE = 1.5
# Of pixels in a picture: width and height of the surroundings.
_AROUND = 7
# A block counts as plain below this mean square.
_PLAIN = 0.05
# Of the blocks, those that agree best are asked whether a picture is the same.
_VOTES = 0.7


def viewed(
    pictures: np.ndarray, window: PictureWindow, size: tuple[int, int] | None = None
) -> np.ndarray:
    """uint8 (n, h, w): a source's pictures as a film shows them through the window.

    ``size`` is that of the film's pictures, (width, height); without it, that of the source's.
    """
    import cv2

    height, width = pictures.shape[1:]
    size = size or (width, height)
    if window.is_whole and size == (width, height):
        return pictures[:, :, ::-1] if window.mirrored else pictures
    matrix = window.to_source((width, height), size)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    out = np.empty((len(pictures), size[1], size[0]), np.uint8)
    for picture, place in zip(pictures, out, strict=True):
        cv2.warpAffine(np.ascontiguousarray(picture), matrix, size, place, how, cv2.BORDER_CONSTANT)
    return out


def normalised(pictures: np.ndarray) -> np.ndarray:
    """float32 (n, h, w): how each pixel differs from its surroundings, in their spread."""
    import cv2

    around = (_AROUND, _AROUND)
    out = np.empty(pictures.shape, np.float32)
    for picture, place in zip(pictures, out, strict=True):
        values = picture.astype(np.float32)
        mean = cv2.blur(values, around)
        spread = cv2.blur(values * values, around) - mean * mean
        np.divide(values - mean, np.sqrt(np.maximum(spread, 0) + _NOISE**2), out=place)
    return out


def halved(pictures: np.ndarray) -> np.ndarray:
    """uint8 (n, h / 2, w / 2): means of four pixels each."""
    n, height, width = pictures.shape
    parts = pictures.reshape(n, height // 2, 2, width // 2, 2)
    return (parts.sum(axis=(2, 4), dtype=np.uint16) // 4).astype(np.uint8)


def rows(pictures: np.ndarray) -> np.ndarray:
    """float32 (n, d) of length 1, to be compared by products; of plain pictures nearly 0."""
    found = normalised(halved(pictures)).reshape(len(pictures), -1)
    length = np.sqrt((found * found).sum(axis=1, keepdims=True))
    return found / np.maximum(length, np.sqrt(_PLAIN * found.shape[1]))


def unit_rows(pictures: np.ndarray) -> np.ndarray:
    """float32 (n, d) of length 1 at most: all that pictures show, to be compared by products."""
    found = normalised(pictures).reshape(len(pictures), -1)
    length = np.sqrt((found * found).sum(axis=1, keepdims=True))
    return found / np.maximum(length, 1.0)


def block_likeness(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How alike the blocks of normalised pictures are, and how much they count.

    Both are float32 (n, blocks): correlations in -1..1, and weights in 0..1: plain ones count 0.
    """
    down, across = BLOCKS
    n, height, width = one.shape
    shape = (n, down, height // down, across, width // across)
    a, b = one.reshape(shape), other.reshape(shape)
    count = (height // down) * (width // across)
    power_a = np.einsum("nabcd,nabcd->nac", a, a, optimize=False)
    power_b = np.einsum("nabcd,nabcd->nac", b, b, optimize=False)
    both = np.einsum("nabcd,nabcd->nac", a, b, optimize=False)
    floor = _PLAIN * count
    likeness = both / np.sqrt(np.maximum(power_a, floor) * np.maximum(power_b, floor))
    weight = np.minimum(np.maximum(power_a, power_b) / (4 * floor), 1)
    return likeness.reshape(n, -1), weight.reshape(n, -1)


def agreement(likeness: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """float32 (n,) in -1..1: how alike those blocks are that agree best; 0 for plain pictures."""
    order = np.argsort(-likeness, axis=1)
    sorted_likeness = np.take_along_axis(likeness, order, axis=1)
    sorted_weight = np.take_along_axis(weight, order, axis=1)
    total = sorted_weight.sum(axis=1, keepdims=True)
    before = np.cumsum(sorted_weight, axis=1) - sorted_weight
    votes = np.clip(_VOTES * total - before, 0, sorted_weight)
    enough = np.maximum(votes.sum(axis=1), 2.0)
    found: np.ndarray = (votes * sorted_likeness).sum(axis=1) / enough
    return found


def difference(likeness: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """float32 (n,) in 0..1: how much all blocks differ."""
    apart = np.clip(1 - likeness, 0, 1) * weight
    found: np.ndarray = apart.sum(axis=1) / np.maximum(weight.sum(axis=1), 2.0)
    return found


def is_plain(pictures: np.ndarray, spread: float = 2.0) -> np.ndarray:
    """bool (n,): pictures that show one colour, or next to nothing: tones spread by less."""
    found: np.ndarray = pictures.astype(np.float32).std(axis=(1, 2)) < spread
    return found
