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
#: Samples that are computed at a time; of those before a step, the network sees some too.
_BLOCK: Final = 1000 * STEP
_CONTEXT, _STATE = 64, 128


@once
def identity() -> tuple[str, str]:
    """(name, sha256) of the network, found without loading it."""
    found = find_spec("faster_whisper")
    assert found is not None  # smartcut depends on it
    assert found.origin is not None
    return "silero-vad-6", file_sha256(Path(found.origin).parent / "assets" / "silero_vad_v6.onnx")


class VoiceDetector:
    """Takes sound block by block, and says how likely it is that somebody speaks.

    It computes the same blocks however the sound comes in, and holds no more than one of them.
    """

    def __init__(self) -> None:
        import numpy as np
        from faster_whisper.vad import get_vad_model

        self._session = get_vad_model().session
        self._state = (np.zeros((1, 1, _STATE), np.float32),) * 2
        self._before = np.zeros(_CONTEXT, np.float32)
        self._waiting = np.zeros(0, np.float32)

    def feed(self, samples: np.ndarray) -> np.ndarray:
        """float32 (n,): of every 512 samples of the blocks that are whole with these."""
        import numpy as np

        self._waiting = np.concatenate([self._waiting, samples])
        found = [np.zeros(0, np.float32)]
        while len(self._waiting) >= _BLOCK:
            block, self._waiting = self._waiting[:_BLOCK], self._waiting[_BLOCK:]
            found.append(self._computed(block))
        return np.concatenate(found)

    def finish(self) -> np.ndarray:
        """The same of what is left, its last 512 samples filled up with silence."""
        import numpy as np

        left, self._waiting = self._waiting, np.zeros(0, np.float32)
        if not len(left):
            return np.zeros(0, np.float32)
        return self._computed(np.pad(left, (0, -len(left) % STEP)))

    def _computed(self, block: np.ndarray) -> np.ndarray:
        import numpy as np

        steps = block.reshape(-1, STEP)
        ends = steps[:-1, -_CONTEXT:]
        rows = np.concatenate([np.concatenate([self._before[None], ends]), steps], axis=1)
        state, carried = self._state
        found, *after = self._session.run(None, {"input": rows, "h": state, "c": carried})
        self._state = (after[0], after[1])
        self._before = steps[-1, -_CONTEXT:]
        return np.asarray(found, np.float32).reshape(-1)


def probabilities(samples: np.ndarray) -> np.ndarray:
    """float32 (n,): of every 512 of float32 mono samples at 16 kHz, the last ones filled up."""
    import numpy as np
    from faster_whisper.vad import get_vad_model

    if not len(samples):
        return np.zeros(0, np.float32)
    padded = np.pad(samples, (0, -len(samples) % STEP))
    return np.asarray(get_vad_model()(padded), np.float32).reshape(-1)
