"""`copy_slack` on generated media: which cuts move, that their frames are right, and copied."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path

import pytest

import smartcut as sc
from smartcut.annotation import Annotation, Sentence, Shot, Shots, Signal, Transcript, Word
from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.stage import Context, Stage
from smartcut.stages._copy_slack import MOVED_CUTS, moves_told
from smartcut.testing import read_bar_codes, write_bar_coded
from smartcut.timebase import Range

RATE, FRAMES, GOP = 25, 300, 32


class Known(Stage):
    """Says what there is in the source: shots, words of sentences, and how lively it is."""

    name = "known"
    gives = ("shots", "transcript", "motion")
    shots: tuple[float, ...] | None = (0.0,)
    sentences: tuple[tuple[float, float], ...] = ()
    lively: tuple[float, float] | None = None

    def apply(self, cut: Cut, context: Context) -> Cut:
        (source,) = cut.sources
        if self.shots is not None:
            edges = [*(F(repr(t)) for t in self.shots), source.duration]
            shots = (
                Shot(Range(a, b), round(a * RATE), round(b * RATE)) for a, b in pairwise(edges)
            )
            cut = cut.with_annotation(Annotation("shots", source.id, Shots(tuple(shots))))
        if self.sentences:
            said = tuple(
                Sentence(place, f"Sentence {n}.", _words(place))
                for n, place in enumerate(Range(F(repr(a)), F(repr(b))) for a, b in self.sentences)
            )
            told = Transcript("en", said)
            cut = cut.with_annotation(Annotation("transcript", source.id, told))
        if self.lively is not None:
            first, last = self.lively
            values = tuple(9.0 if first <= n / 4 < last else 1.0 for n in range(48))
            signal = Signal(F(1, 4), tuple(range(48)), ("motion",), (values,))
            cut = cut.with_annotation(Annotation("motion", source.id, signal))
        return cut


def _words(place: Range) -> tuple[Word, ...]:
    middle = place.middle
    return Word(Range(place.start, middle), "One"), Word(Range(middle, place.end), "two.")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds; a copy can begin at 0, 1.28, 2.56, 3.84, 5.12 ... s."""
    path = tmp_path_factory.mktemp("slack") / "a.mp4"
    options = {"x264-params": "scenecut=0:b-adapt=0"}
    write_bar_coded(
        path, frames=FRAMES, rate=F(RATE), size=(160, 90), gop=GOP, b_frames=3, options=options
    )
    return path


def encoded_frames(out: Path) -> int:
    text = out.with_name(f"{out.stem}.manifest.json").read_text()
    return sum(i["frames"] for i in json.loads(text)["intervals"] if i["how"] == "encode")


def figures(notes: Sequence[str]) -> tuple[int, int]:
    """(frames encoded, frames that would be) as a note says."""
    (note,) = (note for note in notes if "can be copied" in note)
    found = re.search(r"(\d+) frames encoded instead of (\d+)", note)
    assert found
    return int(found[1]), int(found[2])


def check_frames(result: sc.Result, path: Path, out: Path) -> None:
    index = video_index(probe(path))
    wanted = [
        n
        for s in result.cut.segments
        for n in range(index.boundary_near(s.range.start), index.boundary_near(s.range.end))
    ]
    assert read_bar_codes(out)[0] == wanted


def edges(cut: Cut) -> list[tuple[float, float]]:
    return [(float(s.range.start), float(s.range.end)) for s in cut.segments]


def test_tighten_cuts_where_it_can_be_copied(source: Path, tmp_path: Path) -> None:
    """Speech from 1.4 s on is shown from the key frame at 1.28 s on, not from 1.2 s on."""
    known = Known(sentences=((1.4, 2.2), (5.32, 6.3)))
    film = sc.open(source) | known | sc.tighten(where="words", margin="0.2s")
    out, plain = tmp_path / "o.mp4", tmp_path / "p.mp4"
    result = film.render(out)
    off = sc.open(source) | known | sc.tighten(where="words", margin="0.2s", copy_slack=0)
    assert edges(off.render(plain).cut) == [(1.2, 2.4), (5.12, 6.52)]
    assert edges(result.cut) == [(1.28, 2.44), (5.12, 6.44)]
    check_frames(result, source, out)
    after, before = figures(result.notes)
    assert (encoded_frames(out), encoded_frames(plain)) == (after, before)
    assert after < before
    told = " ".join(moves_told(result.cut, result.cut.sources[0].id, Range(F("1.28"), F("2.44"))))
    copied = "to where the source can be copied."
    assert (
        told
        == f"Its start was moved 0.08 s later, {copied} Its end was moved 0.04 s later, {copied}"
    )


def test_without_shots_nothing_more_is_shown(source: Path) -> None:
    """5.2 s may not become 5.12 s: nobody knows whether that is the same shot."""
    words = ((5.4, 6.4),)
    without = sc.open(source) | Known(shots=None, sentences=words)
    within = sc.open(source) | Known(shots=(0.0,), sentences=words)
    across = sc.open(source) | Known(shots=(0.0, 5.16), sentences=words)
    tighten = sc.tighten(where="words", margin="0.2s")
    cuts = [(film | tighten).plan(output="o.mp4").cut for film in (without, within, across)]
    assert [edges(cut)[0][0] for cut in cuts if cut] == [5.2, 5.12, 5.2]


def test_highlights_begin_and_end_where_it_can_be_copied(source: Path, tmp_path: Path) -> None:
    """A shot begins a frame after a key frame: that frame stays out."""
    known = Known(shots=(0.0, 2.6, 5.08), lively=(2.5, 8.0))
    out, plain = tmp_path / "o.mp4", tmp_path / "p.mp4"
    film = sc.open(source) | known
    result = (film | sc.highlights(duration=4, weights={"motion": 1})).render(out)
    (film | sc.highlights(duration=4, weights={"motion": 1}, copy_slack=0)).render(plain)
    check_frames(result, source, out)
    after, before = figures(result.notes)
    assert encoded_frames(out) == after < before
    assert encoded_frames(out) < encoded_frames(plain)
    assert 0 <= 4 - result.cut.duration <= F(1, 5)
    for segment in result.cut.segments:
        assert not any(
            segment.range.start < shot < segment.range.end for shot in (F("2.6"), F("5.08"))
        )


@pytest.mark.slow
def test_shorts_stay_as_long_as_asked(source: Path, tmp_path: Path) -> None:
    known = Known(sentences=((1.5, 3.0), (5.2, 6.6), (9.1, 10.9)))
    film = sc.open(source) | known | sc.shorts(clips=3, length="1..3")
    result = film.render(tmp_path / "s-{n}.mp4", each="segment")
    assert edges(result.cut)[0][0] == 1.28 or figures(result.notes)[0] < figures(result.notes)[1]
    for number, segment in enumerate(result.cut.segments, 1):
        assert 1 <= segment.duration <= 3
        index = video_index(probe(source))
        first, last = map(index.boundary_near, (segment.range.start, segment.range.end))
        assert read_bar_codes(tmp_path / f"s-{number}.mp4")[0] == [*range(first, last)]
    assert sum(encoded_frames(out) for out in tmp_path.glob("s-?.mp4")) == figures(result.notes)[0]


def test_split_moves_only_where_each_part_is_a_file(source: Path, tmp_path: Path) -> None:
    film = sc.open(source) | Known() | sc.split(by="length", length=5)
    one = film.plan(output="o.mp4").cut
    made = film.render(tmp_path / "s-{n}.mp4", each="segment")
    assert one
    assert edges(one) == [(0, 5), (5, 10), (10, 12)]
    assert edges(made.cut) == [(0, 5.12), (5.12, 10.12), (10.12, 12)]
    assert figures(made.notes) == (
        encoded_frames(tmp_path / "s-2.mp4") + encoded_frames(tmp_path / "s-3.mp4"),
        10,
    )
    assert read_bar_codes(tmp_path / "s-2.mp4")[0] == [*range(128, 253)]


@pytest.mark.parametrize(
    "settings", [{"crf": 20}, {"resolution": "64p"}, {"fps": 30}, {"mode": "encode"}]
)
def test_where_all_is_encoded_nothing_moves(source: Path, settings: dict[str, object]) -> None:
    known = Known(sentences=((1.4, 2.2), (5.32, 6.3)))
    film = sc.open(source) | known | sc.tighten(where="words", margin="0.2s")
    plan = film.rendering(settings).plan(output="o.mp4")
    assert plan.cut
    assert edges(plan.cut) == [(1.2, 2.4), (5.12, 6.52)]
    assert not plan.cut.annotation(MOVED_CUTS, plan.cut.sources[0].id)


def test_the_cut_is_the_same_without_the_stage_that_writes(source: Path) -> None:
    """As corrections by hand are made on it, and as it is exported."""
    film = (
        sc.open(source) | Known(sentences=((1.4, 2.2),)) | sc.tighten(where="words", margin="0.2s")
    )
    starts = [
        edges(pipeline.unwritten().run().cut)[0][0]
        for pipeline in (film, film.rendering({}), film.rendering({"crf": 20}))
    ]
    assert starts == [1.28, 1.28, 1.2]


def test_a_look_over_all_of_it_moves_nothing(source: Path) -> None:
    known = Known(sentences=((1.4, 2.2),))
    film = (
        sc.open(source) | known | sc.tighten(where="words", margin="0.2s") | sc.colour(contrast=1.2)
    )
    cut = film.plan(output="o.mp4").cut
    assert cut
    assert edges(cut) == [(1.2, 2.4)]


def test_the_plan_says_what_it_saves(source: Path) -> None:
    known = Known(sentences=((1.4, 2.2), (5.32, 6.3)))
    film = sc.open(source) | known | sc.tighten(where="words", margin="0.2s")
    plan = film.plan(output="o.mp4")
    (line,) = (step.reason for step in plan.steps if step.subject == "copies")
    assert line.startswith(
        "cuts moved by 0.08 s at most to where the source can be copied, in 3 of 4 places: "
    )
    assert figures([line])[0] < figures([line])[1]


def test_what_is_no_slack_is_refused() -> None:
    with pytest.raises(PipelineError, match="copy_slack"):
        sc.tighten(copy_slack="2s")
