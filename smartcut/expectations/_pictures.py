"""What is measured in every picture of a film, for all expectations at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import ClassVar

from smartcut.annotation import Signal
from smartcut.expectation import CannotCheck, FinishedFilm
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Frames, Listener, Picture

#: Of the pictures that are looked at, in pixels.
WIDTH, HEIGHT = 128, 72
#: A pixel is black below this share of white.
BLACK = 0.1
_CHANNELS = ("mean", "dark", "change", "over", "up", "down", "red", "unred")


class FilmPictures(Analysis):
    """Figures of each picture, in the order shown.

    ``mean`` luma (0..255); ``dark``, the share of pixels below a tenth of white; ``change``, the
    mean absolute difference of luma to the picture before (0..255), and ``over``, the same to the
    one before that; ``up`` and ``down``, ``red`` and ``unred``: shares of the area that flash, see
    :mod:`smartcut.expectations._flashes`.
    """

    name: ClassVar[str] = "film-pictures"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Frames | None:
        return Frames((WIDTH, HEIGHT), "rgb", "frame") if source.video else None

    def listener(self, source: Source, context: Context) -> Listener:
        assert source.video is not None
        return PictureFigures(source.video.timebase)

    def empty(self, source: Source) -> Signal:
        return Signal(Fraction(1), (), _CHANNELS, ((),) * len(_CHANNELS))


class PictureFigures:
    """Takes every picture of a film."""

    def __init__(self, timebase: Fraction) -> None:
        import numpy as np

        from smartcut.expectations._flashes import FlashWatch

        self._timebase = timebase
        self._pts: list[int] = []
        self._rows: list[tuple[float, ...]] = []
        self._flashes = FlashWatch()
        self._before: list[np.ndarray] = []
        self._weights = np.array([0.2126, 0.7152, 0.0722], np.float32)

    def feed(self, item: Picture) -> None:
        import numpy as np

        luma = item.pixels.astype(np.float32) @ self._weights
        steps = [float(np.abs(luma - one).mean()) for one in reversed(self._before)]
        change, over = (*steps, 0.0, 0.0)[:2]
        dark = float((luma < BLACK * 255).mean())
        flashes = self._flashes.feed(item.pixels)
        self._pts.append(round(item.time / self._timebase))
        self._rows.append((float(luma.mean()), dark, change, over, *flashes))
        self._before = [*self._before[-1:], luma]

    def finish(self) -> Signal:
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(_CHANNELS)
        values = tuple(tuple(round(v, 4) for v in column) for column in columns)
        return Signal(self._timebase, tuple(self._pts), _CHANNELS, values)


def pictures_of(film: FinishedFilm) -> Signal:
    """The figures of the film's pictures; raises CannotCheck where it has none."""
    if film.source.video is None:
        raise CannotCheck("the film has no picture")
    return film.known(FilmPictures(), Signal)


def stretches(
    signal: Signal, holds: Sequence[bool], end: Fraction
) -> Iterator[tuple[Fraction, Fraction]]:
    """(start, end) of each run of pictures of which something holds; ``end`` is the film's."""
    times = [*signal.times(), end]
    start: Fraction | None = None
    for number, is_so in enumerate([*holds, False]):
        if is_so and start is None:
            start = times[number]
        elif not is_so and start is not None:
            yield start, times[number]
            start = None


def end_of(film: FinishedFilm) -> Fraction:
    """When the last picture ends."""
    assert film.source.video is not None
    return film.source.video.start + film.source.video.duration


#: A hard cut changes the picture so many times as much as is usual around it, and by so much.
CUT_RATIO, CUT_CHANGE = 4.0, 10.0
_AROUND = 5


def cuts_of(signal: Signal) -> list[int]:
    """The numbers of pictures that begin something else: hard cuts, however close together."""
    import numpy as np

    change = np.array(signal.channel("change"))
    if len(change) < 3:
        return []
    padded = np.pad(change, _AROUND, mode="reflect" if len(change) > _AROUND else "edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND + 1), axis=1)
    found = (change >= CUT_CHANGE) & (change >= CUT_RATIO * np.maximum(around, 0.5))
    return [int(i) for i in np.flatnonzero(found) if i]
