"""Clips of a talk: whole sentences, the best in all, none over another, each with its reasons."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import smartcut as sc
from benchmarks.made_speech import make_talk, write_sound
from benchmarks.talk_sections import SECTIONS
from smartcut.annotation import Annotation, Transcript
from smartcut.cache import Cache
from smartcut.cut import Cut
from smartcut.errors import PipelineError, StageError
from smartcut.models.generation import prompts
from smartcut.models.voice.engine import choose
from smartcut.runners.local import LocalContext
from smartcut.selecting.shorts import SaidSentence, ShortClip, best_clips, clips_of, reasons, scored
from smartcut.stages.shorts import Shorts
from smartcut.testing import read_bar_codes, write_bar_coded
from tests.builders.talks import TWO_SUBJECTS as TALK
from tests.builders.talks import talk_of


def by_subject(texts: list[str], tower: str, allow_net: bool) -> np.ndarray:
    """Vectors that know boats from bread."""
    rows = [
        [any(w in t for w in ("boat", "keel")), any(w in t for w in ("Bread", "bread", "yeast"))]
        for t in texts
    ]
    found = np.array(rows, np.float32) + 1e-3
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalContext:
    monkeypatch.setattr(prompts, "choose", lambda asked: prompts.HASHED)
    monkeypatch.setattr(prompts, "embed", by_subject)
    return LocalContext(Cache(tmp_path / "c"), device="cpu")


def sentences_of(cut: Cut) -> list[list[str]]:
    """What is said in each segment."""
    transcript = cut.data(Transcript, "transcript", "talk")
    assert transcript is not None
    return [
        [s.text for s in transcript.sentences if s.range.overlaps(segment.range)]
        for segment in cut.segments
    ]


def test_a_clip_is_whole_sentences_of_one_subject(context: LocalContext) -> None:
    stage = Shorts.model_validate({"clips": 2, "length": "5s..12s"})
    cut = stage.apply(talk_of(TALK), context)
    texts = [text for text, _ in TALK]
    assert sentences_of(cut) == [texts[0:3], texts[4:7]]
    for segment, first, last in zip(cut.segments, (0, 4), (2, 6), strict=True):
        transcript = cut.data(Transcript, "transcript", "talk")
        assert transcript is not None
        said = transcript.sentences
        assert 0 <= said[first].range.start - segment.range.start <= F(3, 20)
        assert 0 <= segment.range.end - said[last].range.end <= F(3, 10)
        assert dict(segment.scores)["score"] > 0.5
    for segment, word in zip(cut.segments, ("boat", "yeast"), strict=True):
        assert word in segment.label.casefold()
    assert len(cut.notes) == 2
    assert f"short 1: “{cut.segments[0].label}”, 00:00:00.350 to" in cut.notes[0]
    assert "asks and answers" in cut.notes[0]
    assert "it begins “Why do boats sail against the wind?”" in cut.notes[0]


def test_laughter_in_captions_counts(context: LocalContext) -> None:
    """The subject that is laughed about is the better one, whichever it is."""
    for laughed in (2, 6):
        lines = [(f"{text} [Laughter]" if n == laughed else text, p) for n, (text, p) in
                 enumerate(TALK)]  # fmt: skip
        cut = talk_of(lines)
        known = cut.data(Transcript, "transcript", "talk")
        assert known is not None
        captions = replace(known, is_captions=True)
        cut = cut.with_annotation(Annotation("transcript", "talk", captions))
        given = {"clips": 1, "length": "5s..12s", "weights": {"reactions": 1, "coherence": 0.1}}
        found = Shorts.model_validate(given).apply(cut, context)
        (clip,) = found.segments
        assert dict(clip.scores)["reactions"] == 1
        assert clip.range.overlaps(known.sentences[laughed].words[0].range)
        assert "makes the audience laugh" in found.notes[0]


def test_what_was_chosen_before_stays_chosen(context: LocalContext) -> None:
    cut = talk_of(TALK)
    second = cut.data(Transcript, "transcript", "talk").sentences[4].range.start  # type: ignore[union-attr]
    part = cut.segments[0].part(second - F(1, 4), cut.duration)
    faster = cut.with_segments((part.warped(part.as_warp.faster(F(2))),))
    found = Shorts.model_validate({"clips": 1, "length": "2s..6s"}).apply(faster, context)
    ((first, *others),) = sentences_of(found)
    assert first == "Bread needs flour, water, salt and yeast."
    assert others
    assert found.segments[0].range.start >= second - F(1, 4)
    assert found.segments[0].duration == found.segments[0].range.duration / 2


def test_fewer_than_asked_is_said_and_none_is_refused(context: LocalContext) -> None:
    cut = Shorts.model_validate({"clips": 5, "length": "6s..12s"}).apply(talk_of(TALK), context)
    assert len(cut.segments) == 2
    assert "2 shorts, not 5: no more sentences fit without overlap" in cut.notes
    with pytest.raises(StageError, match="finds no sentences that last 40 to 60 s.*lower `length`"):
        Shorts.model_validate({"length": "40s..60s"}).apply(talk_of(TALK), context)


def test_by_score_the_best_comes_first(context: LocalContext) -> None:
    given = {"clips": 2, "length": "5s..12s", "weights": {"questions": 1}, "order": "score"}
    cut = Shorts.model_validate(given).apply(talk_of([*TALK[3:], *TALK[:3]]), context)
    assert sentences_of(cut)[0][0] == "Why do boats sail against the wind?"
    scores = [dict(s.scores)["score"] for s in cut.segments]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"clips": 0}, "0 is no number of clips; accepted: 3, or 3..7"),
        ({"clips": "7..3"}, "no number of clips"),
        ({"length": "60s..20s"}, "no length of clips; accepted: 20s..60s"),
        ({"length": "x"}, "'x' is not a time"),
        ({"weights": {"fame": 1}}, "unknown measure 'fame'; accepted: coherence"),
    ],
)
def test_mistakes_say_what_is_accepted(given: dict[str, object], message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        sc.shorts(**given)


def test_counts_and_lengths_are_ranges_or_one_value() -> None:
    assert sc.shorts(clips="3..7").clips == (3, 7)
    assert sc.shorts(clips=4, length="30s").clips == (4, 4)
    assert sc.shorts(length="30s").length == (15, 30)
    assert sc.shorts(length=[20, "1m"]).length == (20, 60)


# ------------------------------------------------------------------------------- the selection


def connected(said: list[SaidSentence]) -> list[SaidSentence]:
    """The sentences, each with when speech ends before it and begins after it."""
    result = []
    for i, one in enumerate(said):
        before = [s.end for s in said[:i] if s.segment == one.segment]
        after = [s.start for s in said[i + 1 :] if s.segment == one.segment]
        first, last = before[-1] if before else None, after[0] if after else None
        result.append(replace(one, before=first, after=last))
    return result


lines = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), min_size=1, max_size=9)


@settings(deadline=None, max_examples=80)
@given(lines, st.integers(1, 8), st.integers(1, 8))
def test_clips_are_as_long_as_asked_and_inside_no_other_sentence(
    lengths: list[tuple[int, int]], low: int, more: int
) -> None:
    at, said = F(0), []
    for i, (lasts, pause) in enumerate(lengths):
        said.append(SaidSentence(i // 5, at, at + F(lasts, 10), "A b.", 2))
        at = at + F(lasts + pause, 10) if (i + 1) % 5 else F(0)
    said, count = connected(said), said[-1].segment + 1
    ends = [max(s.end for s in said if s.segment == k) + F(1, 2) for k in range(count)]
    for first, last, start, end in clips_of(said, ends, F(low), F(low + more)):
        assert low <= end - start <= low + more
        assert {s.segment for s in said[first:last]} == {said[first].segment}
        assert 0 <= start <= said[first].start
        assert said[last - 1].end <= end <= ends[said[first].segment]
        for other in [*said[:first], *said[last:]]:
            if other.segment == said[first].segment:
                assert other.end <= start or end <= other.start
        assert all(b.start - a.end <= 3 for a, b in pairwise(said[first:last]))


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4), st.integers(1, 9)), max_size=8),
    st.integers(1, 3),
)
def test_the_choice_is_the_best_of_all(rows: list[tuple[int, int, int]], count: int) -> None:
    said = [SaidSentence(0, F(i), F(i + 1), "", 1) for i in range(14)]
    clips = [
        ShortClip(first, first + size, F(first), F(first + size), score / 10, ())
        for first, size, score in rows
    ]

    def total(pick: tuple[ShortClip, ...]) -> float:
        apart = all(a.end <= b.start or b.end <= a.start for a, b in combinations(pick, 2))
        return sum(c.score for c in pick) if apart else -1.0

    chosen = best_clips(clips, said, count, count)
    possible = [n for n in range(count + 1) if any(total(p) >= 0 for p in combinations(clips, n))]
    assert len(chosen) == possible[-1]
    best = max(map(total, combinations(clips, len(chosen))))
    assert sum(c.score for c in chosen) == pytest.approx(best)
    assert total(tuple(chosen)) >= 0


def test_of_a_range_as_many_are_taken_as_are_good_enough() -> None:
    said = [SaidSentence(0, F(i), F(i + 1), "", 1) for i in range(5)]
    scores = (0.9, 0.85, 0.8, 0.2, 0.1)
    clips = [ShortClip(i, i + 1, F(i), F(i + 1), s, ()) for i, s in enumerate(scores)]
    assert [c.first for c in best_clips(clips, said, 1, 5)] == [0, 1, 2]
    assert [c.first for c in best_clips(clips, said, 4, 5)] == [0, 1, 2, 3]


def test_each_measure_says_what_it_measures() -> None:
    said = [
        SaidSentence(0, F(0), F(2), "Do boats fly?", 3, -30.0),
        SaidSentence(0, F(2), F(4), "They do not.", 3, -20.0),
        SaidSentence(0, F(5), F(7), "Bread is baked.", 9, -10.0),
        SaidSentence(0, F(7), F(9), "and then", 2, -10.0),
    ]
    said = connected(said)
    vectors = np.eye(2, dtype=np.float32)[[0, 0, 1, 1]]
    runs = [(0, 2, F(0), F(4)), (1, 3, F(2), F(7)), (2, 4, F(5), F(9))]
    clips = scored(said, runs, vectors, {"questions": 1.0}, "en")
    parts = [dict(c.parts) for c in clips]
    assert [p["questions"] for p in parts] == [1, 0, 0]
    assert [p["completeness"] for p in parts] == pytest.approx([1, 0.2, 0.8])
    assert parts[1]["coherence"] == 0
    assert [p["loudness"] for p in parts] == [0, 0.5, 1]
    assert [c.score for c in clips] == [1, 0, 0]
    assert reasons(clips[0]).startswith("keeps to one subject, stands alone")


# ---------------------------------------------------------------------------------- the files


def test_each_part_has_the_file_that_the_name_says(tmp_path: Path) -> None:
    write_bar_coded(tmp_path / "a.mp4", size=(160, 90))
    parts = sc.open(tmp_path / "a.mp4") | sc.trim(ranges=["0-0.5", "1-2"])
    parts.render(tmp_path / "short-{n}.mp4", each="segment")
    assert list(read_bar_codes(tmp_path / "short-1.mp4")[0]) == list(range(15))
    assert list(read_bar_codes(tmp_path / "short-2.mp4")[0]) == list(range(30, 60))
    assert (tmp_path / "short-2.manifest.json").exists()
    parts.render(tmp_path / "{n:03}.mp4", each="segment")
    assert (tmp_path / "002.mp4").exists()
    with pytest.raises(PipelineError, match="goes with --each or --table, or with `render"):
        parts.render(tmp_path / "short-{n}.mp4")


# ------------------------------------------------------------------------------- a spoken talk


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en", "minilm-l6-v2")
def test_a_talk_that_is_spoken_gives_whole_sentences_and_its_chapters(tmp_path: Path) -> None:
    """Four subjects by a synthetic voice, each sentence at a known time."""
    from smartcut.errors import MissingExtra, ModelError

    names = ["sleep", "concrete", "chess", "bees"]
    lines = [sentence for name in names for sentence in SECTIONS[name]]
    try:
        voice, _ = choose("espeak", "en-us")
    except (MissingExtra, ModelError) as error:
        pytest.skip(str(error))
    talk = make_talk(voice, [part for line in lines for part in (line, 0.5)])
    write_sound(tmp_path / "talk.wav", talk.samples, talk.rate)
    spoken = sc.open(tmp_path / "talk.wav") | sc.transcribe()
    cut = (spoken | sc.shorts(clips="3..5", length="12s..30s")).cut()
    assert 3 <= len(cut.segments) <= 5
    starts, ends = [s for s, _, _ in talk.said], [e for _, e, _ in talk.said]
    for clip in cut.segments:
        first = min(starts, key=lambda t: abs(t - float(clip.range.start)))
        last = min(ends, key=lambda t: abs(t - float(clip.range.end)))
        assert first - 0.3 < float(clip.range.start) < first + 0.1
        assert last - 0.1 < float(clip.range.end) < last + 0.4
        assert 12 <= clip.duration <= 30
        assert dict(clip.scores)["completeness"] >= 0.6
    assert all(a.range.end <= b.range.start for a, b in pairwise(cut.segments))
    chapters = (spoken | sc.chapters()).cut().sources[0].chapters
    counts = [len(SECTIONS[name]) for name in names]
    true = [talk.said[sum(counts[:n])][0] for n in range(1, 4)]
    found = [float(c.range.start) for c in chapters[1:]]
    hits = sum(any(abs(f - t) < 1 for f in found) for t in true)
    assert 2 * hits / (len(found) + len(true)) >= 0.8, (found, true)


def test_what_could_be_chosen_is_told_with_its_scores(context: LocalContext) -> None:
    stage = Shorts.model_validate({"clips": 1, "length": "5s..12s"})
    before = talk_of(TALK)
    offers = stage.offers(before, context)
    assert offers is not None
    assert offers.count > len(offers.moments) >= 2
    assert [m.score for m in offers.moments] == sorted(m.score for m in offers.moments)[::-1]
    assert dict(offers.weights)["coherence"] == 2
    for one, other in combinations(offers.moments, 2):
        assert not one.range.overlaps(other.range)
    (chosen,) = stage.apply(before, context).segments
    best = offers.moments[0]
    assert (best.range, dict(best.scores)) == (
        chosen.range,
        {name: value for name, value in chosen.scores if name != "score"},
    )
