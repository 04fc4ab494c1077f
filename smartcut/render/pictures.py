"""Still pictures of a cut: a thumbnail of its best moment and a contact sheet of its segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartcut.algebra import takes, whole
from smartcut.cache import Cache, key_of
from smartcut.cut import Segment
from smartcut.files import write_bytes
from smartcut.render.job import Rendering
from smartcut.timebase import Range, format_time

if TYPE_CHECKING:
    import numpy as np

VERSION = 2
_TILE_HEIGHT = 180
_MOST_TILES = 40


@dataclass(frozen=True, slots=True)
class Still:
    """One frame of a source, and where in the cut it is from."""

    source: str
    frame: int
    caption: str


def _still(rendering: Rendering, segment: Segment, place: Range) -> Still | None:
    index = rendering.indexes.get(segment.source) if segment.source else None
    if index is None or segment.source is None:
        return None
    frame = index.frame_at(segment.range.middle)
    text = f"{format_time(place.start, 1)}  {segment.source}  {segment.label}".strip()
    return Still(segment.source, frame, text)


def segment_stills(rendering: Rendering) -> list[Still]:
    """The middle frame of each segment, evenly thinned where there are many."""
    found = (_still(rendering, whole(t), place) for t, place in takes(rendering.cut.programme))
    stills = [s for s in found if s is not None]
    step = -(-len(stills) // _MOST_TILES) if stills else 1
    return stills[::step]


def best_still(rendering: Rendering) -> Still | None:
    """The middle frame of the segment with the highest score (the first, without scores)."""
    placed = [(whole(take), place) for take, place in takes(rendering.cut.programme)]
    ranked = sorted(placed, key=lambda p: -dict(p[0].scores).get("score", 0.0))
    return next((s for p in ranked if (s := _still(rendering, *p))), None)


def contact_sheet(rendering: Rendering, cache: Cache, path: Path) -> None:
    """Write a PNG with a picture, time and reason for each segment."""
    stills = segment_stills(rendering)
    key = key_of("contact-sheet", VERSION, {"stills": _identity(rendering, stills)})
    found = cache.find(key, ".png")
    if found is None:
        with cache.create(key, ".png") as temporary:
            _draw_sheet([_pixels(rendering, s, _TILE_HEIGHT) for s in stills], stills, temporary)
        found = cache.find(key, ".png")
    assert found is not None
    write_bytes(path, found.read_bytes())


def thumbnail(rendering: Rendering, cache: Cache, path: Path) -> None:
    """Write a PNG of the best moment, in the output's size."""
    still = best_still(rendering)
    picture = rendering.output.picture
    if still is None or picture is None:
        return
    height = picture.upright.height
    key = key_of("thumbnail", VERSION, {"still": _identity(rendering, [still]), "h": height})
    found = cache.find(key, ".png")
    if found is None:
        from PIL import Image

        with cache.create(key, ".png") as temporary:
            Image.fromarray(_pixels(rendering, still, height)).save(temporary, format="PNG")
        found = cache.find(key, ".png")
    assert found is not None
    write_bytes(path, found.read_bytes())


def _identity(rendering: Rendering, stills: Sequence[Still]) -> list[object]:
    picture = rendering.output.picture.upright if rendering.output.picture else None
    size = [picture.width, picture.height, picture.fit] if picture else []
    return [[rendering.cut.source(s.source).digest, s.frame, s.caption, *size] for s in stills]


def _pixels(rendering: Rendering, still: Still, height: int) -> np.ndarray:
    """RGB (height, width, 3) of a still, in the shape of the output."""
    from smartcut.media.decode import frames
    from smartcut.media.picture import to_rgb
    from smartcut.render.compose import conformer

    source = rendering.cut.source(still.source)
    assert rendering.output.picture is not None
    picture = rendering.output.picture.upright
    width = max(2, round(picture.width * height / picture.height / 2) * 2)
    small = replace(picture, width=width, height=height)
    index = rendering.indexes[source.id]
    _, frame = next(iter(frames(source, index, still.frame, still.frame + 1)))
    return to_rgb(conformer(source.video, small)(frame))


def _draw_sheet(tiles: list[np.ndarray], stills: Sequence[Still], path: Path) -> None:
    from PIL import Image, ImageDraw, ImageFont

    gap, text = 8, 20
    width = max((t.shape[1] for t in tiles), default=320)
    columns = min(4, len(tiles)) or 1
    rows = -(-len(tiles) // columns) or 1
    size = (columns * (width + gap) + gap, rows * (_TILE_HEIGHT + text + gap) + gap)
    sheet = Image.new("RGB", size, "#16181d")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(12)
    for i, (tile, still) in enumerate(zip(tiles, stills, strict=True)):
        x = gap + (i % columns) * (width + gap)
        y = gap + (i // columns) * (_TILE_HEIGHT + text + gap)
        sheet.paste(Image.fromarray(tile), (x, y))
        caption = still.caption
        while caption and draw.textlength(caption, font=font) > width:
            caption = caption[:-1]
        draw.text((x, y + _TILE_HEIGHT + 3), caption, font=font, fill="#d8dce4")
    sheet.save(path, format="PNG")
