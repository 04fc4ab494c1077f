"""FCPXML says how media looks and sounds, and a project's format is that of the output."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from xml.etree import ElementTree

import av
import pytest

import smartcut as sc
from smartcut.cut import Cut, Segment, TimelineFormat, Track
from smartcut.errors import PipelineError
from smartcut.interchange.fcpxml import to_fcpxml
from smartcut.interchange.fcpxml_media import colour_space
from smartcut.interchange.fcpxml_reading import from_fcpxml
from smartcut.interchange.files import read_cut, write_cut
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.source import AudioStream, Colour, Source, VideoStream
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range

NTSC = F(30000, 1001)
HD = Colour("bt709", "bt709", "bt709", "limited")


def camera(rate: F = F(25), size: tuple[int, int] = (1280, 720), **rest: object) -> Source:
    video = VideoStream(
        0, "h264", 1 / rate / 100, *size, "yuv420p", rate, False, F(0), F(100), int(100 * rate)
    )
    sound = AudioStream(1, "aac", F(1, 48_000), 48_000, 2, "stereo", F(0), F(100))
    video = replace(video, **rest)  # type: ignore[arg-type]
    return Source("a", Path("/media/a.mov"), "0" * 64, "mov", F(0), F(100), video, sound)


def resources(source: Source, *segments: Segment) -> dict[str, ElementTree.Element]:
    shown = segments or (Segment("a", Range(F(0), F(4))),)
    root = ElementTree.fromstring(to_fcpxml(Cut((source,), (Track("programme", shown),))))
    asset = next(root.iter("asset"))
    sequence = next(root.iter("sequence"))
    named = {e.get("id"): e for e in root.iterfind("resources/*")}
    return {
        "asset": asset,
        "sequence": sequence,
        "of asset": named[asset.get("format")],
        "of sequence": named[sequence.get("format")],
        "clip": next(root.iter("asset-clip")),
    }


@pytest.mark.parametrize(
    ("colour", "height", "said"),
    [
        (HD, 1080, "1-1-1 (Rec. 709)"),
        (Colour("bt470bg", "smpte170m", "bt470bg"), 576, "5-1-6 (Rec. 601 (PAL))"),
        (Colour("smpte170m", "smpte170m", "smpte170m"), 480, "6-1-6 (Rec. 601 (NTSC))"),
        (Colour("bt2020", "bt2020-10", "bt2020nc"), 2160, "9-1-9 (Rec. 2020)"),
        (Colour("bt2020", "smpte2084", "bt2020nc"), 2160, "9-16-9 (Rec. 2020 PQ)"),
        (Colour("bt2020", "arib-std-b67", "bt2020nc"), 2160, "9-18-9 (Rec. 2020 HLG)"),
        (Colour(), 1080, "1-1-1 (Rec. 709)"),
        (Colour(), 576, "5-1-6 (Rec. 601 (PAL))"),
        (Colour(), 480, "6-1-6 (Rec. 601 (NTSC))"),
    ],
)
def test_colour_spaces(colour: Colour, height: int, said: str) -> None:
    assert colour_space(colour, height) == said
    found = resources(camera(size=(height * 16 // 9, height), colour=colour))
    assert found["of asset"].get("colorSpace") == said
    assert found["of sequence"].get("colorSpace") == said


@pytest.mark.parametrize(
    ("order", "said"), [("tff", "upper first"), ("bff", "lower first"), ("progressive", None)]
)
def test_the_order_of_fields(order: str, said: str | None) -> None:
    found = resources(camera(field_order=order))
    assert found["of asset"].get("fieldOrder") == said
    assert found["of sequence"].get("fieldOrder") == said
    assert found["of asset"].get("frameDuration") == "1/25s", "of frames, not fields"


def test_pixels_that_are_not_square() -> None:
    found = resources(camera(size=(720, 576), sar=F(64, 45)))
    said = [found["of asset"].get(k) for k in ("width", "height", "paspH", "paspV")]
    assert said == ["720", "576", "64", "45"]
    assert found["of sequence"].get("width") == "1024"
    assert found["of sequence"].get("paspH") is None


def test_every_track_of_sound_is_counted() -> None:
    one = camera()
    assert one.audio
    surround = replace(one.audio, index=2, channels=6, layout="5.1")
    mono = replace(one.audio, index=3, channels=1, layout="mono")
    found = resources(replace(one, others=(surround, mono)))
    said = [found["asset"].get(k) for k in ("audioSources", "audioChannels", "audioRate")]
    assert said == ["3", "9", "48000"]
    slow = replace(one, audio=replace(one.audio, sample_rate=44_100, channels=6))
    sequence = resources(slow)["sequence"]
    assert (sequence.get("audioRate"), sequence.get("audioLayout")) == ("44.1k", "surround")
    silent = resources(replace(one, audio=None))["asset"]
    assert silent.get("hasAudio") is None
    assert silent.get("audioSources") is None


def test_times_between_frames_go_to_the_nearest_one() -> None:
    """95.904 frames at 24000/1001 are 4 s; Final Cut Pro wants 96."""
    rate = F(24000, 1001)
    clip = resources(camera(rate), Segment("a", Range(F(1), F(5))))["clip"]
    assert F(clip.get("duration", "").removesuffix("s")) * rate == 96
    assert F(clip.get("start", "").removesuffix("s")) * rate == 24


def test_a_variable_rate_counts_frames_of_its_usual_one() -> None:
    found = resources(
        camera(F(239_501, 10_000), is_vfr=True), Segment("a", Range(F(1, 3), F(7, 2)))
    )
    rate = 1 / F(found["of sequence"].get("frameDuration", "").removesuffix("s"))
    assert rate in (F(24), F(24000, 1001))
    for name in ("start", "duration", "offset"):
        assert (F(found["clip"].get(name, "").removesuffix("s")) * rate).denominator == 1


# ------------------------------------------------------------------------------------- reading


def project(format: str) -> str:
    return f"""<?xml version="1.0"?><!DOCTYPE fcpxml><fcpxml version="1.10"><resources>
      {format}
      <asset id="r2" name="a" start="0s" duration="100s"><media-rep kind="original-media"
       src="file:///media/a.mov"/></asset></resources>
      <project><sequence format="r1"><spine>
        <asset-clip ref="r2" offset="0s" start="0s" duration="2s" name="a"/>
      </spine></sequence></project></fcpxml>"""


@pytest.mark.parametrize(
    ("format", "found"),
    [
        ('<format id="r1" frameDuration="1001/30000s" width="1280" height="720"/>',
         TimelineFormat((1280, 720), NTSC)),
        ('<format id="r1" name="FFVideoFormat1080p2997"/>', TimelineFormat((1920, 1080), NTSC)),
        ('<format id="r1" name="FFVideoFormat1080i50"/>', TimelineFormat((1920, 1080), F(25))),
        ('<format id="r1" name="FFVideoFormat3840x2160p24"/>', TimelineFormat((3840, 2160), F(24))),
        ('<format id="r1" frameDuration="200/5000s" fieldOrder="lower first" width="720" '
         'height="576" paspH="64" paspV="45"/>', TimelineFormat((1024, 576), F(25))),
        ('<format id="r1" name="FFVideoFormatRateUndefined" width="640" height="360"/>',
         TimelineFormat((640, 360), None)),
        ('<format id="r1" name="FFVideoFormatRateUndefined"/>', None),
        ('<format id="r9" frameDuration="1/25s" width="640" height="360"/>', None),
    ],
)  # fmt: skip
def test_the_projects_format_is_read(format: str, found: TimelineFormat | None) -> None:
    cut = from_fcpxml(project(format), look=lambda path, id: camera())
    assert cut.format == found
    assert cut_from_json(cut_to_json(cut)).format == found


def test_a_frame_that_lasts_an_hour_is_refused() -> None:
    with pytest.raises(PipelineError, match="frameDuration='3600s' is no frame's"):
        from_fcpxml(
            project('<format id="r1" frameDuration="3600s" width="64" height="64"/>'),
            look=lambda path, id: camera(),
        )


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=50, rate=F(25), size=(160, 90))
    return path


def made(path: Path) -> tuple[int, int, F]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate
        return stream.width, stream.height, F(stream.average_rate)


def test_the_projects_format_is_the_outputs(clip: Path, tmp_path: Path) -> None:
    cut = sc.open(clip).cut()
    edited = tmp_path / "edited.fcpxml"
    write_cut(replace(cut, format=TimelineFormat((320, 180), NTSC)), edited)
    result = sc.open(edited).render(tmp_path / "out.mp4")
    assert made(tmp_path / "out.mp4") == (320, 180, NTSC)
    assert any("320x180 at 29.97 frames a second" in note for note in result.notes)
    sc.open(edited).render(tmp_path / "small.mp4", resolution="120p", fps=25)
    assert made(tmp_path / "small.mp4") == (214, 120, F(25))
    again = tmp_path / "again.otio"
    write_cut(read_cut(edited, look=lambda path, id: cut.sources[0]), again)
    assert read_cut(again).format == TimelineFormat((320, 180), NTSC)


def test_a_project_in_the_sources_format_is_copied_without_a_word(
    clip: Path, tmp_path: Path
) -> None:
    edited = tmp_path / "edited.fcpxml"
    write_cut(sc.open(clip).cut(), edited)
    result = sc.open(edited).render(tmp_path / "out.mp4", mode="copy")
    assert made(tmp_path / "out.mp4") == (160, 90, F(25))
    assert not any("project" in note for note in result.notes)
