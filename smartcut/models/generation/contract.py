"""What every family of generators keeps to: its configuration, what it is given, what it makes.

Clips are float32 tensors (N, T, C, H, W) in [-1, 1]: display RGB (sRGB curve) scaled from 0..255.
A generator is a torch module of one file. It says how it learns (:meth:`Generator.losses`) and how
it makes clips (:meth:`Generator.sample`); the loop around it, files and evaluation are shared.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn

from smartcut.errors import ModelError

if TYPE_CHECKING:
    from smartcut.models.generation.batches import ClipBatches
    from smartcut.models.generation.training import TrainingSettings

#: Each family, and the module and class that hold it.
FAMILIES = {
    "gan": ("smartcut.models.generation.gan", "Gan"),
    "flow-gan": ("smartcut.models.generation.flow_gan", "FlowGan"),
    "vae": ("smartcut.models.generation.vae", "Vae"),
    "flow": ("smartcut.models.generation.flow", "FlowModel"),
    "flow-matching": ("smartcut.models.generation.flow_matching", "FlowMatching"),
    "diffusion": ("smartcut.models.generation.diffusion", "Diffusion"),
    "transformer": ("smartcut.models.generation.transformer", "Transformer"),
}


class Config(BaseModel):
    """How a generator is built; families add their own fields. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames: int = Field(ge=1)
    height: int = Field(ge=8)
    width: int = Field(ge=8)
    channels: Literal[1, 3] = 3
    rate: float = Field(15.0, gt=0)
    """Frames a second of what was learned from."""
    labels: tuple[str, ...] = ()
    """Names of the classes; none: not conditioned on a class."""
    text_size: int = Field(0, ge=0)
    """Dimensions of a prompt's vector; 0: not conditioned on text."""
    tower: str | None = None
    """What turns prompts into vectors: a name of :mod:`prompts`."""
    past: int = Field(0, ge=0)
    """At most so many first frames can be given, to be continued; 0: none."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.past >= self.frames > 0 and self.past:
            raise ValueError(f"past ({self.past}) must be less than frames ({self.frames})")
        if bool(self.text_size) != (self.tower is not None):
            raise ValueError("text_size and tower belong together")
        return self

    @property
    def clip(self) -> tuple[int, int, int, int]:
        """(T, C, H, W)."""
        return self.frames, self.channels, self.height, self.width


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What clips are to show; one row for each clip."""

    count: int
    label: Tensor | None = None
    """int64 (N,), numbers of classes; -1 where none is asked for."""
    text: Tensor | None = None
    """float32 (N, D), prompts as vectors; zeros where none is asked for."""
    past: Tensor | None = None
    """float32 (N, P, C, H, W) in [-1, 1]: the first P frames."""

    def dropped(self, keep: Tensor) -> Given:
        """The same with class and prompt left out where ``keep`` (bool (N,)) is false."""
        label = None if self.label is None else torch.where(keep, self.label, -1)
        text = None if self.text is None else self.text * keep[:, None]
        return Given(self.count, label, text, self.past)

    def bare(self) -> Given:
        """Neither class nor prompt; for classifier-free guidance."""
        return Given(self.count, None, None, self.past)


@dataclass(frozen=True, slots=True, eq=False)
class ClipBatch:
    """Clips to learn from, (N, T, C, H, W), and what is said of them."""

    clips: Tensor
    given: Given


@dataclass(frozen=True, slots=True)
class SampleSettings:
    """How samples are drawn; each family uses those it has, with its own default for None."""

    steps: int | None = None
    """Steps of a sampler (diffusion, flow matching)."""
    guidance: float | None = None
    """Scale of classifier-free guidance; 1 is none."""
    temperature: float | None = None
    """Spread of the latent or of the tokens; 1 is as learned, 0 the likeliest."""


class Generator(nn.Module, ABC):
    """A family of generators.

    ``settings`` is the class of its configuration. In training, :meth:`phases` says which parts
    learn at a point, one after the other in each step, each with an optimizer of its own.
    """

    family: ClassVar[str]
    settings: ClassVar[type[Config]] = Config
    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config

    def phases(self, progress: float) -> tuple[str, ...]:
        """What learns in a step; ``progress`` runs from 0 to 1 over the training."""
        return ("loss",)

    def learning(self, phase: str) -> Iterable[nn.Parameter]:
        """The parameters that a phase changes."""
        return self.parameters()

    def pace(self, phase: str) -> tuple[float, tuple[float, float]]:
        """The share of the learning rate that a phase takes, and Adam's two decays for it."""
        return 1.0, (0.9, 0.99)

    @abstractmethod
    def losses(
        self, phase: str, batch: ClipBatch, random: torch.Generator, progress: float
    ) -> dict[str, Tensor]:
        """Numbers to log by name; the one called as the phase is made small.

        All chance comes from ``random``, which lives on the batch's device.
        """

    @abstractmethod
    def sample(
        self, given: Given, random: torch.Generator, sampling: SampleSettings = SampleSettings()
    ) -> Tensor:
        """Clips (N, T, C, H, W) in [-1, 1]; where past frames are given they come first, as given.

        Called on an evaluating model without gradients.
        """

    def prepare(self, clips: Tensor) -> None:
        """Look at some clips before the first step; for what depends on the data's spread."""

    def bits_per_dimension(self, clips: Tensor, given: Given, random: torch.Generator) -> Tensor:
        """Exact -log2 likelihood a channel of a pixel of 8-bit clips, (N,); where there is one.

        Raises ModelError for families that have no exact likelihood.
        """
        raise ModelError(f"{self.family} has no exact likelihood; flow has")

    # --------------------------------------------------------------------- fit, save and load

    def fit(self, data: ClipBatches, training: TrainingSettings, out: Path) -> None:
        """Learn from the data and write ``out``; see :func:`training.fit`."""
        from smartcut.models.generation.training import fit

        fit(self, data, training, out)

    def save(self, file: Path, about: dict[str, object] | None = None) -> None:
        """Write weights and configuration; see :func:`checkpoint.save`."""
        from smartcut.models.generation.checkpoint import save

        save(self, file, about or {})

    @classmethod
    def load(cls, file: Path, device: str = "cpu") -> Self:
        """The generator in a file; raises ModelError where it holds another family."""
        from smartcut.models.generation.checkpoint import load

        found = load(file, device)
        if not isinstance(found, cls):
            raise ModelError(f"{file} holds a {found.family}, not a {cls.family}")
        return found


def family(name: str) -> type[Generator]:
    """The class of a family; raises ModelError that lists those there are."""
    if name not in FAMILIES:
        raise ModelError(f"unknown family {name!r}; accepted: {', '.join(FAMILIES)}")
    module, kind = FAMILIES[name]
    found: type[Generator] = getattr(importlib.import_module(module), kind)
    return found


def check_given(config: Config, given: Given) -> None:
    """Raise ModelError where a generator is given what it has not learned to heed."""
    if given.label is not None and not config.labels:
        raise ModelError("these weights know no classes; leave the class out")
    if given.text is not None and not config.text_size:
        raise ModelError("these weights know no prompts; train with --text, or leave it out")
    if given.past is None:
        return
    if not config.past:
        raise ModelError("these weights cannot continue a clip; train with --past 1 or more")
    shape = tuple(given.past.shape)
    if not 1 <= shape[1] <= config.past or shape[2:] != config.clip[1:]:
        raise ModelError(
            f"past frames {shape} do not fit: accepted are (N, 1 to {config.past}, "
            f"{config.channels}, {config.height}, {config.width})"
        )
