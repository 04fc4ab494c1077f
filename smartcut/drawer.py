"""Pictures that are drawn: the contract of drawers, and how they are found.

A drawer is one module with one subclass of :class:`Drawer`, in a package that an entry point of
the group ``smartcut.drawers`` names. The module's name is the drawer's; its fields are parameters.

A cut keeps what is drawn as a source with a recipe, whose engine is the drawer. It has no file, and
lasts as long as it is shown; what it is drawn at is the size of the output's pictures.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, ValidationError

from smartcut.curve import Animated, curves_in, value_at
from smartcut.errors import PipelineError
from smartcut.image import Size
from smartcut.params import Pairs, Params, of_pairs, reason, to_pairs
from smartcut.registry import find_class, modules
from smartcut.source import DRAWN, Recipe, Source, unused
from smartcut.timebase import Range, TimeParam

if TYPE_CHECKING:
    import numpy as np

DRAWERS = "smartcut.drawers"


@dataclass(frozen=True, slots=True)
class Painted:
    """A picture to lay over a frame with its left top corner at (x, y).

    ``rgba`` is (height, width, 4), sRGB with straight alpha: uint8, or float32 in 0..1 where finer
    steps are to be seen. It cannot be written to.
    """

    rgba: np.ndarray
    x: int = 0
    y: int = 0

    def faded(self, opacity: float) -> Painted:
        """The same with that share (0..1) of its opacity."""
        import numpy as np

        if opacity >= 1:
            return self
        faded = self.rgba.copy()
        if faded.dtype == np.uint8:
            faded[..., 3] = np.rint(self.rgba[..., 3] * np.float32(opacity)).astype(np.uint8)
        else:
            faded[..., 3] *= np.float32(opacity)
        return Painted(faded, self.x, self.y)


Pieces = tuple[Painted, ...]
"""Pictures to lay over a frame one after the other: what stays the same in them is one object."""


def merged(pieces: Sequence[Painted]) -> Painted:
    """Pictures laid over each other, the first below, as one in 8 bits."""
    import numpy as np

    if len(pieces) == 1:
        return pieces[0]
    edges = [(p.x, p.y, p.x + p.rgba.shape[1], p.y + p.rgba.shape[0]) for p in pieces]
    if not edges:
        return Painted(np.zeros((0, 0, 4), np.uint8))
    left, top = (min(edge[i] for edge in edges) for i in (0, 1))
    right, bottom = (max(edge[i] for edge in edges) for i in (2, 3))
    whole = np.zeros((bottom - top, right - left, 4), np.float32)
    for piece in pieces:
        own = piece.rgba.astype(np.float32)
        if piece.rgba.dtype == np.uint8:
            own /= 255
        rows, columns = own.shape[:2]
        box = whole[piece.y - top :, piece.x - left :][:rows, :columns]
        own[..., :3] *= own[..., 3:]
        box *= 1 - own[..., 3:]
        box += own
    whole[..., :3] /= np.maximum(whole[..., 3:], 1e-6)
    result = np.rint(np.clip(whole, 0, 1) * 255).astype(np.uint8)
    result.flags.writeable = False
    return Painted(result, left, top)


@dataclass(frozen=True, slots=True)
class DrawBench:
    """What a drawer works with, for one layer in one thread."""

    size: Size
    """Of the frame, in square pixels."""


Draw = Callable[[Any], "Painted | Pieces | None"]
"""Draws what :meth:`Drawer.seen` gave, in one picture or in several; None for nothing."""


class Drawer(Params, ABC):
    """A picture that is drawn, with alpha, in a frame. Its fields are the parameters.

    Equal parameters are drawn equally, whatever was drawn before.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    """Raised whenever the same parameters would give other pixels."""
    why: ClassVar[str | None] = None
    """What plans say of frames that show it; without it, that its kind is drawn."""

    opacity: Animated = Field(
        1.0, ge=0, le=1, description="0 is invisible, 1 covers what is below."
    )
    fade: TimeParam = Field(
        Fraction(0), description="Seconds of coming in, and as many of going out."
    )

    def seen(self, shown: Range, lasts: Fraction) -> Self | None:
        """The drawer as it is for a frame shown during ``shown``, with numbers in place of curves.

        Times count from its beginning, and ``lasts`` is how long there is something of it. Equal
        ones are one picture, drawn once, and what it is encoded as depends on them alone: a drawer
        that changes on its own puts what it has come to into fields. None where nothing is drawn.
        """
        share = min(self._fading(shown, lasts), 1.0)
        if not share:
            return None
        moment = shown.start, shown.start
        found = {name: value_at(getattr(self, name), *moment) for name in self._animated}
        opacity = found.get("opacity", self.opacity) * share
        if not opacity:
            return None
        if not found and opacity == self.opacity and not self.fade:
            return self
        return self.changed(**{**found, "opacity": opacity, "fade": Fraction(0)})

    def changed(self, **values: Any) -> Self:
        """The same with other values, which are not checked."""
        copy = self.model_copy(update=values)
        for name in [*vars(copy)]:  # what is remembered was worked out from the values before
            if name not in type(self).model_fields:
                del vars(copy)[name]
        return copy

    @cached_property
    def _animated(self) -> tuple[str, ...]:
        """The parameters that change over time."""
        return tuple(name for name, value in self if curves_in(value))

    def _fading(self, shown: Range, lasts: Fraction) -> float:
        """How far it has come in, or not yet gone: above 1 where it is all there.

        The middle of the frame counts, so that it goes out as it came in.
        """
        fade = min(self.fade, lasts / 2)
        if not fade:
            return 1.0
        nearest_end = min(shown.middle, lasts - shown.middle)
        return float(max(nearest_end / fade, Fraction(0)))

    @property
    def is_steady(self) -> bool:
        """Whether it looks the same all the time."""
        plain = type(self).seen is Drawer.seen and not self.fade
        return plain and not self._animated

    @abstractmethod
    def open(self, bench: DrawBench) -> Draw:
        """The function that draws what is seen at any time, in one thread."""

    def check(self, bench: DrawBench) -> None:
        """Raise RenderError for what cannot be drawn, before anything is."""
        self.open(bench)

    def depends(self) -> Mapping[str, Any]:
        """What its pixels depend on besides its parameters: digests of files."""
        return {}


# ----------------------------------------------------------------------------- as sources of a cut


def drawer_modules() -> Mapping[str, str]:
    """Every drawer's name and the module that holds it; imports none of them."""
    return modules(DRAWERS)


def find_drawer(name: str) -> type[Drawer]:
    """The drawer of that name; raises PipelineError that lists the names there are."""
    return find_class(DRAWERS, name, Drawer)  # type: ignore[type-abstract]


@lru_cache(maxsize=256)
def drawer_of(recipe: Recipe) -> Drawer:
    """The drawer of a recipe, ready to work; raises PipelineError that says what is accepted."""
    kind = find_drawer(recipe.engine)
    try:
        return of_pairs(kind, recipe.params)
    except ValueError as error:
        raise PipelineError(f"drawer {recipe.engine!r}: {error}") from error


def given_drawer(name: str, given: Mapping[str, Any]) -> Drawer:
    """The drawer with parameters as a user wrote them; raises PipelineError."""
    kind = find_drawer(name)
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise PipelineError(f"drawer {name!r}: {reason(error, kind)}") from None


def drawn_source(kind: str, drawer: Drawer, lasts: Fraction, used: Iterable[str]) -> Source:
    """The source of what is drawn, named after its ``kind``; ``used`` are names that are taken.

    ``lasts`` is how many seconds there are of it; 0 is as many as its segment shows.
    """
    return source_of_drawing(kind, drawer.name, to_pairs(drawer), lasts, used)


def source_of_drawing(
    kind: str, engine: str, params: Pairs, lasts: Fraction, used: Iterable[str]
) -> Source:
    """The same by the drawer's name and its parameters, without asking it."""
    recipe = Recipe(kind, engine, params=params)
    digest = hashlib.sha256(repr((engine, params)).encode()).hexdigest()
    id = unused(kind.replace(" ", "-"), used)
    return Source(id, Path(), digest, DRAWN, Fraction(0), lasts, made=recipe)
