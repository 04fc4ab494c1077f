"""What the cache keeps of a packet index beside its arrays; anything else there is damaged."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from smartcut.interchange.json import tells
from smartcut.source import FieldOrder

_Hex = Annotated[str, Field(pattern="^(?:[0-9a-f]{2})*$")]


class _Table(TypedDict):
    """See PacketTable.to_plain."""

    array: str
    timebase: Fraction
    rising: bool
    skips: dict[int, _Hex]
    shifts: list[tuple[int, int]]
    is_whole: bool


class _Kept(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]

    array: str
    """The key of pts, starts and order; of no frames where there is no video."""
    sounds: dict[int, tuple[int, int]]
    rotation: Literal[0, 90, 180, 270]
    mirrored: bool
    colour: tuple[int, int, int, int] | None
    fields: tuple[FieldOrder, bool]
    tables: dict[int, _Table]


class _KeptVideo(_Kept):
    timebase: Fraction
    last_duration: int
    rate: Fraction
    is_vfr: bool
    is_counted: bool
    pre_roll: int | None
    headers: list[_Hex]
    messages: list[_Hex]
    is_one_sequence: bool


is_index = tells(_KeptVideo | _Kept)
