"""What a film shall be: the contract of expectations, and how they are found.

An expectation is one module with one subclass of :class:`Expectation`, in a package that an entry
point of the group ``smartcut.expectations`` names. The module's name is the expectation's, under
``expect:`` in YAML, in Python and in reports. Its fields are what a user may set.

It is used twice: :meth:`Expectation.check` looks at the finished film, and
:meth:`Expectation.foresee` at the cut that is planned. What has to be measured in the film is an
:class:`~smartcut.stage.Analysis`: all that the expectations of a film ask for is measured in one
decode of it, and kept under its digest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeVar

from smartcut.accepted import plain
from smartcut.cut import Captions, Cut
from smartcut.params import Params
from smartcut.registry import find_class, modules
from smartcut.source import Source
from smartcut.stage import Analysis, Context

if TYPE_CHECKING:
    from smartcut.constraint import Constraint, Offered

EXPECTATIONS = "smartcut.expectations"

D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Miss:
    """Where and why a film is not as expected."""

    reason: str
    start: Fraction | None = None
    """In seconds of the film; None where it is about all of it."""
    end: Fraction | None = None
    picture: Path | None = None
    """A picture of the film at :attr:`start`."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was measured, in words, and what is not as expected."""

    measured: str
    misses: tuple[Miss, ...] = ()


class CannotCheck(Exception):
    """Raised where it cannot be told whether a film is as expected; the text says what it lacks."""


class FinishedFilm(Protocol):
    """A film as it was written, and what is known of it."""

    @property
    def source(self) -> Source:
        """The file, probed."""

    @property
    def record(self) -> Mapping[str, Any]:
        """Its manifest; empty without one."""

    @property
    def context(self) -> Context: ...

    def known(self, analysis: Analysis, kind: type[D]) -> D:
        """What an analysis found; raises CannotCheck where it found nothing."""

    def kept(self, name: str, kind: type[D]) -> D | None:
        """What the expectation of that name kept of the film when it was rendered, or None.

        What is not of that kind is none: manifests can be edited.
        """


class Expectation(Params, ABC):
    """Something that a film shall be. Its fields are the parameters that a user may give."""

    name: ClassVar[str]
    short: ClassVar[str] = ""
    """The parameter that a value alone is for, as in `length: 30s`."""
    is_usual: ClassVar[bool] = False
    """Whether it is checked where nobody says what is expected."""

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        """What has to be measured in the film."""
        return ()

    @abstractmethod
    def check(self, film: FinishedFilm) -> Checked:
        """What the finished film is; raises CannotCheck."""

    def keep(self, film: FinishedFilm) -> Any:
        """What the manifest keeps of the film as it was rendered, JSON-able: None for nothing.

        :meth:`check` finds it in :meth:`FinishedFilm.kept`, and tells what was changed since.
        """
        return None

    def foresee(self, cut: Cut) -> Checked | None:
        """What the film will be, as far as its cut tells; None where that says nothing."""
        return None

    def constrain(self, offered: Sequence[Offered]) -> Iterable[Constraint]:
        """What a choice among these has to keep to, so that the film will be as expected."""
        return ()

    def settle(self, captions: Captions) -> Captions:
        """The settings of captions with which the film will be as expected."""
        return captions

    @property
    def wanted(self) -> str:
        """What is expected, in words."""
        given = {n: getattr(self, n) for n in type(self).model_fields if n in self.model_fields_set}
        if self.short and set(given) <= {self.short}:
            return _plain(getattr(self, self.short))
        return ", ".join(f"{name}: {_plain(value)}" for name, value in given.items())


def _plain(value: Any) -> str:
    return f"{float(value):g}" if isinstance(value, Fraction) else plain(value)


State = Literal["met", "failed", "unchecked"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a film is as one expectation says."""

    name: str
    state: State
    wanted: str
    measured: str
    """What was measured, in words; of what is unchecked, why."""
    misses: tuple[Miss, ...] = ()
    is_asked: bool = True
    """Whether somebody asked for it: then what cannot be checked counts as not met."""

    @property
    def is_met(self) -> bool:
        return self.state == "met" or (self.state == "unchecked" and not self.is_asked)


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of the expectations of a film."""

    path: Path
    verdicts: tuple[Verdict, ...]
    origin: str
    """Where the expectations come from, in words."""

    @property
    def is_met(self) -> bool:
        """Whether the film is as expected."""
        return all(verdict.is_met for verdict in self.verdicts)

    @property
    def failed(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if not verdict.is_met)


def plain_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON: times in decimal seconds."""
    misses = [
        {
            "reason": miss.reason,
            "start": None if miss.start is None else round(float(miss.start), 6),
            "end": None if miss.end is None else round(float(miss.end), 6),
            "picture": None if miss.picture is None else str(miss.picture),
        }
        for miss in verdict.misses
    ]
    return {
        "name": verdict.name,
        "state": verdict.state,
        "met": verdict.is_met,
        "wanted": verdict.wanted,
        "measured": verdict.measured,
        "misses": misses,
    }


def failed_names(found: Sequence[Verification]) -> list[str]:
    """What is not met, in words: each film with its expectations."""
    return [
        f"{one.path.name}: {', '.join(verdict.name for verdict in one.failed)}"
        for one in found
        if not one.is_met
    ]


def expectation_names() -> tuple[str, ...]:
    """The names of all expectations; imports none of them."""
    return tuple(modules(EXPECTATIONS))


def find_expectation(name: str) -> type[Expectation]:
    """The expectation of that name; raises PipelineError that lists the names there are."""
    return find_class(EXPECTATIONS, name, Expectation)  # type: ignore[type-abstract]


def usual_expectations() -> tuple[Expectation, ...]:
    """What is expected of every film, unless somebody says otherwise."""
    kinds = (find_expectation(name) for name in expectation_names())
    return tuple(kind() for kind in kinds if kind.is_usual)
