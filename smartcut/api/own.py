"""Effects of the user's own: a function on each picture, or a class."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Callable
from typing import Any

from smartcut.effect import EFFECTS, AnyEffect, made_of
from smartcut.effects._apply import Apply, remembered
from smartcut.errors import PipelineError
from smartcut.function_key import function_key
from smartcut.registry import brought_here
from smartcut.report.stage_functions import function_of, made
from smartcut.stage import Stage
from smartcut.stages._of_effects import stage_of


def apply(
    function: Callable[..., Any], wants: str = "rgb", *, key: str | None = None, **where: Any
) -> Stage:
    """Changes each picture by ``function(picture)`` or ``function(picture, time)``.

    ``picture`` is sRGB as uint8 (height, width, 3), 0..255 (uint16 of deeper films), a copy that
    may be changed; with ``wants="planes"`` a :class:`smartcut.image.Image`. The function returns
    the same kind and size. ``time`` is in seconds of the source. Pictures come in any order and
    from several threads: what it returns depends on what it is given alone.

    What was rendered is kept under a key of the function: its code, defaults, closed-over values
    and the globals that it names, as far as those are plain values, arrays, functions or installed
    packages. Where that does not tell what it does (objects, modules of your own), nothing is kept,
    unless ``key`` names it: then change the key with the function. ``where`` is what all effects
    take: ``on``, ``track``, ``start``, ``end``, ``amount``, ``mask``.

        film | sc.apply(lambda rgb: 255 - rgb)
        film | sc.apply(lambda rgb, time: (rgb * min(1, time)).astype("uint8"), end=1)
    """
    if not callable(function):
        raise PipelineError(f"apply() takes a function of a picture; given: {function!r}")
    found = f"key {key}" if key is not None else function_key(function) or uuid.uuid4().hex
    remembered(found, function)
    _bring(Apply)
    called = getattr(function, "__name__", type(function).__name__)
    given = {"function": found, "called": called, "wants": wants, **where}
    return made(stage_of(Apply, "apply"), given)


def effect(kind: type[AnyEffect]) -> Callable[..., Stage]:
    """The function that puts an effect of your own class on a film; a decorator, too.

    The class is one of :mod:`smartcut.effect`: a ``Tone``, ``Geometry`` or ``Pixels``, or a
    ``SoundEffect``. Its name is the class's in small letters, unless it says ``name``. What was
    rendered is kept under a key of its code, as by :func:`apply`.

        @sc.effect
        class Invert(Pixels):
            def open(self, bench):
                return lambda view: 255 - view.rgb()

        (sc.open("talk.mp4") | Invert(amount=0.5)).render("inverted.mp4")
    """
    if not (isinstance(kind, type) and issubclass(kind, AnyEffect)):
        raise PipelineError(f"effect() takes a class of smartcut.effect; given: {kind!r}")
    if not isinstance(vars(kind).get("name"), str):
        kind.name = kind.__name__.lower()
    code = _class_key(kind)
    own = kind.depends

    def depends(self: AnyEffect) -> dict[str, Any]:
        return {**own(self), "code": code}

    kind.depends = depends  # type: ignore[method-assign]
    _bring(kind)
    return function_of(stage_of(kind, kind.name), kind.__name__)


def _bring(kind: type[AnyEffect]) -> None:
    brought_here(EFFECTS, kind.name, kind)
    made_of.cache_clear()


def _class_key(kind: type) -> str:
    """The key of a class's own methods; a new one each time where they do not tell."""
    methods = [
        value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        for value in vars(kind).values()
        if isinstance(value, (property, classmethod, staticmethod)) or inspect.isfunction(value)
    ]
    keys = [function_key(method) for method in methods if inspect.isfunction(method)]
    return uuid.uuid4().hex if None in keys else repr(keys)
