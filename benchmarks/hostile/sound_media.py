"""Small whole media in many containers, and odd but lawful ones: what the damage is done to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

Size = tuple[int, int]
_RATE = 48_000
# Common Encryption (ISO/IEC 23001-7), with any key.
_PROTECTED = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "76" * 16,
              "encryption_kid": "a7" * 16}  # fmt: skip
_FAST = {"preset": "ultrafast", "threads": "1"}


def picture(number: int, size: Size, pixel_format: str = "yuv420p") -> VideoFrame:
    """A moving gradient with a jump every 12 frames, so that there are shots."""
    width, height = size
    y, x = np.arange(height)[:, None], np.arange(width)
    shot = number // 12
    rgb = np.empty((height, width, 3), np.uint8)
    rgb[..., 0] = (x * 3 + number * 4) % 256
    rgb[..., 1] = (y * 4 + shot * 90) % 256
    rgb[..., 2] = y.astype(np.uint8) + x.astype(np.uint8)  # both wrap at 256
    rgb[..., 2] *= 1 + shot % 3
    frame = VideoFrame.from_ndarray(rgb, format="rgb24")
    return frame.reformat(format=pixel_format)


def tone(count: int, rate: int = _RATE) -> np.ndarray:
    """float32 (1, count) of a tone that comes and goes."""
    t = np.arange(count) / rate
    return (0.3 * np.sin(2 * np.pi * 440 * t) * (np.sin(5 * t) > 0)).astype(np.float32)[None]


def write(
    path: Path,
    video: str | None = "libx264",
    audio: str | None = "aac",
    *,
    frames: int = 24,
    rate: Fraction = Fraction(24),
    size: Size = (96, 64),
    pixel_format: str = "yuv420p",
    pts: Sequence[int] | None = None,
    kind: str | None = None,
    options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    sound_rate: int = _RATE,
    protected: bool = False,
) -> None:
    """Write a second or so of pictures and sound; ``pts`` are in ticks of 1 / rate."""
    muxing = {"fflags": "+bitexact"} | (_PROTECTED if protected else {})
    with av.open(str(path), "w", format=kind, options=muxing) as output:
        output.metadata.update(metadata or {})
        shown: Any = None
        if video:
            chosen = _FAST if video in ("libx264", "libx265") else {"threads": "1"}
            shown = output.add_stream(video, rate=rate, options=chosen | (options or {}))
            shown.width, shown.height = size
            shown.pix_fmt, shown.gop_size = pixel_format, 12
            shown.codec_context.time_base = 1 / rate
        heard: Any = output.add_stream(audio, rate=sound_rate, layout="mono") if audio else None
        if shown is not None:
            for number, tick in enumerate(pts or range(frames)):
                frame = picture(number, size, pixel_format)
                frame.pts, frame.time_base = tick, 1 / rate
                output.mux(shown.encode(frame))
            output.mux(shown.encode(None))
        if heard is not None:
            _write_sound(output, heard, sound_rate)


def _write_sound(output: Any, stream: Any, rate: int) -> None:
    block = 960
    sound = tone(rate, rate)
    resampler = av.AudioResampler(
        format=stream.codec_context.format.name,
        layout="mono",
        rate=rate,
        frame_size=stream.codec_context.frame_size or block,
    )
    for at in range(0, sound.shape[1], block):
        part = np.ascontiguousarray(sound[:, at : at + block])
        frame = AudioFrame.from_ndarray(part, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
        for ready in resampler.resample(frame):
            output.mux(stream.encode(ready))
    for ready in resampler.resample(None):
        output.mux(stream.encode(ready))
    output.mux(stream.encode(None))


#: File names of the whole media, and how each is written.
SEEDS: dict[str, dict[str, Any]] = {
    "h264.mp4": {"options": {"bf": "2", "preset": "veryfast"}},
    "hevc.mp4": {"video": "libx265", "options": {"x265-params": "log-level=none:pools=1"}},
    "h264.mkv": {"audio": "libopus"},
    "vp9.webm": {"video": "libvpx-vp9", "audio": "libopus", "options": {"cpu-used": "8"}},
    "h264.ts": {},
    "mpeg2.mpg": {"video": "mpeg2video", "audio": "mp2", "kind": "mpeg"},
    "mpeg4.avi": {"video": "mpeg4", "audio": "libmp3lame"},
    "prores.mov": {"video": "prores_ks", "pixel_format": "yuv422p10le", "audio": "pcm_s16le"},
    "flv1.flv": {"video": "flv", "audio": "libmp3lame", "sound_rate": 44_100},
    "ffv1.nut": {"video": "ffv1", "audio": "flac"},
    "moving.gif": {"video": "gif", "audio": None, "pixel_format": "pal8", "kind": "gif"},
    "opus.ogg": {"video": None, "audio": "libopus"},
    "sound.wav": {"video": None, "audio": "pcm_s16le"},
    "sound.mp3": {"video": None, "audio": "libmp3lame"},
    "sound.flac": {"video": None, "audio": "flac"},
    "sound.aac": {"video": None, "kind": "adts"},
    "still.png": {"video": "png", "audio": None, "pixel_format": "rgb24", "frames": 1},
    "still.jpg": {"video": "mjpeg", "audio": None, "pixel_format": "yuvj420p", "frames": 1},
}

_IMAGES = {"still.png": "image2", "still.jpg": "image2"}


def write_seed(folder: Path, name: str) -> Path:
    """Write one of :data:`SEEDS`."""
    settings = dict(SEEDS[name])
    if settings.get("pixel_format") == "pal8":
        settings["pixel_format"] = "rgb8"
    settings.setdefault("kind", _IMAGES.get(name))
    write(folder / name, **settings)
    return folder / name


Odd = Callable[[Path], None]


def _day(rate: int) -> int:
    return 24 * 3600 * rate


def _remuxed(source: Path, path: Path, keep: Callable[[int, Any], bool]) -> None:
    """Copy the packets of the first stream that ``keep`` (number, packet) lets pass."""
    with av.open(str(source)) as given, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(given.streams[0])
        for number, packet in enumerate(p for p in given.demux(given.streams[0]) if p.size):
            if keep(number, packet):
                packet.stream = stream
                output.mux(packet)


def _many_streams(path: Path, count: int) -> None:
    with av.open(str(path), "w") as output:
        streams: list[Any] = [
            output.add_stream("pcm_s16le", rate=8000, layout="mono") for _ in range(count)
        ]
        for stream in streams:
            frame = AudioFrame.from_ndarray(
                np.zeros((1, 800), np.int16), format="s16", layout="mono"
            )
            frame.sample_rate, frame.pts = 8000, 0
            output.mux(stream.encode(frame))


def odd_media(folder: Path) -> dict[str, Odd]:
    """Lawful but strange files: the name of each, and what writes it."""
    h264 = folder / "h264.mp4"
    raw = {"video": "rawvideo", "audio": None, "frames": 6}
    found: dict[str, Odd] = {
        "cenc.mp4": lambda p: write(p, protected=True),
        "1x1.nut": lambda p: write(p, "ffv1", size=(1, 1)),
        "2x2.mp4": lambda p: write(p, size=(2, 2)),
        "33x17.mkv": lambda p: write(p, size=(33, 17), pixel_format="yuv444p"),
        "tall.mkv": lambda p: write(p, size=(16, 2160), frames=12),
        "wide.mkv": lambda p: write(p, size=(4096, 2), frames=12),
        "16k.mkv": lambda p: write(
            p, "ffv1", None, size=(15360, 8640), frames=1, pixel_format="gray"
        ),
        "16k.png": lambda p: write(
            p, "png", None, size=(15360, 8640), frames=1, pixel_format="gray", kind="image2"
        ),
        "one_frame.mp4": lambda p: write(p, audio=None, frames=1),
        "1fps.mp4": lambda p: write(p, audio=None, rate=Fraction(1), frames=6),
        "1000fps.mkv": lambda p: write(p, rate=Fraction(1000), frames=60),
        "1000fps.mp4": lambda p: write(p, audio=None, rate=Fraction(1000), frames=60),
        "90000fps.mp4": lambda p: write(p, audio=None, rate=Fraction(90_000), frames=40),
        "minute_frames.mp4": lambda p: write(p, audio=None, rate=Fraction(1, 60), frames=4),
        "negative.mkv": lambda p: write(p, audio=None, pts=range(-20, 10)),
        "negative.nut": lambda p: write(p, "ffv1", None, pts=range(-20, 10)),
        "negative.mp4": lambda p: write(p, pts=range(-20, 10), options={"bf": "2"}),
        "late_start.mkv": lambda p: write(p, audio=None, pts=range(_day(24), _day(24) + 24)),
        "late_start_10y.nut": lambda p: write(
            p, "ffv1", None, pts=range(3650 * _day(24), 3650 * _day(24) + 9)
        ),
        "many_streams.mkv": lambda p: _many_streams(p, 100),
        "many_streams.mov": lambda p: _many_streams(p, 100),
        "escapes.mkv": lambda p: write(
            p, metadata={"title": "\x1b]0;owned\x07\x1b[2J\nerror: none", "x": "y" * 500_000}
        ),
        "no_first_key.ts": lambda p: _remuxed(h264, p, lambda n, k: n > 3),
        "no_keys.mkv": lambda p: _remuxed(h264, p, lambda n, k: not k.is_keyframe),
        "every_third.mkv": lambda p: _remuxed(h264, p, lambda n, k: n % 3 == 0),
        "no_keys.ts": lambda p: _remuxed(h264, p, lambda n, k: not k.is_keyframe),
    }
    for hours in (1, 70, 24 * 400):
        gap = [0, 1, 2, *range(hours * 3600 * 24, hours * 3600 * 24 + 9)]
        for suffix in ("mkv", "mp4"):
            found[f"gap_{hours}h.{suffix}"] = lambda p, gap=gap: write(p, pts=gap)  # type: ignore[misc]
    for name in ("yuva444p16le", "gbrpf32le", "pal8", "monob", "ya8", "bayer_rggb8", "xyz12le",
                 "yuv410p", "nv21", "yuv440p", "rgb565le", "gray16be", "p010le"):  # fmt: skip
        found[f"raw_{name}.nut"] = lambda p, name=name: _write_raw(p, name, raw)  # type: ignore[misc]
    return found


def _write_raw(path: Path, pixel_format: str, settings: dict[str, Any]) -> None:
    try:
        write(path, pixel_format=pixel_format, **settings)
    except (OSError, ValueError):  # no conversion to it: the file's header alone is strange
        write(path, pixel_format="gray", **settings)
        data = path.read_bytes()
        path.write_bytes(data.replace(b"Y800", pixel_format[:4].encode()))
