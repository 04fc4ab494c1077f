"""How a film's tones follow from those of a source, from small pictures of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources

# Frames of a run that are compared, and the share at both of its ends that is left out.
_FRAMES, _ENDS = 12, 0.2
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
    """The tones of a run, from its middle."""
    assert run.line is not None
    ends = int(_ENDS * len(run))
    numbers = np.unique(
        np.linspace(run.first + ends, max(run.last - 1 - ends, run.first + ends), _FRAMES).astype(
            int
        )
    )
    own = np.asarray(film.thumbs.pictures[numbers]).astype(np.float32) / 255
    views = np.concatenate([film.views(run.line, n, n + 1) for n in numbers.tolist()])
    seen = views.astype(np.float32) / 255
    covered = np.zeros(own.shape[1:], bool)
    curve = np.array([0.0, 1.0, 0.0])
    for _ in range(3):
        kept = ~covered
        x, y = seen[:, kept].ravel(), own[:, kept].ravel()
        if x.std() > 0.01:
            degree = 2 if x.std() > 0.05 else 1
            curve = np.polyfit(x, y, degree)
        apart = ((np.polyval(curve, seen) - own) ** 2).mean(axis=0)
        usual = float(np.median(apart))
        covered = apart > max(_COVERED**2 * usual, 1e-4)
        if covered.mean() > 0.6:
            covered[:] = False
            break
    noise = float(apart[~covered].mean())
    return Toned(curve, covered, noise)
