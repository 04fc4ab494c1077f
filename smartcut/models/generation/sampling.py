"""From weights to frames: what is asked for in words and pictures, made as 8-bit clips.

Clips longer than a generator's own are made window by window: each window is given the last frames
of the one before it as its past.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from smartcut.errors import ModelError
from smartcut.models.generation import prompts
from smartcut.models.generation.batches import to_clips, to_pixels
from smartcut.models.generation.contract import (
    Config,
    Generator,
    Given,
    SampleSettings,
    check_given,
)

#: Each family's own way.
STANDARD = SampleSettings()
#: Clips made at once.
_AT_ONCE = 16


def made(
    model: Generator,
    count: int = 1,
    *,
    prompt: str | None = None,
    label: str | None = None,
    past: np.ndarray | None = None,
    frames: int | None = None,
    seed: int = 0,
    sampling: SampleSettings = STANDARD,
    allow_net: bool = False,
) -> np.ndarray:
    """uint8 (N, T, H, W, 3): clips of ``frames`` frames, as many as learned from where None.

    ``past`` is uint8 (P, H, W, 3), first frames for all of them, which come first as given (of
    gray generators: as gray). Raises ModelError for a prompt, a class or past frames that the
    weights cannot heed, for more frames than they can make, and for too little memory.
    """
    config = model.config
    wanted = config.frames if frames is None else frames
    if count < 1 or wanted < 1:
        raise ModelError(f"at least 1 clip of 1 frame can be made, not {count} of {wanted}")
    asked = given_of(config, count, prompt=prompt, label=label, past=past, allow_net=allow_net)
    check_given(config, asked)
    found = drawn(model, asked, seed, sampling)
    if wanted > config.frames:
        found = _carried_on(model, asked, found, wanted, seed, sampling)
    return found[:, :wanted]


def continued(
    model: Generator,
    past: np.ndarray,
    frames: int,
    *,
    count: int = 1,
    prompt: str | None = None,
    label: str | None = None,
    seed: int = 0,
    sampling: SampleSettings = STANDARD,
    allow_net: bool = False,
) -> np.ndarray:
    """uint8 (N, ``frames``, H, W, 3): what follows ``past``, uint8 (P, H, W, 3), and not it.

    As many of the last frames as the weights heed are looked at. Raises ModelError as
    :func:`made` does.
    """
    heeded = past[-max(1, model.config.past) :]
    whole = made(
        model,
        count,
        prompt=prompt,
        label=label,
        past=heeded,
        frames=len(heeded) + frames,
        seed=seed,
        sampling=sampling,
        allow_net=allow_net,
    )
    return whole[:, len(heeded) :]


def given_of(
    config: Config,
    count: int,
    *,
    prompt: str | None = None,
    label: str | None = None,
    past: np.ndarray | None = None,
    allow_net: bool = False,
) -> Given:
    """The same for ``count`` clips, as a generator of this configuration takes it.

    Raises ModelError for an unknown class, and for a prompt without words or that it cannot heed.
    """
    text = None if prompt is None else _text(config, prompt, allow_net).expand(count, -1)
    number = None if label is None else torch.full((count,), _number(config, label))
    frames = None if past is None else _past(config, past).expand(count, -1, -1, -1, -1)
    return Given(count, number, text, frames)


def _text(config: Config, prompt: str, allow_net: bool) -> Tensor:
    if config.tower is None:
        known = f"; ask for a class instead: {', '.join(config.labels)}" if config.labels else ""
        raise ModelError(f"these weights know no prompts: they were trained without text{known}")
    if not any(c.isalnum() for c in prompt):
        raise ModelError(f"the prompt {prompt!r} has no words; say what is to be seen, or leave it")
    return torch.from_numpy(prompts.embed([prompt], config.tower, allow_net=allow_net))


def _number(config: Config, label: str) -> int:
    if not config.labels:
        raise ModelError("these weights know no classes; leave the class out")
    if label not in config.labels:
        raise ModelError(f"unknown class {label!r}; accepted: {', '.join(config.labels)}")
    return config.labels.index(label)


def _past(config: Config, past: np.ndarray) -> Tensor:
    if past.dtype != np.uint8 or past.ndim != 4 or past.shape[-1] != 3:
        raise ModelError(f"past frames are uint8 (P, H, W, 3), not {past.dtype} {past.shape}")
    if config.channels == 1:
        past = gray(past)
    return to_clips(past[None])


def gray(pixels: np.ndarray) -> np.ndarray:
    """uint8 (..., 1): luma of (..., 3), as clips are turned gray to be learned from."""
    return np.rint(pixels @ np.array([0.2126, 0.7152, 0.0722])).astype(np.uint8)[..., None]


# ----------------------------------------------------------------------------------- drawing


def drawn(
    model: Generator, given: Given, seed: int, sampling: SampleSettings = STANDARD
) -> np.ndarray:
    """uint8 (N, T, H, W, 3): one clip for each row of ``given``, in the generator's own length.

    Some are made at once, in order, so that the memory it takes does not grow with their number.
    Raises ModelError for too little memory.
    """
    device = device_of(model)
    random = torch.Generator(device).manual_seed(seed)
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), enough_memory(device):
            parts = [
                to_pixels(model.sample(part, random, sampling))
                for part in _parts(given, device, _AT_ONCE)
            ]
    finally:
        model.train(was_training)
    return np.concatenate(parts)


def device_of(model: Generator) -> torch.device:
    """Where the generator computes."""
    for tensor in (*model.parameters(), *model.buffers()):
        return tensor.device
    return torch.device("cpu")


@contextmanager
def enough_memory(
    device: torch.device | str, advice: str = "ask for fewer clips, or another --device"
) -> Iterator[None]:
    """What is done within raises ModelError, in place of torch's errors, where memory is short."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _short_of(device, advice) from error
    except RuntimeError as error:  # what torch raises on the CPU
        if "can't allocate memory" not in str(error):
            raise
        raise _short_of(device, advice) from error


def _short_of(device: torch.device | str, advice: str) -> ModelError:
    return ModelError(f"this does not fit into the memory of {device}: {advice}")


def _parts(given: Given, device: torch.device, size: int) -> Iterator[Given]:
    def cut(tensor: Tensor | None, first: int) -> Tensor | None:
        return None if tensor is None else tensor[first : first + size].to(device)

    for first in range(0, given.count, size):
        yield Given(
            min(size, given.count - first),
            cut(given.label, first),
            cut(given.text, first),
            cut(given.past, first),
        )


def _carried_on(
    model: Generator,
    asked: Given,
    found: np.ndarray,
    wanted: int,
    seed: int,
    sampling: SampleSettings,
) -> np.ndarray:
    """The clips with further windows behind them; each window has chance of its own."""
    config = model.config
    if not config.past:
        raise ModelError(
            f"these weights make clips of {config.frames} frames and cannot continue one; ask for "
            f"at most {config.frames} frames, not {wanted}, or train with --past 1 or more"
        )
    window = 0
    while found.shape[1] < wanted:
        window += 1
        last = found[:, -config.past :]
        past = to_clips(gray(last) if config.channels == 1 else last)
        more = drawn(model, replace(asked, past=past), _seed_of(seed, window), sampling)
        found = np.concatenate([found, more[:, config.past :]], axis=1)
    return found


def _seed_of(seed: int, window: int) -> int:
    return int(np.random.SeedSequence((seed, window)).generate_state(1, np.uint64)[0] >> 1)
