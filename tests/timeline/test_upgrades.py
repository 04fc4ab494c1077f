"""Cuts of older schemas are read as what they meant; newer ones are refused."""

from __future__ import annotations

import json
from fractions import Fraction as F
from typing import Any

import pytest

from smartcut.algebra import texts_shown
from smartcut.cut import SCHEMA, Between, Cut, Effect, Segment, Track
from smartcut.drawer import drawer_of
from smartcut.drawers.text import Text
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
    assert cut.segments[0].between == Between("flow", guard=0.2, rate=F(50))
    assert cut_from_json(cut_to_json(cut)) == cut


@pytest.mark.parametrize("schema", [1, 2])
def test_a_ramp_was_many_segments(schema: int) -> None:
    """Those of one take are one segment with a warp; others stay as they are."""

    def segment(start: int, end: int, speed: str, take: str | None) -> dict[str, object]:
        between = {"engine": "flow", "take": take}
        plain = {"source": "a", "range": {"start": str(start), "end": str(end)}, "speed": speed}
        if schema == 2:
            return {**plain, "between": between}
        return {**plain, "effects": [{"name": "interpolate", "params": [*between.items()]}]}

    parts = [
        segment(0, 1, "1/2", None),
        segment(1, 2, "1/2", "1"), segment(2, 3, "1/4", "1"), segment(3, 4, "1", "1"),
        segment(4, 5, "1/2", "4"), segment(6, 7, "1/4", "4"),
    ]  # fmt: skip
    key = "kind" if schema == 1 else "role"
    old = {"schema": schema, "tracks": [{key: "programme", "segments": parts}]}
    cut = cut_from_json(json.dumps(old))
    paces = [s.pace for s in cut.segments]
    assert paces == ["speed 0.5", "speed between 0.25 and 1", "speed 0.5", "speed 0.25"]
    assert {s.between for s in cut.segments} == {Between("flow")}
    ramp = cut.segments[1]
    assert (ramp.range, ramp.duration, ramp.speed) == (Range(F(1), F(4)), 7, 1)
    assert [ramp.source_at(F(t)) for t in (1, 2, 4, 6)] == [F(3, 2), 2, F(5, 2), 3]
    assert cut_from_json(cut_to_json(cut)) == cut
    parts[2]["speed"] = "0"
    with pytest.raises(PipelineError, match="a ramp in it has no sensible times or speeds"):
        cut_from_json(json.dumps(old))


def test_titles_were_a_list_of_their_own() -> None:
    style: dict[str, Any] = {"size": 0.09, "position": "middle", "box": "#00000080"}
    titles = [
        {"text": "One\nline", "range": {"start": "1", "end": "4"}, "style": style, "fade": "1/4"},
        {"text": "Two", "range": {"start": "4", "end": "11/2"}},
        {"text": "Three", "range": {"start": "2", "end": "3"}},
    ]
    gap = {"source": None, "range": {"start": "0", "end": "9"}}
    tracks = [{"role": "programme", "segments": [gap]}]
    cut = cut_from_json(json.dumps({"schema": 2, "tracks": tracks, "titles": titles}))
    assert [len(track.segments) for track in cut.tracks] == [1, 2, 1]
    assert [(text, place) for text, _, place in texts_shown(cut)] == [
        ("One\nline", Range(F(1), F(4))),
        ("Two", Range(F(4), F(11, 2))),
        ("Three", Range(F(2), F(3))),
    ]  # fmt: skip
    recipe = cut.sources[0].made
    assert recipe is not None
    assert drawer_of(recipe) == Text(text="One\nline", fade=F(1, 4), **style)
    assert cut_from_json(cut_to_json(cut)) == cut
    damaged = json.dumps({"schema": 2, "tracks": tracks, "titles": [{"text": "x"}]})
    with pytest.raises(PipelineError, match="a title in it is damaged: 'range'"):
        cut_from_json(damaged)


def test_a_newer_schema_is_refused() -> None:
    cut = Cut(tracks=(Track("programme", (Segment(None, Range(F(0), F(1))),)),))
    plain = json.loads(cut_to_json(cut))
    assert plain["schema"] == SCHEMA
    newer = json.dumps({**plain, "schema": SCHEMA + 1})
    with pytest.raises(PipelineError, match=f"newer smartcut .* schema {SCHEMA + 1}; .* {SCHEMA}"):
        cut_from_json(newer)
    with pytest.raises(PipelineError, match="'two' is no number of a schema"):
        cut_from_json(json.dumps({**plain, "schema": "two"}))
