"""MLT XML for Shotcut and Kdenlive: its structure, and what melt plays of it, frame by frame."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import numpy as np
import pytest

from smartcut.curve import Curve
from smartcut.cut import Cut, Effect, Mix, Segment, TimelineFormat, Track, Transition
from smartcut.effect import find_effect
from smartcut.interchange.files import write_cut
from smartcut.interchange.mlt import to_kdenlive, to_mlt
from smartcut.media.barcode import number_in, write_bar_coded
from smartcut.media.probe import probe
from smartcut.params import to_pairs
from smartcut.source import Source
from smartcut.timebase import Range
from smartcut.warp import Warp

WRITERS: dict[str, Callable[..., str]] = {".mlt": to_mlt, ".kdenlive": to_kdenlive}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """120 numbered frames."""
    path = tmp_path_factory.mktemp("mlt") / "film.mp4"
    write_bar_coded(path, frames=120, size=(160, 96))
    return probe(path, id="film")


def piece(source: Source, first: int, end: int, **rest: Any) -> Segment:
    assert source.video is not None
    rate = source.video.rate
    return replace(Segment(source.id, Range(first / rate, end / rate)), **rest)


def warped(source: Source, *points: tuple[int, int]) -> Segment:
    assert source.video is not None
    warp = Warp(tuple((t / source.video.rate, s / source.video.rate) for t, s in points))
    return Segment(source.id, warp.seen).warped(warp)


def effect(name: str, **params: Any) -> Effect:
    return Effect(name, to_pairs(find_effect(name).model_validate(params)))


def cut_of(source: Source, *segments: Segment, tracks: tuple[Track, ...] = ()) -> Cut:
    return Cut((source,), (Track("programme", segments), *tracks))


def properties(element: ElementTree.Element) -> dict[str, str]:
    return {p.get("name", ""): p.text or "" for p in element.iterfind("property")}


def tree(cut: Cut, suffix: str, folder: Path) -> ElementTree.Element:
    return ElementTree.fromstring(WRITERS[suffix](cut, folder=folder))


@pytest.mark.parametrize("suffix", WRITERS)
def test_what_is_referred_to_comes_before(film: Source, suffix: str) -> None:
    """As MLT reads: in one go, so that everything is there when it is named."""
    other = piece(film, 50, 80, transition=Transition("dissolve", F(8, 30)))
    above = Track("overlay", (piece(film, 0, 10, at=F(1), effects=(effect("flip"),)),))
    music = Track("music", (piece(film, 0, 30),), gain=-6.0)
    cut = cut_of(film, piece(film, 0, 30), other, tracks=(above, music))
    root = tree(cut, suffix, film.path.parent)
    known: set[str] = set()
    for element in root:
        for child in element.iter():
            if child.tag in ("entry", "track"):
                assert child.get("producer") in known
        known.add(element.get("id", ""))
    assert root.get("producer") in known
    services = {properties(f).get("mlt_service") for f in root.iter("transition")}
    assert services == {"luma", "mix", "qtblend"}
    assert [properties(f)["level"] for f in root.iter("filter") if "level" in properties(f)] == [
        "-6"
    ]
    profile = root.find("profile")
    assert profile is not None
    assert (profile.get("frame_rate_num"), profile.get("frame_rate_den")) == ("30", "1")
    assert {properties(p)["resource"] for p in root.iter("producer")} == {"black", "film.mp4"}


@pytest.mark.parametrize("suffix", WRITERS)
def test_drop_frame_rates_count_whole_frames(film: Source, suffix: str) -> None:
    assert film.video is not None
    rate = F(30000, 1001)
    source = replace(film, video=replace(film.video, rate=rate))
    cut = cut_of(source, piece(source, 10, 25), piece(source, 60, 70))
    root = tree(cut, suffix, film.path.parent)
    profile = root.find("profile")
    assert profile is not None
    assert (profile.get("frame_rate_num"), profile.get("frame_rate_den")) == ("30000", "1001")
    entries = [
        (e.get("in"), e.get("out")) for e in root.iter("entry") if e.get("producer") == "clip0"
    ]
    assert entries[:2] == [("10", "24"), ("60", "69")]


@pytest.mark.parametrize("suffix", WRITERS)
def test_what_it_does_not_hold_is_noted(film: Source, suffix: str, tmp_path: Path) -> None:
    ramp = warped(film, (0, 0), (10, 5), (15, 25))
    cut = cut_of(film, ramp, piece(film, 40, 60, effects=(effect("blur"), effect("zoom"))))
    notes = write_cut(cut, tmp_path / f"cut{suffix}")
    assert ["speed 0.5 to 4" in notes[0], "effect blur of segment 1" in notes[1]] == [True, True]
    assert len(notes) == 2


# ------------------------------------------------------------------------------ what melt plays

needs_melt = pytest.mark.skipif(
    not shutil.which("melt"), reason="melt is not installed: apt-get install melt"
)


def played(cut: Cut, suffix: str, folder: Path) -> list[np.ndarray]:
    """The frames that melt makes, as RGB."""
    write_cut(cut, folder / f"cut{suffix}")
    out = folder / "played.mkv"
    subprocess.run(
        ["melt", "-silent", str(folder / f"cut{suffix}"), "-consumer", f"avformat:{out}",
         "vcodec=ffv1", "acodec=pcm_s16le", "real_time=-1"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    with av.open(str(out)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def numbers(frames: list[np.ndarray]) -> list[int | None]:
    """The bar codes; None where two pictures are mixed."""
    found: list[int | None] = []
    for frame in frames:
        try:
            found.append(number_in(frame.mean(axis=2)))
        except ValueError:
            found.append(None)
    return found


@pytest.mark.slow
@needs_melt
@pytest.mark.parametrize("suffix", WRITERS)
def test_melt_plays_the_frames_that_are_meant(film: Source, suffix: str, tmp_path: Path) -> None:
    gap = Segment(None, Range(F(0), F(5, 30)))
    cut = cut_of(
        film,
        piece(film, 10, 25),
        piece(film, 0, 20, speed=F(2)),
        gap,
        warped(film, (0, 90), (10, 80)),
        warped(film, (0, 33), (7, 33)),
        piece(film, 100, 118, sound="muted"),
    )
    assert numbers(played(cut, suffix, tmp_path)) == [
        *range(10, 25), *range(0, 20, 2), *[0] * 5, *range(89, 79, -1), *[33] * 7,
        *range(100, 118),
    ]  # fmt: skip


@pytest.mark.slow
@needs_melt
@pytest.mark.parametrize("suffix", WRITERS)
def test_melt_dissolves_where_it_is_meant(film: Source, suffix: str, tmp_path: Path) -> None:
    other = piece(film, 60, 90, transition=Transition("dissolve", F(10, 30)))
    third = piece(film, 0, 10, transition=Transition("dissolve", F(4, 30)))
    found = numbers(played(cut_of(film, piece(film, 10, 30), other, third), suffix, tmp_path))
    assert len(found) == 46
    assert found[:10] == [*range(10, 20)]
    assert found[20:36] == [*range(70, 86)]
    assert found[40:] == [*range(4, 10)]
    assert None in found[10:20]


@pytest.mark.slow
@needs_melt
@pytest.mark.parametrize("suffix", WRITERS)
def test_melt_puts_pictures_where_they_are_meant(film: Source, suffix: str, tmp_path: Path) -> None:
    four = np.zeros((180, 320, 3), np.uint8)
    four[:90, :160], four[:90, 160:], four[90:, :160], four[90:, 160:] = (
        (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
    )  # fmt: skip
    with av.open(str(tmp_path / "four.mkv"), "w") as container:
        stream: Any = container.add_stream("ffv1", 30)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "bgr0"
        for _ in range(30):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(four, format="rgb24")))
        container.mux(stream.encode())
    above = probe(tmp_path / "four.mkv", id="four")

    def shown(*effects: Effect) -> list[np.ndarray]:
        layer = Track("overlay", (piece(above, 0, 10, effects=effects),))
        cut = Cut((film, above), (Track("programme", (piece(film, 0, 10),)), layer),
                  mix=Mix(), format=TimelineFormat((160, 96), F(30)))  # fmt: skip
        return played(cut, suffix, tmp_path)

    def colour(frame: np.ndarray, x: int, y: int) -> str:
        return "".join("1" if value > 128 else "0" for value in frame[y, x])

    corner = shown(effect("place", position=(0.75, 0.25), width=0.25))[0]
    assert [colour(corner, x, y) for x, y in ((105, 18), (134, 18), (105, 30), (134, 30))] == [
        "100", "010", "001", "111",
    ]  # fmt: skip
    turned = shown(effect("rotate", degrees=90), effect("place", position=(0.25, 0.5), height=0.5))
    assert [colour(turned[0], x, y) for x, y in ((33, 30), (47, 30), (33, 60), (47, 60))] == [
        "001", "100", "111", "010",
    ]  # fmt: skip
    halves = shown(effect("crop", left="160px"), effect("place", width=0.25))[0]
    assert [colour(halves, x, y) for x, y in ((64, 30), (94, 30), (64, 65))] == [
        "010", "010", "111",
    ]  # fmt: skip
    growing = shown(effect("place", width=Curve.of((0, 0.2), (F(3, 10), 0.8))))
    assert [int((f[50] == 255).all(axis=1).sum()) for f in (growing[0], growing[9])] == [
        pytest.approx(16, abs=2), pytest.approx(64, abs=2),
    ]  # fmt: skip
