"""`stabilise`: take the shake out of hand-held footage."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

import numpy as np
from pydantic import Field

from smartcut.annotation import Shots, Signal
from smartcut.curve import Curve, Key
from smartcut.cut import Cut, Segment
from smartcut.effect import find_effect, to_effect
from smartcut.errors import StageError
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Stage
from smartcut.stages._camera import CameraAnalysis
from smartcut.stages._chosen import OnParam, chosen
from smartcut.stages._steadying import steadied
from smartcut.timebase import Range

_CAMERA = CameraAnalysis()
# A frame counts as begun this share of a frame early, as clocks of files round.
_EARLY = Fraction(1, 4)
# Digits kept of shifts (shares of the side) and of degrees: a fiftieth of a pixel, and less.
_DIGITS = 6


class Stabilise(Stage):
    """Takes the shake out of hand-held footage: every shot moves evenly, or not at all.

    How the camera moves is measured from picture to picture, of what stands still in front of it;
    the calmest path within reach takes its place, by shifting, turning and enlarging the pictures
    (the effect `move`, in source time). Add `- shots` before it, so that each shot has a path of
    its own; without, a path begins anew where a picture has nothing in common with the one before.
    It works on the source's own pictures, before their other effects.

    ```yaml
    - stabilise: {crop: 0.08}
    ```
    """

    name: ClassVar[str] = "stabilise"
    hint: ClassVar[str] = "stabilise: {crop: 0.1}"

    crop: float = Field(
        0.1,
        gt=0,
        le=0.5,
        description="Share of the width and of the height that may be lost, at most; what a shot "
        "does not need is kept.",
    )
    on: OnParam = Field(
        "all", description="`all`, `first`, `last`, or the numbers of segments from 0."
    )

    def analyses(self) -> tuple[Analysis, ...]:
        return (_CAMERA,)

    def touches_all(self) -> bool:
        return True

    def apply(self, cut: Cut, context: Context) -> Cut:
        those = chosen(self.on, len(cut.segments), self.name)
        shown = {s.source for i, s in enumerate(cut.segments) if i in those and s.source}
        moving = [s for s in cut.sources if s.id in shown and s.video is not None]
        if not moving:
            raise StageError(
                "`stabilise` changes nothing: no chosen segment shows a moving picture"
            )
        paths = {}
        for source in moving:
            signal = context.result(_CAMERA, source).data
            assert isinstance(signal, Signal)
            shots = cut.data(Shots, "shots", source.id)
            paths[source.id] = _SourcePath.of(source, signal, shots, self.crop)
            cut = cut.with_note(f"stabilise: {source.id}: {paths[source.id].outcome}")
        segments = tuple(
            _steady(s, paths[s.source]) if i in those and s.source in paths else s
            for i, s in enumerate(cut.segments)
        )
        return cut.with_segments(segments)


@dataclass(frozen=True, slots=True)
class _SourcePath:
    """How the pictures of a source are corrected, shot by shot."""

    times: tuple[Fraction, ...]
    rows: np.ndarray
    """float64 (n, 4): x, y (shares of the sides), degrees and scale of each picture."""
    ends: frozenset[int]
    """The numbers of the last pictures of shots."""
    outcome: str

    @classmethod
    def of(cls, source: Source, signal: Signal, shots: Shots | None, crop: float) -> _SourcePath:
        assert source.video is not None
        width, height = source.video.display_size
        aspect = width / height
        x, y, turn, sure = (np.array(signal.channel(n)) for n in ("x", "y", "turn", "sure"))
        times = signal.times()
        rows = np.tile([0.0, 0.0, 0.0, 1.0], (len(times), 1))
        runs = [pair for pair in pairwise(_starts(times, sure, shots)) if pair[1] > pair[0]]
        before, after = [], []
        for first, last in runs:
            run = slice(first, last)
            found = steadied(x[run], y[run], turn[run], aspect, crop)
            rows[run, 0], rows[run, 1] = found.x / aspect, found.y
            rows[run, 2], rows[run, 3] = np.rad2deg(found.turn), found.scale
            before.append(_shake(x[run], y[run]))
            after.append(_shake(x[run], y[run], found.x, found.y))
        unknown = int((sure[1:] == 0).sum())
        ends = frozenset(last - 1 for _, last in runs)
        outcome = _outcome(runs, rows, before, after, unknown)
        return cls(times, np.round(rows, _DIGITS), ends, outcome)


def _starts(times: Sequence[Fraction], sure: np.ndarray, shots: Shots | None) -> list[int]:
    """The numbers of the pictures with which a path begins, and how many pictures there are."""
    if shots is not None:
        begin = [shot.start_frame for shot in shots.shots]
    else:
        begin = np.flatnonzero(sure == 0).tolist()
    return sorted({0, *(n for n in begin if 0 < n < len(times)), len(times)})


def _shake(
    x: np.ndarray, y: np.ndarray, right: np.ndarray | None = None, below: np.ndarray | None = None
) -> np.ndarray:
    """Changes of speed, in picture heights a frame squared, after shifts of these amounts."""
    paths = [np.cumsum(x), np.cumsum(y)]
    if right is not None and below is not None:
        paths = [paths[0] + right, paths[1] + below]
    return np.hypot(*(np.diff(path, n=2) for path in paths))


def _outcome(
    runs: Sequence[tuple[int, int]],
    rows: np.ndarray,
    before: Sequence[np.ndarray],
    after: Sequence[np.ndarray],
    unknown: int,
) -> str:
    """What became of the shake, in a line."""
    count = f"{len(runs)} shot{'s' * (len(runs) != 1)}"
    if not runs or not any(map(len, before)):
        return f"{count}, nothing to measure"
    shake, left = (float(np.concatenate(list(found)).mean()) for found in (before, after))
    lost = 100 * float((1 - 1 / rows[:, 3]).max())
    told = f"; the motion of {unknown} pictures is not known" if unknown else ""
    return (
        f"{count}, shake {100 * shake:.3f} -> {100 * left:.3f} % of the height a frame squared, "
        f"{lost:.1f} % of the sides lost at most{told}"
    )


_NAMES = ("x", "y", "degrees", "scale")


def _steady(segment: Segment, path: _SourcePath) -> Segment:
    """The segment with its pictures corrected."""
    numbers = _shown(segment.range, path.times)
    if not numbers:
        return segment
    # Pictures made between two lie between their corrections; others keep their own.
    keys = _keys(numbers, path, made=segment.between is not None)
    values = {name: _curve(keys, column) for column, name in enumerate(_NAMES)}
    effect = to_effect(find_effect("move").model_validate(values))
    return replace(segment, effects=(effect, *segment.effects))


def _shown(seen: Range, times: Sequence[Fraction]) -> range:
    """The numbers of the pictures that are shown in a range, and of the one on either side."""
    first = bisect_right(times, seen.start) - 2
    last = bisect_right(times, seen.end) + 1
    return range(max(first, 0), min(last, len(times)))


@dataclass(frozen=True, slots=True)
class _Correction:
    """A key of all four curves."""

    at: Fraction
    values: tuple[float, ...]
    is_held: bool


def _keys(numbers: range, path: _SourcePath, made: bool) -> list[_Correction]:
    found = []
    for n in numbers:
        near = n if n else min(1, len(path.times) - 1)
        step = path.times[near] - path.times[max(near - 1, 0)]
        at = path.times[n] - (0 if made else step * _EARLY)
        row = tuple(float(value) for value in path.rows[n])
        found.append(_Correction(at, row, not made or n in path.ends))
    return found


def _curve(keys: Sequence[_Correction], column: int) -> Curve | float:
    """The curve of a column; keys that only go on with what is held are left out."""
    kept: list[Key] = []
    for key in keys:
        value = key.values[column]
        if kept and kept[-1].ease == "hold" and key.is_held and kept[-1].value == value:
            continue
        kept.append(Key(key.at, value, "hold" if key.is_held else "linear"))
    return Curve(tuple(kept)) if len(kept) > 1 else kept[0].value
