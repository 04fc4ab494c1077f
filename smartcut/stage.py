"""How a stage is declared and found.

A stage is one module that holds one subclass of :class:`Stage`. Its fields are the parameters a
user may write in YAML or Python, its class variables say what it needs and gives, and
:meth:`Stage.apply` turns a cut into a cut. What has to be learned from pixels or samples is asked
for with :meth:`Stage.analyses`; the runner gathers what all stages ask of a source and feeds it
from one decode.
"""

from __future__ import annotations

import importlib
import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from concurrent.futures import Future
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import AfterValidator, ValidationInfo

from smartcut.absent import no_file
from smartcut.accepted import InWords
from smartcut.annotation import Annotation, Data
from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.params import Params as Params
from smartcut.registry import also_lost, close_to, find_class, loadable, lost, modules
from smartcut.roots import check_inside
from smartcut.source import Source

if TYPE_CHECKING:
    import numpy as np

    from smartcut.cache import Cache
    from smartcut.expectation import Expectation
    from smartcut.offers import Offers

T = TypeVar("T")
GROUP = "smartcut.stages"
EFFECTS = "smartcut.effects"
#: Groups of what parameters of stages name.
_NAMED_BY_STAGES = ("smartcut.transitions", "smartcut.detectors", "smartcut.drawers")

# ------------------------------------------------------------------- what an analysis asks for


#: Raised whenever a wish for pictures would be answered with others.
PICTURES = 3


@dataclass(frozen=True, slots=True)
class Frames:
    """A wish for pictures, upright and in square pixels.

    ``size`` is (width, height), stretched to fit, or the length of the shorter side with the
    aspect kept. ``every`` is ``"frame"``, ``"key"`` (key frames) or a rate a second: then each
    multiple of 1/rate is answered with the frame shown at that time, or, where that saves
    decoding, with a key frame shown at most ``within`` seconds before or after, or the last frame
    that needs no B picture, at most as long before. Where ``averaged``
    is false, the picture is what OpenCV would read and shrink: colours by BT.601, each pixel
    between its neighbours in the frame, and what lies between left out. Coarser, and cheaper.
    """

    size: tuple[int, int] | int
    format: Literal["gray", "rgb"] = "rgb"
    every: Literal["frame", "key"] | Fraction = "frame"
    within: Fraction = Fraction(0)
    averaged: bool = True
    only: tuple[int, ...] = ()
    """Of a rate: these multiples of 1/rate alone, each answered as among all of them."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A wish for sound: float32 in [-1, 1] at ``rate`` samples a second."""

    rate: int
    channels: int = 1
    """1 or 2; or as many as the source has, in its own layout."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame as asked for: uint8, (height, width) for gray and (height, width, 3) for RGB.

    ``time`` is its source time; ``index`` counts frames in the order shown, from 0 (for key
    frames and sampled rates it counts the pictures delivered).
    """

    time: Fraction
    index: int
    pixels: np.ndarray


@dataclass(frozen=True, slots=True)
class Samples:
    """A block of sound: float32 (channels, n); ``start`` counts samples from source time 0."""

    start: int
    values: np.ndarray


class Listener(Protocol):
    """Takes what an analysis asked for, in order, and answers at the end."""

    def feed(self, item: Any) -> None:
        """Take one :class:`Picture` or :class:`Samples`; its array may be reused afterwards."""

    def finish(self) -> Data:
        """The result, once the source has ended."""


# ----------------------------------------------------------------------------------- networks


@dataclass(frozen=True)
class Network(ABC, Generic[T]):
    """Which network: equal ones are loaded once for all that a run does in a process.

    It is small, and may be sent to where it is loaded.
    """

    name: str
    """What users know it by."""
    weights: str
    """sha256; may be empty where the rest says enough within a run."""

    @abstractmethod
    def load(self, device: str, allow_net: bool) -> T:
        """The network, ready on the device; raises ModelError where it cannot be had."""


class Answer(Future["np.ndarray"]):
    """What a network says of rows, once it has."""

    engine: str = ""
    """What computed them: library, version, precision. Known once the result is."""


def engine_of(answers: Iterable[Answer]) -> str:
    """What computed these answers, which are there; on a cluster there may be several engines."""
    return " and ".join(sorted({answer.engine for answer in answers} - {""}))


@dataclass(frozen=True)
class RowNetwork(Network[Callable[["np.ndarray"], "np.ndarray"]]):
    """A network that is given a batch and answers each of its rows alone.

    :meth:`load` gives a function of an array, one row after the other along its first axis, whose
    answer has as many rows. The last bits of a row depend on the size of the batch, but on
    nothing else there: so it is always given as many as :meth:`batch` says, some of them blank,
    and whose rows go together does not matter. On a CPU several threads call it at once. Its
    attribute ``engine``, where it has one, says what computes: library, version, precision.
    """

    @abstractmethod
    def batch(self, device: str) -> int:
        """How many rows it is given at a time."""


# ------------------------------------------------------------------------------------ context


class Progress(Protocol):
    """Where long work reports how far it is."""

    def start(self, label: str, total: float | None) -> Callable[[float], None]:
        """Open a bar; call the answer with the amount done so far, in the units of ``total``."""

    def done(self, label: str) -> None:
        """Close that bar."""

    def note(self, message: str) -> None:
        """Tell the user something worth knowing."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the pipeline's last `render` asks for, where it says so: for estimates before it."""

    rate: Fraction | None = None
    """Frames a second."""
    size: tuple[int, int] | None = None
    """(width, height)."""
    short_side: int | None = None
    """Pixels of the shorter side, where the shape is the source's."""
    is_each: bool = False
    """Whether each segment is a film of its own."""
    copies: bool = False
    """Whether pictures that nothing touches are copied, as far as settings tell."""


class Context(ABC):
    """What a stage may use besides the cut."""

    target: Target = Target()
    expected: tuple[Expectation, ...] = ()
    """What the film shall be: stages that choose keep to it."""

    cache: Cache
    device: str
    """``cpu``, ``cuda`` or ``cuda:N``: already chosen, never ``auto``."""
    allow_net: bool
    jobs: int
    progress: Progress
    output: Path | None
    """The file the user asked for with ``-o``."""
    outputs: list[Path]
    """The files written so far; a stage that writes one adds it."""
    stopping: Event
    """Set when the run is to end early; work in other threads looks at it and stops."""

    @abstractmethod
    def result(self, analysis: Analysis, source: Source) -> Annotation:
        """What ``analysis`` found out about ``source``; the runner has it ready."""

    @abstractmethod
    def memo(
        self,
        kind: str,
        version: int,
        inputs: Mapping[str, Any],
        compute: Callable[[], T],
        fits: Callable[[Any], bool] | None = None,
    ) -> T:
        """``compute()``, or its earlier answer for equal inputs. The answer must be JSON-able.

        An answer that does not fit is damaged, and as good as none: see
        :func:`smartcut.interchange.json.tells`. When planning, one that is not there raises
        :class:`NotReady` instead.
        """

    @abstractmethod
    def network(self, asked: Network[T]) -> T:
        """The network, loaded in this process; it goes when the run ends."""

    @abstractmethod
    def prepare(self, asked: Network[Any]) -> None:
        """Begin to load a network that will surely be asked for, beside what else is done."""

    @abstractmethod
    def ask(self, asked: RowNetwork, rows: np.ndarray, source: Source) -> Answer:
        """What the network will say of each row, which come from that source.

        Where it is loaded is the runner's business, and not waited for. Rows of other sources may
        be in one batch. Waits where too many rows are waiting already. The answer may raise
        ModelError.
        """

    def begin(self, label: str, total: float | None) -> Callable[[float], None]:
        """A bar of :attr:`progress` for work that ends early with the run.

        What it gives raises Stopped where it is called once :attr:`stopping` is set.
        """
        advance = self.progress.start(label, total)

        def report(done: float) -> None:
            if self.stopping.is_set():
                raise Stopped
            advance(done)

        return report


class Stopped(Exception):
    """Raised in a worker thread after cancellation; the cancelling thread reports the cause."""


class NotReady(Exception):
    """Raised while planning: this would have to be computed. Carries what, and why."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.what = what
        self.reason = reason


# ------------------------------------------------------------------------- analysis and stage


def _existing(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    places = [path.expanduser()] if folder is None else [folder / path.expanduser(), path]
    for place in places:
        if place.is_file():
            check_inside(place)
            return place
    raise ValueError(f"{no_file(path)} (looked at: {', '.join(map(str, places))})")


#: A file in the parameters of a stage; relative to the YAML file, or else to the current folder.
PathParam = Annotated[Path, AfterValidator(_existing), InWords("file")]


class Analysis(Params, ABC):
    """Learns something from the pictures or the sound of a whole source.

    The result is cached under the name, ``version``, the parameters, the source's digest and
    the weights' digest. Raise ``version`` whenever the same input would give another answer.
    """

    name: ClassVar[str]
    version: ClassVar[int]

    @abstractmethod
    def wants(self, source: Source) -> Frames | Sound | None:
        """What to feed the listener; None where the source has nothing for this analysis."""

    @abstractmethod
    def listener(self, source: Source, context: Context) -> Listener:
        """A fresh listener for one source. Heavy imports and weights belong here."""

    def empty(self, source: Source) -> Data:
        """The result for a source that has nothing for this analysis."""
        raise NotImplementedError

    def model(self, context: Context) -> tuple[str, str] | None:
        """(name, sha256 of the weights) of the network in use, found without loading it."""
        return None

    def asks(self, context: Context) -> RowNetwork | None:
        """The network that listeners :meth:`~Context.ask`, so that it can be made ready."""
        return None


class DividedAnalysis(Analysis):
    """An analysis of pictures that can be done in parts, by several workers.

    What it says of a picture depends on that picture and on the ones next to it alone. The parts
    of a source, joined, are what the whole gives, to the last bit.
    """

    after: ClassVar[int]
    """How many pictures past its own a part has to see."""
    readings: ClassVar[Any]
    """The type whose JSON :meth:`part` gives."""

    @abstractmethod
    def part(self, listener: Any) -> Any:
        """What a listener found in its part, JSON-able and exact."""

    @abstractmethod
    def join(self, parts: Sequence[Any]) -> Data:
        """The result for the whole source, from what was found in all of its parts, in order."""


Group = Literal["choose", "change", "speech", "sound", "generate", "output"]
#: What stages are listed under, in this order, and what those of a group do.
GROUPS: Mapping[Group, str] = {
    "choose": "Choose: look at sources, and pick what is shown",
    "change": "Change: pictures, pace, and what lies above them",
    "speech": "Speech",
    "sound": "Sound",
    "generate": "Generate: pictures, voices, music, frames between",
    "output": "Output",
}


class Stage(Params, ABC):
    """A step of a pipeline: a cut in, a cut out.

    ``needs`` is a tuple of groups; of each group one annotation must have been given before.
    ``gives`` names the annotations that the stage adds. The first line of the class docstring is
    the stage's one-line description.
    """

    name: ClassVar[str]
    needs: ClassVar[tuple[tuple[str, ...], ...]] = ()
    gives: ClassVar[tuple[str, ...]] = ()
    group: ClassVar[Group] = "change"
    """What it is listed under."""
    makes: ClassVar[bool] = False
    """Whether it can put something into a cut that has no source."""
    short: ClassVar[str] = ""
    """The parameter that a value alone is for, as in `crop: auto`; without one there is none."""
    after_edits: ClassVar[bool] = False
    """Whether it works on the film as it will be: corrections by hand are made before it."""
    hint: ClassVar[str] = ""
    """The YAML to suggest where what this stage gives is missing."""
    imports: ClassVar[tuple[str, ...]] = ()
    """Modules that :meth:`apply` needs and nothing before it: read while analyses are done."""

    def needed(self) -> tuple[tuple[str, ...], ...]:
        """What is needed with these parameters: ``needs``, and what they name."""
        return self.needs

    def analyses(self) -> tuple[Analysis, ...]:
        """What must be learned from every source before :meth:`apply`."""
        return ()

    def analyses_after(self, given: Set[str]) -> tuple[Analysis, ...]:
        """The same, where stages before it give these annotations; some want to know more then."""
        return self.analyses()

    def prepare(self, context: Context) -> None:
        """Get ready what :meth:`apply` needs besides analyses, while its analyses are done."""
        return

    def writes(self, context: Context) -> tuple[Path, ...]:
        """The files that :meth:`apply` will write: locked before anything runs."""
        return ()

    @abstractmethod
    def apply(self, cut: Cut, context: Context) -> Cut:
        """The cut after this stage."""

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        """What :meth:`apply` would do, decoding nothing, and the cut after it if known."""
        return self.apply(cut, context), ()

    def touches_all(self) -> bool:
        """Whether it changes every picture of the film, so that none can be copied."""
        return False

    def offers(self, cut: Cut, context: Context) -> Offers | None:
        """What :meth:`apply` chooses from in that cut; None where it does not choose."""
        return None


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a plan: ``state`` says whether work is to be done, ``reason`` why."""

    stage: str
    subject: str
    state: Literal["run", "cached", "copy", "encode", "pure", "unknown", "missing", "conflict"]
    reason: str
    seconds: float | None = None
    """Seconds of media that the step goes through, where it goes through media."""
    expected: float | None = None
    """Seconds that it will take, where such work was done on this machine before."""


class AnalysisStage(Stage):
    """A stage that runs one analysis and keeps the result as an annotation of the same name."""

    def apply(self, cut: Cut, context: Context) -> Cut:
        for analysis in self.analyses():
            for source in cut.footage:
                cut = cut.with_annotation(context.result(analysis, source))
        return cut


# --------------------------------------------------------------------------------- finding them


def stage_modules() -> Mapping[str, str]:
    """Every stage's name and the module that holds it; imports none of them.

    Each effect is a stage of its name too, unless there is one already. Entry points that name
    no package are left out: :func:`loadable_stages` tells of them.
    """
    return dict(sorted({**modules(EFFECTS), **modules(GROUP)}.items()))


def find_stage(name: str) -> type[Stage]:
    """The stage of that name; raises PipelineError that lists the names there are.

    Also raises PipelineError where its module cannot be imported, or holds no such stage.
    """
    if name in modules(GROUP):
        return find_class(GROUP, name, Stage)  # type: ignore[type-abstract]
    if name in modules(EFFECTS):
        # By its name, as all stages are: imports go downwards.
        derived = importlib.import_module("smartcut.stages._of_effects").derived
        made: type[Stage] = derived(name)
        return made
    raise PipelineError(
        f"unknown stage {close_to(name, stage_modules(), 'stages')}{also_lost(GROUP)}"
    )


def loadable_stages() -> tuple[dict[str, type[Stage]], tuple[str, ...]]:
    """The stages by name, and what is wrong with others: entry point, module and error of each.

    Transitions, detectors and drawers count too, which stages use.
    """
    found: dict[str, type[Stage]] = {}
    problems = [*lost(GROUP), *lost(EFFECTS)]
    for group in _NAMED_BY_STAGES:
        problems += loadable(group, object)[1]
    for name in stage_modules():
        try:
            found[name] = find_stage(name)
        except PipelineError as error:
            problems.append(str(error))
    return found, tuple(problems)
