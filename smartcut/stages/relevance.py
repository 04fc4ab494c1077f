"""`relevance`: how much the picture is of what words say."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, field_validator, model_validator

from smartcut.annotation import Annotation, Features, Shots, Signal
from smartcut.cut import Cut
from smartcut.errors import ModelError
from smartcut.interchange.json import tells
from smartcut.models.near_repeats import Effort
from smartcut.source import Source
from smartcut.stage import Context, Group, Network, Params, Stage
from smartcut.stages._picture_vectors import (
    EMBEDDED,
    WITHIN,
    PictureFeatures,
    chosen,
    load_pictures,
)
from smartcut.stages._shot_looks import looks_note, with_each_shot
from smartcut.timebase import RatioParam, TimeParam

if TYPE_CHECKING:
    import numpy as np

VERSION = 3
_AT_A_TIME = 100
#: What CLIP is asked to prefer the prompt to: texts that fit every picture.
NEUTRAL = ("a photo", "an image", "a picture of something", "a video frame")


@dataclass(frozen=True)
class SentenceMeanings(Network[Any]):
    """The network of the embedded scorer that turns words into vectors."""

    name: str = "minilm-l6-v2"
    weights: str = ""

    def load(self, device: str, allow_net: bool) -> Any:
        from smartcut.models.embedded_scorer import sentence_model

        return sentence_model(allow_net)


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
    once: other prompts cost neither decoding nor another look. A picture that is nearly the last
    one that was looked at is not looked at at all, but after 30 s, or where a shot that is known
    would have no look: a note says how many were.

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
        description="How far from its time a picture may be taken, where that saves at least a "
        "quarter of the decoding: the key frame there, or the last picture (a few frames before) "
        "for which no B picture has to be decoded; never further than the next time. 0: exact "
        "pictures. The plan tells what was chosen.",
    )
    effort: Effort = Field(
        "auto",
        description="Which pictures are looked at. `auto`: one that is nearly the last that was "
        "looked at gets its vector, which for 99 of 100 pictures has a cosine to the true one of "
        "at least 0.98. `low`: also one that is less near. `exact`: all that differ at all.",
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
    def _as_prompts(cls, value: Any) -> Any:
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

    def analyses(self) -> tuple[PictureFeatures, ...]:
        given = {"rate": self.rate, "within": self.within, "batch_size": self.batch_size}
        return (PictureFeatures(scorer=self.model, effort=self.effort, **given),)

    def prepare(self, context: Context) -> None:
        """Have the words read, and those that they are compared with."""
        name = chosen(self.model, context.allow_net)
        if name == EMBEDDED:
            class_vectors(context.network(SentenceMeanings()), context)
        else:
            load_pictures(name, context).texts([*self._texts(), *NEUTRAL])

    def apply(self, cut: Cut, context: Context) -> Cut:
        (analysis,) = self.analyses()
        looked_at = []
        for source in cut.footage:
            shots = cut.data(Shots, "shots", source.id)
            known = context.result(analysis, source)
            found = with_each_shot(known, analysis, shots, source, context)
            cut = cut.with_annotation(found)
            cut = cut.with_annotation(self.scored(found, source, context))
            looked_at.append(found)
            if self.model == "auto" and found.model and found.model.startswith(EMBEDDED):
                note = (
                    f"relevance was scored by {found.model}, not by CLIP, whose weights are not "
                    "on this machine; its scores are relative and it knows objects best"
                )
                if note not in cut.notes:
                    context.progress.note(note)
                cut = cut.with_note(note)
        told = looks_note(looked_at, self.effort)
        return cut.with_note(told) if told else cut

    def _weights(self) -> list[tuple[str, float]]:
        return [
            *((p.text, p.weight) for p in self.prompts),
            *((p.text, -abs(p.weight)) for p in self.negative),
        ]

    def _texts(self) -> list[str]:
        """The prompts, wanted or not, each once."""
        return list(dict.fromkeys(text for text, _ in self._weights()))

    def scored(self, found: Annotation, source: Source, context: Context) -> Annotation:
        features = found.data
        assert isinstance(features, Features)
        weights, texts = self._weights(), self._texts()
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
            engine=features.engine,
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
    if name != EMBEDDED:
        network = load_pictures(name, context)
        likeness = network.likeness([*texts, *NEUTRAL], vectors)
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
