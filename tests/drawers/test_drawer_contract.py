"""What every drawer keeps, whoever wrote it: asked of all that are found."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, get_args

import numpy as np
import pytest

import smartcut as sc
from smartcut.algebra import with_layer
from smartcut.curve import Curve
from smartcut.cut import Cut, Segment, Track
from smartcut.drawer import (
    DrawBench,
    Drawer,
    drawer_modules,
    drawer_of,
    drawn_source,
    find_drawer,
    source_of_drawing,
)
from smartcut.errors import PipelineError
from smartcut.image import Image
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.otio import to_otio
from smartcut.interchange.otio_reading import from_otio
from smartcut.media.covers import laid as cover_laid
from smartcut.media.covers import over
from smartcut.media.image import of_frame, plain, same, space_of
from smartcut.render.compose import compose
from smartcut.render.drawing import DrawnLayer, drawn_inputs
from smartcut.render.job import Rendering
from smartcut.render.layout import Stretch, lay_out
from smartcut.render.output import OutputPicture
from smartcut.render.overlays import overlays
from smartcut.render.splicing.spans import encoded_spans
from smartcut.source import Colour, Recipe, Source
from smartcut.stage import Stage
from smartcut.stages.render import Render
from smartcut.timebase import Range

#: What a drawer needs, and values that are not the usual ones where no rule finds any.
NEEDED: dict[str, dict[str, Any]] = {
    "captions": {"texts": ({"start": 0, "end": 1, "lines": ["Hello there"], "words": []},)},
    "colour": {"colour": "#c04020"},
    "lower_third": {"title": "Ada"},
    "text": {"text": "Ada"},
}
OTHERS: dict[str, Any] = {
    "texts": ({"start": 0, "end": 1, "lines": ["Hello"], "words": []},),
    "text": "Eve", "title": "Eve", "subtitle": "Engineer", "font": None, "language": "ja",
    "colours": ("#000000", "#ffffff", "#ff0000"), "share": 0.25, "number": 3, "step": 1,
    "state": {"begun": 1}, "weight": 700, "highlight_scale": 1.2, "emphasis_scale": 1.2,
    "emphasis": ("a",), "speaker_colours": {"Ada": "#ff0000"},
    "emoji": {"a": "★"}, "emoji_font": None,
    "shadow_offset": (0, 0), "words_at_once": 3, "animation_time": F(1, 8),
    "fade": F(1, 8), "format": "clock",
}  # fmt: skip
DRAWERS = sorted(drawer_modules())
FORMATS = ("yuv420p", "yuv420p10le", "yuv444p", "gbrp", "yuva420p")
BT709 = Colour("bt709", "bt709", "bt709", "limited")
RATE = F(10)


def working(name: str, **more: Any) -> Drawer:
    return find_drawer(name).model_validate({**NEEDED.get(name, {}), **more})


def now(drawer: Drawer, frame: int = 4) -> Drawer:
    seen = drawer.seen(Range(frame / RATE, (frame + 1) / RATE), F(1))
    assert seen is not None
    return seen


def layer_of(drawer: Drawer, size: tuple[int, int], name: str, frame: int = 4) -> Image:
    space = space_of(name, BT709, size[1])
    return DrawnLayer(drawer, size, space, BT709).image(now(drawer, frame))


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("name", DRAWERS)
def test_it_has_alpha_in_every_format_and_size(name: str, pixel_format: str) -> None:
    for size in ((160, 90), (161, 91)):
        space = space_of(pixel_format, BT709, size[1])
        drawing = DrawnLayer(working(name), size, space, BT709)
        image = drawing.image(now(working(name)))
        assert image.size == size
        assert image.alpha is not None
        top = (1 << space.depth) - 1
        assert image.alpha.dtype == (np.uint16 if space.depth > 8 else np.uint8)
        assert top * 0.2 < int(image.alpha.max()) <= top
        seen = now(working(name))
        assert seen is not None
        covers = drawing.covers(seen)
        assert covers
        assert all(c.left % space.down[0] == c.above % space.down[1] == 0 for c in covers)
        grey = plain(size, space, tuple(b + (top - b) // 3 for b in space.black))
        laid = over(grey, image)
        assert not same(laid, grey)
        for a, b in zip(laid.planes, cover_laid(grey, *covers).planes, strict=True):
            assert np.abs(a.astype(int) - b).max() <= 2


@pytest.mark.parametrize("name", DRAWERS)
def test_it_looks_alike_in_8_and_10_bits(name: str) -> None:
    eight = layer_of(working(name), (160, 90), "yuv444p")
    ten = layer_of(working(name), (160, 90), "yuv444p10le")
    assert eight.alpha is not None
    assert ten.alpha is not None
    assert np.abs(eight.alpha.astype(float) / 255 - ten.alpha / 1023).max() <= 0.003
    solid = eight.alpha > 30  # elsewhere rounding of what is all but clear says nothing
    for a, b in zip(eight.planes, ten.planes, strict=True):
        assert np.abs(a.astype(float) - b / 4)[solid].max() <= 1.01


@pytest.mark.parametrize("name", DRAWERS)
def test_opacity_is_alpha(name: str) -> None:
    full, half = (layer_of(working(name, opacity=o), (160, 90), "yuv444p") for o in (1, 0.5))
    assert full.alpha is not None
    assert half.alpha is not None
    assert np.abs(half.alpha.astype(float) - full.alpha / 2).max() <= 1
    assert working(name, opacity=0).seen(Range(F(0), F(1)), F(1)) is None


def cut_with(drawer: Drawer, at: F = F(0)) -> Cut:
    black = Track("programme", (Segment(None, Range(F(0), F(2))),))
    source = drawn_source("thing", drawer, F(1), ())
    segment = Segment(source.id, Range(F(0), F(1)), at=at)
    return with_layer(Cut(tracks=(black,)), source, segment, "overlay")


PICTURE = OutputPicture(
    "h264", 160, 90, "yuv420p", RATE, 1 / RATE, BT709, "pad", 20, None, "veryfast"
)


def frames(cut: Cut, stretch: Stretch) -> list[Image]:
    """The pictures of a stretch, as a span shows them."""
    (span,) = encoded_spans(cut, (stretch,), PICTURE, {}, "asked")
    none: Any = None
    rendering = Rendering(none, cut, none, {}, (span,), (), (), none)
    space = space_of("yuv420p", BT709, 90)
    return [of_frame(frame, space) for _, frame in compose(rendering, span, none)]


@pytest.mark.parametrize("name", DRAWERS)
def test_any_division_gives_the_same_pixels(name: str) -> None:
    animated = working(name, opacity=Curve.of((0, 0.2), (1, 1)), fade=F(1, 5))
    cut = cut_with(animated, F(1, 2))
    (whole,) = lay_out(cut, {}, PICTURE)
    shown = frames(cut, whole)
    for edges in ((0, 7, 20), (0, 5, 6, 12, 20)):
        parts = [whole.part(a, b) for a, b in pairwise(edges)]
        again = [image for part in parts for image in frames(cut, part)]
        assert all(same(a, b) for a, b in zip(shown, again, strict=True))
    black = frames(replace(cut, tracks=cut.tracks[:1]), whole)
    changed = [n for n, (a, b) in enumerate(zip(shown, black, strict=True)) if not same(a, b)]
    assert set(changed) <= set(range(5, 15))
    assert {9, 10} <= set(changed)


@pytest.mark.parametrize("name", DRAWERS)
def test_what_moves_keeps_its_key(name: str) -> None:
    keys = []
    for at in (F(0), F(1, 2)):
        cut = cut_with(working(name), at)
        (whole,) = lay_out(cut, {}, PICTURE)
        part = whole.part(int(at * RATE), int((at + 1) * RATE))
        (layer,) = overlays(cut, part, PICTURE, {})
        assert layer.drawn is not None
        keys.append(drawn_inputs(layer.drawn))
    assert keys[0] == keys[1]


def other(name: str, value: Any, accepted: Any) -> Any:
    """Another value of a parameter."""
    if name in OTHERS:
        return OTHERS[name]
    choices = [v for v in get_args(accepted) if isinstance(v, str) and v != value]
    if choices:
        return choices[0]
    if isinstance(value, str) or value is None:
        return "#12345678"
    if isinstance(value, bool):
        return not value
    return value * 0.75 + 0.01


@pytest.mark.parametrize("name", DRAWERS)
def test_the_key_changes_with_each_parameter(name: str) -> None:
    drawer = working(name)
    usual = drawn_inputs([now(drawer, 0)])
    for field, info in type(drawer).model_fields.items():
        value = other(field, getattr(drawer, field), info.annotation)
        if value is None:
            continue
        changed = working(name, **{field: value})
        assert drawn_inputs([changed.seen(Range(F(0), 1 / RATE), F(1))]) != usual, field


@pytest.mark.parametrize("name", DRAWERS)
def test_it_goes_through_json_and_otio(name: str) -> None:
    cut = cut_with(working(name, opacity=Curve.of((0, 0.5), (1, 1)), fade=F(1, 3)))
    assert cut_from_json(cut_to_json(cut)) == cut
    assert from_otio(to_otio(cut)).tracks == cut.tracks
    recipe = cut.sources[0].made
    assert recipe is not None
    assert drawer_of(recipe) == working(name, opacity=Curve.of((0, 0.5), (1, 1)), fade=F(1, 3))
    drawer_of(recipe).check(DrawBench((160, 90)))


class Drawn(Stage):
    """Draws what its test says."""

    name: ClassVar[str] = "drawn"
    engine: str
    params: tuple[tuple[str, Any], ...] = ()

    def apply(self, cut: Cut, context: Any) -> Cut:
        source: Source = source_of_drawing("thing", self.engine, self.params, F(1), ())
        return with_layer(cut, source, Segment(source.id, Range(F(0), F(1)), at=F(0)), "overlay")


def test_mistakes_are_told_before_anything_is_decoded(tmp_path: Path) -> None:
    from smartcut.testing import write_bar_coded

    film = tmp_path / "film.mp4"
    write_bar_coded(film, frames=10)
    for engine, params, said in (
        ("colour", (("color", "#fff"),), "drawer 'colour': unknown parameter 'color'; .*'colour'"),
        ("gradiant", (), "unknown drawer 'gradiant'; did you mean 'gradient'"),
        ("colour", (("colour", "reddish"),), "'reddish' is not a colour"),
    ):
        drawn = sc.open(film) | Drawn(engine=engine, params=params) | Render(output="o.mp4")
        with pytest.raises(PipelineError, match=said):
            drawn.plan()


def test_recipes_of_other_makers_are_none_of_theirs() -> None:
    with pytest.raises(PipelineError, match="unknown drawer 'path-tracer'"):
        drawer_of(Recipe("background", "path-tracer"))


def test_few_whole_frames_are_kept_and_many_words() -> None:
    import tracemalloc

    drawer = working("gradient", angle=Curve.of((0, 0.0), (9, 90.0)))
    layer = DrawnLayer(drawer, (640, 360), space_of("yuv420p", BT709, 360), BT709)
    tracemalloc.start()
    for frame in range(60):
        seen = drawer.seen(Range(F(frame, 25), F(frame + 1, 25)), F(9))
        assert seen is not None
        assert layer.covers(seen)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 120e6, "60 frames of it would be 300 MB"
