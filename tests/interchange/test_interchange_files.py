"""Cut files: other tools' EDL and FCPXML, and cuts as inputs and outputs of pipelines."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from fractions import Fraction as F
from functools import partial
from pathlib import Path
from typing import Any

import av
import pytest

import smartcut as sc
from smartcut import roots
from smartcut.annotation import Annotation, Features, Shot, Shots
from smartcut.api import as_inputs
from smartcut.cache import Cache
from smartcut.cut import Cut, Effect, Segment, Track, Transition
from smartcut.errors import PipelineError
from smartcut.interchange.edl_reading import from_edl, simplest
from smartcut.interchange.fcpxml_reading import from_fcpxml
from smartcut.interchange.files import read_cut, write_cut
from smartcut.interchange.formats import FORMATS
from smartcut.interchange.titles import shown_texts, with_text
from smartcut.media.cut_files import opened
from smartcut.media.probe import probe
from smartcut.source import AudioStream, Recipe, Source, VideoStream
from smartcut.testing import read_bar_codes, write_bar_coded
from smartcut.timebase import Range
from tests.builders.commands import done_command

# No wheel of it for Python 3.14 yet.
otio: Any = pytest.importorskip("opentimelineio")

NTSC = F(30000, 1001)
RATES = {"a": F(25), "b": NTSC, "c": F(24)}


def look(path: Path, id: str) -> Source:
    """Ten minutes of 25, 29.97 or 24 frames a second, by the name's first letter."""
    rate = RATES.get(path.name[0])
    video = rate and VideoStream(
        0, "h264", 1 / rate, 640, 360, "yuv420p", rate, False, F(0), F(600), int(600 * rate)
    )
    audio = AudioStream(1, "aac", F(1, 48_000), 48_000, 2, "stereo", F(0), F(600))
    return Source(id, path, "0" * 64, "mp4", F(0), F(600), video, audio)


def programme(cut: Cut) -> list[tuple[str | None, F, F]]:
    return [(s.source, s.range.start, s.duration) for s in cut.segments]


# ------------------------------------------------------------------------------------ EDL


def edl(*lines: str, head: str = "TITLE: x\nFCM: NON-DROP FRAME\n* FRAME RATE: 25\n") -> Cut:
    return from_edl(head + "\n".join(lines) + "\n", look=look)


FROM_A = "* SOURCE FILE: a.mp4"


def test_a_list_of_another_tool() -> None:
    cut = edl(
        "001  A        V     C        00:00:10:00 00:00:12:00 01:00:00:00 01:00:02:00",
        "* FROM CLIP NAME: a.mp4", FROM_A, "",
        "002  A        V     C        00:00:20:00 00:00:20:00 01:00:02:00 01:00:02:00",
        "002  C        V     D    010 00:00:01:00 00:00:03:00 01:00:02:00 01:00:04:00",
        "* SOURCE FILE: c.mp4",
        "003  A        V     C        00:00:30:00 00:00:31:00 01:00:05:00 01:00:06:00",
        FROM_A,
    )  # fmt: skip
    assert programme(cut) == [
        ("a", F(10), F(2) + F(10, 25)),
        ("c", F(1), F(2)),
        (None, F(0), F(1)),
        ("a", F(30), F(1)),
    ]
    assert cut.segments[1].transition == Transition("dissolve", F(10, 25))
    assert cut.duration == 6


def test_a_transition_of_two_lines_that_both_play() -> None:
    cut = edl(
        "001  A        V     C        00:00:10:00 00:00:12:00 01:00:00:00 01:00:02:00", FROM_A,
        "002  C        V     C        00:00:20:00 00:00:22:00 01:00:02:00 01:00:04:00",
        "002  A        V     D    025 00:00:40:00 00:00:43:00 01:00:04:00 01:00:07:00",
        "* FROM CLIP NAME: c.mp4",
        "* TO CLIP NAME: a.mp4",
        "* SOURCE FILE: c.mp4",
        "* SOURCE FILE: a.mp4",
    )  # fmt: skip
    assert programme(cut) == [("a", F(10), F(2)), ("c", F(20), F(3)), ("a", F(40), F(3))]
    assert cut.segments[2].transition == Transition("dissolve", F(1))
    assert cut.duration == 7
    assert cut.notes == ()


@pytest.mark.parametrize("files", [["c.mp4"], ["a.mp4"], []])
def test_the_media_of_a_transition_go_to_their_lines(files: list[str]) -> None:
    """Of either clip, or of none: the other is known by its reel from elsewhere in the list."""
    cut = edl(
        "001  A  V  C      00:00:10:00 00:00:12:00 01:00:00:00 01:00:02:00",
        "* FROM CLIP NAME: a.mp4", FROM_A,
        "002  C  V  C      00:00:01:00 00:00:02:00 01:00:02:00 01:00:03:00",
        "* FROM CLIP NAME: c.mp4", "* SOURCE FILE: c.mp4",
        "003  C  V  C      00:00:20:00 00:00:22:00 01:00:03:00 01:00:05:00",
        "003  A  V  D  025 00:00:40:00 00:00:43:00 01:00:05:00 01:00:08:00",
        "* FROM CLIP NAME: c.mp4", "* TO CLIP NAME: a.mp4",
        *(f"* SOURCE FILE: {name}" for name in files),
    )  # fmt: skip
    assert [s.source for s in cut.segments] == ["a", "c", "c", "a"]
    assert cut.duration == 8


def test_a_source_that_was_trimmed_alone_keeps_its_speed_and_is_noted() -> None:
    cut = edl(
        "1 A AA/V C 00:00:10:00 00:00:18:12 01:00:00:00 01:00:01:00",
        "* FROM CLIP NAME: long.mov", FROM_A,
        "2 A AA/V C 00:00:30:00 00:00:32:00 01:00:01:00 01:00:03:00", FROM_A,
        "3 T A3   C 00:00:00:00 00:00:03:00 01:00:00:00 01:00:03:00", "* SOURCE FILE: tune.wav",
    )  # fmt: skip
    assert programme(cut) == [("a", F(10), F(212, 25)), ("a", F(30), F(2))]
    assert [s.speed for s in cut.segments] == [1, 1]
    assert cut.tracks[1].segments[0].duration == 3
    (note,) = cut.notes
    assert "line 4 (clip 'long.mov') shows 8.480 s of its source in 1.000 s" in note
    assert "what follows moves by 7.480 s; add an M2 line" in note


def test_a_shortened_source_leaves_no_gap() -> None:
    cut = edl(
        "1 A V C 00:00:10:00 00:00:11:00 01:00:00:00 01:00:04:00", FROM_A,
        "2 A V C 00:00:30:00 00:00:32:00 01:00:04:00 01:00:06:00", FROM_A,
    )  # fmt: skip
    assert programme(cut) == [("a", F(10), F(1)), ("a", F(30), F(2))]
    assert "moves by -3.000 s" in cut.notes[0]


def test_rounding_between_rates_is_no_trim() -> None:
    cut = edl(
        "1 C V C 00:00:10:00 00:00:11:01 01:00:00:00 01:00:01:01", "* SOURCE FILE: c.mp4",
        "2 B V C 00:00:10:00 00:00:12:00 01:00:01:01 01:00:03:01", "* SOURCE FILE: b.mp4",
    )  # fmt: skip
    assert [s.speed for s in cut.segments] == [1, 1]
    assert cut.duration == F(76, 25)
    assert cut.notes == ()


def test_drop_frame_lists_are_of_ntsc() -> None:
    head = "TITLE: x\nFCM: DROP FRAME\n"
    cut = edl(
        "1 B V C 00:01:00:02 00:01:01:02 01:00:00:00 01:00:01:00", "* SOURCE FILE: b.mp4", head=head
    )
    assert programme(cut) == [("b", 1800 / NTSC, 30 / NTSC)]


def test_the_rate_of_the_first_source_is_taken() -> None:
    cut = edl("1 C V C 00:00:01:00 00:00:02:00 00:00:00:00 00:00:01:00", "* SOURCE FILE: c.mp4",
              head="TITLE: x\n")  # fmt: skip
    assert programme(cut) == [("c", F(1), F(1))]


def test_speeds_of_motion_effects() -> None:
    cut = edl(
        "1 A V C 00:00:10:00 00:00:20:00 01:00:00:00 01:00:05:00", "M2   A   050.0   00:00:10:00",
        FROM_A,
        "2 A V C 00:00:10:00 00:00:13:00 01:00:05:00 01:00:12:00", "M2   A   010.7   00:00:10:00",
        FROM_A,
    )  # fmt: skip
    assert [s.speed for s in cut.segments] == [F(2), F(3, 7)]
    assert [s.duration for s in cut.segments] == [F(5), F(7)]


def test_sound_of_its_own_is_music_and_mirrored_sound_is_not() -> None:
    cut = edl(
        "1 A V  C 00:00:10:00 00:00:12:00 01:00:00:00 01:00:02:00", FROM_A,
        "2 A AA C 00:00:10:00 00:00:12:00 01:00:00:00 01:00:02:00", FROM_A,
        "3 A V  C 00:00:30:00 00:00:32:00 01:00:02:00 01:00:04:00", FROM_A,
        "4 T A3 C 00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00", "* SOURCE FILE: tune.wav",
    )  # fmt: skip
    assert [s.sound for s in cut.segments] == ["stretched", "muted"]
    assert [(t.role, t.segments[0].source) for t in cut.tracks[1:]] == [("music", "tune")]


def test_reels_are_found_beside_the_list(tmp_path: Path) -> None:
    (tmp_path / "a1.mov").touch()
    (tmp_path / "cut.edl").touch()
    text = "* FRAME RATE: 25\n1 a1 V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n"
    assert from_edl(text, folder=tmp_path, look=look).sources[0].path == tmp_path / "a1.mov"
    with pytest.raises(
        PipelineError, match=r"line 2 \(clip 'a2'\) shows the reel 'a2'.*SOURCE FILE"
    ):
        from_edl(text.replace("a1", "a2"), folder=tmp_path, look=look)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 A V C 00:00:01:00 00:00:02:00 00:00:00:00", "line 4 is no event"),
        ("1 A V KB 010 00:00:01:00 00:00:02:00 00:00:00:00 00:00:01:00", "line 4 is a key"),
        ("1 A V C 00:00:01:26 00:00:02:00 00:00:00:00 00:00:01:00",
         r"line 4 \(clip 'A'\) says '00:00:01:26': .*has frame 26"),
        ("1 A V C 00:20:01:00 00:20:02:00 00:00:00:00 00:00:01:00",
         r"line 4 \(clip 'A'\) shows 1201.000 to .*which lasts 600.000 s"),
        ("1 A V C 00:00:01:00 00:00:02:00 00:00:00:00 00:00:01:00\nM2 A -25.0 00:00:01:00",
         "runs backwards"),
        ("1 A V C 00:00:01:00 00:00:02:00 00:00:00:00 00:00:01:00\n" + FROM_A +
         "\n2 A V C 00:00:01:00 00:00:02:00 00:00:00:20 00:00:01:20", r"line 6 .*overlaps line 4"),
        ("", "holds no event"),
    ],
)  # fmt: skip
def test_lists_that_cannot_be_read(line: str, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        edl(line, FROM_A)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [(F(1, 3), F(1, 2), F(1, 2)), (F(41, 100), F(42, 100), F(5, 12)), (F(7, 2), F(5), F(4)),
     (F(3, 7), F(3, 7), F(3, 7))],
)  # fmt: skip
def test_the_simplest_speed(low: F, high: F, found: F) -> None:
    assert simplest(low, high) == found


# ---------------------------------------------------------------------------------- FCPXML


def document(spine: str, resources: str = "", sequence: str = "") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.10"><resources>
<format id="f" frameDuration="1/25s"/>
<asset id="a" name="a" start="3600s" duration="600s" hasVideo="1"><media-rep
  kind="original-media" src="file:///m/a.mp4"/></asset>
<asset id="c" name="c" duration="600s" src="file:///m/c.mp4"/>
<asset id="t" name="tune" duration="600s"><media-rep src="file:///m/tune.wav"/></asset>
{resources}</resources><library><event><project>
<sequence format="f" {sequence}><spine>{spine}</spine></sequence>
</project></event></library></fcpxml>"""


def fcpxml(spine: str, *more: str) -> Cut:
    return from_fcpxml(document(spine, *more), look=look)


def test_a_project_of_another_tool() -> None:
    cut = fcpxml(
        '<asset-clip ref="a" offset="3600s" start="3610s" duration="50/25s"/>'
        '<transition name="Cross Dissolve" offset="90040/25s" duration="20/25s"/>'
        '<video ref="c" offset="3602s" duration="2s" srcEnable="video"/>'
        '<gap offset="3604s" start="3600s" duration="1s"/>',
        "",
        'tcStart="3600s"',
    )
    assert programme(cut) == [("a", F(10), F(60, 25)), ("c", F(0), F(2)), (None, F(0), F(1))]
    # The second clip has nothing before its start, so that the first alone reaches over the cut.
    assert cut.segments[1].transition == Transition("dissolve", F(10, 25))


def test_b_roll_hides_the_picture_and_the_speech_goes_on() -> None:
    cut = fcpxml(
        '<asset-clip ref="a" offset="0s" start="3610s" duration="10s">'
        '<asset-clip ref="c" lane="1" offset="3612s" start="5s" duration="3s" srcEnable="video"/>'
        '<asset-clip ref="t" lane="-1" offset="3611s" duration="4s" audioRole="music">'
        '<adjust-volume amount="-12dB"/></asset-clip>'
        "</asset-clip>"
    )
    assert programme(cut) == [("a", F(10), F(2)), ("c", F(5), F(3)), ("a", F(15), F(5))]
    assert cut.mix.programme_gain is None
    voice, music = cut.tracks[1:]
    assert (voice.role, [s.range for s in voice.segments]) == ("voice", [Range(F(10), F(20))])
    assert (music.role, music.gain, music.duration) == ("music", -12.0, F(5))


def test_compound_clips_are_taken_apart() -> None:
    media = (
        '<media id="m"><sequence format="f"><spine>'
        '<asset-clip ref="a" offset="0s" start="3600s" duration="4s"/>'
        '<asset-clip ref="c" offset="4s" duration="4s"/></spine></sequence></media>'
    )
    spine = '<ref-clip ref="m" offset="0s" start="3s" duration="2s"/>'
    assert programme(fcpxml(spine, media)) == [("a", F(3), F(1)), ("c", F(0), F(1))]


def test_speed_and_titles() -> None:
    cut = fcpxml(
        '<asset-clip ref="a" offset="0s" start="3600s" duration="10s">'
        '<timeMap><timept time="3600s" value="3600s"/>'
        '<timept time="4800s" value="4200s"/></timeMap>'
        '<title lane="1" offset="3602s" start="0s" duration="2s"><text>'
        "<text-style>Hello</text-style></text></title></asset-clip>"
    )
    assert (cut.segments[0].speed, cut.segments[0].range) == (F(1, 2), Range(F(0), F(5)))
    assert [(t.text, t.range) for t in shown_texts(cut)] == [("Hello", Range(F(2), F(4)))]


@pytest.mark.parametrize(
    ("spine", "message"),
    [
        ('<mc-clip ref="a" name="angles" duration="1s"/>', "multicam clip"),
        ('<asset-clip ref="x" duration="1s"/>', "which is no media file"),
        ('<asset-clip ref="a" start="1h" duration="1s"/>', "is no time"),
        ('<asset-clip ref="a" start="1/0s" duration="1s"/>', "cannot be read"),
        ('<asset-clip ref="a" start="4199s" duration="2s"/>', "which lasts 600.000 s"),
        ('<asset-clip ref="a" duration="1s"><timeMap><timept time="0s" value="9s"/>'
         '<timept time="9s" value="0s"/></timeMap></asset-clip>', "ends before it"),
        ('<clip duration="1s"><timeMap><timept time="0s" value="9s"/>'
         '<timept time="9s" value="0s"/></timeMap><gap duration="9s"/></clip>', "runs backwards"),
        ("<spine/>", "<spine>, which is not read"),
    ],
)  # fmt: skip
def test_projects_that_cannot_be_read(spine: str, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        fcpxml(spine)


@pytest.mark.parametrize(
    "kind",
    [
        '<!DOCTYPE fcpxml [<!ENTITY a "x">]>',
        '<!DOCTYPE fcpxml [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE fcpxml SYSTEM "http://x/y.dtd">',
        '<!DOCTYPE fcpxml [<!ATTLIST asset src CDATA "file:///etc/passwd">]>',
        '<!DOCTYPE fcpxml [<!ENTITY % a SYSTEM "http://x"> %a;]>',
    ],
)
def test_document_types_that_do_something_are_refused(kind: str) -> None:
    text = document("<gap duration='1s'/>").replace("<!DOCTYPE fcpxml>", kind)
    with pytest.raises(PipelineError, match="declares entities or names a document type"):
        from_fcpxml(text, look=look)


# -------------------------------------------------------------------------------- pipelines


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 90 numbered frames."""
    path = tmp_path_factory.mktemp("media") / "film.mp4"
    write_bar_coded(path, frames=90, size=(160, 96))
    return path


@pytest.fixture
def reel(tmp_path: Path, film: Path) -> tuple[Path, Cut]:
    """A folder with the film, and a cut of two pieces of it."""
    shutil.copy(film, tmp_path)
    source = probe(tmp_path / "film.mp4", id="film")
    assert source.video is not None
    rate = source.video.rate
    pieces = [Range(first / rate, end / rate) for first, end in ((10, 25), (60, 70))]
    segments = tuple(Segment("film", piece) for piece in pieces)
    return tmp_path, Cut((source,), (Track("programme", segments),))


@pytest.mark.parametrize("suffix", [f.suffix for f in FORMATS if f.reads_in and not f.holds.words])
def test_a_cut_file_is_an_input(reel: tuple[Path, Cut], suffix: str) -> None:
    folder, cut = reel
    write_cut(cut, folder / f"cut{suffix}")
    result = sc.Pipeline.from_text("stages: [render: {manifest: false}]").run(
        folder / f"cut{suffix}", folder / "out.mp4"
    )
    numbers, _ = read_bar_codes(folder / "out.mp4")
    assert numbers == [*range(10, 25), *range(60, 70)]
    assert result.cut.sources[0].digest == cut.sources[0].digest
    plan = sc.Pipeline.from_text("stages: [render]").plan(folder / f"cut{suffix}", folder / "b.mp4")
    assert plan.cut is not None
    assert plan.cut.segments == result.cut.segments


def test_the_export_stage_writes_beside_the_video(
    reel: tuple[Path, Cut], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = reel
    monkeypatch.chdir(folder)
    text = "stages: [trim: {ranges: [10f-25f]}, export, export: {to: also.edl}, render]"
    result = sc.Pipeline.from_text(text).run("film.mp4", "out.mp4")
    assert {"out.otio", "also.edl", "out.mp4"} <= {path.name for path in result.outputs}
    assert otio.adapters.read_from_file("out.otio").tracks[0][0].media_reference.target_url == (
        "film.mp4"
    )
    again = opened(Path("out.otio"), Cache())
    assert again.segments == result.cut.segments


@pytest.mark.parametrize("to", ["/tmp/x.otio", "../x.otio", "x.mp4"])
def test_the_export_stage_writes_below_the_current_folder(to: str) -> None:
    with pytest.raises(PipelineError, match="leaves the current folder|is not a file of"):
        sc.Pipeline.from_text(f"stages: [export: {{to: {to}}}]")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("for: finalcat", "unknown editor 'finalcat'; did you mean 'finalcut'?"),
        ("to: cut.otio, for: finalcut", "for finalcut a cut is written to a file that ends in .f"),
    ],
)
def test_the_export_stage_knows_the_editors(given: str, message: str) -> None:
    with pytest.raises(PipelineError, match=re.escape(message)):
        sc.Pipeline.from_text(f"stages: [export: {{{given}}}]")


def test_the_export_stage_writes_what_an_editor_reads(
    reel: tuple[Path, Cut], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = reel
    monkeypatch.chdir(folder)
    text = "stages: [export: {for: finalcut}, export: {to: cut, for: avid}, render]"
    result = sc.Pipeline.from_text(text).run("film.mp4", "out.mp4")
    assert {"out.fcpxml", "cut.edl", "out.mp4"} <= {path.name for path in result.outputs}


def test_the_command_exports_and_converts(
    reel: tuple[Path, Cut], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = reel
    monkeypatch.chdir(folder)
    (folder / "p.yaml").write_text("stages: [trim: {ranges: [10f-25f]}, render]")

    export = partial(done_command, "export")
    done = export("p.yaml", "film.mp4", "-o", "reel.fcpxml")
    assert (done.returncode, "wrote reel.fcpxml" in done.stdout) == (0, True), done.stderr
    assert not (folder / "reel.mp4").exists()
    done = export("reel.fcpxml", "-o", "reel.edl")
    assert done.returncode == 0, done.stderr
    assert "  FILM     " in (folder / "reel.edl").read_text()
    done = export("reel.fcpxml", "-o", "reel.mp4")
    assert (done.returncode, "a cut is written to a file of" in done.stderr) == (2, True)
    done = export("reel.fcpxml", "--for", "avid")
    assert (done.returncode, "wrote reel.edl" in done.stdout) == (0, True), done.stderr
    done = export("reel.fcpxml")
    assert (done.returncode, "say what to write" in done.stderr) == (2, True)


def test_media_that_changed_loses_its_annotations(reel: tuple[Path, Cut]) -> None:
    folder, cut = reel
    shots = Annotation("shots", "film", Shots((Shot(Range(F(0), F(1)), 0, 30),)))
    write_cut(cut.with_annotation(shots), folder / "cut.otio")
    assert opened(folder / "cut.otio", Cache()).annotations == (shots,)
    write_bar_coded(folder / "film.mp4", frames=80, size=(160, 96))
    changed = opened(folder / "cut.otio", Cache())
    assert changed.annotations == ()
    assert "has changed since" in changed.notes[0]
    write_bar_coded(folder / "film.mp4", frames=60, size=(160, 96))
    with pytest.raises(PipelineError, match="which lasts"):
        opened(folder / "cut.otio", Cache())
    (folder / "film.mp4").unlink()
    with pytest.raises(PipelineError, match="there is no file"):
        opened(folder / "cut.otio", Cache())


def test_a_cut_file_stands_alone(reel: tuple[Path, Cut]) -> None:
    folder, cut = reel
    write_cut(cut, folder / "cut.json")
    with pytest.raises(PipelineError, match="stands alone as the input"):
        sc.Pipeline.from_text("stages: [render]").plan(
            [folder / "cut.json", folder / "film.mp4"], folder / "o.mp4"
        )


def test_batches_look_at_what_a_cut_shows(reel: tuple[Path, Cut]) -> None:
    from smartcut.runners.done import basis_of
    from smartcut.runners.jobs import PipelineJob
    from smartcut.spec_reading import parse_spec

    folder, cut = reel
    write_cut(cut, folder / "cut.json")
    job = PipelineJob(1, as_inputs(folder / "cut.json"), {}, folder / "o.mp4")
    spec = parse_spec("stages: [render]")
    before = basis_of(job, spec, Cache()).digest
    assert basis_of(job, spec, Cache()).digest == before
    write_bar_coded(folder / "film.mp4", frames=91, size=(160, 96))
    assert basis_of(job, spec, Cache()).digest != before


def test_timecodes_of_files_are_known(tmp_path: Path) -> None:
    write_bar_coded(tmp_path / "plain.mp4", frames=10, size=(64, 48))
    with av.open(str(tmp_path / "plain.mp4")) as given, av.open(str(tmp_path / "a.mov"), "w") as to:
        to.metadata["timecode"] = "01:02:03:04"
        stream = to.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                to.mux(packet)
    assert dict(probe(tmp_path / "a.mov").metadata)["timecode"] == "01:02:03:04"


def test_exports_tell_no_places(reel: tuple[Path, Cut]) -> None:
    folder, cut = reel
    said = (("com.apple.quicktime.location.ISO6709", "+52.5+13.4/"), ("title", "A film"))
    cut = replace(cut, sources=(replace(cut.sources[0], metadata=said),))
    for suffix in (".json", ".otio"):
        write_cut(cut, folder / f"cut{suffix}")
        text = (folder / f"cut{suffix}").read_text()
        assert "+52.5" not in text
        assert "A film" in text


# ------------------------------------------------------------------------- files from strangers


def only_below(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTCUT_ROOTS", "")
    roots.allow_only([folder])


@pytest.mark.parametrize("suffix", [f.suffix for f in FORMATS if f.reads_in and not f.holds.words])
def test_media_outside_the_roots_is_refused(
    reel: tuple[Path, Cut], monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    folder, cut = reel
    inside = folder / "inside"
    inside.mkdir()
    write_cut(cut, inside / f"cut{suffix}")
    only_below(inside, monkeypatch)
    with pytest.raises(PipelineError, match="outside of what may be used"):
        opened(inside / f"cut{suffix}", Cache())


def named(cut: Cut, kind: str, place: str) -> Cut:
    """The cut, with a file named where stages keep the names of files."""
    first = cut.segments[0]
    if kind == "font":
        return with_text(cut, (("text", "x"), ("font", place)), Range(F(0), F(1)))
    if kind == "effect":
        effect = Effect("stylize", (("table", place),))
        return cut.with_segments((replace(first, effects=(effect,)),))
    way = Transition("morph", F(1, 10), (("weights", (place,)),))
    return cut.with_segments((first, replace(first, transition=way)))


@pytest.mark.parametrize("kind", ["font", "effect", "transition"])
@pytest.mark.parametrize("suffix", [".json", ".otio"])
def test_other_files_outside_the_roots_are_refused(
    reel: tuple[Path, Cut], monkeypatch: pytest.MonkeyPatch, kind: str, suffix: str
) -> None:
    folder, cut = reel
    write_cut(named(cut, kind, "/etc/passwd"), folder / f"cut{suffix}")
    assert opened(folder / f"cut{suffix}", Cache())
    only_below(folder, monkeypatch)
    with pytest.raises(PipelineError, match="passwd is outside of what may be used"):
        read_cut(folder / f"cut{suffix}")


def test_keys_of_the_cache_are_no_paths(reel: tuple[Path, Cut]) -> None:
    folder, cut = reel
    features = Annotation("picture", "film", Features(F(1), (0,), 4, "../../x"))
    write_cut(cut.with_annotation(features), folder / "cut.json")
    with pytest.raises(PipelineError, match="no key of the cache"):
        read_cut(folder / "cut.json")
    made = replace(cut.sources[0], made=Recipe("b-roll", "flow"), digest="../../film")
    write_cut(replace(cut, sources=(made,)), folder / "cut.json")
    with pytest.raises(PipelineError, match="no longer in this cache"):
        opened(folder / "cut.json", Cache())


def test_what_a_file_says_of_media_is_not_believed(reel: tuple[Path, Cut]) -> None:
    folder, cut = reel
    source = cut.sources[0]
    assert source.video is not None
    huge = replace(source.video, width=10**9, height=10**9, frames=10**12, rotation=90)
    lie = replace(source, video=huge, format="hls", origin=F(9))
    write_cut(replace(cut, sources=(lie,)), folder / "cut.otio")
    assert opened(folder / "cut.otio", Cache()).sources == cut.sources


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"speed": "0"}, "has the speed 0"),
        ({"speed": "-1"}, "has the speed -1"),
        ({"source": "other"}, "no source of it"),
        ({"range": {"start": "2", "end": "1"}}, "not a cut"),
        ({"range": {"start": "1e99999999", "end": "1"}}, "exponent"),
    ],
)
def test_damaged_segments(reel: tuple[Path, Cut], changes: dict[str, Any], message: str) -> None:
    folder, cut = reel
    write_cut(cut, folder / "cut.json")
    plain = json.loads((folder / "cut.json").read_text())
    plain["tracks"][0]["segments"][0].update(changes)
    (folder / "cut.json").write_text(json.dumps(plain))
    with pytest.raises(PipelineError, match=message):
        opened(folder / "cut.json", Cache())


def test_times_that_cannot_be_added_up(reel: tuple[Path, Cut]) -> None:
    folder, cut = reel
    segments = tuple(Segment("film", Range(F(0), F(1) + F(1, 10**30 + n))) for n in range(2000))
    write_cut(cut.with_segments(segments), folder / "cut.json")
    with pytest.raises(PipelineError, match="too many different denominators"):
        opened(folder / "cut.json", Cache())


def test_other_suffixes_hold_no_cut(tmp_path: Path) -> None:
    accepted = r"ends in \.otio, \.fcpxml, .* or \."
    with pytest.raises(PipelineError, match=accepted):
        write_cut(Cut(), tmp_path / "a.aaf")
    with pytest.raises(PipelineError, match=accepted):
        (tmp_path / "a.aaf").touch()
        read_cut(tmp_path / "a.aaf")
