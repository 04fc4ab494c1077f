"""MoviePy 2: SOURCE OUT PRESET START-END,... in frames at 30 a second."""

from __future__ import annotations

import os
import sys

from moviepy import VideoFileClip, concatenate_videoclips

source, out, preset, ranges = sys.argv[1:]
with VideoFileClip(source) as video:
    parts = []
    for part in ranges.split(","):
        first, last = part.split("-")
        parts.append(video.subclipped(int(first) / 30, int(last) / 30))
    joined = concatenate_videoclips(parts, method="chain")
    joined.write_videofile(
        out,
        codec="libx264",
        preset=preset,
        ffmpeg_params=["-crf", "23"],
        audio_codec="aac",
        audio_bitrate="192k",
        threads=os.cpu_count(),
        temp_audiofile_path=os.path.dirname(out),
        pixel_format="yuv420p",
        logger=None,
    )
