"""Fillers: "um" and its like, as words that were written down and as sounds that were not.

Recognisers leave fillers out of what they write. A sound counts as one where three things hold: it
could be one by its shape (:mod:`smartcut.tightening.islands`), the recogniser thinks a filler
about as likely there as nothing, and it hears the same words when the sound is taken away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from smartcut.annotation import Word
from smartcut.tightening.islands import Island
from smartcut.tightening.ranges import Ranges, union
from smartcut.timebase import Range

#: By language (ISO 639-1): what counts as a filler, those first that a recogniser writes most.
FILLERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ("um", "uh", "erm", "er", "hmm", "uhm", "umm", "uhh", "mm", "mhm", "ah", "eh"),
        "de": ("äh", "ähm", "hm", "öh", "öhm", "ehm", "mhm"),
        "fr": ("euh", "heu", "hum", "hein", "ben"),
        "es": ("eh", "em", "este", "mmm"),
        "it": ("ehm", "eh", "mmm", "uhm"),
        "pt": ("hum", "éh", "ahn", "hã"),
        "nl": ("eh", "ehm", "uh", "uhm", "hm"),
        "sv": ("öh", "eh", "äh", "hm"),
        "da": ("øh", "øhm", "eh", "hm"),
        "no": ("eh", "øh", "hm"),
        "pl": ("yyy", "eee", "hm", "mmm"),
        "ru": ("эээ", "э", "ммм", "хм"),
        "ja": ("えー", "えっと", "あのー", "ええと", "うーん"),
        "zh": ("嗯", "呃", "额"),
    }
)

#: What the shape of a sound has to be: seconds, seconds of quiet on both sides, share of it that
#: is voiced, and how much its spectrum may change.
_SHORTEST, _LONGEST = Fraction(3, 20), Fraction(1)
_PAUSE = Fraction(1, 20)
_VOICED, _MOST_FLUX = 0.5, 0.36
#: Seconds by which the island of a written filler may be longer than its word: else it is that of
#: several words.
_LONGER = Fraction(1, 2)
_HALF = Fraction(1, 2)
#: Seconds between a written filler and an island that may be its own.
_NEAR = Fraction(3, 10)
#: Natural logarithms of likelihood ratios: of a filler there beside nothing there, of the words
#: with the sound taken away beside the words with it, and what the filler loses by that.
_LIKELY, _UNHARMED, _MISSED = -10.0, -2.5, 2.0
#: The spectrum of so steady a sound tells much: a filler may be less likely there, and what it
#: loses is not asked for.
_STEADY_FLUX, _LIKELY_IF_STEADY = 0.28, -13.0


def filler_words(language: str, given: bool | Collection[str]) -> tuple[str, ...]:
    """The words that count, in lower case: the user's own, or those of the language."""
    if isinstance(given, bool):
        return FILLERS.get(language, ()) if given else ()
    return tuple(word.lower() for word in given)


def plain(text: str) -> str:
    """A word without its punctuation, in lower case."""
    return text.strip(".,;:!?…-–—\"'“”‘’«»()[] ").lower()


def written(words: Iterable[Word], fillers: Collection[str]) -> list[Word]:
    """The words that are fillers."""
    return [word for word in words if plain(word.text) in fillers]


def shaped(found: Iterable[Island]) -> list[Island]:
    """The islands that could be fillers."""
    return [
        one
        for one in found
        if _SHORTEST <= one.range.duration <= _LONGEST
        and min(one.before, one.after) >= _PAUSE
        and one.voiced >= _VOICED
        and one.flux <= _MOST_FLUX
    ]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recogniser thinks of a sound, as natural logarithms of likelihood ratios."""

    island: Island
    likely: float
    """A filler near it, beside none."""
    unharmed: float
    """The words when it is taken away, beside the words with it."""
    missed: float
    """How much less likely that filler is when it is taken away."""

    @property
    def is_filler(self) -> bool:
        is_told = self.missed >= _MISSED or self.island.flux <= _STEADY_FLUX
        return is_worth_asking(self.island, self.likely) and self.unharmed >= _UNHARMED and is_told


def is_worth_asking(island: Island, likely: float) -> bool:
    """Whether a filler is likely enough near a sound for the other questions to be asked."""
    return likely >= (_LIKELY_IF_STEADY if island.flux <= _STEADY_FLUX else _LIKELY)


def of_written(
    fillers: Sequence[Word], found: Sequence[Island], others: Sequence[Word] = ()
) -> Ranges:
    """When written fillers are heard: the island of each, or the word itself where none fits.

    Times of fillers are often a little late, inside the word that follows: then it is the nearest
    island of the right shape that is none of the ``others``. A filler that has no island and was
    given no time to speak of is left in.
    """
    free = [
        one
        for one in shaped(found)
        if all(_share(one.range, word.range) < _HALF for word in others)
    ]
    ranges = (_heard_as(word.range, found, free) for word in fillers)
    return union(one for one in ranges if one is not None)


def _heard_as(word: Range, found: Sequence[Island], free: Sequence[Island]) -> Range | None:
    has_time = word.duration >= _SHORTEST / 2
    near = [one for one in (found if has_time else free) if _share(one.range, word) >= _HALF]
    best = max(near, key=lambda one: _share(one.range, word), default=None)
    if best is not None and best.range.duration <= word.duration + _LONGER:
        return best.whole
    beside = [one for one in free if _apart(one.range, word) <= _NEAR]
    if beside:
        return min(beside, key=lambda one: _apart(one.range, word)).whole
    return word if has_time else None


def _apart(one: Range, other: Range) -> Fraction:
    """Seconds between two ranges, 0 where they overlap."""
    return max(Fraction(0), one.start - other.end, other.start - one.end)


def unexplained(found: Iterable[Island], words: Sequence[Word], fillers: Ranges) -> list[Island]:
    """The islands that may be fillers which nobody wrote down.

    What is written in several figures says little about how many sounds it is spoken with ("1842"
    is five words): what lies in it is not looked at.
    """
    figures = [word.range for word in words if sum(c.isdigit() for c in word.text) > 1]
    taken = (*fillers, *figures)
    return [one for one in shaped(found) if not any(one.range.overlaps(r) for r in taken)]


def _share(island: Range, word: Range) -> Fraction:
    """What both have in common, as a share of the shorter one."""
    both = island.intersect(word)
    return both.duration / min(island.duration, word.duration) if both else Fraction(0)


def near_gaps(words: Sequence[Word], sound: Range, reach: int = 2) -> Iterator[int]:
    """Numbers of words before which a sound may belong, by times that are none too exact."""
    middle = sound.middle
    ends = [0] + [i for i, word in enumerate(words, 1) if word.range.middle <= middle]
    nearest = ends[-1]
    yield from range(max(0, nearest - reach), min(len(words), nearest + reach) + 1)
