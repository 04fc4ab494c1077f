"""`fade`: through black, or another colour."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field

from smartcut.colours import ColourParam, rgba
from smartcut.image import Image
from smartcut.transition import Join, JoinBench, TransitionKind

_BLACK = "#000000"


class FadeThrough(TransitionKind):
    """What goes fades to a colour, and what comes fades in from it."""

    name: ClassVar[str] = "fade"

    colour: ColourParam = Field(_BLACK, description="The colour between, as `#rrggbb`.")

    @property
    def moviepy(self) -> Literal["through-black"] | None:
        return "through-black" if self.colour == _BLACK else None

    def open(self, bench: JoinBench) -> Join:
        from smartcut.media.image import mixed, plain, sample_of

        samples = sample_of(rgba(self.colour)[:3], bench.space, bench.colour)
        between = plain(bench.size, bench.space, samples)

        def join(outgoing: Image, incoming: Image, share: float) -> Image:
            if share < 0.5:
                return mixed(outgoing, replace(between, alpha=outgoing.alpha), 2 * share)
            return mixed(replace(between, alpha=incoming.alpha), incoming, 2 * share - 1)

        return join
