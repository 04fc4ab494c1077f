"""Which engines and precisions there are, and which of them the user wants."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from smartcut.errors import PipelineError

Library = Literal["torch", "onnxruntime"]
Precision = Literal["fp32", "bf16", "int8"]

#: What ``SMARTCUT_ENGINE`` may say.
WISHES = ("auto", "torch", "onnxruntime")


@dataclass(frozen=True, slots=True)
class Way:
    """A library and the precision that it computes products in."""

    library: Library
    precision: Precision

    def __str__(self) -> str:
        return f"{self.library}, {self.precision}"


EXACT = Way("torch", "fp32")
FLOAT = Way("onnxruntime", "fp32")
HALF = Way("torch", "bf16")
SMALL = Way("onnxruntime", "int8")


def wish() -> str:
    """What ``SMARTCUT_ENGINE`` asks for, ``auto`` where it is not set; raises PipelineError."""
    asked = os.environ.get("SMARTCUT_ENGINE") or "auto"
    if asked not in WISHES:
        raise PipelineError(
            f"SMARTCUT_ENGINE is {asked!r}; accepted: {', '.join(WISHES)}. auto takes the first "
            "that is as good as torch and faster on this processor"
        )
    return asked


def wanted(ways: tuple[Way, ...], asked: str) -> tuple[Way, ...]:
    """Those of a network's ways, the fastest first, that the wish leaves open."""
    if asked == "torch":
        return ()
    if asked == "onnxruntime":
        return tuple(way for way in ways if way == FLOAT)
    return ways
