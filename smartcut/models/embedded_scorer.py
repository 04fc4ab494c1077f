"""Pictures against words where there is no CLIP: an ImageNet classifier joined to word meanings.

EfficientNet-Lite0 (Tan & Le 2019) says how likely each of 1,000 classes is; all-MiniLM-L6-v2 says
how near each class is to the prompt. Three ways to join them are added up:

- ConSE (Norouzi et al. 2014): the ten likeliest classes' meanings, mixed, against the prompt's;
- kernel ridge regression from meanings to the classifier's outputs, applied to the prompt;
- the prompt's nearest classes, times the square root of their probabilities.

It knows everyday objects, animals and vehicles; people, actions and styles mostly not. Its scores
are relative. It is never called CLIP.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.files import whole
from smartcut.models import weights
from smartcut.models.clip import middle
from smartcut.models.sentence_vectors import SentenceVectors
from smartcut.models.torchvision_shim import import_with_torchvision

NAME = "embedded-efficientnet-minilm"
SIZE = 224
_PARTS = ("efficientnet-lite0", "minilm-l6-v2")
FITTING = 1.5
"""The score from which a prompt fits: on 18 photographs and 36 texts, 56 % of the texts that
describe a picture lie above it, and 2 % of those that describe another one."""
#: Pictures at a time on a CPU.
BATCH = 4
_CLASSES, _MEANINGS = "imagenet-classes-1.npy", (1000, 384)
"""The number goes up where texts or vectors of the classes change."""
_NEAREST = 10
_SHARPNESS = 20.0
_RIDGE = 1.0
_FLOOR = 1e-6
# Pictures, rows and terms of a product: OpenBLAS takes one thread for up to 262,144
# multiplications, and for up to 9,216 with a single row.
_TOGETHER, _OUTER, _INNER = 64, 28, 140


def is_here() -> bool:
    """Whether both networks' weights are on this machine."""
    return all(weights.find(part) is not None for part in _PARTS)


def identity() -> tuple[str, str]:
    """(name, both weights' sha256 joined)."""
    return NAME, "+".join(weights.digest(part) for part in _PARTS)


class PictureClasses:
    """The classifier; :meth:`pictures` gives rows of length 1: square roots of probabilities.

    The cosine of two rows is the Bhattacharyya coefficient of the two pictures' classes, and a
    row squared gives the probabilities back, so that words can be scored later.
    """

    def __init__(self, device: str, allow_net: bool = False) -> None:
        from smartcut.models.engines import agreement, made_pictures
        from smartcut.models.engines.choice import FLOAT
        from smartcut.models.engines.prepared import Subject, load

        file = weights.path(_PARTS[0], allow_net=allow_net)
        subject = Subject(
            _PARTS[0],
            weights.digest(_PARTS[0]),
            BATCH,
            (FLOAT,),  # bf16 gives cosines of 0.98
            lambda: _classifier(file),
            lambda: made_pictures.made_pictures(SIZE),
            agreement.of_vectors,
            forms={FLOAT: _for_one_size},
            shape=f"{SIZE} x {SIZE}",
        )
        self._engine = load(subject, device)
        self.engine = self._engine.engine

    def pictures(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """float32 (N, 1000) of uint8 RGB pictures whose shorter side is 224."""
        return self(np.stack([middle(picture, SIZE) for picture in batch]))

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """float32 (N, 1000) of uint8 RGB pictures (N, 224, 224, 3)."""
        return self._engine(rows)


def _classifier(file: Path) -> Any:
    """The network in torch, with the weights of that file."""
    import torch

    from smartcut.models.clip_tower import ClassRoots

    model = import_with_torchvision("timm").create_model("tf_efficientnet_lite0", pretrained=False)
    loaded = weights.load_state(file)
    own = model.state_dict()
    tensors = [v for k, v in loaded.items() if not k.endswith("num_batches_tracked")]
    names = [k for k in own if not k.endswith("num_batches_tracked")]
    model.load_state_dict(dict(zip(names, tensors, strict=True)), strict=False)
    # pictures come with their channels last: keeping that order is 1.5 times as fast
    return ClassRoots(model.to(memory_format=torch.channels_last))


def _for_one_size(model: Any) -> Any:
    """The network as it is exported: its rows are of one size, so what it pads with is known."""
    import torch

    from smartcut.models.engines.padding import with_known_pads

    return with_known_pads(model, torch.zeros(1, SIZE, SIZE, 3, dtype=torch.uint8))


def class_texts() -> list[str]:
    """Name and gloss of the 1,000 ImageNet classes, in the classifier's order."""
    info = import_with_torchvision("timm.data").ImageNetInfo()
    return [info.index_to_description(i, detailed=True) for i in range(1000)]


def kept_classes() -> np.ndarray | None:
    """float32 (1000, 384): the meanings of the classes as :func:`keep_classes` kept them."""
    folder = weights.find(_PARTS[1])
    try:
        found = None if folder is None else np.load(folder / _CLASSES, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if found is None or (found.shape, found.dtype) != (_MEANINGS, np.float32):
        return None
    return found if np.allclose((found**2).sum(axis=1), 1, atol=1e-3) else None


def keep_classes(meanings: np.ndarray) -> None:
    """Keep them beside the weights, for all projects and caches; where those can be written."""
    folder = weights.find(_PARTS[1])
    if folder is not None:
        with suppress(OSError), whole(folder / _CLASSES, alone=False) as hidden:
            np.save(hidden, meanings, allow_pickle=False)


def sentence_model(allow_net: bool = False) -> SentenceVectors:
    folder: Path = weights.path("minilm-l6-v2", allow_net=allow_net)
    return SentenceVectors(folder)


def score(vectors: np.ndarray, classes: np.ndarray, prompts: np.ndarray) -> np.ndarray:
    """float64 (P, N): how much each picture is of each prompt.

    ``vectors`` are rows of :class:`PictureClasses`, ``classes`` (1000, D) and ``prompts`` (P, D)
    sentence vectors. Each of the three ways is measured in standard deviations from how the same
    picture answers to the class texts themselves, so 0 is an indifferent prompt.
    """
    known, prompts = _known(classes), prompts.astype(np.float64)
    likely = nearest_classes(prompts, known.meanings)
    parts = [
        _scored(np.square(vectors[at : at + _TOGETHER].astype(np.float64)), prompts, likely, known)
        for at in range(0, len(vectors), _TOGETHER)
    ]
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(prompts), 0))


def _scored(
    chances: np.ndarray, prompts: np.ndarray, likely: np.ndarray, classes: _Classes
) -> np.ndarray:
    """The scores of a few pictures, of which each column knows nothing of the others."""
    total = np.zeros((len(prompts), len(chances)))
    for way in (_conse(chances, classes), _ridge(chances, classes)):
        spread = np.sqrt(np.einsum("dn,dn->n", way, _product(classes.spread, way))) + 1e-9
        total += (_product(prompts, way) - _product(classes.middle[None], way)) / spread
    roots = np.sqrt(chances).T
    indifferent = _product(classes.nearest, roots)
    total += (_product(likely, roots) - indifferent.mean(axis=0)) / (indifferent.std(axis=0) + 1e-9)
    return total / 3


def _product(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The matrix product, in blocks so small that BLAS computes each on the thread that asks.

    Its helper threads wait actively for tens of milliseconds after a product that takes two.
    """
    total = np.zeros((len(first), second.shape[1]))
    for k in range(0, first.shape[1], _INNER):
        for row in range(0, len(first), _OUTER):
            part = first[row : row + _OUTER, k : k + _INNER]
            total[row : row + _OUTER] += part @ second[k : k + _INNER]
    return total


class _Classes:
    """The meanings of the classes, and what scores need of them that no picture changes."""

    def __init__(self, given: np.ndarray) -> None:
        self.given = given
        self.meanings = given.astype(np.float64)
        """(1000, D)."""
        self.middle = self.meanings.mean(axis=0)
        self.spread = np.cov(self.meanings, rowvar=False, bias=True)
        """(D, D): how the classes' own meanings vary."""
        self.nearest = nearest_classes(self.meanings, self.meanings)

    @cached_property
    def ridge(self) -> np.ndarray:
        """(D, 1000): from a picture's outputs to what a meaning is multiplied with.

        Kernel ridge regression solves for 1,000 classes; with a linear kernel the same comes of D.
        """
        meanings = self.meanings
        inner = meanings.T @ meanings + _RIDGE * np.eye(meanings.shape[1])
        return np.asarray(np.linalg.solve(inner, meanings.T))


_last: _Classes | None = None


def _known(classes: np.ndarray) -> _Classes:
    """Those worked out before for the same classes; there is one set of them."""
    global _last
    known = _last
    if known is None or not np.array_equal(known.given, classes):
        _last = known = _Classes(classes)
    return known


def _conse(chances: np.ndarray, classes: _Classes) -> np.ndarray:
    """(D, N): the mixed meaning of each picture's likeliest classes."""
    kept = chances.copy()
    limit = np.partition(kept, -_NEAREST, axis=1)[:, -_NEAREST][:, None]
    kept[kept < limit] = 0
    meanings = _product(classes.meanings.T, kept.T)
    return np.asarray(meanings / (np.linalg.norm(meanings, axis=0) + 1e-12))


def _ridge(chances: np.ndarray, classes: _Classes) -> np.ndarray:
    """(D, N): its product with a meaning is the output that a class of that meaning would have."""
    outputs = np.log(chances + _FLOOR)
    outputs -= outputs.mean(axis=1, keepdims=True)
    return _product(classes.ridge, outputs.T)


def nearest_classes(prompts: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """float (P, 1000): a softmax of each prompt over the classes' meanings.

    Its product with rows of :class:`PictureClasses` is one of the three ways.
    """
    near = _SHARPNESS * _product(classes, prompts.T).T
    shares = np.exp(near - near.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))
