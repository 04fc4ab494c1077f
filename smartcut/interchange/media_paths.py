"""Where media lies, as URLs that an editing system reads, and back; nothing is opened here."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urlsplit

from smartcut.errors import PipelineError
from smartcut.roots import check_inside

_LONGEST = 4096


def to_url(path: Path, folder: Path | None) -> str:
    """The path as seen from ``folder``, percent-encoded; ``file://`` where they share nothing."""
    if folder is not None:
        media, base = os.path.abspath(path), os.path.abspath(folder)
        if os.path.commonpath([media, base]) != os.path.sep:
            return _quoted(os.path.relpath(media, base))
        return "file://" + _quoted(media)
    return ("file://" if path.is_absolute() else "") + _quoted(str(path))


def to_file_url(path: Path) -> str:
    """The absolute ``file://`` URL."""
    return "file://" + _quoted(os.path.abspath(path))


def _quoted(path: str) -> str:
    return quote(os.fsencode(path))


def from_url(url: str, folder: Path | None) -> Path:
    """The path that a URL, or a plain path, means; raises PipelineError for what is no file here.

    What is not absolute is looked for from ``folder``. Only files are read: no network.
    """
    if not url or len(url) > _LONGEST:
        raise PipelineError(f"a media reference of {len(url)} characters names no file")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise PipelineError(f"{url!r} is not the address of a file: {error}") from error
    if parts.scheme and len(parts.scheme) > 1:
        if parts.scheme.lower() != "file" or parts.netloc not in ("", "localhost"):
            raise PipelineError(
                f"{url!r} is not a file on this machine; fetch it, and name the copy"
            )
        url = parts.path
    elif parts.netloc:
        raise PipelineError(f"{url!r} is not a file on this machine; fetch it, and name the copy")
    return from_name(os.fsdecode(unquote_to_bytes(url)), folder)


def from_name(name: str, folder: Path | None) -> Path:
    """The path that a plain name means, seen from ``folder``."""
    try:
        is_one = name and "\0" not in name and len(os.fsencode(name)) <= _LONGEST
    except UnicodeEncodeError:
        is_one = False
    if not is_one:
        raise PipelineError(f"{name[:80]!r} is not the name of a file")
    path = Path(name)
    if folder is None or path.is_absolute():
        return path
    return Path(os.path.normpath(folder / path))


def allowed(path: Path, by: str) -> Path:
    """The path, where files below it may be used; raises PipelineError that says where."""
    try:
        check_inside(path)
    except (ValueError, OSError) as error:
        raise PipelineError(f"{by}: {error}") from error
    return path


def seen_from(path: Path, folder: Path | None) -> str:
    """The path as seen from ``folder``; absolute where they share nothing."""
    if folder is None:
        return str(path)
    media, base = os.path.abspath(path), os.path.abspath(folder)
    return os.path.relpath(media, base) if os.path.commonpath([media, base]) != "/" else media


def as_name(path: Path, folder: Path | None) -> str:
    """The path in one line of text, as seen from ``folder``; a URL where it would not survive."""
    name = seen_from(path, folder)
    if name.isprintable() and name == name.strip() and not name.lower().startswith("file:"):
        return name
    return to_file_url(path)
