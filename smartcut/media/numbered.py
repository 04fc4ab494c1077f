"""Names of pictures one by one: ``f-%05d.png`` stands for f-00001.png, f-00002.png and so on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_NUMBER = re.compile(r"%(0?\d*)d")
_MOST_DIGITS = 12


def is_numbered(path: Path) -> bool:
    """Whether a file's name has a place for a number, ``%d`` or ``%05d``."""
    found = _NUMBER.findall(path.name)
    return len(found) == 1 and int(found[0] or 0) <= _MOST_DIGITS


def numbered(path: Path, number: int) -> Path:
    """The file of that number, counted from 1."""
    return path.with_name(_NUMBER.sub(lambda m: format(number, m[1] + "d"), path.name))


def without_number(path: Path) -> str:
    """The name without the number, and without its suffix: what companion files are called by."""
    return _NUMBER.sub("", path.stem).strip("-_. ") or "pictures"


def files_of(path: Path) -> Iterator[tuple[int, Path]]:
    """The files there are, each with its number, in the order of their numbers."""
    before, after = _NUMBER.split(path.name)[0], _NUMBER.split(path.name)[-1]
    pattern = re.compile(re.escape(before) + r"(\d+)" + re.escape(after))
    found = []
    for file in path.parent.iterdir() if path.parent.is_dir() else ():
        if match := pattern.fullmatch(file.name):
            found.append((int(match[1]), file))
    yield from sorted(item for item in found if numbered(path, item[0]) == item[1])


_PART = re.compile(r"\{n(?::(0?\d{1,2}))?\}")


def is_of_parts(path: Path) -> bool:
    """Whether a name has a place for the number of a part, ``{n}`` or ``{n:03}``."""
    return _PART.search(path.name) is not None


def of_part(path: Path, number: int, digits: int) -> Path:
    """The file of one part of a cut: where its name has ``{n}``, or else ``reel-001.mp4``."""
    if is_of_parts(path):
        return path.with_name(_PART.sub(lambda m: format(number, (m[1] or "") + "d"), path.name))
    return path.with_name(f"{path.stem}-{number:0{digits}d}{path.suffix}")
