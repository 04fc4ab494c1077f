"""FFmpeg's sound frames to and from float32 arrays (channels, n)."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame

from smartcut.media.layouts import channel_count

# PyAV reads beyond the planes of a planar frame of so many channels; packed ones have one plane.
_MOST_PLANES = 7


def float_format(layout: str) -> str:
    """The sample format, planar or packed, in which frames of a layout become arrays."""
    return "fltp" if channel_count(layout) <= _MOST_PLANES else "flt"


def to_frame(block: np.ndarray, layout: str, rate: int) -> AudioFrame:
    """A frame of float32 samples (channels, n)."""
    if float_format(layout) == "flt":
        block = block.T.reshape(1, -1)
    block = np.ascontiguousarray(block, dtype=np.float32)
    frame = AudioFrame.from_ndarray(block, format=float_format(layout), layout=layout)
    frame.sample_rate = rate
    return frame


def to_block(frame: AudioFrame) -> np.ndarray:
    """float32 (channels, n) of a frame in :func:`float_format`."""
    if frame.format.is_planar:
        planes: Any = frame.planes
        return np.array([np.frombuffer(plane, np.float32, frame.samples) for plane in planes])
    values = frame.to_ndarray()
    return np.ascontiguousarray(values.reshape(-1, len(frame.layout.channels)).T)


def resampler(layout: str, rate: int) -> Any:
    """Brings frames of any kind to :func:`float_format`, by FFmpeg's standard mix of channels."""
    return av.AudioResampler(format=float_format(layout), layout=layout, rate=rate)
