"""The script that several takes are of, found from the takes themselves.

The recordings are divided where something is said again. The longest part is the beginning, and
each other one is laid along it; where they differ, what most of them say there counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from smartcut.best_takes.wording import difference

#: So many words in a row begin what is said again, if so much of what was said since follows.
_AGAIN, _REPEATED = 3, 0.6
#: By so many words places slip where others are said, or some are left out.
_SLIPPED = 3
#: A part lies along the script where so many words agree, and so much of what they span.
_LEAST, _DENSE = 2, 0.5
#: Words at the script's end that a part which goes on may have left out.
_NEAR_END = 2


@dataclass(slots=True)
class _Position:
    """A place in the script: what was said there, by how many, of how many who might have."""

    said: Counter[str] = field(default_factory=Counter)
    passed: int = 0

    @property
    def word(self) -> str:
        return max(self.said, key=lambda word: self.said[word])

    @property
    def is_of_script(self) -> bool:
        return 2 * self.said.total() >= self.passed


def found_script(recordings: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The words, as normal ones, that the recordings are takes of; nothing where none is said."""
    parts = [part for words in recordings for part in parts_of(words)]
    parts.sort(key=len, reverse=True)
    if not parts:
        return ()
    script = _positions(parts[0], 1)
    waiting = parts[1:]
    while waiting:
        left = []
        for part in waiting:
            longer = _with(script, part)
            script = longer or script
            left += [] if longer else [part]
        if len(left) == len(waiting):
            break
        waiting = left
    return tuple(position.word for position in script if position.is_of_script)


def parts_of(words: Sequence[str]) -> list[tuple[str, ...]]:
    """A recording divided where words are said again that were said before."""
    seen: dict[tuple[str, ...], int] = {}
    begins, places = [0], list[int]()  # where the words stand, as they were said first
    known: dict[int, str] = {}
    for at in range(len(words)):
        place = places[-1] + 1 if places else 0
        said = tuple(words[at : at + _AGAIN])
        before = seen.get(said) if len(said) == _AGAIN else None
        if before is not None:
            is_far = places[before] < place - _SLIPPED
            is_behind = is_far or _is_repeated(words, before, at)
            if is_behind and _is_again(words, before, at):
                begins.append(_begin(words, at, places[before], known))
            if not is_behind or begins[-1] > at - _SLIPPED - 1:
                place = places[before]
        places.append(place)
        known.setdefault(place, words[at])
        seen[said] = at
    ends = [*begins[1:], len(words)]
    return [tuple(words[a:b]) for a, b in zip(begins, ends, strict=True) if b > a]


def _is_repeated(words: Sequence[str], before: int, at: int) -> bool:
    """Whether the few words just said are said once more, as they were."""
    length = at - before
    return length >= _AGAIN and words[before:at] == words[at : at + length]


def _begin(words: Sequence[str], at: int, place: int, known: dict[int, str]) -> int:
    """Where what is said again begins: a few words before, where they were said there too."""
    before = {known.get(place - k) for k in range(1, _SLIPPED + 1) if place - k >= 0}
    back = (k for k in range(_SLIPPED, 0, -1) if at - k >= 0 and words[at - k] in before)
    return at - next(back, 0)


def _is_again(words: Sequence[str], before: int, at: int) -> bool:
    """Whether what was said since ``before`` is said again from ``at`` on, as far as it goes."""
    apart = at - before
    following = words[at : at + apart + apart // 4]
    need = min(apart, len(words) - at)
    return len(_laid(words[before:at], following)) >= _REPEATED * need


def _positions(words: Sequence[str], passed: int) -> list[_Position]:
    return [_Position(Counter([word]), passed) for word in words]


def _with(script: list[_Position], part: Sequence[str]) -> list[_Position] | None:
    """The script with one more part laid along it; None where they have too little in common."""
    pairs = _laid([position.word for position in script], part)
    if len(pairs) < min(_LEAST, len(part)):
        return None
    (first, begin), (last, end) = pairs[0], pairs[-1]
    if len(pairs) < _DENSE * max(last - first + 1, end - begin + 1):
        return None
    own = dict(pairs)
    made = _positions(part[:begin] if first <= _NEAR_END else (), 1)
    before = begin
    for place, position in enumerate(script):
        if first <= place <= last:
            position.passed += 1
        if place in own:
            made += _positions(part[before + 1 : own[place]], position.passed)
            position.said[part[own[place]]] += 1
            before = own[place]
        made.append(position)
    is_at_end = last >= len(script) - 1 - _NEAR_END
    tail = part[end + 1 :] if is_at_end else ()
    if tail:
        # What one said there before it broke off, and this one did not, is none of it.
        for position in script[last + 1 :]:
            position.passed += 2
    return [*made, *_positions(tail, 1)]


def _laid(script: Sequence[str], part: Sequence[str]) -> list[tuple[int, int]]:
    """(place in the script, place in the part) of the words that both say, in order."""
    gains = _alike(script, part)
    rows, columns = gains.shape
    best = np.zeros((rows + 1, columns + 1))
    for i in range(1, rows + 1):
        row = np.maximum(best[i - 1, 1:], best[i - 1, :-1] + gains[i - 1])
        best[i, 1:] = np.maximum.accumulate(row)
    pairs = []
    i, j = rows, columns
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
    return pairs[::-1]


def _alike(script: Sequence[str], part: Sequence[str]) -> np.ndarray:
    """(script, part): 1 for equal words, less for near ones, 0 for others."""
    rows, columns = tuple(dict.fromkeys(script)), tuple(dict.fromkeys(part))
    table = np.array([[max(1 - difference(a, b), 0.0) for b in columns] for a in rows])
    row, column = {w: n for n, w in enumerate(rows)}, {w: n for n, w in enumerate(columns)}
    table = table.reshape(len(rows), len(columns))
    found: np.ndarray = table[[row[w] for w in script]][:, [column[w] for w in part]]
    return found
