"""What lies over a source's pictures in a film all the time: captions, or a logo.

A place is covered where the film is off in its tones and shows other detail than the source. Where
only the tones are off, a grade may have moved some colours more than others; the detail stays.
"""

from __future__ import annotations

import numpy as np

from smartcut.conforming.descriptors import normalised
from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources
from smartcut.conforming.tones import alone_frames, closed, fitted_tones
from smartcut.conforming.viewing import run_views

# What covers less of a picture is not named.
_COVERS = 0.015
# Pixels around each in which detail is compared, and how alike it is at least where the source is
# seen. Detail below this mean square, in spreads of the surroundings, is none.
_AROUND, _SEEN, _PLAIN = 5, 0.5, 0.05


def covered_region(film: FilmAndSources, run: Run) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom, in shares, of what covers the run's pictures; None: nothing."""
    assert run.line is not None
    numbers = alone_frames(run)
    own = np.asarray(film.thumbs.pictures[numbers])
    views = np.concatenate([run_views(film, run, n, n + 1) for n in numbers.tolist()])
    off = fitted_tones(own.astype(np.float32) / 255, views.astype(np.float32) / 255).covered
    return region_of(closed(off & shows_other_detail(own, views)))


def shows_other_detail(own: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """bool (h, w): where a film's pictures, uint8 (n, h, w), have other detail than a source's.

    False where neither has any: one colour that is another one there says nothing.
    """
    import cv2

    one, other = normalised(own), normalised(seen)

    def summed(values: np.ndarray) -> np.ndarray:
        return np.asarray(cv2.blur(values.mean(axis=0), (_AROUND, _AROUND)))

    power = summed(one * one), summed(other * other)
    likeness = summed(one * other) / np.sqrt(np.maximum(power[0] * power[1], _PLAIN**2))
    has_detail = np.maximum(*power) > _PLAIN
    return np.asarray(has_detail & (likeness < _SEEN))


def region_of(covered: np.ndarray) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom, in shares, of what covers pictures; None where nothing does.

    ``covered`` is bool (h, w). Places that touch the largest region make it up.
    """
    import cv2

    joined = cv2.dilate(covered.astype(np.uint8), np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    if count < 2:
        return None
    left, top, width, height, _ = max(stats[1:].tolist(), key=lambda one: one[4])
    part = covered[top : top + height, left : left + width]
    h, w = covered.shape
    if part.sum() < _COVERS * h * w:
        return None
    across, down = np.flatnonzero(part.any(axis=0)), np.flatnonzero(part.any(axis=1))
    edges = (left + across[0]) / w, (top + down[0]) / h
    ends = (left + across[-1] + 1) / w, (top + down[-1] + 1) / h
    x, y, right, bottom = (round(float(edge), 3) for edge in (*edges, *ends))
    return x, y, right, bottom
