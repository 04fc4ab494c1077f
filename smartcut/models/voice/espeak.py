"""espeak-ng: a voice made by rule, in over a hundred languages. A program on this machine."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from smartcut.errors import MissingModel, ModelError
from smartcut.models.voice.engine import LineSound
from smartcut.timebase import nearest

#: Words a minute at speed 1, espeak-ng's own default; 80 and 450 are its bounds.
_PACE, _SLOWEST, _FASTEST = 175, 80, 450
_TIMEOUT = 120


def program() -> str | None:
    """Where the program lies; None where it is not installed."""
    return shutil.which("espeak-ng") or shutil.which("espeak")


class Espeak:
    """One of its voices. It does not tell when words are heard; nothing in it is random."""

    name = "espeak"
    rate = 22_050
    model: str | None = None
    weights: str | None = None

    def __init__(self, voice: str) -> None:
        found = program()
        if found is None:
            raise MissingModel(
                "`engine: espeak` needs the program espeak-ng, which is not installed; install it "
                "by the system's packages (such as: apt install espeak-ng), or use `engine: piper`"
            )
        self._program = found
        self.voice = voice
        self.language = voice.partition("-")[0]

    def say(self, sentences: Sequence[str], speed: Fraction, seed: int) -> list[LineSound]:
        return [LineSound(self._speak(sentence, speed), None) for sentence in sentences]

    def _speak(self, sentence: str, speed: Fraction) -> np.ndarray:
        pace = nearest(_PACE * speed)
        if not _SLOWEST <= pace <= _FASTEST:
            slowest, fastest = (float(round(Fraction(p, _PACE), 2)) for p in (_SLOWEST, _FASTEST))
            raise ModelError(
                f"espeak-ng speaks at speeds of {slowest} to {fastest}, not {float(speed):g}"
            )
        command = [self._program, "-v", self.voice, "-s", str(pace), "--stdin", "--stdout"]
        try:
            done = subprocess.run(
                command, input=sentence.encode(), capture_output=True, timeout=_TIMEOUT
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ModelError(f"{self._program} did not speak: {error}") from error
        if done.returncode or not done.stdout:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise ModelError(
                f"espeak-ng cannot speak with the voice {self.voice!r} "
                f"({said[-1] if said else 'it said nothing'}); see: espeak-ng --voices"
            )
        return from_wav(done.stdout, self.rate)


def from_wav(data: bytes, rate: int) -> np.ndarray:
    """float32 mono of 16-bit sound in a WAV whose lengths may be wrong, as it came by a pipe."""
    at, found = 12, 0
    while data[:4] == b"RIFF" and at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        if name == b"fmt ":
            _, channels, found = struct.unpack("<HHI", data[at + 8 : at + 16])
            if (channels, found) != (1, rate):
                break
        elif name == b"data":
            body = data[at + 8 : at + 8 + size]
            whole = np.frombuffer(body[: len(body) // 2 * 2], "<i2")
            return whole.astype(np.float32) / 32768
        at += 8 + size + size % 2
    raise ModelError(f"espeak-ng gave {found or 'no'} samples a second, not {rate} of one channel")
