"""Answers of selectors: checked against the words, and refused with reasons."""

from __future__ import annotations

import json
from fractions import Fraction as F
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.selecting.asked import OfferedSentence, Pick, PickRules, checked, packed
from tests.builders.talks import sentences_of

LINES = [
    ("Boats sail against the wind.", 0.2),
    ("They tack from side to side.", 0.2),
    ("The keel keeps them straight.", 0.2),
    ("Bread is another matter.", 0.2),
    ("It needs yeast and time.", 0.2),
]
SAID = [OfferedSentence("talk", one) for one in sentences_of(LINES, speakers=["Ada", "Bo"])]
RULES = PickRules((1, 3), (F(1), F(8)))


def lasts(first: int, last: int) -> F:
    return SAID[last - 1].end - SAID[first].start


def check(answer: Any, rules: PickRules = RULES) -> tuple[list[Pick], list[str]]:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return checked(text, SAID, rules, lasts)


def test_what_is_sent_holds_ids_times_speakers_and_text() -> None:
    sent = packed("shorts", "boats", "en", RULES, SAID)
    assert sent["sentences"][1] == {
        "id": "s2",
        "source": "talk",
        "start": round(float(SAID[1].start), 3),
        "end": round(float(SAID[1].end), 3),
        "speaker": "Bo",
        "text": "They tack from side to side.",
    }
    assert sent["rules"] == {"picks": [1, 3], "seconds_each": [1.0, 8.0]}
    assert (sent["task"], sent["prompt"], sent["language"]) == ("shorts", "boats", "en")
    assert json.loads(json.dumps(sent)) == sent


def test_ids_and_times_mean_the_same() -> None:
    by_id = {"first": "s2", "last": "s3", "title": "Keels", "reason": "about boats"}
    assert check({"picks": [by_id]}) == ([Pick(1, 3, "Keels", "about boats")], [])
    times = {"start": round(float(SAID[1].start), 2), "end": round(float(SAID[2].end), 2)}
    assert check([times]) == ([Pick(1, 3)], [])
    # Times may also lie in the pauses around.
    wide = {"start": times["start"] - 0.1, "end": times["end"] + 0.1, "source": "talk"}
    assert check({"picks": [wide]}) == ([Pick(1, 3)], [])


@pytest.mark.parametrize("wrapped", ["```json\n{}\n```", "Here you are: {} Enjoy!", "{}"])
def test_json_is_found_in_what_models_write_around_it(wrapped: str) -> None:
    answer = wrapped.replace("{}", '{"picks": [{"first": "s1", "last": "s2"}]}')
    assert check(answer) == ([Pick(0, 2)], [])


WORD = SAID[0].sentence.words[1]
INSIDE = float(WORD.range.middle)
BETWEEN = float((WORD.range.end + SAID[0].sentence.words[2].range.start) / 2)
END = float(SAID[1].end)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I will not.", "the answer is no JSON: 'I will not.'"),
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"picks": [{"first": "s1", "last": "s2"}', "no JSON"),
        ({"clips": []}, "no list of `picks`"),
        ({"picks": {"first": "s1"}}, "no list of `picks`"),
        ("17", "no list of `picks`"),
        ([], "there are 0 picks, not 1 to 3"),
        ([{"first": "s1", "last": "s1"}] * 4, "there are 4 picks, not 1 to 3"),
        (["s1"], "pick 1: 's1' has no `first` and `last`"),
        ([{"first": "s1"}], "pick 1: `last` is None, which is no sentence; there are s1 to s5"),
        ([{"first": "s1", "last": "s6"}], "`last` is 's6', which is no sentence"),
        ([{"first": "s0", "last": "s1"}], "`first` is 's0', which is no sentence"),
        ([{"first": 1, "last": 2}], "`first` is 1, which is no sentence"),
        ([{"first": "s1\n", "last": "s2"}], "which is no sentence"),
        ([{"first": "s٣", "last": "s5"}], "which is no sentence"),
        ([{"first": "s3", "last": "s2"}], "pick 1: s2 comes before s3"),
        ([{"first": "s1", "last": "s1", "title": ["a"]}], "`title` and `reason` have to be text"),
        ([{"start": INSIDE, "end": END}], "`start`, 0.98 s, lies inside the word 'sail'"),
        ([{"start": 0, "end": INSIDE}], "`end`, 0.98 s, lies inside the word 'sail'"),
        ([{"start": BETWEEN, "end": END}], "inside the sentence s1; a pick begins where a"),
        ([{"start": 0, "end": BETWEEN}], "inside the sentence s1; a pick ends where a"),
        ([{"start": -1, "end": END}], "`start` is -1, which is no time"),
        ([{"start": True, "end": END}], "`start` is True, which is no time"),
        ('[{"start": NaN, "end": 3}]', "`start` is nan, which is no time"),
        ('[{"start": 0, "end": 1e999}]', "`end` is inf, which is no time"),
        ([{"start": 100, "end": 200}], "between 100.00 s and 200.00 s there is no sentence"),
        ([{"start": 0, "end": END, "source": "x"}], "`source` is 'x'; there are talk"),
        ([{"start": 0}], "neither `first` and `last` nor `start` and `end`"),
        (
            [{"first": "s1", "last": "s2"}, {"first": "s2", "last": "s3"}],
            "s2 to s3 overlaps s1 to s2",
        ),
        ([{"first": "s1", "last": "s5"}], "s1 to s5 lasts 9.10 s, more than 8.00 s"),
    ],
)
def test_lies_are_refused_with_their_reason(answer: Any, reason: str) -> None:
    picks, reasons = check(answer)
    assert picks == []
    assert any(reason in one for one in reasons), reasons
    assert all(len(one) < 200 for one in reasons)


def test_every_rule_is_kept() -> None:
    one, two = {"first": "s1", "last": "s1"}, {"first": "s2", "last": "s3"}
    assert check([one], PickRules((1, 1), (F(2), F(3))))[1] == [
        "s1 to s1 lasts 1.63 s, less than 2.00 s"
    ]
    assert check([one, two], PickRules((1, 9), total=F(4)))[1] == [
        "the picks last 5.47 s in all, more than 4.00 s"
    ]
    assert check([one, two], PickRules((1, 9), per_source=F(4)))[1] == [
        "the picks of talk last 5.47 s, more than 4.00 s"
    ]
    alone = PickRules((1, 9), (F(0), F(1)), may_alone_be_longer=True)
    assert check([one], alone) == ([Pick(0, 1)], [])
    assert check([two], alone)[1] == ["s2 to s3 lasts 3.83 s, more than 1.00 s"]


def test_a_pick_is_of_one_recording() -> None:
    said = [OfferedSentence(f"t{n // 3}", o.sentence, n // 3) for n, o in enumerate(SAID)]
    answer = json.dumps([{"first": "s3", "last": "s4"}])
    assert checked(answer, said, RULES, lasts)[1] == ["pick 1: s3 and s4 are not of one recording"]
    times = json.dumps([{"start": 0, "end": END}])
    (reason,) = checked(times, said, RULES, lasts)[1]
    assert "`source` is None; there are t0, t1" in reason


def test_titles_are_one_short_line() -> None:
    row = {"first": "s1", "last": "s1", "title": "a\n\x1b[31mb" + "x" * 500, "reason": "\u202eok"}
    (pick,), _ = check([row])
    assert len(pick.title) <= 100
    assert pick.title.startswith("a [31mbx")
    assert pick.reason == "ok"


def test_many_wrong_picks_are_told_in_a_few_lines() -> None:
    rows = [{"first": "s9", "last": "s9"}] * 400
    picks, reasons = check(rows, PickRules((1, 500)))
    assert picks == []
    assert len(reasons) <= 12


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
names = st.sampled_from(["first", "last", "start", "end", "title", "reason", "source"])
values = plain | st.sampled_from(["s1", "s2", "s5", "talk", 0, 3.3]) | st.lists(plain, max_size=2)


@settings(max_examples=60)
@given(st.lists(st.dictionaries(names, values, max_size=4) | plain, max_size=4))
def test_whatever_is_answered_what_is_taken_keeps_the_rules(rows: list[Any]) -> None:
    picks, reasons = check({"picks": rows})
    assert bool(picks) != bool(reasons)
    ordered = sorted(picks, key=lambda pick: pick.first)
    for pick in ordered:
        assert 0 <= pick.first < pick.last <= len(SAID)
        assert 1 <= lasts(pick.first, pick.last) <= 8
    assert all(a.last <= b.first for a, b in pairwise(ordered))
