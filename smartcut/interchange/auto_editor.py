"""A cut as a timeline of auto-editor's: version 1, the chunks of one file, and version 3, tracks.

Times count frames of the timeline; where a clip is played faster, so does its offset into the file.
A chunk of version 1 at the speed 99999 is left out. The format:
https://github.com/WyattBlue/auto-editor/blob/master/src/exports/json.nim.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.cut import Cut, Track
from smartcut.errors import PipelineError
from smartcut.interchange.grid import GridClip, on_grid, shown_source, source_named
from smartcut.interchange.timecode import frame_rate, timeline_rate
from smartcut.source import AudioStream, Source
from smartcut.timebase import nearest

#: The speed of a chunk that is left out.
LEFT_OUT = 99999.0


def to_v1(cut: Cut, *, name: str = "smartcut", folder: Path | None = None) -> str:
    """The chunks of the one source that is shown; raises PipelineError where they jump back."""
    source = shown_source(cut)
    rate = frame_rate(source) or timeline_rate(cut)
    chunks: list[list[Any]] = []
    end = 0
    for segment in cut.segments:
        first, last = (nearest(time * rate) for time in (segment.range.start, segment.range.end))
        if first < end:
            raise PipelineError(
                f"auto-editor's version 1 plays a file in its order, but the segment at "
                f"{float(segment.range.start):.3f} s of {source.id} comes after "
                f"{end / float(rate):.3f} s; export to .v3"
            )
        if first > end:
            chunks.append([end, first, LEFT_OUT])
        if last > first:
            chunks.append([first, last, float(segment.speed)])
        end = max(last, end)
    length = nearest(source.duration * rate)
    if end < length:
        chunks.append([end, length, LEFT_OUT])
    plain = {"version": "1", "source": os.path.abspath(source.path), "timebase": _rate(rate)}
    return _text({**plain, "chunks": chunks})


def to_v3(cut: Cut, *, name: str = "smartcut", folder: Path | None = None) -> str:
    """The tracks of pictures and of sound, bottom to top, with black and silence between."""
    rate = timeline_rate(cut)
    writer = _Tracks(cut, rate)
    pictures = [writer.track(track, "video") for track in (cut.programme, *cut.overlays)]
    sounds = [writer.track(track, "audio") for track in (cut.programme, *cut.sounds)]
    sounds = [track for track in sounds if track]
    heard = next((s.audio for s in cut.sources if s.audio), None)
    return _text({
        "version": "3",
        "templateFile": os.path.abspath(cut.sources[0].path) if cut.sources else "",
        "timebase": _rate(rate),
        "background": "#000000",
        "resolution": list(_size(cut)),
        "samplerate": heard.sample_rate if heard else 48_000,
        "layout": heard.layout or "stereo" if heard else "stereo",
        "langs": ["und"] * (len(pictures) + len(sounds)),
        "v": pictures,
        "a": sounds,
    })  # fmt: skip


def _size(cut: Cut) -> tuple[int, int]:
    if cut.format is not None:
        return cut.format.size
    shown = (s.video.display_size for s in cut.sources if s.video)
    return next(shown, (1920, 1080))


def _rate(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"


def _text(plain: dict[str, Any]) -> str:
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


class _Tracks:
    """Writes the tracks of one cut."""

    def __init__(self, cut: Cut, rate: Fraction) -> None:
        self.cut, self.rate = cut, rate

    def track(self, track: Track, kind: str) -> list[dict[str, Any]]:
        return list(self._clips(list(on_grid(track.segments, self.rate)), kind))

    def _clips(self, clips: Sequence[GridClip], kind: str) -> Iterator[dict[str, Any]]:
        for clip in clips:
            if clip.edit.source is None:
                continue
            source = source_named(self.cut, clip.edit.source)
            if kind == "video" and source.video is not None:
                yield self._clip(clip, source, 0)
            elif kind == "audio" and self._is_heard(clip, source):
                yield self._clip(clip, source, _stream(source))

    def _is_heard(self, clip: GridClip, source: Source) -> bool:
        is_kept = self.cut.mix.programme_gain is not None
        return source.audio is not None and is_kept and clip.edit.segment.sound != "muted"

    def _clip(self, clip: GridClip, source: Source, stream: int) -> dict[str, Any]:
        edit = clip.edit
        plain = {
            "src": os.path.abspath(source.path),
            "start": clip.first,
            "dur": clip.frames,
            "offset": nearest(edit.start / edit.speed * self.rate),
            "stream": stream,
        }
        return plain if edit.speed == 1 else {**plain, "effects": [f"speed:{float(edit.speed)!r}"]}


def _stream(source: Source) -> int:
    """Which of the file's sound streams is heard, from 0."""
    assert source.audio is not None
    others = (s for s in source.others if isinstance(s, AudioStream))
    return sum(other.index < source.audio.index for other in others)
