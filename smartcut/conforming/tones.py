"""How a film's tones follow from those of a source, from small pictures of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources
from smartcut.conforming.viewing import run_views

# Frames of a run that are compared, and the share at both of its ends that is left out. A frame
# whose middle pixel is off by more than so many times that of the best quarter is not shown alone:
# in a transition all pixels differ, under captions few.
_FRAMES, _ENDS, _ALONE, _LEAST = 16, 0.1, 2.0, 1e-5
# A pixel this far off, in spreads of the others, is covered by something else.
_COVERED = 4.0
# Holes of what covers pictures that are this narrow, in pixels, are part of it.
_CLOSED = 5


@dataclass(frozen=True, slots=True, eq=False)
class Toned:
    """A line's pictures in the tones of the film."""

    curve: np.ndarray
    """float64 (3,): coefficients of a parabola over tones 0..1, the highest power first."""
    covered: np.ndarray
    """bool (h, w): pixels where the film shows something else all the time, such as captions."""
    noise: float
    """Mean square of what is left, in tones 0..1."""

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """float32, of uint8 pictures."""
        return np.polyval(self.curve, pictures.astype(np.float32) / 255).astype(np.float32)


def toned(film: FilmAndSources, run: Run) -> Toned:
    """The tones of a run, from those of its frames that it shows alone."""
    assert run.line is not None
    numbers = alone_frames(run)
    own = np.asarray(film.thumbs.pictures[numbers]).astype(np.float32) / 255
    views = np.concatenate([run_views(film, run, n, n + 1) for n in numbers.tolist()])
    return fitted_tones(own, views.astype(np.float32) / 255)


def alone_frames(run: Run) -> np.ndarray:
    """int64: some frames of a run, none from its transition nor from its very ends."""
    first = min(run.first + run.blend, run.last - 1)
    ends = int(_ENDS * (run.last - first))
    places = np.linspace(first + ends, max(run.last - 1 - ends, first), _FRAMES)
    return np.unique(places.astype(int))


def fitted_tones(own: np.ndarray, seen: np.ndarray) -> Toned:
    """The curve from a source's pictures to a film's, float32 (n, h, w) in 0..1.

    Pixels that differ often are left out, and frames in which most pixels do.
    """
    covered = np.zeros(own.shape[1:], bool)
    alone = np.ones(len(own), bool)
    curve = np.array([0.0, 1.0, 0.0])
    for _ in range(4):
        curve = _curve(seen[alone][:, ~covered].ravel(), own[alone][:, ~covered].ravel(), curve)
        apart = (np.polyval(curve, seen) - own) ** 2
        of_frames = np.median(apart[:, ~covered], axis=1)
        alone = of_frames <= max(_ALONE * float(np.quantile(of_frames, 0.25)), _LEAST)
        of_pixels = apart[alone].mean(axis=0)
        covered = closed(of_pixels > max(_COVERED**2 * float(np.median(of_pixels)), 1e-4))
        if covered.mean() > 0.6:
            covered[:] = False
            break
    return Toned(curve, covered, float(of_pixels[~covered].mean()))


def _curve(x: np.ndarray, y: np.ndarray, known: np.ndarray) -> np.ndarray:
    """A parabola through tones, or a line where they differ little; the known one where none."""
    spread = float(x.std())
    if spread <= 0.01:
        return known
    return np.asarray(np.polyfit(x, y, 2 if spread > 0.05 else 1))


def closed(mask: np.ndarray) -> np.ndarray:
    """The mask without its small holes: between letters a picture may show through."""
    import cv2

    around = np.ones((_CLOSED, _CLOSED), np.uint8)
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, around), bool)
