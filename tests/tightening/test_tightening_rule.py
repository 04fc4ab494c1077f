"""From what is active to what is kept, as sets of ranges."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from smartcut.annotation import Signal
from smartcut.cut import Segment
from smartcut.tightening.levels import auto_threshold, loud, voiced
from smartcut.tightening.ranges import common, left, padded, union, without
from smartcut.tightening.rule import TightenRule, clear_of_words, kept, outwards
from smartcut.tightening.timeline import Treated, treated
from smartcut.timebase import Range, total
from smartcut.warp import Warp

F = Fraction
WHOLE = Range(F(0), F(100))


def ranges(*pairs: tuple[float, float]) -> tuple[Range, ...]:
    return tuple(Range(F(repr(a)), F(repr(b))) for a, b in pairs)


@st.composite
def time_sets(draw: st.DrawFn) -> tuple[Range, ...]:
    edges = sorted(draw(st.sets(st.integers(0, 1000), max_size=20)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Range(F(a, 10), F(b, 10)) for a, b in pairs)


@given(time_sets(), time_sets())
def test_sets_of_time_follow_their_algebra(
    one: tuple[Range, ...], other: tuple[Range, ...]
) -> None:
    assert left(WHOLE, left(WHOLE, one)) == one
    assert common(one, other) == common(other, one) == without(one, without(one, other))
    assert union(common(one, other), without(one, other)) == one
    assert total(union(one, other)) == total(one) + total(other) - total(common(one, other))


@given(time_sets(), time_sets())
def test_what_is_kept_holds_what_must_and_has_no_short_gap(
    active: tuple[Range, ...], words: tuple[Range, ...]
) -> None:
    rule = TightenRule(F(1, 5), F(3, 10), F(1, 2), F(1, 4))
    clips = kept(active, WHOLE, rule, words)
    assert common(clips, words) == words
    assert all(gap.duration >= rule.min_cut for gap in left(WHOLE, clips))
    assert all(clip.duration >= rule.min_clip or common((clip,), words) for clip in clips)
    for one in active:
        if one.duration >= rule.min_clip:
            assert common((one,), clips) == (one,)


def test_margins_short_cuts_and_short_clips() -> None:
    rule = TightenRule(F(1, 5), F(1, 10), F(3, 10), F(1, 2))
    active = ranges((10, 12), (12.5, 13), (20, 20.1), (30, 31))
    # 12.1 to 12.3 is too short to leave out; 19.8 to 20.2 is too short to stay.
    assert kept(active, WHOLE, rule, ()) == ranges((9.8, 13.1), (29.8, 31.1))
    assert kept(active, WHOLE, rule, ranges((20, 20.1))) == ranges(
        (9.8, 13.1), (19.8, 20.2), (29.8, 31.1)
    )


def test_negative_margins_take_from_what_is_active_but_not_from_words() -> None:
    rule = TightenRule(F(-1, 2), F(-1, 2), F(3, 10), F(1, 10))
    assert kept(ranges((10, 12)), WHOLE, rule, ()) == ranges((10.5, 11.5))
    assert kept(ranges((10, 12)), WHOLE, rule, ranges((10.2, 10.6))) == ranges((10.2, 11.5))
    assert padded(ranges((1, 2)), F(-1, 2), F(-1, 2)) == ()


def test_no_cut_ends_inside_a_word() -> None:
    words = ranges((10, 11), (11.2, 12), (14, 15))
    assert clear_of_words(ranges((10.5, 14.5)), words) == ranges((11, 14))
    assert clear_of_words(ranges((9, 16)), words) == ranges((9, 16))
    assert clear_of_words(ranges((10.2, 10.8)), words) == ()


def test_edges_move_outwards_to_whole_seconds() -> None:
    down, up = (lambda t: F(t // 1)), (lambda t: F(-(-t // 1)))
    within = Range(F(1, 2), F(21, 2))
    found = outwards(ranges((0.5, 2.5), (4.2, 4.7), (9.5, 10.5)), within, down, up)
    assert found == ranges((0.5, 3), (4, 5), (9, 10.5))


def test_loud_and_voiced_parts_of_a_curve() -> None:
    level = Signal(F(1), (0, 1, 2, 3), ("level",), ((-60.0, -10.0, -50.0, -20.0),), "dB")
    assert loud(level, -20.0, F(5)) == ranges((1, 2), (3, 5))
    values = (0.1, 0.6, 0.4, 0.3, 0.4, 0.9)
    voice = Signal(F(1), tuple(range(6)), ("voice",), (values,), "0..1")
    # It begins at 0.5, and goes on down to 0.35.
    assert voiced(voice, 0.5, F(6)) == ranges((1, 3), (5, 6))


def test_a_threshold_lies_between_the_quiet_and_the_loud() -> None:
    assert auto_threshold([-60.0] * 50 + [-10.0] * 50) == -35.0
    assert auto_threshold([-100.0] * 50 + [-20.0] * 50) == -48.0
    assert auto_threshold([-5.0] * 100) == -20.0
    assert auto_threshold([]) == -20.0


def parts(segment: Segment, *stretches: Treated) -> list[tuple[float, float, float]]:
    found = treated(segment, stretches)
    return [(float(s.range.start), float(s.range.end), float(s.duration)) for s in found]


def test_stretches_of_a_segment_are_left_out_or_played_faster() -> None:
    segment = Segment("a", Range(F(10), F(20)), speed=F(2))
    gone = [Treated(r) for r in ranges((5, 11), (14, 15))]
    assert parts(segment, *gone) == [(11, 14, 1.5), (15, 20, 2.5)]
    fast = Treated(Range(F(14), F(18)), F(4))
    assert parts(segment, fast) == [(10, 14, 2), (14, 18, 0.5), (18, 20, 1)]


def test_what_plays_backwards_keeps_its_order_and_what_is_held_stays() -> None:
    backwards = Segment("a", Range(F(10), F(20))).as_warp.reversed()
    segment = Segment("a", backwards.seen, warp=backwards)
    found = list(treated(segment, [Treated(r) for r in ranges((12, 13))]))
    assert [(s.source_at(F(0)), s.range) for s in found] == [
        (F(20), Range(F(13), F(20))),
        (F(12), Range(F(10), F(12))),
    ]
    held = Segment("a", Range(F(12), F(12)), warp=Warp.frozen(F(12), F(3)))
    assert list(treated(held, [Treated(r) for r in ranges((5, 20))])) == [held]
