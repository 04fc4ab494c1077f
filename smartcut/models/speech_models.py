"""Which Whisper writes what down: where its weights lie, how they are loaded, which one to take."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from smartcut.cache import file_sha256, key_of
from smartcut.errors import MissingModel, ModelError
from smartcut.files import whole
from smartcut.models import weights
from smartcut.models.steady_speech import FasterWhisper, numba_by_openmp

SpeechEngine = Literal["whisper", "faster-whisper"]
SpeechTask = Literal["transcribe", "translate"]

#: Chooses by language and device.
AUTO = "auto"
SHIPPED = "tiny.en"
MULTILINGUAL = "base"
#: Those that can be had from the package index.
PINNED = tuple(n.removeprefix("whisper-") for n in weights.TABLE if n.startswith("whisper-"))

Loader = Callable[[str], Any]
"""Gives a model by its name, ready on the device."""


@dataclass(frozen=True, slots=True)
class Recognisers:
    """Which model hears English, and which the other languages; None where there is none here."""

    english: str
    others: str | None

    def of(self, language: str) -> str:
        """Raises MissingModel where none on this machine knows the language."""
        if language == "en":
            return self.english
        if self.others is None:
            raise MissingModel(
                f"no model on this machine knows the language {language!r}; run: smartcut models "
                f"pull whisper-{MULTILINGUAL}, or name a multilingual model with `model:`"
            )
        return self.others


def recognisers(
    model: str, language: str | None, device: str = "cpu", task: SpeechTask = "transcribe"
) -> Recognisers:
    """The models for a name, or for ``auto`` those that suit the language, None to find it out.

    ``auto`` takes :data:`MULTILINGUAL` where it is on this machine; on a CPU English is left to
    :data:`SHIPPED`, which takes half the time. Raises ModelError where a model does not know the
    language, or cannot translate.
    """
    found = _recognisers(model, language, device)
    if task == "translate" and found.others is None:
        raise MissingModel(
            f"{found.english!r} knows English only, and translates nothing; run: smartcut models "
            f"pull whisper-{MULTILINGUAL}, and take `model: {MULTILINGUAL}`"
        )
    if language is not None:
        found.of(language)
    return found


def _recognisers(model: str, language: str | None, device: str) -> Recognisers:
    if model != AUTO:
        if model.endswith(".en") and language not in (None, "en"):
            raise ModelError(
                f"the model {model!r} knows English only, not {language!r}; "
                "choose a multilingual one such as tiny, base or small"
            )
        return Recognisers(model, None if model.endswith(".en") else model)
    others = MULTILINGUAL if find_model(MULTILINGUAL, "faster-whisper") else None
    prefers_other = device != "cpu" or weights.find(f"whisper-{SHIPPED}") is None
    return Recognisers(others if others and prefers_other else SHIPPED, others)


def is_pinned(model: str) -> bool:
    """Whether the model is a name of the table of weights, and no path."""
    return model in PINNED and not Path(model).exists()


def find_model(model: str, engine: SpeechEngine) -> Path | None:
    """The local file or folder of a model: a path as given, or a pinned one; else None."""
    given = Path(model).expanduser()
    if given.exists():
        return given
    if is_pinned(model) and (pinned := weights.find(f"whisper-{model}")):
        return pinned
    if engine == "whisper":
        cached = Path.home() / ".cache" / "whisper" / f"{model}.pt"
        return cached if cached.is_file() else None
    from faster_whisper.utils import download_model

    try:
        return Path(download_model(model, local_files_only=True))
    except Exception:  # an unknown name, or not in the local hub cache
        return None


def identity(
    model: str,
    engine: SpeechEngine,
    language: str | None = None,
    device: str = "cpu",
    task: SpeechTask = "transcribe",
) -> tuple[str, str]:
    """(name, sha256) of the model, or of those that ``auto`` may take, without loading them.

    Raises ModelError where they do not know the language, or cannot translate.
    """
    found = recognisers(model, language, device, task)
    if language is not None:
        return _identity(found.of(language), engine)
    names = [found.english, *([found.others] if found.others else ())]
    one, *more = (_identity(name, engine) for name in dict.fromkeys(names))
    if not more:
        return one
    both = f"{' and '.join(n.removesuffix(f' ({engine})') for n, _ in (one, *more))} ({engine})"
    return both, key_of("recognisers", 1, {"sha256": [one[1], *(sha256 for _, sha256 in more)]})


def _identity(model: str, engine: SpeechEngine) -> tuple[str, str]:
    found = find_model(model, engine)
    if is_pinned(model) and found in (None, weights.find(f"whisper-{model}")):
        return f"whisper-{model} ({engine})", weights.digest(f"whisper-{model}")
    if found is None:
        return f"whisper-{model} ({engine})", "not on this machine"
    file = found / "model.bin" if found.is_dir() else found
    return f"whisper-{Path(model).stem} ({engine})", file_sha256(file)


def load_model(
    model: str, engine: SpeechEngine, device: str = "cpu", allow_net: bool = False
) -> Any:
    """The engine's model, ready on the device; raises ModelError where it cannot be had."""
    where = _needed(model, engine, allow_net)
    if engine == "whisper":
        return _load_openai(where, device)
    return FasterWhisper(where, device)


def _needed(model: str, engine: SpeechEngine, allow_net: bool) -> Path | str:
    found = find_model(model, engine)
    if found is not None:
        return found
    if is_pinned(model):
        return weights.path(f"whisper-{model}", allow_net=allow_net)
    if not allow_net:
        raise MissingModel(
            f"the Whisper model {model!r} is not on this machine; allow fetching it with "
            f"--allow-net, give the path of a local one, or use one of {', '.join(PINNED)} "
            f"(smartcut models pull whisper-{PINNED[0]})"
        )
    return model


def _load_openai(where: Path | str, device: str) -> Any:
    """openai-whisper's model; one in CTranslate2's form is converted once, beside itself."""
    import torch
    import whisper

    numba_by_openmp()
    heads: list[list[int]] | None = None
    if isinstance(where, Path) and where.is_dir():
        from smartcut.models.speech_convert import read_variables, to_checkpoint

        heads = json.loads((where / "config.json").read_text()).get("alignment_heads")
        converted = where / "openai-whisper.pt"
        if not converted.is_file():
            with whole(converted, alone=False) as hidden:
                torch.save(to_checkpoint(read_variables(where / "model.bin")), hidden)
        where = converted
    try:
        model = whisper.load_model(str(where), device=device)
    except (RuntimeError, OSError) as error:
        raise ModelError(f"openai-whisper cannot load {where}: {error}") from error
    if heads:
        mask = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
        for layer, head in heads:
            mask[layer, head] = True
        model.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
    return model
