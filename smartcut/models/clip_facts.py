"""What open_clip knows of its models, told without importing it, which takes two seconds.

How a network is built stands in files of the package; what is published of it only in its code, so
that is asked once for each version, and kept beside the weights.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from smartcut.cache import key_of
from smartcut.models import weights
from smartcut.models.torchvision_shim import import_with_torchvision


def model_config(model: str) -> dict[str, Any] | None:
    """The configuration of a model of that name; None where there is none."""
    found = find_spec("open_clip")
    for folder in (found.submodule_search_locations if found else None) or ():
        with suppress(OSError, ValueError):
            shipped: dict[str, Any] = json.loads(
                (Path(folder) / "model_configs" / f"{model}.json").read_text(encoding="utf-8")
            )
            return shipped
    own: dict[str, Any] | None = import_with_torchvision("open_clip").get_model_config(model)
    return own


def published_weights(model: str, tag: str) -> dict[str, Any]:
    """Where weights are, and what pictures they want; empty where none are published so."""

    def ask() -> Any:
        return import_with_torchvision("open_clip").pretrained.get_pretrained_cfg(model, tag)

    return _kept(f"published {model}/{tag}", ask)


def first_published(model: str) -> dict[str, Any]:
    """The same of the first weights that open_clip lists for the model."""

    def ask() -> Any:
        open_clip = import_with_torchvision("open_clip")
        tags = open_clip.list_pretrained_tags_by_model(model)
        return open_clip.pretrained.get_pretrained_cfg(model, tags[0]) if tags else {}

    return _kept(f"first published {model}", ask)


def _kept(question: str, ask: Callable[[], Any]) -> dict[str, Any]:
    asked = {"question": question, "open_clip": version("open-clip-torch")}
    note = weights.notes_root() / f"open_clip-{key_of('open-clip-fact', 1, asked)[:32]}.json"
    with suppress(OSError, ValueError):
        if isinstance(kept := json.loads(note.read_text(encoding="utf-8")), dict):
            return kept
    found: dict[str, Any] = ask() or {}
    if found:
        weights.note_down(note, json.dumps(found))
    return found
