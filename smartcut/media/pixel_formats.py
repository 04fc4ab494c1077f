"""What FFmpeg's names of pixel formats mean, and which of several formats keeps most of another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from av.video.format import VideoFormat

# Depths that planar formats come in.
_DEPTHS = (8, 9, 10, 12, 14, 16)
_SUBSAMPLINGS = {
    (0, 0): "444",
    (1, 0): "422",
    (1, 1): "420",
    (0, 1): "440",
    (2, 0): "411",
    (2, 2): "410",
}
# A side of the picture that chroma planes are measured with; larger than any subsampling.
_SIDE = 64
# Worse than any subsampling.
_NO_CHROMA = 8


class PixelFormat(NamedTuple):
    """A pixel format's properties. ``shift`` is log2 of how many pixels share a chroma sample."""

    name: str
    depth: int
    """Bits of a sample, 8 or more."""
    shift: tuple[int, int] = (0, 0)
    """Across, and down."""
    is_rgb: bool = False
    has_alpha: bool = False
    is_gray: bool = False
    is_planar: bool = True

    @property
    def samples_a_pixel(self) -> float:
        """Samples of all planes for each pixel."""
        chroma = 0 if self.is_gray else 2 / 2 ** sum(self.shift)
        return 1 + chroma + self.has_alpha

    @property
    def subsampling(self) -> str:
        """As people call it: RGB, grey, 4:2:0 and so on."""
        if self.is_rgb or self.is_gray:
            return "RGB" if self.is_rgb else "grey"
        return ":".join(_SUBSAMPLINGS.get(self.shift, "420"))

    @property
    def step(self) -> tuple[int, int]:
        """Pixels across and down that share a chroma sample: encoders may want whole steps."""
        return 1 << self.shift[0], 1 << self.shift[1]


@cache
def pixel_format(name: str) -> PixelFormat:
    """The properties of FFmpeg's pixel format of that name; raises ValueError for none."""
    known = VideoFormat(name, _SIDE, _SIDE)
    parts = known.components
    colours = [p for p in parts if not p.is_alpha]
    depth = max(p.bits for p in colours)
    planes = {p.plane for p in parts}
    is_planar = len(planes) == len(parts) and not known.is_big_endian and depth <= 16
    is_gray = len(colours) == 1 and not known.has_palette
    shift = (0, 0)
    if not (known.is_rgb or known.has_palette or is_gray):
        sides = known.chroma_width(_SIDE), known.chroma_height(_SIDE)
        shift = ((_SIDE // sides[0]).bit_length() - 1, (_SIDE // sides[1]).bit_length() - 1)
    return PixelFormat(
        name=name,
        depth=max(8, depth),
        shift=shift,
        is_rgb=known.is_rgb or known.has_palette,
        has_alpha=any(p.is_alpha for p in parts),
        is_gray=is_gray,
        is_planar=is_planar and not known.has_palette and depth >= 8,
    )


@cache
def planar(name: str) -> str:
    """The format with a plane for each channel that keeps all of that one; mostly itself.

    Frames are worked on in such formats: samples of 8 bits, or of more in 16 little-endian ones.
    """
    given = pixel_format(name)
    if given.is_planar:
        return name
    depth = min((d for d in _DEPTHS if d >= given.depth), default=_DEPTHS[-1])
    depth = 16 if given.has_alpha and depth == 14 and not given.is_rgb else depth
    alpha = "a" if given.has_alpha else ""
    if given.is_rgb:
        kind = f"gbr{alpha}p"
    elif given.is_gray and not given.has_alpha:
        kind = "gray"
    else:
        kind = f"yuv{alpha}{_SUBSAMPLINGS[given.shift]}p"
    return kind if depth == 8 else f"{kind}{depth}le"


@cache
def alpha_twin(name: str) -> str:
    """A planar format with the same chroma and alpha besides, of the same depth or of 16 bits."""
    given = pixel_format(name)
    if given.has_alpha:
        return name
    kind = "gbrap" if given.is_rgb else f"yuva{_SUBSAMPLINGS[given.shift]}p"
    for depth in (given.depth, 16):
        twin = kind if depth == 8 else f"{kind}{depth}le"
        try:
            VideoFormat(twin, _SIDE, _SIDE)
        except ValueError:
            continue
        return twin
    return "yuva444p16le"


def _missing(wanted: PixelFormat, given: PixelFormat) -> tuple[int, ...]:
    """What ``given`` lacks of ``wanted``, the worst first; all 0 where nothing is lost."""
    pairs = zip(given.shift, wanted.shift, strict=True)
    chroma = 0
    if not wanted.is_gray:
        chroma = _NO_CHROMA if given.is_gray else sum(max(0, g - w) for g, w in pairs)
    return (
        int(wanted.has_alpha and not given.has_alpha),
        max(0, wanted.depth - given.depth),
        chroma,
        int(wanted.is_rgb and not given.is_rgb),
    )


def missing(wanted: str, given: str) -> tuple[int, ...]:
    """A measure of what is lost from one format to another, to be compared; 0s for nothing."""
    return _missing(pixel_format(wanted), pixel_format(given))


def closest(wanted: str, offered: Iterable[str]) -> str:
    """The offered format that keeps most of ``wanted``: alpha, then depth, then its chroma.

    Of those that keep the same, the one with least that is not needed, then the first.
    """
    goal = pixel_format(wanted)

    def cost(name: str) -> tuple[int, ...]:
        given = pixel_format(name)
        surplus = (given.is_rgb != goal.is_rgb, *_missing(given, goal))
        is_other_range = name.startswith("yuvj") != wanted.startswith("yuvj")
        return (*_missing(goal, given), name != wanted, *surplus, is_other_range)

    return min(offered, key=cost)


def losses(wanted: str, given: str) -> tuple[str, ...]:
    """What is lost from one format to another, in words; none where all is kept."""
    goal, got = pixel_format(wanted), pixel_format(given)
    alpha, depth, chroma, rgb = _missing(goal, got)
    found = []
    if alpha:
        found.append("its alpha channel is lost")
    if depth:
        found.append(f"{goal.depth} bits become {got.depth}")
    if chroma or rgb:
        found.append(f"{goal.subsampling} becomes {got.subsampling}")
    return tuple(found)
