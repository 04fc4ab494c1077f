"""Which frames of which sources look like some frames of a film."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from smartcut.conforming.descriptors import rows, viewed
from smartcut.conforming.thumbs import Thumbs
from smartcut.conforming.ticks import Tick, untold
from smartcut.conforming.windows import PictureWindow

# Frames of a source that are compared at once, and frames of which one is kept.
_BLOCK, _BIN = 4096, 8
# Frames of the film that are compared with them at once.
_ASKED = 1024
#: So many of the most alike frames are kept for each frame of the film, and this alike at least.
MOST, LEAST = 8, 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Frames of sources that look like frames of the film; a row of each array is one of them."""

    probe: np.ndarray
    """int64: the film's frame."""
    source: np.ndarray
    """int64: the place among the sources."""
    frame: np.ndarray
    """int64: the source's frame."""
    window: np.ndarray
    """int64: the place among the windows."""
    likeness: np.ndarray
    """float32 in -1..1."""

    def __len__(self) -> int:
        return len(self.probe)

    def part(self, chosen: np.ndarray) -> Hits:
        """Those of a mask or of places."""
        return Hits(
            self.probe[chosen],
            self.source[chosen],
            self.frame[chosen],
            self.window[chosen],
            self.likeness[chosen],
        )


def hits(
    film: np.ndarray,
    probes: np.ndarray,
    sources: Sequence[Thumbs],
    windows: Sequence[Sequence[PictureWindow]],
    names: dict[PictureWindow, int],
    tick: Tick = untold,
) -> Hits:
    """The likest frames for each of the film's frames ``probes``.

    ``windows`` are those to try for each source; ``names`` gives their places.
    """
    looked = film[probes]
    straight, swapped = rows(looked), rows(looked[:, :, ::-1])
    best = _Best(len(probes))
    for number, (source, tried) in enumerate(zip(sources, windows, strict=True)):
        for plain in dict.fromkeys(replace(window, mirrored=False) for window in tried):
            both = [w for w in tried if replace(w, mirrored=False) == plain]
            for first, block in _blocks(source):
                seen = rows(viewed(block, plain)).T
                for window in both:
                    asked = swapped if window.mirrored else straight
                    for at in range(0, len(probes), _ASKED):
                        tick()
                        part = slice(at, at + _ASKED)
                        best.take(asked[part] @ seen, number, first, names[window], part)
    return best.hits(probes)


def hits_near(
    film: np.ndarray,
    probes: np.ndarray,
    source: Thumbs,
    place: int,
    window: PictureWindow,
    name: int,
    frames: tuple[int, int],
) -> Hits:
    """As :func:`hits`, in some frames of the source at ``place``, through the window ``name``."""
    looked = film[probes]
    plain = replace(window, mirrored=False)
    best = _Best(len(probes))
    block = np.asarray(source.pictures[frames[0] : frames[1]])
    asked = rows(looked[:, :, ::-1] if window.mirrored else looked)
    best.take(asked @ rows(viewed(block, plain)).T, place, frames[0], name)
    return best.hits(probes)


def joined(found: Sequence[Hits]) -> Hits:
    """All of them."""
    names = [f.name for f in fields(Hits)]
    return Hits(*(np.concatenate([getattr(one, name) for one in found]) for name in names))


def _blocks(source: Thumbs) -> Iterator[tuple[int, np.ndarray]]:
    for first in range(0, len(source), _BLOCK):
        yield first, np.asarray(source.pictures[first : first + _BLOCK])


class _Best:
    """The likest frames so far, of a run of neighbours only the likest."""

    def __init__(self, count: int) -> None:
        self._likeness = np.full((count, MOST), -1, np.float32)
        self._places = np.zeros((count, MOST, 3), np.int64)

    def take(
        self,
        likeness: np.ndarray,
        source: int,
        first: int,
        window: int,
        part: slice = slice(None),
    ) -> None:
        """``likeness`` is float32 (probes of ``part``, frames of a source from ``first`` on)."""
        count, frames = likeness.shape
        padded = -(-frames // _BIN) * _BIN
        if padded > frames:
            likeness = np.pad(likeness, ((0, 0), (0, padded - frames)), constant_values=-1)
        bins = likeness.reshape(count, -1, _BIN)
        inside = bins.argmax(axis=2)
        top = np.take_along_axis(bins, inside[..., None], axis=2)[..., 0]
        keep = min(MOST, top.shape[1])
        chosen = np.argpartition(-top, keep - 1, axis=1)[:, :keep]
        values = np.take_along_axis(top, chosen, axis=1)
        frame = first + chosen * _BIN + np.take_along_axis(inside, chosen, axis=1)
        places = np.stack([np.full_like(frame, source), frame, np.full_like(frame, window)], axis=2)
        everything = np.concatenate([self._likeness[part], values], axis=1)
        all_places = np.concatenate([self._places[part], places], axis=1)
        order = np.argsort(-everything, axis=1, kind="stable")[:, :MOST]
        self._likeness[part] = np.take_along_axis(everything, order, axis=1)
        self._places[part] = np.take_along_axis(all_places, order[..., None], axis=1)

    def hits(self, probes: np.ndarray) -> Hits:
        found = self._likeness >= LEAST
        which = np.nonzero(found)[0]
        places = self._places[found]
        return Hits(probes[which], places[:, 0], places[:, 1], places[:, 2], self._likeness[found])
