"""Cuts of older schemas are read as what they meant; newer ones are refused."""

from __future__ import annotations

import json
from fractions import Fraction as F

import pytest

from smartcut.cut import SCHEMA, Between, Cut, Effect, Segment, Track
from smartcut.errors import PipelineError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.moviepy_effects import as_effect
from smartcut.timebase import Range


def in_schema_1(*effects: dict[str, object]) -> str:
    segment = {"source": None, "range": {"start": "0", "end": "2"}, "effects": list(effects)}
    return json.dumps({"tracks": [{"kind": "programme", "segments": [segment]}]})


def test_effects_of_moviepy_had_names_of_their_own() -> None:
    old = in_schema_1(
        {"name": "moviepy.FadeIn", "params": [["duration", 1]]},
        {"name": "moviepy.MirrorX"},
        {"name": "stylize", "params": [["method", "lut"]]},
    )
    cut = cut_from_json(old)
    assert cut.segments[0].effects == (
        as_effect("FadeIn", (("duration", 1),)),
        as_effect("MirrorX"),
        Effect("stylize", (("method", "lut"),)),
    )
    assert cut.schema == SCHEMA
    assert cut_from_json(cut_to_json(cut)) == cut


def test_frames_between_frames_were_an_effect() -> None:
    params = [["engine", "flow"], ["guard", 0.2], ["rate", "50"], ["take", "3/2"]]
    cut = cut_from_json(in_schema_1({"name": "interpolate", "params": params}))
    assert cut.segments[0].effects == ()
    assert cut.segments[0].between == Between("flow", guard=0.2, rate=F(50), take="3/2")
    assert cut_from_json(cut_to_json(cut)) == cut


def test_a_newer_schema_is_refused() -> None:
    cut = Cut(tracks=(Track("programme", (Segment(None, Range(F(0), F(1))),)),))
    plain = json.loads(cut_to_json(cut))
    assert plain["schema"] == SCHEMA
    newer = json.dumps({**plain, "schema": SCHEMA + 1})
    with pytest.raises(PipelineError, match=f"newer smartcut .* schema {SCHEMA + 1}; .* {SCHEMA}"):
        cut_from_json(newer)
    with pytest.raises(PipelineError, match="'two' is no number of a schema"):
        cut_from_json(json.dumps({**plain, "schema": "two"}))
