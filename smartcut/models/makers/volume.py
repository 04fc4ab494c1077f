"""A stack of slices, as of a CT or MR scan: looked through, and turned as a whole.

First the slices go by, from the first to the last, mixed between neighbours; then the volume turns
once about its long axis, each pixel showing the brightest value behind it (maximum intensity
projection, Wallis et al. 1989), the nearer the brighter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from smartcut.errors import ModelError
from smartcut.models.makers import Brief

SUFFIXES = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp")
# What lies behind is shown this much darker than what lies in front.
_DEPTH = 0.55


def make(brief: Brief) -> Iterator[np.ndarray]:
    """uint8 (H, W, 3); parameters ``folder`` or ``file``, ``window``, ``spacing`` and ``through``.

    ``window`` is (low, high): the values shown black and white. ``spacing`` is the distance of two
    slices in pixels of a slice. ``through`` is the share of the time for the slices.
    """
    params = brief.params
    stack = read_stack(Path(str(params["path"])))
    volume = windowed(stack, params.get("window"))
    spacing = float(params.get("spacing", 1.0))
    through = round(brief.frames * float(params.get("through", 0.5)))
    for number in range(through):
        yield _placed(slice_at(volume, number / max(1, through - 1)), brief)
    turning = brief.frames - through
    solid = _evened(volume, spacing) if turning else volume
    for number in range(turning):
        yield _placed(projected(solid, 360 * number / turning), brief)


def slice_files(folder: Path) -> tuple[Path, ...]:
    """The pictures in a folder, in the order of their names, numbers by their value."""
    import re

    def order(path: Path) -> list[tuple[int, int | str]]:
        parts = re.split(r"(\d+)", path.name)
        return [(0, int(p)) if p.isdigit() else (1, p) for p in parts]

    return tuple(sorted((p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES), key=order))


def read_stack(path: Path) -> np.ndarray:
    """(S, H, W), as the files hold it: a folder of gray pictures, or a .npy array.

    Raises ModelError where there is none, or where slices differ in size.
    """
    if path.suffix == ".npy":
        try:
            stack = np.load(path, allow_pickle=False, mmap_mode="r")
        except (OSError, ValueError, EOFError, OverflowError) as error:
            raise ModelError(f"{path} cannot be read as an array: {error}") from error
        if stack.ndim != 3 or stack.dtype.kind not in "uif" or min(stack.shape) < 1:
            raise ModelError(f"{path} holds {stack.dtype} {stack.shape}, not numbers (S, H, W)")
        return np.asarray(stack)
    files = slice_files(path) if path.is_dir() else ()
    if not files:
        raise ModelError(f"{path} holds no slices; accepted: a folder of {', '.join(SUFFIXES)}")
    return _stacked(files)


def _stacked(files: Sequence[Path]) -> np.ndarray:
    slices: list[np.ndarray] = []
    for file in files:
        found = cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_ANYDEPTH)
        if found is None:
            raise ModelError(f"{file} is no picture that can be read")
        if slices and found.shape != slices[0].shape:
            raise ModelError(
                f"{file} is {found.shape[1]}x{found.shape[0]}; the slices before it are "
                f"{slices[0].shape[1]}x{slices[0].shape[0]}"
            )
        slices.append(found)
    return np.stack(slices)


def windowed(stack: np.ndarray, window: Sequence[float] | None) -> np.ndarray:
    """float32 (S, H, W) in 0..1; without a window, from the 1st to the 99.8th percentile."""
    low, high = window or np.percentile(stack, (1, 99.8))
    if not high > low:
        low, high = float(stack.min()), float(stack.max()) + 1e-6
    return np.clip((stack.astype(np.float32) - low) / (high - low), 0, 1).astype(np.float32)


def slice_at(volume: np.ndarray, share: float) -> np.ndarray:
    """float32 (H, W): the slice at a share of the way, mixed from its neighbours."""
    along = share * (len(volume) - 1)
    number = min(int(along), len(volume) - 1)
    after = min(number + 1, len(volume) - 1)
    mixed: np.ndarray = volume[number] + (volume[after] - volume[number]) * (along - number)
    return mixed


def projected(volume: np.ndarray, degrees: float) -> np.ndarray:
    """float32 (S, D): the volume seen from the side, turned about the axis of its slices."""
    slices, height, width = volume.shape
    side = int(np.ceil(np.hypot(height, width)))
    matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), degrees, 1.0)
    matrix[:, 2] += ((side - width) / 2, (side - height) / 2)
    nearness = np.linspace(1 - _DEPTH, 1, side, dtype=np.float32)[:, None]
    seen = np.empty((slices, side), np.float32)
    for number, plane in enumerate(volume):
        turned = cv2.warpAffine(plane, matrix, (side, side), flags=cv2.INTER_LINEAR)
        seen[number] = (turned * nearness).max(0)
    return seen


def _evened(volume: np.ndarray, spacing: float) -> np.ndarray:
    """The volume with slices as far apart as its pixels."""
    count = max(2, round(len(volume) * spacing))
    return np.stack([slice_at(volume, i / (count - 1)) for i in range(count)])


def _placed(gray: np.ndarray, brief: Brief) -> np.ndarray:
    """A gray picture as large as fits, in the middle of a black frame."""
    high, wide = gray.shape
    scale = min(brief.width / wide, brief.height / high)
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    levels = np.rint(np.clip(cv2.resize(gray, size, interpolation=way), 0, 1) * 255)
    frame = np.zeros((brief.height, brief.width, 3), np.uint8)
    top, left = (brief.height - size[1]) // 2, (brief.width - size[0]) // 2
    frame[top : top + size[1], left : left + size[0]] = levels.astype(np.uint8)[..., None]
    return frame
