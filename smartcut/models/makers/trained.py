"""Pictures by a generator's own weights, enlarged to the timeline and brought to its rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from smartcut.errors import ModelError
from smartcut.models.generation import checkpoint
from smartcut.models.generation.batches import to_clips, to_pixels
from smartcut.models.generation.contract import Config, Generator, SampleSettings, family
from smartcut.models.generation.sampling import continued, given_of, gray, made
from smartcut.models.makers import Brief


def check(file: Path, kind: str, *, prompt: str | None, label: str | None) -> str:
    """The family of the generator in a file; loads no tensors.

    Raises ModelError where it cannot do what is asked: carry a clip on (``extend``), lead from one
    picture to another (``bridge``), or heed a prompt or a class.
    """
    said = checkpoint.describe(file)
    kinds = family(said["family"])
    config = kinds.settings.model_validate(said["config"])
    if kind == "extend" and not config.past:
        raise ModelError(f"{file} cannot continue a clip; train with --past 1 or more")
    if kind == "bridge" and not hasattr(kinds, "transition"):
        raise ModelError(
            f"{file} holds a {kinds.family}, which cannot lead from one picture to another; a vae "
            "can, and so can the engines rife, flow and blend"
        )
    given_of(config, 1, prompt=prompt, label=label)
    return kinds.family


def make(brief: Brief) -> Iterator[np.ndarray]:
    """uint8 (H, W, 3) for each frame; parameters ``file``, ``prompt``, ``label``, ``guidance``.

    Frames of the generator's own rate are shown until the next one is due. What is seen is
    enlarged to fill the picture, and the middle of it is shown.
    """
    model = checkpoint.load(Path(str(brief.params["file"])), brief.device)
    config = model.config
    rate = Fraction(config.rate).limit_denominator(1001)
    frames = -(-brief.frames * rate // brief.rate)
    if brief.kind == "bridge":
        clip = _between(model, brief, frames)
    else:
        clip = _sampled(model, brief, max(1, int(frames)), rate)
    for number in range(brief.frames):
        shown = min(int(number * rate / brief.rate), len(clip) - 1)
        yield enlarged(clip[shown], brief.width, brief.height)


def _sampled(model: Generator, brief: Brief, frames: int, rate: Fraction) -> np.ndarray:
    params, config = brief.params, model.config
    sampling = SampleSettings(steps=params.get("steps"), guidance=params.get("guidance"))
    prompt, label = params.get("prompt"), params.get("label")
    if brief.kind != "extend":
        return made(
            model, prompt=prompt, label=label, frames=frames, seed=brief.seed, sampling=sampling
        )[0]
    past = _past(brief, config, rate)
    return continued(
        model, past, frames, prompt=prompt, label=label, seed=brief.seed, sampling=sampling
    )[0]


def _past(brief: Brief, config: Config, rate: Fraction) -> np.ndarray:
    """The last frames before, as many as are heeded, at the generator's rate and size."""
    if not brief.past:
        raise ModelError("there is no frame before to go on from")
    return _at_rate(brief.past[::-1], config.past, brief.rate / rate, config)[::-1]


def _between(model: Generator, brief: Brief, frames: int) -> np.ndarray:
    """What leads from the clip before to the clip after, in the generator's latent space."""
    config, step = model.config, brief.rate / Fraction(model.config.rate).limit_denominator(1001)
    before = _at_rate(brief.past[::-1], config.frames, step, config)[::-1]
    after = _at_rate(brief.following, config.frames, step, config)
    ends = [
        to_clips((gray(clip) if config.channels == 1 else clip)[None], brief.device)[0]
        for clip in (np.ascontiguousarray(before), after)
    ]
    way = model.transition(*ends, max(2, int(frames)))  # type: ignore[operator]
    return to_pixels(way[None])[0]


def _at_rate(
    pictures: Sequence[np.ndarray], count: int, step: Fraction, config: Config
) -> np.ndarray:
    """uint8 (count, H, W, 3): every ``step``-th picture from the first on, in the size learned."""
    numbers = [min(int(i * step), len(pictures) - 1) for i in range(count)]
    return np.stack([shrunk(pictures[n], config.width, config.height) for n in numbers])


def shrunk(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """The middle of a picture in another shape, made smaller."""
    high, wide = picture.shape[:2]
    w = min(wide, round(high * width / height))
    h = min(high, round(wide * height / width))
    top, left = (high - h) // 2, (wide - w) // 2
    part = picture[top : top + h, left : left + w]
    return cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)


def enlarged(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """The picture filling a frame; the middle of what is larger is seen."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    w, h = max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale))
    large = cv2.resize(picture, (w, h), interpolation=cv2.INTER_CUBIC)
    top, left = (h - height) // 2, (w - width) // 2
    return np.ascontiguousarray(large[top : top + height, left : left + width])
