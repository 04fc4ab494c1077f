"""How one segment gives way to the next: the contract of transitions, and how they are found.

A transition is one module with one subclass of :class:`TransitionKind`, in a package that an
entry point of the group ``smartcut.transitions`` names. The module's name is the kind's, in YAML,
Python, JSON and plans; its fields are parameters of the stage `transitions`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal, Self

from smartcut.cut import Transition
from smartcut.errors import PipelineError
from smartcut.image import Image, Size, Space
from smartcut.params import RegisteredKind, of_pairs
from smartcut.registry import find_class, loadable, modules
from smartcut.source import Colour, Value

TRANSITIONS = "smartcut.transitions"
#: What stands for a transition that is said without its kind, or of an unknown kind.
USUAL = "dissolve"

Join = Callable[[Image, Image, float], Image]
"""Gives the picture of the outgoing and the incoming one, and of the incoming one's share."""
EngineParams = tuple[tuple[str, Value], ...]
"""An engine that makes frames between frames, as the parameters of `interpolate` say it."""
ChooseEngine = Callable[[Literal["auto", "rife", "flow"]], tuple[EngineParams, str]]
"""Chooses an engine for all pictures of a cut that are to be made; and says why."""


@dataclass(frozen=True, slots=True)
class JoinBench:
    """What a transition works with, in one thread. Both pictures have this size and space."""

    size: Size
    space: Space
    colour: Colour
    between: Callable[[EngineParams, Image, Image, float], Image]
    """A picture made between the outgoing and the incoming one; the manifest tells of it."""


class TransitionKind(RegisteredKind, ABC):
    """How a segment comes in. Its fields are the parameters that a user may give.

    The share of the incoming picture grows by equal steps and is never 0 or 1. The same two
    pictures and share give the same pixels, whatever came before.
    """

    version: ClassVar[int] = 1
    """Raised whenever the same parameters would give other pixels."""
    title: ClassVar[str | None] = None
    """What editing systems call it, if not by its name; written to FCPXML and edit lists."""
    otio: ClassVar[str | None] = None
    """The type under which OpenTimelineIO knows it."""
    makes_frames: ClassVar[bool] = False
    """Whether an engine makes its pictures; they are recorded as made, and need whole frames."""

    @property
    def moviepy(self) -> Literal["cross-fade", "through-black"] | None:
        """What shows the same in MoviePy; without anything, a cross-fade stands in for it."""
        return None

    def with_engine(self, choose: ChooseEngine) -> tuple[Self, str]:
        """The same with the engine that it is to use, and why that one; where it uses one.

        What it fills in is :attr:`decided`.
        """
        return self, ""

    @abstractmethod
    def open(self, bench: JoinBench) -> Join:
        """The function that joins pictures of one overlap, in one thread."""


def transition_modules() -> Mapping[str, str]:
    """Every kind's name and the module that holds it; imports none of them."""
    return modules(TRANSITIONS)


def find_transition(name: str) -> type[TransitionKind]:
    """The kind of that name; raises PipelineError that lists the names there are."""
    return find_class(TRANSITIONS, name, TransitionKind)  # type: ignore[type-abstract]


def loadable_transitions() -> dict[str, type[TransitionKind]]:
    """The kinds by name, less those whose package is broken: asking for one tells what is wrong."""
    return loadable(TRANSITIONS, TransitionKind)[0]  # type: ignore[type-abstract]


@lru_cache(maxsize=256)
def joining(transition: Transition) -> TransitionKind:
    """The kind of a cut's transition, checked; raises PipelineError that says what is accepted."""
    kind = find_transition(transition.kind)
    try:
        return of_pairs(kind, transition.params)
    except ValueError as error:
        raise PipelineError(f"transition {transition.kind!r}: {error}") from error


def title_of(name: str) -> str:
    """What editing systems call a kind; its name where they, or we, have no other."""
    kind = loadable_transitions().get(name)
    return kind.title if kind is not None and kind.title else name


def otio_of(name: str) -> str | None:
    """The type under which OpenTimelineIO knows a kind; None where it knows none."""
    kind = loadable_transitions().get(name)
    return kind.otio if kind is not None else None


def kind_called(text: str) -> str | None:
    """The kind whose name or title that is, in letters of any case; None for none."""
    wanted = text.strip().lower()
    for name, kind in loadable_transitions().items():
        if wanted in (name.lower(), (kind.title or name).lower()):
            return name
    return None


def kind_of_otio(type_name: str) -> str | None:
    """The kind that OpenTimelineIO knows under that type; None for none."""
    found = loadable_transitions().items()
    return next((name for name, kind in found if kind.otio == type_name), None)
