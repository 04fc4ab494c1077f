"""SDR, HLG and PQ in one film: every picture in the output's own light, as ITU-R texts say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction as F
from itertools import permutations
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import StageError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.otio import to_otio
from smartcut.interchange.otio_reading import from_otio
from smartcut.media.encode import VideoSettings, encode_video
from smartcut.media.hdr_metadata import HdrMetadata, hdr_metadata, metadata_options
from smartcut.media.picture import from_rgb, to_rgb
from smartcut.media.probe import examined
from smartcut.media.transfer_curves import (
    are_alike,
    converted,
    light_from_pq,
    pq_from_light,
    primaries_matrix,
)
from smartcut.source import Colour

COLOURS = {
    "SDR": Colour("bt709", "bt709", "bt709", "limited"),
    "HLG": Colour("bt2020", "arib-std-b67", "bt2020nc", "limited"),
    "PQ": Colour("bt2020", "smpte2084", "bt2020nc", "limited"),
}
#: RGB signals of the patches of each clip, of light that all three can show, and white.
GREY, WHITE = (0.45, 0.45, 0.45), (1.0, 1.0, 1.0)
PATCHES = {
    "SDR": (WHITE, GREY, (0.7, 0.3, 0.2), (0.2, 0.3, 0.6)),
    "HLG": ((0.75, 0.75, 0.75), GREY, (0.6, 0.4, 0.3), (0.3, 0.35, 0.5)),
    "PQ": ((0.58, 0.58, 0.58), (0.3, 0.3, 0.3), (0.45, 0.35, 0.3), (0.3, 0.32, 0.4)),
}
SIZE, TILE = (128, 64), 32


def clip(
    path: Path,
    kind: str,
    seconds: float,
    asked: str | None = None,
    options: Mapping[str, str] | None = None,
) -> Path:
    signals = np.repeat(np.array(PATCHES[kind]), TILE, axis=0)[None].repeat(SIZE[1], axis=0)
    is_deep, colour = kind != "SDR", COLOURS[kind]
    name = "yuv420p10le" if is_deep else "yuv420p"
    frame = from_rgb(np.round(signals * 65535).astype(np.uint16), name, colour)
    codec, preset = ("hevc", "ultrafast") if is_deep else ("h264", "veryfast")
    codec, preset = (asked, "9") if asked == "av1" else (codec, preset)
    settings = VideoSettings(
        codec, *SIZE, name, F(1, 30), F(30), crf=8, preset=preset, colour=colour,
        options=options or {},
    )  # fmt: skip
    count = round(30 * seconds)
    encode_video(path, settings, ((i, frame) for i in range(count)), suffix=".matroska")
    return path


#: A display of 1,000 cd/m2 with the primaries of BT.2020, and the light of a film.
MASTERED = HdrMetadata(
    (*(F(n, 1000) for n in (708, 292, 170, 797, 131, 46)), F(3127, 10000), F(329, 1000),
     F(1, 10000), F(1000)),
    (800, 300),
)  # fmt: skip


def read_metadata(path: Path) -> HdrMetadata:
    source, index = examined(path)
    assert index is not None
    return hdr_metadata(source, index)


def tags(path: Path) -> tuple[Any, ...]:
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        return (
            context.codec.canonical_name,
            context.pix_fmt,
            int(context.color_primaries),
            int(context.color_trc),
            int(context.colorspace),
        )


def patches(path: Path, number: int) -> np.ndarray:
    """(4, 3): the signals in the middle of the patches of a frame."""
    with av.open(str(path)) as container:
        frame = next(f for i, f in enumerate(container.decode(video=0)) if i == number)
    rgb = to_rgb(frame, deep=True) / 65535
    return np.stack([rgb[24:40, x + 12 : x + 20].mean(axis=(0, 1)) for x in range(0, 128, TILE)])


def test_the_curves_have_the_values_of_the_recommendations() -> None:
    white = np.ones(3)
    sdr, hlg, pq = (COLOURS[kind] for kind in ("SDR", "HLG", "PQ"))
    # BT.2408, table 1: HDR reference white, 203 cd/m2, is 75 % HLG and 58 % PQ.
    assert converted(white, sdr, hlg) == pytest.approx(0.75, abs=0.001)
    assert converted(white, sdr, pq) == pytest.approx(0.58, abs=0.001)
    # BT.2100: 10,000 cd/m2 is the top of PQ, 1,000 cd/m2 are 75.2 %, 100 are 50.8 %.
    assert pq_from_light(np.array([10_000, 1000, 100, 0])) == pytest.approx(
        [1, 0.7518, 0.5081, 0], abs=1e-4
    )
    assert light_from_pq(np.array([1.0, 0.7518, 0.5081])) == pytest.approx(
        [10_000, 1000, 100], rel=1e-3
    )
    assert converted(white, hlg, pq) == pytest.approx(0.7518, abs=1e-3)
    # BT.2087: BT.709 to BT.2020.
    matrix = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    assert primaries_matrix("bt709", "bt2020") == pytest.approx(np.array(matrix), abs=1e-4)


@pytest.mark.parametrize(("there", "back"), permutations(COLOURS, 2))
def test_the_way_back_is_the_reverse_and_brightness_only_rises(there: str, back: str) -> None:
    signals = np.linspace(0, 1, 101)[:, None] * np.ones(3)
    gone = converted(signals, COLOURS[there], COLOURS[back])
    assert (np.diff(gone, axis=0) >= -1e-9).all()
    assert gone.max() <= 1
    dark = converted(np.linspace(0, 0.3, 20)[:, None] * np.ones(3), COLOURS[there], COLOURS[back])
    again = converted(dark, COLOURS[back], COLOURS[there])
    assert again == pytest.approx(np.linspace(0, 0.3, 20)[:, None] * np.ones(3), abs=0.01)


def test_light_brighter_than_the_target_is_rolled_off_and_keeps_its_hue() -> None:
    bright = np.array([[1.0, 0.7, 0.6], [0.9, 0.9, 0.2], [1.0, 1.0, 1.0]])
    shown = converted(bright, COLOURS["HLG"], COLOURS["SDR"])
    assert shown[2] == pytest.approx(1)
    assert shown[0, 0] > shown[0, 1] > shown[0, 2]
    below = converted(np.full(3, 0.5), COLOURS["HLG"], COLOURS["SDR"])
    assert 0.4 < below[0] < 0.65  # what is dark stays as it is


def test_colours_of_sd_and_unknown_ones_are_left_alone() -> None:
    assert are_alike(Colour(), COLOURS["SDR"])
    assert are_alike(Colour("smpte170m", "smpte170m", "smpte170m"), COLOURS["SDR"])
    assert not are_alike(Colour("smpte432", "bt709", "bt709"), COLOURS["SDR"])
    assert not are_alike(COLOURS["PQ"], COLOURS["HLG"])


@pytest.mark.parametrize(("main", "other"), permutations(COLOURS, 2))
def test_what_joins_another_kind_is_shown_in_its_light(
    main: str, other: str, tmp_path: Path
) -> None:
    long, short = clip(tmp_path / "long.mkv", main, 1), clip(tmp_path / "short.mkv", other, 0.4)
    out = tmp_path / "out.mkv"
    result = sc.open(long, short).render(out)
    assert tags(out) == tags(long)
    assert patches(out, 10) == pytest.approx(np.array(PATCHES[main]), abs=0.012)
    wanted = converted(np.array(PATCHES[other]), COLOURS[other], COLOURS[main])
    assert patches(out, 35) == pytest.approx(wanted, abs=0.02)
    (note,) = [n for n in result.notes if "converted" in n]
    assert f"short is {other}" in note
    assert main in note


@pytest.mark.parametrize("kind", ["HLG", "PQ"])
def test_hdr_in_eight_bits_becomes_sdr(kind: str, tmp_path: Path) -> None:
    path, out = clip(tmp_path / "hdr.mkv", kind, 0.4), tmp_path / "out.mp4"
    notes = sc.open(path).render(out, codec="h264").notes
    assert tags(out) == ("h264", "yuv420p", 1, 1, 1)
    wanted = converted(np.array(PATCHES[kind]), COLOURS[kind], COLOURS["SDR"])
    assert patches(out, 5) == pytest.approx(wanted, abs=0.02)
    assert [n for n in notes if f"hdr is {kind} BT.2020, and converted to the output's SDR" in n]
    assert [n for n in notes if "10 bits become 8" in n]


@pytest.mark.parametrize("kind", ["HLG", "PQ"])
def test_tonemap_makes_sdr_of_hdr_in_its_own_depth(kind: str, tmp_path: Path) -> None:
    path, out = clip(tmp_path / "hdr.mkv", kind, 0.4), tmp_path / "out.mkv"
    pipeline = sc.open(path) | sc.tonemap()
    notes = pipeline.render(out).notes
    codec, pixel_format, *_ = tags(path)
    assert tags(out) == (codec, pixel_format, 1, 1, 1)
    wanted = converted(np.array(PATCHES[kind]), COLOURS[kind], COLOURS["SDR"])
    assert patches(out, 5) == pytest.approx(wanted, abs=0.02)
    assert [n for n in notes if f"hdr is {kind} BT.2020, and converted to the output's SDR" in n]
    cut = pipeline.cut()
    assert cut_from_json(cut_to_json(cut)) == cut
    assert from_otio(to_otio(cut)).is_sdr


def test_tonemap_leaves_sdr_as_it_is(tmp_path: Path) -> None:
    long, short = clip(tmp_path / "long.mkv", "SDR", 2), clip(tmp_path / "short.mkv", "HLG", 0.4)
    out = tmp_path / "out.mkv"
    (sc.open(long, short) | sc.tonemap()).render(out)
    rows = json.loads((tmp_path / "out.manifest.json").read_text())["intervals"]
    assert [row["how"] for row in rows] == ["copy", "encode"]
    with pytest.raises(StageError, match="no source that is shown is HDR .*; long is SDR"):
        (sc.open(long) | sc.tonemap()).cut()


def test_a_short_cut_of_hdr_stays_hdr(tmp_path: Path) -> None:
    path, out = clip(tmp_path / "hdr.mkv", "HLG", 2), tmp_path / "out.mov"
    result = (sc.open(path) | sc.trim(ranges=["0.5-0.8"])).render(out)
    assert tags(out) == tags(path)
    assert patches(out, 4) == pytest.approx(np.array(PATCHES["HLG"]), abs=0.012)
    assert not result.notes


@pytest.mark.parametrize("codec", ["hevc", "av1"])
@pytest.mark.parametrize("mode", ["auto", "encode"])
def test_the_display_that_hdr_was_mastered_on_is_told_again(
    codec: Literal["hevc", "av1"], mode: str, tmp_path: Path
) -> None:
    path, out = tmp_path / "hdr10.mkv", tmp_path / "out.mp4"
    clip(path, "PQ", 1.2, codec, metadata_options(codec, MASTERED))
    found = read_metadata(path)
    assert found.light == MASTERED.light
    assert found.display == pytest.approx(MASTERED.display, rel=0.3, abs=1e-4)
    (sc.open(path) | sc.trim(ranges=["0.3-0.6"])).render(out, mode=mode)
    assert tags(out) == tags(path)
    assert read_metadata(out).light == MASTERED.light
    assert read_metadata(out).display == pytest.approx(found.display, rel=0.3, abs=1e-4)
    notes = sc.open(path).render(tmp_path / "out.mov", codec="prores").notes
    assert [n for n in notes if "is not written by prores; `codec: hevc` keeps it" in n]
    sc.open(path).render(out, codec="h264")
    assert not read_metadata(out)


def test_titles_on_hdr_are_as_white_as_the_white_of_graphics(tmp_path: Path) -> None:
    for kind, white in (("HLG", 0.75), ("PQ", 0.58)):
        path, out = clip(tmp_path / f"{kind}.mkv", kind, 0.4), tmp_path / f"{kind}.out.mkv"
        (sc.open(path) | sc.title(text="MMMM", size=0.4)).render(out)
        with av.open(str(out)) as container:
            frame = next(container.decode(video=0))
        rgb = to_rgb(frame, deep=True) / 65535
        brightest = np.percentile(rgb.max(axis=2), 99)
        assert brightest == pytest.approx(white, abs=0.03)
