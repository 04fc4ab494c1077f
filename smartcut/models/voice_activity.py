"""Whether somebody speaks: Silero VAD 6, a network that faster-whisper brings along.

Its probabilities are asked for as they are: faster-whisper's own way from them to stretches of
speech hides short pauses, and adds margins of its own.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smartcut.cache import file_sha256
from smartcut.once import once

if TYPE_CHECKING:
    import numpy as np

RATE: Final = 16_000
#: Samples that a probability stands for.
STEP: Final = 512


@once
def identity() -> tuple[str, str]:
    """(name, sha256) of the network, found without loading it."""
    found = find_spec("faster_whisper")
    assert found is not None  # smartcut depends on it
    assert found.origin is not None
    return "silero-vad-6", file_sha256(Path(found.origin).parent / "assets" / "silero_vad_v6.onnx")


def probabilities(samples: np.ndarray) -> np.ndarray:
    """float32 (n,): of every 512 of float32 mono samples at 16 kHz, the last ones filled up."""
    import numpy as np
    from faster_whisper.vad import get_vad_model

    if not len(samples):
        return np.zeros(0, np.float32)
    padded = np.pad(samples, (0, -len(samples) % STEP))
    return np.asarray(get_vad_model()(padded), np.float32).reshape(-1)
