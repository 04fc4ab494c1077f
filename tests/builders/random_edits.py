"""Edits drawn at random, sensible or not, of a cut."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from smartcut.cut import Cut
from smartcut.editing.model import HandEdit
from tests.builders.programmes import edit, seen

_times = st.sampled_from([0, 0.01, 1, 3.5, "7/3", 20, 60, 99.99, 100, 150, 3600])
_sources = st.sampled_from(["talk", "room", "talk.mp4", "title", "nope.mp4", "gap"])
_fade = {"kind": "wipe", "duration": 500}
_values: dict[str, st.SearchStrategy[Any]] = {
    "label": st.just("q"),
    "speed": st.sampled_from([1, 2, "1/3", 1000, 0.001]),
    "gain": st.sampled_from([-6, 0, None]),
    "sound": st.sampled_from(["muted", "kept", None]),
    "transition": st.sampled_from([None, _fade, {"kind": "zz", "duration": 1}]),
    "chapter": st.sampled_from(["a", None]),
    "lead": st.sampled_from([0, 1, "-1/2", None]),
    "at": st.sampled_from([0, 5, 1000, "throughout", None]),
    "of": st.sampled_from(["talk", "zz", None]),
    "duration": st.sampled_from([0.1, 3, 1000, None]),
    "x": st.sampled_from([0.5, -3, None]),
    "opacity": st.sampled_from([0, 1, None]),
    "text": st.sampled_from(["hi", None, ""]),
    "drawing": st.sampled_from([None, {}, {"size": 0.1}, {"zz": 1}, {"size": 7}]),
    "effects": st.sampled_from(
        [None, {}, [], {"zoom": {"scale": 2}}, {"zz": {}}, {"blur": {"sigma": "x"}}, [{"x": 1}]]
    ),
    "warp": st.sampled_from([None, [[0, 1], [1, 2]], [[0, 5], [2, 1]], [[1, 1], [0, 0]], []]),
    "between": st.sampled_from([None, {"engine": "flow"}, {"zz": 1}]),
}
_tracks = st.sampled_from([{}, {"track": "titles"}, {"track": "fx", "kind": "sound"}])
_stages = st.sampled_from(
    [
        {"title": {"text": "x"}}, {"title": {"text": "x", "at": 3000}}, {"zoom": {}}, {"nope": {}},
        {"overlay": {}}, {"trim": None}, {"title": {"text": "x"}, "at": 5, "of": "talk"},
        {"title": {"text": "x"}, "of": "zz"}, {"title": {"text": "x"}, "at": "q", "of": "talk"},
    ]
)  # fmt: skip


@st.composite
def matches(draw: st.DrawFn, cut: Cut) -> dict[str, Any]:
    """How an edit may speak of a segment: with all that is known of it, or with less."""
    track = draw(st.integers(0, len(cut.tracks) - 1))
    number = draw(st.integers(0, len(cut.tracks[track].segments) - 1))
    match = seen(cut, number, track)
    for key in draw(st.sets(st.sampled_from(["id", "track", "text"]))):
        match.pop(key, None)
    return match


@st.composite
def any_edits(draw: st.DrawFn, cut: Cut) -> list[HandEdit]:
    """Some edits that can be written, whether they can be made or not."""
    found = (draw(_plain(cut)) for _ in range(draw(st.integers(1, 4))))
    return [made for plain in found if (made := _read(plain)) is not None]


def _read(plain: dict[str, Any]) -> HandEdit | None:
    try:
        return edit(**plain)
    except ValidationError:
        return None


@st.composite
def _plain(draw: st.DrawFn, cut: Cut) -> dict[str, Any]:
    segment = draw(matches(cut))
    after = draw(st.one_of(st.just("start"), st.just("end"), matches(cut)))
    stretch = {"source": draw(_sources), "start": draw(_times), "end": draw(_times)}
    names = draw(st.sets(st.sampled_from(sorted(_values)), min_size=1, max_size=3))
    said = {name: draw(_values[name]) for name in sorted(names)}
    some: list[dict[str, Any]] = [
        {"drop": stretch},
        {"drop": {"segment": segment}},
        {"keep": {**stretch, "after": after}},
        {"trim": {"segment": segment, "end": draw(_times)}},
        {"split": {"segment": segment, "at": draw(_times)}},
        {"move": {"segment": segment, "after": after}},
        {"replace": {"segment": segment, **stretch}},
        {"set": {"segment": segment, **said}},
        {"set": {"track": draw(st.sampled_from(["music", "zz"])), "gain": -3, "ducking": None}},
        {"add": draw(_stages)},
        {"add": {"segment": {**stretch, "after": after, **said, **draw(_tracks)}}},
    ]
    return draw(st.sampled_from(some))
