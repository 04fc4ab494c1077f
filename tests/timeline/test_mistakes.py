"""Mistakes in parameters: one sentence each, in smartcut's words, wherever they were made."""

from __future__ import annotations

from typing import Any

import pytest

from smartcut.errors import PipelineError
from smartcut.params import of_pairs
from smartcut.report.stage_functions import stage_function
from smartcut.spec_reading import parse_spec
from smartcut.stage import find_stage, stage_modules

FILE = "README.md"


@pytest.mark.parametrize(
    ("stage", "given", "says"),
    [
        (
            "overlay",
            {"file": FILE, "position": "tpo-right"},
            "position: 'tpo-right' is not accepted; did you mean 'top-right'? accepted: top-left | "
            "top | top-right | left | centre | right | bottom-left | bottom | bottom-right, or "
            "[number or keys ({0s: 1, 2s: 2}), number or keys ({0s: 1, 2s: 2})]",
        ),
        (
            "overlay",
            {"file": FILE, "position": [0.5, "x"]},
            "position.1: 'x' is not accepted; accepted: number or keys ({0s: 1, 2s: 2})",
        ),
        ("overlay", {"file": FILE, "gain": 99}, "gain: 99 is not accepted; accepted: number, at"),
        ("audio", {"duck": {"deep": 1}}, "duck: unknown key 'deep'; did you mean 'depth'? acc"),
        ("audio", {"tracks": [-1]}, "tracks.0: -1 is not accepted; accepted: whole number, at le"),
        (
            "blur",
            {"sigma": 3, "mask": {"shape": "elipse"}},
            "mask.shape: 'elipse' is not accepted; did you mean 'ellipse'? accepted: box | ellipse",
        ),
        ("blur", {"sigma": 3, "mask": {"shap": "box"}}, "mask: unknown key 'shap'; did you mean"),
        ("blur", {"sigma": 3, "on": "lst"}, "on: 'lst' is not accepted; did you mean 'last'? acc"),
        ("slides", {"pictures": []}, "pictures: [] is not accepted; accepted: list of "),
        (
            "slides",
            {"pictures": ["gone.jpg"]},
            "pictures.0: 'gone.jpg' is not a colour; accepted: #rgb, #rgba, #rrggbb, #rrggbbaa, "
            "and there is no file gone.jpg (looked at: gone.jpg)",
        ),
        ("voiceover", {"text": [{"say": 3}]}, "text.0.say: 3 is not accepted; accepted: text"),
        ("render", {"codec": "h265"}, "codec: 'h265' is not accepted; did you mean 'hevc'?"),
        ("title", {"text": None}, "text: None is not accepted; accepted: text; for a text write"),
    ],
)
def test_a_value_of_no_accepted_type_is_one_sentence(
    stage: str, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(PipelineError) as caught:
        stage_function(stage)(**given)
    assert str(caught.value).startswith(f"`{stage}`: {says}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [None, True, -98765.4, "no such thing", [[[]]], {"no": {}}])
def test_no_parameter_of_any_stage_is_told_of_in_the_words_of_pydantic(value: Any) -> None:
    told = []
    for name in stage_modules():
        for field, info in find_stage(name).model_fields.items():
            try:
                stage_function(name)(**{info.alias or field: value})
            except PipelineError as error:
                told.append(str(error))
    assert len(told) > 100
    assert not [t for t in told for w in ("nput should", "unable to", "a valid") if w in t]


def test_yaml_has_the_line_of_the_part_that_is_wrong() -> None:
    text = f"stages:\n  - overlay:\n      file: {FILE}\n      position:\n        - 1\n        - x\n"
    with pytest.raises(PipelineError, match="^6: stage 'overlay': position.1: 'x' is not"):
        parse_spec(text)


def test_what_a_cut_keeps_is_told_of_alike() -> None:
    kind = find_stage("render")
    with pytest.raises(ValueError, match="^mode: 'cpoy' is not accepted; did you mean 'copy'?"):
        of_pairs(kind, (("mode", "cpoy"),))
    with pytest.raises(ValueError, match="^unknown parameter 'modus'"):
        of_pairs(kind, (("modus", 1),))
