"""What auto-editor keeps of a recording, by its rule for sound.

Its package fetches a program, and only that can be run: so the rule is written down here as its
source has it (29.3, ``analyze/audio.nim`` and ``lib/editutil.nim``). A frame of video is loud where
the peak of all channels reaches 4 % of full scale; 0.2 s on both sides belong to it; then clips
under 0.1 s go and cuts under 0.2 s are closed until nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

THRESHOLD = 0.04
_MARGIN, _MIN_CUT, _MIN_CLIP = 0.2, 0.2, 0.1
#: It may come back to what it had before; then it stops.
_ROUNDS = 50


def kept(
    samples: np.ndarray, rate: int, fps: float, threshold: float = THRESHOLD
) -> list[tuple[float, float]]:
    """Seconds of what stays of float samples (channels, n) or (n,)."""
    peaks = np.abs(np.atleast_2d(samples)).max(axis=0)
    count = int(np.ceil(len(peaks) / rate * fps))
    edges = (np.arange(count) * rate / fps).astype(int)
    active = np.maximum.reduceat(peaks, edges) >= threshold
    on = active.copy()
    margin = round(_MARGIN * fps)
    for first, last in _runs(active):
        on[max(0, first - margin) : last + margin] = True
    for _ in range(_ROUNDS):
        before = on.copy()
        for first, last in _runs(on):
            on[first:last] = last - first >= _MIN_CLIP * fps
        for first, last in _runs(~on):
            on[first:last] = last - first < _MIN_CUT * fps
        if (on == before).all():
            break
    return [(first / fps, last / fps) for first, last in _runs(on)]


def _runs(flags: np.ndarray) -> Iterator[tuple[int, int]]:
    steps = np.diff(np.concatenate([[0], flags, [0]]).astype(np.int8))
    yield from zip(
        np.flatnonzero(steps > 0).tolist(), np.flatnonzero(steps < 0).tolist(), strict=True
    )
