"""Pictures of more than 8 bits in MoviePy's effects, which count from 0 to 255."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

#: What an effect's module imports that takes 8 bits alone: Pillow, and compositions drawn by it.
_EIGHT_BITS = ("Image", "CompositeVideoClip")
#: A step of 8 bits in 16.
_STEP = 257


class FinePicture(np.ndarray):
    """float32 in 0..255 whose steps are finer than 1: "as uint8" bounds it, and rounds nothing.

    MoviePy's effects work in floats and end in ``astype("uint8")``.
    """

    def astype(self, dtype: Any, *given: Any, **named: Any) -> Any:
        if self.dtype.kind == "f" and np.dtype(dtype) == np.uint8:
            return np.clip(self, 0, 255)
        return super().astype(dtype, *given, **named)

    def __array_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: Iterable[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:
        """Joined and stacked pictures are fine ones too."""
        found = super().__array_function__(func, types, args, kwargs)
        if type(found) is np.ndarray and found.dtype.kind == "f":
            return found.view(FinePicture)
        return found


def is_fine(effect: type) -> bool:
    """Whether an effect of MoviePy's computes in NumPy alone, and so keeps more than 8 bits."""
    module = sys.modules[effect.__module__]
    return not any(hasattr(module, name) for name in _EIGHT_BITS)


def as_given(rgb: np.ndarray, fine: bool) -> np.ndarray:
    """uint8 or uint16 RGB as an effect takes it: uint8, or with ``fine`` what keeps all bits."""
    if rgb.dtype == np.uint8:
        return rgb
    if fine:
        return (rgb.astype(np.float32) / np.float32(_STEP)).view(FinePicture)
    return np.rint(rgb / np.float32(_STEP)).astype(np.uint8)


def as_shown(shown: np.ndarray, deep: bool) -> np.ndarray:
    """What an effect gives as uint8, or with ``deep`` as uint16, RGB."""
    if shown.dtype == np.uint8 and not deep:
        return shown
    values = np.clip(np.asarray(shown, np.float32), 0, 255)
    if not deep:
        return np.rint(values).astype(np.uint8)
    return np.rint(values * np.float32(_STEP)).astype(np.uint16)


def over_black(shown: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """RGB of a picture where its mask shows it, and black elsewhere."""
    if mask is not None:
        height, width = (min(a, b) for a, b in zip(shown.shape[:2], mask.shape[:2], strict=True))
        covered = np.zeros(shown.shape, np.float32)
        covered[:height, :width] = shown[:height, :width] * mask[:height, :width, None]
        shown = covered
    return np.repeat(shown[..., None], 3, axis=2) if shown.ndim == 2 else shown


def fitted(shown: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The picture (uint8 or uint16) scaled to fit, in the middle of a black one."""
    height, width = shown.shape[:2]
    if (width, height) == size:
        return np.ascontiguousarray(shown)
    scale = min(Fraction(size[0], width), Fraction(size[1], height))
    inner = max(round(width * scale), 1), max(round(height * scale), 1)
    result = np.zeros((size[1], size[0], 3), shown.dtype)
    x, y = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    result[y : y + inner[1], x : x + inner[0]] = _scaled(shown, inner)
    return result


def _scaled(shown: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    from PIL import Image

    how = Image.Resampling.LANCZOS
    if shown.dtype == np.uint8:
        return np.asarray(Image.fromarray(np.ascontiguousarray(shown)).resize(size, how))
    planes = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(shown[..., i], np.float32)).resize(size, how)
        )
        for i in range(3)
    ]
    return np.rint(np.clip(np.stack(planes, axis=-1), 0, 65535)).astype(np.uint16)
