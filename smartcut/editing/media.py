"""The media that edits would show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smartcut.editing.model import HandEdit


def files_named(edit: HandEdit) -> Iterator[str]:
    """The sources that an edit shows something of, as it names them."""
    if edit.kind in ("keep", "replace"):
        yield edit.what.source
    added = edit.add.get("segment") if edit.add is not None else None
    if (
        isinstance(added, Mapping)
        and "recipe" not in added
        and isinstance(added.get("source"), str)
    ):
        yield added["source"]
