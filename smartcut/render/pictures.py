"""Still pictures of a written file: a thumbnail of its best moment, a sheet of its segments.

They are decoded from the file itself, so they show what it shows: captions, titles, effects, crops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from smartcut.cache import Cache, key_of
from smartcut.cut import Segment
from smartcut.files import write_bytes
from smartcut.render.job import Rendering
from smartcut.timebase import format_time

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

VERSION = 3
_TILE_HEIGHT = 180
_MOST_TILES = 40
# In place of the written file's digest: it is looked at once.
_WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Still:
    """A moment of the output, and what it shows."""

    time: Fraction
    """In timeline time."""
    caption: str


def _stills(rendering: Rendering) -> Iterator[tuple[Segment, Still]]:
    """The middle of each segment that shows a source, with that segment."""
    for segment, place in rendering.cut.programme.placed():
        if segment.source in rendering.indexes:
            text = f"{format_time(place.start, 1)}  {segment.source}  {segment.label}".strip()
            yield segment, Still(place.middle, text)


def segment_stills(rendering: Rendering) -> list[Still]:
    """The middle of each segment, evenly thinned where there are many."""
    stills = [still for _, still in _stills(rendering)]
    step = -(-len(stills) // _MOST_TILES) if stills else 1
    return stills[::step]


def best_still(rendering: Rendering) -> Still | None:
    """The middle of the segment with the highest score (the first, without scores)."""
    ranked = sorted(_stills(rendering), key=lambda p: -dict(p[0].scores).get("score", 0.0))
    return ranked[0][1] if ranked else None


def contact_sheet(rendering: Rendering, cache: Cache, path: Path) -> None:
    """Write a PNG with a picture, time and reason for each segment of the file just written."""
    stills = segment_stills(rendering)

    def draw() -> Image:
        return sheet_of(pixels_of(rendering, cache, stills, _TILE_HEIGHT), stills)

    _write(path, cache, "contact-sheet", _identity(rendering, stills), draw)


def thumbnail(rendering: Rendering, cache: Cache, path: Path) -> None:
    """Write a PNG of the best moment of the file just written, in its size."""
    still = best_still(rendering)
    picture = rendering.output.picture
    if still is None or picture is None:
        return
    height = picture.upright.height

    def draw() -> Image:
        from PIL import Image

        (pixels,) = pixels_of(rendering, cache, [still], height)
        return Image.fromarray(pixels)

    _write(path, cache, "thumbnail", _identity(rendering, [still]), draw)


def _write(
    path: Path, cache: Cache, kind: str, identity: list[object], draw: Callable[[], Image]
) -> None:
    """The PNG as it was drawn before, or drawn now."""
    key = key_of(kind, VERSION, {"stills": identity})
    found = cache.find(key, ".png")
    if found is None:
        with cache.create(key, ".png") as temporary:
            draw().save(temporary, format="PNG")
        found = cache.find(key, ".png")
    assert found is not None
    write_bytes(path, found.read_bytes())


def _identity(rendering: Rendering, stills: Sequence[Still]) -> list[object]:
    """What the pictures depend on: the spans that they are in, and where."""
    picture = rendering.output.picture
    size = [picture.upright.width, picture.upright.height] if picture else []
    found: list[object] = [size]
    for still in stills:
        span = next((s for s in rendering.spans if s.range.contains(still.time)), None)
        assert span is not None
        found.append([span.key, still.time - span.range.start, still.caption])
    return found


def pixels_of(
    rendering: Rendering, cache: Cache, stills: Sequence[Still], height: int
) -> list[np.ndarray]:
    """RGB (height, width, 3) of each still, in the shape of the output; of HDR, in SDR."""
    from smartcut.media.decode import whole_frames
    from smartcut.media.picture import to_rgb
    from smartcut.media.probe import examined
    from smartcut.media.transfer_curves import curve
    from smartcut.render.fitting import conformer
    from smartcut.render.picture_format import SDR, fitting_colour

    written, index = examined(rendering.output.path, digest=_WRITTEN)
    assert written.video is not None
    assert index is not None
    assert rendering.output.picture is not None
    picture = rendering.output.picture.upright
    width = max(2, round(picture.width * height / picture.height / 2) * 2)
    small = replace(picture, width=width, height=height)
    if curve(picture.colour) != "SDR":
        small = replace(small, pixel_format="gbrp", colour=fitting_colour(SDR, "gbrp"))
    conform = conformer(written.video, small, cache)
    found = []
    for still in stills:
        number = index.frame_at(still.time + index.time_of(0))
        _, frame = next(iter(whole_frames(written, index, number, number + 1)))
        found.append(to_rgb(conform(frame)))
    return found


def sheet_of(tiles: Sequence[np.ndarray], stills: Sequence[Still]) -> Image:
    """Tiles, uint8 RGB (height, width, 3), in rows of four, each above its caption."""
    from PIL import Image, ImageDraw, ImageFont

    gap, text = 8, 20
    height = max((t.shape[0] for t in tiles), default=_TILE_HEIGHT)
    width = max((t.shape[1] for t in tiles), default=320)
    columns = min(4, len(tiles)) or 1
    rows = -(-len(tiles) // columns) or 1
    size = (columns * (width + gap) + gap, rows * (height + text + gap) + gap)
    sheet = Image.new("RGB", size, "#16181d")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(12)
    for i, (tile, still) in enumerate(zip(tiles, stills, strict=True)):
        x = gap + (i % columns) * (width + gap)
        y = gap + (i // columns) * (height + text + gap)
        sheet.paste(Image.fromarray(tile), (x, y))
        caption = still.caption
        while caption and draw.textlength(caption, font=font) > width:
            caption = caption[:-1]
        draw.text((x, y + height + 3), caption, font=font, fill="#d8dce4")
    return sheet
