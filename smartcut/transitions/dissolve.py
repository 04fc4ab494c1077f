"""`dissolve`: one picture fades into the other."""

from __future__ import annotations

from typing import ClassVar, Literal

from smartcut.transition import Join, JoinBench, TransitionKind


class Dissolve(TransitionKind):
    """What goes fades into what comes."""

    name: ClassVar[str] = "dissolve"
    title: ClassVar[str] = "Cross Dissolve"
    otio: ClassVar[str] = "SMPTE_Dissolve"

    @property
    def moviepy(self) -> Literal["cross-fade"]:
        return "cross-fade"

    def open(self, bench: JoinBench) -> Join:
        from smartcut.media.image import mixed

        return mixed
