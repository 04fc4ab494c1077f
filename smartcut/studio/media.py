"""Operations that answer pictures and sound."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING

from smartcut.studio.answers import BytesAnswer, FileAnswer, NoSuchThing, StreamAnswer
from smartcut.studio.asked import OfChunk, OfFrame, OfListening, OfResult, OfSound, OfSource
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.studio.desk import Desk


@contextmanager
def _known(what: str) -> Iterator[None]:
    """Raises NoSuchThing for a key that is not known."""
    try:
        yield
    except KeyError as error:
        raise NoSuchThing(
            f"there is no {what} {error.args[0]!r}; ask for the state again"
        ) from None


def fragment(desk: Desk, asked: OfChunk) -> StreamAnswer:
    """A chunk, as its fragments are made; the newest drafts are not kept by browsers."""
    start = Fraction(asked.start).limit_denominator(1_000_000)
    with _known("chunk"):
        parts = desk.session.playback.fragment(asked.key, asked.draft, asked.height, start)
    return StreamAnswer(parts, "video/mp4", is_immutable=not asked.draft)


def sound(desk: Desk, asked: OfSound) -> StreamAnswer:
    """The sound of the newest version, whose key has to be that."""
    playback = desk.session.playback
    if asked.key != playback.sound_key:
        raise NoSuchThing(f"there is no sound {asked.key!r}; ask for the state again")
    start = Fraction(asked.start).limit_denominator(1_000_000)
    return StreamAnswer(playback.sound(start), "audio/mp4")


def listen(desk: Desk, asked: OfListening) -> StreamAnswer:
    """A part of a source by itself."""
    start, lasts = (
        Fraction(time).limit_denominator(1_000_000) for time in (asked.start, asked.duration)
    )
    part = Range(start, start + lasts)
    with _known("source"):
        return StreamAnswer(
            desk.session.playback.listen(asked.source, part, asked.gain), "audio/wav"
        )


def filmstrip(desk: Desk, asked: OfSource) -> BytesAnswer:
    """Pictures of a source, and in headers when each is shown and how wide it is."""
    with _known("source"):
        strip = desk.session.playback.filmstrip(asked.source)
    headers = {
        "X-Times": ",".join(f"{time:.3f}" for time in strip.times),
        "X-Width": str(strip.width),
        "X-Height": str(strip.height),
    }
    return BytesAnswer(strip.jpeg, "image/jpeg", headers=headers)


def peaks(desk: Desk, asked: OfSource) -> BytesAnswer:
    with _known("source"):
        found = desk.session.playback.peaks(asked.source)
    return BytesAnswer(found, "application/octet-stream")


def frame(desk: Desk, asked: OfFrame) -> BytesAnswer:
    at = Fraction(asked.at).limit_denominator(1_000_000)
    return BytesAnswer(desk.session.playback.frame(at, asked.height), "image/jpeg")


def result(desk: Desk, asked: OfResult) -> FileAnswer:
    path = desk.result()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return FileAnswer(path, kind)
