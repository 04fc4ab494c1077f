"""Windows made exact: a film's picture laid over that of its source (Lucas and Kanade 1981).

Both are compared by how their pixels differ from their surroundings, so that a grade does not
matter, and what is covered by captions counts little (Huber 1964).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from smartcut.conforming.path import Run
from smartcut.conforming.windows import WHOLE, PictureWindow

# Blur of each round in pixels, and steps of it.
_ROUNDS = ((4.0, 8), (1.5, 8), (0.8, 6))
# Pixels around each that it is compared with, and tones of noise in 1/255.
_AROUND, _NOISE = 25, 2.0
# The same for small pictures; they have to agree less, since they show another moment.
_SMALL_ROUNDS, _SMALL_AROUND, _LIKELY = ((1.6, 6), (0.8, 6)), 9, 0.3
# A step of less, in pixels, is the last.
_STILL = 0.005
# Edges this near to the picture's own, or to those of another run, in shares, are the same.
_SAME = 0.004
# A window may move so far at most, in shares.
_FARTHEST = 0.12
# Pictures have to agree so much for their window to be believed.
_BELIEVED = 0.5


def aligned(runs: Sequence[Run], found: Mapping[int, Sequence[PictureWindow]]) -> list[Run]:
    """The runs with the windows ``found`` for them by their number, equal where nearly so."""
    same = _grouped({number: _mean(windows) for number, windows in found.items()})
    return [
        replace(run, line=replace(run.line, window=same[number]))
        if run.line is not None and number in same
        else run
        for number, run in enumerate(runs)
    ]


def exact_window(
    film: np.ndarray, source: np.ndarray, window: PictureWindow
) -> PictureWindow | None:
    """The window near this one that fits best; None where nothing fits.

    Pictures are uint8 (h, w, 3) RGB.
    """
    import cv2

    flipped = film[:, ::-1] if window.mirrored else film
    one = cv2.cvtColor(np.ascontiguousarray(flipped), cv2.COLOR_RGB2GRAY)
    other = cv2.cvtColor(np.ascontiguousarray(source), cv2.COLOR_RGB2GRAY)
    found, agrees = _laid(one, other, replace(window, mirrored=False), _ROUNDS, _AROUND)
    believed = agrees > _BELIEVED and found.is_near(replace(window, mirrored=False), _FARTHEST)
    return replace(found, mirrored=window.mirrored) if believed else None


def laid_over(film: np.ndarray, source: np.ndarray, window: PictureWindow) -> PictureWindow | None:
    """The same of small gray pictures, uint8 (h, w), straight ones."""
    found, agrees = _laid(film, source, window, _SMALL_ROUNDS, _SMALL_AROUND)
    is_sane = agrees > _LIKELY and found.is_near(window, _FARTHEST)
    return found if is_sane else None


def _laid(
    film: np.ndarray,
    source: np.ndarray,
    window: PictureWindow,
    rounds: Sequence[tuple[float, int]],
    around: int,
) -> tuple[PictureWindow, float]:
    """(the window, how much the pictures agree through it)."""
    import cv2

    one, other = film.astype(np.float32), source.astype(np.float32)
    size, own = (film.shape[1], film.shape[0]), (source.shape[1], source.shape[0])
    matrix = window.to_source(own, size)
    agrees = 0.0
    for blur, steps in rounds:
        a = _flattened(cv2.GaussianBlur(one, (0, 0), blur), around)
        b = cv2.GaussianBlur(other, (0, 0), blur)
        for _ in range(steps):
            step, agrees = _step(a, b, matrix, size, around)
            matrix = matrix + step
            if not np.isfinite(matrix).all() or min(matrix[0, 0], matrix[1, 1]) <= 0.05:
                return window, 0.0
            if np.abs(step[:, 2]).max() < _STILL:
                break
    return _window_of(matrix, own, size), agrees


def _step(
    a: np.ndarray, b: np.ndarray, matrix: np.ndarray, size: tuple[int, int], around: int
) -> tuple[np.ndarray, float]:
    """(what to add to the matrix, how much the pictures agree)."""
    import cv2

    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(b, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    shown = _flattened(moved, around)
    across = cv2.Sobel(shown, cv2.CV_32F, 1, 0, scale=1 / 8) / matrix[0, 0]
    down = cv2.Sobel(shown, cv2.CV_32F, 0, 1, scale=1 / 8) / matrix[1, 1]
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    apart = (a - shown).ravel()
    spread = max(1.5 * float(np.median(np.abs(apart))), 1e-3)
    weight = np.minimum(1, spread / np.maximum(np.abs(apart), 1e-6))
    slopes = np.stack([(across * x).ravel(), across.ravel(), (down * y).ravel(), down.ravel()])
    weighted = slopes * weight
    normal = weighted @ slopes.T + 1e-6 * np.eye(4)
    sx, tx, sy, ty = np.linalg.solve(normal, weighted @ apart).tolist()
    correlation = float((weight * (a * shown).ravel()).sum())
    power = float((weight * (a * a).ravel()).sum() * (weight * (shown * shown).ravel()).sum())
    return np.array([[sx, 0, tx], [0, sy, ty]]), correlation / max(np.sqrt(power), 1e-6)


def _flattened(picture: np.ndarray, around: int) -> np.ndarray:
    import cv2

    box = (around, around)
    mean = cv2.blur(picture, box)
    spread = cv2.blur(picture * picture, box) - mean * mean
    return (picture - mean) / np.sqrt(np.maximum(spread, 0) + _NOISE**2)


def _window_of(matrix: np.ndarray, source: tuple[int, int], film: tuple[int, int]) -> PictureWindow:
    x, y = matrix[0, 0], matrix[1, 1]
    left = (matrix[0, 2] + 0.5 - x / 2) / source[0]
    top = (matrix[1, 2] + 0.5 - y / 2) / source[1]
    right, bottom = left + x * film[0] / source[0], top + y * film[1] / source[1]
    return PictureWindow(float(left), float(top), float(right), float(bottom))


# -------------------------------------------------------------------------------- agreement


def _mean(windows: Sequence[PictureWindow]) -> PictureWindow:
    edges = np.median([(w.left, w.top, w.right, w.bottom) for w in windows], axis=0)
    left, top, right, bottom = edges.tolist()
    return PictureWindow(left, top, right, bottom, windows[0].mirrored)


def _grouped(windows: dict[int, PictureWindow]) -> dict[int, PictureWindow]:
    """Each window, or the mean of those that are nearly the same; whole ones are exactly so."""
    groups: list[list[int]] = []
    for number, window in windows.items():
        for group in groups:
            if window.is_near(windows[group[0]], _SAME):
                group.append(number)
                break
        else:
            groups.append([number])
    found: dict[int, PictureWindow] = {}
    for group in groups:
        mean = _mean([windows[number] for number in group])
        whole = replace(WHOLE, mirrored=mean.mirrored)
        for number in group:
            found[number] = whole if mean.is_near(whole, _SAME) else mean
    return found
