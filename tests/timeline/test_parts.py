"""Different cuts one after the other: parts in YAML, and sc.concat."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from smartcut.algebra import resolved
from smartcut.cut import Cut, Segment
from smartcut.errors import PipelineError
from smartcut.joining import concatenated
from smartcut.source import Source
from smartcut.spec import files_of, parts_of
from smartcut.spec_reading import parse_spec
from smartcut.spec_schema import json_schema
from smartcut.testing import read_bar_codes, read_sound, write_bar_coded
from tests.builders.sounds import write_wav

F = Fraction


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    write_bar_coded(folder / "a.mp4", frames=60, size=(160, 90))
    write_bar_coded(folder / "b.mp4", frames=45, size=(160, 90))
    return folder


YAML = """\
parts:
  - inputs: [a.mp4]
    stages:
      - trim: {start: 1, end: 1.5}
  - inputs: [b.mp4]
    stages:
      - trim: {end: 1}
      - speed: {factor: 2}
  - inputs: [a.mp4]
    stages:
      - trim: {end: 0.2}
      - reverse
stages:
  - render
"""


def test_parts_have_inputs_and_stages_of_their_own(folder: Path, tmp_path: Path) -> None:
    (folder / "film.yaml").write_text(YAML)
    pipeline = sc.Pipeline.from_yaml(folder / "film.yaml")
    result = pipeline.run(output=tmp_path / "film.mp4")
    numbers, _ = read_bar_codes(tmp_path / "film.mp4")
    assert list(numbers) == [*range(30, 45), *range(0, 30, 2), *range(5, -1, -1)]
    assert [s.source for s in result.cut.segments] == ["a", "b", "a"]  # one source, shown twice
    plan = pipeline.plan(output=tmp_path / "film.mp4")
    subjects = [s.subject for s in plan.steps]
    assert subjects[:4] == ["part 1: cut", "part 2: cut", "part 2: cut", "part 3: cut"]
    assert plan.cut is not None
    assert plan.cut.duration == result.cut.duration


def test_python_joins_pipelines_and_goes_on(folder: Path, tmp_path: Path) -> None:
    one = sc.open(folder / "a.mp4") | sc.trim(start=1, end=1.5)
    two = sc.open(folder / "b.mp4") | sc.trim(end=1) | sc.speed(factor=2)
    both = sc.concat(one, two)
    result = (both | sc.reverse()).render(tmp_path / "film.mp4")
    numbers, _ = read_bar_codes(tmp_path / "film.mp4")
    assert [a - b for a, b in pairwise(numbers[:15])] == [2] * 14
    assert list(numbers)[15:] == list(range(44, 29, -1))
    assert result.cut.duration == 1
    nested = sc.concat(both, one).cut()
    assert [s.source for s in nested.segments] == ["a", "b", "a"]
    assert [i.path.name for i in files_of(sc.concat(both, one).inputs)] == [
        "a.mp4",
        "b.mp4",
        "a.mp4",
    ]


def test_what_is_above_stays_with_its_part(folder: Path) -> None:
    logo = sc.overlay(file=folder / "b.mp4", at=F(1, 2), duration=F(1, 2), gain=None)
    one = sc.open(folder / "a.mp4") | sc.trim(end=1)
    two = sc.open(folder / "a.mp4") | sc.trim(end=1) | logo
    cut = resolved(sc.concat(one, two).cut())
    (track,) = cut.overlays
    assert [place for _, place in track.placed()] == [sc.Range(F(3, 2), F(2))]
    # What the overlay is connected to is a source of its own, so that it is not in part 1.
    assert [s.source for s in cut.segments] == ["a", "a-2"]


def test_an_overlay_throughout_ends_with_its_part(folder: Path) -> None:
    from PIL import Image

    Image.new("RGB", (16, 9)).save(folder / "logo.png")
    one = sc.open(folder / "a.mp4") | sc.trim(end=1) | sc.overlay(file=folder / "logo.png")
    two = sc.open(folder / "b.mp4") | sc.title(text="B", at=0.5, duration=0.5)
    cut = resolved(sc.concat(two, one, two).cut())
    places = [place for track in cut.overlays for _, place in track.placed()]
    assert places == [
        sc.Range(F(1, 2), F(1)),  # the title of the first part
        sc.Range(F(3, 2), F(5, 2)),
        sc.Range(F(3), F(7, 2)),
    ]


def test_the_schema_knows_parts() -> None:
    schema = json_schema()
    assert schema["properties"]["parts"] == {"$ref": "#/$defs/parts"}
    assert "stages" in schema["$defs"]["parts"]["items"]["properties"]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("trim: {end: 1}", "trim: {ende: 1}", 7, "unknown key 'ende'; did you mean 'end'?"),
        ("inputs: [b.mp4]", "inputs: [c.mp4]", 5, "there is no file c.mp4"),
        ("      - reverse\n", "      - reverse\n      - render\n", 13, "a part is not written"),
        (
            "  - inputs: [b.mp4]\n    stages",
            "  - input: [b.mp4]\n    stages",
            5,
            "unknown key of",
        ),
        ("  - render", "  - concat: [a.mp4]", 14, "did you mean the key `parts:` of a pipeline"),
        ("      - reverse\n", "      - subtitles\n", 12, "add `- transcribe` before line 12"),
        ("stages:\n  - render", "inputs: [a.mp4]\nstages:\n  - render", 13, "or `parts` that have"),
        ("parts:\n", "parts: []\nparts_:\n", 2, "unknown key 'parts_'; did you mean 'parts'"),
    ],
)
def test_mistakes_in_parts_have_their_lines(
    folder: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in YAML
    with pytest.raises(PipelineError) as caught:
        parse_spec(YAML.replace(old, new), path=folder / "x.yaml")
    assert f"x.yaml:{line}: " in str(caught.value)
    assert message in str(caught.value)


def test_what_a_part_gives_the_whole_has(folder: Path) -> None:
    text = YAML.replace("      - reverse\n", "      - motion\n").replace(
        "  - render", "  - highlights: {duration: 1}\n  - render"
    )
    spec = parse_spec(text, path=folder / "x.yaml")
    assert len(parts_of(spec.inputs)) == 3


def test_what_a_film_has_once_is_refused_where_parts_differ(folder: Path) -> None:
    a, b = (sc.open(folder / f"{n}.mp4") for n in "ab")
    with pytest.raises(PipelineError, match="differ in how the sound is mixed.*`audio`"):
        sc.concat(a | sc.audio(original="drop"), b).cut()
    quiet = sc.audio(loudness=-20)
    assert sc.concat(a | quiet, b | quiet).cut().mix.loudness == -20
    with pytest.raises(PipelineError, match="leave `export` out"):
        sc.concat(a | sc.export(to="x.otio"))
    with pytest.raises(PipelineError, match="leave files out"):
        sc.concat(a, b).run([folder / "a.mp4"])


def test_music_of_a_part_is_heard_in_its_part(folder: Path, tmp_path: Path) -> None:
    tone = np.sin(2 * np.pi * 3000 * np.arange(48_000 * 3 // 4) / 48_000)
    write_wav(tmp_path / "tone.wav", (0.5 * tone).astype(np.float32), 48_000)
    a, b = (sc.open(folder / f"{n}.mp4") for n in "ab")
    music = sc.audio(music=tmp_path / "tone.wav", music_gain=0, fade_out="0.25s", duck=False)
    film = sc.concat(a, b | music, a)  # of 2, 1.5 and 2 s
    (track,) = film.cut().sounds
    assert [(s.at, s.duration) for s in track.segments] == [(2, F(3, 4)), (F(11, 4), F(3, 4))]
    film.render(tmp_path / "o.mkv", audio_codec="pcm")
    rate, (_, sound) = 48_000, read_sound(tmp_path / "o.mkv")

    def loud(start: float, end: float) -> float:
        part = sound[int(start * rate) : int(end * rate)]
        heard = np.abs(np.fft.rfft(part * np.hanning(len(part))))
        return float(heard[round(3000 * len(part) / rate)] / len(part) * 4)

    assert loud(1.2, 1.9) < 0.01
    whole = 0.5 * 2**0.5  # of both channels in one
    assert loud(2.2, 2.6) == pytest.approx(whole, rel=0.05)
    assert loud(3.08, 3.24) == pytest.approx(whole, rel=0.05)  # between beeps of the part
    assert 0.02 < loud(3.4, 3.5) < 0.45  # it goes out
    assert loud(3.6, 3.95) < 0.01


def test_a_film_for_each_row_of_a_table(folder: Path) -> None:
    from smartcut.report.batch import BatchRequest

    text = "params: {end: 1}\n" + YAML.replace("{end: 0.2}", '{end: "${end}"}')
    (folder / "t.yaml").write_text(text)
    (folder / "t.csv").write_text("end\n0.2\n0.4\n")
    request = BatchRequest(folder / "t.yaml", (), Path("{n}.mp4"), table=folder / "t.csv")
    _, jobs = request.jobs()
    assert [[i.path.name for i in files_of(j.inputs)] for j in jobs] == [
        ["a.mp4", "b.mp4", "a.mp4"]
    ] * 2
    with pytest.raises(PipelineError, match="leave files and --each out"):
        BatchRequest(folder / "t.yaml", (), Path("{n}.mp4"), each=True).jobs()


def test_divided_and_joined_is_the_same() -> None:
    source = Source("a", Path("a.mp4"), "digest", "mp4", F(0), F(10))
    whole = Cut((source,)).with_segments(
        tuple(Segment("a", sc.Range(F(i), F(i) + F(3, 2))) for i in range(5))
    )
    for at in range(6):
        left, right = (whole.with_segments(s) for s in (whole.segments[:at], whole.segments[at:]))
        joined = concatenated([left, right])
        assert joined.segments == whole.segments
        assert joined.sources == whole.sources
    assert concatenated([whole]) == replace(whole, tracks=joined.tracks)
    assert concatenated([whole, whole]).duration == 2 * whole.duration
