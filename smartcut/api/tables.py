"""Tables of what a cut holds and knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smartcut.cut import Cut
from smartcut.report import data_tables


def table(film: Any, what: str, as_: str, options: Mapping[str, Any]) -> Any:
    """See :meth:`smartcut.playable.Playable.table`."""
    cut = film if isinstance(film, Cut) else film.cut(**options)
    return data_tables.table(cut, what, as_)
