"""MoviePy 2: SOURCE OUT LOGO SECONDS SIDE EDGE ZOOM SATURATION CONTRAST WIDTH: effects on a clip.

Crop by SIDE and EDGE pixels, fitted again, zoomed to 1 + ZOOM by the end; a logo at the top right.
"""

from __future__ import annotations

import os
import sys

import numpy as np
from moviepy import CompositeVideoClip, ImageClip, VideoFileClip, vfx

source, out, logo, *numbers = sys.argv[1:]
seconds, side, edge, zoom, saturation, contrast, width = map(float, numbers)
clip = VideoFileClip(source, audio=False).subclipped(0, seconds)
clip = clip.with_effects(
    [
        vfx.Crop(x1=int(side), x2=1920 - int(side), y1=int(edge), y2=1080 - int(edge)),
        vfx.Resize((1920, 1080)),
        vfx.Resize(lambda t: 1 + zoom * t / seconds),
    ]
)


def colours(frame: np.ndarray) -> np.ndarray:
    """Contrast about grey, then saturation about luma."""
    pixels = (frame.astype(np.float32) - 127.5) * contrast + 127.5
    luma = pixels @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    pixels = luma[..., None] + (pixels - luma[..., None]) * saturation
    return np.clip(pixels, 0, 255).astype(np.uint8)


clip = clip.image_transform(colours).with_position("center")
above = ImageClip(logo, duration=seconds).with_effects([vfx.Resize(width=int(width))])
above = above.with_opacity(0.8).with_position((1920 - int(width) - 32, 32))
CompositeVideoClip([clip, above], size=(1920, 1080)).write_videofile(
    out,
    fps=30,
    codec="libx264",
    preset="veryfast",
    ffmpeg_params=["-crf", "20"],
    audio=False,
    threads=os.cpu_count(),
    pixel_format="yuv420p",
    logger=None,
)
