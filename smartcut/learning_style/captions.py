"""The look that the burned-in captions of films share, and how well it tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from smartcut.cut import Cut
from smartcut.learning_style.caption_look import CaptionLook, look_named, spoken_film
from smartcut.learning_style.caption_search import LookSearch, Seen
from smartcut.learning_style.caption_seen import SeenMoment
from smartcut.learning_style.estimates import Estimate

#: No look is claimed of fewer films with captions, moments with captions, moments of each film.
FEWEST_FILMS, FEWEST_MOMENTS, FEWEST_EACH = 2, 12, 3
#: A film has captions where they are seen at this share of the moments.
SEEN = 0.25
#: On films held back, captions that are drawn have to explain so much of what is seen, on average
#: and of each film.
LEAST_EXPLAINED, LEAST_OF_FILM = 0.6, 0.4
#: The interval of a size, or of a margin, that is wider than this share of the side is not known.
WIDEST = 0.025


class CaptionedFilm(Protocol):
    """A film, with what lies over its pictures."""

    @property
    def name(self) -> str: ...

    @property
    def cut(self) -> Cut: ...

    @property
    def moments(self) -> tuple[SeenMoment, ...]: ...


@dataclass(frozen=True, slots=True)
class HeldBackCaptions:
    """How well the look of all other films tells the captions of one."""

    film: str
    overlap: float
    """Pixels that differ both where captions are drawn and where they are seen, of all that do."""
    explained: float
    """The share of what the captions change that is explained."""


@dataclass(frozen=True)
class LearnedCaptions:
    """The look of captions."""

    look: CaptionLook
    size: Estimate | None
    """None where captions of other sizes would look the same."""
    margin: Estimate | None
    """None in the middle, and where it is not known."""
    films: tuple[HeldBackCaptions, ...]
    moments: int
    """With captions."""
    second: str | None
    """The look that comes next, and how much of all films that explains."""
    second_explained: float

    @property
    def overlap(self) -> float:
        return float(np.mean([one.overlap for one in self.films]))

    @property
    def explained(self) -> float:
        return float(np.mean([one.explained for one in self.films]))

    @property
    def settings(self) -> dict[str, Any]:
        """What is otherwise than in the look, as `style` of `subtitles` takes it."""
        usual, found = look_named(self.look.name), dict[str, Any]()
        if self.size:
            found["size"] = round(self.size.value, 4)
        if self.margin:
            found["margin"] = round(self.margin.value, 4)
        if self.look.position != usual.position:
            found["position"] = self.look.position
        if self.look.words != usual.words:
            found["words_at_once"] = self.look.words
        return found


def learned_captions(films: Sequence[CaptionedFilm], left_out: list[str]) -> LearnedCaptions | None:
    """The look of the captions of films; None where they carry none, which ``left_out`` says."""
    seen, reason = _compared(films)
    if reason is None:
        found = _found([film.name for film in films if film.moments], seen)
        if isinstance(found, LearnedCaptions):
            return found
        reason = found
    left_out.append(f"subtitles: {reason}")
    return None


def _compared(films: Sequence[CaptionedFilm]) -> tuple[list[Seen], str | None]:
    """What is said and seen in the films that have captions; or why no look can be learned."""
    looked = [film for film in films if film.moments]
    if len(looked) < FEWEST_FILMS:
        return [], (
            f"{len(looked)} films were compared with their sources; at least {FEWEST_FILMS} are "
            "needed, and films are compared where their cut is found in their sources (--sources)"
        )
    counts = [sum(one.is_covered for one in film.moments) for film in looked]
    captioned = [
        film for film, n in zip(looked, counts, strict=True) if n >= SEEN * len(film.moments)
    ]
    if not captioned:
        return [], "no captions are seen in the films"
    if len(captioned) < len(looked) or min(counts) < FEWEST_EACH or sum(counts) < FEWEST_MOMENTS:
        return [], (
            f"something lies over the pictures of {len(captioned)} of {len(looked)} films, at "
            f"{sum(counts)} moments; captions have to be in all, at {FEWEST_EACH} moments of each, "
            f"and at {FEWEST_MOMENTS} of all"
        )
    seen: list[Seen] = []
    for film in looked:
        height, width = film.moments[0].film.shape[:2]
        spoken = spoken_film(film.cut, (width, height))
        if spoken is None:
            return [], (
                f"captions are seen, but what is said in the sources of {film.name} is not known: "
                "give it (--from SOURCE=FILE), so that looks can be compared with what is seen"
            )
        seen.append((spoken, film.moments))
    return seen, None


def _found(names: Sequence[str], seen: Sequence[Seen]) -> LearnedCaptions | str:
    """The look; or why none is claimed."""
    search = LookSearch(seen)
    best = search.found()
    if best is None:
        return "captions are seen, but what is said can be drawn in no look"
    look, second = best
    held = tuple(
        HeldBackCaptions(name, *search.held_back(number)) for number, name in enumerate(names)
    )
    explained = [one.explained for one in held]
    if np.mean(explained) < LEAST_EXPLAINED or min(explained) < LEAST_OF_FILM:
        each = ", ".join(f"{max(share, 0):.0%}" for share in explained)
        return (
            f"what lies over the pictures is like none of the looks, or differs between the films: "
            f"the nearest, `{look.name}`, explains {each} of it in films held back; "
            f"{LEAST_EXPLAINED:.0%} are needed, and {LEAST_OF_FILM:.0%} of each"
        )
    margin = search.interval(look, lambda one: one.margin)
    size = search.interval(look, lambda one: one.size)
    return LearnedCaptions(
        look,
        size if size.width <= WIDEST else None,
        margin if look.position != "middle" and margin.width <= WIDEST else None,
        held,
        search.moments,
        second.name if second else None,
        max(1 - search.left(second), 0.0) if second else 0.0,
    )
