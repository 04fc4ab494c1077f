"""The relevance of each second's picture: MODEL PROMPT OUT.json EFFORT FILM...

EFFORT "" is smartcut's own choice.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import smartcut as sc
from smartcut.annotation import Signal


def main(model: str, prompt: str, out: str, effort: str, *films: str) -> None:
    """Write [values, ...], a list for each film."""
    given = {"effort": effort} if effort else {}
    cut = (sc.open(*films) | sc.relevance(prompts=prompt, model=model, rate=1, **given)).cut(
        device="cpu"
    )
    found = [cut.data(Signal, "relevance", source.id) for source in cut.sources]
    Path(out).write_text(json.dumps([list(signal.values[0]) for signal in found if signal]))


if __name__ == "__main__":
    main(*sys.argv[1:])
