"""Pictures and small films of a report's segments: of the film, or of the cut as composed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from smartcut.api.opening import opened, part
from smartcut.api.pipeline import Pipeline
from smartcut.errors import SmartcutError
from smartcut.report.html.cards import MOST_PICTURES
from smartcut.report.html.facts import Missing, ReportFacts
from smartcut.report.storyboard import jpeg

if TYPE_CHECKING:
    import numpy as np

_SHORTER_SIDE = 200  # pixels of a picture
_QUALITY = 78
_PREVIEW_HEIGHT = 240
_PREVIEW: Mapping[str, Any] = {"crf": 31, "audio_bitrate": "64k"}
_LONGEST_PREVIEW = Fraction(10)
_MOST_PREVIEWS = 60


def with_pictures(facts: ReportFacts, options: Mapping[str, Any], *, previews: bool) -> ReportFacts:
    """The facts with a picture of each segment, and with ``previews`` a small film of each."""
    try:
        film = _film(facts)
        pictures = dict(_pictures(film, facts, options))
        made = dict(_previews(film, facts, options)) if previews else {}
    except SmartcutError as error:
        return replace(facts, missing=(*facts.missing, Missing("pictures", str(error))))
    missing = facts.missing
    number = len(facts.cut.segments)
    for what, most, wanted in (
        ("pictures", MOST_PICTURES, True),
        ("previews", _MOST_PREVIEWS, previews),
    ):
        if wanted and number > most:
            why = f"there are {number} segments, and the first {most} have {what}"
            missing = (*missing, Missing(f"all {what}", why))
    return replace(facts, pictures=pictures, previews=made, missing=missing)


def _film(facts: ReportFacts) -> Pipeline:
    """What the pictures are of: the file, where it is there, else the cut as it would be shown."""
    if facts.writing is None:
        return opened(facts.cut)
    if facts.film is None:
        raise SmartcutError("the film is not there to take them from")
    return opened(facts.film)


def pictures_of(
    film: Pipeline, times: Sequence[Fraction], shorter_side: int, options: Mapping[str, Any]
) -> Iterator[np.ndarray]:
    """Small RGB pictures of a film at timeline times, as it shows them; ``options`` of a run."""
    from smartcut.api.arrays import Film
    from smartcut.render.still import pictures_at

    with Film(film, None, None, options) as shown:
        job = shown.job(size=shorter_side)
        yield from pictures_at(shown.cut, job, shown.context, times)


def _pictures(
    film: Pipeline, facts: ReportFacts, options: Mapping[str, Any]
) -> Iterator[tuple[int, bytes]]:
    """A JPEG of the middle of each of the first segments that show something."""
    places = list(enumerate(facts.cut.programme.placed()))[:MOST_PICTURES]
    wanted = {n: place.middle for n, (segment, place) in places if segment.source}
    found = pictures_of(film, list(wanted.values()), _SHORTER_SIDE, options)
    for number, picture in zip(wanted, found, strict=True):
        yield number, jpeg(picture, _QUALITY)


def _previews(
    film: Pipeline, facts: ReportFacts, options: Mapping[str, Any]
) -> Iterator[tuple[int, bytes]]:
    """An MP4 of each of the first segments, of its beginning where it is long."""
    from smartcut.api.notebook import preview

    for number, (_, place) in enumerate(facts.cut.programme.placed()):
        if number == _MOST_PREVIEWS:
            return
        end = min(place.end, place.start + _LONGEST_PREVIEW)
        made = preview(
            part(film, slice(place.start, end)), _PREVIEW_HEIGHT, {**_PREVIEW, **options}
        )
        yield number, made.path.read_bytes()
