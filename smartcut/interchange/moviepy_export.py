"""A cut as a MoviePy clip."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from smartcut.cut import Cut, Segment, Track, Transition
from smartcut.errors import StageError
from smartcut.interchange.left_out import straight
from smartcut.interchange.moviepy_effects import NAME, build_effect, used
from smartcut.timebase import Range
from smartcut.transition import joining

if TYPE_CHECKING:
    from moviepy import CompositeVideoClip

_RATE = Fraction(25)
"""Frames a second of a cut that has no picture at all."""


def to_clip(cut: Cut, paths: Mapping[str, Path] | None = None) -> CompositeVideoClip:
    """A MoviePy clip with the cut's timeline: segments, speed, effects, transitions and sound.

    ``paths`` gives files for source ids in place of the sources' own. The clip has the size of
    the source shown longest; others are fitted into it. It holds open readers: close it. MoviePy
    changes the pitch with the speed. What MoviePy cannot say (ducking, loudness, captions) is
    left out with a warning. Raises StageError where the cut is empty or a file is missing.
    """
    if not cut.segments:
        raise StageError("the cut is empty: there is nothing to make a MoviePy clip of")
    _warn_of_losses(cut)
    even = tuple(straight(s, cut) if s.warp else s for s in cut.segments)
    cut = cut.with_segments(even)
    files = _files(cut, paths or {})
    return _Export(cut, files).clip()


def _warn_of_losses(cut: Cut) -> None:
    lost = []
    if any(track.ducking for track in cut.tracks):
        lost.append("ducking")
    if cut.mix.loudness is not None:
        lost.append("loudness normalisation")
    if cut.captions is not None and (cut.captions.burn or cut.captions.soft):
        lost.append("captions")
    segments = cut.segments
    lost.extend(_lost_layers(cut))
    if any(s.warp for s in segments):
        lost.append(
            "segments that are reversed, held or change their speed (they play forwards, evenly)"
        )
    if any(s.between for s in segments):
        lost.append("interpolated frames")
    names = [e.name for s in segments for e in s.effects if e.name != NAME]
    if names:
        lost.append(f"effects: {', '.join(dict.fromkeys(names))}")
    kinds = [s.transition.kind for s in segments if s.transition and not _shown_by(s.transition)]
    if kinds:
        lost.append(f"transitions: {', '.join(dict.fromkeys(kinds))} (they dissolve)")
    if any(s.sound != "stretched" for s in segments):
        lost.append("sound that is muted or keeps its speed in slow motion")
    if lost:
        warnings.warn(f"the MoviePy clip is without {', '.join(lost)}", stacklevel=3)


def _lost_layers(cut: Cut) -> Iterator[str]:
    """What lies above the programme, and what is drawn on it."""
    for role in dict.fromkeys(track.role for track in cut.overlays):
        yield f"{role}s" if not role.endswith("s") else role
    shown = [cut.source(s.source) for s in cut.segments if s.source]
    if any(source.is_drawn for source in shown):
        yield "what is drawn on the programme (it is black)"


def _shown_by(transition: Transition) -> Literal["cross-fade", "through-black"] | None:
    """What MoviePy shows the same by; None for what it cannot say."""
    return joining(transition).moviepy


def _files(cut: Cut, paths: Mapping[str, Path]) -> dict[str, Path]:
    if unknown := sorted(set(paths) - {s.id for s in cut.sources}):
        known = ", ".join(s.id for s in cut.sources)
        raise StageError(f"the cut has no source {', '.join(unknown)}; its sources: {known}")
    files = {s.id: Path(paths.get(s.id, s.path)) for s in cut.sources}
    used = {s.source for track in (cut.programme, *cut.sounds) for s in track.segments}
    drawn = {s.id for s in cut.sources if s.is_drawn}
    for name, path in files.items():
        if name in used - drawn and not path.is_file():
            raise StageError(f"the file {path} of source {name!r} is not there")
    return files


class _Export:
    """Turns one cut into clips."""

    def __init__(self, cut: Cut, files: Mapping[str, Path]) -> None:
        self._cut = cut
        self._files = files
        self._size, self._rate = _frame(cut)

    def clip(self) -> CompositeVideoClip:
        from moviepy import CompositeAudioClip, CompositeVideoClip

        placed = list(self._cut.programme.placed())
        clips = []
        for i, (segment, place) in enumerate(placed):
            leaving = placed[i + 1][0] if i + 1 < len(placed) else None
            clips.append(self._joined(self._segment(segment), segment, place, leaving))
        result = CompositeVideoClip(clips, size=self._size, bg_color=(0, 0, 0))
        sounds = [result.audio] if result.audio is not None else []
        for track in self._cut.sounds:
            sounds += self._track(track)
        if len(sounds) > 1 or (sounds and sounds[0] is not result.audio):
            result.audio = CompositeAudioClip(sounds)
        result = result.with_duration(float(self._cut.duration))
        result.fps = float(self._rate)
        return result

    def _segment(self, segment: Segment) -> Any:
        """The segment by itself, from time 0, in the size of the whole."""
        from moviepy import AudioFileClip, ColorClip, VideoFileClip
        from moviepy.video.fx import MultiplySpeed

        source = self._cut.source(segment.source) if segment.source is not None else None
        mute = self._cut.mix.programme_gain is None
        if source is None or source.video is None:
            clip = ColorClip(self._size, (0, 0, 0), duration=float(segment.range.duration))
            clip.fps = float(self._rate)
            if source is not None and source.audio and not mute:
                sound = AudioFileClip(str(self._files[source.id]))
                clip.audio = _part(sound, segment.range)
        else:
            whole = VideoFileClip(str(self._files[source.id]), audio=not mute)
            clip = _part(whole, segment.range)
        if segment.speed != 1:
            clip = clip.with_effects([MultiplySpeed(float(segment.speed))])
        clip = clip.with_duration(float(segment.duration))
        own = [used(effect) for effect in segment.effects if effect.name == NAME]
        clip = clip.with_effects([build_effect(*one) for one in own])
        clip = self._fitted(clip)
        gain = self._cut.mix.programme_gain
        return _amplified(clip, gain) if gain else clip

    def _fitted(self, clip: Any) -> Any:
        from moviepy.video.fx import Resize

        width, height = clip.size
        if (width, height) != self._size:
            scale = min(self._size[0] / width, self._size[1] / height)
            clip = clip.with_effects([Resize((round(width * scale), round(height * scale)))])
        return clip.with_position("center")

    def _joined(self, clip: Any, segment: Segment, place: Range, leaving: Segment | None) -> Any:
        """The clip in its place on the timeline, coming in and going out as it should."""
        from moviepy.audio.fx import AudioFadeIn, AudioFadeOut
        from moviepy.video.fx import CrossFadeIn, FadeIn, FadeOut

        start = place.start
        if leaving is not None and leaving.transition is not None and leaving.overlap:
            length = float(leaving.overlap)
            if _shown_by(leaving.transition) == "through-black":
                clip = clip.with_duration(float(segment.duration - leaving.overlap / 2))
                clip = clip.with_effects([FadeOut(length / 2)])
            clip = _sounding(clip, AudioFadeOut(length))
        if segment.transition is not None and segment.overlap:
            length = float(segment.overlap)
            if _shown_by(segment.transition) == "through-black":
                clip = clip.subclipped(length / 2).with_effects([FadeIn(length / 2)])
                start += segment.overlap / 2
            else:
                clip = clip.with_effects([CrossFadeIn(length)])
            clip = _sounding(clip, AudioFadeIn(length))
        return clip.with_start(float(start))

    def _track(self, track: Track) -> list[Any]:
        """The sound of a track, faded as a whole."""
        from moviepy import AudioFileClip, CompositeAudioClip
        from moviepy.audio.fx import AudioFadeIn, AudioFadeOut, MultiplyVolume

        clips = []
        for segment, place in track.placed():
            if segment.source is None:
                continue
            sound = _part(AudioFileClip(str(self._files[segment.source])), segment.range)
            if segment.speed != 1:
                factor = float(segment.speed)
                sound = sound.time_transform(lambda t, factor=factor: t * factor)
                sound = sound.with_duration(float(segment.duration))
            clips.append(sound.with_start(float(place.start)))
        if not clips:
            return []
        effects: list[Any] = []
        if track.gain:
            effects.append(MultiplyVolume(_factor(track.gain)))
        if track.fade_in:
            effects.append(AudioFadeIn(float(track.fade_in)))
        if track.fade_out:
            effects.append(AudioFadeOut(float(track.fade_out)))
        whole = CompositeAudioClip(clips).with_duration(float(track.duration))
        ends = min(track.duration, self._cut.duration)
        return [whole.with_effects(effects).with_duration(float(ends))]


def _frame(cut: Cut) -> tuple[tuple[int, int], Fraction]:
    """Size and rate of the source shown longest."""
    shown: dict[str, Fraction] = {}
    for segment in cut.segments:
        if segment.source is not None and cut.source(segment.source).video:
            shown[segment.source] = shown.get(segment.source, Fraction(0)) + segment.duration
    if not shown:
        return (1280, 720), _RATE
    video = cut.source(max(shown, key=lambda name: shown[name])).video
    assert video is not None
    return video.display_size, video.rate


def _part(clip: Any, part: Range) -> Any:
    """The part of the clip, whose own idea of its end may be a little early."""
    if float(part.start) >= clip.duration:
        raise StageError(
            f"{clip.filename} ends at {clip.duration:g} s for MoviePy, "
            f"before the segment that starts at {float(part.start):g} s"
        )
    return clip.subclipped(float(part.start), min(float(part.end), clip.duration))


def _factor(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _amplified(clip: Any, decibels: float) -> Any:
    from moviepy.audio.fx import MultiplyVolume

    return _sounding(clip, MultiplyVolume(_factor(decibels)))


def _sounding(clip: Any, effect: Any) -> Any:
    """The clip with a sound effect on its sound, where it has one."""
    if clip.audio is None:
        return clip
    return clip.with_audio(clip.audio.with_effects([effect]))
