"""Maps that give one set of colours the distribution of another; pure.

Colours are rows (n, 3). Transport is done in Oklab, where equal distances look about equally far.
"""

from __future__ import annotations

import numpy as np

# Linear sRGB to cone responses, and their cube roots to Oklab (Ottosson, 2020).
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_CONES, _FROM_LAB = np.linalg.inv(_TO_CONES), np.linalg.inv(_TO_LAB)

#: Variance added to each axis: about one level of eight bits, so that a flat picture has a spread.
FLOOR = 1e-5
#: How far an axis is stretched at most; more would show grain and bands.
MOST_STRETCH = 2.5


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """Oklab (..., 3) of gamma-coded sRGB in 0..1; lightness is 0..1, the others about -0.4..0.4."""
    size = np.abs(rgb)
    linear = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    return np.cbrt((np.sign(rgb) * linear) @ _TO_CONES.T) @ _TO_LAB.T


def to_srgb(lab: np.ndarray) -> np.ndarray:
    """Gamma-coded sRGB (..., 3); colours that no screen shows lie outside 0..1."""
    linear = (lab @ _FROM_LAB.T) ** 3 @ _FROM_CONES.T
    size = np.abs(linear)
    coded = np.where(size <= 0.0031308, size * 12.92, 1.055 * size ** (1 / 2.4) - 0.055)
    return np.sign(linear) * coded


def linear_map(
    source: np.ndarray,
    reference: np.ndarray,
    floor: float = 0.0,
    most_stretch: float | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """(matrix, offset): ``x @ matrix + offset`` has the reference's mean and covariance.

    The Monge-Kantorovich map between two Gaussians, which moves colours least (Pitie and Kokaram,
    2007). ``floor`` is added to all variances; with ``most_stretch``, no direction is stretched
    more than that, and the covariance is met only as far as this allows.
    """
    means = source.mean(axis=0), reference.mean(axis=0)
    spreads = [np.cov(x, rowvar=False, bias=True) + floor * np.eye(3) for x in (source, reference)]
    values, vectors = np.linalg.eigh(spreads[0])
    values = np.maximum(values, max(floor, 1e-12))
    root = (vectors * np.sqrt(values)) @ vectors.T
    inverse = (vectors / np.sqrt(values)) @ vectors.T
    inner, turn = np.linalg.eigh(root @ spreads[1] @ root)
    matrix = inverse @ (turn * np.sqrt(np.maximum(inner, 0))) @ turn.T @ inverse
    if most_stretch is not None:
        gains, axes = np.linalg.eigh((matrix + matrix.T) / 2)
        matrix = (axes * np.clip(gains, 0, most_stretch)) @ axes.T
    return matrix, means[1] - means[0] @ matrix


def sliced_transport(
    source: np.ndarray, reference: np.ndarray, rounds: int = 30, seed: int = 0
) -> np.ndarray:
    """Where each colour of ``source`` goes so that all have the distribution of ``reference``.

    Iterated one-dimensional transport along random axes (Pitie, Kokaram and Dahyot, 2005; as a
    descent of the sliced Wasserstein distance: Bonneel et al., 2015). The axes follow the seed.
    """
    chance = np.random.default_rng(seed)
    moved = source.astype(np.float64)
    for _ in range(rounds):
        axes = np.linalg.qr(chance.standard_normal((3, 3)))[0]
        along = moved @ axes
        wanted = _quantiles(reference @ axes, len(moved))
        shift = np.empty_like(along)
        order = np.argsort(along, axis=0, kind="stable")
        for axis in range(3):
            shift[order[:, axis], axis] = wanted[:, axis]
        moved += (shift - along) @ axes.T
    return moved


def sliced_distance(one: np.ndarray, other: np.ndarray, slices: int = 64) -> float:
    """Sliced Wasserstein distance (of order 2) between two sets of colours; fixed directions."""
    directions = np.random.default_rng(7).standard_normal((3, slices))
    directions /= np.linalg.norm(directions, axis=0)
    count = max(len(one), len(other))
    a, b = (_quantiles(x @ directions, count) for x in (one, other))
    return float(np.sqrt(((a - b) ** 2).mean()))


def _quantiles(values: np.ndarray, count: int) -> np.ndarray:
    """(count, columns): each column's values in rising order, taken at ``count`` even shares."""
    rising = np.sort(values, axis=0)
    if len(rising) == count:
        return rising
    places = (np.arange(count) + 0.5) / count * len(rising) - 0.5
    known = np.arange(len(rising))
    return np.stack([np.interp(places, known, column) for column in rising.T], axis=1)
