"""Recordings whose words, and when each is heard, are known: made by Piper's voice Joe.

Piper's network itself says how long each sound lasts, to 12 ms. Where people speak in noise or over
music, these are mixed in at a known level.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from benchmarks.made_speech import write_sound
from smartcut.models.voice.engine import VoiceEngine
from smartcut.models.voice.spelling import sentences_of, words_of

RATE = 16_000
#: No numbers or names, nor spellings that differ between countries: these are written in many ways.
RAILWAY = """The first railway in this valley was opened in the spring. It carried coal from the
mines to the coast, and later it carried people as well. Nobody expected how quickly it would
change the towns along the line. Within a few years the old coaches had gone. Shops that had
sold hay and leather now sold newspapers and oranges. A clock was placed on every station,
because for the first time it mattered what the exact hour was. Farmers sent milk to the city
before breakfast. Their children went to school in another village and came home in the evening.
In winter the snow often closed the pass, and then the trains stood still for days. Men with
shovels walked ahead of the engine and cleared the track. My grandmother told me that she once
spent a night in a carriage with some strangers, a priest, and a goat. They sang until the
morning."""
RIVER = """When the river froze, the boys of the village walked across it to the island. There
was nothing there but reeds, a fallen hut, and the wooden frame of a boat that nobody had
finished. They lit a fire on the stones and told each other what they would do with it. One
wanted to sail to the sea and never come back. Another wanted to catch enough fish to buy a
horse. The youngest only wanted to sit in it and be pulled along by the current, past the mill
and the church, until his mother called him for supper. In spring the ice broke with a noise
like thunder, and the water rose over the meadows. The island was gone for a month. When it came
back, the frame had been carried away, and in its place lay a tree with all its roots. The boys
looked at it for a long time. Then the oldest said that a tree was better than a boat, because
you could climb it, burn it, or cut it into planks and begin again. They came back with a saw,
some rope, and the dog. By the end of the summer they had built a raft, and it carried them as
far as the bridge before it fell apart under their feet."""

_PAUSES = (0.25, 0.6, 1.2, 2.5)
_ROOM = 0.0003
_BEFORE, _AFTER = 0.03, 0.05
_SNR = 10.0
_NOTHING_SAID = 30


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sound file, and (word, start, end in seconds) of what is said in it."""

    name: str
    file: Path
    words: tuple[tuple[str, float, float], ...]
    seconds: float


Words = list[tuple[str, float, float]]


def made(folder: Path, music: Path, voice: Callable[[], VoiceEngine]) -> dict[str, Spoken]:
    """All recordings, by name; those in the folder already are not made again."""
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / "words.json"
    if not known.exists():
        known.write_text(json.dumps(_make(folder, music, voice())))
    return {
        name: Spoken(name, folder / f"{name}.wav", tuple((w, a, b) for w, a, b in words), seconds)
        for name, (words, seconds) in json.loads(known.read_text()).items()
    }


def _make(folder: Path, music: Path, voice: VoiceEngine) -> dict[str, tuple[Words, float]]:
    random = np.random.default_rng(17)
    pauses, when = spoken(voice, RAILWAY, _PAUSES)
    unbroken, all_along = spoken(voice, RIVER, (0.0,))
    few = [w for w in when if w[2] < len(pauses) / RATE / 2]
    part = pauses[: round((few[-1][2] + 0.1) * RATE)]
    played = _at_rate(music)
    hiss = random.standard_normal(_NOTHING_SAID * RATE)
    nothing: Words = []
    found = {
        "pauses": (pauses, when),
        "unbroken": (unbroken, all_along),
        "in noise": (_mixed(part, random.standard_normal(len(part)), few), few),
        "over music": (_mixed(part, played, few), few),
        "silence": (np.zeros(_NOTHING_SAID * RATE), nothing),
        "noise": (0.03 * hiss, nothing),
        "music": (np.resize(played, _NOTHING_SAID * RATE), nothing),
    }
    for name, (samples, _) in found.items():
        write_sound(folder / f"{name}.wav", samples.astype(np.float32), RATE)
    return {name: (words, len(samples) / RATE) for name, (samples, words) in found.items()}


def spoken(voice: VoiceEngine, text: str, pauses: Sequence[float]) -> tuple[np.ndarray, Words]:
    """float32 (n,) at 16 kHz, and its words; the pauses follow the sentences in turn.

    Raises ValueError where the voice does not tell when words are heard.
    """
    parts: list[np.ndarray] = [np.zeros(round(1.5 * voice.rate), np.float32)]
    at = len(parts[0])
    words: Words = []
    sentences = sentences_of(text)
    for number, (text, line) in enumerate(
        zip(sentences, voice.say(sentences, Fraction(1), 5), strict=True)
    ):
        if line.words is None:
            raise ValueError(f"the voice {voice.voice} does not tell when words are heard")
        first = max(0, line.words[0][0] - round(_BEFORE * voice.rate))
        last = line.words[-1][1] + round(_AFTER * voice.rate)
        for word, (start, end) in zip(words_of(text), line.words, strict=True):
            words.append((word, (at + start - first) / voice.rate, (at + end - first) / voice.rate))
        pause = np.zeros(round(pauses[number % len(pauses)] * voice.rate), np.float32)
        parts += [line.samples[first:last], pause]
        at += sum(map(len, parts[-2:]))
    samples = np.concatenate(parts)
    room = np.random.default_rng(7).normal(0, _ROOM, len(samples))
    return _resampled((samples + room).astype(np.float32), voice.rate), words


def _mixed(speech: np.ndarray, other: np.ndarray, words: Words) -> np.ndarray:
    """The speech, and 10 dB below what is said the other sound, over and over."""
    said = np.concatenate([speech[round(a * RATE) : round(b * RATE)] for _, a, b in words])
    behind = np.resize(other, len(speech))
    level = np.sqrt((said**2).mean() / (behind**2).mean()) * 10 ** (-_SNR / 20)
    return speech + level * behind


def _at_rate(path: Path) -> np.ndarray:
    """float32 (n,): the file's sound."""
    resampler = av.AudioResampler("flt", "mono", RATE)
    with av.open(str(path)) as container:
        frames = [r for f in container.decode(audio=0) for r in resampler.resample(f)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def _resampled(samples: np.ndarray, rate: int) -> np.ndarray:
    frame = av.AudioFrame.from_ndarray(samples[None], "flt", "mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler("flt", "mono", RATE)
    frames = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])
