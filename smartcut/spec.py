"""What a pipeline is once it was read: files or parts to begin with, and stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from smartcut.errors import PipelineError
from smartcut.layering import Laying
from smartcut.stage import Params, PathParam, loadable_stages
from smartcut.stage_line import StageLine as StageLine
from smartcut.timebase import TimeParam

#: Stages that write files: they stand at the end of the whole, not in a part.
WRITERS = ("render", "export")


class Input(Params):
    """A source as named in YAML; ``video`` and ``audio`` choose streams, counted from 0."""

    path: Path
    video: int | None = None
    audio: int | None = None


class FoundRange(Params):
    """A range of a source, in source time, and its place among all that a search found."""

    place: int
    start: Fraction
    end: Fraction
    label: str = ""
    scores: tuple[tuple[str, float], ...] = ()


class FoundInput(Input):
    """A source of which only what a search found is shown."""

    found: tuple[FoundRange, ...]


class Search(Params):
    """Inputs that a library is asked for: the best stretches for the words, image or speech."""

    library: Path = Field(description="A folder of media that `smartcut library index` has seen.")
    words: str | None = Field(None, min_length=1, description="What is to be seen.")
    image: PathParam | None = Field(None, description="A picture like what is to be seen.")
    speech: str | None = Field(None, min_length=1, description="What is to be heard.")
    limit: int = Field(10, ge=1, le=10_000, description="How many stretches, the best first.")
    longest: TimeParam = Field(
        Fraction(10), gt=0, description="Of a longer shot, so much around its best moment."
    )
    store: Path | None = Field(None, description="Where the library is kept, if not in the cache.")

    @model_validator(mode="after")
    def _asks(self) -> Search:
        if self.words is None and self.image is None and self.speech is None:
            raise ValueError("give words, image or speech")
        return self


@dataclass(frozen=True, slots=True)
class Part:
    """A cut of its own within a pipeline, which shows its parts one after the other."""

    inputs: tuple[Input | Part, ...] = ()
    steps: tuple[StageLine, ...] = ()
    search: Search | None = None
    """Where ``inputs`` are to be found in a library."""
    laying: Laying | None = None
    """How it lies above the parts that have none."""


#: What a pipeline begins with: files alone, or parts alone.
Begin = Input | Part


def parts_of(inputs: Sequence[Begin]) -> tuple[Part, ...]:
    """The parts that a pipeline begins with; none where it begins with files."""
    parts = tuple(item for item in inputs if isinstance(item, Part))
    if parts and len(parts) < len(inputs):
        raise PipelineError("a pipeline begins with files, or with parts that name theirs")
    return parts


def files_of(inputs: Iterable[Begin]) -> tuple[Input, ...]:
    """The files that a pipeline begins with, those of its parts among them."""
    found = (files_of(i.inputs) if isinstance(i, Part) else (i,) for i in inputs)
    return tuple(item for items in found for item in items)


def all_steps(steps: Sequence[StageLine], inputs: Iterable[Begin]) -> tuple[StageLine, ...]:
    """The stages of the parts, then those of the whole."""
    before = (all_steps(i.steps, i.inputs) for i in inputs if isinstance(i, Part))
    return (*(step for those in before for step in those), *steps)


@dataclass(frozen=True, slots=True)
class Spec:
    """A checked pipeline."""

    steps: tuple[StageLine, ...]
    inputs: tuple[Begin, ...] = ()
    output: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    path: Path | None = None
    search: Search | None = None
    """Where ``inputs`` are to be found in a library."""
    text: str = field(default="", repr=False)
    """The YAML that it was read from."""
    notes: tuple[str, ...] = ()
    """What the user should know of how it was read."""


def missing_needs(steps: Sequence[StageLine], inputs: Sequence[Begin] = ()) -> list[PipelineError]:
    """A problem for each stage that lacks what it needs from the stages before it.

    What a part gives, the whole has.
    """
    problems: list[PipelineError] = []
    given: set[str] = set()
    for part in parts_of(inputs):
        problems += missing_needs(part.steps, part.inputs)
        given.update(name for s in all_steps(part.steps, part.inputs) for name in s.stage.gives)
    for step in steps:
        for group in step.stage.needed():
            if not given.intersection(group):
                problems.append(_lacking(step, group))
        given.update(step.stage.gives)
    return problems


def _lacking(step: StageLine, group: tuple[str, ...]) -> PipelineError:
    wanted = " or ".join(f"`{name}`" for name in group)
    hint = _giver_hint(group)
    if hint and step.line is None:  # of a pipeline in Python
        name = hint.removeprefix("- ").partition(":")[0]
        hint = f"sc.{name}(...)" if ":" in hint else f"sc.{name}()"
    place = f" before line {step.line}" if step.line else f" before `{step.stage.name}`"
    advice = f"; add `{hint}`{place}" if hint else ""
    return PipelineError(f"`{step.stage.name}` needs {wanted}{advice}", line=step.line)


def _giver_hint(group: tuple[str, ...]) -> str | None:
    for name, kind in loadable_stages()[0].items():
        if group[0] in kind.gives:
            return kind.hint or f"- {name}"
    return None
