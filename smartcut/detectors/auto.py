"""A cheap detector, and a network where that one is in doubt; on a GPU the network everywhere."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from smartcut.detector import DetectorBench, ShotDetector, Watch
from smartcut.detectors._learned import (
    NETWORK,
    LearnedShots,
    LearnedWatch,
    learned_network,
    network_digest,
)
from smartcut.detectors._pyscenedetect import DrivenWatch
from smartcut.detectors.adaptive import AdaptiveShots
from smartcut.source import Source
from smartcut.stage import Context, Frames

_CHEAP = AdaptiveShots()


class AutoShots(ShotDetector):
    """TransNet V2 on a GPU; on a CPU `adaptive`, and TransNet V2 where that is in doubt."""

    name: ClassVar[str] = "auto"

    def wants(self, source: Source) -> Frames:
        return _CHEAP.wants(source)

    def open(self, bench: DetectorBench) -> Watch:
        if not _has_weights():
            bench.context.progress.note(
                f"shots of {bench.source.id}: the weights of TransNet V2 are not here, so the "
                "adaptive detector works alone (it misses dissolves and takes flashes for cuts); "
                f"to have both: smartcut models pull {NETWORK}"
            )
            return _CHEAP.open(bench)
        # Where the network has a say, all candidates count, and the spacing comes last.
        cheap = DrivenWatch(_CHEAP, bench, Fraction(0))
        network, everywhere = learned_network(bench.context), _is_everywhere(bench.context)
        return LearnedWatch(bench, network, cheap=cheap, everywhere=everywhere)

    def model(self, context: Context) -> tuple[str, str] | None:
        """The network, and where it is asked: other shots are found on another device."""
        if not _has_weights():
            return None
        everywhere = _is_everywhere(context)
        name = NETWORK if everywhere else f"{NETWORK} where {_CHEAP.name} is in doubt"
        return name, network_digest()

    def asks(self, context: Context) -> LearnedShots | None:
        return learned_network(context) if _has_weights() else None


def _has_weights() -> bool:
    from smartcut.models import weights

    return weights.find(NETWORK) is not None


def _is_everywhere(context: Context) -> bool:
    """Whether the network is asked about every frame."""
    return context.device.startswith("cuda")
