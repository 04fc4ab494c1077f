"""Edits that no longer apply: each is kept, with a kind and a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from smartcut.cut import Cut
from smartcut.editing.model import HandEdit

#: Why an edit no longer applies.
Kind = Literal["gone", "several", "source", "beyond", "place", "changed", "pace", "unfit"]
KINDS: dict[Kind, str] = {
    "gone": "the cut no longer shows that moment",
    "several": "the cut shows it several times",
    "source": "the cut has no such source",
    "beyond": "the source is not that long",
    "place": "what it was to follow is not there",
    "changed": "the pipeline has changed the same",
    "pace": "it is not played so that this could be done",
    "unfit": "it cannot be done to that",
}


class Refused(Exception):
    """Raised where an edit cannot be applied to a cut, or only in part."""

    def __init__(self, kind: Kind, why: str, cut: Cut | None = None) -> None:
        super().__init__(why)
        self.kind: Kind = kind
        self.why = why
        self.cut = cut
        """The cut with what could be done of it."""


@dataclass(frozen=True, slots=True)
class EditConflict:
    """An edit that was not applied, or only in part; it stays in its list."""

    edit: int
    """Its number in the list, from 0."""
    kind: Kind
    why: str
    """In words, with what can be done."""
    what: HandEdit

    def to_plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "edit": self.edit, "kind": self.kind, "why": self.why, "what": self.what.to_plain(),
        }  # fmt: skip

    @property
    def text(self) -> str:
        """In a line: ``edit 3 (trim): ...``."""
        return f"edit {self.edit + 1} ({self.what.kind}): {self.why}"
