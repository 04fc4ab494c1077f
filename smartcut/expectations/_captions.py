"""The captions of a finished film: drawn into it, in a track of it, or in a file beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartcut.errors import SmartcutError
from smartcut.expectation import CannotCheck, FinishedFilm
from smartcut.expectations._faces import Box
from smartcut.expectations._record import range_of
from smartcut.timebase import Range

if TYPE_CHECKING:
    import numpy as np

    from smartcut.text_style import TextStyle

_SIDECARS = (".srt", ".vtt", ".ass")
# Pixels that differ from the colour of letters by less, 0..255, are letters: encoding blurs them.
_ALIKE = 48
# Of alpha, 0..255: what is behind such a box hardly shows. Outlines in shares of the height.
_SOLID, _THIN, _OUTLINE = 200, 0.002, 0.004
# Of more than so much of its box, it is no letters that have their colour.
_MOST_LETTERS = 0.6


@dataclass(frozen=True, slots=True)
class FilmCaption:
    """A caption as it is shown."""

    range: Range
    lines: tuple[str, ...]
    box: Box | None = None
    """What its letters cover, in shares of the picture, where it is drawn."""
    colours: tuple[str, ...] = ()
    """Of its letters, where it is drawn."""

    @property
    def speed(self) -> float:
        """Characters a second."""
        lasts = float(self.range.duration)
        return sum(len(line) for line in self.lines) / lasts if lasts else float("inf")


def captions_of_film(film: FinishedFilm) -> list[FilmCaption]:
    """All that can be found; raises CannotCheck where there are none."""
    drawn = [_drawn(row) for row in film.record.get("captions") or ()]
    found = drawn or _in_track(film) or _beside(film)
    if not found:
        raise CannotCheck("no captions are known: none in a track, beside the film or its manifest")
    return found


def _drawn(row: dict[str, Any]) -> FilmCaption:
    left, top, width, height = row["box"]
    box = float(left), float(top), float(width), float(height)
    return FilmCaption(range_of(row), tuple(row["lines"]), box, tuple(row["colours"]))


def _in_track(film: FinishedFilm) -> list[FilmCaption]:
    from smartcut.media.texts import read_texts, text_streams

    for stream in text_streams(film.source):
        rows = read_texts(film.source, stream)
        return [FilmCaption(when, tuple(text.splitlines())) for when, text in rows]
    return []


def _beside(film: FinishedFilm) -> list[FilmCaption]:
    from smartcut.interchange.subtitles.reading import read_subtitles

    for suffix in _SIDECARS:
        path = film.source.path.with_suffix(suffix)
        if path.is_file():
            try:
                cues = read_subtitles(path, film.source.duration).cues
            except SmartcutError as error:
                raise CannotCheck(str(error)) from error
            return [FilmCaption(Range(c.start, c.end), c.lines) for c in cues if c.end is not None]
    return []


def contrast_of(caption: FilmCaption, picture: np.ndarray) -> float:
    """How much its letters stand out of what is around them: 1 to 21, as WCAG 2.2 measures it.

    ``picture`` is the film's, RGB as uint8. Around letters is what lies at most a tenth of the
    caption's line from them: an outline, a box, or else the picture. The median of it counts.
    """
    import cv2
    import numpy as np

    from smartcut.colours import rgba

    assert caption.box is not None
    height, width = picture.shape[:2]
    left, top, wide, tall = caption.box
    x0, x1 = max(int(left * width), 0), min(int((left + wide) * width) + 1, width)
    y0, y1 = max(int(top * height), 0), min(int((top + tall) * height) + 1, height)
    part = picture[y0:y1, x0:x1].astype(np.int16)
    if not part.size:
        return 1.0
    letters = np.zeros(part.shape[:2], bool)
    for colour in caption.colours:
        letters |= np.abs(part - np.array(rgba(colour)[:3], np.int16)).max(axis=2) < _ALIKE
    if not letters.any() or letters.mean() > _MOST_LETTERS:
        return 1.0
    line = (y1 - y0) / max(len(caption.lines), 1)
    solid = letters.astype(np.uint8)
    inner = cv2.dilate(solid, np.ones((3, 3), np.uint8))
    reach = 2 * max(2, round(line / 20)) + 1
    ring = (cv2.dilate(inner, np.ones((reach, reach), np.uint8)) > 0) & (inner == 0)
    if not ring.any():
        return 1.0
    light = _luminance(part)
    one, other = float(np.median(light[letters])), float(np.median(light[ring]))
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def outlined(style: TextStyle, least: float) -> TextStyle:
    """The style with an outline from which its letters stand out by at least so much.

    It is as it was where its box or its outline is enough.
    """
    import numpy as np

    from smartcut.colours import rgba

    def light(colour: str) -> float:
        return float(_luminance(np.array(rgba(colour)[:3])))

    def contrast(colour: str) -> float:
        one, other = light(style.colour), light(colour)
        return (max(one, other) + 0.05) / (min(one, other) + 0.05)

    solid = style.box is not None and rgba(style.box)[3] > _SOLID
    if solid and style.box is not None and contrast(style.box) >= least:
        return style
    if style.outline_width >= _THIN and contrast(style.outline) >= least:
        return style
    best = max(("#000000", "#ffffff"), key=contrast)
    width = max(style.outline_width, _OUTLINE)
    return style.model_copy(update={"outline": best, "outline_width": width})


def _luminance(srgb: np.ndarray) -> np.ndarray:
    """The relative luminance of WCAG, of colours in 0..255."""
    import numpy as np

    share = np.clip(srgb, 0, 255) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    result: np.ndarray = linear @ np.array([0.2126, 0.7152, 0.0722])
    return result
