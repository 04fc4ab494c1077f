"""MoviePy 2 without silence: SOURCE OUT PRESET, by auto-editor's rule for the sound at 1 %.

At its own 4 % nothing would be left of a quiet recording.
"""

from __future__ import annotations

import os
import sys

from moviepy import VideoFileClip, concatenate_videoclips

from benchmarks.auto_editor_rule import kept

source, out, preset = sys.argv[1:]
with VideoFileClip(source) as video:
    rate = video.audio.fps  # at another one MoviePy may read silence
    sound = video.audio.to_soundarray(fps=rate).T
    parts = [
        video.subclipped(start, min(end, video.duration))
        for start, end in kept(sound, rate, video.fps, 0.01)
        if start < video.duration
    ]
    concatenate_videoclips(parts, method="chain").write_videofile(
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
