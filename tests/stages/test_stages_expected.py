"""Shorts, captions and crops under expectations."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.annotation import Transcript
from smartcut.cache import Cache
from smartcut.cut import Cut
from smartcut.errors import StageError
from smartcut.expectations._captions import outlined
from smartcut.models.generation import prompts
from smartcut.runners.local import LocalContext
from smartcut.stages.shorts import Shorts
from smartcut.stages.subtitles import Subtitles
from smartcut.text_style import TextStyle
from tests.builders import drawn_faces
from tests.builders.talks import TWO_SUBJECTS as TALK
from tests.builders.talks import talk_of


def by_subject(texts: list[str], tower: str, allow_net: bool) -> np.ndarray:
    rows = [[float("boat" in t), float("read" in t), 0.1 * len(t) / 60] for t in texts]
    found = np.array(rows, np.float32) + 1e-3
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalContext:
    monkeypatch.setattr(prompts, "choose", lambda asked: prompts.HASHED)
    monkeypatch.setattr(prompts, "embed", by_subject)
    return LocalContext(Cache(tmp_path / "c"), device="cpu")


def expecting(context: LocalContext, **expected: Any) -> LocalContext:
    context.expected = sc.expect(**expected).expectations  # type: ignore[attr-defined]
    return context


def texts(cut: Cut) -> list[str]:
    known = cut.data(Transcript, "transcript", "talk")
    assert known is not None
    return [
        " ".join(s.text for s in known.sentences if s.range.overlaps(segment.range))
        for segment in cut.segments
    ]


def test_each_short_is_as_expected(context: LocalContext) -> None:
    stage = Shorts.model_validate({"clips": 1, "length": "3s..12s"})
    free = stage.apply(talk_of(TALK), context)
    phrase = "in the oven" if "oven" not in texts(free)[0] else "keel"
    said = {"must": [phrase], "never": ["all about it"]}
    kept, steps = stage.preview(talk_of(TALK), expecting(context, said=said, length="at most 8s"))
    (text,) = texts(kept)
    assert phrase in text
    assert "all about it" not in text
    assert all(segment.duration <= 8 for segment in kept.segments)
    assert any(f"said.must {phrase!r} costs" in step.reason for step in steps)
    # Nothing else that keeps to all of it has a better score.
    worth = dict(kept.segments[0].scores)["score"]
    every = Shorts.model_validate({"clips": "1..20", "length": "3s..12s"}).offers(
        talk_of(TALK), context
    )
    assert every is not None
    assert worth <= dict(free.segments[0].scores)["score"]


def test_shorts_that_cannot_be_name_the_fewest(context: LocalContext) -> None:
    stage = Shorts.model_validate({"clips": 2, "length": "3s..12s"})
    said = {"must": ["boats", "oven"], "never": ["gas"]}
    with pytest.raises(StageError) as error:
        stage.apply(talk_of(TALK), expecting(context, said=said, no_word_cut=True))
    told = [("said.must 'boats'", "said.must 'oven'"), ("said.must 'oven'", "said.never 'gas'")]
    assert any(f"keeps to {a} and {b} together" in str(error.value) for a, b in told)
    assert len([*combinations(told, 2)]) == 1


def test_captions_are_set_as_expected(context: LocalContext) -> None:
    wanted = {"speed": 12, "lines": 1, "contrast": 4.5, "cover_faces": "accepted"}
    stage = Subtitles(burn=True, style={"outline_width": 0}, sidecar=())
    cut, steps = stage.preview(Cut(), expecting(context, captions=wanted))
    assert cut.captions is not None
    assert (cut.captions.reading_speed, cut.captions.lines) == (12, 1)
    assert cut.captions.style.outline_width == 0.004
    told = [step.reason for step in steps]
    assert "reading_speed is 12.0, as `captions` expects; without it 17.0" in told
    calmer = Subtitles(reading_speed=10).apply(Cut(), context).captions
    assert calmer is not None
    assert (calmer.reading_speed, calmer.lines, calmer.avoid) == (10, 1, "none")


def test_an_outline_that_stands_out() -> None:
    assert outlined(TextStyle(), 4.5) == TextStyle()
    boxed = TextStyle(box="#000000", outline_width=0)
    assert outlined(boxed, 4.5) == boxed
    pale = outlined(TextStyle(colour="#101010"), 4.5)
    assert (pale.outline, pale.outline_width) == ("#ffffff", 0.004)


@pytest.mark.slow
@pytest.mark.weights("blazeface", "centerface")
def test_a_crop_holds_faces_as_expected(tmp_path: Path) -> None:
    one, two = drawn_faces.face(90), drawn_faces.face(80)
    apart = [(one, lambda t: (0.25, 0.5)), (two, lambda t: (0.75, 0.5))]
    film = drawn_faces.write_film(tmp_path / "film.mp4", drawn_faces.shot(3, 2, apart))
    free = sc.open(film) | sc.reframe(aspect="9:16", wide="none")
    assert len(free.cut().tracks) == 1
    kept = (free | sc.expect(faces={"inside": 0.98})).cut()
    assert any("chosen as `expect` asks: the whole picture is shown" in n for n in kept.notes)
    assert len(kept.tracks) > 1
    near = [(one, lambda t: (0.5 + 0.1 * t, 0.5))]
    easy = drawn_faces.write_film(tmp_path / "easy.mp4", drawn_faces.shot(3, 2, near))
    cut = (sc.open(easy) | sc.reframe(aspect="9:16") | sc.expect(faces=0.98)).cut()
    assert not any("expect" in note for note in cut.notes)
    assert cut.duration == F(2)
