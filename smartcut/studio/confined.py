"""Where a page may have files written: below some folders, links followed first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from smartcut.errors import PipelineError


@dataclass(frozen=True, slots=True)
class Confined:
    """Folders, and whatever lies below them."""

    folders: tuple[Path, ...]

    @classmethod
    def to(cls, folders: Iterable[Path]) -> Confined:
        return cls(tuple(dict.fromkeys(folder.resolve() for folder in folders)))

    def path(self, given: str, beside: Path) -> Path:
        """The path that is meant, seen from the folder of ``beside``; raises PipelineError.

        A link that leads out is refused, and so is what has no name of its own.
        """
        if not given.strip() or "\0" in given:
            raise PipelineError(f"{given!r} is no name of a file")
        path = beside.parent / Path(given).expanduser()
        real = path.resolve()
        if not any(real.is_relative_to(folder) for folder in self.folders):
            raise PipelineError(
                f"{given} is outside of what this studio may write: "
                f"{', '.join(map(str, self.folders))}; start it with --root FOLDER for others"
            )
        if real.is_dir() or real.name != path.name:
            raise PipelineError(f"{given} is a folder or a link, not a file to write")
        return path
