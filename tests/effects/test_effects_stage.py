from __future__ import annotations

from fractions import Fraction
from typing import Any, cast

import pytest
from pydantic import ValidationError

from smartcut.cut import Cut, Segment, Track
from smartcut.errors import StageError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.moviepy_effects import as_effect
from smartcut.stage import Context, find_stage
from smartcut.stages.effects import Effects
from smartcut.timebase import Range

CUT = Cut(
    tracks=(
        Track(
            "programme",
            tuple(Segment(None, Range(Fraction(0), Fraction(i + 2))) for i in range(3)),
        ),
    )
)


def applied(cut: Cut = CUT, **params: Any) -> Cut:
    return Effects.model_validate(params).apply(cut, cast(Context, None))


def changed(cut: Cut) -> list[int]:
    return [i for i, s in enumerate(cut.segments) if s.effects]


def test_it_is_found_by_its_name() -> None:
    assert find_stage("effects") is Effects


def test_an_effect_keeps_its_parameters_in_the_cut() -> None:
    cut = applied(use="moviepy.FadeIn", **{"with": {"duration": 1, "initial_color": [0, 0, 255]}})
    effect = as_effect("FadeIn", (("duration", 1), ("initial_color", (0, 0, 255))))
    assert [s.effects for s in cut.segments] == [(effect,)] * 3
    assert cut_from_json(cut_to_json(cut)) == cut


def test_python_says_params_and_may_leave_the_prefix_out() -> None:
    one = Effects(use="FadeIn", params={"duration": 1})
    assert one.effect == as_effect("FadeIn", (("duration", 1),))


@pytest.mark.parametrize(
    ("on", "numbers"),
    [("all", [0, 1, 2]), ("first", [0]), ("last", [2]), ([0, 2], [0, 2]), ([-1], [2]), (1, [1])],
)
def test_segments_are_chosen(on: Any, numbers: list[int]) -> None:
    assert changed(applied(use="MirrorX", on=on)) == numbers


def test_effects_add_up_in_order() -> None:
    cut = applied(applied(use="MirrorX"), use="InvertColors", on="last")
    assert cut.segments[2].effects == (as_effect("MirrorX"), as_effect("InvertColors"))


def test_multiply_speed_becomes_the_segment_s_speed() -> None:
    cut = applied(use="MultiplySpeed", on="first", **{"with": {"factor": 1.5}})
    assert cut.segments[0].speed == Fraction(3, 2)
    assert cut.segments[0].duration == Fraction(4, 3)
    assert cut.segments[0].effects == ()


def test_an_effect_that_changes_the_duration_is_refused() -> None:
    with pytest.raises(StageError, match=r"of 2 s last 4 s.*effects must keep the duration"):
        applied(use="TimeSymmetrize", on="first")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"use": "moviepy.BlackAndWite"}, "unknown effect.*did you mean moviepy.BlackAndWhite"),
        ({"use": "FadeIn"}, "needs duration; accepted: duration, initial_color"),
        ({"use": "FadeIn", "with": {"duratoin": 1}}, "did you mean 'duration'"),
        ({"use": "AudioFadeIn", "with": {"duration": 1}}, "is a sound effect"),
        (
            {"use": "SlideIn", "with": {"duration": 1, "side": "up"}},
            "cannot be applied: KeyError: 'up'",
        ),
        ({"use": "MirrorX", "on": [3]}, r"segment 3, but the cut has 3; accepted: -3..2"),
    ],
)
def test_wrong_effects_are_refused(params: dict[str, Any], message: str) -> None:
    with pytest.raises(StageError, match=message):
        applied(**params)


def test_wrong_choices_are_refused() -> None:
    with pytest.raises(ValidationError, match="'all', 'first' or 'last'"):
        Effects(use="MirrorX", on="some")  # type: ignore[arg-type]
