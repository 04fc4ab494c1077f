"""What finds shots: the contract of detectors, and how they are found.

A detector is one module with one subclass of :class:`ShotDetector`, in a package that an entry
point of the group ``smartcut.detectors`` names. The module's name is the detector's, in YAML,
Python and plans; its fields are parameters of the stage `shots`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar

from smartcut.boundaries.pictures import HEIGHT, WIDTH, FrameMeasures
from smartcut.boundaries.rules import Boundary as Boundary
from smartcut.params import RegisteredKind
from smartcut.registry import find_class
from smartcut.source import Source
from smartcut.stage import Context, Frames, Picture, RowNetwork

DETECTORS = "smartcut.detectors"


@dataclass(frozen=True, slots=True)
class DetectorBench:
    """What a detector works with, for one source. Times and measures grow with each picture."""

    source: Source
    context: Context
    min_length: Fraction
    """Seconds of the shortest shot that is wanted."""
    times: list[Fraction] = field(default_factory=list)
    """Of all pictures so far, in source time; the newest is the one that is fed."""
    measures: FrameMeasures = field(default_factory=FrameMeasures)
    """Of the same pictures."""


class Watch(ABC):
    """Looks at every picture of a source, in order, and names the boundaries at the end."""

    keeps_length: bool = False
    """Whether it keeps shots to :attr:`DetectorBench.min_length` itself; of boundaries that are
    too close, the surest stays otherwise."""

    @abstractmethod
    def feed(self, picture: Picture) -> None:
        """Take the next picture; its array may be reused afterwards."""

    @abstractmethod
    def finish(self) -> Sequence[Boundary]:
        """The boundaries, in order; no frame is named twice."""

    engine: str = ""
    """What computed them in the end, where a network was asked: library, version, precision."""

    @property
    def hints(self) -> Sequence[Boundary]:
        """Less sure ones: where within a fade its boundary lies best."""
        return ()


class ShotDetector(RegisteredKind, ABC):
    """Finds where shots begin. Its fields are the parameters that a user may give."""

    version: ClassVar[int] = 1
    """Raised whenever the same pictures and parameters would give other boundaries."""
    finds_fades: ClassVar[bool] = False
    """Whether fades are what it looks for; for others they are looked for besides."""

    def wants(self, source: Source) -> Frames:
        """The pictures to be fed: RGB of every frame, 48 x 27 pixels at least."""
        return Frames((WIDTH, HEIGHT), "rgb", "frame")

    @abstractmethod
    def open(self, bench: DetectorBench) -> Watch:
        """What looks at one source. Heavy imports and weights belong here."""

    def model(self, context: Context) -> tuple[str, str] | None:
        """(name, sha256 of the weights) of the network in use, found without loading it."""
        return None

    def asks(self, context: Context) -> RowNetwork | None:
        """The network that :meth:`open` will ask, so that it can be made ready."""
        return None


def find_detector(name: str) -> type[ShotDetector]:
    """The detector of that name; raises PipelineError that lists the names there are."""
    return find_class(DETECTORS, name, ShotDetector)  # type: ignore[type-abstract]
