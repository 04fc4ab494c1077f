"""Words to lines: the best places to end a line, found by dynamic programming.

The same search serves subtitle files, where a line is measured in columns, and burned-in
captions, where it is measured in pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from smartcut.annotation import Word
from smartcut.render.captions.text import break_cost, clusters, has_space, is_glued, width
from smartcut.timebase import Range


@dataclass(frozen=True, slots=True)
class LinePiece:
    """A stretch of text within which no line ends; ``word`` counts the words given."""

    text: str
    has_space_before: bool
    word: int
    scale: float = 1.0
    """How many times as large as the others it is."""


def pieces_of(words: Sequence[Word]) -> list[list[LinePiece]]:
    """The pieces of each word; most words are one piece."""
    result = []
    for i, word in enumerate(words):
        space = i > 0 and has_space(words[i - 1].text, word.text)
        parts = clusters(" ".join(word.text.split()))
        result.append([LinePiece(part, space and k == 0, i) for k, part in enumerate(parts)])
    return result


def text_of(pieces: Sequence[LinePiece]) -> str:
    """The pieces as one line."""
    return "".join(
        " " * (piece.has_space_before and k > 0) + piece.text for k, piece in enumerate(pieces)
    )


def fewest_lines(pieces: Sequence[LinePiece], limit: int) -> int:
    """The fewest lines of at most ``limit`` columns; a longer piece has a line of its own."""
    lines, used = 0, 0
    for piece in pieces:
        need = width(piece.text)
        if lines and used + piece.has_space_before + need <= limit:
            used += piece.has_space_before + need
        else:
            lines, used = lines + 1, need
    return lines


def break_lines(
    pieces: Sequence[LinePiece],
    limit: float,
    count: int,
    measure: Callable[[str], float] = width,
    language: str | None = None,
) -> tuple[str, ...]:
    """The text on ``count`` lines of nearly equal length that end in good places.

    ``limit`` is in the units of ``measure``. A line over the limit is taken only where every
    division has one; where that would be twice the limit, there are more lines. A break costs
    what :func:`break_cost` says, a line the square of how far it is from the mean, and a lone
    short word one more.
    """
    count = max(1, min(count, len(pieces)))
    ideal = measure(text_of(pieces)) / count
    unreachable = float("inf")
    # best[n][end]: cost of the first `end` pieces on n lines.
    best = [[unreachable] * (len(pieces) + 1) for _ in range(count + 1)]
    came = [[0] * (len(pieces) + 1) for _ in range(count + 1)]
    best[0][0] = 0.0
    for start in range(len(pieces)):
        for end in range(start + 1, len(pieces) + 1):
            length = measure(text_of(pieces[start:end]))
            cost = _line_cost(pieces, start, end, length, ideal, limit, language)
            if length > 2 * limit and end > start + 1:
                break
            for n in range(count):
                if best[n][start] + cost < best[n + 1][end]:
                    best[n + 1][end], came[n + 1][end] = best[n][start] + cost, start
    if pieces and best[count][-1] == unreachable:
        return break_lines(pieces, limit, count + 1, measure, language)
    lines: list[str] = []
    end, n = len(pieces), count
    while n:
        start = came[n][end]
        lines.append(text_of(pieces[start:end]))
        end, n = start, n - 1
    return tuple(reversed(lines))


def divide(word: Word, limit: int) -> list[Word]:
    """The word in parts of one line each, where its script may be divided; most words are whole.

    Its time is shared out by width, and white space at either end stays with the first and last.
    """
    pieces = pieces_of([word])[0]
    count = fewest_lines(pieces, limit)
    if count < 2:
        return [word]
    texts = list(break_lines(pieces, limit, count))
    total = sum(map(width, texts)) or 1
    texts[0] = word.text[: len(word.text) - len(word.text.lstrip())] + texts[0]
    texts[-1] += word.text[len(word.text.rstrip()) :]
    parts, at = [], word.range.start
    for text in texts:
        end = at + word.range.duration * width(text.strip()) / total
        parts.append(replace(word, range=Range(at, end), text=text))
        at = end
    return parts


def _line_cost(
    pieces: Sequence[LinePiece],
    start: int,
    end: int,
    length: float,
    ideal: float,
    limit: float,
    language: str | None,
) -> float:
    cost = 3.0 * ((length - ideal) / ideal) ** 2 if ideal else 0.0
    if length > limit:
        cost += 1000.0 * (1.0 + (length - limit) / limit)
    if end < len(pieces):
        left, right = pieces[end - 1], pieces[end]
        if not right.has_space_before and is_glued(left.text, right.text):
            cost += 3.0
        elif left.word == right.word:
            cost += 1.2
        else:
            cost += break_cost(left.text, right.text, language)
    is_alone = end - start == 1 and len(pieces) > 2
    if is_alone and length < 0.6 * ideal:
        cost += 1.0
    return cost
