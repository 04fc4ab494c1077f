"""What a shot is about, from its faces and from what moves in it; pure.

Boxes and maps are those of the picture that is cropped: shares of its sides, at even steps of time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from smartcut.framing.path import STEP

#: A face matters that is at least so large beside the largest, and there for this share of a shot.
_SIZE, _PRESENT = 0.5, 0.25
#: Of faces smaller than this share of the picture's width it cannot be told which one speaks.
CLEAR = 0.07
#: Seconds for which somebody has to be the livelier one, before the picture goes over.
_SWITCH = 1.0
#: Seconds for which a voice is heard at least, how much livelier its face is then, and a motion
#: (0..255) below which nothing moves.
_HEARD, _LIVENS, _STILL = 0.5, 1.25, 0.3
#: Faces fit where they do in this share of the time.
_MOSTLY = 0.95
#: Maps are averaged over so many seconds.
_CALM = 1.0
#: Motion counts alone from this mean level (0..255) of its liveliest cells on.
_LIVELY = 30.0


@dataclass(frozen=True, slots=True)
class SeenSubject:
    """What is known of a shot at each of T steps of time."""

    boxes: tuple[np.ndarray, ...]
    """float64 (T, 4) for each face: left, top, right, bottom; NaN where it is not there."""
    motion: np.ndarray
    """float64 (T, rows, columns): how much moves."""
    salient: np.ndarray
    """float64 (T, rows, columns), adding up to 1 each time: how much stands out."""
    voices: np.ndarray | None = None
    """int64 (T,): whose voice is heard, by number, -1 for nobody's; None where nobody listened."""

    @property
    def steps(self) -> int:
        return len(self.motion)


@dataclass(frozen=True, slots=True)
class Follow:
    """What is followed during some steps: a box that moves, or whatever there is to see."""

    first: int
    last: int
    """The step after the last."""
    boxes: np.ndarray | None
    """float64 (last - first, 4); None for what there is to see."""
    others: tuple[np.ndarray, ...] = ()
    """The boxes (T, 4) of all who matter, where they do not fit together, for the whole shot."""
    is_one: bool = False
    """Whether one of these was chosen."""


def faces_that_matter(seen: SeenSubject) -> list[np.ndarray]:
    """The faces that are large, and there, the most important one first."""
    found = []
    for boxes in seen.boxes:
        there = ~np.isnan(boxes[:, 0])
        if there.mean() >= _PRESENT or there.sum() * STEP >= 1:
            found.append((float(np.nanmedian(boxes[:, 2] - boxes[:, 0])), there.mean(), boxes))
    largest = max((width for width, _, _ in found), default=0.0)
    those = [one for one in found if one[0] >= _SIZE * largest]
    return [boxes for _, _, boxes in sorted(those, key=lambda one: -one[0] * float(one[1]))]


def followed(
    seen: SeenSubject,
    crop: tuple[float, float],
    subject: Literal["auto", "face", "speaker", "motion"],
) -> Iterator[Follow]:
    """What a crop of these shares of the sides follows in a shot, from its beginning to its end."""
    faces = faces_that_matter(seen) if subject != "motion" else []
    if not faces:
        yield Follow(0, seen.steps, None)
        return
    together = around(faces)
    is_clear = min(float(np.nanmedian(one[:, 2] - one[:, 0])) for one in faces) >= CLEAR
    if fits(together, crop) and not (subject == "speaker" and is_clear):
        yield Follow(0, seen.steps, together)
    elif len(faces) == 1:
        yield Follow(0, seen.steps, filled(faces[0]))
    elif subject == "face" or not is_clear:
        yield Follow(0, seen.steps, together, tuple(faces))
    else:
        lively = livelier(faces, seen.motion, seen.voices)
        for first, last in runs(lively):
            boxes = filled(faces[lively[first]])[first:last]
            yield Follow(first, last, boxes, tuple(faces), is_one=True)


def around(boxes: Sequence[np.ndarray]) -> np.ndarray:
    """float64 (T, 4): the box that holds all that are there; never NaN."""
    stacked = np.stack([*boxes])
    with np.errstate(all="ignore"):
        least = np.where(np.isnan(stacked), np.inf, stacked).min(axis=0)
        most = np.where(np.isnan(stacked), -np.inf, stacked).max(axis=0)
    found = np.concatenate([least[:, :2], most[:, 2:]], axis=1)
    return filled(np.where(np.isfinite(found), found, np.nan))


def filled(boxes: np.ndarray) -> np.ndarray:
    """The boxes with those that are not there on a line between their neighbours."""
    there = np.flatnonzero(~np.isnan(boxes[:, 0]))
    index = np.arange(len(boxes))
    return np.stack([np.interp(index, there, boxes[there, i]) for i in range(4)], axis=1)


def fits(boxes: np.ndarray, crop: tuple[float, float]) -> bool:
    """Whether the boxes are mostly no larger than the crop."""
    inside = (boxes[:, 2] - boxes[:, 0] <= crop[0]) & (boxes[:, 3] - boxes[:, 1] <= crop[1])
    return bool(inside.mean() >= _MOSTLY)


def livelier(
    faces: Sequence[np.ndarray], motion: np.ndarray, voices: np.ndarray | None = None
) -> np.ndarray:
    """int64 (T,): which face speaks at each step, without flicker.

    Faces that speak move, and so do those around them (the mean motion within the box tells the
    speaker better than the mouth's alone): the one with the greatest share of the motion. Where
    voices are known, whoever livens up when a voice is heard has that voice, however lively others
    are. Changing costs as much as a second of being second.
    """
    energy = np.stack([_energy(boxes, motion) for boxes in faces], axis=1)
    there = ~np.isnan(energy)
    total = np.nansum(energy, axis=1, keepdims=True)
    shares = np.where(there, energy / np.maximum(total, 1e-9), -1.0)
    if voices is not None:
        for voice, face in faces_of_voices(energy, voices).items():
            heard = (voices == voice) & there[:, face]
            shares[heard] = np.where(there[heard], 0.0, -1.0)
            shares[heard, face] = 1.0
    cost = _SWITCH / float(STEP)
    best, before = shares[0], []
    for row in shares[1:]:
        stay, leave = best, best.max() - cost
        came = np.where(stay >= leave, np.arange(len(best)), int(best.argmax()))
        before.append(came)
        best = np.maximum(stay, leave) + row
    path = [int(best.argmax())]
    for came in reversed(before):
        path.append(int(came[path[-1]]))
    return np.array(path[::-1])


def faces_of_voices(energy: np.ndarray, voices: np.ndarray) -> dict[int, int]:
    """The face of each voice: which is livelier than otherwise while that voice is heard.

    ``energy`` is (T, faces), NaN where a face is not there. Voices and faces go together one to
    one, the clearest pair first; a voice of somebody who is not seen has no face, nor have voices
    that were heard for less than half a second. Of one voice alone nothing can be told.
    """
    numbers, counts = np.unique(voices[voices >= 0], return_counts=True)
    heard = [int(n) for n, count in zip(numbers, counts, strict=True) if count * STEP >= _HEARD]
    if len(heard) < 2:
        return {}
    livens = np.array([[_livens(own, voices, voice) for own in energy.T] for voice in heard])
    found: dict[int, int] = {}
    while livens.size and float(livens.max()) > np.log(_LIVENS):
        row, face = (int(i) for i in np.unravel_index(int(livens.argmax()), livens.shape))
        found[heard[row]] = face
        livens[row], livens[:, face] = -np.inf, -np.inf
    return found


def _livens(energy: np.ndarray, voices: np.ndarray, voice: int) -> float:
    """How much livelier a face is while that voice is heard than while others are: a logarithm."""
    there = ~np.isnan(energy)
    during, otherwise = there & (voices == voice), there & (voices >= 0) & (voices != voice)
    if not during.any() or not otherwise.any():
        return -np.inf
    return float(np.log((energy[during].mean() + _STILL) / (energy[otherwise].mean() + _STILL)))


def _energy(boxes: np.ndarray, motion: np.ndarray) -> np.ndarray:
    """float64 (T,): mean motion within a box at each step; NaN where there is none."""
    rows, columns = motion.shape[1:]
    found = np.full(len(boxes), np.nan)
    for step, box in enumerate(boxes):
        if np.isnan(box[0]):
            continue
        left, right = (int(np.clip(v * columns, 0, columns - 1)) for v in (box[0], box[2]))
        top, bottom = (int(np.clip(v * rows, 0, rows - 1)) for v in (box[1], box[3]))
        found[step] = motion[step, top : bottom + 1, left : right + 1].mean()
    return found


def runs(values: np.ndarray) -> Iterator[tuple[int, int]]:
    """Half-open ranges of equal neighbours."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    yield from pairwise(edges)


def to_see(seen: SeenSubject, moving: bool) -> np.ndarray:
    """float64 (T, rows, columns): where there is something to see, adding up to 1 each time.

    What moves counts the more, the livelier it is; ``moving`` says that it counts alone.
    """
    motion = _averaged(seen.motion)
    total = motion.sum(axis=(1, 2), keepdims=True)
    liveliest = np.percentile(motion, 98, axis=(1, 2), keepdims=True)
    weight = np.minimum(1.0, liveliest / _LIVELY) if not moving else (total > 0).astype(float)
    shares = np.divide(motion, total, out=np.zeros_like(motion), where=total > 0)
    return weight * shares + (1 - weight) * _averaged(seen.salient)


def _averaged(maps: np.ndarray) -> np.ndarray:
    """The maps, each the mean of those around it in time."""
    reach = int(_CALM / float(STEP) / 2)
    padded = np.concatenate([maps[:1].repeat(reach, 0), maps, maps[-1:].repeat(reach, 0)])
    sums = np.concatenate([np.zeros((1, *maps.shape[1:])), np.cumsum(padded, axis=0)])
    width = 2 * reach + 1
    return np.asarray((sums[width:] - sums[:-width]) / width)
