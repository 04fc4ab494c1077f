"""An open_clip model, loaded: its two networks through their engines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcut.errors import ModelError
from smartcut.models import clip, clip_words, weights
from smartcut.models.engines import agreement, made_pictures, prepared
from smartcut.models.engines.choice import FLOAT, HALF, SMALL
from smartcut.models.engines.made_sentences import SENTENCES
from smartcut.models.engines.prepared import Subject
from smartcut.models.torchvision_shim import import_with_torchvision

if TYPE_CHECKING:
    from smartcut.models.engines.prepared import Engine

# Texts whose vectors are kept.
_MOST_ROWS = 1000


class ClipModel:
    """A loaded model: :meth:`pictures` and :meth:`texts` give rows of length 1.

    Both networks go through the engine that is fastest on this processor. Those that are kept are
    opened when first asked; for others open_clip is loaded at once.
    """

    def __init__(
        self, name: clip.ClipName, device: str, allow_net: bool = False, digest: str = ""
    ) -> None:
        file = clip.fetch(name) if allow_net else clip.weights_file(name)
        if file is None:
            raise clip.missing(name)
        self._name, self._device, self._allow_net, self._file = name, device, allow_net, file
        self._digest = digest or weights.digest_of(file)
        self._wanted = clip.preprocess_of(name)
        self._loading = RLock()
        self._opened: tuple[Any, Any] | None = None
        self._seeing: Engine | None = None
        self._reading: tuple[clip_words.Tokens, Engine] | None = None
        self._known_rows: dict[str, np.ndarray] = {}
        if not prepared.is_kept(self._pictures_subject(), device):
            self._for_pictures()

    @property
    def engine(self) -> str:
        """What computes the pictures' vectors."""
        return self._for_pictures().engine

    def pictures(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """float32 (N, D) of uint8 RGB pictures whose shorter side is the model's size."""
        return self(np.stack([clip.middle(picture, self._wanted.size) for picture in batch]))

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """float32 (N, D) of uint8 RGB pictures (N, size, size, 3)."""
        return self._for_pictures()(rows)

    def texts(self, prompts: Sequence[str]) -> np.ndarray:
        """float32 (N, D) of the prompts."""
        rows = self._read(prompts)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))

    def likeness(self, prompts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """(P, N): what the model compares in a softmax, of prompts and pictures' vectors (N, D).

        These are cosines, times the scale that the model has learned.
        """
        return np.asarray(self._read(prompts) @ vectors.T)

    def _read(self, prompts: Sequence[str]) -> np.ndarray:
        """Each text alone, so that what comes of it is the same whatever the others are."""
        return np.concatenate([self._row(text) for text in prompts])

    def _row(self, text: str) -> np.ndarray:
        """float32 (1, D) of a text, read once: films are compared with the same ones in turn."""
        known = self._known_rows.get(text)
        if known is None:
            tokens, engine = self._for_words()
            known = engine(tokens(text)[None])
            with self._loading:
                self._known_rows[text] = known
                while len(self._known_rows) > _MOST_ROWS:
                    self._known_rows.pop(next(iter(self._known_rows)))
        return known

    # ----------------------------------------------------------------------------- engines

    def _for_pictures(self) -> Engine:
        with self._loading:
            if self._seeing is None:
                self._seeing = prepared.load(self._pictures_subject(), self._device)
                self._use_what_is_open()
            return self._seeing

    def _for_words(self) -> tuple[clip_words.Tokens, Engine]:
        with self._loading:
            if self._reading is None:
                tokens = self._tokens()
                self._reading = tokens, prepared.load(self._words_subject(tokens), self._device)
                self._use_what_is_open()
            return self._reading

    def _use_what_is_open(self) -> None:
        """Where open_clip had to be loaded for one network, the other one is made ready as well."""
        if self._opened is not None:
            self._for_pictures()
            self._for_words()
            self._opened = None

    def _pictures_subject(self) -> Subject:
        return Subject(
            f"open_clip {self._name.text}",
            self._digest,
            clip.BATCH,
            (SMALL, HALF, FLOAT),
            self._tower,
            lambda: made_pictures.made_pictures(self._wanted.size),
            agreement.of_vectors,
            shape=f"{self._shape()}, {self._wanted}",
        )

    def _tower(self) -> Any:
        from smartcut.models.clip_tower import PictureTower

        return PictureTower(self._open_clip()[0], self._wanted.mean, self._wanted.std)

    def _words_subject(self, tokens: clip_words.Tokens) -> Subject:
        return Subject(
            f"open_clip {self._name.text}, words",
            self._digest,
            1,
            (FLOAT,),
            self._word_tower,
            lambda: [tokens(text)[None] for text in SENTENCES],
            agreement.of_vectors,
            {FLOAT: _of_any_length},
            shape=f"{self._shape()}, words",
            free=(0, 1),
            least=0,  # a run reads a few texts: what is gained is not to load open_clip
        )

    def _word_tower(self) -> Any:
        from smartcut.models.clip_tower import WordTower

        return WordTower(self._open_clip()[0])

    def _tokens(self) -> clip_words.Tokens:
        """Kept ones, kept now, or open_clip's own where they cannot be kept or torch is used."""
        file = prepared.file_beside(self._digest, "tokens", self._shape(), ".json")
        is_kept = not prepared.is_torch_alone(self._device)
        if is_kept and (kept := clip_words.KeptTokens.of(file)) is not None:
            return kept
        from smartcut.models.clip_tower import reads_short

        model, tokenizer = self._open_clip()
        if is_kept:
            return clip_words.keep(file, tokenizer, reads_short(model))
        return clip_words.usual(tokenizer, reads_short(model))

    def _shape(self) -> str:
        """What is known of the model besides its weights."""
        name = self._name
        if name.kind == "folder":
            return clip.configuration(name).read_text(encoding="utf-8")
        return name.text if name.kind == "hub" else name.model

    # --------------------------------------------------------------------------- open_clip

    def _open_clip(self) -> tuple[Any, Any]:
        """open_clip's model and tokenizer, for as long as engines are being made of them."""
        with self._loading:
            self._opened = self._opened or self._load()
            return self._opened

    def _load(self) -> tuple[Any, Any]:
        open_clip = import_with_torchvision("open_clip")
        name = self._name
        architecture = f"local-dir:{name.weights}" if name.kind == "folder" else name.model
        pretrained = None if name.kind == "folder" else str(self._file)
        # open_clip only warns where weights were trained with another activation
        quick = name.kind == "hub" and bool(clip.published(name).get("quick_gelu"))
        try:
            with _network(self._allow_net):
                model = open_clip.create_model(
                    architecture, pretrained=pretrained, device=self._device, force_quick_gelu=quick
                )
                return model.eval(), open_clip.get_tokenizer(architecture)
        except Exception as error:  # open_clip and torch raise many kinds for a bad checkpoint
            raise ModelError(f"open_clip cannot load {name.text}: {error}") from error


def _of_any_length(module: Any) -> Any:
    from smartcut.models.engines.attention import of_any_length

    return of_any_length(module)


_setting_network = Lock()


@contextmanager
def _network(allowed: bool) -> Iterator[None]:
    """Keeps the hub's client offline unless allowed: some tokenizers would be fetched silently.

    The client's setting is the process's, so one block at a time changes it.
    """
    from huggingface_hub import constants

    with _setting_network:
        before = constants.HF_HUB_OFFLINE
        constants.HF_HUB_OFFLINE = before or not allowed
        try:
            yield
        finally:
            constants.HF_HUB_OFFLINE = before
