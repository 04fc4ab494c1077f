"""`morph`: what goes changes into what comes, by pictures made between both."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field

from smartcut.image import Image
from smartcut.params import of_pairs
from smartcut.transition import ChooseEngine, EngineParams, Join, JoinBench, TransitionKind


class Morph(TransitionKind):
    """What goes changes into what comes by pictures that an engine makes between both.

    It hides a jump cut, as in a talking head. Keep it short, a quarter of a second or less.
    """

    name: ClassVar[str] = "morph"
    decided: ClassVar[tuple[str, ...]] = ("tier", "weights", "file", "guard", "cadence")
    makes_frames: ClassVar[bool] = True

    engine: Literal["auto", "rife", "flow"] = Field(
        "auto",
        description="What makes the pictures, as in `interpolate`; a cut that was read from "
        "another program's file and says none is joined by `flow`.",
    )
    tier: Literal["fast", "best"] | None = Field(None, description="Of the network.")
    weights: str | None = Field(None, description="sha256 of the network's weights.")
    file: str | None = Field(None, description="A file of weights.")
    guard: float = Field(0.0, description="Pictures less alike than this are held.")
    cadence: bool = Field(False, description="Whether drawings held are found.")

    def with_engine(self, choose: ChooseEngine) -> tuple[Self, str]:
        params, why = choose(self.engine)
        return of_pairs(type(self), params), why

    def open(self, bench: JoinBench) -> Join:
        params: EngineParams = (
            ("engine", "flow" if self.engine == "auto" else self.engine),
            *((name, getattr(self, name)) for name in self.decided),
        )

        def join(outgoing: Image, incoming: Image, share: float) -> Image:
            return bench.between(params, outgoing, incoming, share)

        return join
