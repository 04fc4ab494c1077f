"""Fades from and to black, slow zooms, held frames, titles and captions, found in a film."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from threading import Event
from time import process_time

import numpy as np
import pytest

import smartcut as sc
from benchmarks.conform_material import Filmed
from smartcut.api.events import EventProgress
from smartcut.conforming.covering import region_of
from smartcut.conforming.fading import ramp_of
from smartcut.conforming.moving import even_move
from smartcut.conforming.result import Conformed
from smartcut.curve import Curve, Key
from smartcut.cut import Effect, Segment
from smartcut.report.conforming import conform_text
from smartcut.timebase import Range
from smartcut.warp import Warp
from tests.builders.conformed import film, shown, sources

ZOOM = 1.4


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Conformed:
    """Of each kind a segment."""
    folder = tmp_path_factory.mktemp("kinds")
    files = sources(folder / "rushes", 2, Filmed(10, 41, (256, 144)))
    title = _title(folder / "title.mp4")
    held = Warp(((F(0), F(6)), (F(1), F(6))))
    segments = [
        _faded(shown("s0", 20, 75), 20, 0),
        replace(shown("s1", 30, 100), effects=(_zoomed(F(4)),)),
        Segment("s0", held.seen, warp=held),
        shown("title", 0, 40),
        _faded(shown("s1", 150, 60), 0, 15),
        Segment(None, Range(F(0), F(16, 25))),
        _faded(shown("s0", 100, 75), 12, 0),
        _faded(shown("s1", 140, 100), 0, 25),
    ]
    path = folder / "film.mp4"
    film(path, [*files, title], segments, crf=20)
    return sc.conform(path, files)


def _faded(segment: Segment, frames_in: int, frames_out: int) -> Segment:
    lasts = (("in", frames_in / 25), ("out", frames_out / 25))
    return replace(segment, effects=(Effect("fade", lasts),))


def _zoomed(lasts: F) -> Effect:
    scale = Curve((Key(F(0), 1.0), Key(lasts, ZOOM)), "segment")
    return Effect("zoom", (("scale", scale), ("x", 0.3), ("y", 0.6)))


def _title(path: Path) -> Path:
    import av
    import cv2

    picture = np.full((144, 256, 3), 24, np.uint8)
    cv2.putText(picture, "CHAPTER ONE", (40, 80), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (240,) * 3, 2)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "16"})
        stream.width, stream.height, stream.pix_fmt = 256, 144, "yuv420p"
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        for number in range(50):
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.slow
def test_each_kind_is_found_where_it_lies(found: Conformed) -> None:
    told = [(p.first, p.last, p.source or p.kind) for p in found.parts]
    assert told == [
        (0, 75, "s0"),
        (75, 175, "s1"),
        (175, 200, "s0"),
        (200, 240, "title"),
        (240, 300, "s1"),
        (300, 316, "colour"),
        (316, 391, "s0"),
        (391, 491, "s1"),
    ], conform_text(found)
    fades = [(p.fade_in, p.fade_out) for p in found.parts if p.source]
    wanted = [(20, 0), (0, 0), (0, 0), (0, 15), (12, 0), (0, 25)]
    np.testing.assert_allclose(fades, wanted, atol=2)
    assert [p.source and p.speed for p in found.parts] == [1, 1, 0, None, 1, None, 1, 1]
    text = conform_text(found)
    assert "comes in from black over 20 frames" in text
    assert "held" in text
    assert "unknown: a title" in text


@pytest.mark.slow
def test_a_slow_zoom_has_both_its_windows_and_is_rendered_so(
    found: Conformed, tmp_path: Path
) -> None:
    zoomed = found.parts[1]
    last = 1 + (ZOOM - 1) * 99 / 100
    wanted = [0.3 * (1 - 1 / last), 0.6 * (1 - 1 / last), 1 / last, 1 / last]
    w = zoomed.end
    assert w is not None
    np.testing.assert_allclose([w.left, w.top, w.width, w.height], wanted, atol=0.01)
    assert [p.end is not None for p in found.parts].count(True) == 1
    assert "zoomed from 100." in conform_text(found)
    found.cut.render(tmp_path / "again.mp4", mode="encode", crf=16, preset="ultrafast")
    values = _psnr(found.film.path, tmp_path / "again.mp4")
    assert np.median(values) > 35
    assert np.median(values[80:170]) > 30  # windows of a zoom are as exact as small pictures are


@pytest.mark.slow
def test_no_second_passes_without_a_place_to_end_at(found: Conformed) -> None:
    told = [process_time()]
    progress = EventProgress(lambda _: told.append(process_time()), Event())
    rushes = [source.path for source in found.sources]
    sc.conform(found.film.path, rushes, cache=False, progress=progress)
    assert max(np.diff(told)) < 1


def _psnr(one: Path, other: Path) -> np.ndarray:
    """float64 (frames,) in dB."""
    import av

    with av.open(str(one)) as a, av.open(str(other)) as b:
        apart = [
            ((x.to_ndarray(format="gray") - y.to_ndarray(format="gray").astype(float)) ** 2).mean()
            for x, y in zip(a.decode(video=0), b.decode(video=0), strict=True)
        ]
    return np.asarray(10 * np.log10(255**2 / np.maximum(apart, 1e-3)))


# ------------------------------------------------------------------------------- from numbers


def test_an_even_rise_is_a_fade_and_a_cut_is_none() -> None:
    rise = np.clip((np.arange(60) - 4) / 20, 0, 1)
    noise = 0.01 * np.random.default_rng(1).standard_normal(60)
    assert ramp_of(rise + noise, 6, 0) == (4, 20)
    assert ramp_of(1 + noise, 0, 0) is None
    assert ramp_of((np.arange(60) >= 4) + noise, 6, 0) is None  # black, and at once a picture


def test_windows_that_move_evenly_are_told_from_jumps_and_from_standing_ones() -> None:
    places = np.arange(0.0, 100, 5)
    scale = 1 + 0.5 * places / 100
    sides = np.stack([0.2 * (1 - 1 / scale), 0.7 * (1 - 1 / scale)], axis=1)
    edges = np.concatenate([sides, sides + 1 / scale[:, None]], axis=1)
    edges[7] = 0.3, 0.1, 0.9, 0.7  # one that was not found
    ends = even_move(places, edges, np.array([0.0, 99.0]))
    assert ends is not None
    np.testing.assert_allclose(ends[0], [0, 0, 1, 1], atol=0.003)
    np.testing.assert_allclose(ends[1, 2] - ends[1, 0], 1 / 1.495, atol=0.003)
    whole, near = np.array([0.0, 0, 1, 1]), np.array([0.1, 0.1, 0.8, 0.8])
    assert even_move(places, np.where(places[:, None] < 50, whole, near), places[[0, -1]]) is None
    assert even_move(places, np.tile(near, (20, 1)), places[[0, -1]]) is None


def test_the_region_of_captions_is_the_largest_that_is_covered() -> None:
    covered = np.zeros((36, 64), bool)
    covered[28:34, 10:30] = covered[28:34, 31:54] = True  # two words
    covered[3, 3] = True
    assert region_of(covered) == (
        round(10 / 64, 3),
        round(28 / 36, 3),
        round(54 / 64, 3),
        round(34 / 36, 3),
    )
    assert region_of(covered & False) is None
