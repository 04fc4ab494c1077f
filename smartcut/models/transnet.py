"""TransNet V2: how likely each frame is the last one of a shot.

Tomáš Souček and Jakub Lokoč, "TransNet V2: An effective deep network architecture for fast shot
transition detection", 2020, arXiv 2008.04838. Own code; it reads the published weights.

Input: RGB pictures of 48 x 27 pixels, uint8. Output: two chances a frame. The *one-hot* head
marks one frame for each transition: a peak at frame i means that frame i + 1 begins a new shot,
and for a gradual transition it lies near the middle. The *many-hot* head marks every frame of a
transition, so its run is short for a cut and long for a dissolve.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import nn

    from smartcut.models.engines.prepared import Engine

WIDTH, HEIGHT = 48, 27
#: Frames in a window; only the predictions of the middle ``KEEP`` see enough on both sides.
WINDOW, KEEP = 100, 50
MARGIN = (WINDOW - KEEP) // 2

#: ``pictures(first, last)`` gives frames first..last-1 as uint8 (n, 27, 48, 3).
Pictures = Callable[[int, int], np.ndarray]
#: Answers windows, uint8 (n, 100, 27, 48, 3), with what :meth:`TransNetV2.chances` says of them.
Ask = Callable[[np.ndarray], "Future[np.ndarray]"]
# Windows asked about at a time, and how many such handfuls are out at once.
_HANDFUL, _UNDER_WAY = 4, 4


def engine(path: Path, digest: str, device: str) -> Engine:
    """What answers windows on the device as :meth:`TransNetV2.chances` does.

    Torch is imported where the network has to be built, which a kept engine has not.
    """
    from smartcut.models.engines import agreement, made_pictures, prepared
    from smartcut.models.engines.choice import FLOAT, HALF

    subject = prepared.Subject(
        "transnetv2",
        digest,
        1,
        (HALF, FLOAT),
        lambda: _chances(path),
        lambda: made_pictures.made_film(WINDOW, WIDTH, HEIGHT)[None],
        agreement.of_chances,
        {HALF: _by_product, FLOAT: _by_convolution},
    )
    return prepared.load(subject, device)


def _chances(path: Path) -> nn.Module:
    from smartcut.models.transnet_network import Chances, load

    return Chances(load(path))


def _by_product(chances: nn.Module) -> nn.Module:
    from smartcut.models.transnet_flat import by_product, flat

    return flat(chances, by_product)


def _by_convolution(chances: nn.Module) -> nn.Module:
    from smartcut.models.transnet_flat import by_convolution, flat

    return flat(chances, by_convolution)


def predict(
    ask: Ask,
    pictures: Pictures,
    count: int,
    ranges: Sequence[tuple[int, int]] | None = None,
    progress: Callable[[int], None] | None = None,
) -> np.ndarray:
    """Chances of the frames of a source of ``count``: float32 (2, count), in 0..1.

    Row 0 is the one-hot head, row 1 the many-hot one; both are 0 outside the half-open
    ``ranges``. The frames around a range are looked at too; beyond the source's ends its first
    and last frames are repeated, as in the paper's code. ``progress`` gets how many frames
    are done.
    """
    out = np.zeros((2, count), np.float32)
    steps = [step for first, last in ranges or [(0, count)] for step in _steps(first, last)]
    under_way: deque[tuple[list[tuple[int, int]], Future[np.ndarray]]] = deque()
    done = 0
    for at in range(0, len(steps) + _HANDFUL * _UNDER_WAY, _HANDFUL):
        if handful := steps[at : at + _HANDFUL]:
            windows = [_window(pictures, start - MARGIN, count) for start, _ in handful]
            under_way.append((handful, ask(np.stack(windows))))
        if under_way and (not handful or len(under_way) >= _UNDER_WAY):
            asked, answer = under_way.popleft()
            for (start, end), chances in zip(asked, answer.result(), strict=True):
                out[:, start:end] = chances[:, : end - start]
                done += end - start
            if progress:
                progress(done)
    return out


def _steps(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The range in pieces of at most as many frames as a window answers for."""
    for start in range(first, last, KEEP):
        yield start, min(start + KEEP, last)


def _window(pictures: Pictures, start: int, count: int) -> np.ndarray:
    """Frames start..start+99; those outside the source repeat its first or last one."""
    end = start + WINDOW
    low, high = max(start, 0), min(end, count)
    body = pictures(low, high)
    return np.pad(body, ((low - start, end - high), (0, 0), (0, 0), (0, 0)), mode="edge")
