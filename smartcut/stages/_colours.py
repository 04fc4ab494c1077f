"""Which colours the pictures of a source have over time, and those of a reference."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from smartcut.annotation import Features
from smartcut.errors import SmartcutError, StageError
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Frames, Listener, Picture
from smartcut.timebase import Range

if TYPE_CHECKING:
    import numpy as np

#: Length of the shorter side of the pictures that are looked at.
SIDE = 90
#: Colours taken of each picture.
SPOTS = 512
#: Colours that a table is worked out from, at most.
MOST = 8192
_RATE = Fraction(2)
# Below this spread in Oklab, about a level of eight bits, a picture has one colour.
_FLAT = 0.003


class ColoursAnalysis(Analysis):
    """The colours at fixed spots of two pictures a second.

    A row holds red, green and blue of each spot, in 0..1, one after the other.
    """

    name: ClassVar[str] = "colours"
    version: ClassVar[int] = 2

    def wants(self, source: Source) -> Frames | None:
        return Frames(SIDE, "rgb", _RATE) if source.video else None

    def listener(self, source: Source, context: Context) -> Listener:
        return _Colours(context)

    def empty(self, source: Source) -> Features:
        return Features(1 / _RATE, (), 0, "")


class _Colours:
    """Takes sampled pictures."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pts: list[int] = []
        self._rows: list[np.ndarray] = []

    def feed(self, item: Picture) -> None:
        self._pts.append(int(item.time * _RATE))
        self._rows.append(at_spots(item.pixels, SPOTS).ravel())

    def finish(self) -> Features:
        import numpy as np

        if not self._rows:
            return Features(1 / _RATE, (), 0, "")
        rows = np.stack(self._rows)
        key = self._context.cache.store_array(rows)
        return Features(1 / _RATE, tuple(self._pts), rows.shape[1], key)


def at_spots(rgb: np.ndarray, count: int) -> np.ndarray:
    """float32 (count, 3), 0..1: colours at evenly spread places of a picture, always the same.

    ``rgb`` is uint8 (height, width, 3). The places follow the R2 sequence (Roberts, 2018), so that
    neither rows nor columns line up with what is in the picture.
    """
    import numpy as np

    root = 1.324717957244746  # of x^3 = x + 1
    along = (np.arange(count)[:, None] * [1 / root, 1 / root**2]) % 1
    rows, columns = (along * rgb.shape[:2]).astype(np.int64).T
    return (rgb[rows, columns] / np.float32(255)).astype(np.float32)


def rows_in(colours: Features, ranges: Sequence[Range]) -> tuple[int, ...]:
    """The rows whose pictures lie in the ranges of source time, or the nearest one to them."""
    times = [pts * colours.timebase for pts in colours.pts]
    inside = [i for i, t in enumerate(times) if any(r.start <= t < r.end for r in ranges)]
    if not inside and times:
        middle = (ranges[0].start + ranges[0].end) / 2
        inside = [min(range(len(times)), key=lambda i: abs(times[i] - middle))]
    return tuple(inside)


def of_rows(array: np.ndarray, rows: Sequence[int]) -> np.ndarray:
    """At most :data:`MOST` of the colours (n, 3) in these rows, an even share of each."""
    found = array[list(rows)].reshape(-1, 3)
    return found[:: max(1, -(-len(found) // MOST))]


# --------------------------------------------------------------------------------- reference


def reference_colours(path: Path, at: Fraction | None, context: Context) -> np.ndarray:
    """float32 (MOST, 3), 0..1: the colours of an image, or of a video's frame at a time.

    Raises StageError for what cannot be read, and for a picture of one colour.
    """
    from smartcut.render.transfer import to_lab

    rgb = _image(path) if at is None else _frame(path, at, context)
    colours = at_spots(rgb, MOST)
    if to_lab(colours).std(axis=0).max() < _FLAT:
        raise StageError(
            f"the reference {path} has one colour only, so that it has no look to pass on; "
            "give a picture with light and shade, or use `effects` to tint"
        )
    return colours


def is_image(path: Path) -> bool:
    """Whether the file begins as a still picture does."""
    from PIL import Image

    try:
        with Image.open(path):
            return True
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def _image(path: Path) -> np.ndarray:
    import numpy as np
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
            return np.asarray(ImageOps.contain(upright, (1024, 1024), Image.Resampling.BOX))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise StageError(
            f"the reference {path} begins as an image does, but cannot be read: {error}; "
            "give a whole PNG, JPEG or other still picture"
        ) from error


def _frame(path: Path, at: Fraction, context: Context) -> np.ndarray:
    from smartcut.media.decode import FrameReader
    from smartcut.media.index import video_index
    from smartcut.media.picture import to_rgb
    from smartcut.media.probe import probe

    try:
        source = probe(path, cache=context.cache)
        if source.video is None:
            raise StageError("it has no picture")
        index = video_index(source, context.cache)
        if not 0 <= at < index.end:
            raise StageError(f"it lasts {float(index.end):g} s, and `at` is {float(at):g} s")
        return to_rgb(FrameReader(source, index).frame(index.frame_at(at)))
    except SmartcutError as error:
        raise StageError(f"the reference {path} gives no frame: {error}") from error
