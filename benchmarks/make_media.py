"""Writes one file of 1080p30 H.264 at about 2 Mb/s with AAC: OUT SECONDS GOP.

A GOP of 0 leaves the key frames to x264: at scene cuts, and 250 frames apart at most.

Every frame carries its number, and there is a beep at each whole second over faint noise.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import PictureType, VideoFrame

from benchmarks import texture
from smartcut.media.barcode import beep

_SOUND_RATE = 48_000


def write(path: Path, seconds: int, gop: int) -> None:
    """Write the file; encoded by one thread, so that two files can be made side by side."""
    partial = path.with_name(f"partial-{path.name}")
    with av.open(str(partial), "w") as container:
        video = _video(container, gop)
        sound: Any = container.add_stream("aac", rate=_SOUND_RATE, layout="stereo")
        sound.bit_rate = 128_000
        starts = [*texture.shots(seconds * int(texture.RATE)), seconds * int(texture.RATE)]
        noise = np.random.default_rng(5).normal(0, 0.004, (2, _SOUND_RATE)).astype(np.float32)
        shot = 0
        for second in range(seconds):
            for k in range(int(texture.RATE)):
                number = second * int(texture.RATE) + k
                shot += number == starts[shot + 1]
                container.mux(video.encode(_picture(number, shot)))
            for block in _second(second, noise):
                container.mux(sound.encode(block))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    partial.rename(path)


def _video(container: Any, gop: int) -> Any:
    cheap = "b-adapt=0:weightp=0:rc-lookahead=0"  # the rate of the pictures hardly varies
    keys = f"keyint={gop}:min-keyint={gop}:scenecut=0:{cheap}:" if gop else ""
    colour = "colorprim=bt709:transfer=bt709:colormatrix=bt709"
    stream = container.add_stream(
        "libx264",
        rate=texture.RATE,
        options={
            "preset": "superfast",
            "x264-params": f"{keys}{colour}",
        },
    )
    stream.width, stream.height, stream.pix_fmt = texture.WIDTH, texture.HEIGHT, "yuv420p"
    stream.bit_rate = 2_000_000
    stream.codec_context.thread_count = 1
    return stream


def _picture(number: int, shot: int) -> VideoFrame:
    frame = VideoFrame(texture.WIDTH, texture.HEIGHT, "yuv420p")
    texture.draw(frame, number, shot)
    frame.pts, frame.time_base, frame.pict_type = number, 1 / texture.RATE, PictureType.NONE
    return frame


def _second(second: int, noise: np.ndarray) -> list[AudioFrame]:
    values = noise.copy()
    tone = beep(second)
    values[:, : len(tone)] += tone
    frame = AudioFrame.from_ndarray(values, format="fltp", layout="stereo")
    frame.sample_rate, frame.time_base = _SOUND_RATE, Fraction(1, _SOUND_RATE)
    frame.pts = second * _SOUND_RATE
    return [frame]


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
