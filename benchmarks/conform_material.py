"""Sources that look filmed, for measuring `conform`: textures, moving cameras, moving things.

Each source has shots of its own: a textured scene, a camera that stands, pans or zooms slowly, and
a few textured patches that move. Some shots of a source show one scene again, as takes do. The
sound is made of syllables of noise at random times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

_SOUND_RATE = 48_000


@dataclass(frozen=True, slots=True)
class Filmed:
    """How a source is made."""

    seconds: float
    seed: int
    size: tuple[int, int] = (320, 180)
    rate: Fraction = Fraction(25)
    crf: int = 16
    preset: str = "ultrafast"
    gop: int = 25
    with_sound: bool = True


def write_filmed(path: Path, how: Filmed) -> Path:
    """Write the source as H.264 with AAC; the same values give the same pictures."""
    import av
    from av.video.frame import VideoFrame

    with av.open(str(path), "w") as container:
        options = {"crf": str(how.crf), "preset": how.preset}
        video: Any = container.add_stream("libx264", rate=how.rate, options=options)
        video.width, video.height, video.pix_fmt = *how.size, "yuv420p"
        video.codec_context.gop_size = how.gop
        video.codec_context.thread_count = 1
        sound: Any = container.add_stream("aac", rate=_SOUND_RATE, layout="stereo")
        for number, rgb in enumerate(pictures(how)):
            frame = VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
                format="yuv420p", dst_colorspace="ITU709"
            )
            frame.pts, frame.time_base = number, 1 / how.rate
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if how.with_sound:
            for block in _sound_frames(spoken(how.seconds, how.seed), sound):
                container.mux(sound.encode(block))
            container.mux(sound.encode(None))
    return path


# ----------------------------------------------------------------------------------- pictures


def pictures(how: Filmed) -> Iterator[np.ndarray]:
    """uint8 (height, width, 3) RGB, frame after frame."""
    random = np.random.default_rng(how.seed)
    left = round(how.seconds * how.rate)
    scenes = [_Scene(how.size, 1000 * how.seed + k) for k in range(max(2, left // 250))]
    while left > 0:
        count = min(left, int(random.integers(60, 200)))
        scene = scenes[int(random.integers(len(scenes)))]
        yield from scene.shot(count, int(random.integers(1 << 30)))
        left -= count


class _Scene:
    """A place: its texture, wider and higher than the picture."""

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        self._size = size
        width, height = size
        self._random = np.random.default_rng(seed)
        tint = self._random.uniform(0.7, 1.3, 3)
        level = self._random.uniform(70, 150)
        plane = texture(height * 5 // 4, width * 5 // 4, seed)
        hue = texture(height * 5 // 4, width * 5 // 4, seed + 7)
        rgb = level + plane[..., None] * tint + hue[..., None] * self._random.uniform(-0.4, 0.4, 3)
        self._background = np.clip(rgb, 0, 255).astype(np.uint8)

    def shot(self, count: int, seed: int) -> Iterator[np.ndarray]:
        """So many frames of it: the camera stands, pans or zooms, and things move."""
        import cv2

        random = np.random.default_rng(seed)
        width, height = self._size
        kind = random.choice(["stand", "pan", "zoom"])
        start = random.uniform(0.3, 0.7, 2)
        way = random.uniform(-0.25, 0.25, 2) if kind == "pan" else np.zeros(2)
        zoom = random.uniform(0.0015, 0.004) if kind == "zoom" else 0.0
        things = [_Thing(self._size, int(random.integers(1 << 30))) for _ in range(3)]
        shake = random.uniform(0, 6, 2)
        for k in range(count):
            place = start + way * k / 100
            wobble = 0.004 * np.sin(k / np.array([5.0, 7.0]) + shake)
            scale = 1 / (1 + zoom * k)
            corner = np.clip(place + wobble, 0, 1) * np.array([width, height]) / 4
            corner += np.array([width, height]) * (1 - scale) / 2
            matrix = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]], np.float32)
            picture = cv2.warpAffine(
                self._background,
                matrix,
                self._size,
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REFLECT,
            )
            for thing in things:
                thing.draw(picture, k)
            yield picture


class _Thing:
    """A textured patch that moves on its own."""

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        random = np.random.default_rng(seed)
        self._size = size
        side = int(random.uniform(0.15, 0.35) * size[1])
        plane = texture(side, side, seed)
        tint = random.uniform(0.4, 1.5, 3)
        values = random.uniform(50, 200) + 1.5 * plane[..., None] * tint
        self._pixels = np.clip(values, 0, 255).astype(np.uint8)
        self._at = random.uniform(0.1, 0.9, 2)
        self._reach = random.uniform(0.03, 0.3, 2)
        self._pace = random.uniform(9, 40, 2)
        self._phase = random.uniform(0, 6, 2)

    def draw(self, picture: np.ndarray, k: int) -> None:
        side = len(self._pixels)
        place = self._at + self._reach * np.sin(k / self._pace + self._phase)
        x, y = (int(p * s - side / 2) for p, s in zip(place, self._size, strict=True))
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + side, self._size[0]), min(y + side, self._size[1])
        if left < right and top < bottom:
            picture[top:bottom, left:right] = self._pixels[
                top - y : bottom - y, left - x : right - x
            ]


def texture(height: int, width: int, seed: int) -> np.ndarray:
    """float32 (height, width) around 0, with detail at five sizes."""
    import cv2

    random = np.random.default_rng(seed)
    found = np.zeros((height, width), np.float32)
    for across, strength in ((3, 30), (7, 24), (16, 16), (40, 10), (120, 6)):
        grid = random.standard_normal((max(2, across), max(2, across * width // height)))
        grown = cv2.resize(grid.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        found += strength * grown
    return found


# -------------------------------------------------------------------------------------- sound


def spoken(seconds: float, seed: int) -> np.ndarray:
    """float32 (n,) at 48 kHz: syllables of coloured noise at random times."""
    random = np.random.default_rng(seed + 5)
    values = 0.002 * random.standard_normal(round(seconds * _SOUND_RATE)).astype(np.float32)
    at = 0.0
    while at < seconds:
        length = int(random.uniform(0.08, 0.25) * _SOUND_RATE)
        first = int(at * _SOUND_RATE)
        noise = random.standard_normal(length)
        width = int(random.integers(4, 40))
        noise = np.convolve(noise, np.hanning(width) / np.sqrt(width), "same")
        piece = values[first : first + length]
        shape = np.hanning(length) * 0.15 * random.uniform(0.4, 1)
        piece += (noise * shape).astype(np.float32)[: len(piece)]
        at += random.uniform(0.1, 0.45)
    return values


def _sound_frames(values: np.ndarray, stream: Any) -> Iterator[Any]:
    from av.audio.frame import AudioFrame

    for at in range(0, len(values), 1024):
        block = np.ascontiguousarray(np.stack([values[at : at + 1024]] * 2))
        frame = AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = _SOUND_RATE, Fraction(1, _SOUND_RATE), at
        yield frame
