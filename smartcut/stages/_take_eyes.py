"""How far the eyes of the largest face are closed, over time.

An open eye has upright edges, between its white and its iris; a closed one is a line of lashes that
lies flat. What counts is how much of the edges stands upright, beside what the same face shows
while its eyes are open, as they are most of the time.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Final

from smartcut.annotation import Faces, Signal
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Frames, Listener, Params, Picture
from smartcut.stages._signals import make_signal

if TYPE_CHECKING:
    import numpy as np

_SIZE: Final = 540
#: Pictures a second.
_RATE: Final = Fraction(10)
#: A face holds for so many seconds about the time at which it was seen.
_NEAR = Fraction(2, 5)
#: Of a head's box: from where to where eyes are, across and down; the middle is the nose.
_ACROSS, _DOWN = ((0.16, 0.46), (0.54, 0.84)), (0.36, 0.58)
#: Pixels across an eye at least; smaller ones tell nothing.
_LEAST = 8
#: Of the usual share of upright edges: from there on an eye is closed, up to there it is open.
_CLOSED, _OPEN = 0.6, 0.8


class SeenHead(Params):
    """A head in one picture: the largest that counts."""

    time: Fraction
    box: tuple[float, float, float, float]
    """Left, top, width and height, in shares of the picture."""


def eyes_asked(faces: Faces) -> tuple[SeenHead, ...]:
    """The largest face of each picture in which faces were looked for."""
    largest: dict[int, SeenHead] = {}
    for one in faces.sightings:
        known = largest.get(one.at)
        if one.track is not None and (known is None or one.box[2] > known.box[2]):
            largest[one.at] = SeenHead(time=one.at * faces.timebase, box=one.box)
    return tuple(largest[at] for at in sorted(largest))


class EyesAnalysis(Analysis):
    """How far eyes are closed, 0 to 1, in pictures with a face that is known."""

    name: ClassVar[str] = "closed-eyes"
    version: ClassVar[int] = 1

    faces: tuple[SeenHead, ...]

    def wants(self, source: Source) -> Frames | None:
        return Frames(_SIZE, "gray", _RATE) if source.video else None

    def listener(self, source: Source, context: Context) -> Listener:
        return EyesListener(self)

    def empty(self, source: Source) -> Signal:
        return make_signal((), ("closed",), ((),), "share")


class EyesListener:
    """Looks at the eyes of one picture after the other."""

    def __init__(self, analysis: EyesAnalysis) -> None:
        self._heads = list(analysis.faces)
        self._times: list[Fraction] = []
        self._upright: list[float] = []

    def feed(self, item: Picture) -> None:
        while len(self._heads) > 1 and (
            abs(self._heads[1].time - item.time) <= abs(self._heads[0].time - item.time)
        ):
            self._heads.pop(0)
        head = self._heads[0] if self._heads else None
        if head is None or abs(head.time - item.time) > _NEAR:
            return
        share = upright_edges(item.pixels, head.box)
        if share is not None:
            self._times.append(item.time)
            self._upright.append(share)

    def finish(self) -> Signal:
        closed = closed_eyes(self._upright)
        return make_signal(self._times, ("closed",), (closed,), "share")


def closed_eyes(upright: list[float]) -> list[float]:
    """How far eyes are closed, from the shares of edges of all pictures of a source."""
    import numpy as np

    if not upright:
        return []
    usual = max(float(np.quantile(upright, 0.7)), 1e-6)
    shares = np.array(upright) / usual
    found: list[float] = np.round(np.clip((_OPEN - shares) / (_OPEN - _CLOSED), 0, 1), 2).tolist()
    return found


def upright_edges(gray: np.ndarray, box: tuple[float, float, float, float]) -> float | None:
    """The share of the edges about the eyes that stand upright; None for eyes too small."""
    import numpy as np

    height, width = gray.shape
    left, top, across, down = (
        share * side for share, side in zip(box, (width, height) * 2, strict=True)
    )
    found = []
    for first, last in _ACROSS:
        rows = slice(max(0, round(top + _DOWN[0] * down)), round(top + _DOWN[1] * down))
        columns = slice(max(0, round(left + first * across)), round(left + last * across))
        eye = gray[rows, columns].astype(np.float32)
        if min(eye.shape) < _LEAST:
            continue
        steps_across, steps_down = np.diff(eye, axis=1)[:-1], np.diff(eye, axis=0)[:, :-1]
        flat, upright = float((steps_down**2).sum()), float((steps_across**2).sum())
        found.append(upright / max(flat + upright, 1e-6))
    return max(found) if found else None
