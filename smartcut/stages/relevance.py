"""`relevance`: how much the picture is of what words say."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, field_validator, model_validator

from smartcut.annotation import Annotation, Data, Features, Signal
from smartcut.cut import Cut
from smartcut.errors import MissingModel, ModelError
from smartcut.interchange.json import tells
from smartcut.source import Source
from smartcut.stage import (
    Analysis,
    Context,
    Frames,
    Group,
    Network,
    Params,
    Picture,
    RowNetwork,
    Sound,
    Stage,
)
from smartcut.timebase import RatioParam, TimeParam

if TYPE_CHECKING:
    import numpy as np

VERSION = 2
_EMBEDDED = "embedded"
_SIDE = 224
#: How far a key frame may lie from the time for which it is looked at, in seconds.
WITHIN = Fraction(1)
_AT_A_TIME = 100
#: So many handfuls of pictures are out with the network while more are decoded.
_UNDER_WAY = 4
#: What CLIP is asked to prefer the prompt to: texts that fit every picture.
NEUTRAL = ("a photo", "an image", "a picture of something", "a video frame")


@dataclass(frozen=True)
class PictureVectors(RowNetwork):
    """A network that turns pictures, uint8 (N, side, side, 3), into vectors of length 1."""

    scorer: str = _EMBEDDED
    """``embedded``, or the name of a CLIP model."""

    def load(self, device: str, allow_net: bool) -> Callable[[np.ndarray], np.ndarray]:
        if self.scorer == _EMBEDDED:
            from smartcut.models.embedded_scorer import PictureClasses

            return PictureClasses(device, allow_net)
        from smartcut.models.clip import ClipModel, ClipName

        return ClipModel(ClipName.parse(self.scorer), device, allow_net)

    def batch(self, device: str) -> int:
        return 4 if device == "cpu" else 32

    def side(self) -> int:
        """Of the square pictures, in pixels."""
        if self.scorer == _EMBEDDED:
            return _SIDE
        from smartcut.models.clip import ClipName, preprocess_of

        return preprocess_of(ClipName.parse(self.scorer)).size


@dataclass(frozen=True)
class SentenceMeanings(Network[Any]):
    """The network of the embedded scorer that turns words into vectors."""

    name: str = "minilm-l6-v2"
    weights: str = ""

    def load(self, device: str, allow_net: bool) -> Any:
        from smartcut.models.embedded_scorer import sentence_model

        return sentence_model(allow_net)


class PictureFeatures(Analysis):
    """A vector for the picture shown at every multiple of 1 / ``rate`` seconds, or near it.

    Where that saves decoding, a key frame at most ``within`` seconds off stands for the picture.
    """

    name: ClassVar[str] = "image-features"
    version: ClassVar[int] = 4

    scorer: str
    rate: RatioParam
    within: TimeParam = WITHIN
    batch_size: int = Field(16, exclude=True)

    def wants(self, source: Source) -> Frames | Sound | None:
        if source.video is None:
            return None
        if self.scorer in ("auto", _EMBEDDED):  # both that auto chooses from see the same
            return Frames(_SIDE, "rgb", self.rate, self.within)
        from smartcut.models.clip import ClipName, preprocess_of

        wanted = preprocess_of(ClipName.parse(self.scorer))
        size = wanted.size
        return Frames((size, size) if wanted.squash else size, "rgb", self.rate, self.within)

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

    A picture like the one before it gets the same vector, without another look.
    """

    def __init__(self, analysis: PictureFeatures, source: Source, context: Context) -> None:
        self._analysis, self._source, self._context = analysis, source, context
        self._network = analysis.asks(context)
        self._side = self._network.side()
        self._waiting: list[np.ndarray] = []
        self._last: np.ndarray | None = None
        self._pts: list[int] = []
        self._rows: list[int] = []
        self._answers: list[Future[np.ndarray]] = []

    def feed(self, item: Any) -> None:
        import numpy as np

        from smartcut.models.clip import middle

        assert isinstance(item, Picture)
        self._pts.append(int(item.time * self._analysis.rate))
        if self._last is not None and np.array_equal(item.pixels, self._last):
            self._rows.append(self._rows[-1])
            return
        self._last = item.pixels.copy()
        self._waiting.append(middle(self._last, self._side))
        self._rows.append(self._rows[-1] + 1 if self._rows else 0)
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
        return Features(timebase, tuple(self._pts), array.shape[1], key)


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
        return _EMBEDDED
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
    if scorer == _EMBEDDED:
        from smartcut.models.embedded_scorer import identity

        return identity()
    from smartcut.models import clip

    parsed = clip.ClipName.parse(scorer)
    if context.allow_net and clip.weights_file(parsed) is None:
        context.progress.note(f"fetching the CLIP weights of {scorer}")
        clip.fetch(parsed)
    return clip.identity(parsed, context.cache.source_digest)


def load_pictures(model: str, context: Context) -> Any:
    """The network that a name stands for, loaded: a ``Clip``, or the embedded scorer's."""
    return context.network(picture_vectors(model, context))


class Prompt(Params):
    """Words to look for; a negative weight makes them unwanted."""

    text: str = Field(min_length=1, description="The words.")
    weight: float = Field(1.0, description="How much they count; below 0, they are unwanted.")


class Relevance(Stage):
    """Scores the picture against words, with CLIP where its weights can be had.

    Without CLIP weights the embedded scorer serves, under its own name: an ImageNet classifier
    joined to word meanings. The score of a prompt lies in 0..1, and it fits from about a half:
    with CLIP it is a softmax of the prompt against texts that fit every picture (which takes out
    what makes one picture like every text), with the embedded scorer the logistic of how far the
    prompt stands above unrelated texts. A picture is as relevant as the wanted prompt that fits it
    best, less the unwanted one that fits best, each times its weight. Pictures are looked at
    once: other prompts cost neither decoding nor another look.

    The annotation `relevance` is a Signal whose channels are `relevance` and then each prompt;
    `image-features` keeps the pictures' vectors.

    ```yaml
    - relevance: {prompts: [a sailing boat, a ball in a goal]}
    ```
    """

    name: ClassVar[str] = "relevance"
    group: ClassVar[Group] = "choose"
    gives: ClassVar[tuple[str, ...]] = ("relevance",)
    hint: ClassVar[str] = "- relevance: {prompts: [...]}"

    prompts: tuple[Prompt, ...] = Field(
        description="What to look for: a text, several, or {text, weight}."
    )
    negative: tuple[Prompt, ...] = Field((), description="What to avoid.")
    model: str = Field(
        "auto",
        description="`auto`, `embedded`, MODEL/PRETRAINED of open_clip, MODEL:PATH of a "
        "checkpoint, or local-dir:PATH.",
    )
    rate: RatioParam = Field(Fraction(1), gt=0, le=60, description="Pictures a second.")
    within: TimeParam = Field(
        WITHIN,
        ge=0,
        description="How far from its time a picture may be taken, where the key frame there saves "
        "at least a quarter of the decoding; never further than the next time. 0: exact pictures. "
        "The plan tells what was chosen.",
    )
    batch_size: int = Field(16, ge=1, le=1024, description="Pictures handed over at a time.")

    @model_validator(mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        """`prompt` is accepted for `prompts`."""
        if not isinstance(value, dict) or "prompt" not in value:
            return value
        if "prompts" in value:
            raise ValueError("give `prompts` or `prompt`, not both")
        rest = {k: v for k, v in value.items() if k != "prompt"}
        return {**rest, "prompts": value["prompt"]}

    @field_validator("prompts", "negative", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        items = [value] if isinstance(value, (str, dict)) else value
        if not isinstance(items, (list, tuple)):
            raise ValueError("write a text, or a list of texts")
        return [{"text": item} if isinstance(item, str) else item for item in items]

    @field_validator("prompts")
    @classmethod
    def _some(cls, value: tuple[Prompt, ...]) -> tuple[Prompt, ...]:
        if not value:
            raise ValueError("needs at least one prompt")
        return value

    def analyses(self) -> tuple[Analysis, ...]:
        given = {"rate": self.rate, "within": self.within, "batch_size": self.batch_size}
        return (PictureFeatures(scorer=self.model, **given),)

    def apply(self, cut: Cut, context: Context) -> Cut:
        (analysis,) = self.analyses()
        for source in cut.footage:
            found = context.result(analysis, source)
            cut = cut.with_annotation(found)
            cut = cut.with_annotation(self.scored(found, source, context))
            if self.model == "auto" and found.model and found.model.startswith(_EMBEDDED):
                note = (
                    f"relevance was scored by {found.model}, not by CLIP, whose weights are not "
                    "on this machine; its scores are relative and it knows objects best"
                )
                if note not in cut.notes:
                    context.progress.note(note)
                cut = cut.with_note(note)
        return cut

    def _weights(self) -> list[tuple[str, float]]:
        return [
            *((p.text, p.weight) for p in self.prompts),
            *((p.text, -abs(p.weight)) for p in self.negative),
        ]

    def scored(self, found: Annotation, source: Source, context: Context) -> Annotation:
        features = found.data
        assert isinstance(features, Features)
        weights = self._weights()
        texts = list(dict.fromkeys(text for text, _ in weights))
        rows: list[list[float]] = [[] for _ in texts]
        if features.pts:
            rows = context.memo(
                "relevance",
                VERSION,
                {
                    "source": str(source.path),
                    "features": features.array,
                    "prompts": texts,
                    "model": [found.model, found.weights],
                },
                lambda: _score(self.model, features, texts, context),
                lambda kept: (
                    tells(list[list[float]])(kept)
                    and [len(row) for row in kept] == [len(features.pts)] * len(texts)
                ),
            )
        by_text = dict(zip(texts, rows, strict=True))
        combined = _combined([(by_text[text], weight) for text, weight in weights])
        signal = Signal(
            features.timebase,
            features.pts,
            ("relevance", *texts),
            (tuple(combined), *(tuple(row) for row in rows)),
            "score",
        )
        return replace(found, name="relevance", data=signal, producer=f"relevance/{VERSION}")


def _combined(weighted: list[tuple[list[float], float]]) -> list[float]:
    """The best wanted score of each picture, less the best unwanted one."""
    wanted = [[w * v for v in row] for row, w in weighted if w >= 0]
    unwanted = [[-w * v for v in row] for row, w in weighted if w < 0]
    best = [max(values) for values in zip(*wanted, strict=True)] or [0.0] * len(weighted[0][0])
    if unwanted:
        worst = [max(values) for values in zip(*unwanted, strict=True)]
        best = [b - w for b, w in zip(best, worst, strict=True)]
    return [round(b, 9) for b in best]


def _score(model: str, features: Features, texts: list[str], context: Context) -> list[list[float]]:
    """A row of scores for each text."""
    vectors = context.cache.load_array(features.array)
    if vectors is None:
        raise ModelError("the picture features vanished from the cache; run again")
    name = chosen(model, context.allow_net)
    if name != _EMBEDDED:
        network = load_pictures(name, context)
        likeness = network.scale * (network.texts([*texts, *NEUTRAL]) @ vectors.T)
        margins = above_neutral(likeness[: len(texts)], likeness[len(texts) :])
    else:
        from smartcut.models import embedded_scorer as embedded

        sentences = context.network(SentenceMeanings())
        classes = class_vectors(sentences, context)
        margins = embedded.score(vectors, classes, sentences(texts)) - embedded.FITTING
    # nine digits: what fits best lies near 1, and must not be rounded to ties
    return [[round(_logistic(float(v)), 9) for v in row] for row in margins]


def above_neutral(prompts: np.ndarray, neutral: np.ndarray) -> np.ndarray:
    """Logits (P, N) of each prompt in a softmax against the mean of the neutral texts (K, N)."""
    import numpy as np

    top = neutral.max(axis=0)
    return np.asarray(prompts - top - np.log(np.exp(neutral - top).mean(axis=0)))


def _logistic(value: float) -> float:
    """In 0..1; 0 becomes a half."""
    return (1 + math.tanh(value / 2)) / 2


def class_vectors(sentences: Any, context: Context) -> np.ndarray:
    """Meanings of the classifier's classes, worked out once for all runs."""
    from smartcut.cache import key_of
    from smartcut.models.embedded_scorer import class_texts, identity, keep_classes, kept_classes

    if (kept := kept_classes()) is not None:
        return kept
    key = key_of("class-vectors", VERSION, {"model": identity()})
    known = context.cache.load(key, tells(str))
    array = None if known is None else context.cache.load_array(known)
    if array is None:
        import numpy as np

        texts, parts = class_texts(), []
        label = "meanings of the classes, once for all runs"
        advance = context.progress.start(label, len(texts))
        for at in range(0, len(texts), _AT_A_TIME):
            parts.append(sentences(texts[at : at + _AT_A_TIME]))
            advance(at)
        context.progress.done(label)
        array = np.concatenate(parts)
        context.cache.store(key, context.cache.store_array(array))
    keep_classes(array)
    return array
