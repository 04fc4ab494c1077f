"""The kinds of files that are written, one :class:`Container` for each suffix.

A row says what a kind of file holds and how: its codecs, its subtitles, which flags of tracks it
has, what else goes into it, and how fine its clock is. Adding a kind is adding a row; what a row
does not list is converted, or left out with a note that names a kind that keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from smartcut.media.numbered import is_numbered

Kind = Literal["stream", "animation", "images", "playlist"]
"""How a file is put together. ``stream``: packets of all tracks, interleaved by FFmpeg's muxer;
``animation``: pictures with durations; ``images``: a file for each picture; ``playlist``: segments
of several heights, and what names them."""

Languages = Literal["mp4", "matroska", "mov"]
"""How languages are written; see :func:`smartcut.media.languages.language_tag`."""


class Container(NamedTuple):
    """A kind of file that is written."""

    suffix: str
    muxer: str
    """FFmpeg's name."""
    mime: str
    video: tuple[str, ...] = ()
    """Codecs of pictures, the usual one first; none where the file holds sound alone."""
    audio: tuple[str, ...] = ()
    """Kinds of sound that are encoded for it, the usual one first."""
    kind: Kind = "stream"
    most_sounds: int | None = None
    """Sound tracks that it holds; None: any number."""
    copied: tuple[str, ...] = ()
    """Kinds of sound that it holds besides, where they are copied."""
    text: str | None = None
    """The codec of subtitles without styles; None where there are none."""
    texts: tuple[str, ...] = ()
    """Codecs of subtitles that go into it as they are."""
    roles: tuple[str, ...] = ()
    """What it can say that a sound track is for; see AudioStream.roles."""
    languages: Languages | None = None
    """None where tracks have no language."""
    has_chapters: bool = False
    has_cover: bool = False
    has_files: bool = False
    """Whether fonts and other files go into it."""
    turns: bool = False
    """Whether it says how players turn and mirror the picture (a display matrix)."""
    has_edit_list: bool = False
    """Whether playback can begin inside a packet of sound (edit list)."""
    has_info_frame: bool = False
    """Whether a frame of it says where sound begins and ends; see :mod:`mp3_header`."""
    primes: bool = False
    """Whether a player plays what primes a decoder: sound may begin a packet early."""
    has_comment: bool = True
    """Whether the file itself can say what in it was generated."""
    has_alpha_beside: bool = False
    """Whether it keeps the alpha of VP9, which lies beside the pictures' own packets."""
    sound_piece: str = ".m4a"
    """The suffix of sound pieces: each family of files says what primes a decoder its own way."""
    clock: Fraction = Fraction(1, 1000)
    """Seconds; frames may be so far off their times after writing."""
    grid: Fraction | None = None
    """Seconds that the durations of pictures are whole multiples of; None: any."""
    shortest: Fraction = Fraction(0)
    """Seconds for which viewers show a picture at least: shorter ones are shown longer."""
    limits: str = ""
    """What its pictures lack whatever they are made of, in words; empty for nothing."""
    options: Mapping[str, str] = MappingProxyType({})
    """Of the muxer."""

    @property
    def says_where(self) -> bool:
        """Whether the file says where sound begins after the decoder's priming."""
        return self.has_edit_list or self.has_info_frame

    @property
    def alone(self) -> str:
        """What it holds and nothing else: ``sound`` or ``pictures``; empty where it holds both."""
        return "" if self.video and self.audio else "sound" if self.audio else "pictures"


_FAST = {"movflags": "+faststart"}
_LARGE = {"rf64": "auto"}
# Else Matroska's segment and Ogg's streams get random numbers, and equal renders differ.
_SAME = {"fflags": "+bitexact"}
_ROLES = ("default", "dub", "comment", "hearing_impaired", "visual_impaired")
_BITMAPS = ("dvb_subtitle", "dvd_subtitle", "hdmv_pgs_subtitle")

_ROWS = (
    Container(
        ".mp4",
        "mp4",
        "video/mp4",
        video=("h264", "hevc", "av1", "vp9"),
        audio=("aac", "ac3", "eac3", "opus", "mp3", "flac", "alac"),
        copied=("mp2", "dts"),
        text="mov_text",
        texts=("mov_text",),
        roles=_ROLES,
        languages="mp4",
        has_chapters=True,
        has_cover=True,
        turns=True,
        has_edit_list=True,
        options=_FAST,
    ),
    Container(
        ".m4v",
        "mp4",
        "video/mp4",
        video=("h264", "hevc"),
        audio=("aac", "ac3", "eac3", "alac"),
        copied=("mp2", "dts"),
        text="mov_text",
        texts=("mov_text",),
        roles=_ROLES,
        languages="mp4",
        has_chapters=True,
        has_cover=True,
        turns=True,
        has_edit_list=True,
        options=_FAST,
    ),
    Container(
        ".mov",
        "mov",
        "video/quicktime",
        video=("h264", "hevc", "prores", "dnxhd", "qtrle", "png"),
        audio=("aac", "ac3", "eac3", "mp3", "alac", "pcm"),
        copied=("mp2",),
        text="mov_text",
        texts=("mov_text",),
        roles=("default",),
        languages="mov",
        has_chapters=True,
        turns=True,
        has_edit_list=True,
        sound_piece=".mov",
        options=_FAST,
    ),
    Container(
        ".mkv",
        "matroska",
        "video/x-matroska",
        video=("h264", "hevc", "av1", "vp9", "ffv1", "prores"),
        audio=("aac", "ac3", "eac3", "opus", "flac", "alac", "mp3", "pcm"),
        copied=("vorbis", "mp2", "dts", "truehd", "mlp", "wavpack", "tta"),
        text="subrip",
        texts=("ass", "ssa", "subrip", *_BITMAPS),
        roles=(*_ROLES, "original"),
        languages="matroska",
        turns=True,
        has_chapters=True,
        has_cover=True,
        has_files=True,
        has_alpha_beside=True,
        sound_piece=".mka",
        options=_SAME,
    ),
    Container(
        ".webm",
        "webm",
        "video/webm",
        video=("vp9", "av1"),
        audio=("opus",),
        copied=("vorbis",),
        text="webvtt",
        roles=("default",),
        languages="matroska",
        turns=True,
        has_chapters=True,
        has_alpha_beside=True,
        sound_piece=".mka",
        options=_SAME,
    ),
    Container(
        ".ts",
        "mpegts",
        "video/mp2t",
        video=("h264", "hevc"),
        audio=("aac", "ac3", "eac3", "mp3", "opus"),
        copied=("mp2", "dts"),
        languages="mp4",
        primes=True,
        has_comment=False,
        sound_piece=".mka",
        options=_SAME,
    ),
    Container(
        ".m4a",
        "mp4",
        "audio/mp4",
        audio=("aac", "alac"),
        roles=_ROLES,
        languages="mp4",
        has_chapters=True,
        has_cover=True,
        has_edit_list=True,
        options={**_FAST, "brand": "M4A "},
    ),
    Container(
        ".mka",
        "matroska",
        "audio/x-matroska",
        audio=("aac", "ac3", "eac3", "opus", "flac", "alac", "mp3", "pcm"),
        copied=("vorbis", "mp2", "dts", "truehd", "mlp", "wavpack", "tta"),
        roles=(*_ROLES, "original"),
        languages="matroska",
        has_chapters=True,
        has_cover=True,
        has_files=True,
        sound_piece=".mka",
        options=_SAME,
    ),
    Container(
        ".mp3",
        "mp3",
        "audio/mpeg",
        audio=("mp3",),
        most_sounds=1,
        has_info_frame=True,
        has_chapters=True,
        has_cover=True,
    ),
    Container(".wav", "wav", "audio/wav", audio=("pcm",), most_sounds=1, options=_LARGE),
    Container(
        ".flac",
        "flac",
        "audio/flac",
        audio=("flac",),
        most_sounds=1,
        has_chapters=True,
        has_cover=True,
    ),
    Container(
        ".ogg",
        "ogg",
        "audio/ogg",
        audio=("opus", "flac"),
        copied=("vorbis",),
        most_sounds=1,
        has_chapters=True,
        options=_SAME,
    ),
    Container(
        ".opus",
        "opus",
        "audio/ogg",
        audio=("opus",),
        most_sounds=1,
        has_chapters=True,
        options=_SAME,
    ),
    Container(
        ".m3u8",
        "hls",
        "application/vnd.apple.mpegurl",
        video=("h264",),
        audio=("aac",),
        kind="playlist",
        most_sounds=1,
        primes=True,
        has_comment=False,
    ),
    Container(
        ".gif",
        "gif",
        "image/gif",
        video=("gif",),
        kind="animation",
        clock=Fraction(1, 100),
        grid=Fraction(1, 100),
        shortest=Fraction(2, 100),
        limits="256 colours at a time",
    ),
    Container(
        ".webp",
        "webp",
        "image/webp",
        video=("webp",),
        kind="animation",
        grid=Fraction(1, 1000),
        shortest=Fraction(11, 1000),
    ),
    Container(
        ".apng",
        "apng",
        "image/apng",
        video=("apng",),
        kind="animation",
        grid=Fraction(1, 1000),
        shortest=Fraction(11, 1000),
    ),
)
_IMAGES = (
    Container(".png", "image2", "image/png", video=("png",), kind="images"),
    Container(".jpg", "image2", "image/jpeg", video=("mjpeg",), kind="images"),
    Container(".jpeg", "image2", "image/jpeg", video=("mjpeg",), kind="images"),
    Container(".webp", "image2", "image/webp", video=("webp",), kind="images"),
)

#: By suffix.
CONTAINERS: Mapping[str, Container] = {row.suffix: row for row in _ROWS}
#: By suffix, of names with a place for a number; see :mod:`numbered`.
IMAGES: Mapping[str, Container] = {row.suffix: row for row in _IMAGES}


def container_of(path: Path) -> Container | None:
    """The kind of file that a name asks for; None for one that is not written."""
    rows = IMAGES if is_numbered(path) else CONTAINERS
    return rows.get(path.suffix.lower())


def not_written(path: Path) -> str:
    """Why nothing can be written under a name, and what can."""
    suffix = path.suffix.lower()
    if is_numbered(path):
        return f"unknown suffix {path.suffix!r} of numbered pictures; accepted: {', '.join(IMAGES)}"
    if suffix in IMAGES:
        named = path.with_name(f"{path.stem}-%05d{path.suffix}").name
        return (
            f"pictures one by one need a place for their number: {named}; of one picture, "
            "`smartcut frame` writes a .png"
        )
    return f"unknown suffix {path.suffix!r}; accepted: {', '.join(CONTAINERS)}"
