"""Generated sources: what they will be, and the making of their files.

A stage places a source with a recipe; nothing is made until a render shows it. Its file is an
entry of the cache under the digest of its recipe and of what that refers to, so the same recipe is
made once. Pictures are kept without loss (H.264, every frame by itself), at the timeline's size,
rate and colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from smartcut.cache import Cache, key_of
from smartcut.cache.throughput import Work, expected, timed
from smartcut.cut import Cut
from smartcut.errors import RenderError
from smartcut.media import encode
from smartcut.media.colour import resolved
from smartcut.media.picture import Conform, from_rgb, to_rgb
from smartcut.media.transfer_curves import curve
from smartcut.models.makers import AROUND, Brief, make
from smartcut.render.output import constant_timebase
from smartcut.render.picture_format import SDR
from smartcut.source import Colour, Recipe, Source, VideoStream
from smartcut.stage import Context, Step, Stopped

if TYPE_CHECKING:
    import numpy as np

#: Raised whenever the same recipe would come out with other pictures.
VERSION = 6
_FORMAT = "yuv420p"
#: MP4 keeps the timebase that it is given.
SUFFIX = ".mp4"


def made_colour(beside: VideoStream) -> Colour:
    """How colours are kept of what is made beside footage: as there, said, and never as HDR."""
    if curve(beside.colour) != "SDR":
        return SDR
    return resolved(beside.colour, beside.height, _FORMAT)


def planned(
    recipe: Recipe,
    cut: Cut,
    cache: Cache,
    *,
    name: str,
    size: tuple[int, int],
    rate: Fraction,
    frames: int,
    colour: Colour,
) -> Source:
    """The source that a recipe will be: ``frames`` pictures of ``size``, ``rate`` a second."""
    inputs = {
        "recipe": recipe,
        "around": [
            cut.source(at[0]).digest if at else None for at in (recipe.after, recipe.before)
        ],
        "size": size,
        "rate": rate,
        "frames": frames,
        "colour": colour,
    }
    key = key_of("generated", VERSION, inputs)
    timebase = constant_timebase(rate)
    video = VideoStream(
        index=0,
        codec="h264",
        timebase=timebase,
        width=size[0],
        height=size[1],
        pixel_format=_FORMAT,
        rate=rate,
        is_vfr=False,
        start=Fraction(0),
        duration=frames / rate,
        frames=frames,
        colour=colour,
    )
    place = cache.place(key, SUFFIX)
    return Source(name, place, key, "mp4", Fraction(0), frames / rate, video, made=recipe)


def is_there(source: Source, cache: Cache) -> bool:
    """Whether the file of a source that is made is in the cache, whole."""
    return cache.find(source.digest, source.path.suffix) is not None


def _in_use(cut: Cut) -> Iterator[tuple[Source, Recipe]]:
    used = {segment.source for track in cut.tracks for segment in track.segments}
    for source in cut.sources:
        if source.made and source.id in used and not source.is_drawn:
            yield source, source.made


def realise(cut: Cut, context: Context) -> None:
    """Make the files of all sources in use that are made and not there yet, in order.

    Raises RenderError where one cannot be made.
    """
    for source, _ in _in_use(cut):
        _realise(source, cut, context)


def previewed(cut: Cut, cache: Cache) -> Iterator[Step]:
    """A line of the plan for each source that a render would make."""
    for source, recipe in _in_use(cut):
        what, seconds = f"{recipe.kind} by {recipe.engine}", float(source.duration)
        if is_there(source, cache):
            yield Step("make", source.id, "cached", f"{what}, made before", seconds)
        else:
            wall = expected(cache, _work_of(source, recipe))
            yield Step("make", source.id, "run", what, seconds, wall)


def _realise(source: Source, cut: Cut, context: Context) -> None:
    recipe = source.made
    assert recipe is not None
    if is_there(source, context.cache):
        return
    if source.video is None:
        raise RenderError(
            f"{source.id} ({recipe.kind} by {recipe.engine}) is no longer in the cache; run the "
            "pipeline again from its stages"
        )
    for around in (recipe.after, recipe.before):
        if around and cut.source(around[0]).made and not cut.source(around[0]).is_drawn:
            _realise(cut.source(around[0]), cut, context)
    video = source.video
    label = f"make {source.id}"
    settings = encode.VideoSettings(
        "h264", video.width, video.height, _FORMAT, video.timebase, video.rate,
        crf=0, preset="ultrafast", colour=video.colour, threads=2, options={"g": "1"},
    )  # fmt: skip
    step = int(1 / (video.rate * video.timebase))

    def frames(advance: Callable[[float], None]) -> Iterator[tuple[int, Any]]:
        for number, pixels in enumerate(make(recipe.engine, _brief(source, cut, context))):
            if context.stopping.is_set():
                raise Stopped
            advance(float((number + 1) / video.rate))
            yield number * step, from_rgb(pixels, _FORMAT, video.colour)

    with (
        timed(context, label, float(source.duration), _work_of(source, recipe)) as advance,
        context.cache.create(source.digest, source.path.suffix) as path,
    ):
        written = encode.encode_video(path, settings, frames(advance), SUFFIX)
        if written != video.frames:
            raise RenderError(
                f"{source.id}: the engine {recipe.engine} made {written} frames of {video.frames}"
            )


def _work_of(source: Source, recipe: Recipe) -> Work:
    """What making it amounts to: megapixels; only what its engine is given besides differs."""
    video = source.video
    pixels = video.frames * video.width * video.height / 1e6 if video else 0.0
    return Work(f"make: {recipe.kind} by {recipe.engine} {recipe.model or ''}", pixels)


def _brief(source: Source, cut: Cut, context: Context) -> Brief:
    recipe, video = source.made, source.video
    assert recipe is not None
    assert video is not None
    return Brief(
        kind=recipe.kind,
        width=video.width,
        height=video.height,
        rate=video.rate,
        frames=video.frames,
        seed=recipe.seed,
        params={"engine": recipe.engine, **dict(recipe.params)},
        past=_around(cut, recipe.after, video, context, -AROUND),
        following=_around(cut, recipe.before, video, context, AROUND),
        device=context.device,
        allow_net=context.allow_net,
    )


def _around(
    cut: Cut, at: tuple[str, Fraction] | None, video: VideoStream, context: Context, count: int
) -> tuple[np.ndarray, ...]:
    """RGB pictures in the size of what is made: those right before a time, or right after it."""
    from smartcut.media.decode import whole_frames
    from smartcut.media.index import video_index

    if at is None:
        return ()
    source = cut.source(at[0])
    if source.video is None:
        raise RenderError(f"{source.id} has no picture to go on from")
    index = video_index(source, context.cache)
    edge = index.boundary_near(at[1])
    first, last = (max(0, edge + count), edge) if count < 0 else (edge, edge + count)
    conform = Conform(source.video, video.width, video.height, _FORMAT, colour=video.colour)
    found = whole_frames(source, index, first, min(last, len(index)))
    return tuple(to_rgb(conform(frame)) for _, frame in found)
