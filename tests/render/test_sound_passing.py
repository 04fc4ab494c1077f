"""Sound that nothing touches is passed through, and stays in time to the sample."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.media.audio import samples
from smartcut.media.probe import probe
from smartcut.stages.render import Render
from smartcut.testing import beep_offset, read_bar_codes, write_bar_coded

FRAGMENTS = {"movflags": "+frag_keyframe+empty_moov"}


def payloads(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(p) for p in container.demux(audio=0) if p.size]


def is_part(some: list[bytes], whole: list[bytes]) -> bool:
    return any(whole[at : at + len(some)] == some for at in range(len(whole) - len(some) + 1))


def sound_line(steps: Any, out: Path) -> Any:
    plan = (steps | Render(output=str(out))).plan()
    return next(s for s in plan.steps if s.subject.endswith(" sound"))


@pytest.mark.parametrize(
    ("before", "after", "audio", "encoder"),
    [
        ("a.mp4", "o.mp4", "aac", "libx264"),
        ("a.mkv", "o.mp4", "aac", "libx264"),
        ("a.mkv", "o.mkv", "aac", "libx264"),
        ("a.webm", "o.webm", "libopus", "libvpx-vp9"),
        ("a.mkv", "o.mp4", "libopus", "libx264"),
    ],
)
@pytest.mark.parametrize("end", ["5", "2.35"])
def test_from_the_beginning_in_any_container(
    before: str, after: str, audio: str, encoder: str, end: str, tmp_path: Path
) -> None:
    path, out = tmp_path / before, tmp_path / after
    options = {"b": "300k", "cpu-used": "8"} if encoder == "libvpx-vp9" else {}
    write_bar_coded(path, frames=150, audio=audio, encoder=encoder, options=options)
    steps = sc.open(path) | sc.trim(end=end)
    assert sound_line(steps, out).state == "copy"
    steps.render(out)
    assert is_part(payloads(out), payloads(path))
    assert abs(beep_offset(out, 1, F(1))) < 0.001
    made = probe(out)
    assert made.audio is not None
    assert abs(made.audio.duration - F(end)) < F(3, 100)


@pytest.mark.parametrize("start", ["1", "1.5", "0.7", "2.9"])
def test_from_anywhere_in_mp4(start: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=150)
    (sc.open(path) | sc.trim(start=start)).render(out)
    assert is_part(payloads(out), payloads(path))
    second = int(F(start)) + 1
    assert abs(beep_offset(out, second, second - F(start))) < 0.0005
    # Also the very first samples are those of the source: the packet before is there.
    one, two = probe(path), probe(out)
    assert two.audio is not None
    assert two.audio.start == 0
    a, b = (
        np.concatenate(list(samples(s, 48_000, 2, at, at + F(1, 2))), axis=1)
        for s, at in ((one, F(start)), (two, F(0)))
    )
    assert np.abs(a - b).max() < 1e-3


@pytest.mark.parametrize(("start", "first"), [("0.08", 0), ("0.12", 1), ("1f", 1)])
def test_from_the_first_picture_where_the_sound_begins_earlier(
    start: str, first: int, tmp_path: Path
) -> None:
    """The first packet is said to last until the picture begins, two frames later."""
    plain, path, out = tmp_path / "plain.mp4", tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(plain, frames=75, rate=F(25), size=(160, 90), gop=25)
    with av.open(str(plain)) as given, av.open(str(path), "w", options=FRAGMENTS) as output:
        streams = [output.add_stream_from_template(s, opaque=True) for s in given.streams]
        for packet in given.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                output.mux(packet)
    source = probe(path)
    assert source.video is not None
    assert source.audio is not None
    assert (source.audio.start, source.video.start) == (0, F(2, 25))
    steps = sc.open(path) | sc.trim(ranges=[f"{start}-2.4"])
    assert sound_line(steps, out).state == "copy"
    steps.render(out)
    assert read_bar_codes(out)[0][0] == first
    made = probe(out)
    assert made.audio is not None
    assert made.video is not None
    assert made.audio.start == made.video.start == 0
    begins = source.video.start + F(first, 25)
    a, b = (
        np.concatenate(list(samples(s, 48_000, 2, at, at + F(3, 2))), axis=1)
        for s, at in ((source, begins), (made, F(0)))
    )
    assert np.abs(a).max() > 0.05
    assert np.abs(a - b).max() < 5e-3  # a sample off is 0.05; AAC fills some bands with noise
    assert is_part(payloads(out), payloads(path))


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (lambda s: s | sc.trim(ranges=["0-1", "2-3"]), "joined"),
        (lambda s: s | sc.trim(end=2) | sc.audio(loudness=-16), "louder or softer"),
        (lambda s: s | sc.trim(start="0.5"), "begins inside a packet"),
    ],
)
def test_what_is_touched_is_mixed_and_the_plan_says_why(
    steps: Any, reason: str, tmp_path: Path
) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "o.mkv"
    write_bar_coded(path, frames=90)
    line = sound_line(steps(sc.open(path)), out)
    assert line.state == "encode"
    assert reason in line.reason


@pytest.mark.parametrize("wish", [{"audio_bitrate": "96k"}, {"audio_codec": "flac"}])
def test_another_sound_is_encoded(wish: dict[str, Any], tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "o.mkv"
    write_bar_coded(path, frames=60)
    sc.open(path).render(out, **wish)
    assert not is_part(payloads(out), payloads(path))


@pytest.mark.parametrize("end", ["2", "1.35"])
def test_long_packets_are_passed_on_to_their_end_alone(end: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "o.mkv"
    write_bar_coded(path, frames=60, audio="flac")
    line = sound_line(sc.open(path) | sc.trim(end=end), out)
    assert line.state == ("copy" if end == "2" else "encode")


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_mode_copy_encodes_nothing_and_stays_in_time_over_many_joins(
    suffix: str, tmp_path: Path
) -> None:
    path, out = tmp_path / f"a.{suffix}", tmp_path / f"o.{suffix}"
    write_bar_coded(path, size=(320, 180), frames=600, gop=3, b_frames=0)
    starts = [1.5 * k - 0.2 if k else 0 for k in range(13)]
    ranges = [f"{start}-{start + 1}" for start in starts]
    steps = sc.open(path) | sc.trim(ranges=ranges)
    plan = (steps | Render(output=str(out), mode="copy")).plan()
    states = {s.state for s in plan.steps if s.stage == "render"}
    assert states == {"copy", "pure"}  # what is pure is a note
    result = steps.render(out, mode="copy")
    assert any("where its packets end" in note for note in result.notes)
    assert set(payloads(out)) <= set(payloads(path))
    moved = [s.range.start for s in result.cut.segments]
    for k in range(2, 13, 2):  # there is a beep in those ranges
        assert abs(beep_offset(out, int(1.5 * k), k + F(1, 5))) < 0.0125, moved
    made = probe(out)
    assert made.audio is not None
    assert abs(made.audio.duration - 13) < F(3, 100)
