"""Media whose every frame says its number: for tests of anything that cuts or renders.

A frame carries its number as a row of sixteen wide black or white columns and a parity column,
over moving content. The sound has a short beep at each whole second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import PictureType, VideoFrame
from numpy.lib.stride_tricks import sliding_window_view

from smartcut.media.orientation import orientation_of, upright

_BITS = 16
_RATE = 48_000
_BEEP = 2_400
# How encoders are told to be quick; the options given come first.
_QUICK = {"libx264": {"preset": "veryfast"}, "libx265": {"preset": "veryfast"}}


def picture(number: int, width: int, height: int) -> np.ndarray:
    """uint8 (height, width, 3) RGB of the frame with that number."""
    red = (np.arange(width) * 3 + number * 5) % 256
    green = (np.arange(height) * 4 + number * 2) % 256
    blue = (np.arange(width + height) * 2 + 128 * np.sin(number / 7)) % 256
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:, :, 0] = _moderate(red)
    pixels[:, :, 1] = _moderate(green)[:, None]
    pixels[:, :, 2] = sliding_window_view(_moderate(blue), width)[:height]
    bits = [(number >> i) & 1 for i in range(_BITS)]
    bits.append(sum(bits) % 2)
    edges = np.linspace(0, width, len(bits) + 1).round().astype(int)
    band = slice(height // 4, height // 4 + height // 3)
    for bit, (left, right) in zip(bits, pairwise(edges), strict=True):
        pixels[band, left:right] = 235 if bit else 20
    return pixels


def _moderate(values: np.ndarray) -> np.ndarray:
    """Values 0..255 as uint8 64..191."""
    return values.astype(np.uint8) // 2 + 64


def number_in(luma: np.ndarray) -> int:
    """The number in a picture (its luma, or any one channel); raises ValueError when unreadable."""
    height, width = luma.shape
    band = luma[height // 4 + height // 12 : height // 4 + height // 4]
    edges = np.linspace(0, width, _BITS + 2)
    bits = []
    for left, right in pairwise(edges):
        margin = (right - left) / 4
        level = float(
            band[:, int(left + margin) : max(int(right - margin), int(left + margin) + 1)].mean()
        )
        if 100 < level < 156:
            raise ValueError(f"a column of the bar code is neither black nor white ({level:.0f})")
        bits.append(int(level > 128))
    if sum(bits[:_BITS]) % 2 != bits[_BITS]:
        raise ValueError("the bar code's parity is wrong")
    return sum(bit << i for i, bit in enumerate(bits[:_BITS]))


def write_bar_coded(
    path: Path,
    *,
    frames: int = 90,
    rate: Fraction = Fraction(30),
    size: tuple[int, int] = (160, 90),
    encoder: str = "libx264",
    gop: int = 30,
    b_frames: int = 2,
    options: dict[str, str] | None = None,
    steps: Sequence[int] = (),
    start: Fraction = Fraction(0),
    pixel_format: str = "yuv420p",
    audio: str | None = "aac",
    heard: tuple[Fraction, Fraction] | None = None,
) -> None:
    """Write bar-coded media; the container is that of the suffix.

    ``steps`` make the frame rate variable: the pattern of frame lengths, in 1/1000 s. ``start``
    is added to all times. ``audio`` names an encoder, None leaves sound out; ``heard`` is when the
    sound begins and how long it lasts, without ``start``; else both are as those of the picture.
    """
    timebase = Fraction(1, 1000) if steps else 1 / rate
    with av.open(str(path), "w") as container:
        told = _QUICK.get(encoder, {}) | (options or {})
        video: Any = container.add_stream(encoder, rate=rate, options=told)
        video.width, video.height, video.pix_fmt = *size, pixel_format
        video.time_base = video.codec_context.time_base = timebase
        video.codec_context.gop_size = gop
        if encoder in ("libx264", "libx265", "mpeg4"):
            video.codec_context.max_b_frames = b_frames
        video.codec_context.thread_count = 1
        sound: Any = None
        if audio:
            sound = container.add_stream(audio, rate=_RATE, layout="stereo")
        at = round(start / timebase)
        for number in range(frames):
            frame = VideoFrame.from_ndarray(picture(number, *size), format="rgb24")
            frame = frame.reformat(format=pixel_format, threads=1)
            frame.pts, frame.time_base, frame.pict_type = at, timebase, PictureType.NONE
            container.mux(video.encode(frame))
            at += steps[number % len(steps)] if steps else 1
        container.mux(video.encode(None))
        if sound is not None:
            begins, length = heard or (Fraction(0), at * timebase - start)
            for block in _beeps(length, start + begins, sound):
                container.mux(sound.encode(block))
            container.mux(sound.encode(None))


def beep(second: int) -> np.ndarray:
    """float32 (n,): the beep that starts at that second; its pitch tells which."""
    t = np.arange(_BEEP) / _RATE
    return (0.5 * np.sin(2 * np.pi * (600 + 100 * (second % 8)) * t)).astype(np.float32)


def _beeps(length: Fraction, start: Fraction, stream: Any) -> Iterator[AudioFrame]:
    values = np.zeros((2, round(length * _RATE)), np.float32)
    for second in range(int(length) + 1):
        tone = beep(second)[: values.shape[1] - second * _RATE]
        values[:, second * _RATE : second * _RATE + len(tone)] = tone
    resampler = av.AudioResampler(
        format=stream.codec_context.format.name, layout="stereo", rate=_RATE
    )
    for at in range(0, values.shape[1], 1024):
        block = np.ascontiguousarray(values[:, at : at + 1024])
        frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base = _RATE, Fraction(1, _RATE)
        frame.pts = at + round(start * _RATE)
        yield from resampler.resample(frame)


def read_bar_codes(path: Path) -> tuple[list[int], list[Fraction]]:
    """(numbers, times) of all frames in the order shown; times on the file's own clock.

    Decodes on its own; only display matrices are read as elsewhere.
    """
    numbers, times = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            gray = frame.reformat(format="gray", threads=1).to_ndarray()
            numbers.append(number_in(upright(gray, *orientation_of(frame))))
            times.append((frame.pts or 0) * Fraction(frame.time_base or 1))
    return numbers, times


def read_sound(path: Path) -> tuple[Fraction, np.ndarray]:
    """(time of the first sample on the file's own clock, float32 mono samples at 48 kHz)."""
    parts: list[np.ndarray] = []
    first: Fraction | None = None
    resampler = av.AudioResampler(format="flt", layout="mono", rate=_RATE)
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            if first is None:
                first = (frame.pts or 0) * Fraction(frame.time_base or 1)
            frame.pts = None
            parts.extend(x.to_ndarray()[0] for x in resampler.resample(frame))
    return first or Fraction(0), np.concatenate(parts)


def beep_offset(path: Path, second: int, expected: Fraction) -> float:
    """Seconds by which the beep of that second is later than ``expected``, on the file's clock."""
    first, values = read_sound(path)
    tone = beep(second)
    at = round((expected - first) * _RATE)
    reach = _RATE // 20
    low = max(0, at - reach)
    part = values[low : at + reach + len(tone)]
    found = low + int(np.argmax(np.correlate(part, tone, "valid")))
    return (found - at) / _RATE
