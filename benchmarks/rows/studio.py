"""The studio: a cut of twelve segments of ten minutes, opened and corrected in Chromium.

Times are the page's own: from going to the address, or from pressing the key, until a frame of the
cut is on the screen. Each opening is of a new profile; where the first span is encoded, of a new
server with an empty cache. Processor time and memory are the server's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.material import main_source
from benchmarks.measure import Check, Result, Sample
from benchmarks.rows.cuts import ranges_of
from tests.builders.browser import Chromium, launched, why_no_browser
from tests.builders.studio import StudioPage, StudioProcess, studio

TITLE = "studio: the first frame in the browser"
COPIED, ENCODED, EDITED, DRAWN = (
    "first frame, copied", "first frame, encoded", "in-point changed", "page and state drawn"
)  # fmt: skip
# Seconds that each may take.
_BOUNDS = {COPIED: 1.0, ENCODED: 1.2, EDITED: 0.5, DRAWN: 0.5}
_PAGE_KB = 500


def run(bench: Bench) -> Iterator[Result]:
    """Openings of both kinds, then changes of an in-point; skipped where there is no browser."""
    if reason := why_no_browser():
        yield Result("studio", "1080p", {name: [] for name in _BOUNDS}, {COPIED: reason})
        return
    samples: dict[str, list[Sample]] = {name: [] for name in _BOUNDS}
    sizes: list[float] = []
    with launched() as browser:
        for turn in range(bench.runs):
            bench.say(f"studio, run {turn + 1} of {bench.runs}")
            _copied(bench, browser, samples, sizes)
            _encoded(bench, browser, samples)
    checks = [
        Check(f"{name}, median s", median(s.wall_s for s in samples[name]), "<=", bound)
        for name, bound in _BOUNDS.items()
    ]
    checks.append(Check("the page's files, kB", max(sizes), "<=", _PAGE_KB))
    yield Result("studio", "1080p", samples, {}, checks)


def _copied(
    bench: Bench, browser: Chromium, samples: dict[str, list[Sample]], sizes: list[float]
) -> None:
    """A cut that begins at a key frame, opened, and an in-point of it changed twice."""
    with _served(bench, first=0) as server:
        _opened(browser, server).close()  # what is read of the sources is read
        server.wait_until_idle()
        before = server.cpu_seconds()
        page = _opened(browser, server)
        samples[COPIED].append(_sample(page.firsts()[0]["at"], server, before))
        samples[DRAWN].append(_sample(page.drawn(), server, before))
        sizes.append(page.kilobytes())
        for _ in range(2):
            page.press("PageDown", *["Shift+ArrowRight"] * 2, *["ArrowRight"] * 7)
            page.settled()
            page.page.wait_for_timeout(2000)
            before = server.cpu_seconds()
            samples[EDITED].append(_sample(page.timed_edit("q"), server, before))
        browser.close_pages()


def _encoded(bench: Bench, browser: Chromium, samples: dict[str, list[Sample]]) -> None:
    """A cut whose first frames are encoded, of which nothing is in the cache."""
    with _served(bench, first=17) as server:
        before = server.cpu_seconds()
        page = _opened(browser, server)
        samples[ENCODED].append(_sample(page.firsts()[0]["at"], server, before))
        browser.close_pages()


@contextmanager
def _served(bench: Bench, first: int) -> Iterator[StudioProcess]:
    """A server with an empty cache, whose cut begins at that frame of the source."""
    ranges = ranges_of(bench)
    ranges[0] = first, first + ranges[0][1] - ranges[0][0]
    kept = ", ".join(f"{a}f-{b}f" for a, b in ranges)
    pipeline = bench.pipeline(
        f"studio-{first}", f"stages:\n  - trim: {{ranges: [{kept}]}}\n  - render\n"
    )
    cache = bench.work("cache/x").parent
    shutil.rmtree(cache, ignore_errors=True)
    output: Path = bench.work("studio.mp4")
    with studio(pipeline, main_source(bench), "-o", output, cache=cache) as server:
        server.wait_until_open()
        yield server


def _opened(browser: Chromium, server: StudioProcess) -> StudioPage:
    page = StudioPage.open(browser, server)
    page.firsts()
    return page


def _sample(milliseconds: float, server: StudioProcess, before: float) -> Sample:
    return Sample(milliseconds / 1000, server.cpu_seconds() - before, server.memory() / 1e6)
