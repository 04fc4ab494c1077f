"""Edits laid over a cut: each kind does what it says, or is a conflict that says why."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from typing import Any

import pytest

from smartcut.cut import Anchor, Cut, Effect, Segment, Track, Transition
from smartcut.editing.applying import Edited, apply_edits
from smartcut.timebase import Range
from smartcut.warp import Warp
from tests.builders.programmes import TALK, edit, order, seen, shown

CUT = shown(("talk", 10, 20), ("room", 0, 5), ("talk", 40, 50))


def done(cut: Cut, *edits: Any) -> Edited:
    result = apply_edits(cut, edits)
    assert not result.conflicts, [c.text for c in result.conflicts]
    return result


def refused(cut: Cut, what: Any) -> str:
    """What the conflict says; the cut is as it was."""
    result = apply_edits(cut, [what])
    assert result.cut == cut
    (conflict,) = result.conflicts
    assert conflict.what == what
    return f"{conflict.kind}: {conflict.why}"


# ------------------------------------------------------------------------------------- dropping


def test_a_range_is_dropped_wherever_it_is_shown() -> None:
    cut = shown(("talk", 10, 20), ("room", 0, 5), ("talk", 12, 16))
    after = done(cut, edit(drop={"source": "talk.mp4", "start": "12.5", "end": 15}))
    assert order(after.cut) == [
        ("talk", 10, 12.5), ("talk", 15, 20), ("room", 0, 5), ("talk", 12, 12.5), ("talk", 15, 16),
    ]  # fmt: skip
    assert [s.id for s in after.cut.segments[:2]] == ["talk@10", "talk@15"]
    assert dict(after.marks)["talk@10"] == "trimmed"


def test_what_is_dropped_already_is_no_conflict() -> None:
    assert done(CUT, edit(drop={"source": "talk", "start": 60, "end": 70})).cut == CUT


def test_a_range_is_dropped_of_what_plays_backwards_fast_and_held() -> None:
    back = Segment("talk", Range(F(10), F(20))).warped(Warp(((F(0), F(20)), (F(10), F(10)))))
    fast = Segment("talk", Range(F(10), F(20)), speed=F(2))
    held = Segment("talk", Range(F(13), F(13)), warp=Warp.frozen(F(13), F(2)))
    cut = shown(back, fast, held)
    after = done(cut, edit(drop={"source": "talk", "start": 12, "end": 15})).cut
    assert [(s.pace, float(s.duration)) for s in after.segments] == [
        ("reversed", 5), ("reversed", 2), ("speed 2", 1), ("speed 2", 2.5),
    ]  # fmt: skip
    assert after.segments[0].range == Range(F(15), F(20))


def test_one_of_two_equal_segments_is_dropped_by_its_id() -> None:
    cut = shown(("talk", 10, 20), ("room", 0, 5), ("talk", 10, 20))
    after = done(cut, edit(drop={"segment": seen(cut, 2)})).cut
    assert order(after) == [("talk", 10, 20), ("room", 0, 5)]
    nameless = {k: v for k, v in seen(cut, 2).items() if k != "id"}
    assert "give the `id` of one: talk@10, talk@10.2" in refused(
        cut, edit(drop={"segment": nameless})
    )


# -------------------------------------------------------------------------------------- keeping


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (12, 15, [("talk", 10, 20), ("room", 0, 5), ("talk", 40, 50)]),  # is shown
        (18, 22, [("talk", 10, 22), ("room", 0, 5), ("talk", 40, 50)]),
        (38, 41, [("talk", 10, 20), ("room", 0, 5), ("talk", 38, 50)]),
        (25, 30, [("talk", 10, 20), ("talk", 25, 30), ("room", 0, 5), ("talk", 40, 50)]),
        (2, 4, [("talk", 2, 4), ("talk", 10, 20), ("room", 0, 5), ("talk", 40, 50)]),
        (19, 41, [("talk", 10, 40), ("room", 0, 5), ("talk", 40, 50)]),
    ],
)
def test_what_is_missing_of_a_kept_range_is_added(start: int, end: int, expected: Any) -> None:
    after = done(CUT, edit(keep={"source": "talk", "start": start, "end": end})).cut
    assert order(after) == expected


def test_what_is_kept_goes_where_it_is_wanted() -> None:
    kept = {"source": "talk", "start": 25, "end": 30}
    for after, place in (("start", 0), (seen(CUT, 1), 2), ("end", 3)):
        found = done(CUT, edit(keep={**kept, "after": after}))
        assert order(found.cut)[place] == ("talk", 25, 30)
        assert dict(found.marks) == {"talk@25": "added"}
    gone = {"source": "talk", "start": 80, "end": 90}
    result = apply_edits(CUT, [edit(keep={**kept, "after": gone})])
    assert order(result.cut)[1] == ("talk", 25, 30)
    (conflict,) = result.conflicts
    assert (conflict.kind, result.applied) == ("place", (0,))
    assert conflict.why.startswith("there is nothing for it to follow: 1:20.000 - 1:30.000")
    assert conflict.why.endswith("it is shown in the order of its source")


def test_what_is_kept_looks_as_its_source_does() -> None:
    steady = Effect("colour", (("exposure", 0.5),))
    timed = Effect("zoom", (("scale", 1.2),), during=Range(F(12), F(13)))
    cut = CUT.with_segments((replace(CUT.segments[0], effects=(steady, timed)), *CUT.segments[1:]))
    after = done(cut, edit(keep={"source": "talk", "start": 25, "end": 30})).cut
    assert after.segments[1].effects == (steady,)


# ------------------------------------------------------------------------- trimming and dividing


def test_edges_are_trimmed_in_source_time_whatever_the_speed() -> None:
    fast = Segment("talk", Range(F(60), F(80)), speed=F(2), id="fast")
    back = Segment("room", Range(F(60), F(80)), id="back").warped(
        Warp(((F(0), F(80)), (F(20), F(60))))
    )
    cut = shown(("talk", 10, 20), fast, back)
    after = done(
        cut,
        edit(trim={"segment": seen(cut, 0), "start": "0:12.5", "end": "62/3"}),
        edit(trim={"segment": seen(cut, 1), "start": 58}),
        edit(trim={"segment": seen(cut, 2), "start": 62, "end": 81}),
    ).cut
    ranges = [s.range for s in after.segments]
    assert ranges == [Range(F(25, 2), F(62, 3)), Range(F(58), F(80)), Range(F(62), F(81))]
    assert [float(s.duration) for s in after.segments[1:]] == [11, 19]
    assert [s.id for s in after.segments] == [s.id for s in cut.segments]


def test_what_cannot_be_trimmed_says_why() -> None:
    held = Segment("talk", Range(F(13), F(13)), warp=Warp.frozen(F(13), F(2)))
    cut = shown(("talk", 10, 20), held)
    assert "is held" in refused(cut, edit(trim={"segment": seen(cut, 1), "end": 14}))
    far = refused(cut, edit(trim={"segment": seen(cut, 0), "end": 101}))
    assert far == "beyond: 10 s - 1:41.000 is asked for of talk, which lasts 1:40.000"
    assert "would begin at 25 s" in refused(cut, edit(trim={"segment": seen(cut, 0), "start": 25}))
    gone = edit(trim={"segment": {"source": "talk", "start": 70, "end": 75}, "start": 71})
    assert refused(cut, gone) == "gone: 1:10.000 - 1:15.000 of talk is no longer shown"
    other = edit(trim={"segment": {"source": "tall.mp4", "start": 10, "end": 20}, "start": 11})
    assert "did you mean 'talk.mp4'?" in refused(cut, other)


def test_a_segment_is_divided_once() -> None:
    halves = edit(split={"segment": seen(CUT, 0), "at": 13})
    after = done(CUT, halves)
    assert order(after.cut)[:2] == [("talk", 10, 13), ("talk", 13, 20)]
    assert [s.id for s in after.cut.segments[:2]] == ["talk@10", "talk@13"]
    again = done(after.cut, edit(split={"segment": seen(after.cut, 0), "at": 13}))
    assert again.cut == after.cut
    assert refused(CUT, edit(split={"segment": seen(CUT, 0), "at": 30})) == (
        "gone: 10-20 s of talk no longer shows 30 s"
    )
    late = {"source": "talk", "start": 0, "end": 100, "id": "whole"}
    assert order(done(CUT, edit(split={"segment": late, "at": 45})).cut)[-1] == ("talk", 45, 50)


# ----------------------------------------------------------------------- moving, and putting in


def test_segments_are_moved_with_transitions_that_still_fit() -> None:
    joined = replace(CUT.segments[1], transition=Transition("dissolve", F(2)))
    cut = CUT.with_segments((CUT.segments[0], joined, CUT.segments[2]))
    after = done(cut, edit(move={"segment": seen(cut, 1), "after": "start"})).cut
    assert order(after) == [("room", 0, 5), ("talk", 10, 20), ("talk", 40, 50)]
    assert after.segments[0].transition is None
    short = done(cut, edit(trim={"segment": seen(cut, 0), "end": 11.5})).cut
    assert short.segments[1].overlap == F(3, 4)
    assert "cannot follow itself" in refused(
        cut, edit(move={"segment": seen(cut, 1), "after": seen(cut, 1)})
    )


def test_a_segment_is_replaced_in_its_place() -> None:
    what = {"source": "room", "start": 8, "end": 9}
    after = done(CUT, edit(replace={"segment": seen(CUT, 0), **what}))
    assert order(after.cut)[0] == ("room", 8, 9)
    assert dict(after.marks) == {"room@8": "replaced"}
    absent = edit(replace={"segment": seen(CUT, 0), "source": "b.mp4", "start": 0, "end": 1})
    assert "the cut has no source 'b.mp4'" in refused(CUT, absent)


# ------------------------------------------------------------------------------------ what is set


def test_properties_are_set() -> None:
    def first(**values: Any) -> Segment:
        return done(CUT, edit(set={"segment": seen(CUT, 1), **values})).cut.segments[1]

    assert first(label="Hall").label == "Hall"
    assert (first(speed=2).speed, first(speed=2).duration) == (2, F(5, 2))
    assert first(gain=-6).effects == (Effect("gain", (("db", -6.0),)),)
    fade = {"kind": "dissolve", "duration": 0.5}
    assert first(transition=fade).transition == Transition("dissolve", F(1, 2))
    assert first(sound="muted", chapter="Two").chapter == "Two"
    assert first(duration=3).range == Range(F(0), F(3))
    colour = first(effects={"colour": {"exposure": 0.5}}).effects[0]
    assert colour == Effect("colour", (("exposure", 0.5),))


def test_parameters_of_effects_change_beside_the_others() -> None:
    both = (Effect("colour", (("exposure", 0.5), ("saturation", 1.2))), Effect("zoom"))
    cut = CUT.with_segments((replace(CUT.segments[0], effects=both), *CUT.segments[1:]))
    change = {"colour": {"exposure": 0.1}, "zoom": None}
    after = done(cut, edit(set={"segment": seen(cut, 0), "effects": change})).cut
    assert after.segments[0].effects == (
        Effect("colour", (("exposure", 0.1), ("saturation", 1.2))),
    )
    wrong = edit(set={"segment": seen(cut, 0), "effects": {"colour": {"exposur": 1}}})
    assert "did you mean 'exposure'?" in refused(cut, wrong)
    assert "did you mean 'dissolve'?" in refused(
        cut,
        edit(set={"segment": seen(cut, 0), "transition": {"kind": "disolve", "duration": 1}}),
    )


def test_what_the_pipeline_has_changed_too_is_a_conflict() -> None:
    was = {"segment": seen(CUT, 0), "label": "Hall", "was": {"label": "talk"}}
    assert done(CUT, edit(set=was)).cut.segments[0].label == "Hall"
    changed = CUT.with_segments((replace(CUT.segments[0], label="Stage"), *CUT.segments[1:]))
    assert "was 'talk' when it was edited, is 'Stage' now" in refused(changed, edit(set=was))


# ------------------------------------------------------------------------ what lies above the film


def titled(cut: Cut, at: float, lasts: float = 2, text: str = "Harbour") -> Cut:
    return done(cut, edit(add={"title": {"text": text, "at": at, "duration": lasts}})).cut


def test_a_title_is_added_moved_and_rewritten() -> None:
    cut = titled(CUT, 11)
    title = seen(cut, 0) | seen(cut, 0, track=1)
    assert (title["track"], title["text"]) == ("titles", "Harbour")
    after = done(
        cut,
        edit(set={"segment": title, "text": "The harbour", "x": 0.3, "y": 0.8}),
        edit(set={"segment": {**title, "text": "The harbour"}, "at": 41, "of": "talk"}),
    ).cut
    segment = after.tracks[1].segments[0]
    made = after.source("title").made
    assert made is not None
    assert dict(made.params)["text"] == "The harbour"
    assert dict(made.params)["position"] == "middle"
    assert dict(segment.effects[0].params)["position"] == (0.3, 0.8)
    assert segment.at == Anchor("talk", F(41))
    gone = done(after, edit(drop={"segment": seen(after, 0, track=1)})).cut
    assert len(gone.tracks) == 1


def test_titles_are_known_by_what_they_say() -> None:
    cut = titled(titled(CUT, 1, text="One"), 4, text="Two")
    two = seen(cut, 1, track=1)
    other = titled(titled(titled(CUT, 1, text="Zero"), 3.5, text="One"), 6, text="Two")
    after = done(other, edit(set={"segment": two, "text": "Second"})).cut
    texts = [dict(s.made.params)["text"] for s in after.sources if s.made]
    assert texts == ["Zero", "One", "Second"]
    assert "the text 'Two' is no longer shown" in refused(
        titled(CUT, 1, text="Something else"), edit(set={"segment": two, "text": "Second"})
    )


def test_titles_at_times_of_the_cut_stay_on_their_pictures() -> None:
    cut = titled(titled(CUT, 12), 16)
    after = done(cut, edit(drop={"source": "talk", "start": 12, "end": 15})).cut
    assert [s.at for s in after.tracks[1].segments] == [9, 13]
    moved = done(cut, edit(move={"segment": seen(cut, 1), "after": "start"})).cut
    assert [s.at for s in moved.tracks[1].segments] == [2, 16]
    gone = done(cut, edit(drop={"segment": seen(cut, 1)})).cut  # its picture: what follows has it
    assert [s.at for s in gone.tracks[1].segments] == [10, 11]


def test_what_is_connected_goes_with_its_sentence() -> None:
    cut = done(CUT, edit(add={"title": {"text": "Ada", "duration": 2}, "at": 45, "of": "talk"})).cut
    assert cut.tracks[1].segments[0].at == Anchor("talk", F(45))
    gone = edit(add={"title": {"text": "Ada"}, "at": 70, "of": "talk"})
    assert refused(CUT, gone) == "gone: 1:10.000 of talk is no longer shown"
    wrong = refused(CUT, edit(add={"titel": {"text": "Ada"}}))
    assert "did you mean 'title'?" in wrong


def test_tracks_of_sound_are_set_as_a_whole() -> None:
    music = Track("music", (Segment("room", Range(F(0), F(60))),))
    cut = replace(CUT, tracks=(*CUT.tracks, music))
    quiet = {"track": "music", "gain": -12, "fade_out": 2, "ducking": {"depth": 9.0}}
    after = done(cut, edit(set=quiet)).cut.tracks[1]
    assert (after.gain, after.fade_out) == (-12, 2)
    assert after.ducking is not None
    assert after.ducking.depth == 9
    assert "the cut has no track 'music'" in refused(CUT, edit(set=quiet))


def test_a_segment_is_added_with_all_that_can_be_said_of_it() -> None:
    again = {"source": "talk", "start": 10, "end": 20, "speed": 2, "label": "again"}
    after = done(CUT, edit(add={"segment": {**again, "after": seen(CUT, 1)}})).cut
    assert order(after)[2] == ("talk", 10, 20)
    assert after.segments[2].speed == 2
    sound = {"source": "room", "start": 0, "end": 3, "track": "sound", "kind": "sound", "at": 4}
    track = done(CUT, edit(add={"segment": sound})).cut.tracks[1]
    assert (track.role, track.kind, track.segments[0].at) == ("sound", "sound", 4)


# ---------------------------------------------------------------------- sources under other names


def test_sources_are_found_again_by_digest_name_and_file() -> None:
    from smartcut.editing.model import Edits

    moved = replace(TALK, id="interview")
    cut = shown(("talk", 10, 20))
    other = replace(
        cut,
        sources=(moved, *cut.sources[1:]),
        tracks=(Track("programme", (replace(cut.segments[0], source="interview"),)),),
    )
    drop = edit(drop={"source": "talk", "start": 12, "end": 15})
    edits = Edits(sources={"talk": TALK.digest}, edits=(drop,))
    assert order(apply_edits(other, edits).cut)[0] == ("interview", 10, 12)
    label = {"segment": seen(cut, 0), "label": "Hall", "was": {"label": "talk"}}
    edits = Edits(sources={"talk": TALK.digest}, edits=(edit(set=label),))
    renamed = replace(other.segments[0], label="interview")
    assert not apply_edits(other.with_segments((renamed,)), edits).conflicts
    for name in ("talk.mp4", "/media/talk.mp4", TALK.digest[:12]):
        result = apply_edits(cut, [edit(drop={"source": name, "start": 12, "end": 15})])
        assert order(result.cut)[0] == ("talk", 10, 12)


def test_what_belongs_above_is_refused_on_the_programme() -> None:
    assert "`at` is for what lies above" in refused(
        CUT, edit(set={"segment": seen(CUT, 0), "at": "throughout"})
    )
    added = {"source": "talk", "start": 1, "end": 2, "x": 0.5}
    assert "`x` is for what lies above" in refused(CUT, edit(add={"segment": added}))
    backwards = {"source": "talk", "start": 2, "end": 1}
    assert "does not come after `start`" in refused(CUT, edit(add={"segment": backwards}))


def test_a_title_without_its_track_is_no_gap() -> None:
    gap = Segment(None, Range(F(0), F(2)))
    cut = titled(shown(("talk", 10, 20), gap), 3)
    title = {k: v for k, v in seen(cut, 0, track=1).items() if k not in ("track", "text", "id")}
    assert "is no longer shown" in refused(cut, edit(drop={"segment": title}))
