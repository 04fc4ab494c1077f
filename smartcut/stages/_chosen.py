"""Which segments of the cut a stage is for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from smartcut.errors import StageError


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


#: Segments in the parameters of a stage: ``all``, ``first``, ``last``, or numbers from 0.
OnParam = Annotated[Literal["all", "first", "last"] | tuple[int, ...], BeforeValidator(_as_tuple)]


def chosen(on: str | tuple[int, ...], count: int, stage: str) -> set[int]:
    """The numbers of the segments meant; raises StageError where there is no such segment."""
    if isinstance(on, str):
        everything = range(count)
        return set({"all": everything, "first": everything[:1], "last": everything[-1:]}[on])
    for number in on:
        if not -count <= number < count:
            raise StageError(
                f"`{stage}` is to change segment {number}, but the cut has {count}; "
                f"accepted: {-count}..{count - 1}"
                if count
                else f"`{stage}` is to change a segment, but the cut has none"
            )
    return {number % count for number in on}
