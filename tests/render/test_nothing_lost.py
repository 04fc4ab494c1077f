"""Whatever a source has is kept, converted as asked, or named in a note: kinds of streams and
properties, times ways of rendering, times containers."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest

import smartcut as sc
from smartcut.errors import RenderError
from smartcut.media.languages import terminological

Look = Callable[[Any], Any]

_PICTURE = "-f lavfi -i testsrc2=s=96x64:r=25:d=2"
_SOUND = "-f lavfi -i sine=f=600:d=2"
_H264 = "-c:v libx264 -preset ultrafast -g 10 -bf 0 -pix_fmt yuv420p"
_HDR10 = (
    "log-level=none:pools=1:frame-threads=1:keyint=10:colorprim=bt2020:transfer=smpte2084:"
    "colormatrix=bt2020nc:hdr10=1:max-cll=800,300:master-display="
    "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
)


@dataclass(frozen=True)
class Property:
    """Something that a source has: how to make one, how to see it, and what a note calls it."""

    suffix: str
    command: str
    look: Look
    word: str
    """Stands in the note where it is not kept."""


def _video(container: Any) -> Any:
    return container.streams.video[0]


def _first_frame(container: Any) -> Any:
    return next(container.decode(video=0))


def _side_data(container: Any) -> set[str]:
    kinds = {str(data.type).rpartition(".")[2] for data in _first_frame(container).side_data}
    return kinds & {"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL", "DISPLAYMATRIX"}


def _colours(container: Any) -> tuple[int, ...]:
    frame = _first_frame(container)
    return int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace)


def _depth_and_sampling(container: Any) -> tuple[int, int, int, bool]:
    parts = _first_frame(container).format.components
    luma, chroma = parts[0], parts[1]
    return (
        luma.bits,
        luma.width // chroma.width,
        luma.height // chroma.height,
        _has_alpha(container),
    )


def _has_alpha(container: Any) -> bool:
    tags = {k.lower(): v for k, v in _video(container).metadata.items()}
    return any(c.is_alpha for c in _first_frame(container).format.components) or (
        tags.get("alpha_mode") == "1"
    )


def _languages(kind: str) -> Look:
    """Whatever each container writes of the two codes that ISO 639-2 has for some languages."""
    return lambda c: [terminological(s.metadata.get("language")) for s in getattr(c.streams, kind)]


def _titles(kind: str) -> Look:
    def look(container: Any) -> list[str | None]:  # MP4 has names
        tags = [s.metadata for s in getattr(container.streams, kind)]
        return [t.get("title") or t.get("name") for t in tags]

    return look


def _starts_late(container: Any) -> bool:
    """Whether the first sound is heard well after the first picture."""
    loud = (f.time for f in container.decode(audio=0) if abs(f.to_ndarray()).max() > 1e-2)
    return next(loud) > 0.3


def _timecode(container: Any) -> str | None:
    """Its hour and minute: a cut begins some frames later."""
    tags = [container.metadata, *(s.metadata for s in container.streams)]
    return next((t[k][:5] for t in tags for k in t if k.lower() == "timecode"), None)


def _is_interlaced(container: Any) -> bool:
    return bool(_first_frame(container).interlaced_frame)


def _texts(container: Any) -> list[str]:
    return [s.codec_context.name for s in container.streams.subtitles]


def _attached(container: Any) -> list[str]:
    pictures = [s for s in container.streams.video if s.disposition & s.disposition.attached_pic]
    return sorted(
        [s.type for s in container.streams if s.type == "attachment"] + ["cover"] * len(pictures)
    )


def _chapters(container: Any) -> list[str]:
    return [c["metadata"].get("title", "") for c in container.chapters()]


def _shape(container: Any) -> float:
    """Width over height of the picture as shown, to a hundredth."""
    frame, stream = _first_frame(container), _video(container)
    shape = frame.width * (stream.sample_aspect_ratio or 1) / frame.height
    return round(float(1 / shape if frame.rotation % 180 else shape), 1)


_TEXT = "1\n00:00:00,100 --> 00:00:01,900\nwords\n"
_ASS = """[Script Info]
PlayResX: 96
PlayResY: 64
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Alignment
Style: Odd,Arial,20,&H0000FFFF,1,8
[Events]
Format: Layer, Start, End, Style, Text
Dialogue: 0,0:00:00.10,0:00:01.90,Odd,{\\i1}words{\\i0}
"""
_CHAPTERS = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/10
START=0
END=10
title=one
[CHAPTER]
TIMEBASE=1/10
START=10
END=20
title=two
"""

PROPERTIES = {
    "three sound tracks": Property(
        "mkv",
        f"{_PICTURE} {_SOUND} {_SOUND} {_SOUND} -map 0 -map 1 -map 2 -map 3 {_H264} -c:a aac",
        lambda c: len(c.streams.audio),
        "sound track",
    ),
    "languages of sound": Property(
        "mkv",
        f"{_PICTURE} {_SOUND} {_SOUND} -map 0 -map 1 -map 2 {_H264} -c:a aac "
        "-metadata:s:a:0 language=deu -metadata:s:a:1 language=fra",
        _languages("audio"),
        "language",
    ),
    "titles of sound": Property(
        "mkv",
        f"{_PICTURE} {_SOUND} {_SOUND} -map 0 -map 1 -map 2 {_H264} -c:a aac "
        "-metadata:s:a:0 title=Desk -metadata:s:a:1 title=Mic",
        _titles("audio"),
        "title",
    ),
    "5.1": Property(
        "mkv",
        f"{_PICTURE} -f lavfi -i aevalsrc=0.1|0.2|0.3|0.1|0.2|0.1:c=5.1:d=2 {_H264} -c:a ac3",
        lambda c: c.streams.audio[0].layout.name.partition("(")[0],
        "channels",
    ),
    "lossless sound": Property(
        "mkv",
        f"{_PICTURE} {_SOUND} {_H264} -c:a flac",
        lambda c: c.streams.audio[0].codec_context.name in ("flac", "alac", "pcm_s16le"),
        "flac",
    ),
    "sound that starts late": Property(
        "mkv",
        f"{_PICTURE} -itsoffset 0.5 -f lavfi -i sine=f=600:d=1.5 {_H264} -c:a aac",
        _starts_late,
        "sound",
    ),
    "10 bit": Property(
        "mkv",
        f"{_PICTURE} -c:v libx265 -x265-params log-level=none:pools=1:keyint=10 "
        "-pix_fmt yuv420p10le",
        _depth_and_sampling,
        "bit",
    ),
    "4:2:2": Property(
        "mkv", f"{_PICTURE} {_H264} -pix_fmt yuv422p10le", _depth_and_sampling, "4:2"
    ),
    "4:4:4": Property(
        "mkv", f"{_PICTURE} {_H264} -pix_fmt yuv444p", _depth_and_sampling, "4:2"
    ),
    "HDR10": Property(
        "mkv",
        f"{_PICTURE} -c:v libx265 -x265-params {_HDR10} -pix_fmt yuv420p10le "
        "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc",
        lambda c: (_colours(c), _side_data(c), _depth_and_sampling(c)),
        "HDR",
    ),
    "alpha of ProRes": Property(
        "mov",
        f"{_PICTURE} -vf format=yuva444p10le,colorchannelmixer=aa=0.5 -c:v prores_ks "
        "-profile:v 4444 -pix_fmt yuva444p10le",
        _has_alpha,
        "alpha|transparen",
    ),
    "alpha of VP9": Property(
        "webm",
        f"{_PICTURE} -vf format=yuva420p,colorchannelmixer=aa=0.5 -c:v libvpx-vp9 -g 10 "
        "-deadline realtime -cpu-used 8 -auto-alt-ref 0 -pix_fmt yuva420p",
        _has_alpha,
        "alpha|transparen",
    ),
    "interlaced": Property(
        "mp4",
        f"{_PICTURE} -vf setfield=tff {_H264} -flags +ildct+ilme -x264opts tff=1",
        _is_interlaced,
        "interlac",
    ),
    "pixels that are not square": Property(
        "mp4", f"{_PICTURE} -vf setsar=4/3 {_H264}", _shape, "square"
    ),
    "timecode": Property(
        "mov", f"{_PICTURE} {_SOUND} {_H264} -c:a aac -timecode 01:00:00:00", _timecode, "timecode"
    ),
    "chapters": Property(
        "mkv", f"{_PICTURE} -i chapters.txt -map 0 -map_chapters 1 {_H264}", _chapters, "chapter"
    ),
    "subtitles": Property(
        "mkv",
        f"{_PICTURE} -i words.srt -map 0 -map 1 {_H264} -c:s srt -metadata:s:s:0 language=deu",
        lambda c: _languages("subtitles")(c) if _texts(c) else None,
        "subtitle",
    ),
    "styles of subtitles": Property(
        "mkv", f"{_PICTURE} -i words.ass -map 0 -map 1 {_H264} -c:s ass", _texts, "styl"
    ),
    "a font": Property(
        "mkv",
        f"{_PICTURE} {_H264} -attach font.ttf -metadata:s:t mimetype=font/ttf",
        _attached,
        "attachment|font",
    ),
    "a cover": Property(
        "mp4",
        f"{_PICTURE} -i cover.png -map 0 -map 1 {_H264} -c:v:1 png -disposition:v:1 attached_pic",
        _attached,
        "cover",
    ),
    "a second picture": Property(
        "mkv",
        f"{_PICTURE} {_PICTURE} -map 0 -map 1 {_H264}",
        lambda c: len(c.streams.video),
        "video stream",
    ),
    "a title": Property(
        "mp4",
        f"{_PICTURE} {_H264} -metadata title=Film",
        lambda c: c.metadata.get("title"),
        "title",
    ),
    "turned": Property("mp4", f"{_PICTURE} {_H264}", _shape, "turned"),
}  # fmt: skip

#: way -> (mode, range): all of it; from within a GOP to within another; encoded.
WAYS = {
    "copy": ("copy", "0-2"),
    "splice": ("auto", "0.12-1.88"),
    "encode": ("encode", "0-2"),
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The source that has a property, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("sources")
    (folder / "words.srt").write_text(_TEXT)
    (folder / "words.ass").write_text(_ASS)
    (folder / "chapters.txt").write_text(_CHAPTERS)
    (folder / "font.ttf").write_bytes(b"\0\1\0\0" + bytes(60))
    made: dict[str, Path] = {}

    def ffmpeg(arguments: str) -> None:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y"]
        subprocess.run([*command, *arguments.split()], cwd=folder, check=True)

    ffmpeg("-f lavfi -i color=red:s=32x32 -frames:v 1 cover.png")

    def source(name: str) -> Path:
        if name not in made:
            one = PROPERTIES[name]
            path = folder / f"{len(made)}.{one.suffix}"
            ffmpeg(
                f"{one.command} -shortest {path.name}"
                if "font" in name
                else f"{one.command} {path.name}"
            )
            if name == "turned":
                path = path.rename(path.with_name("plain.mp4"))
                ffmpeg(f"-display_rotation 90 -i {path.name} -c copy turned.mp4")
                path = path.with_name("turned.mp4")
            made[name] = path
        return made[name]

    return source


def _seen(path: Path, look: Look) -> Any:
    with av.open(str(path)) as container:
        return look(container)


@pytest.mark.parametrize("name", PROPERTIES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "suffix",
    [
        "mp4",
        "mkv",
        pytest.param("mov", marks=pytest.mark.slow),
        pytest.param("webm", marks=pytest.mark.slow),
    ],
)
def test_what_a_source_has_is_kept_or_named(
    name: str, way: str, suffix: str, sources: Callable[[str], Path], tmp_path: Path
) -> None:
    wanted, source = PROPERTIES[name], sources(name)
    mode, part = WAYS[way]
    out = tmp_path / f"out.{suffix}"
    try:
        result = (sc.open(source) | sc.trim(ranges=[part])).render(out, mode=mode)
    except RenderError as error:
        if mode == "copy" and "`mode: copy` is not possible" in str(error):
            return
        raise
    before, after = _seen(source, wanted.look), _seen(out, wanted.look)
    assert before, f"the source of this test has no {name}"
    if before != after:
        assert re.search(wanted.word, "\n".join(result.notes), re.IGNORECASE), (
            f"{name}: {before!r} became {after!r} without a note; notes: {result.notes}"
        )
