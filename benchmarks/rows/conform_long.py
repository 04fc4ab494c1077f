"""Ten minutes of film brought back to their cut against an hour of sources, with nothing cached.

The film has all that `conform` has to bear, and is made of sixty sources of a minute.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.conform import score
from benchmarks.conform_films import FilmCase, cases, made_film, made_sources
from benchmarks.conform_material import Filmed
from benchmarks.measure import Check, Result, middle, paired
from smartcut.conforming.parts import FilmPart
from smartcut.timebase import Range

TITLE = "conform-long: ten minutes of film, an hour of sources"
#: Pictures of the sources, and their lengths in seconds.
_SIZE, _LENGTH = (640, 360), 60
_SEGMENTS, _SEED = 302, 500


def run(bench: Bench) -> Iterator[Result]:
    """All conditions together."""
    count = 4 if bench.quick else 60
    folder = bench.media / "conform-long"
    bench.say("making sources")
    files, foreign = made_sources(folder, count, Filmed(_LENGTH, _SEED, _SIZE), 3)
    case = _case(bench.quick)
    film = folder / f"film-{case.segments}.mp4"
    bench.say("making the film")
    cut = made_film(film, case, files, foreign)
    out = bench.work("cut.otio")
    arguments = ["conform", str(film), *map(str, files), "-o", str(out), "--json"]
    peer = bench.smartcut("smartcut conform", arguments)
    samples, remarks = paired([peer], bench.runs, bench.say)
    checks = []
    if samples[peer.name]:
        taken = samples[peer.name]
        checks = [
            Check("minutes of film", float(cut.duration) / 60, ">=", 0.5 if bench.quick else 10),
            Check("minutes of wall time", (middle(taken) or 0) / 60, "<=", 10),
            Check("peak memory, MB", middle(taken, "peak_mb"), "<=", 2048),
            *_found(score(cut, parts_of(peer.log), Fraction(25)).to_plain()),
        ]
    yield Result("conform-long", case.name, samples, remarks, checks)


def _case(quick: bool) -> FilmCase:
    everything = cases(Fraction(30))[-1]
    half = (_SIZE[0] // 2, _SIZE[1] // 2)
    return replace(everything, segments=16 if quick else _SEGMENTS, size=half)


def _found(plain: dict[str, float]) -> Iterator[Check]:
    bounds = {"cuts exact": 0.99, "blends within 2": 1.0, "speeds within 1 %": 0.99}
    bounds |= {"foreign precision": 0.95, "foreign recall": 0.95}
    for name, bound in bounds.items():
        yield Check(f"{name}, share", plain[name], ">=", bound)


def parts_of(log: Path) -> list[FilmPart]:
    """The parts that the command printed, as far as they are scored."""
    text = log.read_text()
    return [_part(one) for one in json.loads(text[text.index("{") :])["parts"]]


def _part(plain: dict[str, Any]) -> FilmPart:
    first, last = plain["frames"]
    place = Range(Fraction(str(plain["from"])), Fraction(str(plain["to"])))
    if "source" not in plain:
        return FilmPart(first, last, place)
    return FilmPart(
        first,
        last,
        place,
        source=str(plain["source"]),
        start=Fraction(str(plain["source_from"])),
        speed=Fraction(str(plain["speed"])),
        blend=int(str(plain["blend"])),
    )
