"""Words of a line in the order in which they stand, by the Unicode Bidirectional Algorithm."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from smartcut.render.captions.lines import LinePiece
from smartcut.render.captions.text import strong_direction

# Bidirectional classes of marks that have no direction of their own.
_NEUTRAL = ("ON", "CS", "ES", "ET")


def marks_apart(words: Sequence[LinePiece]) -> list[LinePiece]:
    """The words of a line in which some run from right to left, their marks as pieces apart.

    Where a stretch of such words ends, its marks belong to what is around it.
    """
    if not any(strong_direction(piece.text) == "R" for piece in words):
        return [*words]
    apart: list[LinePiece] = []
    for piece in words:
        text = piece.text
        inner = text.strip("".join(c for c in text if unicodedata.bidirectional(c) in _NEUTRAL))
        if not inner or inner == text:
            apart.append(piece)
            continue
        before, _, after = text.partition(inner)
        parts = [part for part in (before, inner, after) if part]
        apart.extend(
            replace(piece, text=part, has_space_before=piece.has_space_before and i == 0)
            for i, part in enumerate(parts)
        )
    return apart


def embedding_levels(words: Sequence[str], from_right: bool | None = None) -> list[int]:
    """The level of each word in the sense of the Unicode Bidirectional Algorithm (UAX #9).

    Words are taken as wholes; numbers follow what is before them, and marks what is on both sides
    of them, or else the line's own direction (rules N1 and N2): that is ``from_right``, or, where
    it is not given, that of the first word that has one.
    """
    kinds = [strong_direction(word) for word in words]
    is_rtl = (
        next((kind for kind in kinds if kind), "L") == "R" if from_right is None else from_right
    )
    base = "R" if is_rtl else "L"
    levels, strong = [], base
    for i, (word, kind) in enumerate(zip(words, kinds, strict=True)):
        following = next((k for k in kinds[i + 1 :] if k), base)
        around = strong if strong == following else base
        strong = kind or strong
        if kind == "R":
            levels.append(1)
        elif kind == "L":
            levels.append(2 if is_rtl else 0)
        elif any(c.isdigit() for c in word):
            levels.append(2 if is_rtl or strong == "R" else 0)
        elif around == "R":
            levels.append(1)
        else:
            levels.append(2 if is_rtl and around == "L" else 0)
    return levels


def in_order_shown(words: Sequence[LinePiece], levels: Sequence[int]) -> list[int | None]:
    """The words' numbers from left to right, and None for each space between them.

    A space where the direction changes has the direction around it.
    """
    items: list[tuple[int | None, int]] = []
    for number, word in enumerate(words):
        if number and word.has_space_before:
            items.append((None, min(levels[number - 1], levels[number])))
        items.append((number, levels[number]))
    return [items[k][0] for k in visual_order([level for _, level in items])]


def visual_order(levels: Sequence[int]) -> list[int]:
    """The words' numbers from left to right: rule L2 of UAX #9."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            if levels[order[start]] < level:
                start += 1
                continue
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end
    return order
