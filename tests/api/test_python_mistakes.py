"""Mistakes in Python: one clear message each, with the fix, and nothing of what is inside."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable
from fractions import Fraction as F
from typing import Any

import pytest

import smartcut as sc
from smartcut.stage import stage_modules
from smartcut.testing import write_bar_coded


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> sc.Pipeline:
    path = tmp_path_factory.mktemp("media") / "a.mp4"
    write_bar_coded(path, frames=50, rate=F(25), size=(160, 96), gop=25)
    return sc.open(path)


MISTAKES: list[tuple[Callable[[Any], object], str]] = [
    (lambda film: sc.titel, "module 'smartcut' has no attribute 'titel'; did you mean 'title'?"),
    (
        lambda film: sc.trim(strat=3),
        "`trim`: unknown key 'strat'; did you mean 'start'? accepted: start, end, ranges",
    ),
    (
        lambda film: sc.trim(3),
        "sc.trim() takes its parameters by name, such as sc.trim(start=3); accepted: start, end, "
        "ranges",
    ),
    (
        lambda film: sc.trim(start="later"),
        "`trim`: start: 'later' is not a time; accepted: seconds (12.5), units (1m30s, 500ms), a "
        "clock (00:01:02.5), a timecode (00:01:02:15) or frames (375f)",
    ),
    (
        lambda film: sc.fade(fadein=1),
        "`fade`: unknown key 'fadein'; did you mean 'fade_in'? accepted: on, track, start, end, "
        "amount, mask, fade_in, fade_out, colour",
    ),
    (
        lambda film: film | sc.flip,
        "film | flip: a stage is called, as in film | sc.flip(...)",
    ),
    (
        lambda film: film.cut(devise="cpu"),
        "unknown option 'devise'; did you mean 'device'? accepted: device, jobs, cache, allow_net, "
        "progress, runner, address",
    ),
    (
        lambda film: (film | sc.subtitles()).cut(),
        "`subtitles` needs `transcript`; add `sc.transcribe()` before `subtitles`",
    ),
    (
        lambda film: film.render("out.mp4", codec="h265"),
        "`render`: codec: 'h265' is not accepted; did you mean 'hevc'? accepted: h264 | hevc | vp9 "
        "| av1 | ffv1 | prores | dnxhd | qtrle | png, or none",
    ),
    (
        lambda film: film.render("out.mp4", progress=3),
        "progress=3 is not accepted; accepted: a function that is called with (label, done, "
        "total), a class of bars such as tqdm.tqdm, or an object with the methods start, done and "
        "note of smartcut.stage.Progress",
    ),
    (
        lambda film: film[1:9].cut(),
        "`excerpt`: 9 s is outside of the film, which lasts 2.000 s",
    ),
    (
        lambda film: film.frame(5),
        "there is no picture at 5 s: the film lasts 2.000 s",
    ),
    (
        lambda film: sc.open("nothing.mp4").cut(),
        "there is no file nothing.mp4",
    ),
]


@pytest.mark.parametrize(("wrong", "said"), MISTAKES, ids=[said[:30] for _, said in MISTAKES])
def test_a_mistake_is_one_message_with_its_fix(
    film: sc.Pipeline, wrong: Callable[[Any], object], said: str
) -> None:
    with pytest.raises((sc.SmartcutError, AttributeError, TypeError)) as caught:
        wrong(film)
    assert str(caught.value) == said
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


def test_no_parameter_is_a_word_of_python() -> None:
    for name in stage_modules():
        if name == "render":
            continue
        parameters = inspect.signature(getattr(sc, name)).parameters
        assert not [p for p in parameters if keyword.iskeyword(p)], name


def test_signatures_are_to_be_read() -> None:
    shown = str(inspect.signature(sc.freeze))
    assert shown.startswith("(*, at: time (12.5, 30s, 00:01:02.5), at least 0, duration: ")
    assert "above 0 = 1," in shown
    assert "Fraction" not in shown
    assert "Seconds" not in shown
    for name in stage_modules():
        if name != "render":
            text = str(inspect.signature(getattr(sc, name)))
            assert "Fraction(" not in text, name
            assert "PydanticUndefined" not in text, name


def test_a_value_alone_is_taken_where_a_stage_has_a_parameter_for_it() -> None:
    assert sc.crop("auto") == sc.crop(auto=True)


def test_the_most_likely_key_is_not_said_to_be_missing() -> None:
    with pytest.raises(sc.SmartcutError) as caught:
        sc.title(txt="Harbour")
    assert str(caught.value).count("\n") == 0
