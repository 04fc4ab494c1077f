"""What every transition keeps, whoever wrote it: asked of all that are found."""

from __future__ import annotations

import warnings
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import smartcut as sc
from smartcut.algebra import opening
from smartcut.cut import Cut, Segment, Transition
from smartcut.errors import PipelineError, StageError
from smartcut.image import Image
from smartcut.interchange.files import by_path, read_cut, write_cut
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.moviepy_export import to_clip
from smartcut.interchange.otio import to_otio
from smartcut.interchange.otio_reading import from_otio
from smartcut.media.image import mixed, same, space_of
from smartcut.params import to_pairs
from smartcut.render.layout import Layer, Stretch
from smartcut.render.splicing.spans import LONGEST, divided
from smartcut.source import Colour, Source, VideoStream
from smartcut.stages.transitions import Transitions
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range
from smartcut.transition import JoinBench, find_transition, joining, transition_modules

KINDS = sorted(transition_modules())
COLOUR = Colour("bt709", "bt709", "bt709", "limited")
FORMATS = ("yuv420p", "yuv420p10le", "yuv444p", "yuv422p", "gbrp", "gbrp10le", "gray", "yuva420p")
SIZES = ((64, 48), (63, 47))
#: Parameters other than the defaults, all of them worth a look.
OTHERS: dict[str, list[dict[str, Any]]] = {
    "fade": [{"colour": "#ff8000"}],
    "wipe": [{"direction": d, "feather": f} for d in ("left", "up", "down") for f in (0, 0.3)],
    "slide": [{"direction": d} for d in ("right", "up", "down")],
    "push": [{"direction": d} for d in ("right", "up", "down")],
    "zoom": [{"scale": 5}],
}
CASES = [(kind, params) for kind in KINDS for params in ({}, *OTHERS.get(kind, []))]


def picture(pixel_format: str, size: tuple[int, int], seed: int) -> Image:
    """Smooth noise in every plane."""
    space, random, planes = space_of(pixel_format, COLOUR, size[1]), np.random.default_rng(seed), []
    for number in range(1 if pixel_format == "gray" else 3):
        across, down = space.down if number else (1, 1)
        shape = -(-size[1] // down), -(-size[0] // across)
        small = random.uniform(0.15, 0.85, (5, 6)).astype(np.float32)
        plane = cv2.resize(small, shape[::-1]) * ((1 << space.depth) - 1)
        planes.append(plane.astype(np.uint16 if space.depth > 8 else np.uint8))
    alpha = planes[0] // 2 + 64 if pixel_format.startswith("yuva") else None
    return Image(tuple(planes), space, alpha)


def bench(image: Image) -> JoinBench:
    """One whose engine mixes."""
    return JoinBench(image.size, image.space, COLOUR, lambda _, a, b, share: mixed(a, b, share))


def pair(pixel_format: str, size: tuple[int, int]) -> tuple[Image, Image]:
    return picture(pixel_format, size, 1), picture(pixel_format, size, 2)


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize(("kind", "params"), CASES)
def test_it_leads_from_one_picture_to_the_other(
    kind: str, params: dict[str, Any], pixel_format: str
) -> None:
    for size in SIZES:
        one, other = pair(pixel_format, size)
        join = find_transition(kind).model_validate(params).open(bench(one))
        for share, end in ((1e-5, one), (1 - 1e-5, other)):
            shown = join(one, other, share)
            planes = [*zip(shown.planes, end.planes, strict=True)]
            if end.alpha is not None:
                assert shown.alpha is not None
                planes.append((shown.alpha, end.alpha))
            for plane, wanted in planes:
                assert (plane.shape, plane.dtype) == (wanted.shape, wanted.dtype)
                assert np.abs(plane.astype(int) - wanted).max() <= 1
        half = join(one, other, 0.4)
        assert half.size == size
        assert not same(half, one)
        assert not same(half, other)
        assert same(half, join(one, other, 0.4))


@pytest.mark.parametrize(("kind", "params"), CASES)
def test_a_picture_is_the_same_wherever_a_span_begins(kind: str, params: dict[str, Any]) -> None:
    count = LONGEST + 50
    pts = np.arange(count, dtype=np.int64)
    shares = (pts + 1) / (count + 1)
    layers = (Layer(0, pts), Layer(1, pts))
    whole = Stretch(pts, count, layers, Transition(kind, F(1)), shares)
    parts = list(divided(whole, LONGEST))
    assert len(parts) == 2
    np.testing.assert_array_equal(np.concatenate([p.shares for p in parts]), shares)  # type: ignore[misc]
    pictures = [pair("yuv420p", (32, 24)), pair("yuv420p", (32, 24))[::-1]]
    made = find_transition(kind).model_validate(params)
    join = made.open(bench(pictures[0][0]))
    shown = [join(*pictures[i % 2], share) for i, share in enumerate(shares)]
    for part in parts:
        join = made.open(bench(pictures[0][0]))
        assert part.shares is not None
        for number, share in zip(part.pts.tolist(), part.shares.tolist(), strict=True):
            assert same(join(*pictures[number % 2], share), shown[number])


def film(path: Path) -> Source:
    from smartcut.media.probe import probe

    write_bar_coded(path, frames=50, rate=F(25))
    return probe(path)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Cut:
    """Two halves of a film."""
    cut = opening((film(tmp_path_factory.mktemp("film") / "a.mp4"),))
    (whole,) = cut.segments
    parts = (Range(F(0), F(1)), Range(F(1), F(2)))
    return cut.with_segments(tuple(replace(whole, range=part) for part in parts))


@pytest.mark.parametrize(("kind", "params"), CASES)
def test_it_goes_through_json_and_otio(kind: str, params: dict[str, Any], two: Cut) -> None:
    made = find_transition(kind).model_validate(params)
    transition = Transition(kind, F(8, 25), to_pairs(made))
    assert joining(transition) == made
    one, other = two.segments
    cut = two.with_segments((one, replace(other, transition=transition)))
    assert cut_from_json(cut_to_json(cut)) == cut
    assert from_otio(to_otio(cut)).segments[1].transition == transition


@pytest.mark.parametrize("suffix", ["edl", "fcpxml"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_list_keeps_the_name_and_says_what_it_loses(
    kind: str, suffix: str, two: Cut, tmp_path: Path
) -> None:
    params = next(iter(OTHERS.get(kind, [])), {})
    transition = Transition(kind, F(8, 25), tuple(params.items()))
    one, other = two.segments
    other = replace(other, range=Range(F(32, 25), F(2)), transition=transition)
    cut, path = two.with_segments((one, other)), tmp_path / f"a.{suffix}"
    notes = write_cut(cut, path)
    assert [kind in n for n in notes if "by name" in n] == [True] * (kind != "dissolve")
    assert all(any(name in n for n in notes) for name in params)
    found = read_cut(path, by_path(two.sources)).segments[1].transition
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    ("transition", "lost"),
    [
        (Transition("dissolve", F(1, 5)), None),
        (Transition("fade", F(1, 5)), None),
        (Transition("fade", F(1, 5), (("colour", "#ff0000"),)), "fade"),
        (Transition("wipe", F(1, 5)), "wipe"),
        (Transition("morph", F(1, 5)), "morph"),
    ],
)
def test_moviepy_dissolves_what_it_cannot_say(
    transition: Transition, lost: str | None, two: Cut
) -> None:
    pytest.importorskip("moviepy")
    one, other = two.segments
    cut = two.with_segments((one, replace(other, transition=transition)))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        to_clip(cut).close()
    said = [str(w.message) for w in caught if w.category is UserWarning]
    wanted = [] if lost is None else [f"without transitions: {lost} (they dissolve)"]
    assert [s.removeprefix("the MoviePy clip is ") for s in said] == wanted


# ------------------------------------------------------------------------------- exact positions


def columns(image: Image) -> tuple[np.ndarray, np.ndarray]:
    """A row of luma and one of chroma."""
    return image.planes[0][0], image.planes[1][0]


def ramp(first: int, width: int = 64) -> Image:
    """A picture whose columns count from ``first``, in luma and in chroma."""
    space = space_of("yuv420p", COLOUR, 48)
    line = np.arange(first, first + width, dtype=np.uint8)
    luma, chroma = np.tile(line, (48, 1)), np.tile(line[: width // 2], (24, 1))
    return Image((luma, chroma, chroma), space)


def turned(image: Image) -> Image:
    """Rows for columns."""
    return Image(tuple(np.ascontiguousarray(p.T) for p in image.planes), image.space)


# With a share of 1/4, 16 of 64 columns are the incoming picture's; the other counts from 0.
POSITIONS = [
    ("wipe", "right", [*range(100, 116), *range(16, 64)]),
    ("wipe", "left", [*range(48), *range(148, 164)]),
    ("slide", "left", [*range(48), *range(100, 116)]),
    ("slide", "right", [*range(148, 164), *range(16, 64)]),
    ("push", "left", [*range(16, 64), *range(100, 116)]),
    ("push", "right", [*range(148, 164), *range(48)]),
]


@pytest.mark.parametrize(("kind", "direction", "wanted"), POSITIONS)
def test_pictures_are_where_their_share_says(kind: str, direction: str, wanted: list[int]) -> None:
    one, other = ramp(0), ramp(100)
    join = find_transition(kind).model_validate({"direction": direction}).open(bench(one))
    luma, _ = columns(join(one, other, 0.25))
    assert luma.tolist() == wanted
    down = {"left": "up", "right": "down"}[direction]
    one, other = turned(one), turned(other)
    join = find_transition(kind).model_validate({"direction": down}).open(bench(one))
    assert join(one, other, 0.25).planes[0][:, 0].tolist() == wanted


def test_chroma_goes_with_the_picture() -> None:
    one, other = ramp(0), ramp(100)
    join = find_transition("push").model_validate({"direction": "left"}).open(bench(one))
    _, chroma = columns(join(one, other, 0.25))
    assert chroma.tolist() == [*range(8, 32), *range(100, 108)]


def test_a_soft_edge_is_as_broad_as_it_says() -> None:
    one, other = ramp(0), ramp(100)
    join = find_transition("wipe").model_validate({"feather": 0.5}).open(bench(one))
    luma = columns(join(one, other, 0.5))[0].astype(int) - np.arange(64)
    assert (luma[:16] == 100).all()  # the edge has gone 3/4 of the way, its breadth is a half
    assert (luma[48:] == 0).all()
    assert (np.diff(luma) <= 0).all()
    assert luma[32] == pytest.approx(50, abs=3)


@pytest.mark.parametrize("name", ["yuv420p", "gbrp"])
def test_a_fade_goes_through_its_colour(name: str) -> None:
    one, other = pair(name, (64, 48))
    join = find_transition("fade").model_validate({"colour": "#ff0000"}).open(bench(one))
    found = [int(np.median(p)) for p in join(one, other, 0.5).planes]
    wanted = {"yuv420p": [63, 102, 240], "gbrp": [255, 0, 0]}[name]
    assert np.abs(np.subtract(found, wanted)).max() <= 1


# -------------------------------------------------------------------------------------- the stage


def parts(count: int) -> Cut:
    video = VideoStream(
        index=0, codec="h264", timebase=F(1, 25), width=64, height=48, pixel_format="yuv420p",
        rate=F(25), is_vfr=False, start=F(0), duration=F(40), frames=1000,
    )  # fmt: skip
    source = Source("a", Path("a.mp4"), "", "mp4", F(0), F(40), video)
    segments = tuple(Segment("a", Range(F(3 * i), F(3 * i + 3))) for i in range(count))
    return opening((source,)).with_segments(segments)


def put(cut: Cut, **params: Any) -> list[str | None]:
    changed = Transitions.model_validate(params).apply(cut, None)  # type: ignore[arg-type]
    return [s.transition.kind if s.transition else None for s in changed.segments]


def test_joins_are_chosen_by_number() -> None:
    assert put(parts(4), kind="wipe") == [None, "wipe", "wipe", "wipe"]
    assert put(parts(4), kind="wipe", at=[1, 3]) == [None, "wipe", None, "wipe"]
    assert put(parts(4), kind="push", at=2) == [None, None, "push", None]
    wiped = Transitions.model_validate({"kind": "wipe"}).apply(parts(4), None)  # type: ignore[arg-type]
    assert put(wiped, kind="zoom", at=2) == [None, "wipe", "zoom", "wipe"]
    assert put(wiped, kind="none", at=[2]) == [None, "wipe", None, "wipe"]
    for number in (0, 4):
        with pytest.raises(StageError, match=f"no join {number} in a cut of 4 segments.*1..3"):
            put(parts(4), at=[number])
    with pytest.raises(StageError, match="no join 1 in a cut of 1 segment; it has no join"):
        put(parts(1), at=[1])


def test_parameters_are_kept_as_given() -> None:
    stage = Transitions.model_validate({"kind": "wipe", "direction": "up", "feather": 0.1})
    _, other = stage.apply(parts(2), None).segments  # type: ignore[arg-type]
    given = (("direction", "up"), ("feather", 0.1))
    assert other.transition == Transition("wipe", F(1, 2), given)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{kind: wype}", "line 2|2: .*unknown transition 'wype'; did you mean 'wipe'"),
        ("{kind: wipe, directoin: up}", "did you mean 'direction'"),
        ("{kind: wipe, direction: upp}", "direction: 'upp' is not .*left . right . up . down"),
        ("{kind: wipe, engine: flow}", "`engine` goes with `kind: morph`; wipe takes direction"),
        ("{kind: none, feather: 0.2}", "`kind: none` takes no parameters; given: feather"),
        ("{kind: fade, colour: red}", "colour"),
        ("{kind: morph, guard: 0.2}", "unknown key 'guard'"),
    ],
)
def test_a_pipeline_is_refused_before_it_runs(text: str, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        sc.Pipeline.from_text(f"stages:\n- transitions: {text}\n- render")


@pytest.mark.parametrize(
    ("transition", "message"),
    [
        (Transition("wype", F(1, 5)), "unknown transition 'wype'; did you mean 'wipe'"),
        (Transition("wipe", F(1, 5), (("directoin", "up"),)), "did you mean 'direction'"),
        (Transition("dissolve", F(1, 5), (("a", 1),)), "'dissolve': it takes no parameters"),
    ],
)
def test_a_cut_is_refused_while_it_is_planned(
    transition: Transition, message: str, two: Cut, tmp_path: Path
) -> None:
    one, other = two.segments
    cut = two.with_segments((one, replace(other, transition=transition)))
    (tmp_path / "a.cut.json").write_text(cut_to_json(cut))
    with pytest.raises(PipelineError, match=message):
        sc.open(tmp_path / "a.cut.json").render(tmp_path / "out.mp4")
