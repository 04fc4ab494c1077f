"""What places that films go to take, one :class:`Delivery` for each: settings of a render, as data.

Sizes and rates are upper limits: nothing is made larger. The platforms' own pages say what they
take; loudness is what they bring sound to when they play it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from smartcut.media.containers import Container


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a place takes. Where a user sets something beside it, that goes first."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of `render`."""
    of_suffix: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Further ones of some kinds of files, by suffix."""
    quality: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """By codec: (constant quality, the encoder's preset) of what has to be encoded."""
    most_short_side: int | None = None
    """Pixels of the shorter side."""
    most_rate: Fraction | None = None
    """Frames a second."""
    loudness: float | None = None
    """LUFS, where the pipeline sets none."""
    longest: int | None = None
    """Seconds; longer files are written, with a note."""

    def settings_for(self, container: Container) -> dict[str, Any]:
        """The settings that a kind of file can have."""
        found = {**self.settings, **self.of_suffix.get(container.suffix, {})}
        if found.get("codec") not in container.video:
            found.pop("codec", None)
        if found.get("audio_codec") not in container.audio:
            found.pop("audio_codec", None)
        return found


_ROWS = (
    Delivery(
        "youtube",
        {"codec": "h264", "pixel_format": "yuv420p",
         "audio_codec": "aac", "audio_bitrate": "384k"},
        most_short_side=2160,
        most_rate=Fraction(60),
        loudness=-14,
        quality={"h264": (18, "medium")},
    ),
    Delivery(
        "tiktok",
        {"resolution": "1080x1920", "fit": "blur", "codec": "h264", "pixel_format": "yuv420p",
         "audio_codec": "aac", "audio_bitrate": "192k"},
        most_rate=Fraction(60),
        loudness=-14,
        longest=600,
        quality={"h264": (20, "medium")},
    ),
    Delivery(
        "reels",
        {"resolution": "1080x1920", "fit": "blur", "codec": "h264", "pixel_format": "yuv420p",
         "audio_codec": "aac", "audio_bitrate": "192k"},
        most_rate=Fraction(30),
        loudness=-14,
        longest=180,
        quality={"h264": (20, "medium")},
    ),
    Delivery(
        "x",
        {"codec": "h264", "pixel_format": "yuv420p",
         "audio_codec": "aac", "audio_bitrate": "128k", "max_size": "512MB"},
        most_short_side=1080,
        most_rate=Fraction(40),
        loudness=-14,
        longest=140,
        quality={"h264": (21, "medium")},
    ),
    Delivery(
        "whatsapp",
        {"codec": "h264", "pixel_format": "yuv420p",
         "audio_codec": "aac", "audio_bitrate": "96k", "max_size": "16MB"},
        most_short_side=480,
        most_rate=Fraction(30),
        quality={"h264": (26, "medium")},
    ),
    Delivery(
        "podcast",
        {"audio_bitrate": "128k"},
        {".m4a": {"audio_codec": "aac"}, ".mp3": {"audio_codec": "mp3"}},
        loudness=-16,
    ),
    Delivery(
        "archive",
        {},
        {".mkv": {"codec": "ffv1", "audio_codec": "flac"},
         ".mov": {"codec": "prores", "audio_codec": "pcm"},
         ".mp4": {"codec": "h264", "audio_codec": "flac"}},
        quality={"h264": (12, "slow")},
    ),
    Delivery(
        "proxy",
        {"codec": "h264", "audio_codec": "aac", "audio_bitrate": "96k"},
        {".mov": {"codec": "prores", "audio_codec": "pcm"}},
        most_short_side=540,
        quality={"h264": (28, "ultrafast")},
    ),
)  # fmt: skip

#: By name.
DELIVERIES: Mapping[str, Delivery] = {row.name: row for row in _ROWS}

#: What encoders call how much work they put in: x264's and x265's words, and numbers.
ENCODER_PRESETS = (
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
    "placebo", *map(str, range(14)),
)  # fmt: skip
