"""What browsers call the streams of an MP4 file: MIME types with a ``codecs`` string (RFC 6381).

After ISO/IEC 14496-15, annex E (``avc1``, ``hvc1``), and the bindings of VP9 and AV1 to ISO files.
"""

from __future__ import annotations

from smartcut.errors import RenderError
from smartcut.media.boxes import boxes, find
from smartcut.media.pixel_formats import pixel_format

#: Kinds of pictures that a browser is asked about, and the MIME type of each; see :func:`kind_of`.
MIMES = {
    kind: f'video/mp4; codecs="{codecs}"'
    for kind, codecs in {
        "h264": "avc1.640028",
        "h264-10": "avc1.6e0028",
        "h264-422": "avc1.7a0028",
        "h264-444": "avc1.f40028",
        "hevc": "hvc1.1.6.L120.90",
        "hevc-10": "hvc1.2.4.L120.90",
        "vp9": "vp09.00.41.08",
        "vp9-10": "vp09.02.41.10",
        "av1": "av01.0.08M.08",
        "av1-10": "av01.0.08M.10",
    }.items()
}
#: What Chromium plays everywhere, without the help of hardware.
USUAL = frozenset(kind for kind in MIMES if not kind.startswith("hevc"))

_HEAD_OF_SOUND, _HEAD_OF_PICTURES = 28, 78
_SOUND = {b"fLaC": "flac", b"Opus": "opus", b"mp4a": "mp4a.40.2"}


def kind_of(codec: str, pixel_format_name: str) -> str | None:
    """The name in :data:`MIMES` of such pictures; None for what is not played from MP4 files."""
    pixels = pixel_format(pixel_format_name)
    if pixels.is_rgb or pixels.has_alpha or pixels.is_gray:
        return None
    chroma, deep = pixels.subsampling, pixels.depth > 8
    name = f"{codec}-10" if deep else codec
    if chroma != "4:2:0":
        name = f"{codec}-{chroma.replace(':', '')}"
    return name if name in MIMES and pixels.depth <= 10 else None


def mime_in(init: bytes) -> str:
    """The MIME type of the first track of an init segment."""
    place = find(init, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
    entry = None if place is None else next(boxes(init, place.content + 8, place.end), None)
    if entry is None:
        raise RenderError("the init segment has no track")
    if entry.kind in _SOUND:
        return f'audio/mp4; codecs="{_SOUND[entry.kind]}"'
    inner = boxes(init, entry.content + _HEAD_OF_PICTURES, entry.end)
    known = {one.kind: init[one.content : one.end] for one in inner}
    name = entry.kind.decode("latin-1")
    if entry.kind in (b"avc1", b"avc3"):
        name += f".{known[b'avcC'][1:4].hex()}"
    elif entry.kind in (b"hvc1", b"hev1"):
        name += _hevc(known[b"hvcC"])
    elif entry.kind == b"vp09":
        said = known[b"vpcC"][4:]  # after version and flags
        name += f".{said[0]:02d}.{said[1]:02d}.{said[2] >> 4:02d}"
    elif entry.kind == b"av01":
        name += _av1(known[b"av1C"])
    return f'video/mp4; codecs="{name}"'


def _hevc(config: bytes) -> str:
    space, tier, profile = config[1] >> 6, config[1] >> 5 & 1, config[1] & 31
    compatible = int(f"{int.from_bytes(config[2:6], 'big'):032b}"[::-1], 2)
    constraints = "".join(f".{byte:X}" for byte in config[6:12].rstrip(b"\0"))
    letter = ("", "A", "B", "C")[space]
    return f".{letter}{profile}.{compatible:X}.{'LH'[tier]}{config[12]}{constraints}"


def _av1(config: bytes) -> str:
    profile, level = config[1] >> 5, config[1] & 31
    tier, high, twelve = config[2] >> 7, config[2] >> 6 & 1, config[2] >> 5 & 1
    return f".{profile}.{level:02d}{'MH'[tier]}.{12 if twelve else 10 if high else 8:02d}"
