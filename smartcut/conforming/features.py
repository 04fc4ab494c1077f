"""Parts of a source's picture found in a film by their corners, wherever and however large.

ORB's (Rublee et al. 2011) corners of a few larger pictures of all sources stand in one table; those
of a film's picture vote for the pictures that they come from, and RANSAC says which window fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartcut.conforming.thumbs import Thumbs
from smartcut.conforming.windows import PictureWindow

# Corners of a picture, bits by which two of one place differ at most, and pixels of a picture.
_CORNERS, _BITS, _AREA = 250, 60, 320 * 180
# Pictures that are looked at more closely, corners that have to agree, and pixels they may be off.
_CLOSER, _AGREE, _OFF = 6, 12, 4.0
# So many of them are kept; of a source's pictures, so many are looked at around one.
_KEPT, _NEIGHBOURS = 3, 4
# A window moves so far within a chain, in shares; its pictures lie so many seconds apart.
_MOVED, _APART = 0.05, 0.5
# Seconds for which a picture that was not found is not looked for again, and its tones of 1/255.
_PAUSE, _LIKE = 1.0, 12.0
# The smallest and the largest share of a picture's width that a film may show.
_SMALLEST, _LARGEST = 0.2, 2.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """A frame of the film that shows a part of a source's picture, about."""

    probe: int
    """The film's frame."""
    source: int
    frame: int
    """The source's frame, to about a second."""
    window: PictureWindow


@dataclass(frozen=True, slots=True, eq=False)
class _Corners:
    places: np.ndarray
    """float32 (n, 2): x and y in shares of the picture."""
    bits: np.ndarray
    """uint8 (n, 32)."""


class _Looks:
    """A film's picture, straight and mirrored; its corners are found when they are needed."""

    def __init__(self, picture: np.ndarray, size: tuple[int, int]) -> None:
        self._picture, self._size = picture, size
        self._known: dict[bool, _Corners] = {}

    def corners(self, mirrored: bool) -> _Corners:
        if mirrored not in self._known:
            shown = self._picture[:, ::-1] if mirrored else self._picture
            self._known[mirrored] = _corners(shown, self._size)
        return self._known[mirrored]


class Recogniser:
    """All sources by their corners."""

    def __init__(self, sources: Sequence[Thumbs], sizes: Sequence[tuple[int, int]]) -> None:
        self._sizes = sizes
        self._corners: list[_Corners] = []
        self._of: list[tuple[int, int]] = []
        for number, (thumbs, size) in enumerate(zip(sources, sizes, strict=True)):
            for picture, frame in zip(thumbs.large, thumbs.large_numbers.tolist(), strict=True):
                corners = _corners(picture, size)
                if len(corners.bits) >= _AGREE:
                    self._corners.append(corners)
                    self._of.append((number, frame))
        counts = [len(one.bits) for one in self._corners]
        self._owner = np.repeat(np.arange(len(counts)), counts)
        self._bits = (
            np.concatenate([one.bits for one in self._corners])
            if counts
            else np.zeros((0, 32), np.uint8)
        )

    def chains(
        self, film: Thumbs, size: tuple[int, int], places: Sequence[int]
    ) -> list[list[Sighting]]:
        """What some of the film's larger pictures show, straight or mirrored.

        What one picture shows is looked for in the next before everything else is; each chain is
        one stretch of a source through one window, and several may begin at one picture.
        """
        found: list[list[Sighting]] = []
        open_: list[list[Sighting]] = []
        failed: tuple[int, np.ndarray] | None = None
        for place in places if len(self._bits) else ():
            picture, probe = np.asarray(film.large[place]), int(film.large_numbers[place])
            own = _Looks(picture, size)
            open_ = [chain for chain in open_ if self._goes_on(chain, own, probe, film.rate)]
            if open_ or (failed and _is_as_before(failed, probe, picture, film.rate)):
                continue
            begun = [[Sighting(probe, *one)] for one in self._anywhere(own)]
            failed = None if begun else (probe, picture)
            found.extend(begun)
            open_ = begun
        return found

    def _goes_on(self, chain: list[Sighting], own: _Looks, probe: int, rate: float) -> bool:
        """Whether a picture shows what the chain does, a little later; it is added then."""
        last = chain[-1]
        if probe - last.probe > _APART * rate:
            return False
        owners = self._owners_near(last.source, last.frame)
        best = self._best_of(own.corners(last.window.mirrored), owners, last.window.mirrored)
        if best is None or not best[2].is_near(chain[0].window, _MOVED):
            return False
        source, frame = self._of[best[1]]
        chain.append(Sighting(probe, source, frame, best[2]))
        return True

    def _owners_near(self, source: int, frame: int) -> list[int]:
        """The pictures of a source that lie around a frame."""
        same = [(abs(f - frame), k) for k, (s, f) in enumerate(self._of) if s == source]
        return [k for _, k in sorted(same)[:_NEIGHBOURS]]

    def _anywhere(self, own: _Looks) -> list[tuple[int, int, PictureWindow]]:
        """(source, frame, window) of the pictures that fit best, of neighbours only the best."""
        import cv2

        fits: list[tuple[int, int, PictureWindow]] = []
        for mirrored in (False, True):
            corners = own.corners(mirrored)
            if len(corners.bits) < _AGREE:
                continue
            votes = np.zeros(len(self._corners), np.int64)
            for match in cv2.BFMatcher(cv2.NORM_HAMMING).match(corners.bits, self._bits):
                if match.distance <= _BITS:
                    votes[self._owner[match.trainIdx]] += 1
            for owner in np.argsort(-votes, kind="stable")[:_CLOSER].tolist():
                if votes[owner] >= 3 and (fit := self._fit(corners, owner, mirrored)):
                    fits.append((fit[0], owner, fit[1]))
            if fits:
                break
        found: list[tuple[int, int, PictureWindow]] = []
        for _, owner, window in sorted(fits, key=lambda one: -one[0]):
            source, frame = self._of[owner]
            if all(source != s or not window.is_near(w, _MOVED) for s, _, w in found):
                found.append((source, frame, window))
        return found[:_KEPT]

    def _best_of(
        self, own: _Corners, owners: Sequence[int], mirrored: bool
    ) -> tuple[int, int, PictureWindow] | None:
        """(corners that agree, picture, window) of the best of some pictures."""
        fits = [(fit[0], k, fit[1]) for k in owners if (fit := self._fit(own, k, mirrored))]
        return max(fits, key=lambda one: one[0]) if fits else None

    def _fit(self, own: _Corners, owner: int, mirrored: bool) -> tuple[int, PictureWindow] | None:
        import cv2

        theirs = self._corners[owner]
        matcher = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True)
        pairs = [m for m in matcher.match(own.bits, theirs.bits) if m.distance <= _BITS]
        if len(pairs) < _AGREE:
            return None
        a = own.places[[m.queryIdx for m in pairs]]
        b = theirs.places[[m.trainIdx for m in pairs]]
        size = self._sizes[self._of[owner][0]]
        off = _OFF / np.sqrt(_AREA * size[0] / size[1])
        cv2.setRNGSeed(1)
        matrix, inside = cv2.estimateAffine2D(a, b, ransacReprojThreshold=off)
        if matrix is None or int(inside.sum()) < _AGREE:
            return None
        width, height = float(matrix[0, 0]), float(matrix[1, 1])
        turned = max(abs(float(matrix[0, 1])), abs(float(matrix[1, 0])))
        if not (_SMALLEST < width < _LARGEST and _SMALLEST < height < _LARGEST and turned < 0.06):
            return None
        left, top = float(matrix[0, 2]), float(matrix[1, 2])
        window = PictureWindow(left, top, left + width, top + height, mirrored)
        return int(inside.sum()), window


def _is_as_before(
    failed: tuple[int, np.ndarray], probe: int, picture: np.ndarray, rate: float
) -> bool:
    """Whether a picture is much like one that was not found a moment ago."""
    before, other = failed
    if probe - before > _PAUSE * rate:
        return False
    return float(np.abs(picture.astype(np.int16) - other).mean()) < _LIKE


def _corners(picture: np.ndarray, size: tuple[int, int]) -> _Corners:
    """The corners of a picture, brought to the shape that it is shown in."""
    import cv2

    ratio = size[0] / size[1]
    height = round(np.sqrt(_AREA / ratio))
    width = round(height * ratio)
    shown = cv2.resize(np.ascontiguousarray(picture), (width, height), interpolation=cv2.INTER_AREA)
    orb = cv2.ORB.create(_CORNERS, scaleFactor=1.2, nlevels=8, fastThreshold=7, edgeThreshold=15)
    points, bits = orb.detectAndCompute(shown, None)
    if bits is None:
        return _Corners(np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8))
    places = np.array([point.pt for point in points], np.float32)
    return _Corners((places + 0.5) / np.array([width, height], np.float32), bits)
