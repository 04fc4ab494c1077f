"""What the manifest of a film says, as expectations ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import PurePath
from typing import Any

from smartcut.annotation import Word
from smartcut.expectation import FinishedFilm
from smartcut.timebase import Range

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")


def time_of(value: Any) -> Fraction:
    """A time of the manifest: decimal seconds."""
    return Fraction(str(value))


def range_of(row: Mapping[str, Any]) -> Range:
    return Range(time_of(row["start"]), time_of(row["end"]))


def segments_of(film: FinishedFilm) -> Iterator[tuple[Mapping[str, Any], Range]]:
    """The segments of the picture tracks, the programme's first, with their places in the film."""
    for track in film.record.get("timeline", ()):
        if track["kind"] == "picture":
            for segment in track["segments"]:
                yield segment, range_of(segment)


def joins_of(film: FinishedFilm) -> tuple[Fraction, ...]:
    """When the programme goes from one segment to the next, without a transition."""
    programme = film.record.get("timeline", ())[:1]
    rows = [row for track in programme for row in track["segments"]]
    return tuple(time_of(row["start"]) for row in rows[1:] if not row["transition"])


def words_of_film(film: FinishedFilm) -> tuple[Word, ...]:
    """The words that are heard in it, where the manifest lists them."""
    return tuple(Word(range_of(row), row["text"]) for row in film.record.get("words", ()))


def still_on_purpose(film: FinishedFilm) -> tuple[Range, ...]:
    """When a picture, a drawing or a held frame is shown."""
    still = {
        row["id"]
        for row in film.record.get("inputs", ())
        if row["made"] or PurePath(row["path"] or "").suffix.lower() in _PICTURES
    }
    found = (
        place
        for segment, place in segments_of(film)
        if segment["source"] in still or segment["source"] is None or _is_held(segment)
    )
    return tuple(found)


def _is_held(segment: Mapping[str, Any]) -> bool:
    """Whether its time stands still somewhere."""
    points = segment.get("warp", ())
    return any(a[1] == b[1] for a, b in pairwise(points))
