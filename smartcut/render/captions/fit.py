"""One size of letters for all burned-in captions of a film, and no more lines than asked for.

Where the picture is too narrow for lines as long as asked, the letters of every caption shrink
alike, down to :data:`SMALLEST_SHARE` of the size asked for; below that captions are divided, so
that each has shorter lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from smartcut.annotation import Word
from smartcut.cut import Captions
from smartcut.errors import RenderError
from smartcut.render.captions.cues import Cue, cues
from smartcut.render.captions.emphasis import of_speakers, styled_cues, styled_words
from smartcut.render.captions.layout import SMALLEST, Setter, lines_of
from smartcut.render.captions.lines import pieces_of, text_of
from smartcut.timebase import Range

SMALLEST_SHARE = 0.85
"""How far letters shrink, of the size asked for, before captions are divided."""
_SHRINK = 0.98
_FEWEST_COLUMNS = 4
_LONGEST_WORDS = 8
"""How many of the widest words are tried for size."""


@dataclass(frozen=True, slots=True)
class FittedCaptions:
    """The captions to draw, and the settings with the size of letters that fits all of them."""

    cues: tuple[Cue, ...]
    captions: Captions
    size: tuple[int, int]
    """(width, height) of the pictures that they are drawn into."""
    note: str | None = None


def fitted(
    words: Sequence[Word],
    captions: Captions,
    within: Range,
    size: tuple[int, int],
    brought: Sequence[Cue] = (),
) -> FittedCaptions:
    """The captions for these words, and those ``brought``, drawn into pictures of ``size``.

    ``size`` is (width, height) in pixels.

    Raises RenderError where no size of letters fits.
    """
    captions = replace(captions, style=of_speakers(captions.style, words))
    words = styled_words(words, captions.style)
    brought = tuple(_divided(styled_cues(brought, captions.style), captions))
    shown = cues(words, captions, within, brought)
    fit = _Fit(size, captions)
    unit = captions.style.pixels(size)
    full = max(captions.style.size * unit, SMALLEST)
    if fit.all(shown, full):
        return FittedCaptions(fit.broken(shown, full), captions, size)
    floor = fit.largest(_extremes(shown, fit, full), full)
    if floor > SMALLEST_SHARE * full:
        floor = SMALLEST_SHARE * full
    limit = captions.line_length
    while limit > _FEWEST_COLUMNS and not fit.all(shown, floor):
        limit = min(limit - 1, int(limit * 0.95))
        shown = cues(words, replace(captions, line_length=limit), within, brought)
    em = fit.largest(shown, full)
    style = captions.style.model_copy(update={"size": em / unit})
    note = _note(em / full, captions.style.size, limit if limit < captions.line_length else None)
    return FittedCaptions(fit.broken(shown, em), replace(captions, style=style), size, note)


def _divided(brought: Iterable[Cue], captions: Captions) -> Iterator[Cue]:
    """Captions that are there already, with no more words at a time than the style shows."""
    most = captions.style.words_at_once
    for cue in brought:
        if most is None or len(cue.words) <= most:
            yield cue
        else:
            yield from cues(cue.words, captions, cue.range)


def _note(share: float, asked: float, columns: int | None) -> str | None:
    said = []
    if share < 1:
        said.append(f"letters of {asked * share:.3f} of the picture's height, not {asked:.3f}")
    if columns:
        said.append(f"lines of at most {columns} columns")
    if not said:
        return None
    return (
        f"burned-in subtitles: {' and '.join(said)}, so that all fit in one size; a smaller "
        "`margin`, `size` or `line_length`, or more `lines`, changes that"
    )


def _extremes(shown: Sequence[Cue], fit: _Fit, em: float) -> list[Cue]:
    """What no division makes smaller: the longest words, and as many lines as are asked for."""
    texts = {text_of([p]) for cue in shown for own in pieces_of(cue.words) for p in own}
    widest = sorted(texts, key=lambda t: fit.setter.length(t, em))[-_LONGEST_WORDS:]
    whole = shown[0].range
    tall = Cue(whole, ("Áy",) * fit.captions.lines, ())
    return [tall, *(Cue(whole, (text,), ()) for text in widest)]


class _Fit:
    """Tries captions in one style, picture size and number of lines."""

    def __init__(self, size: tuple[int, int], captions: Captions) -> None:
        self.size, self.captions = size, captions
        self.setter = Setter(size, captions.style, captions.language)
        self._known: dict[tuple[tuple[str, ...], float], tuple[str, ...] | None] = {}

    def all(self, shown: Iterable[Cue], em: float) -> bool:
        """Whether all fit in letters of that size."""
        return all(self._lines(cue, em) is not None for cue in shown)

    def largest(self, shown: Iterable[Cue], em: float) -> float:
        """The largest size of letters, from ``em`` down, in which all fit."""
        for cue in shown:
            while self._lines(cue, em) is None:
                em *= _SHRINK
                if em < 1:
                    raise RenderError(
                        f"the text {cue.text!r} does not fit a picture of "
                        f"{self.size[0]}x{self.size[1]}; use shorter lines (`line_length:`), a "
                        "smaller `margin:` or a larger picture"
                    )
        return em

    def broken(self, shown: Iterable[Cue], em: float) -> tuple[Cue, ...]:
        """The captions with their lines as they fit."""
        return tuple(replace(cue, lines=self._lines(cue, em) or cue.lines) for cue in shown)

    def _lines(self, cue: Cue, em: float) -> tuple[str, ...] | None:
        """The caption's lines, broken again where that is needed; None where it does not fit."""
        key = cue.lines, em
        if key not in self._known:
            self._known[key] = self._found(cue, em)
        return self._known[key]

    def _found(self, cue: Cue, em: float) -> tuple[str, ...] | None:
        lines = lines_of(cue, self.captions.style)
        if self.setter.fits(lines, em):
            return cue.lines
        for count in range(len(lines), self.captions.lines + 1):
            again = self.setter.broken(lines, count, em)
            if len(again) <= self.captions.lines and self.setter.fits(again, em):
                return tuple(text_of(line) for line in again)
        return None
