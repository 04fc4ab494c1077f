"""Films with several sound tracks, each of tones of its own, and a check of what is heard."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from smartcut.media.audio import samples
from smartcut.media.probe import probe
from smartcut.source import AudioStream

RATE = 48_000


def write_tracks(
    path: Path,
    tones: Sequence[Sequence[int]],
    *options: str,
    codec: str = "pcm_s16le",
    layouts: Sequence[str] = (),
    video: str = "libx264 -preset ultrafast -bf 2 -g 30",
    seconds: float = 4,
    rate: int = RATE,
) -> Path:
    """A film with a sound track for each list of frequencies (Hz), one for each channel.

    Every channel is silent in the first tenth of each second, so that it also tells the time.
    """
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi"]
    command += ["-i", f"testsrc2=s=160x90:r=30:d={seconds}"]
    for number, channels in enumerate(tones):
        told = "|".join(f"0.2*sin(2*PI*{f}*t)*gte(mod(t\\,1)\\,0.1)" for f in channels)
        layout = layouts[number] if layouts else ("mono", "stereo")[len(channels) - 1]
        command += ["-f", "lavfi", "-i", f"aevalsrc={told}:s={rate}:c={layout}:d={seconds}"]
    maps = [x for k in range(len(tones) + 1) for x in ("-map", str(k))]
    command += [*maps, "-c:v", *video.split(), "-pix_fmt", "yuv420p", "-c:a", codec]
    subprocess.run([*command, *options, str(path)], check=True)
    return path


def heard_tracks(path: Path) -> list[AudioStream]:
    """The sound tracks of a file, in their order."""
    source = probe(path)
    found = [source.audio, *(o for o in source.others if isinstance(o, AudioStream))]
    return sorted((s for s in found if s), key=lambda stream: stream.index)


def heard(path: Path, stream: AudioStream, at: float) -> np.ndarray:
    """(channels, samples) of the 0.2 s from a time on, at RATE."""
    source = replace(probe(path), audio=stream)
    return np.concatenate(
        list(samples(source, RATE, stream.layout, F(at), F(at) + F(1, 5))), axis=1
    )


def tone(values: np.ndarray, hertz: int) -> float:
    """How loud a tone is in these samples: 1 as it was written."""
    time = np.arange(len(values)) / RATE
    return abs(2 * np.mean(values * np.exp(-2j * np.pi * hertz * time))) / 0.2


def level(path: Path, stream: AudioStream, at: float, channel: int, hertz: int) -> float:
    """How loud a tone is in a channel in the 0.2 s from a time on: 1 as it was written."""
    return tone(heard(path, stream, at)[channel], hertz)


def check_tones(path: Path, tones: Sequence[Sequence[int]], at: float) -> None:
    """Every channel of every track plays its own tone, and no other."""
    found = heard_tracks(path)
    assert [s.channels for s in found] == [len(channels) for channels in tones]
    every = [f for channels in tones for f in channels]
    for stream, channels in zip(found, tones, strict=True):
        for values, hertz in zip(heard(path, stream, at), channels, strict=True):
            assert abs(tone(values, hertz) - 1) < 0.05, (stream, hertz)
            assert all(tone(values, f) < 0.05 for f in every if f != hertz)
