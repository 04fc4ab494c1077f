"""MoviePy 2: SOURCE OUT RANGES OVERLAP [TITLE.png AT FOR X Y]: segments joined by cross-fades.

Ranges and overlap in frames at 30 a second; the title's times in seconds, its place in pixels.
"""

from __future__ import annotations

import os
import sys

from moviepy import CompositeVideoClip, ImageClip, VideoFileClip, afx, vfx

source, out, ranges, overlap, *title = sys.argv[1:]
fade = int(overlap) / 30
layers, at = [], 0.0
parts = ranges.split(",")
for k, part in enumerate(parts):
    first, last = (int(x) / 30 for x in part.split("-"))
    # A reader of its own, since two segments play at once.
    clip = VideoFileClip(source).subclipped(first, last).with_start(at)
    if k:
        clip = clip.with_effects([vfx.CrossFadeIn(fade), afx.AudioFadeIn(fade)])
    if k + 1 < len(parts):
        clip = clip.with_effects([afx.AudioFadeOut(fade)])
    layers.append(clip)
    at += last - first - fade
if title:
    image, start, length, x, y = title
    still = ImageClip(image, duration=float(length)).with_start(float(start))
    layers.append(still.with_position((int(x), int(y))))
CompositeVideoClip(layers, size=layers[0].size).write_videofile(
    out,
    fps=30,
    codec="libx264",
    preset="veryfast",
    ffmpeg_params=["-crf", "20"],
    audio_codec="aac",
    audio_bitrate="192k",
    threads=os.cpu_count(),
    temp_audiofile_path=os.path.dirname(out),
    pixel_format="yuv420p",
    logger=None,
)
