"""A film beside another one: how alike their pictures are, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from smartcut.annotation import Signal
from smartcut.cache import file_sha256
from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Frames, Listener, PathParam, Picture

if TYPE_CHECKING:
    import numpy as np

#: dB of equal pictures, whose ratio is infinite.
EQUAL = 100.0
_CHANNELS = ("psnr", "ssim")
_SIGMA, _SIDE = 1.5, 11
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


class FilmCompared(Analysis):
    """PSNR (dB) and SSIM of the luma of each picture to that of a reference, in its full size.

    Pictures are compared in order, the first with the first. SSIM is that of Wang, Bovik, Sheikh
    and Simoncelli, "Image quality assessment: from error visibility to structural similarity", IEEE
    Transactions on Image Processing 13(4), 2004: means weighted by a Gaussian of 1.5 pixels.
    """

    name: ClassVar[str] = "film-compared"
    version: ClassVar[int] = 1

    reference: Path
    digest: str

    @classmethod
    def to(cls, reference: Path) -> FilmCompared:
        return cls(reference=reference, digest=file_sha256(reference))

    def wants(self, source: Source) -> Frames | None:
        return Frames(source.video.display_size, "gray", "frame") if source.video else None

    def listener(self, source: Source, context: Context) -> Listener:
        assert source.video is not None
        size = source.video.display_size
        return PictureComparison(_pictures(self.reference, size, context), source)

    def empty(self, source: Source) -> Signal:
        return Signal(1 / (1 + 0 * source.duration), (), _CHANNELS, ((), ()))


class PictureComparison:
    """Takes every picture of a film, and those of the reference along with it."""

    def __init__(self, reference: Iterator[np.ndarray], source: Source) -> None:
        assert source.video is not None
        self._reference, self._timebase = reference, source.video.timebase
        self._pts: list[int] = []
        self._rows: list[tuple[float, float]] = []

    def feed(self, item: Picture) -> None:
        other = next(self._reference, None)
        if other is None:
            return
        self._pts.append(round(item.time / self._timebase))
        self._rows.append((psnr(item.pixels, other), ssim(item.pixels, other)))

    def finish(self) -> Signal:
        columns = zip(*self._rows, strict=True) if self._rows else ((), ())
        values = tuple(tuple(round(v, 4) for v in column) for column in columns)
        return Signal(self._timebase, tuple(self._pts), _CHANNELS, values)


def _pictures(path: Path, size: tuple[int, int], context: Context) -> Iterator[np.ndarray]:
    """The luma of every picture of a file, uint8 (height, width)."""
    from smartcut.media.decode import frames
    from smartcut.media.index import video_index
    from smartcut.media.probe import probe
    from smartcut.media.reduce import Reducer

    source = probe(path, cache=context.cache)
    if source.video is None:
        raise CannotCheck(f"the reference {path} has no picture")
    index = video_index(source, context.cache)
    reducer = Reducer(source.video)
    key = reducer.key(Frames(size, "gray"))
    for _, frame in frames(source, index, 0, len(index)):
        yield reducer(frame, [key])[0]


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal to noise ratio in dB; 100 of equal pictures."""
    import numpy as np

    error = float(np.square(one.astype(np.float32) - other).mean())
    return EQUAL if error == 0 else min(EQUAL, float(10 * np.log10(255**2 / error)))


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Structural similarity, at most 1."""
    import cv2
    import numpy as np

    a, b = one.astype(np.float32), other.astype(np.float32)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.asarray(cv2.GaussianBlur(values, (_SIDE, _SIDE), _SIGMA))

    ma, mb = mean(a), mean(b)
    va, vb, both = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    alike = (2 * ma * mb + _C1) * (2 * both + _C2)
    return float((alike / ((ma * ma + mb * mb + _C1) * (va + vb + _C2))).mean())


class LikenessOfFilm(Expectation):
    """What `psnr` and `ssim` share: the mean and the worst of one figure of every picture."""

    short: ClassVar[str] = "reference"
    digits: ClassVar[int]
    unit: ClassVar[str] = ""
    """As it follows a value, with its space."""

    reference: PathParam = Field(description="The film that it shall be like.")
    mean: float
    worst: float | None

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        return (FilmCompared.to(self.reference),) if film.source.video else ()

    def check(self, film: FinishedFilm) -> Checked:
        signal = compared(film, self.reference)
        values, times = signal.channel(self.name), signal.times()
        mean, least = sum(values) / len(values), min(values)
        at, means, leasts = times[values.index(least)], self._told(mean), self._told(least)
        misses = []
        if mean < self.mean:
            told = f"{means}{self.unit} in the mean, less than {self.mean:g}"
            misses.append(Miss(f"{told}; least here", at, at))
        if self.worst is not None and least < self.worst:
            misses.append(Miss(f"{leasts}{self.unit}, less than {self.worst:g}", at, at))
        return Checked(f"{means}{self.unit}, {leasts} at least", tuple(misses))

    def _told(self, value: float) -> str:
        return f"{value:.{self.digits}f}"


def compared(film: FinishedFilm, reference: Path) -> Signal:
    """The figures of the film beside the reference; raises CannotCheck."""
    if film.source.video is None:
        raise CannotCheck("the film has no picture")
    found = film.known(FilmCompared.to(reference), Signal)
    if not found.pts:
        raise CannotCheck(f"the reference {reference} has no pictures to compare with")
    return found
