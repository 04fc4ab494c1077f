"""The learned look of captions in words, as numbers, and as settings of `subtitles`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smartcut.learning_style.captions import LearnedCaptions
from smartcut.learning_style.estimates import Estimate


def caption_rows(found: LearnedCaptions | None) -> Iterator[tuple[str, str, str]]:
    """Settings, their values as YAML has them, and what is to be said of each."""
    if found is None:
        return
    yield "burn", "true", ""
    yield "look", found.look.name, _beside(found)
    settings = found.settings
    if settings:
        yield "style", "", "what is otherwise than in the look"
    intervals = {"size": found.size, "margin": found.margin}
    for name, value in settings.items():
        written = "null" if value is None else str(value)
        yield f"  {name}", written, _interval(intervals.get(name))


def _beside(found: LearnedCaptions) -> str:
    told = f"{found.explained:.0%} of what is seen in films held back is explained"
    if found.second is None:
        return told
    return f"{told}; the next look, `{found.second}`, explains {found.second_explained:.0%}"


def _interval(found: Estimate | None) -> str:
    return "" if found is None else f"({found.low:.3f} to {found.high:.3f}, n = {found.count})"


def captions_held_back(found: LearnedCaptions) -> str:
    """How well the look of all other films tells the captions of each."""
    each = ", ".join(f"{one.overlap:.0%}" for one in found.films)
    return (
        f"films held back: captions drawn in the look of the others cover {found.overlap:.0%} of "
        f"the same pixels as those that are seen ({each}; of all that either cover), at "
        f"{found.moments} moments"
    )


def plain_captions(found: LearnedCaptions) -> dict[str, Any]:
    """All of it, as in JSON."""
    return {
        "look": found.look.name,
        "style": found.settings,
        "size": found.size.to_plain() if found.size else None,
        "margin": found.margin.to_plain() if found.margin else None,
        "moments": found.moments,
        "held_back": [
            {
                "film": one.film,
                "overlap": round(one.overlap, 4),
                "explained": round(one.explained, 4),
            }
            for one in found.films
        ],
        "overlap": round(found.overlap, 4),
        "explained": round(found.explained, 4),
        "second": found.second,
        "second_explained": round(found.second_explained, 4),
    }
