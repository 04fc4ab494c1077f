"""How FCPXML describes media: formats, colour spaces, order of fields, sound."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from xml.etree.ElementTree import Element

from smartcut.cut import TimelineFormat
from smartcut.interchange.timecode import known_rate
from smartcut.source import AudioStream, Colour, Source, VideoStream
from smartcut.timebase import nearest

_TRANSFERS = {"smpte2084": "16", "arib-std-b67": "18"}
_NAMES = {
    "1-1-1": "Rec. 709",
    "5-1-6": "Rec. 601 (PAL)",
    "6-1-6": "Rec. 601 (NTSC)",
    "9-1-9": "Rec. 2020",
    "9-16-9": "Rec. 2020 PQ",
    "9-18-9": "Rec. 2020 HLG",
}
_FIELDS = {"progressive": "progressive", "tff": "upper first", "bff": "lower first"}
_PAL_LINES = (288, 576)
#: Sample rates of a sequence, as FCPXML spells them.
_SEQUENCE_RATES = {
    32_000: "32k", 44_100: "44.1k", 48_000: "48k", 88_200: "88.2k", 96_000: "96k",
    176_400: "176.4k", 192_000: "192k",
}  # fmt: skip


def colour_space(colour: Colour, height: int) -> str:
    """``9-18-9 (Rec. 2020 HLG)``: the numbers (ITU-T H.273) of primaries, transfer and matrix.

    What is not tagged is what players take for a picture of that height.
    """
    matrix = colour.matrix or ("bt709" if height >= 720 else "smpte170m")
    is_pal = "bt470bg" in (colour.primaries, matrix)
    if matrix.startswith("bt2020") or colour.primaries == "bt2020":
        key = f"9-{_TRANSFERS.get(colour.transfer or '', '1')}-9"
    elif matrix == "bt709":
        key = "1-1-1"
    elif is_pal or (colour.primaries is None and height in _PAL_LINES):
        key = "5-1-6"
    else:
        key = "6-1-6"
    return f"{key} ({_NAMES[key]})"


def format_of(video: VideoStream, rate: Fraction | None) -> dict[str, str]:
    """The attributes of a stream's format, but for its frame duration: as it is coded."""
    width, height = video.display_size
    shape: dict[str, str] = {}
    if video.sar != 1 and video.rotation not in (90, 270):
        width, height = video.width, video.height
        shape = {"paspH": str(video.sar.numerator), "paspV": str(video.sar.denominator)}
    return sized(width, height, video.colour, rate, video.field_order) | shape


def sized(
    width: int, height: int, colour: Colour, rate: Fraction | None, fields: str = "progressive"
) -> dict[str, str]:
    """The attributes of a format of square pixels, but for its frame duration."""
    name = {} if rate else {"name": "FFVideoFormatRateUndefined"}
    order = {"fieldOrder": _FIELDS[fields]} if fields != "progressive" else {}
    size = {"width": str(width), "height": str(height)}
    return name | order | size | {"colorSpace": colour_space(colour, height)}


def sound_of(source: Source) -> dict[str, str]:
    """The attributes of an asset that say how many tracks and channels it has, of which rate."""
    others = [s for s in source.others if isinstance(s, AudioStream)]
    tracks = [*([source.audio] if source.audio else []), *others]
    if not tracks:
        return {}
    return {
        "hasAudio": "1",
        "audioSources": str(len(tracks)),
        "audioChannels": str(sum(track.channels for track in tracks)),
        "audioRate": str(tracks[0].sample_rate),
    }


def sequence_sound(sources: Iterable[Source]) -> dict[str, str]:
    """The attributes of a sequence's sound, after that of its first source that has some."""
    tracks = [source.audio for source in sources if source.audio]
    if not tracks:
        return {"audioLayout": "stereo", "audioRate": "48k"}
    layout = "surround" if any(track.channels > 2 for track in tracks) else "stereo"
    return {
        "audioLayout": layout,
        "audioRate": _SEQUENCE_RATES.get(tracks[0].sample_rate, "48k"),
    }


# ------------------------------------------------------------------------------------- reading

_NAMED = re.compile(r"FFVideoFormat(?:DV)?(?:(\d{1,5})x)?(\d{1,5})([pi])(\d{2,4})")
_LARGEST = 16_384


def timeline_format(element: Element, frame: Fraction | None) -> TimelineFormat | None:
    """The size and rate of a ``format``, whose frames last ``frame`` seconds.

    None where neither its attributes nor its name say a size.
    """
    named = _NAMED.match(element.get("name", ""))
    rate = 1 / frame if frame else _named_rate(named)
    try:
        width, height = int(element.get("width", "")), int(element.get("height", ""))
        shape = Fraction(int(element.get("paspH", "1")), int(element.get("paspV", "1")))
        width = nearest(width * shape)
    except (ValueError, ZeroDivisionError):
        if named is None:
            return None
        height = int(named[2])
        width = int(named[1] or nearest(height * Fraction(16, 9)))
    if not (1 < width <= _LARGEST and 1 < height <= _LARGEST):
        return None
    return TimelineFormat((width - width % 2, height - height % 2), rate)


def _named_rate(named: re.Match[str] | None) -> Fraction | None:
    """``2997`` in ``FFVideoFormat1080p2997``; interlaced formats are named by their fields."""
    if named is None:
        return None
    rate = known_rate(int(named[4]) / (100 if len(named[4]) == 4 else 1))
    return rate / 2 if named[3] == "i" else rate
