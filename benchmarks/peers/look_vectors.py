"""What vectors lose where pictures nearly the same share a look: OUT NETWORK FILM... -- FILM...

NETWORK is `embedded`, `features` (what its classifier reads: 1,280 numbers) or the name of a CLIP
model. The made kinds of pictures are measured too. Films after the two dashes are held back: those
that the limits were not set on, as are made pictures of other seeds. Last, each other film's
pictures are prepared as the network's own code does it, from whole RGB frames by Pillow's bicubic,
and those vectors compared with smartcut's.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.look_figures import figures
from benchmarks.made_looks import KINDS
from smartcut.annotation import Data
from smartcut.media.decode import frames
from smartcut.media.index import video_index
from smartcut.media.listen import listen
from smartcut.media.orientation import upright
from smartcut.media.probe import probe
from smartcut.media.reduce import Reducer
from smartcut.models.clip import ClipName, middle
from smartcut.models.clip_model import ClipModel
from smartcut.models.embedded_scorer import PictureClasses
from smartcut.source import VideoStream
from smartcut.stage import Frames, Picture

SIDE = 224
_RATE = Fraction(2)
_MADE = 16
#: The seeds of the made pictures that the limits were set on, and others.
_CHOSEN_ON, _HELD_BACK = range(4), range(4, 10)
#: Of so many pictures one is prepared as the network's own code does it.
_PREPARED = 4
_AT_A_TIME = 8

Vectors = Callable[[np.ndarray], np.ndarray]
Figures = dict[str, dict[str, float]]


class Kept:
    """Keeps the middles of pictures, and their times."""

    def __init__(self) -> None:
        self.pictures: list[np.ndarray] = []
        self.times: list[Fraction] = []

    def feed(self, item: Picture) -> None:
        self.pictures.append(middle(item.pixels, SIDE).copy())
        self.times.append(item.time)

    def finish(self) -> Data:
        raise NotImplementedError("nothing is kept")


def network(name: str) -> Vectors:
    """Rows of length 1 for pictures, uint8 (N, 224, 224, 3)."""
    if name == "embedded":
        return PictureClasses("cpu")
    return _features() if name == "features" else ClipModel(ClipName.parse(name), "cpu")


def _features() -> Vectors:
    import torch

    from smartcut.models import weights
    from smartcut.models.torchvision_shim import import_with_torchvision

    timm = import_with_torchvision("timm")
    model: Any = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    loaded = weights.load_state(weights.path("efficientnet-lite0"))
    counts = "num_batches_tracked"
    names = [name for name in model.state_dict() if not name.endswith(counts)]
    tensors = [tensor for name, tensor in loaded.items() if not name.endswith(counts)]
    model.load_state_dict(dict(zip(names, tensors, strict=True)), strict=False)

    def vectors(rows: np.ndarray) -> np.ndarray:
        tensor = torch.from_numpy(rows).permute(0, 3, 1, 2).float()
        with torch.inference_mode():
            found = model.forward_head(model.forward_features((tensor - 127) / 128), True)
            return np.asarray(torch.nn.functional.normalize(found, dim=1).numpy())

    return vectors


def of(pictures: Sequence[np.ndarray], vectors: Vectors) -> np.ndarray:
    parts = [
        vectors(np.stack(pictures[at : at + _AT_A_TIME]))
        for at in range(0, len(pictures), _AT_A_TIME)
    ]
    return np.concatenate(parts)


def main(out: Path, name: str, films: Sequence[Path], held_back: Sequence[Path]) -> None:
    vectors = network(name)
    found: dict[str, Any] = {"made": {}, "made, held back": {}, "prepared": {}}
    for kind in KINDS:
        for what, seeds in (("made", _CHOSEN_ON), ("made, held back", _HELD_BACK)):
            for seed in seeds:
                found[what][f"{kind} {seed}"] = _of_made(kind, seed, vectors)
    found["films"] = {film.name: _of_film(film, vectors) for film in films}
    found["films, held back"] = {film.name: _of_film(film, vectors) for film in held_back}
    for film in films:
        found["prepared"][film.name] = _of_preparing(film, vectors)
    out.write_text(json.dumps(found, indent=1))


def _of_made(kind: str, seed: int, vectors: Vectors) -> Figures:
    pictures = KINDS[kind](_MADE, seed)
    times = [Fraction(i) for i in range(_MADE)]
    return figures(pictures, times, of(pictures, vectors))


def _of_film(film: Path, vectors: Vectors) -> Figures:
    kept = _sampled(film)
    return figures(kept.pictures, kept.times, of(kept.pictures, vectors))


def _of_preparing(film: Path, vectors: Vectors) -> dict[str, float]:
    """Our pictures of a film beside those prepared as the network's own code does it."""
    kept = _sampled(film)
    own = of(kept.pictures[::_PREPARED], vectors)
    pictures, taken, theirs = _by_pillow(film, kept.times[::_PREPARED])
    cosines = (of(pictures, vectors) * own).sum(axis=1)
    return {
        "least": float(cosines.min()),
        "middle": float(np.median(cosines)),
        "ms": taken,
        "theirs_ms": theirs,
    }


def _sampled(film: Path) -> Kept:
    """The pictures as smartcut takes them."""
    source, kept = probe(film), Kept()
    listen(source, [(Frames(SIDE, "rgb", _RATE), kept)], video_index(source))
    return kept


def _by_pillow(film: Path, times: Sequence[Fraction]) -> tuple[list[np.ndarray], float, float]:
    """The pictures from frames that are turned into RGB whole, and shrunk by antialiased bicubic.

    Then the processor milliseconds that a picture takes out of a decoded frame: smartcut's, these.
    """
    source = probe(film)
    index = video_index(source)
    assert source.video is not None
    reducer = Reducer(source.video)
    keys = [reducer.key(Frames(SIDE, "rgb"))]
    wanted = {index.frame_at(at) for at in times}
    made: dict[int, np.ndarray] = {}
    taken = [0.0, 0.0]
    for number, frame in frames(source, index, 0, len(index), threads=1):
        if number not in wanted:
            continue
        began = time.thread_time()
        reducer(frame, keys)
        between = time.thread_time()
        made[number] = _whole_then_shrunk(frame, source.video)
        taken[0] += between - began
        taken[1] += time.thread_time() - between
    ours, theirs = (1000 * seconds / len(made) for seconds in taken)
    return [made[index.frame_at(at)] for at in times], ours, theirs


def _whole_then_shrunk(frame: Any, stream: VideoStream) -> np.ndarray:
    from PIL import Image

    pixels = upright(frame.to_ndarray(format="rgb24"), *stream.orientation)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    scale = SIDE / min(image.size)
    size = round(image.width * scale), round(image.height * scale)
    return middle(np.asarray(image.resize(size, Image.Resampling.BICUBIC)), SIDE)


if __name__ == "__main__":
    _, _out, _name, *_paths = sys.argv
    _dashes = _paths.index("--")
    main(Path(_out), _name, [*map(Path, _paths[:_dashes])], [*map(Path, _paths[_dashes + 1 :])])
