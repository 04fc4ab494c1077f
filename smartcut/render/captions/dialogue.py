"""Two speakers in one caption: a line and a dash for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from smartcut.annotation import Word
from smartcut.cut import Captions
from smartcut.render.captions.text import join, width

_DASH = "– "
#: Columns that a dash takes, with its space.
_DASHED = 2


def dialogues(groups: Sequence[list[Word]], captions: Captions) -> Iterator[list[Word]]:
    """The words of captions, those of two speakers together where each fills no more than a line.

    Both begin with a dash then, and follow each other closely, within the longest duration.
    """
    waiting: list[Word] | None = None
    for group in groups:
        if waiting is not None and _answers(waiting, group, captions):
            yield [*_dashed(waiting), *_dashed(group)]
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = group
    if waiting is not None:
        yield waiting


def by_speaker(group: Sequence[Word]) -> list[list[Word]]:
    """The words of a caption, divided where another speaks."""
    return [list(own) for _, own in groupby(group, key=lambda word: word.speaker)]


def _answers(one: list[Word], other: list[Word], captions: Captions) -> bool:
    is_other = None not in (one[0].speaker, other[0].speaker) and one[0].speaker != other[0].speaker
    lasts = other[-1].range.end - one[0].range.start
    closely = other[0].range.start - one[-1].range.end < captions.pause
    room = captions.line_length - _DASHED
    short = all(width(join(group)) <= room for group in (one, other))
    return is_other and closely and short and captions.lines > 1 and lasts <= captions.max_duration


def _dashed(group: list[Word]) -> list[Word]:
    return [replace(group[0], text=_DASH + group[0].text.lstrip()), *group[1:]]
