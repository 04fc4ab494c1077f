"""Writes a film: OUT KIND SECONDS SEED VOICE.wav, 720p25 by x264 with its defaults for key frames.

VOICE.wav is what is said, 16 kHz mono. In an action film there is a crowd behind it.
"""

from __future__ import annotations

import sys
import wave
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from benchmarks.films.pictures import HEIGHT, KINDS, RATE, WIDTH, drawn

_SOUND_RATE = 48_000
_CROWD = 0.01


def write(path: Path, kind: str, seconds: float, seed: int, voice: Path) -> None:
    """Write the film."""
    said, rate = _read(voice)
    said = np.resize(said, round(seconds * rate))
    if kind == "action":
        said = said + np.random.default_rng(seed).normal(0, _CROWD, len(said)).astype(np.float32)
    count = round(seconds * RATE)
    draw = drawn(KINDS[kind], seed, _loudness(said, rate, count))
    partial = path.with_name(f"partial-{path.name}")
    with av.open(str(partial), "w", options={"movflags": "+faststart"}) as container:
        pictures: Any = container.add_stream("libx264", rate=RATE)
        pictures.width, pictures.height, pictures.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        pictures.options = {"preset": "veryfast", "crf": "23"}
        pictures.codec_context.thread_count = 1
        sound: Any = container.add_stream("aac", rate=_SOUND_RATE, layout="stereo")
        sound.bit_rate = 128_000
        resampler = av.AudioResampler("fltp", "stereo", _SOUND_RATE)
        for number in range(count):
            frame = VideoFrame.from_ndarray(draw(number), format="rgb24")
            frame.pts, frame.time_base = number, 1 / RATE
            container.mux(pictures.encode(frame))
            if number % int(RATE) == 0:
                first = number * rate // int(RATE)
                for block in resampler.resample(_block(said[first : first + rate], first, rate)):
                    container.mux(sound.encode(block))
        container.mux(pictures.encode(None))
        container.mux(sound.encode(None))
    partial.rename(path)


def _loudness(said: np.ndarray, rate: int, count: int) -> np.ndarray:
    """(count,) in 0..1 of the voice at each picture."""
    step = rate / float(RATE)
    edges = np.linspace(0, count * step, count + 1).astype(int)
    level = [np.sqrt((said[a:b] ** 2).mean()) if b > a else 0.0 for a, b in pairwise(edges)]
    return np.clip(np.array(level) / 0.15, 0, 1)


def _block(values: np.ndarray, at: int, rate: int) -> AudioFrame:
    frame = AudioFrame.from_ndarray(values[None].astype(np.float32), format="flt", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), at
    return frame


def _read(path: Path) -> tuple[np.ndarray, int]:
    with wave.open(str(path)) as file:
        values = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return values.astype(np.float32) / 32768, file.getframerate()


if __name__ == "__main__":
    out, kind, seconds, seed, voice = sys.argv[1:]
    write(Path(out), kind, float(seconds), int(seed), Path(voice))
