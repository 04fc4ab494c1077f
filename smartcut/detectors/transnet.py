"""A network on every frame."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from smartcut.boundaries.rules import LEARNED_THRESHOLD
from smartcut.detector import DetectorBench, ShotDetector
from smartcut.detectors._learned import (
    NETWORK,
    LearnedShots,
    LearnedWatch,
    learned_network,
    network_digest,
)
from smartcut.stage import Context


class TransNetShots(ShotDetector):
    """TransNet V2 on every frame: dissolves too, and flashes are no cuts; slow on a CPU."""

    name: ClassVar[str] = "transnet"

    threshold: float = Field(
        LEARNED_THRESHOLD, gt=0, le=1, description="The network's chance that a shot ends."
    )

    def open(self, bench: DetectorBench) -> LearnedWatch:
        return LearnedWatch(bench, learned_network(bench.context), self.threshold)

    def model(self, context: Context) -> tuple[str, str]:
        return NETWORK, network_digest()

    def asks(self, context: Context) -> LearnedShots:
        return learned_network(context)
