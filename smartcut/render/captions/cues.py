"""Spoken words to captions: what is shown together, on which lines, from when until when.

Two optimisations over the same words, both exact by dynamic programming. The first chooses where
a caption ends, the second where a line ends; each adds up what a break at that place costs, in the
manner of Knuth and Plass, "Breaking Paragraphs into Lines" (1981). Reading speed, shortest and
longest duration and the gap between captions follow the usual broadcast guidelines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise, zip_longest

from smartcut.annotation import Word
from smartcut.cut import Captions
from smartcut.render.captions.dialogue import by_speaker, dialogues
from smartcut.render.captions.lines import break_lines, divide, fewest_lines, pieces_of
from smartcut.render.captions.text import (
    break_cost,
    ends_sentence,
    join,
    lines_from_right,
    strong_direction,
    width,
)
from smartcut.text_style import Position
from smartcut.timebase import Range, exact

#: Seconds between two captions that follow each other closely: two frames at 24 a second.
GAP = Fraction(1, 12)
#: A rest shorter than this, in seconds, is closed up to :data:`GAP`, lest the caption flicker.
FLICKER = Fraction(1, 2)

_IMPOSSIBLE = float("inf")
_FROM_LEFT, _FROM_RIGHT, _END = "\u202a", "\u202b", "\u202c"


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption. ``range`` is in timeline time, and so are the ranges of its words.

    The characters of ``lines`` are those of ``words`` in order, white space apart; a text that
    nobody speaks has no words.
    """

    range: Range
    lines: tuple[str, ...]
    words: tuple[Word, ...]
    band: Position | None = None
    """Where it stands, when not where its style says."""
    is_brought: bool = field(default=False, compare=False)
    """A caption of the user's, written as it is."""

    @property
    def written(self) -> tuple[str, ...]:
        """The lines as files and tracks hold them. Some players take all lines to run from left to
        right, others (browsers) each as its first letter does: lines in which some letters run from
        right to left say which way they go as wholes (U+202A, U+202B)."""
        if self.is_brought:
            return self.lines
        from_right = zip(self.lines, lines_from_right(self.lines), strict=True)
        return tuple(_marked(line, right) for line, right in from_right)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def runs(self) -> tuple[tuple[tuple[str, int], ...], ...]:
        """Each line as (text, number of its word in ``words``) in order; spaces trail.

        A word that fills the end of one line and the start of the next appears in both. Raises
        ValueError where the lines do not hold the words' characters.
        """
        letters = [(c, i) for i, word in enumerate(self.words) for c in word.text if c.strip()]
        shown = [c for line in self.lines for c in line if c.strip()]
        if [c for c, _ in letters] != shown:
            raise ValueError(f"the lines {self.lines!r} do not hold the caption's words")
        following = iter(letters)
        lines = []
        for line in self.lines:
            parts: list[tuple[str, int]] = []
            for character in line.strip():
                word = next(following)[1] if character.strip() else parts[-1][1]
                if parts and parts[-1][1] == word:
                    parts[-1] = (parts[-1][0] + character, word)
                else:
                    parts.append((character, word))
            lines.append(tuple(parts))
        return tuple(lines)


def _marked(line: str, is_from_right: bool) -> str:
    if is_from_right:
        return f"{_FROM_RIGHT}{line}{_END}"
    is_mixed = any(strong_direction(character) == "R" for character in line)
    return f"{_FROM_LEFT}{line}{_END}" if is_mixed else line


def cues(
    words: Sequence[Word],
    captions: Captions,
    within: Range | None = None,
    brought: Sequence[Cue] = (),
) -> tuple[Cue, ...]:
    """The captions for words spoken at those times of the timeline, in the order given.

    Every word with text is shown. With ``within``, words that lie outside are left out, those
    that reach over its edge are cut off there, and no caption ends later. Captions never overlap.
    Those ``brought`` come between them as they are.
    """
    clean = [part for word in _tidy(words, within) for part in divide(word, captions.line_length)]
    groups: list[list[Word]] = []
    for run in _runs(clean, captions):
        groups += _grouped(run, captions)
    if captions.speakers == "dashes":
        groups = list(dialogues(groups, captions))
    starts = _apart([group[0].range.start for group in groups], captions, within)
    result = []
    for i, group in enumerate(groups):
        following = starts[i + 1] if i + 1 < len(starts) else None
        shown = _shown(group, starts[i], following, captions, within)
        result.append(Cue(shown, _lines(group, captions), tuple(group)))
    return tuple(_one_at_a_time([*brought, *result])) if brought else tuple(result)


def _one_at_a_time(shown: Sequence[Cue]) -> Iterator[Cue]:
    """The captions in order; one that reaches into the next ends where that begins."""
    ordered = sorted(shown, key=lambda cue: cue.range.start)
    for cue, following in zip_longest(ordered, ordered[1:]):
        end = cue.range.end if following is None else min(cue.range.end, following.range.start)
        if end > cue.range.start:
            yield replace(cue, range=Range(cue.range.start, end))


# ------------------------------------------------------------------------- the words themselves


def _tidy(words: Sequence[Word], within: Range | None) -> Iterator[Word]:
    """Words with text, cut to ``within``, none starting before the one ahead of it."""
    latest = within.start if within else Fraction(0)
    for word in words:
        if not word.text.strip():
            continue
        start, end = word.range.start, word.range.end
        if within and (start >= within.end or end < within.start or end == within.start != start):
            continue
        start = max(start, latest)
        end = max(start, min(end, within.end) if within else end)
        latest = start
        yield replace(word, range=Range(start, end))


def _runs(words: Sequence[Word], captions: Captions) -> Iterator[list[Word]]:
    """Stretches of speech without a long silence; of one speaker, where speakers are told."""
    run: list[Word] = []
    is_told = captions.speakers != "none" or bool(captions.style.speaker_colours)
    for word in words:
        is_other = is_told and run and word.speaker != run[-1].speaker
        silence = word.range.start - max((w.range.end for w in run[-3:]), default=Fraction(0))
        if run and (is_other or silence >= captions.pause):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


# ----------------------------------------------------------------------- where a caption ends


def _grouped(words: list[Word], captions: Captions) -> list[list[Word]]:
    """The cheapest division of one stretch of speech into captions."""
    costs = _Costs(words, captions)
    best = [0.0] + [_IMPOSSIBLE] * len(words)
    came = [0] * (len(words) + 1)
    for start in range(len(words)):
        for end in costs.ends_from(start):
            cost = best[start] + costs.of(start, end)
            if cost < best[end]:
                best[end], came[end] = cost, start
    groups: list[list[Word]] = []
    end = len(words)
    while end:
        groups.append(words[came[end] : end])
        end = came[end]
    return groups[::-1]


class _Costs:
    """What it costs to show a stretch of these words as one caption."""

    def __init__(self, words: list[Word], captions: Captions) -> None:
        self._words = words
        self._captions = captions
        self._pieces = [
            [(width(piece.text), piece.has_space_before) for piece in pieces]
            for pieces in pieces_of(words)
        ]
        self._columns = [0]
        for pieces in self._pieces:
            self._columns.append(self._columns[-1] + sum(w + space for w, space in pieces))
        pairs = list(pairwise(words))
        self._sentences = [0]
        for a, b in pairs:
            self._sentences.append(
                self._sentences[-1] + ends_sentence(a.text, b.text, captions.language)
            )
        self._ending = [self._break(a, b) for a, b in pairs] + [0.0]

    def _break(self, left: Word, right: Word) -> float:
        """A break here, cheaper the longer the silence; 0 after a sentence."""
        silence = float(max(right.range.start - left.range.end, Fraction(0)))
        cost = break_cost(left.text, right.text, self._captions.language)
        return cost * (1 - 0.6 * min(1.0, silence / float(max(self._captions.pause, GAP))))

    def ends_from(self, start: int) -> Iterator[int]:
        """Where a caption that starts with that word may end; a single word always fits."""
        lines, used = 1, 0
        begin = self._words[start].range.start
        limit = self._captions.line_length
        most = self._captions.style.words_at_once or len(self._words)
        for end in range(start + 1, len(self._words) + 1):
            for columns, space in self._pieces[end - 1]:
                if used and used + space + columns > limit:
                    lines, used = lines + 1, columns
                else:
                    used += columns + (space if used else 0)
            too_long = self._words[end - 1].range.end - begin > self._captions.max_duration
            too_many = end - start > most
            if end > start + 1 and (lines > self._captions.lines or too_long or too_many):
                return
            yield end

    def of(self, start: int, end: int) -> float:
        """One for each caption, so that there are few; then the break after it, sentences that
        end inside it, and how far it is too short to be seen or read."""
        words, captions = self._words, self._captions
        room = captions.max_duration
        if end < len(words):
            room = min(room, words[end].range.start - words[start].range.start - GAP)
        seconds = max(float(room), 0.05)
        columns = self._columns[end] - self._columns[start]
        cost = 1.0 + 4.0 * self._ending[end - 1]
        cost += 3.0 * (self._sentences[end - 1] - self._sentences[start])
        cost += 4.0 * max(0.0, columns / (seconds * captions.reading_speed) - 1.0)
        cost += 6.0 * max(0.0, 1.0 - seconds / max(float(captions.min_duration), 0.05))
        alone = end == start + 1 < len(words) and self._ending[start] > 0
        if alone and captions.style.words_at_once is None:
            cost += 2.0
        return cost


# ------------------------------------------------------------------------------ from when to when


def _apart(starts: list[Fraction], captions: Captions, within: Range | None) -> list[Fraction]:
    """The starts, those that coincide spread evenly until the next one or the end."""
    result: list[Fraction] = []
    i = 0
    while i < len(starts):
        same = next((j for j in range(i, len(starts)) if starts[j] != starts[i]), len(starts))
        count = same - i
        after = starts[i] + count * captions.min_duration
        if within:
            after = min(after, within.end)
        if same < len(starts):
            after = starts[same]
        result += [starts[i] + (after - starts[i]) * k / count for k in range(count)]
        i = same
    return result


def _shown(
    group: list[Word],
    start: Fraction,
    following: Fraction | None,
    captions: Captions,
    within: Range | None,
) -> Range:
    """When a caption is shown: as long as it is spoken and takes to read, if there is room."""
    spoken = max(word.range.end for word in group)
    reading = Fraction(width(join(group))) / exact(captions.reading_speed)
    end = max(spoken, start + captions.min_duration, start + reading)
    end = min(end, start + max(captions.max_duration, GAP))
    if following is not None:
        if following - end < FLICKER and following - start <= captions.max_duration:
            end = following
        if following - end < GAP and following - start > 2 * GAP:
            end = max(following - GAP, spoken) if captions.style.follows_words else following - GAP
        end = min(end, following)
    if within:
        end = min(end, within.end)
    return Range(start, end)


def _lines(group: list[Word], captions: Captions) -> tuple[str, ...]:
    if captions.speakers == "dashes" and len(parts := by_speaker(group)) > 1:
        return tuple(line for part in parts for line in _lines(part, captions))
    pieces = [piece for word in pieces_of(group) for piece in word]
    count = fewest_lines(pieces, captions.line_length)
    return break_lines(pieces, captions.line_length, count, language=captions.language)
