"""A MoviePy clip as a cut, where it can be said as one.

MoviePy keeps no description of an edit: each operation wraps the function that makes a frame in
another. This module unwraps them. Changes of time are asked for numbers, not read, so that any
way of writing ``a + b * t`` is understood.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.cut import Cut, Effect, Segment, Track, Transition
from smartcut.errors import StageError
from smartcut.interchange.moviepy_effects import PREFIX, as_effect, effect_class, used
from smartcut.source import Source, Value
from smartcut.timebase import Range, exact
from smartcut.transition import USUAL

_CLOSE = 1e-6
"""Seconds; MoviePy's floats are compared no closer."""


def from_clip(clip: Any, probe: Callable[[Path], Source]) -> Cut:
    """The cut that a MoviePy clip shows; ``probe`` tells what a file is, with a unique id.

    Understood are files, subclips, changes of speed, reversal, MoviePy's own effects,
    concatenation (both methods) and compositions of full-size clips one after another, with
    CrossFadeIn over an overlap. Raises StageError that names what cannot be said.
    """
    files: dict[str, Source] = {}
    pieces = list(_Walk(probe, files).pieces(clip, _seconds(clip.duration)))
    segments = tuple(_ended(piece.segment(), files) for piece in _from_zero(pieces))
    cut = Cut(sources=tuple(files.values()), tracks=(Track("programme", segments),))
    if clip.audio is None:
        return replace(cut, mix=replace(cut.mix, programme_gain=None))
    if not _is_own_sound(clip.audio, {str(s.path.resolve()) for s in files.values()}):
        return cut.with_note(
            "the MoviePy clip's sound was changed or added to; the cut has the files' own sound"
        )
    return cut


def _ended(segment: Segment, files: Mapping[str, Source]) -> Segment:
    """The segment, ended where its source ends: MoviePy rounds durations."""
    if segment.source is None:
        return segment
    end = min(segment.range.end, files[segment.source].duration)
    return replace(segment, range=Range(min(segment.range.start, end), end))


def _is_own_sound(sound: Any, files: Collection[str]) -> bool:
    """Whether this is the sound of those files, changed in time only."""
    from moviepy import CompositeAudioClip

    function = sound.frame_function
    owner = getattr(function, "__self__", None)
    if isinstance(owner, CompositeAudioClip):
        return all(_is_own_sound(part, files) for part in owner.clips)
    if function.__qualname__ == "AudioFileClip.__init__.<locals>.<lambda>":
        return str(Path(sound.filename).resolve()) in files
    if function.__qualname__ != "Clip.transform.<locals>.<lambda>":
        return False
    inner = inspect.getclosurevars(function).nonlocals
    if inner["func"].__qualname__ != "Clip.time_transform.<locals>.<lambda>":
        return False
    return _is_own_sound(inner["self"], files)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a clip: ``duration`` seconds of a source from ``start``, ``speed`` a second."""

    source: str | None
    start: Fraction
    duration: Fraction
    speed: Fraction = Fraction(1)
    effects: tuple[Effect, ...] = ()
    overlap: Fraction = Fraction(0)

    def segment(self) -> Segment:
        end = self.start + self.duration * self.speed
        come_in = Transition(USUAL, self.overlap) if self.overlap else None
        return Segment(self.source, Range(self.start, end), self.speed, self.effects, come_in)

    def part(self, start: Fraction, end: Fraction) -> _Piece:
        """What lies between two of its own times."""
        if (start, end) == (0, self.duration):
            return self
        if timed := [e.label for e in self.effects if not _is_steady(e)]:
            raise StageError(
                f"{', '.join(timed)} was applied before the clip was cut; "
                "cut first, then apply effects that change with time"
            )
        if self.overlap:
            raise StageError("a composition with cross-fades cannot be cut again as one clip")
        return replace(self, start=self.start + start * self.speed, duration=end - start)


_STEADY = (
    "BlackAndWhite Crop EvenSize GammaCorrection InvertColors LumContrast Margin MaskColor "
    "MirrorX MirrorY MultiplyColor Painting Resize Rotate"
)


def _is_steady(effect: Effect) -> bool:
    """Whether the effect does the same to every frame, whenever it is shown."""
    return used(effect)[0] in _STEADY.split()


def _from_zero(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    for i, piece in enumerate(pieces):
        if piece.duration > 0:
            yield piece if i else replace(piece, overlap=Fraction(0))


def _seconds(value: Any) -> Fraction:
    """The exact time that a float of MoviePy's stands for."""
    if value is None:
        raise StageError("a MoviePy clip without a duration cannot be a cut: give it one")
    return exact(float(value)).limit_denominator(1_000_000)


class _Walk:
    """Goes from a clip down to the files that it shows."""

    def __init__(self, probe: Callable[[Path], Source], files: dict[str, Source]) -> None:
        self._probe = probe
        self._files = files
        self._ids: dict[Path, str] = {}

    def pieces(self, clip: Any, duration: Fraction) -> Iterator[_Piece]:
        """What the clip shows from its time 0 for ``duration`` seconds."""
        from moviepy import ColorClip, CompositeVideoClip, VideoFileClip

        function = clip.frame_function
        owner = getattr(function, "__self__", None)
        if isinstance(owner, CompositeVideoClip):
            yield from self._window(self._composed(owner), Fraction(0), duration)
            return
        name = getattr(function, "__qualname__", "")
        if name == "VideoFileClip.__init__.<locals>.<lambda>":
            file = inspect.getclosurevars(function).nonlocals["self"]
            assert isinstance(file, VideoFileClip)
            yield _Piece(self._source(Path(file.filename)), Fraction(0), duration)
        elif name == "Clip.transform.<locals>.<lambda>":
            yield from self._transformed(clip, function, duration)
        elif name == "concatenate_videoclips.<locals>.frame_function":
            joined = inspect.getclosurevars(function).nonlocals["clips"]
            whole = [p for c in joined for p in self.pieces(c, _seconds(c.duration))]
            yield from self._window(whole, Fraction(0), duration)
        elif isinstance(clip, ColorClip) and not clip.get_frame(0).any():
            yield _Piece(None, Fraction(0), duration)
        else:
            raise StageError(
                f"a {type(clip).__name__} with the frame function {name or function!r} cannot be "
                "said as a cut; accepted: video files, subclips, speed, MoviePy's effects, "
                "concatenations and compositions of those"
            )

    def _source(self, path: Path) -> str:
        path = path.resolve()
        if path not in self._ids:
            source = self._probe(path)
            if source.id in self._files:
                raise StageError(f"two files have the source id {source.id!r}: give each its own")
            self._ids[path] = source.id
            self._files[source.id] = source
        return self._ids[path]

    # ------------------------------------------------------------------------- wrapped clips

    def _transformed(self, clip: Any, function: Any, duration: Fraction) -> Iterator[_Piece]:
        """A clip whose frames are another clip's, at another time or changed."""
        inner = inspect.getclosurevars(function).nonlocals
        change, before = inner["func"], inner["self"]
        if change.__qualname__ == "Clip.time_transform.<locals>.<lambda>":
            time = inspect.getclosurevars(change).nonlocals["time_func"]
            yield from self._retimed(before, time, duration)
            return
        effect = _effect_of(change)
        whole = _seconds(before.duration)
        if whole != duration and not _is_steady(effect):
            raise StageError(
                f"{effect.name} was applied before the clip was cut; "
                "cut first, then apply effects that change with time"
            )
        found = list(self.pieces(before, duration))
        if len(found) > 1 and not _is_steady(effect):
            raise StageError(
                f"{effect.name} is applied to {len(found)} segments as one; "
                "apply effects that change with time to each segment"
            )
        for piece in found:
            yield replace(piece, effects=(*piece.effects, effect))

    def _retimed(
        self, before: Any, time: Callable[[float], float], duration: Fraction
    ) -> Iterator[_Piece]:
        """The clip at the times a + b * t, found by asking for a few."""
        start, after = float(time(0.0)), float(time(1.0))
        speed = after - start
        for at in (0.25, 0.5, float(duration)):
            if abs(time(at) - (start + speed * at)) > _CLOSE:
                raise StageError(
                    f"the change of time {time.__qualname__} is not a constant speed, "
                    "which a cut cannot say"
                )
        if speed <= 0:
            yield from self._reversed(before, start, speed, duration)
            return
        rate, offset = _seconds(speed), _seconds(start)
        if offset < 0:
            raise StageError(f"a clip starts {-offset} s before the one that it is cut from")
        length = _seconds(before.duration) if before.duration else offset + duration * rate
        for piece in self._window(
            list(self.pieces(before, length)), offset, min(offset + duration * rate, length)
        ):
            if rate != 1 and any(not _is_steady(e) for e in piece.effects):
                raise StageError("effects that change with time cannot be sped up; apply them last")
            yield replace(
                piece,
                duration=piece.duration / rate,
                speed=piece.speed * rate,
                overlap=piece.overlap / rate,
            )

    def _reversed(
        self, before: Any, start: float, speed: float, duration: Fraction
    ) -> Iterator[_Piece]:
        """The whole clip backwards, as MoviePy does it: from one frame before its end."""
        whole = _seconds(before.duration)
        latest = float(whole) - 1 / before.fps
        if abs(speed + 1) > _CLOSE or abs(start - latest) > _CLOSE or whole != duration:
            raise StageError("a clip played backwards in part, or at another speed, cannot be said")
        mirror = as_effect("TimeMirror")
        for piece in reversed(list(self.pieces(before, whole))):
            if piece.overlap or any(not _is_steady(e) for e in piece.effects):
                raise StageError("a clip with cross-fades or changing effects cannot be reversed")
            yield replace(piece, effects=(*piece.effects, mirror))

    def _window(self, pieces: Sequence[_Piece], start: Fraction, end: Fraction) -> Iterator[_Piece]:
        """What the pieces show between two times of the clip they make up."""
        at = Fraction(0)
        for piece in pieces:
            begin = at - piece.overlap
            at = begin + piece.duration
            first, last = max(start, begin), min(end, at)
            if last - first > Fraction(1, 1_000_000):
                yield piece.part(first - begin, last - begin)

    # --------------------------------------------------------------------------- compositions

    def _composed(self, whole: Any) -> list[_Piece]:
        """Clips that follow each other, the later over the earlier."""
        result: list[_Piece] = []
        end = Fraction(0)
        for clip in sorted(whole.clips, key=lambda c: (c.start, c.layer_index)):
            _check_covers(clip, whole)
            start, duration = _seconds(clip.start), _seconds(clip.duration)
            fade = _cross_fade(clip)
            if start > end:
                result.append(_Piece(None, Fraction(0), start - end))
                end = start
            overlap = end - start
            pieces = list(self.pieces(clip, duration))
            if overlap and fade != overlap:
                if fade or start + duration < end:
                    raise StageError(
                        f"two clips of a composition overlap by {float(overlap):g} s without a "
                        "CrossFadeIn of that length; shorten the first or cross-fade the second"
                    )
                result = list(self._window(result, Fraction(0), start))
                overlap = Fraction(0)
            elif fade and not overlap:
                come_in = as_effect("CrossFadeIn", (("duration", float(fade)),))
                pieces[0] = replace(pieces[0], effects=(*pieces[0].effects, come_in))
            result += [replace(pieces[0], overlap=overlap), *pieces[1:]]
            end = start + duration
        return result


def _check_covers(clip: Any, whole: Any) -> None:
    """Raise StageError where a clip of a composition does not fill the picture."""
    position = clip.pos(0)
    is_placed = position == "center" or tuple(position) in ((0, 0), ("center", "center"))
    if tuple(clip.size) != tuple(whole.size) or not is_placed:
        raise StageError(
            f"a clip of {clip.size[0]}x{clip.size[1]} at {position} does not fill the composition "
            f"of {whole.size[0]}x{whole.size[1]}; pictures in pictures cannot be said as a cut"
        )


def _cross_fade(clip: Any) -> Fraction:
    """How long the clip's mask fades in; 0 where it has none, or covers everything."""
    from moviepy import ColorClip

    mask = clip.mask
    if mask is None or (isinstance(mask, ColorClip) and (mask.get_frame(0) == 1).all()):
        return Fraction(0)
    function = mask.frame_function
    if getattr(function, "__qualname__", "") == "Clip.transform.<locals>.<lambda>":
        change = inspect.getclosurevars(function).nonlocals["func"]
        if change.__qualname__ == "FadeIn.apply.<locals>.filter":
            return _seconds(inspect.getclosurevars(change).nonlocals["self"].duration)
    raise StageError("a clip with a mask other than CrossFadeIn's cannot be said as a cut")


# ------------------------------------------------------------------------------------- effects


def _effect_of(change: Any) -> Effect:
    """The effect whose change of the frames this is."""
    if change.__qualname__ == "VideoClip.image_transform.<locals>.<lambda>":
        change = inspect.getclosurevars(change).nonlocals["image_func"]
    made = inspect.getclosurevars(change).nonlocals.get("self")
    name = change.__qualname__.partition(".")[0]
    from_moviepy = change.__module__ == f"moviepy.video.fx.{name}"
    if not from_moviepy:
        raise StageError(
            f"the frames are changed by {change.__module__}.{change.__qualname__}, "
            "which is not an effect of MoviePy's and cannot be said as a cut"
        )
    found = effect_class(name)
    fields = inspect.signature(found).parameters
    if made is None:
        if any(p.default is inspect.Parameter.empty for p in fields.values()):
            raise StageError(f"MoviePy does not keep the parameters of {PREFIX}{name}")
        return as_effect(name)
    params = []
    for field, parameter in fields.items():
        value = getattr(made, field)
        if value is parameter.default or (value is None and parameter.default is None):
            continue
        params.append((field, _plain(value, f"{PREFIX}{name}", field)))
    return as_effect(name, params)


def _plain(value: Any, effect: str, field: str) -> Value:
    """The value as a cut can hold it; arrays and lists become tuples."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return tuple(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise StageError(
        f"the parameter {field!r} of {effect} is a {type(value).__name__}, not a value"
    )
