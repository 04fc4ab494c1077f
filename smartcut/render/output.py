"""What the file to write shall be: container, codecs, size, timing, colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Literal

from smartcut.algebra import by_time_shown
from smartcut.cut import Cut
from smartcut.errors import RenderError
from smartcut.media.containers import Container, container_of, not_written
from smartcut.media.hardware import find_encoder
from smartcut.media.numbered import is_numbered, without_number
from smartcut.render.deliveries import Delivery
from smartcut.render.differing import Shown, of_codecs, of_rates, of_sizes
from smartcut.render.holding import Hold
from smartcut.render.picture_format import (
    PictureFormat,
    as_shown_in_films,
    choose_format,
    fitting_size,
    is_still,
    lost,
    output_colour,
)
from smartcut.source import Colour, FieldOrder, Recipe, Source, VideoStream
from smartcut.timebase import nearest

Fit = Literal["pad", "crop", "stretch"]
Fill = Literal["black", "blur"]
Deinterlace = Literal["auto", "yes", "no"]

#: Constant-quality defaults that look about alike.
CRF = {"h264": 20, "hevc": 23, "vp9": 31, "av1": 32}
PRESET = {"h264": "veryfast", "hevc": "veryfast", "vp9": "5", "av1": "9"}
_FINEST = 10_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked of the output; None leaves the choice to the material."""

    codec: str | None = None
    size: tuple[int, int] | None = None
    short_side: int | None = None
    rate: Fraction | None = None
    crf: float | None = None
    bitrate: int | None = None
    preset: str | None = None
    pixel_format: str | None = None
    fit: Fit | Literal["blur"] = "pad"
    hold: Hold = "last"
    audio_codec: str | None = None
    audio_bitrate: int | None = None
    quality: int | None = None
    every: Fraction | None = None
    """Seconds between the pictures that are shown."""
    encoder: str = "software"
    """A family of encoders; see :mod:`smartcut.media.hardware`."""
    delivery: Delivery | None = None
    """What the file is for."""
    deinterlace: Deinterlace = "auto"


@dataclass(frozen=True, slots=True)
class OutputPicture:
    """The video stream to write. ``rate`` None keeps the sources' own frame times.

    ``width`` and ``height`` are as coded: players apply ``sar``, ``mirrored`` and ``rotation`` to
    them, which differ from 1, False and 0 only where a source is copied that has them.
    """

    codec: str
    width: int
    height: int
    pixel_format: str
    rate: Fraction | None
    timebase: Fraction
    colour: Colour
    fit: Fit
    crf: float | None
    bitrate: int | None
    preset: str | None
    sar: Fraction = Fraction(1)
    rotation: int = 0
    """Degrees clockwise, after mirroring left to right."""
    mirrored: bool = False
    profile: str | None = None
    """ProRes and DNxHR: the flavour, as FFmpeg names its profile; None: the usual one."""
    field_order: FieldOrder = "progressive"
    quality: int | None = None
    """Of JPEG and WebP."""
    encoder: str | None = None
    """FFmpeg's name of an encoder in hardware; None: the software's."""
    fill: Fill = "black"
    """What is beside pictures of another shape."""
    options: tuple[tuple[str, str], ...] = ()
    """More options of the encoder, so that its pictures can be joined to copied ones."""

    @property
    def orientation(self) -> tuple[int, bool]:
        """As of a video stream: degrees clockwise, and whether it is mirrored before."""
        return self.rotation, self.mirrored

    @property
    def upright(self) -> OutputPicture:
        """The same as seen: mirrored and turned, in square pixels."""
        width, height = round(self.width * self.sar), self.height
        if self.rotation in (90, 270):
            width, height = height, width
        return replace(
            self, width=width, height=height, sar=Fraction(1), rotation=0, mirrored=False
        )


@dataclass(frozen=True, slots=True)
class Output:
    """The file and its picture; its sound tracks are planned apart, and one of both is there."""

    path: Path
    container: Container
    picture: OutputPicture | None
    notes: tuple[str, ...] = ()
    shares_name: bool = False
    """Whether another file, of this run or before, is called the same but for its suffix."""

    def beside(self, ending: str) -> Path:
        """A companion file: ``reel.mp4`` has ``reel.manifest.json``, ``f-%03d.png`` ``f``'s."""
        path = self.path
        name = without_number(path) if is_numbered(path) else path.stem
        return path.with_name(f"{name}{path.suffix if self.shares_name else ''}{ending}")


def choose_output(cut: Cut, wish: Wish, path: Path) -> Output:
    """The output for this cut; raises RenderError where container and codec do not fit."""
    container = written_as(path)
    shown = recorded(cut)
    picture: OutputPicture | None = None
    notes: tuple[str, ...] = ()
    if not container.video:
        notes = _without_picture(shown, container)
    elif shown:
        if wish.codec is not None:
            accepted_codec(wish.codec, container.video, path, "codec")
        picture, notes = _picture(cut, shown, wish, path)
        if container.limits:
            notes += (f"{container.suffix} has {container.limits}",)
        streams = [(s, s.video) for s in shown if s.video]
        if wish.size is None:
            fit = "blur" if picture.fill == "blur" else picture.fit
            notes += tuple(of_sizes(streams, (picture.width, picture.height), fit))
        if wish.codec is None and container.kind == "stream":
            moving = [pair for pair in streams if pair[1].frames > 1]
            notes += tuple(of_codecs(moving, picture.codec))
    _check_any(cut, picture, container, path)
    return Output(path, container, picture, notes)


def shows_stills(output: Output) -> bool:
    """Whether pictures of what was written can be looked at again, as thumbnails are."""
    return output.picture is not None and output.container.kind not in ("images", "playlist")


def _without_picture(shown: list[Source], container: Container) -> tuple[str, ...]:
    """That a picture is left out; the cover of a song is none."""
    if not any(source.video and not is_still(source.video) for source in shown):
        return ()
    return (f"the picture is left out: {container.suffix} holds sound alone",)


def _check_any(cut: Cut, picture: OutputPicture | None, container: Container, path: Path) -> None:
    """Raise RenderError where nothing would come into the file."""
    if picture is None and not container.audio:
        raise RenderError(
            f"cannot write {path}: the cut shows no picture, and {container.suffix} holds pictures "
            "alone; write .mp4, or a kind of sound"
        )
    if picture is None and not has_sound(cut):
        alone = f", and {container.suffix} holds sound alone" if not container.video else ""
        shows = "plays no sound" if alone else "shows no picture and plays no sound"
        raise RenderError(f"the cut {shows}{alone}: nothing to render")


def written_as(path: Path) -> Container:
    """The kind of file that a name asks for; raises RenderError where there is none."""
    found = container_of(path)
    if found is None:
        raise RenderError(f"cannot write {path}: {not_written(path)}")
    return found


def as_timeline(cut: Cut, wish: Wish) -> tuple[Wish, tuple[str, ...]]:
    """The wish with the format that the timeline was made for where nothing else is asked.

    A note says so where the sources would have given another size or rate.
    """
    streams = [s.video for s in recorded(cut) if s.video]
    if cut.format is None or not streams:
        return wish, ()
    size, rate = cut.format.size, cut.format.rate
    if wish.short_side:
        scale = Fraction(wish.short_side, min(size))
        size = (2 * nearest(size[0] * scale / 2), 2 * nearest(size[1] * scale / 2))
    asked = replace(
        wish,
        size=wish.size or size,
        short_side=None,
        rate=wish.rate or _interpolated_rate(cut) or rate,
    )
    own_size = wish.size or wish.short_side or streams[0].display_size == size
    own_rate = asked.rate != rate or rate is None or {s.rate for s in streams} == {rate}
    if own_size and own_rate:
        return asked, ()
    at = f" at {float(rate):.5g} frames a second" if rate else ""
    return asked, (
        f"the output is {size[0]}x{size[1]}{at}, as the timeline's project says; set "
        "render.resolution and render.fps to choose",
    )


def has_sound(cut: Cut) -> bool:
    """Whether anything is to be heard."""
    heard = (cut.programme, *cut.sounds) if cut.mix.programme_gain is not None else cut.sounds
    return any(s.source and cut.source(s.source).audio for t in heard for s in t.segments)


def accepted_codec(asked: str | None, known: tuple[str, ...], path: Path, key: str) -> str:
    """The codec asked for, or the first; raises RenderError for one that is not accepted."""
    if asked is None:
        return known[0]
    if asked not in known:
        raise RenderError(
            f"{path.name}: {key} {asked!r} does not go into {path.suffix}; "
            f"accepted: {', '.join(known)}"
        )
    return asked


def _picture(
    cut: Cut, shown: list[Source], wish: Wish, path: Path
) -> tuple[OutputPicture, tuple[str, ...]]:
    streams = [s.video for s in shown if s.video]
    container = written_as(path)
    main = as_shown_in_films(streams[0]) if container.kind == "stream" else streams[0]
    pairs = [(s, s.video) for s in shown if s.video]
    moving = [pair for pair in pairs if pair[1].frames > 1] or pairs
    rate, timebase, notes = _timing(moving, wish.rate or _interpolated_rate(cut))
    most = wish.delivery.most_rate if wish.delivery and wish.rate is None else None
    if most is not None and (rate or moving[0][1].nominal_rate) > most:
        rate, timebase = most, constant_timebase(most)
        notes = (f"at most {float(most):g} frames a second, as `preset` says", *notes)
    if too_fast := _too_fast(rate or moving[0][1].nominal_rate, container):
        rate, timebase, notes = too_fast
    own = _size_after_effects(cut, streams[0])
    chosen = choose_format(main, path, wish.codec, wish.pixel_format)
    codec, size = chosen.codec, _wished_size(own, wish)
    encoder, said = find_encoder(codec, chosen.pixel_format, wish.encoder)
    notes = (*notes, said) if said else notes
    crf: float | None = CRF.get(codec)
    preset = PRESET.get(codec)
    if wish.delivery is not None:
        crf, preset = wish.delivery.quality.get(codec, (crf, preset))
    width, height = fitting_size(size, chosen, exact=size == (wish.size or own))
    picture = OutputPicture(
        codec=codec,
        width=width,
        height=height,
        pixel_format=chosen.pixel_format,
        rate=rate,
        timebase=timebase,
        colour=output_colour(main, chosen, height, cut.is_sdr),
        fit="pad" if wish.fit == "blur" else wish.fit,
        fill="blur" if wish.fit == "blur" else "black",
        crf=None if wish.bitrate else (wish.crf if wish.crf is not None else crf),
        bitrate=wish.bitrate,
        preset=wish.preset or preset,
        quality=wish.quality if codec in ("webp", "mjpeg") else None,
        encoder=encoder,
        profile=main.profile if codec == main.codec else None,
    )
    return picture, notes


def _too_fast(
    rate: Fraction, container: Container
) -> tuple[Fraction, Fraction, tuple[str, ...]] | None:
    """(rate, timebase, notes) where viewers would show pictures longer than they are meant."""
    if not container.shortest or rate * container.shortest <= 1:
        return None
    fastest = Fraction(int(1 / container.shortest))
    note = (
        f"{float(rate):g} frames a second become {float(fastest):g}: viewers show faster "
        f"{container.suffix} slowly"
    )
    return fastest, constant_timebase(fastest), (note,)


def losses(cut: Cut, output: Output, wish: Wish) -> tuple[str, ...]:
    """What the sources' pictures lose in the output without being asked for, as notes."""
    picture = output.picture
    shown = [s for s in recorded(cut) if s.video and not is_still(s.video)]
    if picture is None or not shown or wish.pixel_format is not None:
        return ()
    made = picture.upright.width, picture.upright.height
    main = shown[0].video
    assert main is not None
    wanted = wish.size or wish.short_side or made == _size_after_effects(cut, main)
    size = None if wanted else made
    return lost(shown, PictureFormat(picture.codec, picture.pixel_format), size, output.path)


def recorded(cut: Cut) -> list[Source]:
    """The programme's sources with a picture, without those that are made unless all are.

    Where the programme is drawn, those above it; where all is drawn, one as players take HD for.
    """
    shown = [s for s in by_time_shown(cut) if s.video]
    if not shown and any(s.source and cut.source(s.source).is_drawn for s in cut.segments):
        above = dict.fromkeys(s.source for track in cut.overlays for s in track.segments)
        shown = [s for s in cut.sources if s.id in above and s.video] or [_blank(cut)]
    return [s for s in shown if s.made is None] or shown


def _blank(cut: Cut) -> Source:
    """What stands for footage where everything is drawn."""
    size, rate = (1280, 720), Fraction(25)
    if cut.format is not None:
        size, rate = cut.format.size, cut.format.rate or rate
    nothing = Fraction(0)
    video = VideoStream(
        index=0, codec="h264", timebase=1 / rate, width=size[0], height=size[1],
        pixel_format="yuv420p", rate=rate, is_vfr=False, start=nothing, duration=cut.duration,
        frames=max(2, nearest(cut.duration * rate)),
        colour=Colour("bt709", "bt709", "bt709", "limited"),
    )  # fmt: skip
    made = Recipe("blank", "colour")
    return Source("", Path(), "", "drawn", nothing, cut.duration, video, made=made)


def _size_after_effects(cut: Cut, main: VideoStream) -> tuple[int, int]:
    """The size of a stream's pictures as the first segment of it shows them."""
    shown = (s for s in cut.segments if s.source and cut.source(s.source).video == main)
    segment = next(shown, None)
    if segment is None or not segment.effects:
        return main.display_size
    from smartcut.render.route import applied_effects, shown_size

    return shown_size(applied_effects(segment, main.rate), main.display_size)


def _wished_size(own: tuple[int, int], wish: Wish) -> tuple[int, int]:
    if wish.size:
        return wish.size
    width, height = own
    short_side, most = wish.short_side, wish.delivery.most_short_side if wish.delivery else None
    if short_side is None and most is not None and min(own) > most:
        short_side = most
    if short_side:
        scale = Fraction(short_side, min(width, height))
        width, height = nearest(width * scale), nearest(height * scale)
    return width, height


def _timing(
    shown: Shown, asked: Fraction | None
) -> tuple[Fraction | None, Fraction, tuple[str, ...]]:
    """(rate, timebase, notes): constant where asked, or where all sources agree on a rate."""
    streams = [video for _, video in shown]
    rates = {s.rate for s in streams}
    if asked is not None:
        return asked, constant_timebase(asked), ()
    if not any(s.is_vfr for s in streams) and len(rates) == 1:
        rate = rates.pop()
        return rate, constant_timebase(rate), ()
    if all(s.is_vfr for s in streams):
        ticks = lcm(*(s.timebase.denominator for s in streams))
        return None, Fraction(1, ticks if ticks <= 1_000_000 else 90_000), ()
    rate = streams[0].nominal_rate
    return rate, constant_timebase(rate), (of_rates(shown, rate),)


def _interpolated_rate(cut: Cut) -> Fraction | None:
    """The highest rate that frames are interpolated to, a constant one."""
    made = [s.between for s in cut.segments if s.between is not None]
    rates = [between.rate for between in made if between.rate]
    if rates:
        return max(rates)
    shown = [s.video for s in by_time_shown(cut) if s.video]
    if made and all(v.is_vfr for v in shown):
        return shown[0].nominal_rate
    return None


def constant_timebase(rate: Fraction) -> Fraction:
    """A timebase in which a frame of that rate lasts a whole number of ticks."""
    factor = -(-_FINEST // rate.numerator)
    return Fraction(1, rate.numerator * factor)
