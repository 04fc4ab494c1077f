"""Pictures laid over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from smartcut.effect import Image, Space
from smartcut.media.image import plain
from smartcut.media.image_parts import chroma_mean, plane_box


def faded(image: Image, opacity: float) -> Image:
    """The picture with so much of its opacity, 0..1."""
    import cv2

    if opacity >= 1:
        return image
    most = (1 << image.space.depth) - 1
    alpha = image.alpha if image.alpha is not None else np.full_like(image.planes[0], most)
    return replace(image, alpha=cv2.multiply(alpha, 1.0, scale=opacity))


def over(base: Image, top: Image, left: int = 0, above: int = 0) -> Image:
    """``top`` laid over ``base``, its corner at (left, above) on the chroma grid, inside it.

    Where it is opaque it comes out as it is, and where it is clear the base does.
    """
    return laid(base, Covering(cover(top), left, above))


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture ready to be laid over others: weighted by its opacity, and what it lets through."""

    planes: tuple[np.ndarray, ...]
    through: tuple[np.ndarray, ...] | None
    """For each plane, how much of what is below is seen; None for nothing."""
    alpha: np.ndarray | None
    space: Space


class Covering(NamedTuple):
    """A cover, and where its corner lies: on the chroma grid, inside what it is laid over."""

    cover: Cover
    left: int
    above: int


def cover(top: Image) -> Cover:
    import cv2

    if top.alpha is None:
        return Cover(top.planes, None, None, top.space)
    most = (1 << top.space.depth) - 1
    planes, through = [], []
    for number, plane in enumerate(top.planes):
        share = chroma_mean(top.alpha, top.space.down) if number else top.alpha
        planes.append(cv2.multiply(plane, share, scale=1 / most))
        through.append(cv2.subtract(np.full_like(share, most), share))
    return Cover(tuple(planes), tuple(through), top.alpha, top.space)


def laid(base: Image, *tops: Covering) -> Image:
    """Covers laid over ``base``, one after the other; see :func:`over`."""
    if not tops:
        return base
    if base.alpha is not None:
        for top in tops:
            assert base.alpha is not None
            base = _laid_with_alpha(base, base.alpha, *top)
        return base
    planes = tuple(plane.copy() for plane in base.planes)
    for top in tops:
        _lay(planes, base.space, *top)
    return Image(planes, base.space)


def _lay(planes: Sequence[np.ndarray], space: Space, top: Cover, left: int, above: int) -> None:
    """Lay a cover over planes, in place."""
    import cv2

    most = (1 << space.depth) - 1
    height, width = top.planes[0].shape
    for number, plane in enumerate(planes):
        inner = plane[plane_box(space, number, left, above, width, height)]
        if top.through is None:
            inner[...] = top.planes[number]
        else:
            seen = cv2.multiply(inner, top.through[number], scale=1 / most)
            inner[...] = cv2.add(seen, top.planes[number])


def _laid_with_alpha(base: Image, alpha: np.ndarray, top: Cover, left: int, above: int) -> Image:
    """The same over a picture that is clear in places: there the cover's colours count alone."""
    most = np.float32((1 << base.space.depth) - 1)
    height, width = top.planes[0].shape
    opaque = np.full((height, width), most, np.float32)
    own = opaque if top.alpha is None else top.alpha.astype(np.float32)
    box = plane_box(base.space, 0, left, above, width, height)
    below = alpha[box].astype(np.float32) * (1 - own / most)
    planes = []
    for number, plane in enumerate(base.planes):
        over, under = (chroma_mean(s, base.space.down) if number else s for s in (own, below))
        result, inner = plane.copy(), plane_box(base.space, number, left, above, width, height)
        mixed = plane[inner] * under + top.planes[number] * most
        result[inner] = np.rint(np.clip(mixed / np.maximum(over + under, 1), 0, most))
        planes.append(result)
    whole = alpha.copy()
    whole[box] = np.rint(own + below)
    return Image(tuple(planes), base.space, whole)


def flattened(image: Image) -> Image:
    """The picture over black, opaque."""
    if image.alpha is None:
        return image
    return over(plain(image.size, image.space, image.space.black[: len(image.planes)]), image)
