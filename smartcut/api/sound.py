"""Sound from samples or from a function of time, as a file that films can have."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.cache import Cache, key_of
from smartcut.errors import PipelineError
from smartcut.playable import Time
from smartcut.timebase import parse_time

_VERSION = 1
_RATES = (1000, 768_000)
_MOST_CHANNELS = 8
_FULL = 2**31 - 1
# So many samples of a function at once, and in a file.
_BLOCK = 1 << 20


def sound(
    samples: np.ndarray | Callable[[np.ndarray], Any],
    rate: int = 44100,
    duration: Time | None = None,
) -> Path:
    """A sound that was computed, as a file that a film can have or be.

    ``samples`` are floats (samples,) or (channels, samples) from -1 to 1, or integers of 8,
    16 or 32 bits at full scale; or a function that is given a vector of times in seconds and
    returns as many samples, for ``duration`` seconds.
    ``rate`` is samples a second. The WAV file, of 32 bits, lies in the cache under the digest of
    what it holds; copy it where it is to stay. Raises PipelineError for what is no sound.

        tone = sc.sound(lambda t: 0.3 * np.sin(2 * np.pi * 440 * t), duration=2)
        film | sc.audio(music=tone)
        film | sc.sounds(pieces=[{"file": tone, "at": 1}])
    """
    if isinstance(rate, bool) or not isinstance(rate, int) or not _RATES[0] <= rate <= _RATES[1]:
        raise PipelineError(
            f"sound(): rate={rate!r} is not accepted; accepted: samples a second, 1000 to 768000"
        )
    if callable(samples):
        given = _computed(samples, rate, duration)
    elif duration is not None:
        raise PipelineError(
            "sound(): duration= goes with a function; samples last as long as they are many"
        )
    else:
        given = _checked(samples, "samples")
    return _written(_whole_numbers(given), rate)


def _computed(function: Callable[[np.ndarray], Any], rate: int, duration: Any) -> np.ndarray:
    if duration is None:
        raise PipelineError("sound(): a function needs duration=, in seconds")
    try:
        count = round(parse_time(duration) * rate)
    except ValueError as error:
        raise PipelineError(f"sound(): {error}") from None
    blocks = []
    for at in range(0, count, _BLOCK):
        times = np.arange(at, min(at + _BLOCK, count)) / rate
        block = _checked(function(times), "what the function returned")
        if block.shape[1] != len(times):
            raise PipelineError(
                f"sound(): the function was given {len(times)} times and returned "
                f"{block.shape[1]} samples; accepted: (times,) or (channels, times)"
            )
        blocks.append(block)
    if not blocks:
        raise PipelineError("sound(): duration= must be more than 0 seconds")
    if len({block.shape[0] for block in blocks}) > 1:
        raise PipelineError("sound(): the function returned another number of channels later on")
    return np.concatenate(blocks, axis=1)


def _checked(samples: Any, what: str) -> np.ndarray:
    """(channels, samples), at least one of each, finite numbers; raises PipelineError."""
    found = np.asarray(samples)
    found = found[None] if found.ndim == 1 else found
    hint = ""
    if found.ndim == 2 and found.shape[0] > _MOST_CHANNELS >= found.shape[1]:
        hint = "; these look like (samples, channels): pass samples.T"
    if found.ndim != 2 or not 1 <= found.shape[0] <= _MOST_CHANNELS or not found.shape[1]:
        raise PipelineError(
            f"sound(): {what} have the shape {np.shape(samples)}; accepted: (samples,), or "
            f"(channels, samples) of 1 to {_MOST_CHANNELS} channels{hint}"
        )
    is_float = found.dtype.kind == "f"
    if not is_float and (found.dtype.kind not in "iu" or found.dtype.itemsize > 4):
        raise PipelineError(
            f"sound(): {what} are {found.dtype}; accepted: floats, or integers of 8, 16 or 32 bits"
        )
    if is_float and not np.isfinite(found).all():
        raise PipelineError(f"sound(): {what} are not all finite numbers")
    return found


def _whole_numbers(samples: np.ndarray) -> np.ndarray:
    """Samples as int32 of full scale; raises PipelineError where floats go beyond 1."""
    if samples.dtype.kind == "u":
        middle = 1 << (8 * samples.dtype.itemsize - 1)
        samples = (samples.astype(np.int64) - middle).astype(f"i{samples.dtype.itemsize}")
    if samples.dtype.kind == "i":
        return samples.astype(np.int64).astype("<i4") << (32 - 8 * samples.dtype.itemsize)
    peak = float(np.abs(samples).max())
    if peak > 1:
        raise PipelineError(
            f"sound(): the loudest sample is {peak:.3g}; accepted: -1 to 1. Divide by {peak:.3g}, "
            "or clip: np.clip(samples, -1, 1)"
        )
    return np.round(samples.astype(np.float64) * _FULL).astype("<i4")


def _written(samples: np.ndarray, rate: int) -> Path:
    """The file of int32 samples (channels, count) in the cache."""
    interleaved = np.ascontiguousarray(samples.T)
    content = hashlib.sha256(interleaved.tobytes()).hexdigest()
    channels = samples.shape[0]
    key = key_of("sound", _VERSION, {"content": content, "rate": rate, "channels": channels})
    cache = Cache()
    found = cache.find(key, ".wav")
    if found is not None:
        return found
    with cache.create(key, ".wav") as path, wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(4)
        file.setframerate(rate)
        for at in range(0, len(interleaved), _BLOCK):
            file.writeframes(interleaved[at : at + _BLOCK].tobytes())
    return cache.place(key, ".wav")
