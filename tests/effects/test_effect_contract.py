"""What every effect keeps, whoever wrote it: asked of all that are found."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.algebra import opening
from smartcut.curve import Curve
from smartcut.cut import Cut, Effect, Segment
from smartcut.effect import (
    PictureEffect,
    Placement,
    checked,
    effect_modules,
    find_effect,
    to_effect,
)
from smartcut.errors import PipelineError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.media.image import same
from smartcut.media.probe import probe
from smartcut.render.route import Applied
from smartcut.stage import find_stage
from smartcut.testing import write_bar_coded
from tests.builders.chains import chain, moment_of

#: Parameters that an effect needs, and those that make it work where its defaults do not.
WORKING: dict[str, dict[str, Any]] = {
    "cell": {"x": 0.25, "width": 0.5},
    "chroma_key": {"colour": "#00ff00", "similarity": 0.3, "blend": 0.4},
    "crop": {"left": 0.25},
    "fade": {"fade_in": "12/25", "fade_out": 0},
    "lut": {},
    "move": {"x": 0.1, "degrees": 5, "scale": 1.2},
    "moviepy": {"use": "MirrorX"},
    "place": {"position": "top-left", "width": 0.5},
    "rotate": {"degrees": 20},
    "sharpen": {"strength": 4, "sigma": 60},
    "window": {"aspect": "1:1", "zoom": 1.5},
    "zoom": {"scale": 1.5},
    "colour": {"saturation": 1.5, "exposure": 0.5},
}
#: Those that cannot be made without files of other stages.
ELSEWHERE = {"stylize"}
EFFECTS = sorted(
    name
    for name in set(effect_modules()) - ELSEWHERE
    if issubclass(find_effect(name), PictureEffect)
)
FORMATS = ("yuv420p", "yuv420p10le", "yuv444p", "gbrp", "yuva420p")


def working(name: str, tmp_path: Path) -> PictureEffect:
    """The effect with parameters with which it does something."""
    params = WORKING.get(name, {})
    if name == "lut":
        from smartcut.render.lut import identity, write_cube

        write_cube(tmp_path / "warm.cube", identity(9) * (1.0, 0.9, 0.7))
        params = {"file": tmp_path / "warm.cube"}
    found = find_effect(name).model_validate(params)
    assert isinstance(found, PictureEffect)
    return found


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("name", EFFECTS)
def test_an_effect_works_in_every_format_and_size(
    name: str, pixel_format: str, tmp_path: Path
) -> None:
    for size in ((64, 48), (63, 47)):
        work, pictures = chain([Applied(working(name, tmp_path))], size, pixel_format, tmp_path)
        shown = work(moment_of(3))
        assert shown.size == size
        assert not same(shown, pictures[3])
        for plane, before in zip(shown.planes, pictures[3].planes, strict=True):
            assert (plane.shape, plane.dtype) == (before.shape, before.dtype)
        assert shown.alpha is not None or pictures[3].alpha is None


@pytest.mark.parametrize("name", EFFECTS)
def test_it_is_the_same_wherever_a_span_begins(name: str, tmp_path: Path) -> None:
    effects = [Applied(working(name, tmp_path))]
    whole, _ = chain(effects, (64, 48), "yuv420p", tmp_path)
    shown = {n: whole(moment_of(n)) for n in range(10)}
    for first in (4, 7):
        later, _ = chain(effects, (64, 48), "yuv420p", tmp_path)
        for number in range(first, 10):
            assert same(later(moment_of(number)), shown[number])


@pytest.mark.parametrize("name", EFFECTS)
def test_where_it_does_not_work_the_picture_is_the_source_s_own(name: str, tmp_path: Path) -> None:
    effect = working(name, tmp_path)
    during = Applied(effect, sc.Range(F(5, 25), F(7, 25)))
    work, pictures = chain([during], (64, 48), "yuv420p", tmp_path)
    kept = [same(work(moment_of(n)), pictures[n]) for n in range(10)]
    assert kept == [n not in (5, 6) for n in range(10)]
    nothing = Applied(effect.model_copy(update={"amount": 0.0}))
    work, pictures = chain([nothing], (64, 48), "yuv420p", tmp_path)
    assert all(same(work(moment_of(n)), pictures[n]) for n in range(4))


@pytest.mark.parametrize("name", [n for n in EFFECTS if not issubclass(find_effect(n), Placement)])
def test_a_mask_and_an_amount_bound_it(name: str, tmp_path: Path) -> None:
    effect = working(name, tmp_path)
    mask = {"shape": "box", "x": 0.25, "y": 0.5, "width": 0.5, "height": 1}
    masked = type(effect).model_validate({**effect.model_dump(exclude_unset=True), "mask": mask})
    work, pictures = chain([Applied(masked)], (64, 48), "yuv444p", tmp_path)
    shown = work(moment_of(2))
    for plane, before in zip(shown.planes, pictures[2].planes, strict=True):
        np.testing.assert_array_equal(plane[:, 32:], before[:, 32:])
    assert not same(shown, pictures[2])
    # For a time, so that a change of size is fitted back into the picture here too.
    whole, _ = chain([Applied(effect, sc.Range(F(0), F(1)))], (64, 48), "yuv444p", tmp_path)
    half, _ = chain(
        [Applied(effect.model_copy(update={"amount": 0.5}))], (64, 48), "yuv444p", tmp_path
    )
    for a, b, c in zip(
        pictures[2].planes, half(moment_of(2)).planes, whole(moment_of(2)).planes, strict=True
    ):
        assert np.abs((a.astype(int) + c) / 2 - b).max() <= 1


@pytest.mark.parametrize("name", EFFECTS)
def test_it_goes_through_json_and_otio(name: str, tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    write_bar_coded(film, frames=30, rate=F(25))
    cut = opening((probe(film),))
    effect = to_effect(working(name, tmp_path), sc.Range(F(1, 5), F(1)))
    cut = cut.with_segments((replace(cut.segments[0], effects=(effect,)),))
    assert cut_from_json(cut_to_json(cut)) == cut
    assert checked(effect) == working(name, tmp_path)


@pytest.mark.parametrize("name", EFFECTS)
def test_a_stage_of_its_name_puts_it_on_segments(name: str, tmp_path: Path) -> None:
    kind, effect = find_stage(name), working(name, tmp_path)
    fields = set(find_effect(name).model_fields)
    assert {*fields, "on", "start", "end"} <= set(kind.model_fields)
    assert isinstance(getattr(sc, name)(**effect.model_dump(exclude_unset=True)), kind)
    stage = kind.model_validate(
        {**effect.model_dump(exclude_unset=True), "on": "last", "from": 1, "to": 2}
    )
    segments = (Segment("a", sc.Range(F(0), F(1))), Segment("a", sc.Range(F(1), F(3))))
    cut = film_of(segments)
    first, last = stage.apply(cut, None).segments  # type: ignore[arg-type]
    assert first.effects == ()
    assert last.effects == (to_effect(effect, sc.Range(F(1), F(2))),)


def film_of(segments: tuple[Segment, ...]) -> Cut:
    from smartcut.source import Source, VideoStream

    video = VideoStream(
        index=0, codec="h264", timebase=F(1, 25), width=64, height=48, pixel_format="yuv420p",
        rate=F(25), is_vfr=False, start=F(0), duration=F(4), frames=100,
    )  # fmt: skip
    source = Source("a", Path("a.mp4"), "", "mp4", F(0), F(4), video)
    return opening((source,)).with_segments(segments)


@pytest.mark.parametrize("name", EFFECTS)
def test_what_does_not_exist_is_refused_with_what_does(name: str, tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"did you mean 'amount'\?"):
        checked(Effect(name, (("amuont", 1), *to_effect(working(name, tmp_path)).params)))
    with pytest.raises(PipelineError, match=f"did you mean '{name}'"):
        checked(Effect(name + "x"))
    with pytest.raises(PipelineError, match="newer smartcut"):
        checked(Effect(name, (), None, 99))


def test_numbers_change_along_curves() -> None:
    zoom = find_effect("zoom").model_validate({"scale": {"0s": 1, "2s": 2, "ease": "in-out"}})
    assert isinstance(zoom.model_dump()["scale"], dict)
    values = [zoom.at(F(t), F(0)).scale for t in (0, 1, 2, 3)]  # type: ignore[attr-defined]
    assert values == [1, 1.5, 2, 2]
    with pytest.raises(PipelineError, match="accepted: number or keys .*, above 0"):
        checked(Effect("zoom", (("scale", Curve.of((0, 1), (1, -1))),)))
