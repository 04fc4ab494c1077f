"""The studio: ten minutes of scrubbing about in a cut of ten minutes of 1080p, in Chromium.

The playhead is dragged, plays for a moment, and the cut is corrected now and then; after each ten
seconds memory is looked at: the server's, that of the page's scripts, and the browser's, with the
seconds of media that it keeps.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

from benchmarks.bench import Bench
from benchmarks.material import main_source
from benchmarks.measure import Check, Result, Sample
from tests.builders.browser import launched, why_no_browser
from tests.builders.scrubbing import HeldMemory, scrubbed
from tests.builders.studio import StudioPage, studio

TITLE = "studio: memory while scrubbing"
_PARTS = 12
_FIRST = "server, first fifth"
#: What may be held at the end over what was held at most in the first fifth, and what ever.
_GROWTH = {"server_mb": 100.0, "heap_mb": 5.0, "browser_mb": 300.0}
_MOST = {"pictures_s": 200.0, "sound_s": 200.0}


def run(bench: Bench) -> Iterator[Result]:
    """One turn, however many are asked for; skipped where there is no browser."""
    if reason := why_no_browser():
        yield Result("scrubbing", "1080p", {_FIRST: []}, {_FIRST: reason})
        return
    step = 60 * bench.minutes / _PARTS
    kept = ", ".join(f"{i * step + 0.7:.1f}-{(i + 1) * step - 2:.1f}" for i in range(_PARTS))
    text = f"stages:\n  - trim: {{ranges: [{kept}]}}\n  - render\n"
    cache = bench.work("cache/x").parent
    shutil.rmtree(cache, ignore_errors=True)
    files = bench.pipeline("scrubbing", text), main_source(bench), "-o", bench.work("film.mp4")
    held: list[HeldMemory] = []
    with launched() as browser, studio(*files, cache=cache) as server:
        server.wait_until_open()
        page = StudioPage.open(browser, server)
        page.firsts()
        for one in scrubbed(page, server, 60.0 * bench.minutes):
            held.append(one)
            bench.say(f"scrubbing, {one.at_s:.0f} s of {60 * bench.minutes}")
    yield _result(held)


def _result(held: Sequence[HeldMemory]) -> Result:
    fifth = max(1, len(held) // 5)
    early, late = held[:fifth], held[-fifth:]
    samples, checks = {}, []
    for part, some in (("first fifth", early), ("last fifth", late)):
        for name in ("server", "heap", "browser"):
            sample = Sample(some[-1].at_s, some[-1].server_cpu_s, _most(some, f"{name}_mb"))
            samples[f"{name}, {part}"] = [sample]
    for name, bound in _GROWTH.items():
        grown = _most(late, name) - _most(early, name)
        checks.append(Check(f"{name}: last fifth over the first", grown, "<=", bound))
    for name, bound in _MOST.items():
        checks.append(
            Check(f"{name} in the browser's buffers, at most", _most(held, name), "<=", bound)
        )
    checks.append(Check("ranges in them, at most", _most(held, "ranges"), "<=", 40))
    return Result("scrubbing", "1080p", samples, {}, checks)


def _most(held: Sequence[HeldMemory], name: str) -> float:
    return float(max(getattr(one, name) for one in held))
