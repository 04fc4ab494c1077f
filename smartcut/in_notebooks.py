"""How values show themselves in notebooks; the pages are made by :mod:`smartcut.api.notebook`.

By its name, since imports go downwards.
"""

from __future__ import annotations

from importlib import import_module


class InNotebooks:
    """Something that a notebook shows as more than its text."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """HTML for a notebook: small, with all pictures in it."""
        made: str = import_module("smartcut.api.notebook").page_of(self)
        return made
