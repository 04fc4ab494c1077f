"""How good a generator is, in figures, beside what real clips and trivial generators reach.

The reference is the clips of a set that were held back from training. The floor is as many others,
real ones that were learned from: a perfect generator would do about as well. The baselines are
those of :mod:`baselines`, drawn and measured in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import torch

from smartcut.errors import ModelError
from smartcut.models.generation import measures
from smartcut.models.generation.baselines import BASELINES
from smartcut.models.generation.batches import ClipBatches, to_clips
from smartcut.models.generation.contract import Config, Generator, Given, SampleSettings
from smartcut.models.generation.dataset import Dataset
from smartcut.models.generation.features import RANDOM, features
from smartcut.models.generation.sampling import STANDARD, device_of, drawn, enough_memory

_AT_ONCE = 16
_FEWEST = 4


@dataclass(frozen=True, slots=True)
class Figures:
    """Measured on as many clips as the reference has; None where it cannot be had."""

    frechet: float
    """Distance of the features from the reference's, in its deviations; smaller is better."""
    precision: float
    """Share of the clips that lie within the reference; higher is better."""
    recall: float
    """Share of the reference that lies within the clips; higher is better."""
    change: float
    """Mean difference of frames that follow each other, as a share of the reference's."""
    unexplained: float
    """Error of frames warped onto the next along their flow, as a share of the reference's."""
    psnr: float | None = None
    """Of frames predicted after given ones, in dB; higher is better."""
    ssim: float | None = None
    """Of the same; 1 is perfect."""
    bits: float | None = None
    """Exact bits a channel of a pixel of the reference; smaller is better."""


@dataclass(frozen=True, slots=True)
class Report:
    """A generator's figures, beside the floor's and the baselines'."""

    family: str
    features: str
    clips: int
    past: int
    """Frames given to predict the others from; 0: none."""
    seed: int
    model: Figures
    floor: Figures
    baselines: Mapping[str, Figures]

    def to_plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    def text(self) -> str:
        """A table: a row for each figure, with what it should be."""
        columns = {self.family: self.model, "real": self.floor, **self.baselines}
        rows = [["", *columns, ""]]
        for field in fields(Figures):
            values = [getattr(figures, field.name) for figures in columns.values()]
            if any(v is not None for v in values):
                shown = ["-" if v is None else f"{v:.4g}" for v in values]
                rows.append([_TITLES[field.name], *shown, _BETTER[field.name]])
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = [
            "  ".join(
                cell.ljust(width) if i in (0, len(row) - 1) else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        given = f", {self.past} frames given" if self.past else ""
        return "\n".join([*lines, f"{self.clips} clips, features {self.features}{given}"])


_TITLES = {
    "frechet": "Fréchet distance",
    "precision": "precision",
    "recall": "recall",
    "change": "change in time",
    "unexplained": "unexplained change",
    "psnr": "predicted, PSNR dB",
    "ssim": "predicted, SSIM",
    "bits": "bits per dimension",
}
_BETTER = {
    "frechet": "small",
    "precision": "high",
    "recall": "high",
    "change": "near 1",
    "unexplained": "near 1",
    "psnr": "high",
    "ssim": "high",
    "bits": "small",
}


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What is measured against: held-back clips, and as many to learn from."""

    config: Config
    feature: str
    clips: np.ndarray
    """uint8 (N, T, H, W, C) with the generator's channels."""
    given: Given
    """Classes and prompts of the clips."""
    other: np.ndarray
    """As ``clips``, of those that were learned from."""
    learned: ClipBatches
    rows: np.ndarray
    """The features of ``clips``."""
    change: float
    unexplained: float
    device: str

    @classmethod
    def of(
        cls,
        config: Config,
        data: Dataset,
        *,
        feature: str = RANDOM,
        clips: int = 256,
        seed: int = 0,
        device: str = "cpu",
        allow_net: bool = False,
    ) -> Reference:
        """At most ``clips`` held-back clips of a set, as a generator of ``config`` sees them.

        Raises ModelError where the set does not fit the configuration, or holds too few back.
        """
        if data.info.labels != config.labels and config.labels:
            raise ModelError(
                f"{data.folder} has the classes {', '.join(data.info.labels) or 'none'}; the "
                f"weights were trained with {', '.join(config.labels)}"
            )
        test = ClipBatches.of(data, config, held_back=True, allow_net=allow_net)
        learned = ClipBatches.of(data, config, allow_net=allow_net)
        count = min(clips, len(test), len(learned))
        if count < _FEWEST:
            raise ModelError(
                f"{count} clips are too few to compare with; {data.folder} holds {len(test)} back, "
                f"at least {_FEWEST} are needed: make a larger set, or ask for more --clips"
            )
        random = np.random.default_rng(seed)
        chosen = np.sort(random.permutation(len(test))[:count])
        others = np.sort(random.permutation(len(learned))[:count])
        shown = test.clips[chosen, : config.frames]
        label = torch.from_numpy(test.labels[chosen]) if config.labels else None
        text = None if test.texts is None else torch.from_numpy(test.texts[chosen])
        return cls(
            config,
            feature,
            shown,
            Given(count, label, text),
            learned.clips[others, : config.frames],
            learned,
            features(feature, rgb(shown), device),
            measures.change(rgb(shown)),
            measures.unexplained(rgb(shown)),
            device,
        )

    @property
    def past(self) -> int:
        """Frames given for predictions."""
        return self.config.past


def evaluate(
    model: Generator,
    data: Dataset,
    *,
    features: str = RANDOM,
    clips: int = 256,
    seed: int = 0,
    sampling: SampleSettings = STANDARD,
    allow_net: bool = False,
) -> Report:
    """The generator's figures on the clips that a set holds back, the floor and the baselines.

    At most ``clips`` clips are made. Raises ModelError where the set does not fit the generator.
    """
    device = str(device_of(model))
    reference = Reference.of(
        model.config,
        data,
        feature=features,
        clips=clips,
        seed=seed,
        device=device,
        allow_net=allow_net,
    )
    trivial = {
        name: measured(kind.of(model.config, reference.learned).to(device), reference, seed)
        for name, kind in BASELINES.items()
    }
    return Report(
        model.family,
        features,
        len(reference.clips),
        reference.past,
        seed,
        measured(model, reference, seed, sampling),
        compared(rgb(reference.other), reference),
        trivial,
    )


def measured(
    model: Generator, reference: Reference, seed: int = 0, sampling: SampleSettings = STANDARD
) -> Figures:
    """One generator's figures; the classes and prompts asked for are those of the reference."""
    found = asdict(compared(drawn(model, reference.given, seed, sampling), reference))
    predicted = prediction(model, reference, seed, sampling)
    if predicted is not None:
        past = reference.past
        real, made = rgb(reference.clips)[:, past:], predicted[:, past:]
        found |= {"psnr": measures.psnr(real, made), "ssim": measures.ssim(real, made)}
    return Figures(**found | {"bits": bits(model, reference, seed)})


def compared(made: np.ndarray, reference: Reference) -> Figures:
    """Figures of clips alone, uint8 (N, T, H, W, 3), as many as the reference has."""
    of_real = measures.standardised(reference.rows, reference.rows)
    rows = features(reference.feature, made, reference.device)
    rows = measures.standardised(rows, reference.rows)
    precision, recall = measures.precision_recall(of_real, rows)
    return Figures(
        measures.frechet(of_real, rows),
        precision,
        recall,
        _share(measures.change(made), reference.change),
        _share(measures.unexplained(made), reference.unexplained),
    )


def _share(value: float, of: float) -> float:
    return value / of if of else float(value == 0)


def prediction(
    model: Generator, reference: Reference, seed: int = 0, sampling: SampleSettings = STANDARD
) -> np.ndarray | None:
    """The reference's clips continued from their first frames; None where that was not learned."""
    if not reference.past:
        return None
    given = reference.given
    past = to_clips(reference.clips[:, : reference.past])
    return drawn(model, Given(given.count, given.label, given.text, past), seed, sampling)


def bits(model: Generator, reference: Reference, seed: int = 0) -> float | None:
    """Mean bits per dimension of the reference; None for families without exact likelihood."""
    if type(model).bits_per_dimension is Generator.bits_per_dimension:
        return None
    device = device_of(model)
    random = torch.Generator(device).manual_seed(seed)
    found, given = [], reference.given
    with torch.no_grad(), enough_memory(device):
        for first in range(0, given.count, _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            clips = to_clips(reference.clips[part], str(device))
            label = None if given.label is None else given.label[part].to(device)
            text = None if given.text is None else given.text[part].to(device)
            said = Given(len(clips), label, text)
            found.append(model.bits_per_dimension(clips, said, random).double().cpu())
    return float(torch.cat(found).mean())


def rgb(clips: np.ndarray) -> np.ndarray:
    """uint8 (N, T, H, W, 3) of clips that may be gray."""
    return np.repeat(clips, 3, -1) if clips.shape[-1] == 1 else clips
