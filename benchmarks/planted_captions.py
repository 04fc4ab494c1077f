"""Finished films with burned-in captions whose look is known, from sources with known words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.planted_pictures import QUALITIES, planted_cut
from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.cut import Captions
from smartcut.looks import find_look
from smartcut.media.probe import probe
from smartcut.timebase import Range

_WORDS = (
    "the harbour lies very quiet before the boats come in and nobody says one word about a storm",
    "that took half of our pier last winter when all lights went out for the first time since",
)


@dataclass(frozen=True, slots=True)
class PlantedCaptions:
    """A look, and what is otherwise in it; no captions without one."""

    look: str | None = None
    style: tuple[tuple[str, Any], ...] = ()

    def captions(self) -> Captions | None:
        if self.look is None:
            return None
        style = find_look(self.look).style.model_copy(update=dict(self.style))
        return Captions(sidecars=(), burn=True, language="en", style=style)


def said(seed: int, seconds: float) -> Transcript:
    """Sentences of five to nine words, with pauses between them."""
    random = np.random.default_rng(seed)
    known = " ".join(_WORDS).split()
    at, sentences = F(3, 10), []
    while at < seconds - 4:
        words = []
        for _ in range(int(random.integers(5, 10))):
            place = Range(at, at + F(int(random.integers(18, 42)), 100))
            words.append(Word(place, str(random.choice(known))))
            at = place.end
        whole = Range(words[0].range.start, at)
        sentences.append(Sentence(whole, " ".join(word.text for word in words), tuple(words)))
        at += F(int(random.integers(20, 70)), 100)
    return Transcript("en", tuple(sentences))


def write_words(files: Sequence[Path], seed: int) -> dict[str, Path]:
    """What is said in each source, by its name: a file like those of Whisper (JSON) beside it."""
    found = {}
    for number, file in enumerate(files):
        path = file.with_name(f"{file.stem}-words.json")
        path.write_text(json.dumps(_plain(_said(file, seed + number))), encoding="utf-8")
        found[file.stem] = path
    return found


def _said(file: Path, seed: int) -> Transcript:
    return said(seed, float(probe(file).duration))


def _plain(transcript: Transcript) -> dict[str, Any]:
    return {
        "language": "en",
        "segments": [
            {
                "start": float(sentence.range.start),
                "end": float(sentence.range.end),
                "text": sentence.text,
                "words": [
                    {"word": w.text, "start": float(w.range.start), "end": float(w.range.end)}
                    for w in sentence.words
                ],
            }
            for sentence in transcript.sentences
        ],
    }


def write_captioned(
    folder: Path,
    files: Sequence[Path],
    seed: int,
    *planted: PlantedCaptions,
    resolution: str | None = None,
    qualities: Sequence[int] = QUALITIES,
    films: int = 3,
    count: int = 10,
) -> list[Path]:
    """``film0.mp4`` and so on, without manifests; captions are those of the first film, the second
    and so on. What is said is that of :func:`write_words` with the same seed."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = [probe(file) for file in files]
    known = tuple(
        Annotation("transcript", source.id, said(seed + number, float(source.duration)))
        for number, source in enumerate(sources)
    )
    wanted = {"resolution": resolution} if resolution else {}
    found = []
    for number in range(films):
        path = folder / f"film{number}.mp4"
        if not path.exists():
            cut = planted_cut(sources, 100 * seed + number, ((),), count)
            used = {source.id for source in cut.sources}
            captions = planted[number % len(planted)].captions()
            own = tuple(one for one in known if one.source in used)
            cut = replace(cut, annotations=own, captions=captions)
            quality = qualities[number % len(qualities)]
            cut.render(path, mode="encode", crf=quality, preset="veryfast", **wanted)
            path.with_suffix(".manifest.json").unlink(missing_ok=True)
        found.append(path)
    return found
