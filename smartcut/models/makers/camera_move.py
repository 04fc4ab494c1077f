"""A still picture through a camera that moves over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from smartcut.errors import ModelError
from smartcut.media.orientation import FROM_EXIF, Orientation, upright
from smartcut.models.makers import Brief

#: How the middle of what is seen moves, in shares of the room that is left beside it.
MOVES: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "none": ((0, 0), (0, 0)),
    "in": ((0, 0), (0, 0)),
    "out": ((0, 0), (0, 0)),
    "left": ((1, 0), (-1, 0)),
    "right": ((-1, 0), (1, 0)),
    "up": ((0, 1), (0, -1)),
    "down": ((0, -1), (0, 1)),
}


def make(brief: Brief) -> Iterator[np.ndarray]:
    """uint8 (H, W, 3); parameters ``file``, ``move``, ``zoom`` and ``fit`` (pad or crop).

    ``zoom`` is how much larger the picture is at its largest than where it just fits.
    """
    params = brief.params
    move, zoom = str(params.get("move", "in")), float(params.get("zoom", 1.15))
    picture = read(Path(str(params["file"])))
    canvas = _fitted(picture, brief.width, brief.height, str(params.get("fit", "crop")), zoom)
    for number in range(brief.frames):
        share = number / max(1, brief.frames - 1)
        yield _seen(canvas, brief.width, brief.height, move, zoom, share * share * (3 - 2 * share))


def read(file: Path) -> np.ndarray:
    """uint8 (H, W, 3) RGB, upright; what is transparent is black. Raises ModelError."""
    data = np.fromfile(file, np.uint8) if file.is_file() else np.zeros(0, np.uint8)
    turned = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if len(data) else None
    if turned is None:
        raise ModelError(f"{file} is no picture that can be read; accepted: PNG, JPEG, WebP, TIFF")
    whole = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if whole is not None and whole.ndim == 3 and whole.shape[2] == 4:
        whole = upright(whole, *_orientation(file))  # which OpenCV leaves alone where alpha is read
        most = np.iinfo(whole.dtype).max
        cover = whole[..., 3:].astype(np.float32) / most
        rgb = whole[..., 2::-1].astype(np.float32) * cover * (255 / most)
        return np.rint(rgb).astype(np.uint8)
    return np.asarray(turned)


def _orientation(file: Path) -> Orientation:
    """What the picture's EXIF data ask for."""
    from PIL import Image

    with Image.open(file) as picture:
        return FROM_EXIF.get(picture.getexif().get(0x0112, 1), (0, False))


def _fitted(picture: np.ndarray, width: int, height: int, fit: str, zoom: float) -> np.ndarray:
    """The picture on a canvas of the output's shape, large enough for the nearest view."""
    high, wide = picture.shape[:2]
    shares = (width / wide, height / high)
    scale = max(shares) if fit == "crop" else min(shares)
    size = (round(wide * scale * zoom), round(high * scale * zoom))
    shrinks = scale * zoom < 1
    scaled = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    w, h = round(width * zoom), round(height * zoom)
    canvas = np.zeros((h, w, 3), np.uint8)
    part = scaled[max(0, (size[1] - h) // 2) :, max(0, (size[0] - w) // 2) :][:h, :w]
    top, left = (h - part.shape[0]) // 2, (w - part.shape[1]) // 2
    canvas[top : top + part.shape[0], left : left + part.shape[1]] = part
    return canvas


def _seen(
    canvas: np.ndarray, width: int, height: int, move: str, zoom: float, share: float
) -> np.ndarray:
    """The view at a share of the way, to fractions of a pixel."""
    near = {"none": 0.0, "in": share, "out": 1 - share}.get(move, 1.0)
    scale = 1 + (zoom - 1) * near  # of the picture as seen
    high, wide = canvas.shape[:2]
    view_w, view_h = wide / scale, high / scale
    (x0, y0), (x1, y1) = MOVES[move]
    x = wide / 2 + (x0 + (x1 - x0) * share) * (wide - view_w) / 2
    y = high / 2 + (y0 + (y1 - y0) * share) * (high - view_h) / 2
    step = view_w / width
    matrix = np.array(
        [[step, 0, x - view_w / 2 + step / 2 - 0.5], [0, step, y - view_h / 2 + step / 2 - 0.5]]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(
        canvas, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
