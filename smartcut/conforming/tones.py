"""How a film's tones follow from those of a source, from small pictures of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources

# Frames of a run that are compared, the share at both of its ends that is left out, and the share
# of the frames that counts: those most alike, since in the others a transition may be under way.
_FRAMES, _ENDS, _ALONE = 16, 0.1, 0.5
# A pixel this far off, in spreads of the others, is covered by something else.
_COVERED = 4.0


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
    first = min(run.first + run.blend, run.last - 1)
    ends = int(_ENDS * (run.last - first))
    places = np.linspace(first + ends, max(run.last - 1 - ends, first), _FRAMES)
    numbers = np.unique(places.astype(int))
    own = np.asarray(film.thumbs.pictures[numbers]).astype(np.float32) / 255
    views = np.concatenate([film.views(run.line, n, n + 1) for n in numbers.tolist()])
    return fitted_tones(own, views.astype(np.float32) / 255)


def fitted_tones(own: np.ndarray, seen: np.ndarray) -> Toned:
    """The curve from a source's pictures to a film's, float32 (n, h, w) in 0..1.

    Pixels that differ all the time and the half of the frames that differs most are left out.
    """
    covered = np.zeros(own.shape[1:], bool)
    alone = np.ones(len(own), bool)
    curve = np.array([0.0, 1.0, 0.0])
    for _ in range(4):
        curve = _curve(seen[alone][:, ~covered].ravel(), own[alone][:, ~covered].ravel(), curve)
        apart = (np.polyval(curve, seen) - own) ** 2
        of_frames = apart[:, ~covered].mean(axis=1)
        alone = of_frames <= np.quantile(of_frames, _ALONE)
        of_pixels = apart[alone].mean(axis=0)
        covered = of_pixels > max(_COVERED**2 * float(np.median(of_pixels)), 1e-4)
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
