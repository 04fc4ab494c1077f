"""What changes pictures: the contract of effects, and how they are found.

An effect is one module with one subclass of :class:`Geometry`, :class:`Tone` or :class:`Pixels`
(or of :class:`smartcut.sound_effect.SoundEffect`, which changes sound), in a package that an entry
point of the group ``smartcut.effects`` names. The module's name is the
effect's, in YAML, Python, JSON and plans; a stage of that name is derived from it. Which kind an
effect is decides how the renderer puts neighbours together: all geometry in one resampling of each
plane, all tone in one table.

No effect sees keys: the renderer asks :meth:`PictureEffect.at` for the moment shown.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self

from pydantic import Field, model_validator

from smartcut.curve import Animated, Curve, curves_in, value_at
from smartcut.cut import Effect, EffectClock, Segment
from smartcut.errors import PipelineError
from smartcut.image import Box as Box
from smartcut.image import Image as Image
from smartcut.image import Size as Size
from smartcut.image import Space as Space
from smartcut.mask import Mask
from smartcut.params import Params, of_pairs, to_pairs
from smartcut.registry import find_class, modules
from smartcut.source import Colour
from smartcut.stage import EFFECTS, Analysis, Network
from smartcut.timebase import Range

if TYPE_CHECKING:
    import numpy as np

    from smartcut.cache import Cache

# ------------------------------------------------------------------------------- pictures at work


class View(Protocol):
    """A picture that an effect works on, and its neighbours."""

    @property
    def image(self) -> Image: ...

    @property
    def number(self) -> int:
        """Of the source's frame, in the order shown, from 0."""

    @property
    def source_time(self) -> Fraction:
        """Seconds of the source."""

    @property
    def segment_time(self) -> Fraction:
        """Seconds since the segment began, on the timeline."""

    def rgb(self) -> np.ndarray:
        """The picture as RGB (height, width, 3), full range: uint8, or uint16 above 8 bits."""

    def before(self, count: int) -> View:
        """The picture ``count`` frames of the source earlier, or its first."""

    def at(self, segment_time: Fraction) -> View:
        """The picture of another time of the segment."""


Work = Callable[[View], "Image | np.ndarray"]
"""Gives the changed picture: an :class:`Image`, or RGB as :meth:`View.rgb` gives it."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What an effect works with, for one segment in one thread."""

    size: Size
    """Of the pictures that come in."""
    space: Space
    colour: Colour
    rate: Fraction
    """Frames of the source a second."""
    duration: Fraction
    """Seconds of the segment on the timeline."""
    cache: Cache
    at: Callable[[Fraction], View]
    """The picture of a time of the segment; for effects with :attr:`Pixels.any_time`."""
    network: Callable[[Network[Any]], Any]
    """A network, loaded once a run."""


# -------------------------------------------------------------------------------------- contracts


class AnyEffect(Params, ABC):
    """A change to pictures or to sound. Its fields are the parameters that a user may give.

    Fields of the type ``Animated`` are numbers by the time that a method is called with them.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    """Raised whenever the same parameters would give other pixels or samples."""
    otio: ClassVar[str | None] = None
    """The schema under which OpenTimelineIO knows it."""
    moves: ClassVar[Literal["picture", "in frame"] | None] = None
    """Whether all that it does is a matrix; editing systems are told of that."""

    amount: Animated = Field(
        1.0, ge=0, le=1, description="Share of the effect in the picture; 0 leaves it as it was."
    )

    @property
    def label(self) -> str:
        """What plans and reports call it."""
        return self.name

    def at(self, source_time: Fraction, segment_time: Fraction) -> Self:
        """The effect at a moment: every curve is a number."""
        moment = source_time, segment_time
        found = {n: value_at(v, *moment) for n, v in self if curves_in(v)}
        return self.model_copy(update=found) if found else self

    @property
    def curves(self) -> tuple[Curve, ...]:
        """All that changes over time in it."""
        return tuple(curve for _, value in self for curve in curves_in(value))

    def within(self, shown: Range) -> AnyEffect:
        """The effect as it works from a time of its segment to another; what depends on them
        gives one with curves on the segment's clock."""
        return self

    def is_idle(self) -> bool:
        """Whether it changes nothing with these numbers; asked of :meth:`at`."""
        return False

    def depends(self) -> Mapping[str, Any]:
        """What its result depends on besides its parameters: digests of files and of weights."""
        return {}

    def analyses(self) -> tuple[Analysis, ...]:
        """What it must know of the sources that it changes."""
        return ()


class PictureEffect(AnyEffect):
    """A change to pictures."""

    mask: Mask | None = Field(None, description="Where it works; without one, everywhere.")

    def at(self, source_time: Fraction, segment_time: Fraction) -> Self:
        now = super().at(source_time, segment_time)
        if self.mask is None:
            return now
        return now.model_copy(update={"mask": self.mask.at(source_time, segment_time)})

    @property
    def curves(self) -> tuple[Curve, ...]:
        return super().curves if self.mask is None else (*super().curves, *self.mask.curves)

    def within(self, shown: Range) -> PictureEffect:
        return self

    @property
    def orientation(self) -> tuple[int, bool] | None:
        """(degrees clockwise, whether it is mirrored left to right before) where all that it does
        is what a container can have players do; None elsewhere."""
        return None

    @property
    def uses_network(self) -> bool:
        """Whether it asks for a network."""
        return False


class Geometry(PictureEffect):
    """Moves pixels: crop, zoom, rotate, flip. What it uncovers is black, or clear above others.

    Coordinates count pixels from the left top corner of the picture, whose first pixel reaches
    from 0 to 1.
    """

    moves: ClassVar[Literal["picture", "in frame"] | None] = "picture"

    @abstractmethod
    def matrix(self, size: Size) -> np.ndarray:
        """float64 (3, 3): where a point (x, y, 1) of a picture of that size goes."""

    def size(self, size: Size) -> Size:
        """What becomes of a picture's size."""
        return size

    @property
    def has_one_size(self) -> bool:
        """Whether :meth:`size` says the same at all times, and may be asked with curves."""
        return not self.curves


class Placement(PictureEffect):
    """Puts the picture somewhere in the frame, in place of fitting it into it."""

    moves: ClassVar[Literal["picture", "in frame"] | None] = "in frame"

    opacity: Animated = Field(
        1.0, ge=0, le=1, description="0 is invisible, 1 covers what is below."
    )

    @model_validator(mode="after")
    def _takes_no_mask(self) -> Self:
        if self.mask is not None:
            raise ValueError(f"`{self.name}` takes no `mask`: give one to an effect before it")
        return self

    @abstractmethod
    def matrix(self, size: Size, canvas: Size) -> np.ndarray:
        """float64 (3, 3): where a point of a picture of ``size`` goes in a frame of ``canvas``."""

    def window(self, canvas: Size) -> Box | None:
        """Outside of what part of the frame nothing of the picture is seen; None for none."""
        return None


class Tone(PictureEffect):
    """Gives each sample, or each colour, another value. Give one of both."""

    def tables(self, space: Space) -> np.ndarray | None:
        """float64 (planes, 2 ** depth): the new value of each sample."""
        return None

    def cube(self) -> np.ndarray | None:
        """float32 (n, n, n, 3): RGB in 0..1 at even steps of red, green and blue."""
        return None


class Pixels(PictureEffect):
    """Anything else: blur, sharpen, key, stylise, effects of other libraries, networks."""

    any_time: ClassVar[bool] = False
    """Whether it asks for pictures of any time, and depends on how long its segment is."""

    def reach(self) -> tuple[int, int]:
        """How many frames of the source before and after it looks at."""
        return (0, 0)

    @abstractmethod
    def open(self, bench: Bench) -> Work:
        """The function that changes pictures of one segment, in one thread."""


# ----------------------------------------------------------------------- effects of a cut, checked


def effect_modules() -> Mapping[str, str]:
    """Every effect's name and the module that holds it; imports none of them."""
    return modules(EFFECTS)


def find_effect(name: str) -> type[AnyEffect]:
    """The effect of that name; raises PipelineError that lists the names there are."""
    return find_class(EFFECTS, name, AnyEffect)


def checked(effect: Effect) -> PictureEffect:
    """The effect of a cut on pictures, ready to work; raises PipelineError where it is none."""
    made = made_of(effect)
    if not isinstance(made, PictureEffect):
        raise PipelineError(f"the effect {effect.name!r} changes sound, not pictures")
    return made


@lru_cache(maxsize=1024)
def made_of(effect: Effect) -> AnyEffect:
    """The effect of a cut, ready to work; raises PipelineError that says what is accepted."""
    kind = find_effect(effect.name)
    if effect.version > kind.version:
        raise PipelineError(
            f"the effect {effect.name!r} was written by version {effect.version} of it, but "
            f"version {kind.version} is installed; install a newer smartcut"
        )
    try:
        return of_pairs(kind, effect.params)
    except ValueError as error:
        raise PipelineError(f"effect {effect.name!r}: {error}") from error


def to_effect(made: AnyEffect, during: Range | None = None) -> Effect:
    """The effect as a part of a cut: what was given, in the order of the fields."""
    return Effect(made.name, to_pairs(made), during, made.version)


def undivided(segment: Segment, clock: EffectClock | None) -> Segment:
    """The segment that an effect of that clock was put on."""
    return segment if clock is None else replace(segment, effects=()).warped(clock.whole)
