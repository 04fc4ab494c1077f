"""What is asked of the networks: vectors of pictures, of words and of speech.

An index holds the vectors of one network. Its name and digest are kept, and compared whenever the
index is used: vectors of two networks are never mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from smartcut.errors import ModelError
from smartcut.models.near_repeats import Effort
from smartcut.stage import Analysis, AnalysisStage, Context
from smartcut.stages._picture_vectors import EMBEDDED, PictureFeatures, chosen, load_pictures
from smartcut.stages.relevance import NEUTRAL, above_neutral, class_vectors


class AnalysisSet(AnalysisStage):
    """Several analyses, kept as annotations, without a stage of a pipeline."""

    name: ClassVar[str] = "look"
    asked: tuple[Analysis, ...]

    def analyses(self) -> tuple[Analysis, ...]:
        return self.asked


class Looker(Protocol):
    """A network that knows pictures and words."""

    name: str
    """What has to be given to have the same one again."""
    note: str | None
    """What a user should know of its answers."""

    def analysis(self, rate: Fraction, effort: Effort) -> Analysis:
        """Gives Features of a source's pictures, ``rate`` a second."""

    def words(self, text: str, context: Context) -> np.ndarray:
        """float32 (dimensions,): pictures of this have a large product with it."""

    def image(self, file: Path, context: Context) -> np.ndarray:
        """float32 (dimensions,) of length 1: the picture's own vector."""

    def scores(self, rows: np.ndarray, text: str, context: Context) -> np.ndarray:
        """(N,) in 0..1: how well each row's picture fits the words."""


def looker(model: str, allow_net: bool = False) -> Looker:
    """The network of that name, as ``relevance`` takes it; ``auto`` is what is at hand."""
    name = chosen(model, allow_net)
    return EmbeddedLooker() if name == EMBEDDED else ClipLooker(name)


class ClipLooker:
    """CLIP by open_clip."""

    note: str | None = None

    def __init__(self, name: str) -> None:
        self.name = name
        self._loaded: Any = None

    def analysis(self, rate: Fraction, effort: Effort) -> Analysis:
        return PictureFeatures(scorer=self.name, rate=rate, effort=effort)

    def _network(self, context: Context) -> Any:
        if self._loaded is None:
            self._loaded = load_pictures(self.name, context)
        return self._loaded

    def words(self, text: str, context: Context) -> np.ndarray:
        return np.asarray(self._network(context).texts([text])[0])

    def image(self, file: Path, context: Context) -> np.ndarray:
        from smartcut.models.clip import ClipName, preprocess_of

        wanted = preprocess_of(ClipName.parse(self.name))
        pixels = read_image(file, wanted.size, wanted.squash)
        return np.asarray(self._network(context).pictures([pixels])[0])

    def scores(self, rows: np.ndarray, text: str, context: Context) -> np.ndarray:
        network = self._network(context)
        likeness = network.likeness([text, *NEUTRAL], rows)
        return _logistic(above_neutral(likeness[:1], likeness[1:])[0])


class EmbeddedLooker:
    """The scorer for where there is no CLIP.

    Words are not of the pictures' space here. One of its three ways is a product, and finds
    candidates; all three then score them.
    """

    name = EMBEDDED
    note: str | None = (
        "found by an ImageNet classifier joined to word meanings, not by CLIP, whose weights were "
        "not there when the library was indexed: it knows everyday objects, animals and vehicles; "
        "people, actions, places and styles mostly not"
    )

    def __init__(self) -> None:
        self._loaded: Any = None
        self._said: Any = None

    def analysis(self, rate: Fraction, effort: Effort) -> Analysis:
        return PictureFeatures(scorer=EMBEDDED, rate=rate, effort=effort)

    def _meanings(self, text: str, context: Context) -> tuple[np.ndarray, np.ndarray]:
        from smartcut.models.embedded_scorer import sentence_model

        if self._said is None:
            sentences = sentence_model(context.allow_net)
            self._said = sentences, class_vectors(sentences, context)
        sentences, classes = self._said
        return sentences([text]), classes

    def words(self, text: str, context: Context) -> np.ndarray:
        from smartcut.models.embedded_scorer import nearest_classes

        return np.asarray(nearest_classes(*self._meanings(text, context))[0], np.float32)

    def image(self, file: Path, context: Context) -> np.ndarray:
        from smartcut.models.embedded_scorer import SIZE

        if self._loaded is None:
            self._loaded = load_pictures(EMBEDDED, context)
        return np.asarray(self._loaded.pictures([read_image(file, SIZE, False)])[0])

    def scores(self, rows: np.ndarray, text: str, context: Context) -> np.ndarray:
        from smartcut.models.embedded_scorer import FITTING, score

        prompts, classes = self._meanings(text, context)
        return _logistic(score(rows, classes, prompts)[0] - FITTING)


def _logistic(values: np.ndarray) -> np.ndarray:
    return np.asarray((1 + np.tanh(np.asarray(values, np.float64) / 2)) / 2)


def read_image(file: Path, size: int, is_squashed: bool) -> np.ndarray:
    """uint8 RGB, upright, the shorter side ``size`` pixels, or square where squashed."""
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise ModelError(f"{file} cannot be read as an image: {error}") from error
    scale = size / min(picture.size)
    wanted = (size, size) if is_squashed else tuple(round(n * scale) for n in picture.size)
    return np.asarray(picture.resize((wanted[0], wanted[1]), Image.Resampling.BICUBIC))


# -------------------------------------------------------------------------------------- speech

MEANINGS = "minilm-l6-v2"


def meanings_identity() -> list[str] | None:
    """[name, sha256] of the network for sentences; None where its weights are not here."""
    from smartcut.models import weights

    return [MEANINGS, weights.digest(MEANINGS)] if weights.find(MEANINGS) else None


class Meanings:
    """Sentences as vectors; loaded when first asked."""

    def __init__(self) -> None:
        self._loaded: Any = None

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """float32 (N, 384), rows of length 1."""
        if self._loaded is None:
            from smartcut.models.embedded_scorer import sentence_model

            self._loaded = sentence_model()
        return np.asarray(self._loaded(texts))
