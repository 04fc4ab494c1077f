"""The folder that agents work in: no file outside of it is read, and none is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from smartcut.absent import no_file
from smartcut.errors import PipelineError, SourceError
from smartcut.interchange.media_paths import from_name

#: Files of a listing that are looked through.
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class AgentFolder:
    """A folder, and how names in it are understood.

    The process works in ``root`` (its current folder), so that relative names mean the same to
    pipelines. Links are followed before a place is judged: one that leads outside is refused,
    whether there is a file or not.
    """

    root: Path
    """Absolute, without links."""

    @classmethod
    def of(cls, folder: Path) -> AgentFolder:
        """Raises SourceError where it is no folder."""
        if not folder.is_dir():
            raise SourceError(f"--root {folder} is not a folder; name the one that agents work in")
        return cls(folder.resolve())

    def place(self, name: str) -> Path:
        """The place that a name means, as seen from the root; there may be nothing.

        Raises PipelineError for a place outside, and for what is no name.
        """
        try:
            found = (self.root / from_name(name, None)).resolve()
        except (OSError, RuntimeError) as error:
            raise PipelineError(f"{name[:80]!r} is not the name of a file") from error
        if not found.is_relative_to(self.root):
            raise PipelineError(
                f"{name} is outside of the folder that may be used; name a file below it, such as "
                f"clips/{found.name or 'talk.mp4'}; `files` lists what there is"
            )
        return found.relative_to(self.root)

    def file(self, name: str) -> Path:
        """A file that there is; raises PipelineError, with the name that was likely meant."""
        place = self.place(name)
        if not (self.root / place).is_file():
            if (self.root / place).is_dir():
                raise PipelineError(f"{name} is a folder; name a file; `files` lists what there is")
            raise PipelineError(f"{no_file(place)}; `files` lists what there is")
        return place

    def folder(self, name: str) -> Path:
        """A folder that there is; raises PipelineError."""
        place = self.place(name)
        if not (self.root / place).is_dir():
            raise PipelineError(f"there is no folder {name}; `files` lists what there is")
        return place

    def files(self, name: str, pattern: str) -> Iterator[Path]:
        """The files below a folder whose names fit a pattern, none hidden, in order."""
        start = self.root / self.folder(name)
        seen = 0
        for parent, folders, names in os.walk(start):
            folders[:] = sorted(one for one in folders if not one.startswith("."))
            for one in sorted(names):
                seen += 1
                if seen > _MOST:
                    return
                path = Path(parent, one).relative_to(self.root)
                if not one.startswith(".") and path.match(pattern) and self._is_inside(path):
                    yield path

    def _is_inside(self, path: Path) -> bool:
        try:
            return (self.root / path).resolve().is_relative_to(self.root)
        except (OSError, RuntimeError):
            return False
