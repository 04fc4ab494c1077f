"""Captions drawn in a look beside those that are seen in a film, at the same moments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from smartcut.annotation import Annotation, Transcript, Word
from smartcut.cut import Captions, Cut
from smartcut.drawer import Painted, merged
from smartcut.errors import RenderError
from smartcut.learning_style.caption_seen import SeenMoment, apart
from smartcut.looks import find_look
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.fit import FittedCaptions, fitted
from smartcut.render.captions.picture import CaptionPainter
from smartcut.render.captions.states import state_at
from smartcut.render.captions.told import drawn_texts
from smartcut.text_style import Position, TextStyle
from smartcut.timebase import Range


@dataclass(frozen=True, slots=True)
class CaptionLook:
    """A look, and what may be otherwise in it."""

    name: str
    size: float
    """Height of the letters, as :class:`smartcut.text_style.TextStyle` has it."""
    margin: float
    position: Position
    words: int | None
    """Most words at a time."""
    as_given: bool = False
    """Whether captions that files brought stand as they are; else their words are divided anew."""

    @property
    def style(self) -> TextStyle:
        return find_look(self.name).style.model_copy(
            update={
                "size": self.size,
                "margin": self.margin,
                "position": self.position,
                "words_at_once": self.words,
            }
        )


def look_named(name: str) -> CaptionLook:
    """A look as it comes with smartcut."""
    style = find_look(name).style
    return CaptionLook(name, style.size, style.margin, style.position, style.words_at_once)


@dataclass(frozen=True, slots=True)
class SpokenFilm:
    """What captions of a film are made of."""

    words: tuple[Word, ...]
    """All of them."""
    loose: tuple[Word, ...]
    """Those that stand in no caption that a file brought."""
    brought: tuple[Cue, ...]
    """The captions of files, where such were given."""
    language: str | None
    whole: Range
    size: tuple[int, int]
    """(width, height) of the pictures that captions are drawn into."""


def spoken_film(cut: Cut, size: tuple[int, int]) -> SpokenFilm | None:
    """What is said in a film; None where that is not known, or nothing is."""
    languages = {
        language
        for one in cut.annotations
        if one.name == "transcript" and isinstance(one.data, Transcript) and one.data.sentences
        for language in one.data.languages()
    }
    language = "mul" if len(languages) > 1 else next(iter(languages), None)
    captions = Captions(burn=True, language=language)
    loose, brought = drawn_texts(replace(cut, captions=captions))
    words, _ = drawn_texts(replace(cut, captions=captions, annotations=tuple(_divisible(cut))))
    if not words:
        return None
    whole = Range(Fraction(0), cut.duration)
    return SpokenFilm(words, loose, brought, language, whole, size)


def _divisible(cut: Cut) -> Iterator[Annotation]:
    """The annotations, with the words of captions as words of speech."""
    for one in cut.annotations:
        if isinstance(one.data, Transcript) and one.data.is_captions:
            yield replace(one, data=replace(one.data, is_captions=False))
        else:
            yield one


def spoken_near(film: SpokenFilm, moments: Sequence[SeenMoment]) -> SpokenFilm:
    """Only what is said without a pause about some moments: all that is seen in these.

    Letters that shrink because of a long caption elsewhere are not.
    """
    plain = Captions()
    reach = plain.max_duration + plain.pause
    near = [Range(max(one.time - reach, Fraction(0)), one.time + reach) for one in moments]

    def kept(one: Range) -> bool:
        return any(one.start < place.end and one.end > place.start for place in near)

    def those(words: Sequence[Word]) -> tuple[Word, ...]:
        return tuple(
            word
            for run in _runs(words, plain.pause)
            if kept(Range(run[0].range.start, max(one.range.end for one in run)))
            for word in run
        )

    brought = tuple(cue for cue in film.brought if kept(cue.range))
    return replace(film, words=those(film.words), loose=those(film.loose), brought=brought)


def _runs(words: Sequence[Word], pause: Fraction) -> list[list[Word]]:
    found: list[list[Word]] = []
    latest = Fraction(0)
    for word in words:
        if not found or word.range.start - latest >= pause:
            found.append([])
        found[-1].append(word)
        latest = max(latest, word.range.end)
    return found


def drawn_captions(film: SpokenFilm, look: CaptionLook) -> FittedCaptions | None:
    """The captions of a film in a look; None where they do not fit it."""
    captions = Captions(burn=True, style=look.style, language=film.language)
    words, brought = (film.loose, film.brought) if look.as_given else (film.words, ())
    try:
        return fitted(words, captions, film.whole, film.size, brought)
    except RenderError:
        return None


@dataclass(frozen=True, slots=True)
class DrawnBeside:
    """Of one moment: how well captions that were drawn are those that are seen."""

    left: float
    """Levels in all by which the film differs from the source with the captions."""
    bare: float
    """The same without them."""
    drawn: int
    """Pixels that differ where captions are drawn."""
    both: int
    """Those of them that are seen."""
    either: int
    """Those, and all that are seen."""
    further: float
    """How much further from the edge that they stand at they are seen than drawn, in pixels."""
    colours: np.ndarray
    """float32 (n, 3): those of the pixels that are drawn."""


def compared(found: FittedCaptions, moments: Sequence[SeenMoment]) -> list[DrawnBeside]:
    """The captions beside what is seen, at each of these moments."""
    style = found.captions.style
    painter = CaptionPainter(found.size, style, found.captions.language)
    return [_compared(found, painter, moment) for moment in moments]


def _compared(found: FittedCaptions, painter: CaptionPainter, moment: SeenMoment) -> DrawnBeside:
    painted = _painted(found, painter, moment)
    none = DrawnBeside(
        moment.bare, moment.bare, 0, 0, moment.count, float("nan"), np.zeros((0, 3), np.float32)
    )
    if painted is None:
        return none
    box, shown = painted
    film, below = (one[box].astype(np.float32) for one in (moment.film, moment.below))
    differs = moment.differs[box]
    drawn = apart(shown, below) > moment.limit
    either = drawn | differs
    plain = np.abs(below - film).sum(axis=2)
    changed = np.abs(shown - film).sum(axis=2)
    beside = moment.bare - float(plain[differs].sum())
    return DrawnBeside(
        beside + float(changed[either].sum()),
        beside + float(plain[either].sum()),
        int(drawn.sum()),
        int((drawn & differs).sum()),
        moment.count + int((drawn & ~differs).sum()),
        _further(drawn, box[0], moment.differs, painter.style.position),
        shown[drawn],
    )


def _painted(
    found: FittedCaptions, painter: CaptionPainter, moment: SeenMoment
) -> tuple[tuple[slice, slice], np.ndarray] | None:
    """Where captions are drawn at a moment, and the picture there with them over it."""
    for cue in found.cues:
        if cue.range.start <= moment.time < cue.range.end:
            shown_until = Range(moment.time, moment.time + moment.lasts)
            pieces = painter.pieces(cue, state_at(cue, painter.style, shown_until))
            return laid(moment.below, merged(pieces)) if pieces else None
    return None


def _further(drawn: np.ndarray, rows: slice, differs: np.ndarray, position: Position) -> float:
    one, other = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(differs.any(axis=1))
    if not len(one) or not len(other):
        return float("nan")
    if position == "top":
        return float(other[0] - (rows.start + one[0]))
    return float(rows.start + one[-1] - other[-1])


def laid(below: np.ndarray, drawn: Painted) -> tuple[tuple[slice, slice], np.ndarray] | None:
    """A part of a picture, float32 (h, w, 3), with another one that has alpha over it, and where.

    None where that lies beside the picture.
    """
    x, y = max(drawn.x, 0), max(drawn.y, 0)
    own = drawn.rgba[y - drawn.y :, x - drawn.x :][: len(below) - y, : below.shape[1] - x]
    if not own.size:
        return None
    place = slice(y, y + own.shape[0]), slice(x, x + own.shape[1])
    alpha = own[..., 3:].astype(np.float32) / 255
    return place, below[place] * (1 - alpha) + own[..., :3] * alpha
