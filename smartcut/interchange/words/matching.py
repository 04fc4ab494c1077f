"""Which words of a recording the words of an edited text are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from smartcut.errors import PipelineError
from smartcut.interchange.words.pieces import Heading, Item
from smartcut.interchange.words.script import Script
from smartcut.timebase import format_time

#: Pairs of words that are compared for a line that was changed.
_MOST_COMPARED = 4_000_000
_EDGES = ".,;:!?…\"'“”‘’„«»()[]¿¡-–—*_`"


def key(text: str) -> str:
    """A word as it is compared: without its punctuation, in lower case; itself if that is all."""
    return text.strip(_EDGES).casefold() or text


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text."""

    text: str
    is_struck: bool = False
    which: int | None = None
    """Which one of those words in its line it is, from 1, where the text says so."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of an edited text."""

    number: int
    """In the file, from 1."""
    tokens: tuple[Token, ...]
    line: int | None = None
    """The script's line that it is, by its time; None where it says none."""
    is_pause: bool = False


def matched(script: Script, lines: Sequence[TextLine | tuple[int, Heading]], by: str) -> list[Item]:
    """The words in the order of the text, and its headings.

    Raises one PipelineError for all that cannot be matched, with their lines.
    """
    matcher = _Matcher(script, by)
    texts = [line for line in lines if isinstance(line, TextLine)]
    own = {line.number: matcher.in_own_line(line) for line in texts}
    for found in own.values():
        matcher.taken.update(number for number in found if number is not None)
    items: list[Item] = []
    problems: list[PipelineError] = []
    for line in lines:
        if isinstance(line, tuple):
            items.append(line[1])
            continue
        try:
            items += matcher.completed(line, own[line.number])
        except ValueError as error:
            problems.append(PipelineError(str(error), path=by, line=line.number))
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise PipelineError("\n".join(str(problem) for problem in problems))
    return items


class _Matcher:
    """Finds words; those that lines have of their own are taken."""

    def __init__(self, script: Script, by: str) -> None:
        self._script, self._by = script, by
        self.taken: set[int] = set()

    @cached_property
    def _keys(self) -> list[str]:
        return [key(word.text) for word in self._script.words]

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where each word is said."""
        found = defaultdict(list)
        for number, text in enumerate(self._keys):
            found[text].append(number)
        return found

    def in_own_line(self, line: TextLine) -> list[int | None]:
        """The number of each token among the words of the line's own time; None where it is not."""
        if line.line is None:
            return [None] * len(line.tokens)
        first, last = self._script.firsts[line.line : line.line + 2]
        keys = self._keys[first:last]
        tokens = [(key(token.text), token.which) for token in line.tokens]
        if [text for text, _ in tokens] == keys:
            return list(range(first, last))
        if len(tokens) * len(keys) > _MOST_COMPARED:
            raise PipelineError(
                f"{len(tokens)} words are too many for a line; divide it into several",
                path=self._by,
                line=line.number,
            )
        said = [(text, keys[: i + 1].count(text)) for i, text in enumerate(keys)]
        return [None if i is None else first + i for i in _aligned(tokens, said)]

    def completed(self, line: TextLine, own: Sequence[int | None]) -> Iterator[int]:
        """The numbers of the line's words that are not struck; ValueError for what is not there."""
        if line.is_pause:
            assert line.line is not None
            yield self._script.firsts[line.line]
            return
        at = 0
        while at < len(own):
            number = own[at]
            token = line.tokens[at]
            if token.is_struck or number is not None:
                if number is not None and not token.is_struck:
                    yield number
                at += 1
                continue
            end = at
            while end < len(own) and own[end] is None and not line.tokens[end].is_struck:
                end += 1
            yield from self._elsewhere(line, line.tokens[at:end])
            at = end

    def _elsewhere(self, line: TextLine, tokens: Sequence[Token]) -> Iterator[int]:
        """Words that come from other lines: as few runs as they are, from left to right."""
        at = 0
        while at < len(tokens):
            numbers = self._longest(tokens[at:])
            if not numbers:
                raise ValueError(self._unknown(line, tokens[at]))
            if len(numbers) > 1:
                times = ", ".join(
                    format_time(self._script.words[start].range.start) for start, _ in numbers[:4]
                )
                text = " ".join(t.text for t in tokens[at : at + numbers[0][1]])
                raise ValueError(
                    f"{text!r} is said at {times}: move more of the words around it along, or "
                    "the whole line with its time, so that it is clear which"
                )
            start, length = numbers[0]
            self.taken.update(range(start, start + length))
            yield from range(start, start + length)
            at += length

    def _longest(self, tokens: Sequence[Token]) -> list[tuple[int, int]]:
        """(first word, how many) of the longest run said; those that no line has come first."""
        keys = [key(token.text) for token in tokens]
        best: list[tuple[int, int]] = []
        for start in self._places.get(keys[0], ()):
            length = 1
            while length < len(keys) and self._goes_on(start, length, keys):
                length += 1
            if not best or length > best[0][1]:
                best = [(start, length)]
            elif length == best[0][1]:
                best.append((start, length))
        free = [(s, n) for s, n in best if not self.taken.intersection(range(s, s + n))]
        return free or best

    def _goes_on(self, start: int, length: int, keys: Sequence[str]) -> bool:
        number = start + length
        if number >= len(self._keys) or self._keys[number] != keys[length]:
            return False
        # A word that is there already is rather the one of a copy than of what was moved.
        return (number in self.taken) == (start in self.taken)

    def _unknown(self, line: TextLine, token: Token) -> str:
        if line.line is None:
            return f"{token.text!r} is not said in the recording"
        first, last = self._script.firsts[line.line : line.line + 2]
        said = " ".join(word.text for word in self._script.words[first:last])
        return (
            f"{token.text!r} is not said here, nor anywhere else: the line is {said!r}; words can "
            "be struck, deleted and moved, not changed"
        )


def _aligned(
    tokens: Sequence[tuple[str, int | None]], said: Sequence[tuple[str, int]]
) -> list[int | None]:
    """For each token the place of its word, in order, so that as many as can be have one.

    Of several ways the one with the latest words counts: of what is said twice, the last stays.
    """
    rows, columns = len(tokens), len(said)
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            skipped = max(best[i - 1][j], best[i][j - 1])
            both = best[i - 1][j - 1] + 1 if _is_it(tokens[i - 1], said[j - 1]) else 0
            best[i][j] = max(skipped, both)
    found: list[int | None] = [None] * rows
    i, j = rows, columns
    while i and j:
        if _is_it(tokens[i - 1], said[j - 1]) and best[i][j] == best[i - 1][j - 1] + 1:
            found[i - 1] = j - 1
            i, j = i - 1, j - 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i -= 1
    return found


def _is_it(token: tuple[str, int | None], word: tuple[str, int]) -> bool:
    return token[0] == word[0] and token[1] in (None, word[1])
