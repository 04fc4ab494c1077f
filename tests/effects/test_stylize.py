"""Looks: the mathematics of moving colours, tables, networks, and what a cut makes of them."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image

import smartcut as sc
from smartcut.algebra import opening
from smartcut.annotation import Annotation, Shot, Shots
from smartcut.api import Pipeline
from smartcut.cache import Cache
from smartcut.context import LocalContext
from smartcut.errors import ModelError, PipelineError, StageError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.media.image import of_frame, space_of
from smartcut.media.look_up import LookUp
from smartcut.media.picture import Conform, from_rgb
from smartcut.media.planes import to_planes
from smartcut.media.probe import probe
from smartcut.models.style import load_style, style_network
from smartcut.render.lut import (
    identity,
    linear_table,
    read_cube,
    transport_table,
    write_cube,
)
from smartcut.render.repainting import Repainter
from smartcut.render.transfer import (
    MOST_STRETCH,
    linear_map,
    sliced_distance,
    sliced_transport,
    to_lab,
    to_srgb,
)
from smartcut.source import Colour, VideoStream
from smartcut.stages.stylize import StylizeStage
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range

BT709 = Colour("bt709", "bt709", "bt709", "limited")
LUMA = np.array([0.2126, 0.7152, 0.0722])


def two_kinds(seed: int, *means: tuple[float, float, float]) -> np.ndarray:
    """Colours (2000, 3) in 0..1 in clusters around the means."""
    chance = np.random.default_rng(seed)
    parts = [chance.normal(mean, (0.05, 0.08, 0.04), (1000, 3)) for mean in means]
    return np.clip(np.concatenate(parts), 0, 1)


SOURCE = two_kinds(1, (0.25, 0.3, 0.5), (0.6, 0.65, 0.6))
WANTED = two_kinds(2, (0.3, 0.15, 0.1), (0.8, 0.6, 0.3))


def read(table: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Colours (n, 3) through a table, by sorting each one's place within its cell."""
    scaled = np.clip(colours, 0, 1) * (len(table) - 1)
    low = np.minimum(scaled.astype(int), len(table) - 2)
    inside = scaled - low
    order = np.argsort(-inside, axis=1, kind="stable")
    at, rows = low.copy(), np.arange(len(colours))
    found = table[tuple(at.T)].astype(float)
    for k in range(3):
        before = table[tuple(at.T)]
        at[rows, order[:, k]] += 1
        found += inside[rows, order[:, k], None] * (table[tuple(at.T)] - before)
    return found


def write_picture(path: Path, colours: np.ndarray = WANTED) -> Path:
    side = int(len(colours) ** 0.5)
    pixels = (colours[: side * side].reshape(side, side, 3) * 255).round().astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def write_scene(path: Path, pictures: list[np.ndarray], rate: int = 10) -> Path:
    """Lossless RGB video of uint8 pictures (h, w, 3)."""
    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv444p"
        for n, rgb in enumerate(pictures):
            frame = from_rgb(rgb, "yuv444p", BT709)
            frame.pts, frame.time_base = n, F(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def scene(number: int = 0, size: tuple[int, int] = (48, 64)) -> np.ndarray:
    """A picture of the colours of SOURCE, which moves to the right."""
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]]
    picked = SOURCE[(rows // 6 * 97 + (columns - 2 * number) // 8 * 31) % len(SOURCE)]
    return (picked * 255).round().astype(np.uint8)


def decoded(path: Path, name: str = "rgb24") -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [f.to_ndarray(format=name) for f in container.decode(video=0)]


def write_network(path: Path, seed: int = 0) -> Path:
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    save_file(style_network((4, 6, 8), blocks=1).state_dict(), str(path))
    return path


# ---------------------------------------------------------------------------------- mathematics


def square_root(matrix: np.ndarray) -> np.ndarray:
    """By Denman and Beavers' iteration, which knows no eigenvectors."""
    root, inverse = matrix, np.eye(len(matrix))
    for _ in range(60):
        root, inverse = (
            (root + np.linalg.inv(inverse)) / 2,
            (inverse + np.linalg.inv(root)) / 2,
        )
    return root


def test_oklab_has_its_published_values_and_a_way_back() -> None:
    white, red = to_lab(np.array([[1.0, 1, 1], [1, 0, 0]]))
    np.testing.assert_allclose(white, (1, 0, 0), atol=1e-6)
    np.testing.assert_allclose(red, (0.62796, 0.22486, 0.12585), atol=1e-4)
    np.testing.assert_allclose(to_srgb(to_lab(SOURCE)), SOURCE, atol=1e-9)


def test_the_linear_map_meets_mean_and_covariance() -> None:
    matrix, offset = linear_map(SOURCE, WANTED)
    moved = SOURCE @ matrix + offset
    np.testing.assert_allclose(moved.mean(axis=0), WANTED.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(np.cov(moved.T), np.cov(WANTED.T), atol=1e-12)


def test_the_linear_map_is_the_closed_form() -> None:
    one, other = np.cov(SOURCE.T, bias=True), np.cov(WANTED.T, bias=True)
    root = square_root(one)
    inverse = np.linalg.inv(root)
    expected = inverse @ square_root(root @ other @ root) @ inverse
    np.testing.assert_allclose(linear_map(SOURCE, WANTED)[0], expected, rtol=1e-8)


def test_a_picture_that_is_its_own_reference_stays() -> None:
    matrix, offset = linear_map(SOURCE, SOURCE)
    np.testing.assert_allclose(matrix, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(offset, 0, atol=1e-9)
    for table in (linear_table(SOURCE, SOURCE), transport_table(SOURCE, SOURCE)):
        assert np.abs(table - identity()).max() < 1 / 255


def test_the_linear_map_stretches_no_more_than_it_may() -> None:
    flat = np.full((100, 3), 0.5) + np.linspace(0, 0.001, 100)[:, None]
    matrix, _ = linear_map(flat, WANTED, most_stretch=2.0)
    assert np.linalg.eigvalsh(matrix).max() == pytest.approx(2.0)


def test_sliced_transport_carries_a_distribution_over() -> None:
    far = sliced_distance(SOURCE, WANTED)
    assert sliced_distance(sliced_transport(SOURCE, WANTED), WANTED) < 0.02 * far
    fewer = WANTED[::3]
    assert sliced_distance(sliced_transport(SOURCE, fewer), fewer) < 0.02 * far


@pytest.mark.parametrize(("table", "share"), [(transport_table, 0.1), (linear_table, 0.25)])
def test_a_table_brings_the_colours_near_to_the_reference(table: Any, share: float) -> None:
    wanted = to_lab(WANTED)
    far = sliced_distance(to_lab(SOURCE), wanted)
    moved = read(table(SOURCE, WANTED), SOURCE)
    assert sliced_distance(to_lab(moved), wanted) < share * far
    half = read(table(SOURCE, WANTED, 0.5), SOURCE)
    assert 0.3 * far < sliced_distance(to_lab(half), wanted) < 0.7 * far


@pytest.mark.parametrize("wanted", [WANTED, WANTED[::-1] ** 3, 1 - WANTED])
def test_a_table_is_smooth_and_lighter_stays_lighter(wanted: np.ndarray) -> None:
    table = transport_table(SOURCE, wanted)
    assert table.min() >= 0
    assert table.max() <= 1
    chance = np.random.default_rng(3)
    dark = chance.random((20_000, 3))
    room = 1 - dark.max(axis=1)
    step = chance.random(20_000) * room
    light = dark + step[:, None]
    rise = (read(table, light) - read(table, dark)) @ LUMA
    assert rise.min() > -1e-6
    assert (rise - (MOST_STRETCH + 0.01) * step).max() < 1e-6


# ---------------------------------------------------------------------------------------- tables


def on_rgb(cube: Path, rgb: np.ndarray) -> np.ndarray:
    """A picture through a table, in planar RGB on the way."""
    frame = from_rgb(rgb, "gbrp", Colour())
    image = of_frame(frame, space_of("gbrp", Colour(), frame.height))
    return np.stack(LookUp(cube).on_image(image).planes, axis=-1)


def test_a_table_of_nothing_changes_nothing(tmp_path: Path) -> None:
    cube = tmp_path / "i.cube"
    write_cube(cube, identity())
    smooth = np.asarray(Image.fromarray(scene()).resize((320, 240), Image.Resampling.BICUBIC))
    for name, scale in (("yuv420p", 1), ("yuv444p", 1), ("yuv420p10le", 4)):
        frame = from_rgb(smooth, name, BT709)
        for one, other in zip(to_planes(LookUp(cube, BT709)(frame)), to_planes(frame), strict=True):
            assert np.abs(one.astype(int) - other).max() <= scale
    np.testing.assert_array_equal(on_rgb(cube, scene()), scene())


def test_frames_are_read_by_tetrahedra(tmp_path: Path) -> None:
    cube, table = tmp_path / "t.cube", identity(9)[..., ::-1] ** 1.3 * (0.9, 1, 0.8)
    write_cube(cube, table)
    colours = np.random.default_rng(5).integers(0, 256, (60, 80, 3)).astype(np.uint8)
    expected = read(table, colours.reshape(-1, 3) / 255).reshape(colours.shape) * 255
    assert np.abs(on_rgb(cube, colours) - expected).max() < 2


def test_full_range_and_other_matrices_are_honoured(tmp_path: Path) -> None:
    cube = tmp_path / "t.cube"
    write_cube(cube, transport_table(SOURCE, WANTED))
    flat = np.full((32, 32, 3), (150, 100, 60), np.uint8)
    expected = on_rgb(cube, flat)[0, 0].astype(int)
    for colour in (BT709, Colour(matrix="smpte170m", range="full"), Colour(matrix="smpte170m")):
        frame = LookUp(cube, colour)(from_rgb(flat, "yuv444p", colour))
        assert int(frame.color_range) == {"full": 2, "limited": 1, None: 1}[colour.range]
        expected_planes = to_planes(from_rgb(np.full_like(flat, expected), "yuv444p", colour))
        for plane, want in zip(to_planes(frame), expected_planes, strict=True):
            assert np.abs(plane.astype(int) - want).max() <= 1


def test_the_same_colour_comes_out_the_same_in_every_frame(tmp_path: Path) -> None:
    cube = tmp_path / "t.cube"
    write_cube(cube, transport_table(SOURCE, WANTED))
    look = LookUp(cube, BT709)
    seen: dict[Any, Any] = {}
    for number in range(4):
        frame = from_rgb(scene(number), "yuv444p", BT709)
        given = np.stack(to_planes(frame), axis=-1).reshape(-1, 3)
        made = np.stack(to_planes(look(frame)), axis=-1).reshape(-1, 3)
        for colour, result in zip(map(tuple, given), map(tuple, made), strict=True):
            assert seen.setdefault(colour, result) == result
    assert len(seen) > 20


def test_bars_beside_a_picture_stay_black(tmp_path: Path) -> None:
    cube = tmp_path / "t.cube"
    write_cube(cube, np.full_like(identity(), 0.9))
    stream = VideoStream(0, "ffv1", F(1, 10), 64, 48, "yuv420p", F(10), False, F(0), F(1), 10)
    for size in ((128, 48), (64, 96), (130, 50)):
        conform = Conform(stream, *size, "yuv420p", colour=BT709)
        grey = from_rgb(np.full((48, 64, 3), 128, np.uint8), "yuv420p", BT709)
        luma = to_planes(LookUp(cube, BT709)(conform(grey), conform.box))[0]
        left, top, width, height = conform.box
        assert (luma > 16).sum() == width * height
        assert np.abs(luma[top : top + height, left : left + width] - 213.0).max() <= 1


def test_a_cube_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = np.random.default_rng(0).random((5, 5, 5, 3)).astype(np.float32)
    write_cube(tmp_path / "a.cube", table)
    np.testing.assert_allclose(read_cube(tmp_path / "a.cube"), table, atol=1e-6)


ROWS = "0 0 0\n1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 1\n"


def test_a_cube_file_may_have_a_title_and_notes(tmp_path: Path) -> None:
    text = f'# made by hand\nTITLE "x y"\nLUT_3D_SIZE 2\nDOMAIN_MIN 0 0 0\n\n{ROWS}'
    (tmp_path / "a.cube").write_text(text)
    np.testing.assert_array_equal(read_cube(tmp_path / "a.cube"), identity(2))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROWS, "LUT_3D_SIZE (missing)"),
        (f"LUT_3D_SIZE 3\n{ROWS}", "holds 8 colours where LUT_3D_SIZE 3 needs 27"),
        (f"LUT_3D_SIZE 2\n{ROWS.replace('1 1 1', '1 1')}", ":9: `1 1`; accepted: three numbers"),
        (f"LUT_3D_SIZE 2\n{ROWS.replace('1 1 1', '1 1 nan')}", ":9: `1 1 nan`"),
        (f"LUT_3D_SIZE 999\n{ROWS}", "accepted: a number in 2..129"),
        (f"LUT_3D_SIZE 2\nDOMAIN_MAX 2 2 2\n{ROWS}", "tables are over 0..1"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n", "accepted: TITLE, LUT_3D_SIZE"),
    ],
)
def test_other_cube_files_are_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.cube").write_text(text)
    with pytest.raises(StageError) as error:
        read_cube(tmp_path / "a.cube")
    assert said in str(error.value)


# -------------------------------------------------------------------------------------- pipeline

YAML = """
inputs: [film.mp4]
output: out.mp4
stages:
  - trim: {ranges: ["0-1", "1-2", "2-3"]}
  - stylize: {reference: look.png, on: 1}
  - render
"""


def test_one_segment_takes_the_look_and_the_others_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_bar_coded(Path("film.mp4"), size=(320, 180), frames=90, gop=30, audio=None)
    wanted = write_picture(Path("look.png"))
    Path("p.yaml").write_text(YAML)
    pipeline = Pipeline.from_yaml("p.yaml")
    assert [s.state for s in pipeline.plan().steps if s.stage == "stylize"] == ["run"]
    pipeline.run()
    shown = [to_lab(f / 255).mean(axis=(0, 1)) for f in decoded(Path("out.mp4"))]
    goal = to_lab(np.asarray(Image.open(wanted)) / 255).mean(axis=(0, 1))
    parts = [np.mean(shown[i : i + 30], axis=0) for i in (0, 30, 60)]
    near = [float(np.linalg.norm(colour - goal)) for colour in parts]
    assert near[1] < 0.2 * min(near[0], near[2])
    # The plan knows it all now, and says what is copied.
    steps = [(s.state, s.reason) for s in pipeline.plan().steps if s.stage in ("stylize", "render")]
    assert [s[0] for s in steps] == ["cached", "pure", "copy", "cached", "copy"]
    assert steps[1][1] == "colour tables: 1, known: 1"
    manifest = json.loads(Path("out.manifest.json").read_text())
    segments = manifest["timeline"][0]["segments"]
    assert [len(s["effects"]) for s in segments] == [0, 1, 0]
    (entry,) = segments[1]["effects"]
    assert entry["method"] == "transport"
    assert entry["sha256"] == Cache().source_digest(wanted)
    assert [i["how"] for i in manifest["intervals"]] == ["copy", "encode", "copy"]
    # Another picture is another look, though it has the same name.
    write_picture(wanted, 1 - WANTED)
    states = [s.state for s in pipeline.plan().steps if s.stage == "render"]
    assert states == ["copy", "encode", "copy"]


def styled(path: Path, out: Path, **params: Any) -> list[np.ndarray]:
    (sc.open(path) | sc.stylize(**params)).render(out, codec="ffv1", pixel_format="yuv444p")
    return decoded(out)


def test_a_look_goes_with_other_effects_in_their_order(tmp_path: Path) -> None:
    film = write_scene(tmp_path / "a.mkv", [scene(n) for n in range(4)])
    steps, how = sc.open(film), {"codec": "ffv1", "pixel_format": "yuv444p"}
    look = sc.stylize(reference=write_picture(tmp_path / "look.png"))
    gray = sc.effects(use="moviepy.BlackAndWhite")
    (steps | look | gray).render(tmp_path / "gray.mkv", **how)
    (steps | gray | look).render(tmp_path / "tinted.mkv", **how)
    spread = [
        float(np.mean([np.ptp(f.astype(int), axis=-1).mean() for f in decoded(tmp_path / name)]))
        for name in ("gray.mkv", "tinted.mkv")
    ]
    assert spread[0] < 2
    assert spread[1] > 30


def test_frames_in_between_have_the_look_too(tmp_path: Path) -> None:
    film = write_scene(tmp_path / "film.mkv", [scene(n) for n in range(5)])
    look = sc.stylize(reference=write_picture(tmp_path / "look.png"))
    between = sc.interpolate(factor=2, engine="blend", guard=0)
    for name, steps in (("a", (look, between)), ("b", (between, look))):
        pipeline = sc.open(film)
        for step in steps:
            pipeline = pipeline | step
        pipeline.render(tmp_path / f"{name}.mkv", codec="ffv1", pixel_format="yuv444p")
    one, other = (decoded(tmp_path / f"{name}.mkv") for name in "ab")
    assert len(one) == len(other) == 10
    np.testing.assert_array_equal(np.stack(one), np.stack(other))
    means = [to_lab(f / 255).mean(axis=(0, 1)) for f in one]
    goal = to_lab(WANTED).mean(axis=0)
    far = np.linalg.norm(to_lab(scene() / 255).mean(axis=(0, 1)) - goal)
    assert max(np.linalg.norm(mean - goal) for mean in means) < 0.4 * far


def test_each_shot_may_have_a_table_of_its_own(tmp_path: Path, own_cache: Path) -> None:
    pictures = [np.roll(scene(n), n // 10, axis=-1) for n in range(20)]
    film = write_scene(tmp_path / "a.mkv", pictures)
    source = probe(film, cache=Cache(own_cache))
    shots = Shots(tuple(Shot(Range(F(i), F(i + 1)), 10 * i, 10 * i + 10) for i in range(2)))
    cut = opening((source,)).with_annotation(Annotation("shots", source.id, shots))
    context = LocalContext(Cache(own_cache))
    look = write_picture(tmp_path / "look.png")
    params: dict[str, Any] = {}
    for per in ("shot", "segment", "source"):
        made = StylizeStage(reference=look, per=per, method="linear").apply(cut, context)
        assert cut_from_json(cut_to_json(made)) == made
        params[per] = dict(made.segments[0].effects[0].params)
    assert params["shot"]["starts"] == ("0", "1")
    assert len(set(params["shot"]["tables"])) == 2
    assert params["segment"]["starts"] == params["source"]["starts"] == ("0",)
    assert params["segment"]["tables"] == params["source"]["tables"]  # the same pictures
    assert StylizeStage(reference=look, per="shot").needed() == (("shots",),)


def test_a_cube_file_is_a_look(tmp_path: Path) -> None:
    film = write_scene(tmp_path / "a.mkv", [scene(n) for n in range(3)])
    write_cube(tmp_path / "x.cube", identity()[::-1, ::-1, ::-1])
    shown = styled(film, tmp_path / "o.mkv", lut=tmp_path / "x.cube")
    for before, after in zip(decoded(film), shown, strict=True):
        assert np.abs(255 - before.astype(int) - after).max() <= 3


def test_a_reference_may_be_a_frame_of_a_video(tmp_path: Path) -> None:
    look = (WANTED[:1936].reshape(44, 44, 3) * 255).astype(np.uint8)
    video = write_scene(tmp_path / "v.mkv", [255 - look] * 5 + [look] * 5)
    film = write_scene(tmp_path / "a.mkv", [scene(n) for n in range(3)])
    shown = styled(film, tmp_path / "o.mkv", reference=video, at="0.7", method="linear")
    goal = to_lab(look / 255).mean(axis=(0, 1))
    assert np.linalg.norm(to_lab(shown[1] / 255).mean(axis=(0, 1)) - goal) < 0.04
    with pytest.raises(StageError, match=r"it lasts 1 s, and `at` is 5 s"):
        styled(film, tmp_path / "o.mkv", reference=video, at=5)


# --------------------------------------------------------------------------------------- network


def test_the_network_keeps_any_size_and_its_tensors_names(tmp_path: Path) -> None:
    painter = load_style(write_network(tmp_path / "w.safetensors"))
    for size in ((48, 64), (45, 63), (18, 17)):
        painted = painter.paint(np.random.default_rng(0).random((*size, 3)).astype(np.float32))
        assert painted.shape == (*size, 3)
        assert 0 <= painted.min() <= painted.max() <= 1
    state = style_network().state_dict()
    names = set(state)
    assert {"conv1.conv2d.weight", "res5.in2.bias", "deconv3.conv2d.bias", "in5.weight"} <= names
    assert sum(t.numel() for t in state.values()) == 1_679_235


def test_a_still_picture_stays_still(tmp_path: Path) -> None:
    weights = write_network(tmp_path / "w.safetensors")
    film = write_scene(tmp_path / "a.mkv", [scene()] * 6)
    shown = styled(film, tmp_path / "o.mkv", method="neural", weights=weights)
    assert len(shown) == 6
    for frame in shown[1:]:
        np.testing.assert_array_equal(frame, shown[0])
    assert np.abs(shown[0].astype(int) - decoded(film)[0]).mean() > 20
    manifest = json.loads((tmp_path / "o.manifest.json").read_text())
    (entry,) = manifest["timeline"][0]["segments"][0]["effects"]
    assert entry["sha256"] == Cache().source_digest(weights)


def flickering(rgb: np.ndarray) -> np.ndarray:
    """A painter whose colours jump from frame to frame, by what is in the picture."""
    shift = 0.2 * np.sin(1e6 * float(rgb.mean()))
    return np.clip(rgb + np.float32(shift), 0, 1)


def moving(number: int) -> np.ndarray:
    import cv2

    noise = np.random.default_rng(0).integers(40, 216, (12, 30, 3)).astype(np.uint8)
    wide = cv2.resize(noise, (300, 120), interpolation=cv2.INTER_CUBIC)
    return wide[:, 2 * number : 2 * number + 200]


def flicker(pictures: list[np.ndarray]) -> float:
    """Mean change of what stays in the picture, at its own place."""
    pairs = pairwise(pictures)
    return float(np.mean([np.abs(b[:, :-2].astype(int) - a[:, 2:]).mean() for a, b in pairs]))


def test_what_a_network_paints_is_steadied_along_the_motion() -> None:
    plain = [np.rint(255 * flickering(moving(n) / np.float32(255))) for n in range(12)]
    repainter = Repainter(flickering, moving)
    steady = [repainter.at(n) for n in range(12)]
    assert flicker(plain) > 10
    assert flicker(steady[4:]) < 0.5 * flicker(plain[4:])


def test_a_repainted_frame_is_the_same_wherever_one_enters() -> None:
    through = Repainter(flickering, moving)
    pictures = [through.at(n) for n in range(12)]
    for number in (9, 3, 11, 10):
        np.testing.assert_array_equal(Repainter(flickering, moving).at(number), pictures[number])
        np.testing.assert_array_equal(through.at(number), pictures[number])


def test_another_shot_leaves_nothing_behind() -> None:
    def cut(number: int) -> np.ndarray:
        return moving(number) if number < 6 else 255 - moving(number)

    repainter = Repainter(flickering, cut)
    for number in range(6):
        repainter.at(number)
    alone = np.rint(255 * flickering(cut(6) / np.float32(255)))
    np.testing.assert_array_equal(repainter.at(6), alone)


def test_half_the_strength_is_half_the_way() -> None:
    whole = Repainter(flickering, moving).at(0).astype(int)
    half = Repainter(flickering, moving, 0.5).at(0).astype(int)
    assert np.abs(half - (whole + moving(0)) / 2).max() <= 1


# ---------------------------------------------------------------------------------------- errors


def test_what_cannot_be_asked_for(tmp_path: Path) -> None:
    look, cube = write_picture(tmp_path / "look.png"), tmp_path / "x.cube"
    weights = write_network(tmp_path / "w.safetensors")
    write_cube(cube, identity(2))
    text = tmp_path / "look.txt"
    text.write_text("no picture")
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "give either `reference`, a picture, or `lut`"),
        ({"reference": look, "lut": cube}, "give either `reference`"),
        ({"reference": tmp_path / "gone.png"}, "there is no file"),
        ({"reference": text}, "is no image; for a frame of a video give `at` too"),
        ({"lut": cube, "at": 1}, "`at` says where in the `reference`"),
        ({"reference": look, "weights": weights}, "`weights` are for `method: neural`"),
        ({"reference": look, "method": "neural", "weights": weights}, "leave `reference` out"),
        ({"reference": look, "strength": 0}, "above 0"),
    ]
    for params, said in cases:
        with pytest.raises(PipelineError) as error:
            sc.stylize(**params)
        assert said in str(error.value)
    with pytest.raises(ModelError, match=r"has no weights, .* `weights: FILE.safetensors`"):
        sc.stylize(method="neural")
    with pytest.raises(PipelineError, match=r"(?s):4: .*is no image"):
        (tmp_path / "p.yaml").write_text(
            "inputs: [a.mp4]\noutput: b.mp4\nstages:\n  - stylize: {reference: look.txt}\n"
        )
        Pipeline.from_yaml(tmp_path / "p.yaml")


def test_references_and_weights_that_do_not_do(tmp_path: Path) -> None:
    film = write_scene(tmp_path / "a.mkv", [scene()])
    flat = write_picture(tmp_path / "flat.png", np.full((100, 3), 0.4))
    with pytest.raises(StageError, match="has one colour only"):
        styled(film, tmp_path / "o.mkv", reference=flat)
    half = tmp_path / "half.png"
    half.write_bytes(write_picture(tmp_path / "look.png").read_bytes()[:2000])
    with pytest.raises(StageError, match="begins as an image does, but cannot be read"):
        styled(film, tmp_path / "o.mkv", reference=half)
    for name, said in (("x.pth", "no .safetensors file"), ("x.safetensors", "cannot be loaded")):
        (tmp_path / name).write_bytes(b"nothing")
        with pytest.raises(ModelError, match=said):
            styled(film, tmp_path / "o.mkv", method="neural", weights=tmp_path / name)
    assert not (tmp_path / "o.mkv").exists()


def test_hdr_has_no_look_of_a_picture(tmp_path: Path, own_cache: Path) -> None:
    context = LocalContext(Cache(own_cache))
    source = probe(write_scene(tmp_path / "a.mkv", [scene()]), cache=context.cache)
    assert source.video is not None
    video = replace(source.video, colour=Colour("bt2020", "smpte2084", "bt2020nc", "limited"))
    cut = opening((replace(source, video=video),))
    look = write_picture(tmp_path / "look.png")
    with pytest.raises(StageError, match=r"a is HDR \(smpte2084\).* use a `lut`"):
        StylizeStage(reference=look).apply(cut, context)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    path = write_network(tmp_path / "w.safetensors")
    tensors = load_file(str(path))
    other = tmp_path / "other.safetensors"
    for change, said in (
        ({"conv1.conv2d.weight": None}, "there is no tensor conv1.conv2d.weight"),
        ({"in3.weight": None}, r"does not fit the style network .*in3.weight"),
        ({"more": torch.zeros(1)}, "more"),
        ({"in3.bias": torch.full((8,), float("nan"))}, "not finite"),
    ):
        changed = {k: v for k, v in {**tensors, **change}.items() if v is not None}
        save_file(changed, str(other))
        with pytest.raises(ModelError, match=said):
            load_style(other)


def test_a_network_takes_its_turn_among_other_effects(tmp_path: Path) -> None:
    weights = write_network(tmp_path / "w.safetensors")
    film = write_scene(tmp_path / "a.mkv", [scene(n) for n in range(3)])
    paint, flip = sc.stylize(method="neural", weights=weights), sc.effects(use="moviepy.MirrorX")
    how = {"codec": "ffv1", "pixel_format": "yuv444p"}
    (sc.open(film) | paint).render(tmp_path / "o.mkv", **how)
    (sc.open(film) | paint | flip).render(tmp_path / "f.mkv", **how)
    for one, other in zip(decoded(tmp_path / "o.mkv"), decoded(tmp_path / "f.mkv"), strict=True):
        assert np.abs(one[:, ::-1].astype(int) - other).max() <= 2
    mirrored = write_scene(tmp_path / "m.mkv", [scene(n)[:, ::-1] for n in range(3)])
    (sc.open(mirrored) | paint).render(tmp_path / "m-o.mkv", **how)
    (sc.open(film) | flip | paint).render(tmp_path / "g.mkv", **how)
    for one, other in zip(decoded(tmp_path / "m-o.mkv"), decoded(tmp_path / "g.mkv"), strict=True):
        assert np.abs(one.astype(int) - other).mean() < 2


def test_frames_are_not_changed_in_place(tmp_path: Path) -> None:
    write_cube(tmp_path / "x.cube", identity(2)[::-1])
    frame: VideoFrame = from_rgb(scene(), "yuv420p", BT709)
    before = [p.copy() for p in to_planes(frame)]
    LookUp(tmp_path / "x.cube", BT709)(frame, (0, 0, 32, 48))
    for one, other in zip(to_planes(frame), before, strict=True):
        np.testing.assert_array_equal(one, other)
