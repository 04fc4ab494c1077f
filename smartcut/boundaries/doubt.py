"""Where the cheap detector is in doubt, and the learned one should look; pure.

Three kinds of doubt: a change that is neither clearly a cut nor clearly motion; a cut that takes
itself back within a few frames (a flash); and a slow change whose middle is the mean of its ends
(a dissolve or a fade; the linear model is that of Fernando, Canagarajah and Bull, "Fade and
dissolve detection in uncompressed and compressed video sequences", ICIP 1999).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

#: Ratio of a step to its neighbours between which it may or may not be a cut.
UNSURE_RATIO = (1.8, 5.0)
#: Smaller steps (mean absolute difference of pixels, 0..255) are never asked about.
UNSURE_STEP = 6.0
#: A flash: the picture returns to within this share of the step...
RETURNED = 0.45
#: ... and a slow change, between two frames, while the frame half-way lies as near to the mean
#: of both (share of the change). What moves during a dissolve adds to it, and so does a larger
#: change allow more; motion alone has 0.4 and up.
SLOW_CHANGE = (6.0, 16.0)
LINEAR = (0.2, 0.36)
#: Frames looked at on both sides of a doubt, at least.
PAD = 8
_CHUNK = 512

#: ``thumbnails(first, last)`` gives frames first..last-1, uint8 (n, 27, 48, 3).
Thumbnails = Callable[[int, int], "np.ndarray"]


def unsure_steps(steps: np.ndarray, ratios: np.ndarray, cuts: Iterable[int]) -> np.ndarray:
    """Mask of the frames whose step is neither surely a cut nor surely none."""
    import numpy as np

    low, high = UNSURE_RATIO
    mask = (steps >= UNSURE_STEP) & (ratios >= low) & (ratios < high)
    weak = [c for c in cuts if ratios[c] < high]
    mask[np.asarray(weak, int)] = True
    return mask


def flashes(
    cuts: Iterable[int], steps: np.ndarray, thumbnails: Thumbnails, reach: int
) -> list[int]:
    """The cuts that take themselves, or an earlier cut, back within ``reach`` frames.

    A cut may be one frame off the step that it stands for.
    """
    import numpy as np

    count = len(steps)
    found = []
    for cut in cuts:
        first = max(cut - 1, 1)
        step = first + int(steps[first : cut + 2].argmax()) if first < count else cut
        start = max(step - 1 - reach, 0)
        near = thumbnails(start, min(step + 1 + reach, count)).astype(np.int16)
        at = step - start
        limit = RETURNED * steps[step]
        returns = np.abs(near[at + 1 :] - near[at - 1]).mean(axis=(1, 2, 3))
        undoes = np.abs(near[: at - 1] - near[at]).mean(axis=(1, 2, 3))
        if (returns < limit).any() or (undoes < limit).any():
            found.append(cut)
    return found


def slow_changes(count: int, thumbnails: Thumbnails, half: int) -> np.ndarray:
    """Mask of the frames in the middle of a slow, linear change over ``2 * half`` frames."""
    import numpy as np

    mask = np.zeros(count, bool)
    for start in range(half, count - half, _CHUNK):
        stop = min(start + _CHUNK, count - half)
        block = thumbnails(start - half, stop + half).astype(np.int16)
        before, after = block[: stop - start], block[2 * half :]
        middle = block[half:-half]
        change = np.abs(after - before).mean(axis=(1, 2, 3))
        off = np.abs(2 * middle - before - after).mean(axis=(1, 2, 3)) / 2
        allowed = change * np.interp(change, SLOW_CHANGE, LINEAR)
        mask[start:stop] = (change >= SLOW_CHANGE[0]) & (off <= allowed)
    return mask


def without_cuts(mask: np.ndarray, cuts: Iterable[int], half: int) -> np.ndarray:
    """The mask without the frames whose change over ``2 * half`` frames holds a known cut."""
    clear = mask.copy()
    for cut in cuts:
        clear[max(cut - half, 0) : cut + half] = False
    return clear


def windows(mask: np.ndarray, length: int, pad: int = PAD) -> list[tuple[int, int]]:
    """Half-open ranges of at most ``length`` frames that hold every frame of the mask, padded.

    They do not overlap; a lone doubt is put in the middle of its range.
    """
    import numpy as np

    count = len(mask)
    found: list[tuple[int, int]] = []
    done = 0
    for at in np.flatnonzero(mask):
        if at + pad < done or done >= count:
            continue
        ahead = np.flatnonzero(mask[at : at + length - 2 * pad])
        spare = max(length - 2 * pad - 1 - int(ahead[-1]), 0) // 2
        first = max(int(at) - pad - spare, done, 0)
        done = min(first + length, count)
        found.append((first, done))
    return found
