"""Chapters: where made talks with known sections are divided, beside other ways to divide them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Check, Result, paired

TITLE = "chapters: boundaries of made talks"
_NAME = "sentence vectors, three divisions"


def run(bench: Bench) -> Iterator[Result]:
    """Talks of two to eight sections in random order; none of them was looked at for the method."""
    talks = 40 if bench.quick else 400
    out = bench.work("figures.json")
    peer = bench.python(_NAME, "divide_talks", [str(out), str(talks)])
    samples, remarks = paired([peer], 1, bench.say)
    figures = json.loads(out.read_text()) if samples[_NAME] else {}
    checks = []
    for apart, said in (("0", "exact"), ("1", "within a sentence")):
        for way in ("smartcut", "TextTiling's threshold", "equal parts"):
            found = figures.get(way, {}).get(apart)
            bound = 0.8 if way == "smartcut" else 0.0
            checks.append(Check(f"{way}: boundary F1, {said}", found, ">=", bound))
    yield Result("chapters", f"{talks} talks", samples, remarks, checks)
