"""Text to another language by a CTranslate2 model of the user's: OPUS-MT, NLLB, M2M100, T5.

Which kind it is shows in its vocabulary: how such a model is told the languages is written there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from smartcut.cache import file_sha256, key_of
from smartcut.errors import ModelError
from smartcut.media.languages import terminological
from smartcut.models.sentence_pieces import SentencePieces
from smartcut.models.steady_speech import THREADS

_END = "</s>"
_BEAM, _ROWS, _LONGEST = 4, 16, 256
_REPEATS = 1.1
_VOCABULARIES = ("shared_vocabulary", "source_vocabulary", "target_vocabulary")
# Languages that NLLB (FLORES-200) knows by the code of one of their kinds, or in several scripts.
_FLORES = {
    "ara": "arb_Arab", "aze": "azj_Latn", "est": "est_Latn", "fas": "pes_Arab", "kur": "kmr_Latn",
    "lav": "lvs_Latn", "mlg": "plt_Latn", "mon": "khk_Cyrl", "msa": "zsm_Latn", "nep": "npi_Deva",
    "nor": "nob_Latn", "ori": "ory_Orya", "pus": "pbt_Arab", "sqi": "als_Latn", "swa": "swh_Latn",
    "uzb": "uzn_Latn", "yid": "ydd_Hebr", "zho": "zho_Hans", "kas": "kas_Arab",
}  # fmt: skip
# How kinds of models write a language: M2M100, OPUS-MT with several targets, T5.
_FORMS = {"m2m": "__{}__", "opus": ">>{}<<", "t5": "<2{}>"}
_IS_FLORES = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")


def digest_of(folder: Path) -> str:
    """One sha256 for all that translates: the weights, the vocabularies, the tokenizer."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return key_of("translator", 1, {path.name: file_sha256(path) for path in files})


def check_folder(folder: Path) -> None:
    """Raises ModelError where the folder holds no model, and says how to make one."""
    if not (folder / "model.bin").is_file():
        raise ModelError(
            f"{folder} holds no CTranslate2 model (model.bin); ct2-transformers-converter makes "
            "one of OPUS-MT, NLLB, M2M100 and T5 models, with --copy_files for their tokenizer "
            "(source.spm, sentencepiece.bpe.model or tokenizer.json)"
        )


@dataclass(frozen=True)
class Vocabulary:
    """What a model knows by name."""

    tokens: frozenset[str]
    adds_end: bool
    """The model itself puts the end of a text after it."""

    def prefixes(self, source: str, target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What goes before the text and before its translation, from one language to another.

        Languages are ISO 639-1 or 639-2, or a model's own code such as ``zho_Hant``. Raises
        ModelError where the model has many languages, and one of them is none of them.
        """
        if self._many_in("flores"):
            return (self._flores(source),), (self._flores(target),)
        if self._many_in("m2m"):
            return (self._named("m2m", source),), (self._named("m2m", target),)
        if self._many_in("opus"):
            return (self._named("opus", target),), ()
        if self._many_in("t5"):
            return (self._named("t5", target),), ()
        return (), ()

    def _many_in(self, kind: str) -> bool:
        return bool(self._languages[kind])

    @cached_property
    def _languages(self) -> dict[str, tuple[str, ...]]:
        patterns = {
            "flores": _IS_FLORES,
            "m2m": re.compile(r"__[a-z]{2,3}__"),
            "opus": re.compile(r">>[A-Za-z_-]+<<"),
            "t5": re.compile(r"<2[a-zA-Z_-]+>"),
        }
        ordered = sorted(self.tokens)
        return {k: tuple(t for t in ordered if p.fullmatch(t)) for k, p in patterns.items()}

    def _flores(self, language: str) -> str:
        known = self._languages["flores"]
        if language in known:
            return language
        term = terminological(language) or language
        wanted = _FLORES.get(term, f"{term}_")
        return self._found(language, [t for t in known if t.startswith(wanted)], known)

    def _named(self, kind: str, language: str) -> str:
        known = self._languages[kind]
        codes = (language, terminological(language) or language)
        found = [t for code in codes if (t := _FORMS[kind].format(code)) in known]
        return self._found(language, found, known)

    def _found(self, language: str, found: Sequence[str], known: Sequence[str]) -> str:
        if not found:
            raise ModelError(
                f"the translation model does not know the language {language!r}; it has "
                f"{', '.join(known[:40])}{' and others' if len(known) > 40 else ''}"
            )
        return found[0]


def vocabulary_of(folder: Path) -> Vocabulary:
    """Of the source language, or of both; raises ModelError where the folder has none."""
    config = folder / "config.json"
    settings = json.loads(config.read_text()) if config.is_file() else {}
    files = (folder / f"{n}{s}" for n in _VOCABULARIES for s in (".json", ".txt"))
    tokens: set[str] = set()
    for file in files:
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            tokens |= set(json.loads(text) if file.suffix == ".json" else text.split("\n"))
    if not tokens:
        raise ModelError(f"{folder} has no vocabulary ({_VOCABULARIES[0]}.json or .txt)")
    return Vocabulary(frozenset(tokens), bool(settings.get("add_source_eos")))


class Translator:
    """A model in a folder, ready; the same texts give the same translations anywhere."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        import ctranslate2

        check_folder(folder)
        self._vocabulary = vocabulary_of(folder)
        self._pieces = SentencePieces.of(folder)
        kind, _, number = device.partition(":")
        try:
            self._model: Any = ctranslate2.Translator(
                str(folder), device=kind, device_index=int(number or 0),
                intra_threads=THREADS, inter_threads=1,
            )  # fmt: skip
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"CTranslate2 cannot load {folder}: {error}") from error

    def __call__(
        self,
        texts: Sequence[str],
        source: str,
        target: str,
        advance: Callable[[int], None] = lambda done: None,
    ) -> list[str]:
        """The texts in the target language. Raises ModelError for one that it does not know."""
        before, own = self._vocabulary.prefixes(source, target)
        after = () if self._vocabulary.adds_end else (_END,)
        found: list[str] = []
        for at in range(0, len(texts), _ROWS):
            rows = [[*before, *self._pieces.divide(t), *after] for t in texts[at : at + _ROWS]]
            answers = self._model.translate_batch(
                rows,
                target_prefix=[list(own)] * len(rows) if own else None,
                beam_size=_BEAM,
                max_decoding_length=_LONGEST,
                repetition_penalty=_REPEATS,
                disable_unk=True,
            )
            for answer in answers:
                (pieces, *_) = answer.hypotheses
                found.append(self._pieces.join(pieces[len(own) :]))
            advance(len(found))
        return found
