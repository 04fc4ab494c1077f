"""Which joins of the cut a stage is for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from smartcut.errors import StageError


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


#: Joins in the parameters of a stage; that of the first two segments is 1.
JoinsParam = Annotated[Literal["all"] | tuple[int, ...], BeforeValidator(_as_tuple)]


def joins(at: str | tuple[int, ...], segments: int, stage: str) -> frozenset[int]:
    """The numbers of the joins meant, which are those of the segments that come in.

    Raises StageError where there is no such join.
    """
    if isinstance(at, str):
        return frozenset(range(1, segments))
    for number in at:
        if not 1 <= number < segments:
            accepted = f"accepted: 1..{segments - 1}" if segments > 1 else "it has no join"
            raise StageError(
                f"`{stage}`: there is no join {number} in a cut of {segments} segment"
                f"{'' if segments == 1 else 's'}; {accepted}"
            )
    return frozenset(at)
