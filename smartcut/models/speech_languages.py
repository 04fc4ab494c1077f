"""Which language is spoken when, as Whisper judges it.

Whisper hears 30 s at a time. So speech is heard in windows, each encoded once, and the decoder is
asked for the language of every piece of speech in it, of which it sees no more than the piece's
own part of what was encoded. What neighbours agree on wins over a doubtful piece (the cheapest
path, by Viterbi). Each stretch found that way is then heard by itself, and has the last word; a
doubtful one is heard once more, piece by piece. Doubtful stretches side by side are heard
together; those that stay doubtful take the languages of the stretches around them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from smartcut.models.speech_models import SpeechEngine
from smartcut.models.steady_speech import FasterWhisper, openai_alone

RATE = 16_000
Piece = tuple[int, int]
"""First sample, and one past the last."""
Shares = Mapping[str, float]
"""Probability by language (ISO 639-1)."""
Judge = Callable[[np.ndarray, Sequence[Piece]], Sequence[Shares]]
"""Hears at most 30 s, and judges pieces of it."""

_WINDOW = 28 * RATE
_SAMPLES_A_VECTOR = 320
# What a change of language costs, in natural logarithms of probability; a piece of _FULL seconds
# or more counts fully, and nothing is held less probable than _LEAST.
_CHANGE, _FULL, _LEAST = 2.0, 2.0, 1e-3
_SURE, _UNSURE = 0.8, 0.5
_SHORT = 5 * RATE
_LONG = (0, round(_FULL * RATE))
# What Whisper takes unclear speech for, of whichever language; spoken too rarely to be believed.
_RARE = frozenset(("br", "fo", "haw", "jw", "la", "nn", "oc", "sa", "yi"))
_RARE_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class LanguageStretch:
    """Neighbouring pieces of speech in one language."""

    language: str
    pieces: tuple[Piece, ...]
    shares: Shares

    @property
    def share(self) -> float:
        """How probable the language is, 0..1."""
        return self.shares.get(self.language, 0.0)

    @property
    def is_doubtful(self) -> bool:
        """Whether it is too short and unclear to be a language of its own."""
        return self.share < _UNSURE and self.samples < _SHORT

    @property
    def samples(self) -> int:
        return sum(last - first for first, last in self.pieces)


def stretches(samples: np.ndarray, pieces: Sequence[Piece], judge: Judge) -> list[LanguageStretch]:
    """The speech (float32 mono at 16 kHz) divided where its language changes."""
    parts = [part for piece in pieces for part in _short(piece)]
    shares: list[Shares] = []
    for window in _windows(parts):
        first = window[0][0]
        heard = samples[first : window[-1][1]]
        shares += _weighed(judge(heard, [(a - first, b - first) for a, b in window]))
    found = [x for run in _runs(parts, shares) for x in _alone(samples, run, judge)]
    return list(_joined(_settled(samples, found, judge)))


def _runs(parts: Sequence[Piece], shares: Sequence[Shares]) -> list[list[Piece]]:
    numbered = zip(parts, path(parts, shares), strict=True)
    return [[part for part, _ in run] for _, run in groupby(numbered, key=lambda item: item[1])]


def _weighed(found: Sequence[Shares]) -> Iterator[Shares]:
    """The shares with rare languages held to be less probable."""
    for shares in found:
        own = {x: share * (_RARE_WEIGHT if x in _RARE else 1.0) for x, share in shares.items()}
        whole = sum(own.values())
        yield {language: share / whole for language, share in own.items()}


def path(parts: Sequence[Piece], shares: Sequence[Shares]) -> list[str]:
    """The most probable language of each piece, where a change from one to the next costs."""
    languages = sorted({language for one in shares for language in one})
    cost = dict.fromkeys(languages, 0.0)
    came: list[dict[str, str]] = []
    for (first, last), one in zip(parts, shares, strict=True):
        weight = min(1.0, (last - first) / RATE / _FULL)
        best = min(languages, key=lambda language: cost[language])
        origin = {x: x if cost[x] <= cost[best] + _CHANGE else best for x in languages}
        came.append(origin)
        cost = {
            x: cost[origin[x]]
            + _CHANGE * (origin[x] != x and len(came) > 1)
            - weight * math.log(max(one.get(x, 0.0), _LEAST))
            for x in languages
        }
    found = [min(languages, key=lambda language: cost[language])] if shares else []
    for origin in reversed(came[1:]):
        found.append(origin[found[-1]])
    return found[::-1]


def _short(piece: Piece) -> Iterator[Piece]:
    """The piece in equal parts that can be heard at once."""
    first, last = piece
    count = -(-(last - first) // _WINDOW)
    edges = [first + (last - first) * k // max(count, 1) for k in range(count + 1)]
    yield from pairwise(edges)


def _windows(parts: Sequence[Piece]) -> Iterator[list[Piece]]:
    held: list[Piece] = []
    for part in parts:
        if held and part[1] - held[0][0] > _WINDOW:
            yield held
            held = []
        held.append(part)
    if held:
        yield held


def _alone(samples: np.ndarray, run: Sequence[Piece], judge: Judge) -> Iterator[LanguageStretch]:
    """The languages of a run that is heard by itself: one, but where that is doubtful.

    Pieces are believed only where one of them is sure: speech in noise is none the clearer for
    being heard in pieces.
    """
    whole = _stretch(samples, run, judge)
    if whole.share >= _SURE or len(run) == 1:
        yield whole
        return
    shares = [_shares(samples, [part], judge) for part in run]
    found = [_stretch(samples, part, judge) for part in _runs(run, shares)]
    is_clearer = len(found) > 1 and any(one.share >= _SURE for one in found)
    yield from found if is_clearer else [whole]


def _stretch(samples: np.ndarray, run: Sequence[Piece], judge: Judge) -> LanguageStretch:
    shares = _shares(samples, run, judge)
    language = max(sorted(shares), key=lambda x: shares[x])
    return LanguageStretch(language, tuple(run), shares)


def _shares(samples: np.ndarray, run: Sequence[Piece], judge: Judge) -> Shares:
    """What is heard in a run, as much of it as can be heard at once."""
    heard = np.concatenate([samples[a:b] for a, b in run])[:_WINDOW]
    return next(_weighed(judge(heard, [(0, len(heard))])))


def _settled(
    samples: np.ndarray, found: Sequence[LanguageStretch], judge: Judge
) -> Iterator[LanguageStretch]:
    """The stretches, with those that are doubtful in the languages that are likeliest there.

    Doubtful ones side by side are heard together first: of one language, they are clear then.
    """
    before: LanguageStretch | None = None
    groups = [(key, [*one]) for key, one in groupby(found, key=lambda one: one.is_doubtful)]
    for number, (is_doubtful, group) in enumerate(groups):
        if is_doubtful:
            after = groups[number + 1][1][0] if number + 1 < len(groups) else None
            group = _as_neighbours(before, _together(samples, group, judge), after)
        yield from group
        before = group[-1]


def _together(
    samples: np.ndarray, group: list[LanguageStretch], judge: Judge
) -> list[LanguageStretch]:
    """Doubtful stretches as one, where that is clearer than each of them."""
    if len(group) == 1:
        return group
    whole = _stretch(samples, [piece for one in group for piece in one.pieces], judge)
    return [whole] if whole.share > max(one.share for one in group) else group


def _as_neighbours(
    before: LanguageStretch | None, group: list[LanguageStretch], after: LanguageStretch | None
) -> list[LanguageStretch]:
    """Stretches in the languages of those around them where they stay doubtful.

    The languages are on the cheapest path from the one before to the one after.
    """
    around = [one for one in (before, after) if one is not None]
    if not around or not any(one.is_doubtful for one in group):
        return group
    firm = {one.language for one in around}
    heard = [{x: one.shares.get(x, 0.0) for x in firm} for one in group]
    lengths = [(0, one.samples) for one in group]
    if before is not None:
        heard, lengths = [{before.language: 1.0}, *heard], [_LONG, *lengths]
    if after is not None:
        heard, lengths = [*heard, {after.language: 1.0}], [*lengths, _LONG]
    chosen = path(lengths, heard)[before is not None :]
    return [replace(one, language=x) for one, x in zip(group, chosen, strict=False)]


def _joined(found: Iterator[LanguageStretch]) -> Iterator[LanguageStretch]:
    """Neighbours of one language as one, as sure as the surest of them."""
    for language, same in groupby(found, key=lambda one: one.language):
        runs = list(same)
        pieces = tuple(piece for run in runs for piece in run.pieces)
        yield LanguageStretch(language, pieces, max(runs, key=lambda run: run.share).shares)


# ---------------------------------------------------------------------------------- the engines


def judge_of(model: Any, engine: SpeechEngine) -> Judge:
    """Judges by a multilingual model of either engine."""
    return _of_faster_whisper(model) if engine == "faster-whisper" else _of_openai(model)


def _vectors(piece: Piece) -> slice:
    """The encoder's vectors for a piece, one for every 20 ms."""
    first = piece[0] // _SAMPLES_A_VECTOR
    return slice(first, max(first + 1, -(-piece[1] // _SAMPLES_A_VECTOR)))


def _of_faster_whisper(model: FasterWhisper) -> Judge:
    import ctranslate2
    from faster_whisper.audio import pad_or_trim

    whisper = model.recogniser

    def judge(sound: np.ndarray, pieces: Sequence[Piece]) -> list[Shares]:
        encoded = whisper.encode(pad_or_trim(whisper.feature_extractor(sound)))
        encoded = np.array(encoded.to_device(ctranslate2.Device.cpu))
        found: list[Shares] = []
        for piece in pieces:
            own = np.ascontiguousarray(encoded[:, _vectors(piece)])
            (shares,) = whisper.model.detect_language(ctranslate2.StorageView.from_array(own))
            found.append({token[2:-2]: share for token, share in shares})
        return found

    return judge


def _of_openai(model: Any) -> Judge:
    import torch
    import whisper
    from whisper.tokenizer import get_tokenizer

    tokenizer = get_tokenizer(True, num_languages=model.num_languages)
    tokens, codes = list(tokenizer.all_language_tokens), tokenizer.all_language_codes

    @torch.no_grad()
    def judge(sound: np.ndarray, pieces: Sequence[Piece]) -> list[Shares]:
        padded = whisper.pad_or_trim(torch.from_numpy(sound))
        mel = whisper.log_mel_spectrogram(padded, model.dims.n_mels).to(model.device)
        begin = torch.tensor([[tokenizer.sot]], device=model.device)
        found: list[Shares] = []
        with openai_alone(str(model.device)):
            encoded = model.encoder(mel[None])
            for piece in pieces:
                logits = model.logits(begin, encoded[:, _vectors(piece)])[0, 0]
                shares = logits[tokens].float().softmax(-1).tolist()
                found.append(dict(zip(codes, shares, strict=True)))
        return found

    return judge
