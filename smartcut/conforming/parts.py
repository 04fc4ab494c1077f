"""What was found out about a film: for each part of it, which part of which source it shows."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from smartcut.conforming.windows import WHOLE, PictureWindow
from smartcut.timebase import Range


@dataclass(frozen=True, slots=True)
class FilmPart:
    """A stretch of a film, and what it shows."""

    first: int
    last: int
    """Frames ``first`` to ``last`` - 1 of the film."""
    place: Range
    """When, in seconds of the film."""
    source: str | None = None
    """The id of the source; None where no source explains the pictures."""
    start: Fraction = Fraction(0)
    """Source time of its first frame."""
    speed: Fraction = Fraction(1)
    """Seconds of the source that pass in a second of the film; below 0 backwards."""
    window: PictureWindow = WHOLE
    """The part of the source's picture that it shows, at its beginning."""
    end: PictureWindow | None = None
    """The same at its end, where it moves evenly from one to the other: a zoom or a pan."""
    covered: tuple[float, float, float, float] | None = None
    """Left, top, right and bottom, in shares of the film's picture, of what lies over the source's
    in most of its frames: captions, or a logo."""
    confidence: float = 0.0
    """How alike film and source are in it, 0..1: the mean agreement of their pictures."""
    blend: int = 0
    """Frames at its beginning that it shares with the part before it, under a transition."""
    transition: str | None = None
    """``dissolve`` or ``fade``; None: it comes in by a cut."""
    fade_in: int = 0
    fade_out: int = 0
    """Frames over which it comes in from black, and goes out into it."""
    sound: str = ""
    """What is heard: its ``own`` sound, that of an ``other`` part, ``unknown`` sound, or nothing:
    ``silent`` where its source has sound, empty where that has none. ``not compared`` where it
    plays at another speed."""
    gain: float = 0.0
    """dB of its own sound."""
    lead: Fraction = Fraction(0)
    """Seconds by which its sound is heard before it is seen; below 0, after it."""
    kind: str = "source"
    """``source``, ``colour`` (one colour), ``title`` (letters on one colour), ``still`` or
    ``foreign``."""

    def to_plain(self) -> dict[str, Any]:
        """Numbers and text, as in JSON."""
        plain: dict[str, Any] = {
            "kind": self.kind,
            "frames": [self.first, self.last],
            "from": float(self.place.start),
            "to": float(self.place.end),
        }
        if self.source is not None:
            plain |= {
                "source": self.source,
                "source_from": float(self.start),
                "source_to": float(self.start + self.speed * self.place.duration),
                "speed": float(self.speed),
                "window": _edges(self.window),
                "window_end": _edges(self.end) if self.end else None,
                "mirrored": self.window.mirrored,
                "covered": list(self.covered) if self.covered else None,
                "confidence": round(self.confidence, 3),
                "transition": self.transition,
                "blend": self.blend,
                "fade_in": self.fade_in,
                "fade_out": self.fade_out,
                "sound": self.sound,
                "gain": self.gain,
                "lead": float(self.lead),
            }
        return plain


def _edges(window: PictureWindow) -> list[float]:
    return [window.left, window.top, window.right, window.bottom]
