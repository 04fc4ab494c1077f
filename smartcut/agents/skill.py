"""The skill that comes with smartcut: a folder of texts that agents read when they need it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from smartcut.errors import PipelineError
from smartcut.files import write_text

NAME = "smartcut"


def skill_folder() -> Path:
    """Where the skill lies: a folder with SKILL.md and references."""
    return Path(__file__).parents[1] / "skills" / NAME


def skill_files() -> Iterator[tuple[str, str]]:
    """(name within the folder, text) of each file, SKILL.md first."""
    folder = skill_folder()
    for path in sorted(folder.rglob("*.md"), key=lambda p: (len(p.parts), p.name)):
        yield path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")


def installed(folder: Path) -> list[Path]:
    """Write the skill into a folder of skills, as ``smartcut/`` in it; what was there is replaced.

    Raises PipelineError where the place is a file.
    """
    place = folder / NAME
    if folder.is_file() or place.is_file():
        raise PipelineError(
            f"{folder if folder.is_file() else place} is a file; name the folder of skills, such "
            "as .claude/skills"
        )
    written = []
    for name, text in skill_files():
        path = place / name
        write_text(path, text)
        written.append(path)
    return written
