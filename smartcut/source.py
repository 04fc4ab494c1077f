"""Sources of a cut: media that exists, and recipes for what is made or drawn.

Source time starts at 0 with the first picture or sample that a player presents, in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from typing_extensions import TypeAliasType

from smartcut.curve import Curve
from smartcut.timebase import Range, standard_rate

FieldOrder = Literal["progressive", "tff", "bff"]
#: What the orders of fields are called.
FIELD_ORDERS: dict[FieldOrder, str] = {
    "progressive": "progressive", "tff": "top field first", "bff": "bottom field first"
}  # fmt: skip
Scalar = bool | int | float | str | None
Value = TypeAliasType("Value", "Scalar | Curve | tuple[Value, ...]")


@dataclass(frozen=True, slots=True)
class Colour:
    """How numbers become light, in FFmpeg's names; ``None`` where the file does not say."""

    primaries: str | None = None
    transfer: str | None = None
    matrix: str | None = None
    range: Literal["limited", "full"] | None = None


@dataclass(frozen=True, slots=True)
class VideoStream:
    """``width`` and ``height`` as coded, before ``sar`` and the orientation are applied."""

    index: int
    codec: str
    timebase: Fraction
    width: int
    height: int
    pixel_format: str
    rate: Fraction
    """Frames a second: of the usual step between frames, or the average where none is usual."""
    is_vfr: bool
    """The frames leave an even grid: their steps vary, or some are missing."""
    start: Fraction
    """Source time of the first presented frame."""
    duration: Fraction
    frames: int
    sar: Fraction = Fraction(1)
    """Sample aspect ratio, width : height of one pixel."""
    rotation: int = 0
    """Degrees clockwise that a player turns the picture: 0, 90, 180 or 270."""
    colour: Colour = Colour()
    profile: str | None = None
    """The flavour of ProRes or DNxHR, as FFmpeg names it."""
    mirrored: bool = False
    """A player mirrors the picture left to right before it turns it."""
    field_order: FieldOrder = "progressive"
    """Which of an interlaced picture's fields comes first; see :mod:`smartcut.media.fields`."""
    mixed_fields: bool = False
    """Some of its frames are flagged otherwise."""
    made_whole: Literal["flagged", "all"] | None = None
    """Whole pictures are asked for: made of the frames that are flagged as interlaced, or of all
    where ``field_order`` is what the user says. None leaves it to the render."""

    @property
    def is_interlaced(self) -> bool:
        return self.field_order != "progressive"

    @property
    def orientation(self) -> tuple[int, bool]:
        """(rotation, mirrored); see :mod:`smartcut.media.orientation`."""
        return self.rotation, self.mirrored

    @property
    def nominal_rate(self) -> Fraction:
        """The constant rate that stands for this stream where one is needed, in frames a second."""
        return standard_rate(self.rate) if self.is_vfr else self.rate

    @property
    def display_size(self) -> tuple[int, int]:
        """(width, height) in square pixels, upright."""
        width, height = round(self.width * self.sar), self.height
        return (height, width) if self.rotation in (90, 270) else (width, height)


@dataclass(frozen=True, slots=True)
class AudioStream:
    index: int
    codec: str
    timebase: Fraction
    sample_rate: int
    channels: int
    layout: str
    start: Fraction
    duration: Fraction
    language: str | None = None
    """ISO 639-2/T."""
    title: str = ""
    roles: tuple[str, ...] = ()
    """What it is for, in FFmpeg's names of dispositions: ``default``, ``comment`` ..."""
    bitrate: int | None = None
    """Bits a second, where the file says so."""
    sample_format: str = ""
    """FFmpeg's name of what it decodes to, such as ``s16`` or ``flt``."""


@dataclass(frozen=True, slots=True)
class SubtitleStream:
    index: int
    codec: str
    language: str | None = None
    """ISO 639-2/T."""
    title: str = ""
    roles: tuple[str, ...] = ()
    """What it is for, in FFmpeg's names of dispositions: ``default``, ``forced`` ..."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file within the file, such as a font, its cover picture, or a track of data (telemetry)."""

    index: int
    kind: Literal["cover", "file", "data"]
    name: str
    mimetype: str


@dataclass(frozen=True, slots=True)
class Chapter:
    range: Range
    title: str


#: What stands for the format of sources that are drawn.
DRAWN = "drawn"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How generated pictures or sound are made; everything the result depends on."""

    kind: str
    """What it is on the timeline: background, extend, bridge, b-roll, voiceover, score."""
    engine: str
    """What makes it, such as ``path-tracer``, ``rife``, ``diffusion`` or ``piper``; or the drawer
    that draws it, such as ``text``."""
    seed: int = 0
    params: tuple[tuple[str, Value], ...] = ()
    after: tuple[str, Fraction] | None = None
    """(source, source time) whose frame comes before it: what is continued, or led away from."""
    before: tuple[str, Fraction] | None = None
    """(source, source time) whose frame comes after it: what is led to."""
    model: str | None = None
    weights: str | None = None
    """sha256 of the network's weights."""


@dataclass(frozen=True, slots=True)
class Source:
    """A media file. ``video`` and ``audio`` are the main streams; the rest is in ``others``.

    Sound streams among ``others`` that last 0 s hold nothing that can be decoded.

    Where there is a recipe in ``made``, the file is one of the cache's, and is made when it is
    first read; until then all that is said of it here holds already. What is drawn
    (:attr:`is_drawn`) has no file and no streams, and lasts as long as segments show it.
    """

    id: str
    path: Path
    digest: str
    """sha256 of the file's bytes."""
    format: str
    origin: Fraction
    """What the file's own clock shows, in seconds, at source time 0."""
    duration: Fraction
    video: VideoStream | None = None
    audio: AudioStream | None = None
    others: tuple[VideoStream | AudioStream | SubtitleStream | Attachment, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    """In source time."""
    metadata: tuple[tuple[str, str], ...] = ()
    """What the file says of itself, under FFmpeg's names."""
    made: Recipe | None = None

    @property
    def is_drawn(self) -> bool:
        """Whether a drawer draws it: see :mod:`smartcut.drawer`."""
        return self.format == DRAWN and self.made is not None

    @property
    def sounds(self) -> tuple[AudioStream, ...]:
        """All sound streams that can be decoded, in the order of the file."""
        others = [o for o in self.others if isinstance(o, AudioStream) and o.duration]
        found = [*([self.audio] if self.audio else []), *others]
        return tuple(sorted(found, key=lambda stream: stream.index))


def unused(name: str, used: Iterable[str]) -> str:
    """The name, with a number where it is in use."""
    names = set(used)
    if name not in names:
        return name
    return next(n for i in range(2, len(names) + 3) if (n := f"{name}-{i}") not in names)
