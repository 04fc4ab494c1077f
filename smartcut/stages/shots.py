"""Shots: where one camera take ends and the next begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from smartcut.cut import Shots as ShotList
from smartcut.cut import Source
from smartcut.stage import (
    Analysis,
    AnalysisStage,
    Context,
    Frames,
    Listener,
    Params,
    Picture,
    RowNetwork,
)
from smartcut.timebase import TimeParam

if TYPE_CHECKING:
    import numpy as np

    from smartcut.detectors.boundaries import Boundary
    from smartcut.detectors.pictures import ThumbnailStore

NETWORK = "transnetv2"
#: What the thresholds may be: adaptive has no upper end.
_HIGHEST = {"content": 255.0, "threshold": 255.0, "hash": 1.0, "histogram": 1.0, "transnet": 1.0}
#: A flash lasts at most this long.
_FLASH = Fraction(3, 10)
#: The slope of a fade lasts at most this long.
_SLOPE = Fraction(2)
#: A slow change is looked for over twice these times.
_SLOW = (Fraction(1, 5), Fraction(2, 5))


class ShotParams(Params):
    """The parameters of the stage and of its analysis."""

    detector: Annotated[
        Literal["auto", "adaptive", "content", "threshold", "hash", "histogram", "transnet"],
        Field(
            description="auto: TransNet V2 on a GPU; on a CPU the adaptive detector, and TransNet "
            "V2 where that is in doubt. adaptive, content, threshold, hash, histogram: "
            "PySceneDetect's. transnet: TransNet V2 everywhere."
        ),
    ] = "auto"
    threshold: Annotated[
        float | None,
        Field(gt=0, description="The detector's own threshold; left out, its usual one."),
    ] = None
    min_length: Annotated[
        TimeParam,
        Field(
            description="Shortest shot. The default is that of PySceneDetect's command line (its "
            "Python classes take 15 frames, which are 0.6 s at 25 frames a second)."
        ),
    ] = Fraction(3, 5)
    fades: Annotated[
        bool,
        Field(description="Put a boundary in the middle of each fade through black or white."),
    ] = True

    @model_validator(mode="after")
    def _threshold_fits(self) -> ShotParams:
        if self.threshold is None:
            return self
        if self.detector == "auto":
            raise ValueError("a threshold belongs to one detector: name the detector too")
        if self.threshold > _HIGHEST.get(self.detector, self.threshold):
            raise ValueError(
                f"threshold {self.threshold} is too high for the detector {self.detector!r}: "
                f"at most {_HIGHEST[self.detector]:g}"
            )
        return self


@dataclass(frozen=True)
class LearnedShots(RowNetwork):
    """TransNet V2: of windows of a hundred frames, how likely each of the middle ones ends a shot.

    A row is a window; see :class:`smartcut.models.transnet.TransNetV2`.
    """

    def load(self, device: str, allow_net: bool) -> Callable[[np.ndarray], np.ndarray]:
        from smartcut.models import transnet, weights

        return transnet.load(weights.path(NETWORK, allow_net=allow_net), device).chances

    def batch(self, device: str) -> int:
        return 1 if device == "cpu" else 16


class ShotDetection(ShotParams, Analysis):
    """Finds the shots of one source.

    PySceneDetect's detectors keep shots to ``min_length`` by their own rules; of the learned
    boundaries and the fades that lie closer together, the surest stays.
    """

    name: ClassVar[str] = "shots"
    version: ClassVar[int] = 5

    def wants(self, source: Source) -> Frames | None:
        from smartcut.detectors.pictures import HEIGHT, WIDTH
        from smartcut.detectors.pyscenedetect import effective_size

        if source.video is None:
            return None
        if self.detector == "transnet":
            return Frames((WIDTH, HEIGHT), "rgb", "frame")
        # PySceneDetect, too, interpolates between pixels of the full frame.
        return Frames(effective_size(source), "rgb", "frame", averaged=False)

    def listener(self, source: Source, context: Context) -> Listener:
        return ShotListener(self, source, context)

    def empty(self, source: Source) -> ShotList:
        return ShotList(())

    def model(self, context: Context) -> tuple[str, str] | None:
        """The network, and where it is asked: ``auto`` finds other shots on another device."""
        if self.detector not in ("auto", "transnet"):
            return None
        from smartcut.models import weights

        if self.detector == "auto" and weights.find(NETWORK) is None:
            return None
        everywhere = self.detector == "transnet" or _is_everywhere(context)
        name = NETWORK if everywhere else f"{NETWORK} where adaptive is in doubt"
        return name, weights.digest(NETWORK)

    def asks(self, context: Context) -> LearnedShots | None:
        return _network(self, context)


def _is_everywhere(context: Context) -> bool:
    """Whether ``auto`` asks the network about every frame."""
    return context.device.startswith("cuda")


def _find_network(params: ShotParams, source: Source, context: Context) -> LearnedShots | None:
    """The network where the detector uses it; says so where it has to do without."""
    found = _network(params, context)
    if found is None and params.detector == "auto":
        context.progress.note(
            f"shots of {source.id}: the weights of TransNet V2 are not here, so the adaptive "
            "detector works alone (it misses dissolves and takes flashes for cuts); to have "
            f"both: smartcut models pull {NETWORK}"
        )
    return found


def _network(params: ShotParams, context: Context) -> LearnedShots | None:
    """The network where the detector uses it and its weights are to be had."""
    if params.detector not in ("auto", "transnet"):
        return None
    from smartcut.models import weights

    if params.detector == "auto" and weights.find(NETWORK) is None:
        return None
    weights.path(NETWORK, allow_net=context.allow_net)
    return LearnedShots(NETWORK, weights.digest(NETWORK))


class ShotListener:
    """Takes every frame of a source, and knows the shots at the end."""

    def __init__(self, params: ShotParams, source: Source, context: Context) -> None:
        from smartcut.detectors import pyscenedetect as cheap
        from smartcut.detectors.pictures import FrameMeasures, ThumbnailStore

        assert source.video is not None
        self.params, self.source, self.context = params, source, context
        self.network = _find_network(params, source, context)
        clock = cheap.Clock(source)
        self.cheap: cheap.Driver | None = None
        if params.detector != "transnet":
            name = "adaptive" if params.detector == "auto" else params.detector
            # Where the network has a say, all candidates count, and the spacing comes last.
            shortest = Fraction(0) if self.network else params.min_length
            self.cheap = cheap.make_driver(name, params.threshold, shortest, clock)
        self.finds_fades = params.fades and params.detector != "threshold"
        self.levels: list[float] = []
        self.times: list[Fraction] = []
        self.measures = FrameMeasures()
        self.thumbnails = ThumbnailStore() if self.network else None

    def feed(self, item: Picture) -> None:
        from smartcut.detectors.pictures import level_of, thumbnail

        index = len(self.times)
        self.times.append(item.time)
        small = thumbnail(item.pixels)
        self.measures.add(small)
        if self.thumbnails is not None:
            self.thumbnails.add(small)
        if self.finds_fades:
            self.levels.append(level_of(item.pixels))
        if self.cheap is not None:
            self.cheap.feed(item.pixels, item.time, index)

    def finish(self) -> ShotList:
        from smartcut.detectors import boundaries as rules

        video = self.source.video
        assert video is not None
        if not self.times:
            return ShotList(())
        end = video.start + video.duration
        if end <= self.times[-1]:
            end = self.times[-1] + 1 / video.rate
        shots = rules.to_shots(self._boundaries(), self.times, end)
        if self.thumbnails is not None:
            self.thumbnails.close()
        return shots

    def _boundaries(self) -> list[Boundary]:
        from smartcut.detectors import boundaries as rules

        steps = self.measures.steps
        ratios = rules.step_ratios(steps)
        if self.params.detector == "threshold":
            assert self.cheap is not None
            return [rules.Boundary(c, "fade", 1.0) for c in self.cheap.finish()]
        candidates = rules.cheap_boundaries(self.cheap.finish(), ratios) if self.cheap else []
        if self.thumbnails is None:
            return self._with_fades(candidates, candidates, steps, ratios)
        found = self._learned(candidates, steps, ratios, self.thumbnails)
        found = self._with_fades(found, candidates, steps, ratios)
        return rules.spaced(found, self.times, self.params.min_length)

    def _with_fades(
        self,
        found: list[Boundary],
        candidates: list[Boundary],
        steps: np.ndarray,
        ratios: np.ndarray,
    ) -> list[Boundary]:
        import numpy as np

        from smartcut.detectors import boundaries as rules
        from smartcut.detectors.pyscenedetect import find_dips

        if not self.finds_fades:
            return found

        def hard(frame: int) -> bool:
            return rules.is_hard(steps, ratios, frame)

        dips = find_dips(np.asarray(self.levels), self.times)
        contrast = self.measures.contrast
        fades = rules.find_fades(dips, self.measures.levels, contrast, hard, self._frames(_SLOPE))
        if self.thumbnails is None:
            with_fades = rules.with_fades(found, fades, contrast)
            return rules.apart_from(found, with_fades, self.times, self.params.min_length)
        return rules.one_for_each_fade(found, fades, candidates, contrast, hard)

    def _learned(
        self,
        candidates: list[Boundary],
        steps: np.ndarray,
        ratios: np.ndarray,
        thumbnails: ThumbnailStore,
    ) -> list[Boundary]:
        """The learned boundaries, and the candidates where the network was not asked."""
        from smartcut.detectors import boundaries as rules
        from smartcut.detectors import doubt

        everywhere = self.cheap is None or _is_everywhere(self.context)
        asked = [(0, len(steps))]
        if not everywhere:
            asked = self._doubts([b.frame for b in candidates], steps, ratios, thumbnails)
            if not asked:
                return candidates
        chances = self._ask(asked, thumbnails)
        learned = rules.learned_boundaries(chances, steps, ratios, self.params.threshold)
        if self.params.min_length >= _FLASH:
            flashes = doubt.flashes(
                [b.frame for b in learned], steps, thumbnails.read, self._frames(_FLASH)
            )
            learned = [b for b in learned if b.frame not in flashes]
        # A boundary at frame i is foretold at frame i - 1.
        sure = [b for b in candidates if not any(a < b.frame <= z for a, z in asked)]
        return sorted([*sure, *learned], key=lambda b: b.frame)

    def _frames(self, time: Fraction) -> int:
        """About how many frames that is, at least 2."""
        assert self.source.video is not None
        return max(2, round(time * self.source.video.rate))

    def _doubts(
        self, cuts: list[int], steps: np.ndarray, ratios: np.ndarray, thumbnails: ThumbnailStore
    ) -> list[tuple[int, int]]:
        """The ranges of frames where the learned detector decides."""
        from smartcut.detectors import boundaries as rules
        from smartcut.detectors import doubt
        from smartcut.models.transnet import KEEP

        count = len(steps)
        sure = [c for c in cuts if rules.is_hard(steps, ratios, c)]
        mask = doubt.unsure_steps(steps, ratios, cuts)
        flashes = doubt.flashes(cuts, steps, thumbnails.read, self._frames(_FLASH))
        mask[flashes] = True
        for time in _SLOW:
            half = self._frames(time)
            slow = doubt.slow_changes(count, thumbnails.read, half)
            mask |= doubt.without_cuts(slow, sure, half)
        return doubt.windows(mask, KEEP)

    def _ask(self, ranges: list[tuple[int, int]], thumbnails: ThumbnailStore) -> np.ndarray:
        """The network's chances, (2, n); 0 outside the ranges."""
        from smartcut.models import transnet

        label = f"{self.source.id}: TransNet V2"
        total = sum(last - first for first, last in ranges)
        advance = self.context.progress.start(label, float(total))
        network = self.network
        assert network is not None
        chances = transnet.predict(
            lambda windows: self.context.ask(network, windows, self.source),
            thumbnails.read,
            len(self.times),
            ranges,
            progress=advance,
        )
        self.context.progress.done(label)
        return chances


class Shots(ShotParams, AnalysisStage):
    """Finds the shots of every source: cuts, dissolves and fades."""

    name: ClassVar[str] = "shots"
    gives: ClassVar[tuple[str, ...]] = ("shots",)
    hint: ClassVar[str] = "- shots"

    def analyses(self) -> tuple[Analysis, ...]:
        return (ShotDetection(**{key: getattr(self, key) for key in ShotParams.model_fields}),)
