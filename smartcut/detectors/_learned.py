"""TransNet V2 as a detector: on every frame, or where a cheap detector is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from smartcut.boundaries import doubt, rules
from smartcut.boundaries.pictures import ThumbnailStore
from smartcut.detector import Boundary, DetectorBench, Watch
from smartcut.stage import Answer, Context, Picture, RowNetwork, engine_of

if TYPE_CHECKING:
    import numpy as np

NETWORK = "transnetv2"
#: A flash lasts at most this long.
_FLASH = Fraction(3, 10)
#: A slow change is looked for over twice these times.
_SLOW = (Fraction(1, 5), Fraction(2, 5))


@dataclass(frozen=True)
class LearnedShots(RowNetwork):
    """TransNet V2: of windows of a hundred frames, how likely each of the middle ones ends a shot.

    A row is a window; see :class:`smartcut.models.transnet_network.TransNetV2`.
    """

    def load(self, device: str, allow_net: bool) -> Callable[[np.ndarray], np.ndarray]:
        from smartcut.models import transnet, weights

        path = weights.path(NETWORK, allow_net=allow_net)
        return transnet.engine(path, self.weights, device)

    def batch(self, device: str) -> int:
        return 1 if device == "cpu" else 16


def learned_network(context: Context) -> LearnedShots:
    """The network; raises MissingModel where its weights are not to be had."""
    from smartcut.models import weights

    weights.path(NETWORK, allow_net=context.allow_net)
    return LearnedShots(NETWORK, weights.digest(NETWORK))


def network_digest() -> str:
    """sha256 of its weights."""
    from smartcut.models import weights

    return weights.digest(NETWORK)


class LearnedWatch(Watch):
    """Keeps thumbnails of all frames, and asks the network in the end.

    With a ``cheap`` watch the network decides only where that one is in doubt, unless it is asked
    ``everywhere``; then what the other finds are hints.
    """

    def __init__(
        self,
        bench: DetectorBench,
        network: LearnedShots,
        threshold: float = rules.LEARNED_THRESHOLD,
        cheap: Watch | None = None,
        everywhere: bool = True,
    ) -> None:
        self._bench, self._network, self._threshold = bench, network, threshold
        self._cheap, self._everywhere = cheap, everywhere
        if everywhere:
            bench.context.prepare(network)
        self._thumbnails = ThumbnailStore()
        self._hints: Sequence[Boundary] = ()

    @property
    def hints(self) -> Sequence[Boundary]:
        return self._hints

    def feed(self, picture: Picture) -> None:
        self._thumbnails.add(self._bench.measures.newest)
        if self._cheap is not None:
            self._cheap.feed(picture)

    def finish(self) -> Sequence[Boundary]:
        """The learned boundaries, and the cheap ones where the network was not asked."""
        steps = self._bench.measures.steps
        self._hints = self._cheap.finish() if self._cheap else ()
        asked = [(0, len(steps))] if self._everywhere else self._doubts(steps)
        learned = self._learned(asked, steps) if asked else []
        self._thumbnails.close()
        # A boundary at frame i is foretold at frame i - 1.
        sure = [b for b in self._hints if not any(a < b.frame <= z for a, z in asked)]
        return sorted([*sure, *learned], key=lambda b: b.frame)

    def _learned(self, asked: Sequence[tuple[int, int]], steps: np.ndarray) -> list[Boundary]:
        """What the network finds in the ranges, without flashes."""
        chances, ratios = self._ask(asked), rules.step_ratios(steps)
        learned = rules.learned_boundaries(chances, steps, ratios, self._threshold)
        if self._bench.min_length < _FLASH:
            return learned
        frames = [b.frame for b in learned]
        flashes = doubt.flashes(frames, steps, self._thumbnails.read, self._frames(_FLASH))
        return [b for b in learned if b.frame not in flashes]

    def _frames(self, time: Fraction) -> int:
        """About how many frames that is, at least 2."""
        assert self._bench.source.video is not None
        return max(2, round(time * self._bench.source.video.rate))

    def _doubts(self, steps: np.ndarray) -> list[tuple[int, int]]:
        """The ranges of frames where the network decides."""
        from smartcut.models.transnet import KEEP

        cuts, ratios = [b.frame for b in self._hints], rules.step_ratios(steps)
        thumbnails = self._thumbnails.read
        sure = [c for c in cuts if rules.is_hard(steps, ratios, c)]
        mask = doubt.unsure_steps(steps, ratios, cuts)
        flashes = doubt.flashes(cuts, steps, thumbnails, self._frames(_FLASH))
        mask[flashes] = True
        for time in _SLOW:
            half = self._frames(time)
            slow = doubt.slow_changes(len(steps), thumbnails, half)
            mask |= doubt.without_cuts(slow, sure, half)
        return doubt.windows(mask, KEEP)

    def _ask(self, ranges: Sequence[tuple[int, int]]) -> np.ndarray:
        """The network's chances, (2, n); 0 outside the ranges."""
        from smartcut.models import transnet

        source, context = self._bench.source, self._bench.context
        label = f"{source.id}: TransNet V2"
        advance = context.begin(label, float(sum(z - a for a, z in ranges)))
        answers: list[Answer] = []

        def ask(windows: np.ndarray) -> Answer:
            answers.append(context.ask(self._network, windows, source))
            return answers[-1]

        chances = transnet.predict(
            ask,
            self._thumbnails.read,
            len(self._bench.times),
            ranges,
            progress=advance,
        )
        context.progress.done(label)
        self.engine = engine_of(answers)
        return chances
