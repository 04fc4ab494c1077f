"""What HDR was mastered on (SMPTE ST 2086) and how bright it gets (CTA-861.3), for encoders."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from smartcut.media.decode import frames
from smartcut.media.index import VideoIndex
from smartcut.source import Source

# FFmpeg's AVMasteringDisplayMetadata: ten fractions (x and y of red, green, blue and white, the
# darkest and the brightest light), and two flags. AVContentLightMetadata: two numbers.
_DISPLAY, _LIGHT = struct.Struct("=20i2i"), struct.Struct("=2I")
# H.265, D.3.28: in steps of 0.00002, and of 0.0001 cd/m2.
_STEPS = (Fraction(1, 50_000),) * 8 + (Fraction(1, 10_000),) * 2

#: Codecs whose encoders write it; others leave it out.
WRITTEN = ("h264", "hevc", "av1")


@dataclass(frozen=True, slots=True)
class HdrMetadata:
    """What is known; None where the file does not say."""

    display: tuple[Fraction, ...] | None = None
    """x and y of red, green, blue and white, then the darkest and the brightest light in cd/m2."""
    light: tuple[int, int] | None = None
    """The brightest pixel and the brightest picture on average, in cd/m2."""

    def __bool__(self) -> bool:
        return self.display is not None or self.light is not None


def hdr_metadata(source: Source, index: VideoIndex) -> HdrMetadata:
    """What a source's first picture and its container say; decodes that picture."""
    _, frame = next(iter(frames(source, index, 0, 1, threads=1)))
    display, light = None, None
    notes: Any = frame.side_data
    for found in notes:
        data = bytes(found)
        if found.type.name == "MASTERING_DISPLAY_METADATA" and len(data) >= _DISPLAY.size:
            *numbers, has_primaries, has_light = _DISPLAY.unpack_from(data)
            pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
            if has_primaries and has_light and all(whole for _, whole in pairs):
                display = tuple(Fraction(part, whole) for part, whole in pairs)
        if found.type.name == "CONTENT_LIGHT_LEVEL" and len(data) >= _LIGHT.size:
            light = _LIGHT.unpack_from(data)
    return HdrMetadata(display, light)


def metadata_options(codec: str, known: HdrMetadata) -> dict[str, str]:
    """Options of the encoder that write it into the stream; none where it has none."""
    if codec not in WRITTEN or not known:
        return {}
    key, display, light = {
        "h264": ("x264-params", "mastering-display", "cll"),
        "hevc": ("x265-params", "master-display", "max-cll"),
        "av1": ("svtav1-params", "mastering-display", "content-light"),
    }[codec]
    parts = []
    if known.display is not None:
        parts.append(f"{display}={_spelled(known.display, whole=codec != 'av1')}")
    if known.light is not None:
        parts.append(f"{light}={known.light[0]},{known.light[1]}")
    return {key: ":".join(parts)}


def _spelled(display: tuple[Fraction, ...], whole: bool) -> str:
    """As encoders want it: in whole steps, or in decimals."""
    numbers = [
        f"{round(value / step)}" if whole else f"{float(value):.5f}"
        for value, step in zip(display, _STEPS, strict=True)
    ]
    red, green, blue, white = (f"({numbers[i]},{numbers[i + 1]})" for i in range(0, 8, 2))
    return f"G{green}B{blue}R{red}WP{white}L({numbers[9]},{numbers[8]})"
