"""Looks of captions are found again in what lies over pictures; none is claimed where none is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import smartcut as sc
from benchmarks.conform_material import Filmed
from benchmarks.planted_captions import PlantedCaptions, write_captioned, write_words
from smartcut.learning_style.caption_look import (
    CaptionLook,
    compared,
    drawn_captions,
    look_named,
    spoken_film,
    spoken_near,
)
from smartcut.learning_style.caption_search import LookSearch, Seen
from smartcut.learning_style.captions import (
    HeldBackCaptions,
    LearnedCaptions,
    learned_captions,
)
from smartcut.learning_style.estimates import Estimate
from smartcut.looks import find_look
from smartcut.report.learned_captions import caption_rows, captions_held_back, plain_captions
from smartcut.stages.subtitles import Subtitles
from tests.builders import conformed
from tests.builders.captioned import SIZE, CaptionedMoments, captioned

LARGE = replace(look_named("box"), size=0.07, margin=0.1)


def seen(film: CaptionedMoments) -> Seen:
    spoken = spoken_film(film.cut, SIZE)
    assert spoken is not None
    return spoken, film.moments


def refusal(films: list[CaptionedMoments]) -> str:
    reasons: list[str] = []
    assert learned_captions(films, reasons) is None
    (reason,) = reasons
    return reason


def test_the_planted_look_leaves_least_of_what_is_seen() -> None:
    spoken, moments = seen(captioned(1, LARGE, 3))

    def left(look: CaptionLook) -> float:
        drawn = drawn_captions(spoken, look)
        assert drawn is not None
        rows = compared(drawn, moments)
        return sum(one.left for one in rows) / sum(one.bare for one in rows)

    assert left(LARGE) < 0.05
    assert left(replace(LARGE, size=0.08)) > 0.2
    assert left(replace(LARGE, margin=0.13)) > 0.5
    assert left(replace(LARGE, name="clean")) > 0.5
    assert left(replace(LARGE, words=1)) > 0.5


def test_how_far_captions_stand_from_where_they_are_drawn_is_measured() -> None:
    spoken, moments = seen(captioned(1, LARGE, 3))
    drawn = drawn_captions(spoken, replace(LARGE, margin=LARGE.margin - 5 / SIZE[1]))
    assert drawn is not None
    assert [one.further for one in compared(drawn, moments)] == pytest.approx([5] * 3, abs=1)


def test_words_far_from_the_moments_change_nothing() -> None:
    spoken, moments = seen(captioned(1, LARGE, 3))
    near = spoken_near(spoken, moments[:1])
    assert 0 < len(near.words) < len(spoken.words)
    one, other = (drawn_captions(film, LARGE) for film in (spoken, near))
    assert one is not None
    assert other is not None
    whole, part = compared(one, moments[:1]), compared(other, moments[:1])
    assert whole[0].left == part[0].left


def test_size_margin_and_words_at_a_time_are_found() -> None:
    planted = replace(look_named("box"), size=0.066, margin=0.09, words=3)
    search = LookSearch([seen(captioned(seed, planted, 3)) for seed in (3, 4)], ("box",))
    best = search.found()
    assert best is not None
    look, second = best
    assert second is None
    assert look.words == 3
    assert search.left(look) < 0.1
    for value, found in (
        (0.066, search.interval(look, lambda one: one.size)),
        (0.09, search.interval(look, lambda one: one.margin)),
    ):
        assert found.low <= value <= found.high
        assert found.width < 0.01
    overlap, explained = search.held_back(0)
    assert overlap > 0.9
    assert explained > 0.9


def test_films_without_captions_have_none() -> None:
    assert refusal([captioned(seed, None, 4) for seed in (1, 2)]).endswith(
        "no captions are seen in the films"
    )


def test_captions_of_some_films_are_refused() -> None:
    films = [captioned(1, LARGE, 4), captioned(2, None, 4)]
    assert "over the pictures of 1 of 2 films, at 3 moments" in refusal(films)
    assert "1 films were compared with their sources" in refusal(films[:1])


def test_captions_of_which_no_word_is_known_are_refused() -> None:
    films = [captioned(seed, LARGE, 8) for seed in (1, 2)]
    silent = [replace(film, cut=replace(film.cut, annotations=())) for film in films]
    reason = refusal(silent)
    assert "what is said in the sources of film 1 is not known: give it (--from" in reason


def learned_look(**changed: Any) -> LearnedCaptions:
    held = (HeldBackCaptions("one", 0.9, 0.8), HeldBackCaptions("two", 0.96, 0.9))
    look = replace(look_named("bold"), position="top", words=None)
    size, margin = Estimate(0.0712, 0.069, 0.074, 30), Estimate(0.1, 0.098, 0.102, 30)
    found = LearnedCaptions(look, size, margin, held, 30, "single", 0.55)
    return replace(found, **changed)


def test_what_is_otherwise_than_in_the_look_is_written() -> None:
    rows = [(name, value) for name, value, _ in caption_rows(learned_look())]
    assert rows == [
        ("burn", "true"), ("look", "bold"), ("style", ""), ("  size", "0.0712"),
        ("  margin", "0.1"), ("  position", "top"), ("  words_at_once", "null"),
    ]  # fmt: skip
    own = list(caption_rows(learned_look(look=look_named("bold"), size=None, margin=None)))
    assert [name for name, _, _ in own] == ["burn", "look"]
    assert "the next look, `single`, explains 55%" in own[1][2]
    assert "cover 93% of the same pixels as those that are seen (90%, 96%" in captions_held_back(
        learned_look()
    )
    plain = plain_captions(learned_look(margin=None))
    assert plain["style"] == {"size": 0.0712, "position": "top", "words_at_once": None}
    assert plain["margin"] is None
    assert plain["overlap"] == pytest.approx(0.93)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("clean", {"size": 0.062}),
        ("bold", {"margin": 0.1}),
        ("karaoke", {"words": 2}),
        ("punch", {"words": 3}),
        ("punch", {}),
    ],
)
def test_a_planted_look_is_found_among_all(name: str, changed: dict[str, Any]) -> None:
    planted, reasons = replace(look_named(name), **changed), list[str]()
    found = learned_captions([captioned(seed, planted) for seed in (31, 32, 33)], reasons)
    assert found is not None, reasons
    assert (found.look.name, found.look.words) == (name, planted.words)
    assert found.overlap > 0.9
    assert found.size is not None
    assert found.size.low <= planted.size <= found.size.high
    if planted.position == "middle":
        assert found.margin is None
    else:
        assert found.margin is not None
        assert found.margin.low <= planted.margin <= found.margin.high


@pytest.mark.slow
def test_looks_that_differ_between_films_are_refused() -> None:
    names = ("box", "punch", "news")
    films = [captioned(30 + k, look_named(name)) for k, name in enumerate(names)]
    assert "is like none of the looks, or differs between the films" in refusal(films)


@pytest.mark.slow
def test_the_look_is_learned_from_finished_films(tmp_path: Path) -> None:
    rushes = tmp_path / "rushes"
    files = conformed.sources(rushes, 3, Filmed(12, 67, (480, 270)))
    words = write_words(files, 5)
    planted = PlantedCaptions("box", (("size", 0.07), ("margin", 0.1)))
    films = write_captioned(tmp_path / "box", files, 5, planted, count=6)
    found = sc.learn(films, sources=rushes, words=words)
    captions = found.learned.captions
    assert captions is not None, found.learned.left_out
    assert captions.look.name == "box"
    (step,) = [s.stage for s in found.pipeline().steps if isinstance(s.stage, Subtitles)]
    style = step.captions().style
    assert step.burn
    assert style.size == pytest.approx(0.07, abs=0.003)
    assert style.margin == pytest.approx(0.1, abs=0.003)
    assert style.box == find_look("box").style.box
    assert found.to_plain()["subtitles"]["overlap"] > 0.8
    plain = write_captioned(tmp_path / "plain", files, 6, PlantedCaptions(), count=6)
    with pytest.raises(sc.SmartcutError, match="subtitles: no captions are seen in the films"):
        sc.learn(plain, sources=rushes, words=words)
