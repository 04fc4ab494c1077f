"""A segment through a window of another shape, and what is laid over it; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from smartcut.curve import Curve, Key
from smartcut.cut import Anchor, Segment
from smartcut.effect import PictureEffect
from smartcut.effects.blur import Blur
from smartcut.effects.colour import ColourCorrection
from smartcut.effects.place import Place
from smartcut.effects.window import Window, ratio, window_size
from smartcut.framing.views import Frame, FramedView, Path, Track
from smartcut.stages._of_effects import with_effect

Size = tuple[int, int]
#: What lies behind a picture that is shown whole: how soft, and how much darker, in EV.
_SOFT, _DARKER = 30.0, -1.5


@dataclass(frozen=True, slots=True)
class FrameShape:
    """The shape that is asked for, on pictures of a size."""

    aspect: str
    size: Size

    @property
    def is_tall(self) -> bool:
        return ratio(self.aspect) <= 1

    @property
    def half(self) -> str:
        """The shape of each half of the frame."""
        across, down = (float(side) for side in self.aspect.split(":"))
        return f"{across:g}:{down / 2:g}" if self.is_tall else f"{across / 2:g}:{down:g}"

    @property
    def frame(self) -> Frame:
        return Frame(self._shares(self.aspect), self._shares(self.half))

    def _shares(self, aspect: str) -> tuple[float, float]:
        own = window_size(aspect, self.size)
        return own[0] / self.size[0], own[1] / self.size[1]

    @property
    def whole(self) -> float:
        """The zoom at which all of a picture is in the window."""
        return min(self.frame.crop)


def through_window(
    segment: Segment, shape: FrameShape, views: Sequence[FramedView], early: Fraction
) -> Segment:
    """The segment in the shape that is asked for.

    ``early`` is how long before a cut what follows it begins: clocks of files round.
    """
    paths = [(view.shown.start, view.path) for view in views]
    zooms = [shape.whole if view.how == "pad" else 1.0 for view in views]
    made = with_effect(segment, window_along(shape.aspect, shape.size, paths, early, zooms))
    for view in views:
        if view.how == "blur":
            for effect in (Blur(sigma=_SOFT), ColourCorrection(exposure=_DARKER)):
                made = with_effect(made, effect, view.shown)
    return made


def window_along(
    aspect: str,
    size: Size,
    paths: Sequence[tuple[Fraction, Path]],
    early: Fraction,
    zooms: Sequence[float] = (),
) -> Window:
    """A window on one path after the other, each from its time on and with its zoom."""
    own = window_size(aspect, size)
    given: dict[str, Curve | float] = {}
    if len(set(zooms)) > 1:
        begins = [at - early if i else at for i, (at, _) in enumerate(paths)]
        given["zoom"] = Curve(
            tuple(Key(at, zoom, "hold") for at, zoom in zip(begins, zooms, strict=True))
        )
    elif zooms and zooms[0] != 1:
        given["zoom"] = zooms[0]
    for axis, name in enumerate(("x", "y")):
        if own[axis] == size[axis]:
            continue
        tracks = [(at, path.x if axis == 0 else path.y) for at, path in paths]
        keys = tuple(_keys(tracks, early, own[axis], size[axis]))
        values = {key.value for key in keys}
        given[name] = Curve(keys) if len(values) > 1 else keys[0].value
    return Window.model_validate({"aspect": aspect, **given})


def _keys(
    tracks: Sequence[tuple[Fraction, Track]], early: Fraction, own: int, side: int
) -> Iterator[Key]:
    """The keys of all paths: within one they are joined by lines, and the last one holds."""
    before: Fraction | None = None
    for number, (start, track) in enumerate(tracks):
        for i, (at, value) in enumerate(_on_pixels(track, own, side)):
            time = start - early if i == 0 and number else at
            if before is not None and time <= before:
                continue
            before = time
            yield Key(time, value, "hold" if i == len(track) - 1 else "linear")


def _on_pixels(track: Track, own: int, side: int) -> Iterator[tuple[Fraction, float]]:
    """The path, with what stands on whole chroma samples: such pictures are not resampled."""
    values = [value for _, value in track]
    stands = {i for i, (a, b) in enumerate(pairwise(values)) if a == b}
    for i, (at, value) in enumerate(track):
        if len(track) == 1 or i in stands or i - 1 in stands:
            corner = 2 * round((value * side - own / 2) / 2)
            value = (min(max(corner, 0), side - own) + own / 2) / side
        yield at, value


def laid_over(
    segment: Segment, shape: FrameShape, views: Sequence[FramedView], early: Fraction
) -> tuple[list[Segment], ...]:
    """What lies over a segment, for each track above: whole pictures and first halves, second ones.

    They are connected to what the segment shows, and have its effects.
    """
    tracks: tuple[list[Segment], ...] = ([], [])
    for view in views:
        part = _part(segment, view)
        if view.how == "blur":
            side = "width" if shape.frame.crop[0] < 1 else "height"
            tracks[0].append(with_effect(part, Place.model_validate({side: 1.0})))
        for track, path, place in zip(tracks, view.halves, _places(shape), strict=False):
            window = window_along(shape.half, shape.size, [(view.shown.start, path)], early)
            track.append(with_effect(with_effect(part, window), place))
    return tracks


def _places(shape: FrameShape) -> tuple[PictureEffect, ...]:
    if shape.is_tall:
        return tuple(Place(position=p, width=1.0, height=0.5) for p in ("top", "bottom"))
    return tuple(Place(position=p, width=0.5, height=1.0) for p in ("left", "right"))


def _part(segment: Segment, view: FramedView) -> Segment:
    """What a segment shows during a view, connected to where the programme shows it."""
    ends = sorted(segment.time_of(t) for t in (view.shown.start, view.shown.end))
    part = segment.part(*ends)
    label = f"{segment.source} ({view.how})"
    at = Anchor(segment.source or "", view.shown.start)
    return replace(part, at=at, transition=None, label=label, id="", sound="muted")
