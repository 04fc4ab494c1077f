from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from itertools import combinations, pairwise
from operator import mul
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.annotation import Annotation, Sentence, Shot, Shots, Signal, Transcript, Word
from smartcut.cache import Cache
from smartcut.context import Stored
from smartcut.cut import Cut, Effect, Segment, Track
from smartcut.errors import StageError
from smartcut.selecting.candidates import Atom, Candidate, atoms_of, candidates_of
from smartcut.selecting.choice import TOLERANCE, Budget, select_diversely, select_exactly, value
from smartcut.selecting.scoring import ranks
from smartcut.source import AudioStream, Source, VideoStream
from smartcut.stages._moment_field import means
from smartcut.stages.highlights import Highlights
from smartcut.timebase import Range, total

RATE = F(25)


def source(id: str, seconds: int) -> Source:
    video = VideoStream(
        0, "h264", F(1, 12800), 320, 180, "yuv420p", RATE, False, F(0), F(seconds), seconds * 25
    )
    audio = AudioStream(1, "aac", F(1, 48000), 48000, 2, "stereo", F(0), F(seconds))
    return Source(id, Path(id), id, "mp4", F(0), F(seconds), video, audio)


def motion(id: str, values: list[float]) -> Annotation:
    signal = Signal(F(1), tuple(range(len(values))), ("motion",), (tuple(values),))
    return Annotation("motion", id, signal)


def shots(id: str, starts: list[int], end: int) -> Annotation:
    edges = [*starts, end]
    found = tuple(Shot(Range(F(a), F(b)), a * 25, b * 25) for a, b in pairwise(edges))
    return Annotation("shots", id, Shots(found))


def speech(id: str, sentences: list[list[tuple[F, F]]]) -> Annotation:
    said = []
    for words in sentences:
        parts = tuple(Word(Range(a, b), f"w{a}") for a, b in words)
        said.append(Sentence(Range(parts[0].range.start, parts[-1].range.end), "x.", parts))
    return Annotation("transcript", id, Transcript("en", tuple(said)))


def cut_of(sources: list[Source], *annotations: Annotation) -> Cut:
    track = Track("programme", tuple(Segment(s.id, Range(F(0), s.duration)) for s in sources))
    return Cut(tuple(sources), (track,), annotations)


@pytest.fixture
def context(tmp_path: Path) -> Stored:
    return Stored(Cache(tmp_path / "c"))


def test_ranks_share_ties_and_lack_counts_lowest() -> None:
    assert ranks([3.0, 1.0, 3.0, None, 2.0]) == [5 / 6, 0.0, 5 / 6, 0.0, 1 / 3]
    assert ranks([2.0, 2.0]) == [0.5, 0.5]


lengths = st.lists(st.integers(1, 12), min_size=1, max_size=7)


@settings(deadline=None, max_examples=60)
@given(lengths, st.data())
def test_the_exact_choice_is_the_best_of_all(items: list[int], data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from("ab"), min_size=len(items), max_size=len(items)))
    scores = [data.draw(st.integers(0, 10)) / 10 for _ in items]
    at = {"a": 0, "b": 0}
    candidates = []
    for name, length in zip(names, items, strict=True):
        first = at[name]
        last = first + data.draw(st.integers(1, 2))
        candidates.append(Candidate(name, first, last, Range(F(0), F(length, 2))))
        at[name] = first + 1  # neighbours may overlap
    budget = Budget(F(data.draw(st.integers(1, 20)), 2))
    chosen = select_exactly(candidates, scores, budget)

    def allowed(pick: tuple[int, ...]) -> bool:
        apart = all(
            candidates[i].source != candidates[j].source
            or candidates[i].last <= candidates[j].first
            or candidates[j].last <= candidates[i].first
            for i, j in combinations(pick, 2)
        )
        return apart and total(candidates[i].range for i in pick) <= budget.duration

    picks = [
        p for n in range(len(items) + 1) for p in combinations(range(len(items)), n) if allowed(p)
    ]
    lasts = {p: total(candidates[i].range for i in p) for p in picks}
    near = [p for p in picks if lasts[p] >= budget.duration - TOLERANCE]
    best_length = max(lasts.values())
    rivals = near or [p for p in picks if lasts[p] == best_length]
    worth = {p: sum(value(candidates[i], scores[i]) for i in p) for p in rivals}
    assert tuple(chosen) in worth
    assert sum(value(candidates[i], scores[i]) for i in chosen) == pytest.approx(
        max(worth.values())
    )


@st.composite
def spoken_source(draw: st.DrawFn) -> list[list[tuple[F, F]]]:
    sentences, at = [], F(0)
    for _ in range(draw(st.integers(1, 5))):
        at += draw(st.fractions(0, 4, max_denominator=100))
        words = []
        for _ in range(draw(st.integers(1, 6))):
            length = draw(st.fractions(F(1, 10), 1, max_denominator=1000))
            words.append((at, at + length))
            at += length + draw(st.fractions(0, F(1, 3), max_denominator=1000))
        sentences.append(words)
    return [s for s in sentences if s[-1][1] < 40]


@settings(deadline=None, max_examples=60)
@given(spoken_source(), st.lists(st.integers(1, 39), max_size=4, unique=True), st.booleans())
def test_no_boundary_is_inside_a_word(said, cuts: list[int], keep: bool) -> None:
    if not said:
        return
    cut = cut_of([source("a", 40)], speech("a", said), shots("a", sorted({0, *cuts}), 40))
    atoms = atoms_of(cut, cut.source("a"), keep)
    words = [w for sentence in said for w in sentence]
    for atom in atoms:
        for time in (atom.range.start, atom.range.end):
            assert not any(a < time < b for a, b in words)
            assert (time * RATE).denominator == 1
    if keep:
        for time in {a.range.start for a in atoms}:
            assert not any(s[0][0] < time < s[-1][1] for s in said)


def test_candidates_stay_inside_their_shot_and_lengths() -> None:
    cut = cut_of([source("a", 20)], shots("a", [0, 7, 12], 20))
    found = candidates_of(atoms_of(cut, cut.source("a")), F(2), F(6))
    assert found
    for candidate in found:
        assert 2 <= candidate.range.duration <= 6
        assert not any(candidate.range.start < edge < candidate.range.end for edge in (7, 12))


@pytest.mark.parametrize("duration", [5, 10, 17, F(23, 2)])
@pytest.mark.parametrize("method", ["knapsack", "mmr"])
def test_the_duration_is_met_and_the_liveliest_parts_are_taken(
    duration: F, method: str, context: Stored
) -> None:
    values = [1.0] * 60
    values[20:25] = [9.0] * 5
    cut = cut_of([source("a", 60)], shots("a", [0, 30], 60), motion("a", values))
    made = Highlights(duration=duration, method=method).apply(cut, context)
    assert F(0) <= F(duration) - made.duration <= TOLERANCE
    assert any(s.range.overlaps(Range(F(21), F(24))) for s in made.segments)
    for segment in made.segments:
        assert all(0 <= v <= 1 for _, v in segment.scores)
        assert dict(segment.scores).keys() == {"score", "motion"}


def test_effects_of_before_are_in_the_reel(context: Stored) -> None:
    """Divided with their pictures; what cannot be had is told."""
    fade = Effect("fade", ())
    cut = cut_of([source("a", 30)], motion("a", [0] * 10 + [1] * 5 + [0] * 15))
    whole = replace(cut.segments[0], effects=(fade,))
    stage = Highlights.model_validate({"duration": 5})
    found = stage.apply(cut.with_segments((whole,)), context)
    assert [s.range for s in found.segments] == [
        s.range for s in stage.apply(cut, context).segments
    ]
    for segment in found.segments:
        (effect,) = segment.effects
        assert effect.clock is not None
        assert effect.clock.whole == whole.as_warp
        assert effect.clock.at(F(0)) == segment.range.start
        assert segment.scores
        assert segment.label == "motion"
    slow = stage.apply(cut.with_segments((replace(whole, speed=F(1, 2)),)), context)
    assert [s.effects for s in slow.segments] == [()] * len(slow.segments)
    assert any(
        "done before to some of the moments of a is not in the reel" in n for n in slow.notes
    )


def test_less_material_than_asked_is_all_taken_and_said(context: Stored) -> None:
    cut = cut_of([source("a", 6)], motion("a", [1, 2, 3, 4, 5, 6]))
    made = Highlights(duration=30).apply(cut, context)
    assert made.duration == 6
    assert "lasts 6.0 s, not 30 s" in made.notes[0]


def test_caps_and_order(context: Stored) -> None:
    cut = cut_of(
        [source("a", 40), source("b", 40)], motion("a", [9.0] * 40), motion("b", [1.0] * 40)
    )
    made = Highlights(duration=20, per_source=12, order="time").apply(cut, context)
    by_source = {id: total(s.range for s in made.segments if s.source == id) for id in ("a", "b")}
    assert by_source["a"] <= 12
    assert by_source["b"] <= 12
    assert sum(by_source.values()) >= 20 - TOLERANCE
    starts = [(s.source, s.range.start) for s in made.segments]
    assert starts == sorted(starts)  # type: ignore[type-var]


def test_variety_avoids_what_looks_the_same() -> None:
    candidates = [Candidate("a", i, i + 1, Range(F(2 * i), F(2 * i + 2))) for i in range(4)]
    alike = {(0, 1), (1, 0)}
    pick = select_diversely(
        candidates, [1.0, 0.95, 0.7, 0.1], Budget(F(4)), lambda a, b: float((a, b) in alike), 0.5
    )
    assert pick == [0, 2]


def test_nothing_to_go_by_is_an_error(context: Stored) -> None:
    cut = cut_of([source("a", 10)], shots("a", [0], 10))
    with pytest.raises(StageError, match="nothing to go by"):
        Highlights().apply(cut, context)


def test_the_score_of_a_candidate_is_the_mean_over_its_atoms() -> None:
    random = Random(5)
    edges = [F(0)]
    for _ in range(60):
        edges.append(edges[-1] + F(random.randint(1, 40), 25))
    atoms = [Atom("a", Range(a, b), random.random() < 0.1) for a, b in pairwise(edges)]
    values = [random.random() for _ in atoms]
    candidates = candidates_of(atoms, F(1), F(9))
    assert len({c.first for c in candidates}) > 30
    for candidate, mean in zip(candidates, means(values, atoms, candidates), strict=True):
        seconds = [float(a.range.duration) for a in atoms[candidate.first : candidate.last]]
        own = values[candidate.first : candidate.last]
        assert mean == pytest.approx(sum(map(mul, own, seconds)) / sum(seconds), rel=1e-12)


def test_the_words_of_one_speaker_count(context: Stored) -> None:
    talk = source("a", 12)
    said = speech("a", [[(F(i), F(i + 1))] for i in range(0, 12, 2)])
    assert isinstance(said.data, Transcript)
    names = ["Ada", "Ben", "Ben", "Ada", "Ben", "Ben"]
    own = (
        replace(s, words=tuple(replace(w, speaker=name) for w in s.words))
        for s, name in zip(said.data.sentences, names, strict=True)
    )
    loud = Signal(F(1), tuple(range(12)), ("momentary",), ((-20.0,) * 12,))
    spoken = replace(said, data=replace(said.data, sentences=tuple(own)))
    cut = cut_of([talk], spoken, Annotation("loudness", "a", loud))
    asked = {"duration": "2.5s", "min_length": "0.5s", "max_length": "1s", "speaker": "Ada"}
    chosen = Highlights.model_validate(asked).apply(cut, context)
    assert [float(s.range.start) for s in chosen.segments] == [0, 5.84]
    with pytest.raises(StageError, match="'Eve' says nothing there; speakers: Ada, Ben"):
        Highlights.model_validate({**asked, "speaker": "Eve"}).apply(cut, context)
