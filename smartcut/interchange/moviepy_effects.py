"""MoviePy's video effects as effects of a segment.

An effect works on RGB at any time it likes, so the segment's pictures are handed to it through a
function of time. Whatever size comes out is fitted into the segment's picture again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, cast

import numpy as np

from smartcut.cut import Effect
from smartcut.errors import SmartcutError, StageError
from smartcut.interchange.moviepy_pixels import as_given, as_shown, fitted, is_fine, over_black
from smartcut.source import Value
from smartcut.timebase import exact

#: The effect of a cut that is one of MoviePy's, by its parameters `use` and `params`.
NAME = "moviepy"
PREFIX = "moviepy."

EffectParams = Sequence[tuple[str, Value]]

#: MoviePy asks in floats: a time just below that of a frame means that frame.
_NUDGE = Fraction(1, 1_000_000)


def effect_names() -> tuple[str, ...]:
    """The names of MoviePy's video effects, without the prefix."""
    return tuple(sorted(_classes()))


def _classes() -> dict[str, type]:
    from moviepy.Effect import Effect as Base
    from moviepy.video import fx

    found = ((name, getattr(fx, name)) for name in dir(fx))
    return {
        name: value for name, value in found if inspect.isclass(value) and issubclass(value, Base)
    }


def as_effect(use: str, params: EffectParams = ()) -> Effect:
    """MoviePy's effect of that class as an effect of a cut."""
    return Effect(NAME, (("use", use), ("params", tuple(params))) if params else (("use", use),))


def used(effect: Effect) -> tuple[str, EffectParams]:
    """The class and the parameters that an effect of a cut names."""
    given = dict(effect.params)
    params = given.get("params", ())
    assert isinstance(params, tuple)
    return str(given["use"]), cast(EffectParams, params)


def build_effect(use: str, params: EffectParams = ()) -> Any:
    """The MoviePy effect of that class, with or without the prefix ``moviepy.``.

    Raises StageError that lists the names there are, or the parameters the effect takes. A number
    where MoviePy wants a function of time stands for a function that always answers it.
    """
    found, name = effect_class(use), PREFIX + use.removeprefix(PREFIX)
    given = dict(params)
    _check_params(name, found, given)
    fields = inspect.signature(found).parameters
    values = {
        name: (lambda _, value=value: value) if _wants_function(fields[name]) else value
        for name, value in given.items()
    }
    try:
        return found(**values)
    except Exception as error:
        raise StageError(f"{name}: {error}") from error


def effect_class(name: str) -> type:
    """MoviePy's class of that name; raises StageError."""
    classes = _classes()
    bare = name.removeprefix(PREFIX)
    if bare in classes:
        return classes[bare]
    from moviepy.audio import fx

    if hasattr(fx, bare):
        raise StageError(
            f"{PREFIX}{bare} is a sound effect; effects here change the picture. "
            "Use the `audio` stage"
        )
    by_case = {known.lower(): known for known in classes}
    close = [by_case[n] for n in get_close_matches(bare.lower(), by_case, n=3, cutoff=0.6)]
    hint = f"did you mean {' or '.join(PREFIX + n for n in close)}? " if close else ""
    names = ", ".join(PREFIX + n for n in sorted(classes))
    raise StageError(f"unknown effect {PREFIX + bare!r}; {hint}effects: {names}")


def _check_params(name: str, found: type, given: Mapping[str, object]) -> None:
    fields = inspect.signature(found).parameters
    usable = [field for field, parameter in fields.items() if not _wants_clip(parameter)]
    accepted = ", ".join(usable) or "none"
    for field, parameter in fields.items():
        is_needed = parameter.default is inspect.Parameter.empty
        if field not in usable and (is_needed or field in given):
            raise StageError(
                f"{name} wants a clip as {field!r}, which cannot be written in a pipeline; "
                "use it from MoviePy itself"
            )
    for field in given:
        if field not in usable:
            close = get_close_matches(field, usable, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise StageError(f"{name} has no parameter {field!r}; {hint}accepted: {accepted}")
    missing = [
        field
        for field in usable
        if fields[field].default is inspect.Parameter.empty and field not in given
    ]
    if missing:
        raise StageError(f"{name} needs {', '.join(missing)}; accepted: {accepted}")


def _wants_clip(parameter: inspect.Parameter) -> bool:
    return "Clip" in str(parameter.annotation)


def _wants_function(parameter: inspect.Parameter) -> bool:
    return parameter.annotation is callable


# ------------------------------------------------------------------------------------ applying


class EffectAdapter:
    """A segment's pictures after one MoviePy effect.

    ``frame_at(time)`` gives the picture before the effect, uint8 or uint16 RGB (height, width, 3),
    for segment times from 0 up to ``duration``; never outside. Effects that compute in NumPy alone
    keep 16 bits, those that draw by Pillow work in 8. ``size`` is (width, height), ``rate``
    frames a second. MoviePy looks at the first picture at once, to learn its size. Raises
    StageError where the effect cannot be made.

    ``duration`` is how long the effect's result lasts, which some effects change.
    """

    def __init__(
        self,
        use: str,
        params: EffectParams,
        frame_at: Callable[[Fraction], np.ndarray],
        duration: Fraction,
        size: tuple[int, int],
        rate: Fraction,
    ) -> None:
        from moviepy import VideoClip

        self._name = PREFIX + use.removeprefix(PREFIX)
        self._size = size
        self._rate = rate
        self._asked = Fraction(0)
        self._frame_at = frame_at
        self._input_duration = duration
        made = build_effect(use, params)
        self._fine, self._deep = is_fine(type(made)), False
        base = VideoClip(duration=float(duration))
        base.size = size
        base.fps = float(rate)
        base.frame_function = self._input
        try:
            clip = made.copy().apply(base.copy())
        except SmartcutError:
            raise
        except Exception as error:
            raise StageError(f"{self._name} cannot be applied: {_said(error)}") from error
        if clip.duration is None:
            raise StageError(
                f"{self._name} never ends; give it a number of times or a duration "
                f"(parameters: {', '.join(inspect.signature(type(made)).parameters)})"
            )
        same = abs(clip.duration - float(duration)) < 1e-9
        self.duration = (
            duration if same else exact(float(clip.duration)).limit_denominator(1_000_000)
        )
        self._clip = _placed(clip, base, size)
        # Compositions are drawn by Pillow.
        self._fine = self._fine and self._clip is clip

    def _input(self, time: float) -> np.ndarray:
        """The picture for MoviePy, which may ask for times it has computed."""
        wanted = self._asked
        if time != float(wanted):
            wanted = Fraction(float(time)) + _NUDGE
        last = max(self._input_duration - 10 * _NUDGE, Fraction(0))
        picture = self._frame_at(min(max(wanted, Fraction(0)), last))
        self._deep = picture.dtype != np.uint8
        return as_given(picture, self._fine)

    def frame(self, time: Fraction) -> np.ndarray:
        """The picture at that time of the result: RGB (height, width, 3) of ``size``.

        It is of the type that comes in.

        A result of another size is scaled into it, with its aspect, over black; so is what a
        mask leaves out. After the end the last picture stays.
        """
        last = max(self.duration - 1 / (2 * self._rate), Fraction(0))
        self._asked = min(max(time, Fraction(0)), last)
        try:
            shown = self._clip.get_frame(float(self._asked))
            mask = self._clip.mask.get_frame(float(self._asked)) if self._clip.mask else None
        except SmartcutError:
            raise
        except Exception as error:
            at = float(self._asked)
            raise StageError(f"{self._name} failed at {at:g} s: {_said(error)}") from error
        return fitted(as_shown(over_black(shown, mask), self._deep), self._size)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _placed(clip: Any, base: Any, size: tuple[int, int]) -> Any:
    """The clip, put on a black picture where the effect moves it about."""
    if clip.pos.__code__ is base.pos.__code__:
        return clip
    from moviepy import CompositeVideoClip

    return CompositeVideoClip([clip.with_start(0)], size=size, bg_color=(0, 0, 0))
