"""Relevance where pictures nearly the same share a look: vectors, counts, shots, and ranks."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.look_figures import rank_correlation
from benchmarks.made_looks import KINDS, still
from smartcut.algebra import opening
from smartcut.annotation import Annotation, Features, Shot, Shots, Signal
from smartcut.cache import Cache
from smartcut.context import LocalContext
from smartcut.cut import Cut
from smartcut.media.probe import probe
from smartcut.models import embedded_scorer as embedded
from smartcut.source import Source
from smartcut.stages.relevance import Relevance
from smartcut.timebase import Range
from tests.builders.drawn_faces import write_film
from tests.builders.toy_clip import write_toy

F = Fraction
RATE = F(25)
PROMPTS = ["a dog", "the sea at night", "a page of text"]


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a CLIP of random weights: pictures of 32 x 32."""
    return write_toy(tmp_path_factory.mktemp("toy-clip"))


def context(tmp_path: Path) -> LocalContext:
    return LocalContext(Cache(tmp_path / "cache"), device="cpu")


def of(cut: Cut, kind: Any, name: str) -> Any:
    found = cut.data(kind, name, cut.footage[0].id)
    assert found is not None
    return found


def test_fewer_looks_give_nearly_the_same_and_say_how_many(toy: str, tmp_path: Path) -> None:
    pictures = [*[still()] * 4, *KINDS["slow pan"](6), *KINDS["action"](18)]
    source = probe(write_film(tmp_path / "film.mp4", pictures))
    where = context(tmp_path)
    cuts, keys = {}, set()
    for effort in ("exact", "auto", "low"):
        stage = Relevance(prompts=PROMPTS, model=toy, rate=RATE, effort=effort)
        (analysis,) = stage.analyses()
        keys.add(where.key(analysis, where.inputs_of(analysis, source)))
        cuts[effort] = stage.apply(opening((source,)), where)
    assert len(keys) == 3
    exact, auto, low = (of(cuts[e], Features, "image-features") for e in ("exact", "auto", "low"))
    assert exact.pts == auto.pts == low.pts
    assert auto.looked_at is not None
    assert low.looked_at is not None
    assert len(pictures) > len(auto.looked_at) >= len(low.looked_at) > 3
    own, shared = (where.cache.load_array(f.array) for f in (exact, auto))
    assert own is not None
    assert shared is not None
    last = 0
    for place, vector in enumerate(shared):
        last = place if place in auto.looked_at else last
        assert np.array_equal(vector, own[last])
    cosines = (own * shared).sum(axis=1)
    assert cosines.min() > 0.98
    looks, count = len(auto.looked_at), len(auto.pts)
    assert cuts["auto"].notes == (
        f"relevance looked at {looks} of {count} pictures: {count - looks} are nearly the same "
        "as one of these, and have its vector (effort: auto)",
    )
    signals = [of(cuts[effort], Signal, "relevance").values[0] for effort in ("exact", "auto")]
    assert rank_correlation(*signals) >= 0.98


def test_exact_looks_at_all_that_differ(toy: str, tmp_path: Path) -> None:
    source = probe(write_film(tmp_path / "film.mp4", KINDS["action"](5)))
    stage = Relevance(prompts=PROMPTS, model=toy, rate=RATE, effort="exact")
    cut = stage.apply(opening((source,)), context(tmp_path))
    assert of(cut, Features, "image-features").looked_at is None
    assert cut.notes == ()


def with_shots(source: Source, starts: list[Fraction]) -> Cut:
    ends = [*starts[1:], source.duration]
    shots = tuple(
        Shot(Range(a, b), int(a * RATE), int(b * RATE)) for a, b in zip(starts, ends, strict=True)
    )
    return opening((source,)).with_annotation(
        Annotation("shots", source.id, Shots(shots), "shots/1")
    )


def test_a_picture_of_every_known_shot_is_looked_at(toy: str, tmp_path: Path) -> None:
    source = probe(write_film(tmp_path / "film.mp4", KINDS["noise"](12)))
    where = context(tmp_path)
    stage = Relevance(prompts=PROMPTS, model=toy, rate=RATE, effort="low")
    before = of(stage.apply(opening((source,)), where), Features, "image-features")
    assert before.looked_at == (0,)
    starts = [F(0), F(4, 25), F(13, 50), F(9, 25)]
    cut = stage.apply(with_shots(source, starts), where)
    after = of(cut, Features, "image-features")
    assert after.looked_at == (0, 4, 7, 9)
    exact = Relevance(prompts=PROMPTS, model=toy, rate=RATE, effort="exact")
    own = where.cache.load_array(
        of(exact.apply(opening((source,)), where), Features, "image-features").array
    )
    shared = where.cache.load_array(after.array)
    assert own is not None
    assert shared is not None
    for place, vector in enumerate(shared):
        assert np.array_equal(vector, own[place if place in after.looked_at else 0])
    assert "looked at 4 of 12 pictures" in cut.notes[0]


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.parametrize("film", ["harbour", "match", "sky"])
def test_ranks_stay_on_the_sample_media(film: str, tmp_path: Path) -> None:
    if not embedded.is_here():
        pytest.skip("weights missing: smartcut models pull efficientnet-lite0 minilm-l6-v2")
    source = probe(Path(__file__).parents[2] / "sample_media" / f"{film}.mp4")
    where = context(tmp_path)
    prompts = ["a sailing boat", "a football", "a candle", "mountains"]
    found = {}
    for effort in ("exact", "auto"):
        stage = Relevance(prompts=prompts, model="embedded", rate=F(4), effort=effort)
        found[effort] = stage.apply(opening((source,)), where)
    signals = [of(found[effort], Signal, "relevance").values for effort in ("exact", "auto")]
    for exact, auto in zip(*signals, strict=True):
        assert rank_correlation(exact, auto) >= 0.98
