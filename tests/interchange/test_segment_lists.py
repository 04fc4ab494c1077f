"""LosslessCut's projects and lists, and auto-editor's timelines: exact frames, there and back."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcut.cut import Cut, Segment, Track
from smartcut.errors import PipelineError
from smartcut.interchange.auto_editor import to_v1, to_v3
from smartcut.interchange.auto_editor_reading import from_v1
from smartcut.interchange.files import write_cut
from smartcut.interchange.losslesscut import from_losslesscut, to_csv, to_losslesscut
from smartcut.source import AudioStream, Source, VideoStream
from smartcut.timebase import Range

RATES = (F(25), F(24000, 1001), F(30000, 1001), F(60000, 1001), F(50))


def film(rate: F, id: str = "film") -> Source:
    frames = 9000
    video = VideoStream(
        0, "h264", 1 / rate, 640, 360, "yuv420p", rate, False, F(0), frames / rate, frames
    )
    audio = AudioStream(1, "aac", F(1, 48_000), 48_000, 2, "stereo", F(0), frames / rate)
    return Source(id, Path(f"/media/{id}.mp4"), "0" * 64, "mp4", F(0), frames / rate, video, audio)


def looking(*sources: Source) -> Any:
    def look(path: Path, id: str) -> Source:
        return replace(next(s for s in sources if s.path == path), id=id)

    return look


def cut_of(source: Source, *frames: tuple[int, int], **rest: Any) -> Cut:
    assert source.video is not None
    rate = source.video.rate
    segments = tuple(Segment(source.id, Range(a / rate, b / rate), **rest) for a, b in frames)
    return Cut((source,), (Track("programme", segments),))


pieces = st.lists(
    st.tuples(st.integers(0, 8000), st.integers(1, 900)).map(lambda p: (p[0], p[0] + p[1])),
    min_size=1,
    max_size=6,
)


@given(st.sampled_from(RATES), pieces)
def test_a_project_of_losslesscut_comes_back(rate: F, frames: list[tuple[int, int]]) -> None:
    source = film(rate)
    cut = cut_of(source, *frames, label='it\'s "one"')
    assert from_losslesscut(to_losslesscut(cut), look=looking(source)).segments == cut.segments


@given(st.sampled_from(RATES), pieces, st.sampled_from([F(1), F(2), F(1, 2)]))
def test_a_timeline_of_auto_editor_comes_back(
    rate: F, frames: list[tuple[int, int]], speed: F
) -> None:
    source = film(rate)
    cut = cut_of(source, *((2 * a, 2 * b) for a, b in frames if b < 4500), speed=speed)
    found = from_v1(to_v3(cut), look=looking(source))
    assert found.segments == cut.segments
    in_order, end = [], 0
    for segment in cut.segments:
        if segment.range.start >= end:
            in_order.append(segment)
            end = segment.range.end
    cut = cut.with_segments(tuple(in_order))
    if cut.segments:
        assert from_v1(to_v1(cut), look=looking(source)).segments == cut.segments


def test_what_losslesscut_writes_is_read() -> None:
    text = """{
      // saved by the program
      version: 1,
      mediaFileName: 'film.mp4',
      cutSegments: [
        {start: 10.01, end: 2e1, name: 'It\\'s "here"',},
        {end: +0.5, name: ''},
        {start: 299, name: "to the end",},
      ],
    }"""
    source = film(F(30000, 1001))
    cut = from_losslesscut(text, folder=Path("/media"), look=looking(source))
    second = F(1001, 30000)
    assert [(s.range.start, s.label) for s in cut.segments] == [
        (300 * second, 'It\'s "here"'),
        (F(0), ""),
        (F(299), "to the end"),
    ]
    assert cut.segments[1].range.end == F(1, 2)
    assert cut.segments[2].range.end == source.duration


def test_marks_and_what_is_not_selected_are_noted() -> None:
    plain = {
        "version": 2,
        "mediaFileName": "film.mp4",
        "cutSegments": [
            {"start": 1, "end": 2, "name": "kept"},
            {"start": 5, "name": "mark"},
            {"start": 6, "end": 7, "name": "not", "selected": False},
        ],
    }
    found = from_losslesscut(json.dumps(plain), folder=Path("/media"), look=looking(film(F(25))))
    assert [s.label for s in found.segments] == ["kept"]
    assert ["mark" in found.notes[0], "not selected" in found.notes[1]] == [True, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{cutSegments: 5, mediaFileName: 'x'}", "needs `cutSegments`"),
        ("{cutSegments: []}", "needs `mediaFileName`"),
        (
            "{cutSegments: [{start: 1e999, end: 2}], mediaFileName: 'film.mp4'}",
            "has the time 'inf'",
        ),
        ("{cutSegments: [{start: 5, end: 2}], mediaFileName: 'film.mp4'}", "ends at 2 s"),
        ("{cutSegments: [{start: NaN, end: 2}], mediaFileName: 'film.mp4'}", "has the time 'NaN'"),
        ("{cutSegments: [7], mediaFileName: 'film.mp4'}", "segment 0 is '7'"),
        ("{cutSegments: [{start: 400, end: 500}], mediaFileName: 'film.mp4'}", "which lasts 360"),
        ("{a: @}", "'@}' in line 1 is none of its signs"),
        ("[" * 100_000, "nested too deeply"),
        ("'" + "\\" * 1001, "not valid JSON5"),
    ],
)
def test_damaged_projects_are_refused(text: str, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        from_losslesscut(text, folder=Path("/media"), look=looking(film(F(25))))


def test_the_list_of_segments() -> None:
    cut = cut_of(film(F(25)), (25, 50), (100, 110), label='one, "two"')
    rows = list(csv.reader(to_csv(cut).splitlines()))
    assert rows == [["1.0", "2.0", 'one, "two"'], ["4.0", "4.4", 'one, "two"']]


def test_chunks_cover_the_file() -> None:
    cut = cut_of(film(F(30000, 1001)), (30, 60), (60, 90), (300, 9000))
    plain = json.loads(to_v1(cut))
    assert plain["timebase"] == "30000/1001"
    assert plain["source"] == "/media/film.mp4"
    assert plain["chunks"] == [
        [0, 30, 99999.0],
        [30, 60, 1.0],
        [60, 90, 1.0],
        [90, 300, 99999.0],
        [300, 9000, 1.0],
    ]


def test_chunks_go_forwards(tmp_path: Path) -> None:
    cut = cut_of(film(F(25)), (300, 330), (30, 60))
    with pytest.raises(PipelineError, match=r"plays a file in its order.*export to \.v3"):
        write_cut(cut, tmp_path / "cut.v1")
    assert not (tmp_path / "cut.v1").exists()


def test_the_tracks_of_auto_editor() -> None:
    source, other = film(F(25)), film(F(25), "other")
    muted = Segment("other", Range(F(4), F(5)), sound="muted")
    music = Track("music", (Segment(None, Range(F(0), F(1))), Segment("other", Range(F(0), F(2)))))
    cut = cut_of(source, (25, 75))
    cut = replace(cut, sources=(source, other), tracks=(
        Track("programme", (*cut.segments, muted)), music))  # fmt: skip
    plain = json.loads(to_v3(cut))
    clip = {"src": "/media/film.mp4", "start": 0, "dur": 50, "offset": 25, "stream": 0}
    assert plain["v"] == [[clip, {**clip, "src": "/media/other.mp4", "start": 50, "dur": 25,
                                  "offset": 100}]]  # fmt: skip
    assert plain["a"] == [
        [clip], [{**clip, "src": "/media/other.mp4", "start": 25, "offset": 0}]
    ]  # fmt: skip
    assert plain["langs"] == ["und"] * 3
    assert from_v1(to_v3(cut), look=looking(source, other)).tracks == cut.tracks


V3 = {"version": "3", "timebase": "25/1", "resolution": [640, 360], "v": [], "a": []}
CLIP = {"src": "/media/film.mp4", "start": 0, "dur": 50, "offset": 25, "stream": 0}


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ({"version": "2"}, "is of version '2'; 1 and 3 are read"),
        ([], "is no timeline"),
        ({**V3, "timebase": "1/0"}, "timebase '1/0'"),
        ({**V3, "timebase": "1e9"}, "timebase '1e9'"),
        ({**V3, "v": [[{**CLIP, "dur": -1}]]}, "dur is '-1'; a count of frames"),
        ({**V3, "v": [[{**CLIP, "start": 2.5}]]}, "start is '2.5'"),
        ({**V3, "v": [[CLIP, CLIP]]}, "before the one before it ends"),
        ({**V3, "v": [[{**CLIP, "effects": ["speed:0.00001"]}]]}, "times its speed"),
        ({**V3, "v": [[{**CLIP, "offset": 10**30}]]}, "offset is '1000"),
        ({**V3, "v": [[{**CLIP, "src": 5}]]}, "'5' is not the name of a file"),
        ({"version": "1", "source": "/media/film.mp4", "chunks": [[1, 2]]}, "is read"),
        ({"version": "1", "source": "/media/film.mp4", "chunks": [[5, 2, 1.0]]}, "ends at frame 2"),
    ],
)
def test_damaged_timelines_are_refused(plain: Any, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        from_v1(json.dumps(plain), look=looking(film(F(25))))


def test_effects_of_auto_editor_are_noted() -> None:
    plain = {**V3, "v": [[{**CLIP, "effects": ["speed:2", "volume:0.5"]}]]}
    found = from_v1(json.dumps(plain), look=looking(film(F(25))))
    assert found.segments[0].speed == 2
    assert found.segments[0].range == Range(F(2), F(6))
    assert "'volume:0.5' is left out" in found.notes[0]
