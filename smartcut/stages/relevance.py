"""`relevance`: how much the picture is of what words say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from pydantic import Field, field_validator

from smartcut.cut import Annotation, Cut, Data, Features, Signal, Source
from smartcut.errors import ModelError
from smartcut.stage import Analysis, Context, Frames, Params, Picture, Sound, Stage
from smartcut.timebase import RatioParam

if TYPE_CHECKING:
    import numpy as np

VERSION = 1
_EMBEDDED = "embedded"


class Pictures(Protocol):
    """A network that turns pictures into vectors of length 1."""

    def pictures(self, batch: Sequence[np.ndarray]) -> np.ndarray: ...


class PictureFeatures(Analysis):
    """A vector for the picture shown at every multiple of 1 / ``rate`` seconds."""

    name: ClassVar[str] = "image-features"
    version: ClassVar[int] = 1

    scorer: str
    rate: RatioParam
    batch_size: int = Field(16, exclude=True)

    def wants(self, source: Source) -> Frames | Sound | None:
        if source.video is None:
            return None
        if chosen(self.scorer) == _EMBEDDED:
            return Frames(224, "rgb", self.rate)
        from smartcut.models.clip import ClipName, preprocess_of

        wanted = preprocess_of(ClipName.parse(chosen(self.scorer)))
        size = wanted.size
        return Frames((size, size) if wanted.squash else size, "rgb", self.rate)

    def empty(self, source: Source) -> Data:
        return Features(1 / self.rate, (), 0, "")

    def model(self, context: Context) -> tuple[str, str] | None:
        name = chosen(self.scorer, context.allow_net)
        if name == _EMBEDDED:
            from smartcut.models.embedded_scorer import identity

            return identity()
        from smartcut.models import clip

        parsed = clip.ClipName.parse(name)
        if clip.weights_file(parsed) is None and context.allow_net:
            return f"open_clip {name}", "to be fetched"
        return clip.identity(parsed)

    def listener(self, source: Source, context: Context) -> FeatureListener:
        return FeatureListener(self, context)


class FeatureListener:
    """Gathers pictures into batches, and their vectors into one array."""

    def __init__(self, analysis: PictureFeatures, context: Context) -> None:
        self._analysis, self._context = analysis, context
        self._network: Pictures | None = None
        self._waiting: list[np.ndarray] = []
        self._pts: list[int] = []
        self._done: list[np.ndarray] = []

    def feed(self, item: Any) -> None:
        assert isinstance(item, Picture)
        self._waiting.append(item.pixels.copy())
        self._pts.append(int(item.time * self._analysis.rate))
        if len(self._waiting) >= self._analysis.batch_size:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._network = self._network or load_pictures(self._analysis.scorer, self._context)
            self._done.append(self._network.pictures(self._waiting))
            self._waiting = []

    def finish(self) -> Data:
        import numpy as np

        self._flush()
        timebase = 1 / self._analysis.rate
        if not self._done:
            return Features(timebase, (), 0, "")
        array = np.concatenate(self._done).astype(np.float32)
        key = self._context.cache.store_array(array)
        return Features(timebase, tuple(self._pts), array.shape[1], key)


def chosen(model: str, allow_net: bool = False) -> str:
    """The scorer that a name stands for: ``embedded``, or the name of a CLIP model.

    ``auto`` is CLIP where its weights are here or may be fetched, else the embedded scorer.
    """
    if model != "auto":
        return model
    from smartcut.models import clip, embedded_scorer

    if allow_net or clip.weights_file(clip.ClipName.parse(clip.DEFAULT)) is not None:
        return clip.DEFAULT
    if embedded_scorer.is_here():
        return _EMBEDDED
    raise ModelError(
        f"`relevance` has no network to score with: the CLIP weights ({clip.DEFAULT}) are not on "
        "this machine (--allow-net fetches them), nor are those of the embedded scorer "
        "(run: smartcut models pull efficientnet-lite0 minilm-l6-v2)"
    )


def load_pictures(model: str, context: Context) -> Pictures:
    name = chosen(model, context.allow_net)
    if name == _EMBEDDED:
        from smartcut.models.embedded_scorer import PictureClasses

        return PictureClasses(context.device, context.allow_net)
    from smartcut.models.clip import Clip, ClipName

    return Clip(ClipName.parse(name), context.device, context.allow_net)


class Prompt(Params):
    """Words to look for; a negative weight makes them unwanted."""

    text: str = Field(min_length=1)
    weight: float = 1.0


class Relevance(Stage):
    """Scores the picture against words, with CLIP where its weights can be had.

    Without CLIP weights the embedded scorer serves, under its own name: an ImageNet classifier
    joined to word meanings, whose scores are relative. The scores of CLIP are cosines. A picture
    is as relevant as the wanted prompt that fits it best, less the unwanted one that fits best.
    Pictures are looked at once: other prompts cost neither decoding nor another look.
    """

    name: ClassVar[str] = "relevance"
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
    batch_size: int = Field(16, ge=1, le=1024, description="Pictures at a time.")

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
        return (PictureFeatures(scorer=self.model, rate=self.rate, batch_size=self.batch_size),)

    def apply(self, cut: Cut, context: Context) -> Cut:
        (analysis,) = self.analyses()
        for source in cut.footage:
            found = context.result(analysis, source)
            cut = cut.with_annotation(found)
            cut = cut.with_annotation(self._scored(found, source, context))
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

    def _scored(self, found: Annotation, source: Source, context: Context) -> Annotation:
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
    best = [max(values) for values in zip(*wanted, strict=True)]
    if not wanted:
        best = [0.0] * len(unwanted[0])
    if unwanted:
        worst = [max(values) for values in zip(*unwanted, strict=True)]
        best = [b - w for b, w in zip(best, worst, strict=True)]
    return [round(b, 6) for b in best]


def _score(model: str, features: Features, texts: list[str], context: Context) -> list[list[float]]:
    """A row of scores for each text."""
    vectors = context.cache.load_array(features.array)
    if vectors is None:
        raise ModelError("the picture features vanished from the cache; run again")
    name = chosen(model, context.allow_net)
    if name != _EMBEDDED:
        from smartcut.models.clip import Clip, ClipName

        words = Clip(ClipName.parse(name), context.device, context.allow_net).texts(texts)
        scores = words @ vectors.T
    else:
        from smartcut.models import embedded_scorer as embedded

        sentences = embedded.sentence_model(context.allow_net)
        classes = _class_vectors(sentences, context)
        scores = embedded.score(vectors, classes, sentences(texts))
    return [[round(float(v), 6) for v in row] for row in scores]


def _class_vectors(sentences: Any, context: Context) -> np.ndarray:
    """Meanings of the classifier's classes, worked out once for all runs."""
    from smartcut.cache import key_of
    from smartcut.models.embedded_scorer import class_texts, identity

    key = key_of("class-vectors", VERSION, {"model": identity()})
    known = context.cache.load(key)
    array = context.cache.load_array(known) if isinstance(known, str) else None
    if array is None:
        array = sentences(class_texts())
        context.cache.store(key, context.cache.store_array(array))
    return array
