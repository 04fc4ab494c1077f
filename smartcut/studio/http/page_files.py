"""The files of the page, read once: no path of a request ever names a file on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

PAGE = Path(__file__).parents[1] / "page"

#: What files of a page may be.
_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file: its bytes, what they are, and a name for this version of them."""

    data: bytes
    mime: str
    tag: str


def page_files(folder: Path = PAGE) -> Mapping[str, PageFile]:
    """The files by their path within the page's folder, such as ``panels/plan.js``."""
    found = {}
    for path in sorted(folder.rglob("*")):
        mime = _TYPES.get(path.suffix)
        if mime is None or not path.is_file() or path.is_symlink():
            continue
        data = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        found[name] = PageFile(data, mime, f'"{sha256(data).hexdigest()[:20]}"')
    return found
