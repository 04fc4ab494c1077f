"""Copied and encoded spans in one stream: every frame right, copies bit-equal, players content."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
import pytest

import smartcut as sc
from smartcut.media.decode import frames
from smartcut.media.headers import h264_sps, identity, is_set, nal_units, sets_in
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.render import pieces, span_encoding
from smartcut.testing import beep_offset, read_bar_codes, write_bar_coded
from tests.builders.damaged_copies import damage_copies

FRAMES, RANGES = 150, ((F("0.4"), F("2.7")), (F("1.13"), F("4.05")), (F("3.3"), F("3.5")))
X265 = "log-level=none:pools=1:frame-threads=1"

#: name -> (suffix in, suffix out, how it is made, is anything copied)
MATRIX: dict[str, tuple[str, str, dict[str, Any], bool]] = {
    "h264, 3 B-frames": ("mp4", "mp4", {"b_frames": 3}, True),
    "h264, pyramid of 7": (
        "mp4",
        "mp4",
        {"b_frames": 7, "options": {"x264-params": "b-pyramid=normal:b-adapt=0"}},
        True,
    ),
    "h264, no B-frames": ("mp4", "mp4", {"b_frames": 0}, True),
    "h264, every frame a key frame": ("mp4", "mp4", {"gop": 1, "b_frames": 0}, True),
    "h264, baseline": ("mp4", "mp4", {"b_frames": 0, "options": {"profile": "baseline"}}, True),
    "h264, main, four slices": (
        "mp4",
        "mp4",
        {"options": {"profile": "main", "x264-params": "slices=4"}},
        True,
    ),
    "h264, short GOP, mkv to mkv": ("mkv", "mkv", {"gop": 12}, True),
    "h264, mkv to mp4, 23.976": ("mkv", "mp4", {"rate": F(24000, 1001)}, True),
    "h264, 29.97, to mkv": ("mp4", "mkv", {"rate": F(30000, 1001)}, True),
    "h264, 50": ("mp4", "mp4", {"rate": F(50)}, True),
    "h264, long GOP": ("mp4", "mp4", {"gop": 300}, False),
    "h264, open GOP": ("mp4", "mp4", {"options": {"x264-params": "open-gop=1"}}, False),
    "h264, intra refresh": (
        "mp4",
        "mp4",
        {"b_frames": 0, "options": {"x264-params": "intra-refresh=1"}},
        False,
    ),
    "h264, interlaced": (
        "mp4",
        "mp4",
        {"size": (320, 180), "options": {"x264-params": "tff=1"}},
        True,
    ),
    "h264, bottom field first": (
        "mp4",
        "mp4",
        {"size": (320, 180), "options": {"x264-params": "bff=1"}},
        True,
    ),
    "h264, transport stream": ("ts", "mp4", {}, True),
    "h264, transport stream to mkv": ("ts", "mkv", {"b_frames": 0}, True),
    "h264, 10 bit": ("mkv", "mp4", {"pixel_format": "yuv420p10le"}, True),
    "h264, 4:2:2": ("mp4", "mp4", {"pixel_format": "yuv422p"}, True),
    "h264, 4:4:4": ("mp4", "mp4", {"pixel_format": "yuv444p"}, True),
    "h264, its SPS is number 31": ("mp4", "mp4", {"options": {"x264-params": "sps-id=31"}}, True),
    "h264, starts at 2 s": ("mkv", "mp4", {"start": F(2)}, True),
    "hevc": ("mp4", "mp4", {"encoder": "libx265", "options": {"x265-params": X265}}, True),
    "hevc, open GOP": (
        "mp4",
        "mp4",
        {"encoder": "libx265", "options": {"x265-params": f"{X265}:open-gop=1"}},
        True,
    ),
    "hevc, open GOP, mkv": (
        "mkv",
        "mkv",
        {"encoder": "libx265", "gop": 20, "options": {"x265-params": f"{X265}:open-gop=1"}},
        True,
    ),
    "hevc, 10 bit": (
        "mkv",
        "mp4",
        {
            "encoder": "libx265",
            "pixel_format": "yuv420p10le",
            "options": {"x265-params": X265},
        },
        True,
    ),
    "hevc, transport stream": (
        "ts",
        "mp4",
        {"encoder": "libx265", "options": {"x265-params": X265}},
        True,
    ),
    "vp9": (
        "webm",
        "webm",
        {
            "encoder": "libvpx-vp9",
            "audio": "libopus",
            "options": {"cpu-used": "8", "b": "600k", "deadline": "realtime"},
        },
        True,
    ),
    "vp9 with hidden frames": (
        "webm",
        "webm",
        {
            "encoder": "libvpx-vp9",
            "audio": "libopus",
            "options": {
                "cpu-used": "5",
                "b": "600k",
                "auto-alt-ref": "1",
                "lag-in-frames": "16",
            },
        },
        True,
    ),
    "av1": (
        "mkv",
        "mp4",
        {
            "encoder": "libsvtav1",
            "options": {"preset": "9", "crf": "16", "svtav1-params": "lp=1"},
        },
        True,
    ),
}


def trimmed(path: Path, out: Path, ranges: Sequence[tuple[F, F]] = RANGES, **how: Any) -> Any:
    texts = [f"{float(a):.6f}-{float(b):.6f}" for a, b in ranges]
    return (sc.open(path) | sc.trim(ranges=texts)).render(out, **how)


def intervals(out: Path) -> list[dict[str, Any]]:
    text = out.with_name(f"{out.stem}.manifest.json").read_text()
    return list(json.loads(text)["intervals"])


def expected_numbers(result: Any, path: Path) -> list[int]:
    index = video_index(probe(path))
    return [
        n
        for s in result.cut.segments
        for n in range(index.boundary_near(s.range.start), index.boundary_near(s.range.end))
    ]


def pictures(path: Path) -> list[np.ndarray]:
    source = probe(path)
    index = video_index(source)
    return [f.to_ndarray() for _, f in frames(source, index, 0, len(index))]


def psnr(one: np.ndarray, other: np.ndarray, peak: float) -> float:
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return 10 * np.log10(peak**2 / error) if error else np.inf


def check_pictures(path: Path, out: Path, numbers: Sequence[int]) -> None:
    """Copied intervals are bit-equal to the source, encoded ones close to it."""
    before, after = pictures(path), pictures(out)
    assert len(after) == len(numbers)
    video = probe(out).video
    assert video is not None
    peak = 1023.0 if "10" in video.pixel_format else 255.0
    at = 0
    for interval in intervals(out):
        pairs = [(before[numbers[i]], after[i]) for i in range(at, at + interval["frames"])]
        at += interval["frames"]
        if interval["how"] == "copy":
            assert all(np.array_equal(a, b) for a, b in pairs)
        else:
            assert min(psnr(a, b, peak) for a, b in pairs) >= 40
    assert at == len(numbers)


def check_plays(path: Path, count: int) -> None:
    """FFmpeg plays it through, stopping at any error, and shows that many frames."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-v", "error", "-xerror", "-err_detect", "explode", "-i", str(path)),
        *("-map", "0:v", "-fps_mode", "passthrough", "-f", "framecrc", "-"),
    ]
    played = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert played.returncode == 0, played.stderr
    assert played.stderr == ""
    assert sum(not line.startswith("#") for line in played.stdout.splitlines()) == count


def check_times(out: Path) -> None:
    """Decoding times rise by one rule, and none is later than its frame."""
    with av.open(str(out)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    dts = [p.dts for p in packets]
    if out.suffix != ".mkv":  # Matroska stores none
        assert all(a < b for a, b in pairwise(dts))
        assert all(p.pts >= p.dts for p in packets)


@pytest.mark.parametrize("name", MATRIX, ids=lambda n: n.replace(" ", "_").replace(",", ""))
def test_cuts_of_every_kind_of_stream(name: str, tmp_path: Path) -> None:
    suffix, suffix_out, how, copies = MATRIX[name]
    path, out = tmp_path / f"in.{suffix}", tmp_path / f"out.{suffix_out}"
    write_bar_coded(path, frames=FRAMES, **how)
    ranges = [(a, min(b, FRAMES / how.get("rate", F(30)))) for a, b in RANGES]
    ranges = [(a, b) for a, b in ranges if a < b]
    result = trimmed(path, out, ranges, codec=None)
    numbers = expected_numbers(result, path)
    read, times = read_bar_codes(out)
    assert read == numbers
    rate = how.get("rate", F(30))
    assert max(abs(t - times[0] - k / rate) for k, t in enumerate(times)) < F(1, 1000)
    assert any(i["how"] == "copy" for i in intervals(out)) == copies
    assert not [note for note in result.notes if "after all" in note]
    check_pictures(path, out, numbers)
    check_plays(out, len(numbers))
    check_times(out)
    one, two = probe(path).video, probe(out).video
    assert one is not None
    assert two is not None
    if copies:
        assert (two.codec, two.pixel_format, two.colour) == (
            one.codec,
            one.pixel_format,
            one.colour,
        )
    first = F(numbers[0]) / rate
    assert abs(beep_offset(out, 1, times[0] + 1 - first)) < 0.001


def test_hardly_anything_is_encoded_of_a_long_source_with_two_cuts(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, size=(320, 180), frames=600, gop=30, b_frames=3)
    trimmed(path, out, [(F("0.5"), F("9.9")), (F(10), F("19.5"))])
    encoded = sum(i["frames"] for i in intervals(out) if i["how"] == "encode")
    assert encoded <= 20


def test_adjoining_segments_run_on_without_a_seam(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=90, gop=30)
    trimmed(path, out, [(F(0), F("1.2")), (F("1.2"), F(3))])
    assert [i["how"] for i in intervals(out)] == ["copy"]
    assert read_bar_codes(out)[0] == list(range(90))


# ------------------------------------------------------------------------------ parameter sets


def in_band_sets(path: Path, codec: str) -> int:
    count = 0
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            data = memoryview(packet)
            count += sum(is_set(codec, data[a:b]) for a, b in nal_units(data, 4))
    return count


def header_of(path: Path) -> tuple[str, bytes]:
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        return context.codec_tag, context.extradata or b""


def test_h264_sets_are_all_in_the_header_under_their_own_numbers(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=FRAMES, options={"profile": "main", "level": "4"})
    trimmed(path, out)
    tag, header = header_of(out)
    sets = sets_in("h264", header)
    assert tag == "avc1"
    assert len({identity("h264", s) for s in sets}) == len(sets) >= 4
    spss = [h264_sps(s) for s in sets if identity("h264", s)[0] == "sps"]
    assert header[1] == max(s.profile for s in spss) == 77
    assert header[3] == max(s.level for s in spss) == 40
    assert header[4] & 3 == 3  # lengths of four bytes
    assert in_band_sets(out, "h264") == 0


def test_hevc_sets_are_in_band_where_they_change_and_only_there(tmp_path: Path) -> None:
    path, out, whole = (tmp_path / f"{n}.mp4" for n in ("a", "o", "w"))
    write_bar_coded(
        path, frames=FRAMES, encoder="libx265", options={"x265-params": f"{X265}:no-info=1"}
    )
    trimmed(path, out, [(F("0.4"), F("2.7"))])
    assert header_of(out)[0] == "hev1"
    pieces = len(intervals(out))
    assert pieces == 3
    assert in_band_sets(out, "hevc") == 3 * (pieces - 1)
    trimmed(path, whole, [(F(0), F(5))])
    assert header_of(whole)[0] == "hvc1"
    assert in_band_sets(whole, "hevc") == 0


def with_lengths_of_two(path: Path, out: Path) -> None:
    """The same H.264 file with NAL unit lengths of two bytes."""
    with av.open(str(path)) as source, av.open(str(out), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        extradata = bytearray(source.streams.video[0].codec_context.extradata or b"")
        extradata[4] = extradata[4] & 0xFC | 1
        stream.codec_context.extradata = bytes(extradata)
        for packet in source.demux(video=0):
            if not packet.size:
                continue
            data = memoryview(packet)
            units = [bytes(data[a:b]) for a, b in nal_units(data, 4)]
            made = av.Packet(b"".join(len(u).to_bytes(2, "big") + u for u in units))
            made.pts, made.dts, made.time_base = packet.pts, packet.dts, packet.time_base
            made.is_keyframe, made.duration = packet.is_keyframe, packet.duration
            made.stream = stream
            target.mux(made)


def test_other_length_sizes_are_rewritten(tmp_path: Path) -> None:
    path, two, out = (tmp_path / f"{n}.mp4" for n in "ato")
    write_bar_coded(path, frames=FRAMES, audio=None, size=(192, 108))
    with_lengths_of_two(path, two)
    result = trimmed(two, out)
    numbers = expected_numbers(result, two)
    assert read_bar_codes(out)[0] == numbers
    assert "copy" in [i["how"] for i in intervals(out)]
    check_pictures(two, out, numbers)
    check_plays(out, len(numbers))


def test_a_stream_whose_sets_change_midway_is_encoded(tmp_path: Path) -> None:
    one, two, both, out = (tmp_path / f"{n}.ts" for n in ("1", "2", "b", "o"))
    write_bar_coded(one, frames=60, audio=None)
    write_bar_coded(two, frames=60, audio=None, options={"profile": "baseline"}, start=F(2))
    both.write_bytes(one.read_bytes() + two.read_bytes())
    out = tmp_path / "o.mp4"
    (sc.open(both) | sc.trim(start="0.5", end="1.5")).render(out)
    assert {i["how"] for i in intervals(out)} == {"encode"}
    assert "parameter sets change" in intervals(out)[0]["reason"]
    assert read_bar_codes(out)[0] == list(range(15, 45))


def test_several_sources_of_one_camera_are_copied_and_others_are_not(tmp_path: Path) -> None:
    a, b, c, out = (tmp_path / f"{n}.mp4" for n in "abco")
    write_bar_coded(a, frames=FRAMES)
    write_bar_coded(b, frames=FRAMES)
    write_bar_coded(c, frames=60, options={"profile": "main"})
    sc.open(a, b, c).render(out)
    hows = intervals(out)
    assert [i["how"] for i in hows] == ["copy", "copy", "encode"]
    assert "parameter sets have the numbers" in hows[-1]["reason"]
    assert read_bar_codes(out)[0] == [*range(FRAMES), *range(FRAMES), *range(60)]
    check_plays(out, 2 * FRAMES + 60)


# ------------------------------------------------------------------------------ times and looks


def test_variable_frame_times_are_kept_to_the_tick(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "o.mkv"
    steps = (33, 34, 67, 40, 20)
    write_bar_coded(path, frames=FRAMES, steps=steps)
    result = trimmed(path, out, [(F("0.4"), F("3.2")), (F("4.1"), F("5.2"))])
    numbers = expected_numbers(result, path)
    starts = np.concatenate([[0], np.cumsum([steps[i % 5] for i in range(FRAMES)])])
    read, times = read_bar_codes(out)
    assert read == numbers
    assert "copy" in [i["how"] for i in intervals(out)]
    seconds, at = [], F(0)
    for segment in result.cut.segments:
        index = video_index(probe(path))
        first, last = (index.boundary_near(t) for t in (segment.range.start, segment.range.end))
        seconds += [at + F(int(starts[n] - starts[first]), 1000) for n in range(first, last)]
        at += F(int(starts[last] - starts[first]), 1000)
    assert max(abs(t - times[0] - s) for t, s in zip(times, seconds, strict=True)) <= F(1, 1000)
    check_pictures(path, out, numbers)


def test_times_do_not_drift_over_many_cuts(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    rate = F(30000, 1001)
    write_bar_coded(path, frames=300, rate=rate, gop=15)
    ranges = [(k * 25 / rate, (k * 25 + 19) / rate) for k in range(12)]
    trimmed(path, out, ranges)
    numbers, times = read_bar_codes(out)
    assert numbers == [k * 25 + i for k in range(12) for i in range(19)]
    assert max(abs(t - k / rate) for k, t in enumerate(times)) < F(1, 20000)


def test_an_edit_list_is_honoured(tmp_path: Path) -> None:
    path, listed, out = (tmp_path / f"{n}.mp4" for n in "alo")
    write_bar_coded(path, size=(320, 180), frames=FRAMES, b_frames=3)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-ss", "1.5", "-i", str(path)]
    subprocess.run([*command, "-c", "copy", str(listed)], check=True)
    shown, _ = read_bar_codes(listed)
    assert shown[0] > 30  # it starts between key frames: frames before are there, but hidden
    result = trimmed(listed, out, [(F(0), F("1.2")), (F("1.5"), F(3))])
    numbers = [shown[n] for n in expected_numbers(result, listed)]
    assert read_bar_codes(out)[0] == numbers
    check_plays(out, len(numbers))


def test_frames_without_composition_times_are_encoded(tmp_path: Path) -> None:
    path, avi, out = tmp_path / "a.mp4", tmp_path / "a.avi", tmp_path / "o.mp4"
    write_bar_coded(path, frames=90, b_frames=2, audio=None)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "quiet", "-i", str(path), "-c", "copy"]
    subprocess.run([*command, "-bsf:v", "h264_mp4toannexb", str(avi)], check=True)
    trimmed(avi, out, [(F("0.5"), F("2.5"))])
    assert read_bar_codes(out)[0] == list(range(15, 75))
    assert {i["how"] for i in intervals(out)} == {"encode"}


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_colours_are_the_same_on_both_sides_of_a_seam(encoder: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    tags = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=full"
    params = {"libx264": tags.replace("range=", "fullrange=").replace("full=full", "range=on")}
    options = {"x265-params": f"{X265}:{tags}"} if encoder == "libx265" else {
        "x264-params": params["libx264"].replace("fullrange=full", "fullrange=on")
    }  # fmt: skip
    write_bar_coded(path, frames=FRAMES, encoder=encoder, options=options)
    trimmed(path, out)
    assert {i["how"] for i in intervals(out)} == {"copy", "encode"}
    seen = set()
    with av.open(str(out)) as container:
        for frame in container.decode(video=0):
            codes = frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range
            seen.add(tuple(int(c) for c in codes))
    assert seen == {(9, 16, 9, 2)}


def test_what_hdr_was_made_for_is_said_of_all_frames(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
    params = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:hdr10=1"
    params = f"{X265}:{params}:master-display={display}:max-cll=1000,400"
    how = {"encoder": "libx265", "pixel_format": "yuv420p10le", "options": {"x265-params": params}}
    write_bar_coded(path, frames=FRAMES, **how)  # type: ignore[arg-type]
    trimmed(path, out)
    assert {i["how"] for i in intervals(out)} == {"copy", "encode"}
    with av.open(str(out)) as container:
        for frame in container.decode(video=0):
            kinds = {data.type.name for data in frame.side_data}
            assert {"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"} <= kinds


@pytest.mark.parametrize(("field", "said"), [("tff", " i:T"), ("bff", " i:B")])
def test_interlaced_pictures_stay_interlaced(field: str, said: str, tmp_path: Path) -> None:
    plain, path, out = (tmp_path / f"{n}.mp4" for n in "pao")
    write_bar_coded(plain, size=(320, 180), frames=90, audio=None)
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = [ffmpeg, "-v", "error", "-i", str(plain), "-vf", f"setfield={field}"]
    command += ["-flags", "+ildct+ilme", "-c:v", "libx264", "-g", "30", str(path)]
    subprocess.run(command, check=True)
    trimmed(path, out, [(F("0.4"), F("2.5"))])
    assert {i["how"] for i in intervals(out)} == {"copy", "encode"}
    command = [ffmpeg, "-i", str(out), "-vf", "showinfo", "-f", "null", "-"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    assert shown.count(said) == shown.count(" i:") == 63


def test_pixel_shape_and_rotation_follow(tmp_path: Path) -> None:
    path, turned, out = (tmp_path / f"{n}.mp4" for n in "ato")
    write_bar_coded(path, frames=FRAMES, options={"x264-params": "sar=4/3"})
    with av.open(str(path)) as source, av.open(str(turned), "w") as target:
        streams = {s.index: target.add_stream_from_template(s, opaque=True) for s in source.streams}
        streams[0].set_display_rotation(-90)
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    before = probe(turned).video
    assert before is not None
    assert (before.rotation, before.sar) == (90, F(4, 3))
    result = trimmed(turned, out)
    after = probe(out).video
    assert after is not None
    assert (after.rotation, after.sar) == (90, F(4, 3))
    assert {i["how"] for i in intervals(out)} == {"copy", "encode"}
    check_pictures(turned, out, expected_numbers(result, turned))


# ----------------------------------------------------------------------------- what is touched


def test_an_effect_encodes_its_own_segment_alone(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=300, gop=30)
    ranges = ["0-4", "4-5", "5-10"]
    steps = sc.open(path) | sc.trim(ranges=ranges)
    (steps | sc.effects(use="moviepy.MirrorX", on=[1])).render(out)
    hows = intervals(out)
    assert [(i["how"], i["frames"]) for i in hows] == [
        ("copy", 120),
        ("encode", 30),
        ("copy", 150),
    ]
    assert "effects" in hows[1]["reason"]


def test_a_dissolve_encodes_its_overlap_alone(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=300, gop=30)
    steps = sc.open(path) | sc.trim(ranges=["0-4", "5-10"]) | sc.transitions(duration=1)
    steps.render(out)
    hows = intervals(out)
    assert [i["how"] for i in hows if i["frames"] > 20] == ["copy", "encode", "copy"]
    assert sum(i["frames"] for i in hows if i["how"] == "encode") <= 36


def test_the_longest_span_is_encoded_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the last to end is a short one; the film is in its own order."""
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=120, gop=30)
    begun: list[int] = []

    def encoded(rendering: Any, span: Any, *given: Any) -> Path:
        begun.append(len(span.stretch))
        return encode_span(rendering, span, *given)

    encode_span = span_encoding.encode_span
    monkeypatch.setattr(span_encoding, "encode_span", encoded)
    monkeypatch.setattr(pieces, "usable_cores", lambda: 1)
    (sc.open(path) | sc.trim(ranges=["1.2-1.8", "0.1-0.4", "2.1-2.9"])).render(out, mode="encode")
    assert begun == [24, 18, 9]
    numbers, _ = read_bar_codes(out)
    assert numbers == [*range(36, 54), *range(3, 12), *range(63, 87)]


def test_copying_that_costs_more_than_it_saves_is_not_done(tmp_path: Path) -> None:
    path, out = tmp_path / "a.webm", tmp_path / "o.mp4"
    write_bar_coded(
        path,
        encoder="libvpx-vp9",
        audio=None,
        gop=30,
        options={"cpu-used": "8", "b": "300k", "deadline": "realtime"},
    )
    trimmed(path, out, [(F("0.1"), F("1.3"))])
    assert probe(out).video.codec == "h264"  # type: ignore[union-attr]
    whole = tmp_path / "w.mp4"
    sc.open(path).render(whole)
    assert probe(whole).video.codec == "vp9"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"crf": 20}, "quality"),
        ({"resolution": "160x90"}, "another size"),
        ({"codec": "hevc", "preset": "ultrafast"}, "not what the output is to hold"),
        ({"fps": 15}, "15 frames a second"),
        ({"mode": "encode"}, "mode encode"),
    ],
)
def test_what_is_asked_of_the_output_forbids_copies(
    wish: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, size=(320, 180), frames=30)
    sc.open(path).render(out, **wish)
    assert [i["how"] for i in intervals(out)] == ["encode"]
    assert reason in intervals(out)[0]["reason"]


def test_what_does_not_decode_as_planned_is_encoded_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=FRAMES)
    damage_copies(monkeypatch, lambda number: True)
    result = trimmed(path, out)
    assert any("encoded after all" in note for note in result.notes)
    assert {i["how"] for i in intervals(out)} == {"encode"}
    assert read_bar_codes(out)[0] == expected_numbers(result, path)
