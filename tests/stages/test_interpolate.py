"""Slow motion and frame rates by frames made in between: which, when, and with what sound."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from typer.testing import CliRunner

import smartcut as sc
from smartcut.algebra import opening, to_timeline
from smartcut.cli import app
from smartcut.errors import PipelineError
from smartcut.media.decode import frames
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.testing import read_bar_codes, read_sound, write_bar_coded

FILM = F(24000, 1001)
_STEP = 4
_DARKEST = 20


def write_clock(
    path: Path,
    *,
    frames: int = 24,
    rate: F = F(24),
    levels: Sequence[int] | None = None,
    ticks: Sequence[int] = (),
) -> None:
    """Lossless video that gets lighter by ``_STEP`` a frame: a mix of two frames tells its time.

    ``levels`` replace the brightness; ``ticks`` are the frames' times in 1/1000 s.
    """
    levels = levels or [_DARKEST + _STEP * n for n in range(frames)]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        base = F(1, 1000) if ticks else 1 / rate
        stream.time_base = stream.codec_context.time_base = base
        for n, level in enumerate(levels):
            planes = [np.full((48, 64), level, np.uint8)]
            planes += [np.full((24, 32), 128, np.uint8)] * 2
            flat = np.concatenate([p.reshape(-1) for p in planes]).reshape(72, 64)
            frame = VideoFrame.from_ndarray(flat, format="yuv420p")
            frame.pts, frame.time_base = (ticks[n] if ticks else n), base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def read_clock(path: Path) -> tuple[list[float], list[F]]:
    """(source frame shown, with its fraction; time) of every frame of the file."""
    shown, times = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            luma = frame.to_ndarray()[:48].astype(float)
            assert luma.max() - luma.min() <= 1
            shown.append((luma.mean() - _DARKEST) / _STEP)
            times.append((frame.pts or 0) * F(frame.time_base or 1))
    return shown, times


def made(path: Path, out: Path, **params: Any) -> Any:
    """Render with plain mixing, lossless; the answer is the manifest."""
    stage = sc.interpolate(**{"engine": "blend", **params})
    (sc.open(path) | stage).render(out, codec="ffv1", pixel_format="yuv420p")
    return json.loads(out.with_name(out.stem + ".manifest.json").read_text())


# ----------------------------------------------------------------------------- which, and when


@pytest.mark.parametrize(
    ("rate", "params", "asked"),
    [
        (F(24), {"factor": 2}, F(48)),
        (F(24), {"fps": 60}, F(60)),
        (FILM, {"fps": 50}, F(50)),
        (F(25), {"fps": "62.5"}, F(125, 2)),
        (F(30), {"fps": "60000/1001"}, F(60000, 1001)),
        (F(30), {"fps": 24}, F(24)),
    ],
)
def test_a_new_rate_has_every_frame_at_its_time(
    rate: F, params: dict[str, Any], asked: F, tmp_path: Path
) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "out.mkv"
    write_clock(path, rate=rate)
    manifest = made(path, out, **params)
    shown, times = read_clock(out)
    assert len(shown) == int(24 / rate * asked + F(1, 2))
    assert all(abs(t - k / asked) <= F(1, 1000) for k, t in enumerate(times))
    expected = [min(k / asked * rate, F(23)) for k in range(len(shown))]
    assert shown == pytest.approx([float(x) for x in expected], abs=0.3)
    assert shown[0] == 0
    # the source's own frames are those that lie on its grid, and only the rest is made
    rows = [row for part in manifest["generated"] for row in part["frames"]]
    between = [k for k, x in enumerate(expected) if F(1, 32) < x % 1 < F(31, 32)]
    assert [row[0] for row in rows] == between
    for k, before, after, step in rows:
        assert (before, after) == (int(expected[k]), int(expected[k]) + 1)
        assert step == pytest.approx(float(expected[k] % 1), abs=1e-5)


def test_the_last_frame_is_held_and_is_the_sources_own(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "out.mkv"
    write_clock(path)
    made(path, out, factor=4)
    shown, _ = read_clock(out)
    assert len(shown) == 96
    assert shown[0] == 0
    assert shown[-4:] == [23, 23, 23, 23]


def test_variable_rate_becomes_constant(tmp_path: Path) -> None:
    path, out = tmp_path / "v.mkv", tmp_path / "out.mkv"
    steps = (33, 34, 67, 40, 20)
    ticks = [0, *np.cumsum([steps[i % 5] for i in range(23)]).tolist()]
    write_clock(path, ticks=ticks)
    made(path, out, fps=60)
    shown, times = read_clock(out)
    assert all(abs(t - F(k, 60)) <= F(1, 1000) for k, t in enumerate(times))
    expected = np.interp([k * 1000 / 60 for k in range(len(shown))], ticks, range(24))
    assert shown == pytest.approx(expected.tolist(), abs=0.3)


def test_slow_motion_at_a_quarter_of_the_speed(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "out.mkv"
    write_clock(path)
    manifest = made(path, out, speed=0.25)
    shown, times = read_clock(out)
    assert len(shown) == 96
    assert times[-1] == pytest.approx(95 / 24, abs=1e-3)
    assert shown == pytest.approx([min(k / 4, 23) for k in range(96)], abs=0.26)
    assert sum(part["made"] for part in manifest["generated"]) == 69


def test_a_slow_middle_leaves_the_rest_to_be_copied(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "out.mp4"
    write_bar_coded(path, size=(320, 180), gop=10, b_frames=0)
    steps = sc.open(path) | sc.split(by="length", length=1)
    steps = steps | sc.interpolate(speed=0.5, on=1, engine="blend", sound="mute")
    result = steps.render(out)
    spans = json.loads((tmp_path / "out.manifest.json").read_text())["intervals"]
    assert [(s["how"], s["frames"]) for s in spans] == [
        ("copy", 30), ("encode", 60), ("copy", 30),
    ]  # fmt: skip
    assert result.cut.duration == 4
    numbers, times = read_bar_codes_of_own(out, [*range(30), *range(90, 120)])
    assert numbers == [*range(30), *range(60, 90)]
    assert times[-1] == F(119, 30)


def read_bar_codes_of_own(path: Path, places: Sequence[int]) -> tuple[list[int], list[F]]:
    from smartcut.testing import number_in

    numbers, times = [], []
    with av.open(str(path)) as container:
        for place, frame in enumerate(container.decode(video=0)):
            if place in places:
                numbers.append(number_in(frame.reformat(format="gray").to_ndarray()))
                times.append((frame.pts or 0) * F(frame.time_base or 1))
    return numbers, times


def test_a_ramp_is_smooth_and_arrives(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "out.mkv"
    write_clock(path, frames=48)
    manifest = made(path, out, speed="1/4", ramp="0.5")
    shown, _ = read_clock(out)
    speeds = np.diff(shown)
    middle = np.flatnonzero(np.abs(np.array(shown) - 23.5) < 6)
    assert speeds[middle[0] : middle[-1]] == pytest.approx(0.25, abs=0.26)
    assert speeds[:2].mean() == pytest.approx(1, abs=0.15)
    smoothed = np.convolve(speeds, np.ones(4) / 4, "valid")
    assert np.abs(np.diff(smoothed)).max() < 0.2
    assert [s["how"] for s in manifest["intervals"]] == ["encode"]
    assert (np.diff(shown[:-4]) >= 0).all()


def test_a_ramp_is_one_segment_with_a_warp(tmp_path: Path) -> None:
    for name in "ab":
        write_clock(tmp_path / f"{name}.mkv")
    stages = sc.open(tmp_path / "a.mkv", tmp_path / "b.mkv")
    cut = (stages | sc.interpolate(speed=0.5, ramp="0.25", engine="blend")).cut()
    assert [segment.source for segment in cut.segments] == ["a", "b"]
    whole = opening(cut.sources).segments
    assert [segment.range for segment in cut.segments] == [s.range for s in whole]
    for segment in cut.segments:
        assert segment.pace == "speed between 0.5 and 0.991"
        assert segment.warp is not None
        slopes = [piece.slope for piece in segment.warp.pieces]
        assert len(slopes) == 13
        assert slopes == pytest.approx(slopes[::-1], abs=1e-3)
        assert slopes[:7] == sorted(slopes[:7], reverse=True)


def test_only_where_the_signal_is_highest(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "out.mkv"
    # it flickers in the second second and is nearly still in the others
    levels = [60 + n // 6 for n in range(24)] + [60, 180] * 12 + [80 + n // 6 for n in range(24)]
    write_clock(path, levels=levels)
    stages = sc.open(path) | sc.motion()
    stages = stages | sc.interpolate(
        speed=0.5, by="motion", top=0.2, shortest="0.5", engine="blend", guard=0
    )
    cut = stages.render(out, codec="ffv1").cut
    slow = [s for s in cut.segments if s.speed != 1]
    assert sum((s.range.duration for s in slow), F(0)) >= F(1, 2)
    assert all(F(3, 4) < s.range.start < F(9, 4) for s in slow)
    assert [s.between is not None for s in cut.segments] == [s.speed != 1 for s in cut.segments]
    with pytest.raises(PipelineError, match="`interpolate` needs `motion`"):
        (sc.open(path) | sc.interpolate(speed=0.5, by="motion", engine="blend")).cut()


# -------------------------------------------------------------------------- what is not made


def test_nothing_is_made_across_a_cut(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "out.mkv"
    levels = [40 + _STEP * n for n in range(12)] + [200 - _STEP * n for n in range(12)]
    write_clock(path, levels=levels)
    stages = sc.open(path) | sc.shots(detector="content", min_length=0)
    stages = stages | sc.interpolate(factor=4, engine="blend", guard=0)
    stages.render(out, codec="ffv1")
    shown, _ = read_clock(out)
    values = np.array(shown) * _STEP + _DARKEST
    assert len(values) == 96
    assert not ((values > levels[11] + 1) & (values < levels[23] - 1)).any()
    assert (values[:48] <= levels[11]).all()
    assert (values[48:] >= levels[23]).all()


def test_unlike_pictures_are_taken_for_two_shots(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "out.mkv"
    rng = np.random.default_rng(5)
    first, second = (np.kron(rng.integers(30, 220, (12, 16)), np.ones((6, 6))) for _ in range(2))
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 96, 72, "yuv420p"
        for n in range(12):
            pixels = np.roll(first if n < 6 else second, n, axis=1).astype(np.uint8)
            frame = VideoFrame.from_ndarray(np.stack([pixels] * 3, -1), format="rgb24")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    manifest = made(path, out, factor=2)
    (part,) = manifest["generated"]
    assert part["held_because_unlike"] == 1
    assert part["made"] == 10
    assert all((before, after) != (5, 6) for _, before, after, _ in part["frames"])


def test_still_parts_are_copied(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "out.mkv"
    levels = [*range(40, 72, 4), *[72] * 20, *range(76, 100, 4)]
    write_clock(path, levels=levels)
    manifest = made(path, out, factor=2)
    (part,) = manifest["generated"]
    assert part["copied_because_still"] == 19
    assert part["made"] == len(levels) - 1 - 19


def test_drawings_held_for_two_frames_move_on_every_frame(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "out.mkv"
    write_clock(path, levels=[_DARKEST + 8 * (n // 2) for n in range(24)])
    made(path, out, factor=2)
    shown, _ = read_clock(out)
    # the first and last drawings have no neighbour on one side
    assert np.diff(shown[4:40]) == pytest.approx(np.full(35, 0.5), abs=0.26)
    made(path, out, factor=2, cadence=False)
    shown, _ = read_clock(out)
    assert sum(d == 0 for d in np.diff(shown[4:40])) > 10


def test_a_rate_that_is_there_already_makes_nothing(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "out.mp4"
    write_bar_coded(path)
    result = (sc.open(path) | sc.interpolate(fps=30, engine="blend")).render(out)
    assert [s.effects for s in result.cut.segments] == [()]
    assert read_bar_codes(out)[0] == list(range(90))
    assert any("none is made" in note for note in result.notes)


def test_a_single_frame_and_a_segment_of_one_frame(tmp_path: Path) -> None:
    path, out = tmp_path / "one.mkv", tmp_path / "out.mkv"
    write_clock(path, levels=[60])
    made(path, out, factor=4)
    assert read_clock(out)[0] == [10] * 4
    write_clock(tmp_path / "a.mkv")
    steps = sc.open(tmp_path / "a.mkv") | sc.trim(ranges=["3f-4f"])
    steps = steps | sc.interpolate(speed=0.5, engine="blend")
    steps.render(out, codec="ffv1")
    assert read_clock(out)[0] == pytest.approx([3, 3.5], abs=0.13)


# ------------------------------------------------------------------------------------- asking


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "give `fps`, `factor` or `speed`"),
        ({"fps": 60, "factor": 2}, "say the same"),
        ({"fps": 60, "ramp": 1}, "go with `speed`"),
        ({"speed": 2}, "play faster.*`speed: .factor: 2.`"),
        ({"speed": 0}, "0 is not accepted; accepted: number or ratio .* above 0"),
        ({"factor": 1}, "1 is not accepted; accepted: whole number, at least 2"),
        ({"fps": 60, "engine": "magic"}, r"accepted: auto \| rife \| flow"),
    ],
)
def test_mistakes_are_named(params: dict[str, Any], message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        sc.interpolate(**params)


# -------------------------------------------------------------------------------------- sound


AUDIO_FRAME = 1024 / 48_000


def beeps(path: Path) -> list[float]:
    """The middles of the beeps, weighted by their energy, in seconds on the file's clock."""
    first, values = read_sound(path)
    loud = np.flatnonzero(np.convolve(np.abs(values), np.ones(96) / 96, "same") > 0.02)
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > 12_000) + 1) if len(loud) else []
    energy = values.astype(np.float64) ** 2
    middles = [np.average(np.arange(g[0], g[-1]), weights=energy[g[0] : g[-1]]) for g in groups]
    return [float(first) + m / 48_000 for m in middles]


def shown_at(cut: sc.Cut, time: F) -> float:
    for segment, place in cut.programme.placed():
        if segment.range.contains(time):
            return float(to_timeline(segment, place, time))
    raise AssertionError(time)


# A beep lasts a twentieth of a second from each whole one on.
_MIDDLE = F(1, 40)


@pytest.mark.parametrize("speed", [F(3, 4), F(1, 2), F(1, 4)])
def test_stretched_sound_stays_with_the_picture_to_the_end(speed: F, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "out.mp4"
    write_bar_coded(path, frames=150)
    result = (sc.open(path) | sc.interpolate(speed=speed, engine="blend")).render(out)
    assert result.cut.duration == 5 / speed
    expected = [float((second + _MIDDLE) / speed) for second in range(5)]
    assert beeps(out)[1:] == pytest.approx(expected[1:], abs=AUDIO_FRAME)
    first, values = read_sound(out)
    assert float(first) + len(values) / 48_000 == pytest.approx(float(5 / speed), abs=0.05)


def test_sound_stays_with_the_picture_through_ramps(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "out.mp4"
    write_bar_coded(path, frames=240)
    stages = sc.open(path) | sc.split(by="length", length=2)
    stages = stages | sc.interpolate(speed=0.5, ramp="0.5", on=1, engine="blend")
    cut = stages.render(out).cut
    assert [s.warp is not None for s in cut.segments] == [False, True, False, False]
    # beeps at joins and in the ramps, where they are no longer alike on both sides, are left out
    expected = {second: shown_at(cut, second + _MIDDLE) for second in (1, 3, 5, 6, 7)}
    found = beeps(out)
    assert len(found) == 8
    assert [found[s] for s in expected] == pytest.approx(
        list(expected.values()), abs=AUDIO_FRAME / 2
    )


def test_sound_of_slow_motion_kept_at_its_speed_or_muted(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "out.mp4"
    write_bar_coded(path, frames=90)
    for sound, expected in (("keep", [0, 1, 2]), ("mute", [])):
        stages = sc.open(path) | sc.interpolate(speed=0.5, sound=sound, engine="blend")
        stages.render(out)
        assert beeps(out) == pytest.approx([s + float(_MIDDLE) for s in expected], abs=0.002)
        first, values = read_sound(out)
        assert float(first) + len(values) / 48_000 == pytest.approx(6, abs=0.05)


# -------------------------------------------------------------------------------------- morphs


def test_a_morph_makes_every_picture_of_its_overlap(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "out.mkv"
    write_clock(path, frames=48)
    stages = sc.open(path) | sc.trim(ranges=["0-1", "30f-48f"])
    stages = stages | sc.transitions(kind="morph", duration="0.25", engine="flow")
    stages.render(out, codec="ffv1")
    shown, _ = read_clock(out)
    assert len(shown) == 24 + 18 - 6
    assert shown[:18] == list(range(18))
    assert shown[24:] == list(range(36, 48))
    a, b = np.arange(18, 24), np.arange(30, 36)
    shares = np.arange(1, 7) / 7
    assert shown[18:24] == pytest.approx((a * (1 - shares) + b * shares).tolist(), abs=0.3)
    manifest = json.loads((tmp_path / "out.manifest.json").read_text())
    (part,) = manifest["generated"]
    assert (part["kind"], part["engine"], part["made"]) == ("morph", "flow", 6)
    assert [row[:3] for row in part["frames"]] == [[18 + i, 18 + i, 30 + i] for i in range(6)]


# --------------------------------------------------------------------------------- the command


def test_the_command_keeps_a_lossless_source_lossless(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "out.mkv"
    write_clock(path)
    command = ["interpolate", str(path), "-o", str(out), "--factor", "2", "--engine", "flow"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert probe(out).video.codec == "ffv1"  # type: ignore[union-attr]
    assert "flow" in done.output
    before = [f.to_ndarray() for _, f in frames_of(path)]
    after = [f.to_ndarray() for _, f in frames_of(out)]
    assert len(after) == 48
    assert all(np.array_equal(a, b) for a, b in zip(before, after[::2], strict=True))


def frames_of(path: Path) -> Any:
    source = probe(path)
    index = video_index(source)
    return frames(source, index, 0, len(index))
