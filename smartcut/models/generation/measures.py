"""Figures that say how near made clips are to real ones; pure functions of arrays.

Clips are uint8 (N, T, H, W, 3); features are float (N, D), a row for each clip.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

_PEAK = 255.0
# What rounding to whole levels does by itself; a higher PSNR says nothing.
_LEAST_ERROR = 1 / 12
# Dense inverse search finds nothing in smaller pictures.
_FLOW_SIZE = 64


# ------------------------------------------------------------------------ features against features


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """The squared Fréchet distance of normal distributions fitted to both (Heusel et al. 2017).

    It has a bias upwards that falls with the number of rows (Chong & Forsyth 2020): compare only
    figures of equally many rows, and beside the floor that real clips have among themselves.
    """
    mean_1, factor_1 = _moments(one)
    mean_2, factor_2 = _moments(other)
    # tr (C1 C2)^1/2 with C = F^T F is the sum of the singular values of F1 F2^T: no root of a
    # matrix is taken that rounding could have made indefinite.
    cross = np.linalg.svd(factor_1 @ factor_2.T, compute_uv=False).sum()
    traces = np.square(factor_1).sum() + np.square(factor_2).sum()
    return max(0.0, float(np.square(mean_1 - mean_2).sum() + traces - 2 * cross))


def _moments(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(mean, a matrix whose square, transposed first, is the covariance) of the rows."""
    rows = _checked(rows)
    mean = rows.mean(0)
    factor = (rows - mean) / np.sqrt(len(rows) - 1)
    if len(rows) > rows.shape[1]:
        factor = np.asarray(np.linalg.qr(factor, mode="r"))
    return mean, factor


def _checked(rows: np.ndarray) -> np.ndarray:
    if rows.ndim != 2 or len(rows) < 2:
        raise ValueError(f"features of at least 2 clips are needed, (N, D), not {rows.shape}")
    return rows.astype(np.float64)


def standardised(rows: np.ndarray, real: np.ndarray) -> np.ndarray:
    """The rows less the mean of the real ones, in their standard deviations.

    So each feature counts alike, and one that varies little among real clips much where it does.
    Deviations below a quarter of the median one, which few clips cannot tell, are taken for that.
    """
    spread = _checked(real).std(0)
    least = max(0.25 * float(np.median(spread)), 1e-9)
    return np.asarray((rows - real.mean(0)) / np.maximum(spread, least))


def precision_recall(real: np.ndarray, made: np.ndarray, nearest: int = 3) -> tuple[float, float]:
    """(share of the made within the real, share of the real within the made).

    Improved precision and recall (Kynkäänniemi et al. 2019): a set covers the balls around its
    points that reach to the ``nearest``-th neighbour. Precision falls with clips that look like
    no real one, recall with real ones that are never made.
    """
    real, made = _checked(real), _checked(made)
    between = _distances(made, real)
    precision = (between <= _radii(real, nearest)).any(1).mean()
    recall = (_distances(real, made) <= _radii(made, nearest)).any(1).mean()
    return float(precision), float(recall)


def _distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(N, M); pairs that are equal have exactly 0, which sums of squares would not give."""
    return np.stack([np.sqrt(np.square(other - row).sum(1)) for row in one])


def _radii(rows: np.ndarray, nearest: int) -> np.ndarray:
    order = np.sort(_distances(rows, rows), axis=1)
    found: np.ndarray = order[:, min(nearest, len(rows) - 1)]
    return found


# ----------------------------------------------------------------------------- clip against clip


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Decibels, the mean over clips; at most 58.9, what whole levels resolve."""
    error = one.astype(np.float64) - other.astype(np.float64)
    power = np.square(error).reshape(len(one), -1).mean(1)
    return float((10 * np.log10(_PEAK**2 / np.maximum(power, _LEAST_ERROR))).mean())


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Structural similarity of the luma (Wang et al. 2004), the mean over all frames; 1 is equal.

    Windows are Gaussian, of 11 pixels and sigma 1.5, and lie wholly in the picture; of pictures
    smaller than that, as many pixels as fit.
    """
    found = [
        _ssim_of(a, b)
        for clip_a, clip_b in zip(_luma(one), _luma(other), strict=True)
        for a, b in zip(clip_a, clip_b, strict=True)
    ]
    return float(np.mean(found))


def _luma(clips: np.ndarray) -> np.ndarray:
    return (clips @ np.array([0.2126, 0.7152, 0.0722])).astype(np.float32)


def _ssim_of(a: np.ndarray, b: np.ndarray) -> float:
    import cv2

    size = min(11, *(side - 1 + side % 2 for side in a.shape))
    edge = size // 2

    def smooth(x: np.ndarray) -> np.ndarray:
        blurred = cv2.GaussianBlur(x.astype(np.float64), (size, size), 1.5)
        return blurred[edge : len(x) - edge, edge : x.shape[1] - edge]

    c1, c2 = (0.01 * _PEAK) ** 2, (0.03 * _PEAK) ** 2
    mean_a, mean_b = smooth(a), smooth(b)
    var_a, var_b = smooth(a**2) - mean_a**2, smooth(b**2) - mean_b**2
    both = smooth(a * b) - mean_a * mean_b
    upper = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    lower = (mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)
    return float((upper / lower).mean())


# ------------------------------------------------------------------------------------- in time


def change(clips: np.ndarray) -> float:
    """Mean absolute difference of frames that follow each other, in levels of 255; 0 of stills."""
    steps = np.abs(np.diff(clips.astype(np.int16), axis=1))
    return float(steps.mean()) if steps.size else 0.0


def unexplained(clips: np.ndarray) -> float:
    """What motion does not explain: mean absolute error, in levels, of frames moved to the next.

    Each frame is warped along the flow found by dense inverse search (Kroeger et al. 2016) and
    compared with the one after it. A still clip has 0 as well: read it beside :func:`change`.
    """
    errors = [_warp_error(before, after) for clip in clips for before, after in pairwise(clip)]
    return float(np.mean(errors)) if errors else 0.0


def _warp_error(before: np.ndarray, after: np.ndarray) -> float:
    import cv2

    before, after = _large(before), _large(after)
    gray_before, gray_after = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in (before, after))
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = finder.calc(gray_after, gray_before, None)
    x, y = np.meshgrid(np.arange(flow.shape[1]), np.arange(flow.shape[0]))
    moved = cv2.remap(
        before,
        (x + flow[..., 0]).astype(np.float32),
        (y + flow[..., 1]).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return float(np.abs(moved.astype(np.int16) - after).mean())


def _large(picture: np.ndarray) -> np.ndarray:
    import cv2

    times = -(-_FLOW_SIZE // min(picture.shape[:2]))
    if times <= 1:
        return picture
    size = picture.shape[1] * times, picture.shape[0] * times
    return cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)


# --------------------------------------------------------------------------------- likelihood


def gaussian_bits(pixels: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """float64 (N,): exact bits a value of whole levels under rounded, clipped normal draws.

    ``mean`` and ``spread`` (standard deviation) are of each value, in levels. A level is as likely
    as the normal's mass within half a level of it; the lowest and highest take the tails.
    """
    level = pixels.astype(np.float64)
    upper = np.where(level >= _PEAK, np.inf, (level + 0.5 - mean) / spread)
    lower = np.where(level <= 0, -np.inf, (level - 0.5 - mean) / spread)
    # Above the mean both ends are mirrored: differences of near-ones lose all digits.
    high = lower > 0
    upper, lower = np.where(high, -lower, upper), np.where(high, -upper, lower)
    top, bottom = _log_normal(upper), _log_normal(lower)
    logs = top + np.log1p(-np.exp(bottom - top))
    found: np.ndarray = -logs.reshape(len(pixels), -1).mean(1) / np.log(2)
    return found


def _log_normal(values: np.ndarray) -> np.ndarray:
    """The logarithm of the normal distribution's share below each value."""
    import torch

    return np.asarray(torch.special.log_ndtr(torch.from_numpy(values)).numpy())
