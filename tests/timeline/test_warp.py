"""Time within segments: faster, slower, backwards and held, to the frame and in sync."""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import smartcut as sc
from smartcut.algebra import shown_when, to_source, to_timeline, words_in_timeline
from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.cut import Cut, Segment, Track
from smartcut.errors import PipelineError, RenderError, StageError
from smartcut.interchange.files import write_cut
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.otio import to_otio
from smartcut.interchange.otio_reading import from_otio
from smartcut.media import audio
from smartcut.media.backwards import backwards
from smartcut.media.barcode import number_in, read_sound
from smartcut.render.sound.effects import backwards as sound_backwards
from smartcut.report.summary import summary
from smartcut.testing import read_bar_codes, write_bar_coded
from smartcut.timebase import Range
from smartcut.warp import Warp, joined, straightened

# ------------------------------------------------------------------------------------- warps

steps = st.fractions(F(1, 8), F(4), max_denominator=48)


@st.composite
def warps(draw: st.DrawFn, slopes: Any = None) -> Warp:
    slopes = (
        st.sampled_from([F(-2), F(-1), F(0), F(1, 3), F(1), F(2)]) if slopes is None else slopes
    )
    points = [(F(0), draw(st.fractions(F(20), F(40), max_denominator=48)))]
    for _ in range(draw(st.integers(1, 5))):
        lasts = draw(steps)
        points.append((points[-1][0] + lasts, points[-1][1] + lasts * draw(slopes)))
    return straightened(points)


@given(warps(), st.fractions(F(1, 100), F(99, 100)))
def test_a_warp_divided_and_joined_is_itself(warp: Warp, share: F) -> None:
    at = warp.duration * share
    one, other = warp.part(F(0), at), warp.part(at, warp.duration)
    assert one.duration + other.duration == warp.duration
    assert joined(one, other) == warp


@given(warps(st.sampled_from([F(1, 4), F(1), F(5, 2)])), st.lists(st.fractions(F(0), F(1))))
def test_where_slopes_are_above_0_source_time_rises(warp: Warp, shares: list[F]) -> None:
    times = [warp.at(warp.duration * share) for share in sorted(set(shares))]
    assert times == sorted(set(times))
    assert warp.is_rising
    for share in shares:
        time = warp.duration * share
        assert list(warp.times_of(warp.at(time))) == [time]


@given(warps())
def test_backwards_twice_is_the_same(warp: Warp) -> None:
    assert warp.reversed().duration == warp.duration
    assert warp.reversed().seen == warp.seen
    assert warp.reversed().reversed() == warp


@given(warps(), st.fractions(F(0), F(1)))
def test_a_segment_maps_times_there_and_back(warp: Warp, share: F) -> None:
    segment = Segment("a", Range(F(0), F(1))).warped(warp)
    place = Range(F(7), F(7) + segment.duration)
    time = place.start + share * segment.duration
    source_time = to_source(segment, place, time)
    first = to_timeline(segment, place, source_time)
    assert first <= time
    assert to_source(segment, place, first) == source_time
    whole = [*shown_when(segment, place, Range(segment.range.start, segment.range.end + 1))]
    assert whole == [place]


def test_a_straight_rising_warp_is_a_speed() -> None:
    segment = Segment("a", Range(F(2), F(6)), speed=F(2))
    assert segment.warped(segment.as_warp) == segment
    assert segment.warped(segment.as_warp.reversed().reversed()) == segment


def test_how_time_passes_is_said_in_words() -> None:
    whole = Segment("a", Range(F(0), F(4)))
    back = whole.warped(whole.as_warp.reversed())
    assert [whole.pace, replace(whole, speed=F(1, 2)).pace] == ["", "speed 0.5"]
    assert [back.pace, back.warped(back.as_warp.faster(F(2))).pace] == [
        "reversed", "reversed at speed 2",
    ]  # fmt: skip
    both = Warp(((F(0), F(0)), (F(1), F(1)), (F(2), F(0))))
    ramp = Warp(((F(0), F(0)), (F(1), F(1)), (F(2), F(3))))
    assert whole.warped(both).pace == "played forwards and backwards"
    assert whole.warped(ramp).pace == "speed 1 to 2"
    assert whole.warped(ramp.reversed()).pace == "reversed"
    assert whole.warped(Warp.frozen(F(1), F(2))).pace == "frozen"


def test_a_warp_shows_the_range_of_its_segment() -> None:
    with pytest.raises(ValueError, match="shows 1 to 1 s, not 0 to 2 s"):
        Segment("a", Range(F(0), F(2)), warp=Warp.frozen(F(1), F(2)))
    with pytest.raises(ValueError, match="must rise"):
        Warp(((F(0), F(0)), (F(0), F(1))))


def test_edges_move_and_slopes_stay() -> None:
    warp = Warp(((F(0), F(0)), (F(2), F(2)), (F(3), F(2)), (F(4), F(1))))
    moved = warp.moved(lambda t: t + F(1, 10))
    assert moved is not None
    assert [piece.slope for piece in moved.pieces] == [1, 0, -1]
    assert moved.seen == Range(F(1, 10), F(21, 10))


# ---------------------------------------------------------------------------------- rendering


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("warp") / "film.mp4"
    write_bar_coded(path, frames=100, rate=F(25), size=(160, 96), gop=25)
    return path


def manifest(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_suffix(".manifest.json").read_text())
    return found


def beeps(path: Path) -> list[float]:
    """When sound begins after silence, in seconds."""
    first, values = read_sound(path)
    loud = np.convolve(np.abs(values), np.ones(480) / 480, "same") > 0.05
    return [float(first) + at / 48_000 for at in np.flatnonzero(np.diff(loud.astype(int)) > 0)]


def test_backwards_are_the_same_frames_and_beeps_the_other_way(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(film) | sc.reverse()).render(out)
    numbers, times = read_bar_codes(out)
    assert numbers == list(range(99, -1, -1))
    assert times[-1] - times[0] == F(99, 25)
    # a beep of 50 ms at 1 s ends, played backwards, at 3 s
    assert beeps(out) == pytest.approx([0.95, 1.95, 2.95, 3.95], abs=0.01)
    assert {span["reason"] for span in manifest(out)["intervals"]} == {"reversed"}


def test_backwards_twice_is_copied(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(film) | sc.reverse() | sc.reverse()).render(out)
    assert read_bar_codes(out)[0] == list(range(100))
    assert {span["how"] for span in manifest(out)["intervals"]} == {"copy"}


def test_a_reversed_segment_leaves_the_rest_copied(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(film) | sc.split(by="length", length="1s") | sc.reverse(on=2)).render(out)
    assert read_bar_codes(out)[0] == [*range(50), *range(74, 49, -1), *range(75, 100)]
    assert [s["how"] for s in manifest(out)["intervals"]] == ["copy", "encode", "copy"]


def test_the_whole_cut_backwards_begins_with_its_last_segment(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(film) | sc.trim(ranges=["0-1", "2-3"]) | sc.reverse()).render(out)
    assert read_bar_codes(out)[0] == [*range(74, 49, -1), *range(24, -1, -1)]


def test_a_held_picture_is_so_many_equal_frames(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(film) | sc.freeze(at="2s", duration="1s")).render(out)
    assert read_bar_codes(out)[0] == [*range(50), *[50] * 25, *range(50, 100)]
    lossless = tmp_path / "lossless.mkv"
    zoomed = sc.open(film) | sc.trim(ranges=["1.8-2.2"]) | sc.zoom(scale={"1.8s": 1, "2.2s": 2})
    (zoomed | sc.freeze(at="2s", duration="0.4s")).render(lossless, codec="ffv1")
    with av.open(str(lossless)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(video=0)]
    assert len(frames) == 20
    equal = [np.array_equal(frame, frames[5]) for frame in frames]
    assert equal == [5 <= n <= 15 for n in range(20)]
    assert [s["reason"] for s in manifest(out)["intervals"] if s["how"] == "encode"] == ["frozen"]
    assert [t for t in beeps(out) if t > 0.5] == pytest.approx([1, 3, 4], abs=0.01)


@pytest.mark.parametrize("factor", [2, 0.5])
def test_constant_speeds_keep_frames_and_sound_together(
    film: Path, tmp_path: Path, factor: float
) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(film) | sc.speed(factor=factor)).render(out)
    numbers = read_bar_codes(out)[0]
    assert numbers == [int(n * factor) for n in range(int(100 / factor))]
    last = [t for t in beeps(out) if t > 2.5 / factor]
    assert last[0] == pytest.approx(3 / factor, abs=0.03)


def test_a_speed_for_a_part_leaves_the_rest_copied(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(film) | sc.speed(factor=5, start="1s", end="2s")).render(out)
    assert read_bar_codes(out)[0] == [*range(25), *range(25, 50, 5), *range(50, 100)]
    assert [s["how"] for s in manifest(out)["intervals"]] == ["copy", "encode", "copy"]


def test_a_ramp_lasts_as_long_as_its_speeds_say(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    pipeline = sc.open(film) | sc.speed(factor={"1s": 1, "3s": 0.5, "ease": "linear"})
    pipeline.render(out)
    numbers, _ = read_bar_codes(out)
    # 1 s at 1, 2 s of source from 1 to 0.5 (2 * 2 * ln 2), 1 s at 0.5
    lasts = 1 + 4 * np.log(2) + 2
    assert len(numbers) == round(lasts * 25)
    assert numbers[:26] == list(range(26))
    assert numbers == sorted(numbers)
    assert numbers[-1] == 99
    at_3 = 1 + 4 * np.log(2)
    assert min(abs(t - at_3) for t in beeps(out)) < 0.03
    assert numbers[round(at_3 * 25)] == pytest.approx(75, abs=1)


def test_loops_repeat(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(film) | sc.trim(end="1s") | sc.loop(times=3)).render(out)
    assert read_bar_codes(out)[0] == [*range(25)] * 3
    cut = (sc.open(film) | sc.split(by="length", length="2s") | sc.loop(times=2, on=0)).cut()
    assert [float(s.range.start) for s in cut.segments] == [0, 0, 2]


def test_effects_stay_on_their_source_time_backwards(film: Path, tmp_path: Path) -> None:
    """Upside down are the same frames, whichever way they play."""
    out = tmp_path / "out.mp4"
    turned = sc.rotate(degrees=180, start="1s", end="2s")
    (sc.open(film) | turned | sc.reverse()).render(out)
    with av.open(str(out)) as container:
        luma = [f.reformat(format="gray").to_ndarray() for f in container.decode(video=0)]
    upside_down = []
    for place, shown in enumerate(luma):
        assert number_in(shown[::-1, ::-1] if 50 <= place < 75 else shown) == 99 - place
        upside_down.append(50 <= place < 75)
    assert sum(upside_down) == 25


def test_effects_stay_on_frames_of_variable_times_backwards(tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    write_bar_coded(film, frames=40, steps=[40, 20, 60], size=(160, 96), gop=10)
    found = []
    for name, stages in (("on", ()), ("back", (sc.reverse(),))):
        pipeline = sc.open(film) | sc.rotate(degrees=180, start="0.4s", end="0.8s")
        for stage in stages:
            pipeline = pipeline | stage
        pipeline.render(tmp_path / f"{name}.mkv")
        with av.open(str(tmp_path / f"{name}.mkv")) as container:
            luma = [f.reformat(format="gray").to_ndarray() for f in container.decode(video=0)]
        numbers = range(39, -1, -1) if stages else range(40)
        found.append({n for n, y in zip(numbers, luma, strict=True) if not _stands(y, n)})
    # those that begin from 0.40 to 0.78 s
    assert found[0] == found[1] == set(range(10, 21))


def _stands(luma: np.ndarray, number: int) -> bool:
    """Whether a picture is the frame of that number, upright; else it is so upside down."""
    try:
        if number_in(luma) == number:
            return True
    except ValueError:
        pass
    assert number_in(luma[::-1, ::-1]) == number
    return False


def test_changing_speeds_may_have_frames_between(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    slow = sc.speed(factor={"1s": 1, "2s": 0.25}, start="1s", end="2s", sound="muted")
    (sc.open(film) | slow | sc.interpolate(fps=25, engine="blend")).render(out)
    made = manifest(out)["generated"]
    assert sum(row["made"] for row in made) >= 15
    lasts = 3 + 4 / 3 * np.log(4)
    with av.open(str(out)) as container:
        assert sum(1 for _ in container.decode(video=0)) == round(lasts * 25)


def test_backwards_and_frames_between_are_refused(film: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="segment 0 plays backwards"):
        (sc.open(film) | sc.interpolate(fps=50, engine="blend") | sc.reverse()).render(
            tmp_path / "out.mp4"
        )
    cut = (sc.open(film) | sc.reverse() | sc.interpolate(fps=50, engine="blend")).cut()
    assert any("none in what plays backwards (segment 0)" in note for note in cut.notes)
    assert cut.segments[0].effects == ()
    with pytest.raises(StageError, match="segment 0, which is reversed"):
        (sc.open(film) | sc.reverse() | sc.interpolate(speed=0.5, engine="blend")).cut()


def test_words_are_where_they_are_heard() -> None:
    """At changing speeds they move; backwards nobody understands them."""
    word = Word(Range(F(1), F(2)), "hello")
    said = Annotation(
        "transcript", "a", Transcript("en", (Sentence(word.range, "hello", (word,)),))
    )
    whole = Segment("a", Range(F(0), F(4)))
    ramp = Warp(((F(0), F(0)), (F(3), F(3, 2)), (F(11, 2), F(4))))

    def heard(segment: Segment) -> list[Range]:
        cut = Cut(tracks=(Track("programme", (segment,)),), annotations=(said,))
        return [w.range for w in words_in_timeline(cut)]

    assert heard(whole) == [Range(F(1), F(2))]
    assert heard(whole.warped(ramp)) == [Range(F(2), F(7, 2))]
    assert heard(whole.warped(whole.as_warp.reversed())) == []


def test_variable_frame_times_run_backwards(tmp_path: Path) -> None:
    film, out = tmp_path / "film.mkv", tmp_path / "out.mkv"
    write_bar_coded(film, frames=40, steps=[40, 20, 60], size=(160, 96), gop=10)
    (sc.open(film) | sc.reverse()).render(out)
    numbers, times = read_bar_codes(out)
    assert numbers == list(range(39, -1, -1))
    forwards = [40, 20, 60] * 14
    gaps = [round(float(b - a) * 1000) for a, b in pairwise(times)]
    # of the last frame's own length the file says nothing
    assert gaps[1:] == pytest.approx(forwards[38:0:-1], abs=1)


def test_backwards_holds_few_frames() -> None:
    class Index:
        is_start = np.arange(1500) % 250 == 0

    class Frame:
        pass

    alive: weakref.WeakSet[Frame] = weakref.WeakSet()
    most = 0

    def read(first: int, last: int) -> Iterator[tuple[int, Frame]]:
        nonlocal most
        for number in range(first, last):
            frame = Frame()
            alive.add(frame)
            most = max(most, len(alive))
            yield number, frame

    numbers = [number for number, _ in backwards(read, Index(), 3, 1500, 82)]  # type: ignore[arg-type]
    assert numbers == list(range(1499, 2, -1))
    assert 80 < most <= 85


@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_sound_backwards_is_every_sample_once(tmp_path: Path, rate: int) -> None:
    """However much is held at a time, and at another rate too."""
    film = tmp_path / "film.mkv"
    write_bar_coded(film, frames=100, rate=F(25), size=(160, 96), audio="pcm_s16le")
    source = sc.open(film).cut().sources[0]

    def heard(first: int, last: int) -> Iterator[np.ndarray]:
        return audio.samples(source, rate, "stereo", F(first, rate), F(last, rate))

    ends = rate // 3, 37 * rate // 10
    forwards = np.concatenate([*heard(*ends)], axis=1)
    turned = np.concatenate([*sound_backwards(heard, *ends, rate)], axis=1)
    assert turned.shape == forwards.shape
    assert np.abs(forwards).max() > 0.3
    assert np.abs(turned[:, ::-1] - forwards).max() < 1e-6


# -------------------------------------------------------------------------------- interchange


def warped(film: Path) -> Cut:
    """One segment as it was, one backwards, one held, and one that changes its speed."""
    pipeline = sc.open(film) | sc.split(by="length", length="1s") | sc.reverse(on=1)
    pipeline = pipeline | sc.freeze(at="2.48s", duration="0.4s")
    return (pipeline | sc.speed(factor={"3s": 1, "4s": 2}, start="3s")).cut()


def test_warps_go_through_files_and_back(film: Path) -> None:
    cut = warped(film)
    assert [s.pace for s in cut.segments] == [
        "",
        "reversed",
        "",
        "frozen",
        "",
        "speed 1.02 to 1.98",
    ]
    assert cut_from_json(cut_to_json(cut)) == cut
    text = to_otio(cut)
    assert from_otio(text).segments == cut.segments
    kinds = [
        (effect["OTIO_SCHEMA"], effect.get("time_scalar"))
        for child in json.loads(text)["tracks"]["children"][0]["children"]
        for effect in child["effects"]
    ]
    assert kinds == [
        ("LinearTimeWarp.1", -1.0), ("FreezeFrame.1", 0.0), ("TimeEffect.1", None)
    ]  # fmt: skip


def test_what_other_tools_turn_around_or_hold_is_read(film: Path) -> None:
    """As the visible values have it, without a word from smartcut."""
    cut = warped(film)
    plain = json.loads(to_otio(cut))
    for child in plain["tracks"]["children"][0]["children"]:
        child["metadata"] = {}
    found = from_otio(json.dumps(plain))
    assert found.segments[1].warp == cut.segments[1].warp
    assert found.segments[3].warp == cut.segments[3].warp


@pytest.mark.parametrize("suffix", [".edl", ".v3"])
def test_other_formats_keep_lengths_and_say_what_they_do_not_hold(
    film: Path, tmp_path: Path, suffix: str
) -> None:
    cut = warped(film)
    path = tmp_path / f"cut{suffix}"
    notes = write_cut(cut, path)
    assert len(notes) == 3
    assert "segment 1 of programme is reversed" in notes[0]
    assert write_cut(cut, tmp_path / "cut.otio") == ()
    read = sc.open(path).cut()
    assert float(read.duration) == pytest.approx(float(cut.duration), abs=0.05)


# -------------------------------------------------------------------------------------- errors


def test_errors_say_what_to_use(film: Path) -> None:
    with pytest.raises(StageError, match="no chosen segment shows 9 s"):
        (sc.open(film) | sc.freeze(at="9s")).cut()
    for factor in (0, -1, {"0s": 1, "1s": 0}):
        with pytest.raises(PipelineError, match="`reverse`"):
            sc.speed(factor=factor)
    with pytest.raises(PipelineError, match="does not come after"):
        sc.speed(factor=2, start="2s", end="1s")


def test_a_summary_tells_of_held_and_reversed_segments(film: Path, tmp_path: Path) -> None:
    steps = sc.open(film) | sc.freeze(at=1, duration=1) | sc.reverse(on="first")
    told = summary(steps.render(tmp_path / "out.mp4"))
    assert "reversed" in told
    assert "frozen" in told
