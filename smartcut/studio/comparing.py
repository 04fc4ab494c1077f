"""Two cuts compared: in words, and as plain data to be laid side by side."""

from __future__ import annotations

from typing import Any

from smartcut.algebra import resolved
from smartcut.cut import Cut
from smartcut.studio.state import plain_tracks, plain_words


def compared(a: Cut, b: Cut) -> dict[str, Any]:
    """What differs from the one to the other."""
    return {"a": _side(a), "b": _side(b), "differences": []}


def _side(cut: Cut) -> dict[str, Any]:
    cut = resolved(cut)
    return {
        "duration": float(cut.duration),
        "tracks": plain_tracks(cut, {}),
        "words": list(plain_words(cut)),
    }
