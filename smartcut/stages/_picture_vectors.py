"""A network's vectors of the pictures of a source, at intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from smartcut.annotation import Data, Features
from smartcut.errors import MissingModel
from smartcut.models.near_repeats import Effort, NearRepeats
from smartcut.source import Source
from smartcut.stage import (
    Analysis,
    Answer,
    Context,
    Frames,
    Picture,
    RowNetwork,
    Sound,
    engine_of,
)
from smartcut.timebase import RatioParam, TimeParam

if TYPE_CHECKING:
    import numpy as np

EMBEDDED = "embedded"
_SIDE = 224
#: How far a key frame may lie from the time for which it is looked at, in seconds.
WITHIN = Fraction(1)
#: So many handfuls of pictures are out with the network while more are decoded.
_UNDER_WAY = 4


@dataclass(frozen=True)
class PictureVectors(RowNetwork):
    """A network that turns pictures, uint8 (N, side, side, 3), into vectors of length 1."""

    scorer: str = EMBEDDED
    """``embedded``, or the name of a CLIP model."""

    def load(self, device: str, allow_net: bool) -> Callable[[np.ndarray], np.ndarray]:
        if self.scorer == EMBEDDED:
            from smartcut.models.embedded_scorer import PictureClasses

            return PictureClasses(device, allow_net)
        from smartcut.models.clip import ClipName
        from smartcut.models.clip_model import ClipModel

        return ClipModel(ClipName.parse(self.scorer), device, allow_net, self.weights)

    def batch(self, device: str) -> int:
        from smartcut.models.clip import BATCH

        return BATCH if device == "cpu" else 32

    def side(self) -> int:
        """Of the square pictures, in pixels."""
        if self.scorer == EMBEDDED:
            return _SIDE
        from smartcut.models.clip import ClipName, preprocess_of

        return preprocess_of(ClipName.parse(self.scorer)).size


class PictureFeatures(Analysis):
    """A vector for the picture shown at every multiple of 1 / ``rate`` seconds, or near it.

    Where that saves decoding, a key frame or one that needs no B picture stands for the picture, at
    most ``within`` seconds off.
    """

    name: ClassVar[str] = "image-features"
    version: ClassVar[int] = 6

    scorer: str
    rate: RatioParam
    within: TimeParam = WITHIN
    effort: Effort = "auto"
    """Which pictures get the vector of one that they are nearly the same as."""
    only: tuple[int, ...] = ()
    """Of the multiples, these alone; none stands for all."""
    batch_size: int = Field(16, exclude=True)

    def wants(self, source: Source) -> Frames | Sound | None:
        if source.video is None:
            return None
        return Frames(self._size(), "rgb", self.rate, self.within, only=self.only)

    def _size(self) -> tuple[int, int] | int:
        if self.scorer in ("auto", EMBEDDED):  # both that auto chooses from see the same
            return _SIDE
        from smartcut.models.clip import ClipName, preprocess_of

        wanted = preprocess_of(ClipName.parse(self.scorer))
        return (wanted.size, wanted.size) if wanted.squash else wanted.size

    def empty(self, source: Source) -> Data:
        return Features(1 / self.rate, (), 0, "")

    def model(self, context: Context) -> tuple[str, str] | None:
        return _identity(chosen(self.scorer, context.allow_net), context)

    def asks(self, context: Context) -> PictureVectors:
        return picture_vectors(self.scorer, context)

    def listener(self, source: Source, context: Context) -> FeatureListener:
        return FeatureListener(self, source, context)


class FeatureListener:
    """Gathers pictures into batches, and their vectors into one array.

    A picture that is nearly one that was looked at gets the same vector, without another look.
    """

    def __init__(self, analysis: PictureFeatures, source: Source, context: Context) -> None:
        self._analysis, self._source, self._context = analysis, source, context
        self._network = analysis.asks(context)
        context.prepare(self._network)
        self._side = self._network.side()
        self._repeats = NearRepeats(analysis.effort)
        self._waiting: list[np.ndarray] = []
        self._pts: list[int] = []
        self._looks: list[int] = []
        self._rows: list[int] = []
        self._answers: list[Answer] = []

    def feed(self, item: Any) -> None:
        from smartcut.models.clip import middle

        assert isinstance(item, Picture)
        pixels = middle(item.pixels, self._side)
        if self._repeats.is_new(pixels, item.time):
            self._looks.append(len(self._pts))
            self._waiting.append(pixels.copy())
        self._pts.append(int(item.time * self._analysis.rate))
        self._rows.append(len(self._looks) - 1)
        if len(self._waiting) >= self._analysis.batch_size:
            self._flush()

    def _flush(self) -> None:
        import numpy as np

        if not self._waiting:
            return
        if len(self._answers) >= _UNDER_WAY:
            self._answers[-_UNDER_WAY].result()
        rows = np.stack(self._waiting)
        self._answers.append(self._context.ask(self._network, rows, self._source))
        self._waiting = []

    def finish(self) -> Data:
        import numpy as np

        self._flush()
        timebase = 1 / self._analysis.rate
        if not self._answers:
            return Features(timebase, (), 0, "")
        vectors = np.concatenate([answer.result() for answer in self._answers])
        array = vectors.astype(np.float32)[self._rows]
        key = self._context.cache.store_array(array)
        pts, looks = tuple(self._pts), tuple(self._looks)
        looked_at = looks if len(looks) < len(pts) else None
        return Features(timebase, pts, array.shape[1], key, looked_at, engine_of(self._answers))


def chosen(model: str, allow_net: bool = False) -> str:
    """The scorer that a name stands for: ``embedded``, or the name of a CLIP model.

    ``auto`` is CLIP where its weights are here or may be fetched, else the embedded scorer.
    """
    if model != "auto":
        return model
    from smartcut.models import clip, embedded_scorer, weights

    if allow_net or clip.weights_file(clip.ClipName.parse(clip.DEFAULT)) is not None:
        return clip.DEFAULT
    if embedded_scorer.is_here():
        return EMBEDDED
    raise MissingModel(
        f"`relevance` has no network to score with: the CLIP weights ({clip.DEFAULT}) are not on "
        "this machine (--allow-net fetches them, or name a local checkpoint as `model`), nor are "
        f"those of the embedded scorer ({weights.looked_in()}; to fetch them, run: "
        "smartcut models pull efficientnet-lite0 minilm-l6-v2)"
    )


def picture_vectors(model: str, context: Context) -> PictureVectors:
    """The network that a name stands for; raises ModelError where its weights are not here."""
    name, weights = _identity(chosen(model, context.allow_net), context)
    return PictureVectors(name, weights, chosen(model, context.allow_net))


def _identity(scorer: str, context: Context) -> tuple[str, str]:
    """(name, sha256 of the weights), which are fetched where that is allowed."""
    if scorer == EMBEDDED:
        from smartcut.models.embedded_scorer import identity

        return identity()
    from smartcut.models import clip

    parsed = clip.ClipName.parse(scorer)
    if context.allow_net and clip.weights_file(parsed) is None:
        context.progress.note(f"fetching the CLIP weights of {scorer}")
        clip.fetch(parsed)
    return clip.identity(parsed)


def load_pictures(model: str, context: Context) -> Any:
    """The network that a name stands for, loaded: a ``Clip``, or the embedded scorer's."""
    return context.network(picture_vectors(model, context))
