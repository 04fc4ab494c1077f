"""Pictures above the programme: where, when and how they lie over it, to the pixel and frame."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import smartcut as sc
from smartcut.algebra import resolved
from smartcut.cache import Cache
from smartcut.context import LocalContext
from smartcut.cut import Anchor, Cut, Segment, Track
from smartcut.errors import PipelineError, StageError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.otio import to_otio
from smartcut.interchange.otio_reading import from_otio
from smartcut.source import Source, VideoStream
from smartcut.stage import Stage
from smartcut.stages.freeze import Freeze
from smartcut.stages.loop import Loop
from smartcut.stages.reverse import Reverse
from smartcut.stages.speed import Speed
from smartcut.stages.split import Split
from smartcut.stages.trim import Trim
from smartcut.testing import read_bar_codes, write_bar_coded
from smartcut.timebase import Range

RATE = F(25)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    write_bar_coded(path, frames=100, rate=RATE, size=(160, 96), gop=25)
    return path


def square(path: Path, colour: tuple[int, ...], size: tuple[int, int] = (20, 10)) -> Path:
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(path)
    return path


def lossless(pixel_format: str) -> dict[str, Any]:
    return {"codec": "ffv1", "pixel_format": pixel_format}


def planes(path: Path, number: int) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        frame = next(f for i, f in enumerate(container.decode(video=0)) if i == number)
        rgb = frame.reformat(format="rgb48le", dst_color_range="JPEG").to_ndarray()
        return [rgb[..., i] >> 8 for i in range(3)]


def coverage(first: float, last: float, count: int) -> np.ndarray:
    """How much of each pixel lies between two places."""
    pixels = np.arange(count)
    return np.clip(np.minimum(last, pixels + 1) - np.maximum(first, pixels), 0, 1)


@pytest.mark.parametrize("pixel_format", ["yuv444p", "yuv444p10le"])
@pytest.mark.parametrize(("x", "y", "width"), [(0.5, 0.5, 0.25), (0.253, 0.4, 0.125), (1, 1, 0.25)])
def test_a_square_lies_where_it_is_put_to_the_pixel(
    film: Path, tmp_path: Path, pixel_format: str, x: float, y: float, width: float
) -> None:
    """At even, odd and outlying places."""
    logo = square(tmp_path / "red.png", (255, 0, 0))
    how = lossless(pixel_format)
    plain, out = tmp_path / "plain.mkv", tmp_path / "out.mkv"
    (sc.open(film) | sc.trim(ranges=["0-0.2"])).render(plain, **how)
    (
        sc.open(film)
        | sc.trim(ranges=["0-0.2"])
        | sc.overlay(file=logo, position=(x, y), width=width)
    ).render(out, **how)
    shown = np.array(planes(out, 2)).astype(int)
    before = np.array(planes(plain, 2)).astype(int)
    w, h = 160 * width, 80 * width
    left, top = x * 160 - w / 2, y * 96 - h / 2
    share = np.outer(coverage(top, top + h, 96), coverage(left, left + w, 160))
    inside, outside = share == 1, share == 0
    assert inside.any()
    red = np.array([255, 0, 0])[:, None]
    assert np.abs(shown[:, inside] - red).max() <= 3
    assert np.abs(shown[:, outside] - before[:, outside]).max() <= 1


def test_alpha_and_opacity_mix(film: Path, tmp_path: Path) -> None:
    half = square(tmp_path / "half.png", (0, 0, 255, 128), (160, 96))
    plain, out = tmp_path / "plain.mkv", tmp_path / "out.mkv"
    base = sc.open(film) | sc.trim(ranges=["0-0.2"])
    base.render(plain, **lossless("yuv444p"))
    layer = sc.overlay(file=half, position="centre", margin=0, opacity=0.5)
    (base | layer).render(out, **lossless("yuv444p"))
    share = 128 / 255 / 2
    blue = np.array([0, 0, 255])[:, None, None]
    wanted = np.array(planes(plain, 1)) * (1 - share) + blue * share
    assert np.abs(np.array(planes(out, 1)) - wanted).max() <= 4


def test_only_covered_frames_are_encoded_and_told(film: Path, tmp_path: Path) -> None:
    logo = square(tmp_path / "red.png", (255, 0, 0))
    out = tmp_path / "out.mp4"
    pipeline = sc.open(film) | sc.overlay(file=logo, width=0.1, at=1, duration=0.4)
    pipeline.render(out)
    rows = json.loads(out.with_name("out.manifest.json").read_text())["intervals"]
    encoded = [(r["start"], r["end"]) for r in rows if "laid over" in r["reason"]]
    assert encoded == [(1.0, 1.4)]
    assert [r["how"] for r in rows] == ["copy", "encode", "encode", "copy"]
    corners = [[int(p[6, 150]) for p in planes(out, n)[:2]] for n in (24, 25, 34, 35)]
    assert [red > 200 and green < 60 for red, green in corners] == [False, True, True, False]
    numbers, _ = read_bar_codes(out)
    assert [n for i, n in enumerate(numbers) if not 25 <= i < 35] == [
        *range(25), *range(35, 100)
    ]  # fmt: skip


def test_a_video_above_plays_in_its_own_time_with_its_sound(film: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.mp4"
    write_bar_coded(small, frames=50, rate=RATE, size=(160, 96))
    out = tmp_path / "out.mkv"
    layer = sc.overlay(file=small, position="centre", margin=0, at=1, start=0.4, duration=1)
    result = (sc.open(film) | layer).render(out, **lossless("yuv420p"))
    numbers, _ = read_bar_codes(out)
    assert numbers == [*range(25), *range(10, 35), *range(50, 100)]
    assert [(t.kind, t.role) for t in result.cut.tracks] == [
        ("picture", "programme"), ("picture", "overlay"), ("sound", "overlay")
    ]  # fmt: skip


def test_it_fades_and_moves(film: Path, tmp_path: Path) -> None:
    white = square(tmp_path / "white.png", (255, 255, 255), (16, 16))
    out = tmp_path / "out.mkv"
    path = [[{"0s": 0.1, "2s": 0.9}, 0.5]][0]
    layer = sc.overlay(file=white, position=path, width=0.1, at=0, duration=2, fade=0.4)
    (sc.open(film) | layer).render(out, **lossless("yuv444p"))
    for number in (15, 25, 40):
        middle = round((0.1 + 0.8 * number / 50) * 160)
        assert planes(out, number)[0][48, middle] >= 250
    first = planes(out, 5)
    assert 100 < int(first[0][48, round((0.1 + 0.08) * 160)]) < 250


def test_mistakes_are_told(film: Path, tmp_path: Path) -> None:
    logo = square(tmp_path / "red.png", (255, 0, 0))
    with pytest.raises(StageError, match=r"begins at 9 s, but the cut lasts 4\.000 s"):
        (sc.open(film) | sc.overlay(file=logo, at=9)).cut()
    with pytest.raises(StageError, match="no source 'nobody'; sources: film"):
        (sc.open(film) | sc.overlay(file=logo, at=1, of="nobody")).cut()
    with pytest.raises(PipelineError, match="position"):
        sc.Pipeline.from_text(f"stages: [{{overlay: {{file: {logo}, position: upstairs}}}}]")


# ------------------------------------------------------------------------------------ connections


def source(name: str, seconds: int = 20) -> Source:
    video = VideoStream(
        index=0, codec="h264", timebase=F(1, 25), width=160, height=96, pixel_format="yuv420p",
        rate=RATE, is_vfr=False, start=F(0), duration=F(seconds), frames=25 * seconds,
    )  # fmt: skip
    return Source(name, Path(f"{name}.mp4"), "", "mp4", F(0), F(seconds), video)


times = st.integers(0, 200).map(lambda n: F(n, 10))
speeds = st.sampled_from([F(1, 2), F(1), F(2)])
ranges = st.tuples(times, times).filter(lambda p: p[0] != p[1]).map(sorted).map(lambda p: Range(*p))
segments = st.lists(
    st.builds(lambda s, r, v: Segment(s, r, v), st.sampled_from("ab"), ranges, speeds), max_size=6
)


@given(segments=segments, time=times, lasts=st.integers(1, 60).map(lambda n: F(n, 10)))
def test_a_connected_segment_stays_on_its_source_time(
    segments: list[Segment], time: F, lasts: F
) -> None:
    """However the programme is trimmed, reordered, repeated or slowed."""
    layer = Segment("logo", Range(F(0), lasts), at=Anchor("a", time))
    tracks = (Track("programme", tuple(segments)), Track("overlay", (layer,)))
    cut = Cut((source("a"), source("b"), source("logo")), tracks)
    (track,) = resolved(cut).overlays
    placed = list(cut.programme.placed())
    shows_it = any(
        s.source == "a" and s.range.start < time + lasts and time < s.range.end for s, _ in placed
    )
    assert bool(track.segments) == shows_it
    for one, place in track.placed():
        under, span = next((s, p) for s, p in placed if p.contains(place.start))
        assert under.source == "a"
        shown = under.range.start + (place.start - span.start) * under.speed
        assert one.range.start == shown - time >= 0
        assert place.end <= cut.duration
        assert one.range.end <= lasts
    for (_, before), (_, after) in pairwise(track.placed()):
        assert before.end <= after.start


@st.composite
def edits(draw: st.DrawFn) -> list[Stage]:
    """Stages that divide, choose, reorder, turn round, hold and retime."""
    pair = st.tuples(times, times).filter(lambda p: p[1] - p[0] >= F(1, 2) and p[0] < 20)
    trims = st.lists(pair, min_size=1, max_size=3).map(
        lambda pairs: Trim(ranges=tuple(f"{float(a)}-{min(float(b), 20.0)}" for a, b in pairs))
    )
    keys = st.sampled_from([2, F(1, 2), {"2s": 1, "8s": 0.25}, {"0s": 3, "12s": 0.5}])
    stages = st.one_of(
        trims,
        keys.map(lambda factor: Speed.model_validate({"factor": factor})),
        st.builds(lambda n: Split.model_validate({"by": "length", "length": n}), st.integers(2, 9)),
        st.just(Reverse.model_validate({})),
        st.just(Reverse.model_validate({"on": "first"})),
        st.just(Loop.model_validate({"times": 2})),
        times.map(lambda t: Freeze.model_validate({"at": t, "duration": 1})),
    )
    return draw(st.lists(stages, min_size=1, max_size=4))


@settings(max_examples=60)
@given(
    stages=edits(),
    time=times.filter(lambda t: t < 18),
    lasts=st.integers(1, 60).map(lambda n: F(n, 10)),
)
def test_it_stays_there_whatever_stages_do(stages: list[Stage], time: F, lasts: F) -> None:
    layer = Segment("logo", Range(F(0), lasts), at=Anchor("a", time))
    tracks = (Track("programme", (Segment("a", Range(F(0), F(20))),)), Track("overlay", (layer,)))
    cut, context = Cut((source("a"), source("logo")), tracks), LocalContext(Cache())
    for stage in stages:
        with suppress(StageError):  # one that finds nothing to do
            cut = stage.apply(cut, context)
    assert cut.overlays == (Track("overlay", (layer,)),)
    (track,) = resolved(cut).overlays
    placed = list(cut.programme.placed())
    covered = Range(time, time + lasts)
    assert bool(track.segments) == any(
        s.range.overlaps(covered) or (not s.range.duration and covered.contains(s.range.start))
        for s, _ in placed
    )
    for one, place in track.placed():
        shown = [
            s.source_at(place.start - span.start)
            for s, span in placed
            if span.start <= place.start <= span.end
        ]
        assert one.source_at(F(0)) + time in shown
        assert 0 <= one.range.start < one.range.end <= lasts
        assert place.end <= cut.duration
    for (_, before), (_, after) in pairwise(track.placed()):
        assert before.end <= after.start


def test_it_begins_with_the_picture_that_is_held_and_goes_on_after_it() -> None:
    layer = Segment("logo", Range(F(0), F(5)), at=Anchor("a", F(3)))
    tracks = (Track("programme", (Segment("a", Range(F(0), F(10))),)), Track("overlay", (layer,)))
    cut = Cut((source("a"), source("logo")), tracks)
    for at, begins, lasts in ((F(3), 3, 5), (F(4), 3, 5), (F(9), 3, 5), (F(1), 5, 5)):
        held = Freeze.model_validate({"at": at, "duration": 2}).apply(cut, None)  # type: ignore[arg-type]
        assert [(p.start, p.duration) for _, p in resolved(held).overlays[0].placed()] == [
            (begins, lasts)
        ]


def test_over_what_plays_backwards_it_does_too() -> None:
    """It lies over the same pictures, and goes where they begin."""
    layer = Segment("logo", Range(F(0), F(3)), at=Anchor("a", F(4)))
    tracks = (Track("programme", (Segment("a", Range(F(0), F(10))),)), Track("overlay", (layer,)))
    cut = Cut((source("a"), source("logo")), tracks)
    for stages in ((Reverse(),), (Split.model_validate({"by": "length", "length": 5}), Reverse())):
        turned = cut
        for stage in stages:
            turned = stage.apply(turned, LocalContext(Cache()))
        ((one, place),) = resolved(turned).overlays[0].placed()
        assert (place, one.pace) == (Range(F(3), F(6)), "reversed")
        assert [one.source_at(F(t)) for t in (0, 3)] == [3, 0]


def test_connections_go_through_json_and_come_to_otio_as_places() -> None:
    layer = Segment("logo", Range(F(0), F(2)), at=Anchor("a", F(3)))
    whole = Segment("logo", Range(F(0), F(1)), at="throughout")
    late = Segment("logo", Range(F(0), F(1)), at=F(5, 2))
    programme = Track("programme", (Segment("a", Range(F(2), F(8))),))
    tracks = tuple(Track("overlay", (s,)) for s in (layer, whole, late))
    cut = Cut((source("a"), source("logo")), (programme, *tracks))
    assert cut_from_json(cut_to_json(cut)) == cut
    read = from_otio(to_otio(cut, folder=Path("/m")), folder=Path("/m"))
    assert [t.role for t in read.tracks] == ["programme", "overlay", "overlay", "overlay"]
    assert [p for t in resolved(read).overlays for s, p in t.placed() if s.source] == [
        Range(F(1), F(3)), Range(F(0), F(6)), Range(F(5, 2), F(7, 2))
    ]  # fmt: skip


def test_it_lasts_as_long_as_the_film_wherever_it_is_cut() -> None:
    layer = Segment("logo", Range(F(0), F(1)), at="throughout")
    programme = Track("programme", (Segment("a", Range(F(0), F(10))),))
    cut = Cut((source("a"), source("logo")), (programme, Track("overlay", (layer,))))
    shorter = cut.with_segments((replace(programme.segments[0], range=Range(F(0), F(4))),))
    for one in (cut, shorter):
        assert [p for _, p in resolved(one).overlays[0].placed()] == [Range(F(0), one.duration)]


def green_screen(path: Path, frames: int = 20) -> Path:
    """Green, with a red square that stands in the middle."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv444p"
        picture = np.full((96, 160, 3), (0, 200, 40), np.uint8)
        picture[32:64, 64:96] = (220, 30, 30)
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("track", ["overlay", 1])
def test_a_keyed_overlay_shows_what_is_below_it(film: Path, tmp_path: Path, track: Any) -> None:
    screen = green_screen(tmp_path / "screen.mkv")
    plain, out = tmp_path / "plain.mkv", tmp_path / "out.mkv"
    base = sc.open(film) | sc.trim(ranges=["0-0.4"])
    base.render(plain, **lossless("yuv444p"))
    laid = sc.overlay(file=screen, position="centre", margin=0, at=0)
    (base | laid | sc.chroma_key(colour="#00c828", track=track)).render(out, **lossless("yuv444p"))
    for number in (0, 7):
        shown, below = np.array(planes(out, number)), np.array(planes(plain, number))
        square = np.zeros((96, 160), bool)
        square[32:64, 64:96] = True
        assert np.abs(shown[:, square].T.astype(int) - (220, 30, 30)).max() <= 6
        np.testing.assert_array_equal(shown[:, ~square], below[:, ~square])


def test_an_effect_on_an_overlay_comes_before_it_is_placed(film: Path, tmp_path: Path) -> None:
    """The picture is cropped, and what is left of it is as wide as was asked for."""
    screen = green_screen(tmp_path / "screen.mkv")
    out = tmp_path / "out.mkv"
    cropped = sc.crop(left=0.4, right=0.4, top="32px", bottom="32px", track="overlay")
    laid = sc.overlay(file=screen, position="top-left", margin=0, width=0.5, at=0)
    cut = sc.open(film) | sc.trim(ranges=["0-0.2"]) | laid | cropped
    assert [e.name for e in cut.cut().overlays[0].segments[0].effects] == ["crop", "place"]
    cut.render(out, **lossless("yuv444p"))
    red, green, _ = planes(out, 2)
    assert (red[4:76, 4:76] > 200).all()
    assert (green[4:76, 4:76] < 50).all()


def test_what_a_turned_and_softened_overlay_uncovers_is_clear(film: Path, tmp_path: Path) -> None:
    screen = green_screen(tmp_path / "screen.mkv")
    plain, out = tmp_path / "plain.mkv", tmp_path / "out.mkv"
    base = sc.open(film) | sc.trim(ranges=["0-0.2"])
    base.render(plain, **lossless("yuv444p"))
    laid = sc.overlay(file=screen, position="centre", margin=0, at=0)
    turned = base | laid | sc.rotate(degrees=45, track="overlay") | sc.blur(track="overlay")
    turned.render(out, **lossless("yuv444p"))
    corners = np.s_[:, :6, :6]
    shown, below = np.array(planes(out, 2)), np.array(planes(plain, 2))
    np.testing.assert_array_equal(shown[corners], below[corners])
    assert shown[0, 48, 80] > 200


def test_a_track_that_is_not_there_is_refused_with_those_that_are(film: Path) -> None:
    for track, count in (("overlay", "1 picture track,"), (3, "1 picture track,")):
        with pytest.raises(StageError, match=f"no track {track!r}; the cut has {count}"):
            (sc.open(film) | sc.blur(track=track)).cut()
