"""Which engine speaks, and with what voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from smartcut.errors import MissingExtra, ModelError
from smartcut.models import weights
from smartcut.models.voice.spelling import Spans

#: The voice that comes with ``smartcut models pull``.
JOE = "piper-joe"


@dataclass(frozen=True, slots=True, eq=False)
class LineSound:
    """A sentence as sound: float32 mono in [-1, 1], and the samples of each of its words.

    ``words`` follow :func:`~smartcut.models.voice.spelling.words_of`; None where the engine does
    not tell when they are heard.
    """

    samples: np.ndarray
    words: Spans | None


class VoiceEngine(Protocol):
    """Speaks. What it says depends on its attributes and the arguments alone."""

    name: str
    voice: str
    rate: int
    """Samples a second."""
    language: str
    """ISO 639-1."""
    model: str | None
    weights: str | None
    """sha256 of the network's weights."""

    def say(self, sentences: Sequence[str], speed: Fraction, seed: int) -> list[LineSound]:
        """The sentences, one after the other; ``speed`` 2 is twice as fast."""


def choose(
    engine: Literal["auto", "piper", "espeak"], voice: str | None, *, allow_net: bool = False
) -> tuple[VoiceEngine, str | None]:
    """The engine, and what the user should know of the choice; nothing is loaded yet.

    ``voice`` is the path of a Piper voice (an .onnx file with its .onnx.json beside it), or one of
    espeak-ng's names, such as ``en-gb``. Raises ModelError or MissingExtra that says what to
    install or to pull.
    """
    from smartcut.models.voice.espeak import Espeak, program
    from smartcut.models.voice.piper import Piper

    is_file = voice is not None and voice.endswith(".onnx")
    if engine == "espeak" or (engine == "auto" and voice not in (None, JOE) and not is_file):
        if is_file:
            raise ModelError(f"{voice} is a Piper voice, and `engine: espeak` cannot speak with it")
        return Espeak(voice or "en-us"), None
    if engine == "piper" and voice not in (None, JOE) and not is_file:
        raise ModelError(
            f"{voice!r} is no voice of Piper: give {JOE}, or the path of an .onnx file with its "
            ".onnx.json beside it; or use `engine: espeak`"
        )
    try:
        if find_spec("piper") is None:
            raise MissingExtra("piper-tts", "voice", "a natural voice (Piper)")
        if is_file:
            return Piper(Path(str(voice)).expanduser()), None
        folder = weights.path(JOE, allow_net=allow_net)
    except (ModelError, MissingExtra) as error:
        if engine == "piper" or is_file or program() is None:
            raise
        return Espeak("en-us"), f"the voice is espeak-ng's, which sounds like a machine: {error}"
    return Piper(folder / weights.known(JOE).main, JOE, weights.digest(JOE)), None
