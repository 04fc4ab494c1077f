"""All that was found out about a film."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smartcut.conforming.parts import FilmPart
from smartcut.conforming.sound import SoundPart
from smartcut.cut import Cut
from smartcut.source import Source


@dataclass(frozen=True)
class Conformed:
    """What `conform` found out.

    found = sc.conform("film.mp4", "rushes")
    print(found.explained, [part.source for part in found.parts])
    found.cut.render("film-again.mp4")
    """

    film: Source
    sources: tuple[Source, ...]
    parts: tuple[FilmPart, ...]
    sounds: tuple[SoundPart, ...]
    cut: Cut
    notes: tuple[str, ...] = ()

    @property
    def explained(self) -> float:
        """The share of the film's frames that show a source, 0..1."""
        total = sum(part.last - part.first for part in self.parts)
        known = sum(part.last - part.first for part in self.parts if part.source is not None)
        return known / max(total, 1)

    def to_plain(self) -> dict[str, Any]:
        """Numbers and text, as in JSON."""
        return {
            "film": str(self.film.path),
            "explained": round(self.explained, 4),
            "parts": [part.to_plain() for part in self.parts],
            "sounds": [sound.to_plain() for sound in self.sounds],
            "notes": list(self.notes),
        }
