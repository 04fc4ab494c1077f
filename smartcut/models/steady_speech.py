"""Recognisers that write the same words whatever the number of cores, and however often they run.

Three things would make them differ. The sums of a product of matrices depend on how BLAS divides
it among threads, and a last bit decides between two words that are about as likely. CTranslate2
and torch divide their work too: CTranslate2 gets one thread for each recognition, since several
would spend a third of the processor's time on waiting for each other, and torch a fixed number. And
where Whisper doubts what it wrote, it draws other texts at random: torch's numbers are begun anew
for each recording, CTranslate2's, which belong to its worker threads, by a decoder whose threads
are new.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from smartcut.errors import ModelError
from smartcut.models.torch_threads import computing_with
from smartcut.usable import usable_cores

#: Threads that torch computes with.
THREADS = 2
_SEED = 0


class _Filters:
    """Mel filters (bands, frequencies) that are applied on one thread: no sum is divided."""

    def __init__(self, filters: np.ndarray) -> None:
        self._filters = filters
        self.bands = len(filters)

    def __matmul__(self, magnitudes: np.ndarray) -> np.ndarray:
        return np.einsum("ij,jk->ik", self._filters, magnitudes)


class _Decoder:
    """A decoder shared by all recordings, but for what is drawn at random: that is this one's."""

    def __init__(self, shared: Any, own: Callable[[], Any]) -> None:
        self._shared, self._make_own = shared, own
        self._own: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shared, name)

    def generate(self, *given: Any, sampling_temperature: float = 0.0, **settings: Any) -> Any:
        if not sampling_temperature:
            return self._shared.generate(*given, **settings)
        self._own = self._own or self._make_own()
        return self._own.generate(*given, sampling_temperature=sampling_temperature, **settings)


def precision_of(device: str) -> str:
    """What CTranslate2 computes products with on a device."""
    return "int8" if device.partition(":")[0] == "cpu" else "float16"


class FasterWhisper:
    """faster-whisper's model, of which :meth:`fresh` gives one for each recording."""

    def __init__(self, where: Path | str, device: str) -> None:
        from faster_whisper import WhisperModel

        kind, _, number = device.partition(":")
        self._where = str(where)
        self._settings: dict[str, Any] = {
            "device": kind,
            "device_index": int(number or 0),
            "compute_type": precision_of(device),
        }
        try:
            self._model = WhisperModel(
                self._where, cpu_threads=1, num_workers=usable_cores(), **self._settings
            )
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"faster-whisper cannot load {where}: {error}") from error
        extractor = self._model.feature_extractor
        extractor.mel_filters = _Filters(extractor.mel_filters)

    @property
    def recogniser(self) -> Any:
        """The ``faster_whisper.WhisperModel`` itself, for what draws nothing."""
        return self._model

    def fresh(self) -> Any:
        """A ``faster_whisper.WhisperModel`` that has drawn no random numbers yet."""
        model = copy.copy(self._model)
        model.model = _Decoder(self._model.model, self._decoder)
        return model

    def _decoder(self) -> Any:
        """CTranslate2's model, once more: only new threads begin their random numbers anew."""
        import ctranslate2

        ctranslate2.set_random_seed(_SEED)
        return ctranslate2.models.Whisper(
            self._where, intra_threads=1, inter_threads=1, **self._settings
        )


def numba_by_openmp() -> None:
    """Have numba, which works out the words' times, divide its work by OpenMP if it may choose.

    Its first choice, TBB where the system has that library, waits for ever at the end of the
    process when the thread that began it is gone.
    """
    import numba

    config: Any = numba.config
    if config.THREADING_LAYER == "default" and "NUMBA_THREADING_LAYER_PRIORITY" not in os.environ:
        config.THREADING_LAYER_PRIORITY = ["omp", "tbb", "workqueue"]


# openai-whisper keeps what it decodes in hooks on the model.
_one_at_a_time = Lock()


@contextmanager
def openai_alone(device: str) -> Iterator[None]:
    """Within the block, openai-whisper's models are this thread's, and steady."""
    with _one_at_a_time, steady_torch(device):
        yield


@contextmanager
def steady_torch(device: str) -> Iterator[None]:
    """Within the block, torch computes with a fixed number of threads and draws the same numbers.

    Its random numbers elsewhere go on afterwards as if nothing had been drawn.
    """
    import torch

    devices = [] if device == "cpu" else [torch.device(device)]
    with computing_with(THREADS), torch.random.fork_rng(devices=devices):
        torch.manual_seed(_SEED)
        yield
