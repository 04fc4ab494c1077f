"""`python -m benchmarks.language_changes`: recordings that change their language.

Which part of the speech is given its own language by what `transcribe` does to find languages
(Whisper base), and how many recordings are divided as they were put together; nothing is written
down. `chosen` are recordings that thresholds were set on; voices, sentences and orders of
`held back` were not. Some have one language alone, which is not to be divided.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.foreign_speech import RATE, TEXTS, Kokoro, mixed_in, resampled
from smartcut.models.speech_languages import LanguageStretch, Piece, judge_of, stretches
from smartcut.models.speech_models import load_model
from smartcut.models.speech_windows import spoken_pieces
from smartcut.models.voice.espeak import Espeak
from smartcut.models.voice_activity import probabilities

Draw = Literal["chosen", "held back"]
Voice = Literal["espeak-ng", "Kokoro"]

#: What is said in the recordings held back; those that were chosen on have `TEXTS`.
OTHER_TEXTS = {
    "en": ("The train to the coast leaves at nine.", "Please bring a warm coat and some bread.",
           "Nobody knew where the letter had come from."),
    "de": ("Der Zug an die Küste fährt um neun Uhr.", "Bitte bringt einen warmen Mantel mit.",
           "Niemand wusste, woher der Brief gekommen war."),
    "fr": ("Le train pour la côte part à neuf heures.", "Apportez un manteau chaud et du pain.",
           "Personne ne savait d'où venait cette lettre."),
    "es": ("El tren a la costa sale a las nueve.", "Por favor, traed un abrigo y algo de pan.",
           "Nadie sabía de dónde había llegado la carta."),
    "it": ("Il treno per la costa parte alle nove.", "Portate un cappotto pesante e del pane.",
           "Nessuno sapeva da dove fosse arrivata la lettera."),
    "pt": ("O comboio para a costa parte às nove.", "Tragam um casaco quente e um pouco de pão.",
           "Ninguém sabia de onde tinha vindo a carta."),
    "pl": ("Pociąg na wybrzeże odjeżdża o dziewiątej.", "Proszę zabrać ciepły płaszcz i chleb.",
           "Nikt nie wiedział, skąd przyszedł ten list."),
    "nl": ("De trein naar de kust vertrekt om negen uur.", "Neem een warme jas en wat brood mee.",
           "Niemand wist waar de brief vandaan kwam."),
}  # fmt: skip
#: What Whisper base understands of each kind of voice when it hears nothing else.
LANGUAGES: dict[Voice, tuple[str, ...]] = {
    "espeak-ng": ("en", "de", "es", "it", "pl"),
    "Kokoro": ("en", "de", "fr", "es", "it", "pt", "pl", "nl"),
}
_VARIANTS: dict[Draw, tuple[str, ...]] = {
    "chosen": ("", "+f2", "+m3"),
    "held back": ("+f4", "+m7", "+m1", "+Alex"),
}
_STYLES: dict[Draw, tuple[str, ...]] = {
    "chosen": ("jm_kumo", "jf_alpha"),
    "held back": ("jf_gongitsune", "jf_nezumi", "jf_tebukuro"),
}
_SEEDS: dict[Draw, int] = {"chosen": 1, "held back": 2}
_PAUSE = 0.5
_FOLDER = Path(__file__).parents[1] / "out" / "bench" / "languages"


@dataclass(frozen=True, slots=True)
class Changing:
    """A recording, and who speaks which language from when to when."""

    voice: Voice
    draw: Draw
    samples: np.ndarray
    said: tuple[tuple[str, Piece], ...]

    @property
    def languages(self) -> list[str]:
        return [language for language, _ in itertools.groupby(x for x, _ in self.said)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How much of the speech has its own language, and whether the languages in order are right."""

    right: int
    samples: int
    is_divided: bool

    @classmethod
    def of(cls, made: Changing, found: Sequence[LanguageStretch]) -> Outcome:
        heard = [(x.language, piece) for x in found for piece in x.pieces]
        right = sum(
            max(0, min(a[1], b[1]) - max(a[0], b[0]))
            for language, a in made.said
            for other, b in heard
            if other == language
        )
        spoken = sum(b - a for _, (a, b) in heard)
        return cls(right, spoken, [x.language for x in found] == made.languages)


def recordings(voice: Voice, draw: Draw, count: int) -> Iterator[Changing]:
    """One to four languages each, of which each has one to three sentences."""
    pick = random.Random(_SEEDS[draw] + 10 * (voice == "Kokoro"))
    say = _Sayer(voice)
    styles = _VARIANTS[draw] if voice == "espeak-ng" else _STYLES[draw]
    for number in range(count):
        style = styles[number % len(styles)]
        chosen = pick.sample(LANGUAGES[voice], 1 + number % 4)
        parts, said, at = [np.zeros(round(_PAUSE * RATE), np.float32)], [], round(_PAUSE * RATE)
        for language in chosen:
            sentences = _sentences(draw, language)
            for text in pick.sample(sentences, pick.randint(1, len(sentences))):
                samples = say.said(language, style, text)
                said.append((language, (at, at + len(samples))))
                parts += [samples, parts[0]]
                at += len(samples) + len(parts[0])
        yield Changing(voice, draw, np.concatenate(parts), tuple(said))


def _sentences(draw: Draw, language: str) -> list[str]:
    if draw == "held back":
        return list(OTHER_TEXTS[language])
    return [f"{text.strip().rstrip('.')}." for text in TEXTS[language][1].split(". ")]


class _Sayer:
    """Sentences spoken, each kept in a file."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._kokoro: Kokoro | None = None
        self._made: dict[tuple[str, str, str], np.ndarray] = {}

    def said(self, language: str, style: str, text: str) -> np.ndarray:
        asked = (language, style, text)
        if asked not in self._made:
            self._made[asked] = self._say(*asked)
        return self._made[asked]

    def _say(self, language: str, style: str, text: str) -> np.ndarray:
        spelling = TEXTS[language][0]
        if self._voice == "espeak-ng":
            engine = Espeak(spelling + style)
            (line,) = engine.say([text], Fraction(9, 10), 0)
            return resampled(line.samples, engine.rate)
        self._kokoro = self._kokoro or Kokoro(_FOLDER / "kokoro")
        return self._kokoro.spoken(spelling, text, style)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.language_changes")
    parser.add_argument("--count", type=int, default=24, help="recordings of each kind")
    parser.add_argument("--draws", nargs="*", default=["chosen", "held back"])
    asked = parser.parse_args(arguments)
    (_FOLDER / "kokoro").mkdir(parents=True, exist_ok=True)
    judge = judge_of(load_model("base", "faster-whisper"), "faster-whisper")
    noise = np.random.default_rng(3).normal(0, 1, 60 * RATE).astype(np.float32)
    print("| voices | draw | sound | speech in its language | divided as made |")
    print("|---|---|---|---|---|")
    for voice, draw in itertools.product(LANGUAGES, asked.draws):
        made = list(recordings(voice, draw, asked.count))
        for condition, snr in (("clean", None), ("noise, 10 dB", 10.0)):
            outcomes = list(_outcomes(made, noise, snr, judge))
            right = sum(x.right for x in outcomes) / sum(x.samples for x in outcomes)
            whole = sum(x.is_divided for x in outcomes)
            print(f"| {voice} | {draw} | {condition} | {right:.1%} | {whole} of {len(made)} |")
    return 0


def _outcomes(
    made: Iterable[Changing], noise: np.ndarray, snr: float | None, judge: object
) -> Iterator[Outcome]:
    for one in made:
        samples = one.samples if snr is None else mixed_in(one.samples, noise, snr)
        parts = spoken_pieces(probabilities(samples), len(samples), 0.3)
        yield Outcome.of(one, stretches(samples, parts, judge))  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
