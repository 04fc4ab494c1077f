"""What the effects on colours, edges and the ends of segments do, in numbers."""

from __future__ import annotations

import gc
import json
from fractions import Fraction as F
from pathlib import Path

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.effect import Image, PictureEffect, Space, effect_modules, find_effect
from smartcut.errors import PipelineError
from smartcut.media.covers import flattened
from smartcut.media.image import chroma_of, mixed, plain, sample_of, space_of
from smartcut.media.planes import plane_of
from smartcut.render.chain import Chain
from smartcut.render.lut import identity, write_cube
from smartcut.render.route import Applied
from smartcut.source import Colour
from smartcut.testing import read_bar_codes, write_bar_coded
from tests.builders.chains import chain, moment_of

BT709 = Colour("bt709", "bt709", "bt709", "limited")


def space(name: str = "yuv420p") -> Space:
    return space_of(name, BT709, 48)


def halves(left: tuple[int, int, int], right: tuple[int, int, int], name: str) -> Image:
    """A picture (64, 48) of two colours, which meet in its middle."""
    where = space(name)
    one, other = (plain((64, 48), where, sample_of(rgb, where)) for rgb in (left, right))
    for a, b in zip(one.planes, other.planes, strict=True):
        middle = a.shape[1] // 2
        a[:, middle:] = b[:, middle:]
    return one


def through(effect: str, image: Image, tmp_path: Path, **params: object) -> Image:
    made = find_effect(effect).model_validate(params)
    work, pictures = chain([Applied(made)], image.size, image.space.pixel_format, tmp_path)
    pictures[2] = image
    return work(moment_of(2))


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le", "yuv444p", "gbrp"])
def test_a_keyed_colour_is_clear_and_others_are_opaque(name: str, tmp_path: Path) -> None:
    image = halves((20, 190, 40), (200, 60, 50), name)
    keyed = through("chroma_key", image, tmp_path, colour="#14be28")
    most = (1 << image.space.depth) - 1
    assert keyed.alpha is not None
    assert (keyed.alpha[:, :30] == 0).all()
    assert (keyed.alpha[:, 34:] == most).all()
    below = flattened(keyed)
    for plane, black, shown in zip(below.planes, image.space.black, image.planes, strict=True):
        quarter = plane.shape[1] // 4
        assert (plane[:, :quarter] == black).all()
        np.testing.assert_array_equal(plane[:, -quarter:], shown[:, -quarter:])


@pytest.mark.parametrize(("name", "planes"), [("yuv420p", 3), ("yuva420p", 4)])
def test_a_keyed_programme_is_black_and_clear_where_the_output_can_be(
    name: str, planes: int, tmp_path: Path
) -> None:
    film, out = tmp_path / "a.mp4", tmp_path / "b.mkv"
    write_bar_coded(film, frames=5, rate=F(25), size=(64, 48))
    key = sc.chroma_key(colour="#808080", similarity=0.5)
    (sc.open(film) | key).render(out, codec="ffv1", pixel_format=name)
    with av.open(str(out)) as container:
        frame = next(container.decode(video=0))
    shown = [plane_of(frame, n) for n in range(planes)]
    assert len(frame.planes) == planes
    if planes == 4:
        assert not shown[3].any()
    else:
        assert [set(plane.ravel().tolist()) for plane in shown] == [{16}, {128}, {128}]


@pytest.mark.parametrize("name", ["yuv444p", "gbrp"])
def test_chroma_is_the_same_whatever_the_format(name: str) -> None:
    where = space(name)
    blue, red = chroma_of(plain((4, 4), where, sample_of((0, 255, 0), where)))[:, 0, 0]
    assert blue == pytest.approx(-0.7152 / 1.8556, abs=0.005)
    assert red == pytest.approx(-0.7152 / 1.5748, abs=0.005)


def test_clear_pixels_give_their_colour_to_no_mixture() -> None:
    where = space("yuv444p")
    white, dark = (plain((4, 4), where, sample_of((v, v, v), where)) for v in (255, 0))
    clear = Image(dark.planes, where, np.zeros_like(dark.planes[0]))
    half = mixed(white, clear, 0.5)
    assert half.alpha is not None
    assert set(half.alpha.ravel().tolist()) == {128}
    np.testing.assert_array_equal(half.planes[0], white.planes[0])


def test_blocks_have_the_mean_of_their_pixels(tmp_path: Path) -> None:
    image = halves((0, 0, 0), (255, 255, 255), "yuv420p")
    image.planes[0][:24] = 100
    shown = through("pixelate", image, tmp_path, size="8px").planes[0]
    blocks = image.planes[0].reshape(6, 8, 8, 8).mean(axis=(1, 3))
    np.testing.assert_allclose(shown, np.rint(blocks).repeat(8, 0).repeat(8, 1), atol=1)


def test_a_vignette_darkens_the_corners_alone(tmp_path: Path) -> None:
    image = halves((255, 255, 255), (255, 255, 255), "yuv420p")
    luma = through("vignette", image, tmp_path, strength=1, inner=0.5).planes[0]
    assert (luma[20:28, 24:40] == 235).all()
    assert luma[0, 0] < 20
    assert (np.diff(luma[24, 32:].astype(int)) <= 0).all()
    np.testing.assert_array_equal(luma, luma[::-1, ::-1])


def test_sharpening_steepens_an_edge_and_leaves_the_rest(tmp_path: Path) -> None:
    image = halves((90, 90, 90), (160, 160, 160), "yuv420p")
    before, after = image.planes[0], through("sharpen", image, tmp_path, sigma=20).planes[0]
    assert after[5, 31] < before[5, 31]
    assert after[5, 32] > before[5, 32]
    np.testing.assert_array_equal(after[:, :20], before[:, :20])


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le", "gbrp"])
def test_a_fade_begins_and_ends_in_its_colour(name: str, tmp_path: Path) -> None:
    image = halves((200, 60, 50), (20, 190, 40), name)
    fade = find_effect("fade").model_validate({"in": F(4, 25), "out": 0.16, "colour": "#ffffff"})
    work, pictures = chain([Applied(fade)], image.size, name, tmp_path)
    pictures.update(dict.fromkeys(pictures, image))
    white = sample_of((255, 255, 255), image.space)
    shown = [work(moment_of(n)) for n in range(12)]
    assert [int(p.ravel()[0]) for p in shown[0].planes] == list(white)
    for number, share in ((1, 0.75), (2, 0.5), (9, 0.25), (11, 0.75)):
        for got, own, full in zip(shown[number].planes, image.planes, white, strict=True):
            assert np.abs(own + (full - own.astype(float)) * share - got).max() <= 0.51
    for number in range(4, 9):
        np.testing.assert_array_equal(shown[number].planes[0], image.planes[0])


def test_fades_share_what_room_there_is() -> None:
    fade = find_effect("fade").model_validate({"in": 3, "out": 1})
    (share,) = fade.within(sc.Range(F(2), F(4))).curves
    assert share.clock == "segment"
    assert [(k.at, k.value) for k in share.keys] == [(2, 1), (F(7, 2), 0), (4, 1)]


def test_only_the_frames_that_fade_are_encoded(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    write_bar_coded(film, frames=200, rate=F(25), gop=25)
    out = tmp_path / "b.mp4"
    (sc.open(film) | sc.fade(fade_in=0.4, fade_out=1)).render(out)
    rows = json.loads(out.with_name("b.manifest.json").read_text())["intervals"]
    touched = [(r["start"], r["end"]) for r in rows if "fade" in r["reason"]]
    assert (touched[0][0], touched[0][1], touched[-1][1]) == (0.0, 0.4, 8.0)
    assert touched[-1][0] >= 7.0
    assert sum(r["end"] - r["start"] for r in rows if r["how"] == "copy") >= 5.9


def test_effects_on_a_part_give_their_decoders_back_at_once(tmp_path: Path) -> None:
    """Given back by the garbage collector, they had lost their files, and a later part failed."""
    film, out = tmp_path / "a.mp4", tmp_path / "b.mp4"
    write_bar_coded(film, frames=300, rate=F(25), size=(160, 96), gop=25)
    gc.disable()
    try:
        before = [id(one) for one in gc.get_objects() if isinstance(one, Chain)]
        (sc.open(film) | sc.vignette(start=1, end=1.2)).frame(F(11, 10))
        left = [one for one in gc.get_objects() if isinstance(one, Chain)]
        assert [id(one) for one in left] == before
    finally:
        gc.enable()
    (sc.open(film) | sc.vignette(start=1, end=1.2) | sc.title(text="H", at=2, fade=0)).render(out)
    numbers, _ = read_bar_codes(out)
    assert numbers[200:] == list(range(200, 300))


def test_a_changed_table_is_another_film(tmp_path: Path) -> None:
    table = tmp_path / "warm.cube"
    write_cube(table, identity(5) * (1.0, 0.9, 0.7))
    lut = find_effect("lut").model_validate({"file": table})
    before, cube = lut.depends(), lut.cube()  # type: ignore[attr-defined]
    write_cube(table, identity(5) * (0.5, 0.5, 0.75))
    assert lut.depends() != before
    assert (lut.cube() <= cube + 0.06).all()  # type: ignore[attr-defined]
    assert lut.cube()[-1, -1, -1].tolist() == [0.5, 0.5, 0.75]  # type: ignore[attr-defined]
    image = halves((255, 255, 255), (0, 0, 0), "gbrp")
    shown = through("lut", image, tmp_path, file=table)
    assert [int(p[5, 5]) for p in shown.planes] == pytest.approx([127.5, 127.5, 191.25], abs=1)


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.cube").write_text("LUT_3D_SIZE 2\n0 0 0\n")
    with pytest.raises(PipelineError, match="holds 1 colours where LUT_3D_SIZE 2 needs 8"):
        sc.Pipeline.from_text(f"stages:\n- lut: {{file: {tmp_path / 'a.cube'}}}\n")


def test_the_page_of_every_effect_shows_it() -> None:
    root = Path(sc.__file__).parents[1]
    for name, module in effect_modules().items():
        is_shown = issubclass(find_effect(name), PictureEffect)
        if is_shown and module.startswith("smartcut.") and name not in {"moviepy", "stylize"}:
            assert (root / "docs" / "pictures" / "effects" / f"{name}.webp").stat().st_size < 40_000
            page = (root / "docs" / "stages" / f"{name}.md").read_text(encoding="utf-8")
            assert f"](../pictures/effects/{name}.webp)" in page
