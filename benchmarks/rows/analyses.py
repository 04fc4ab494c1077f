"""All cheap analyses in one run, and sampling for relevance, beside decoding everything."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.material import GOPS, main_source
from benchmarks.measure import Check, Result, paired, ratio

TITLE = "analyses"
ALL, SAMPLING, BARE = "smartcut, four analyses", "smartcut, 1 picture a second", "bare decode"
_PIPELINE = """stages:
  - shots: {detector: adaptive}
  - motion
  - sharpness
  - loudness
"""


def run(bench: Bench) -> Iterator[Result]:
    """The cheap analyses at GOP 60; sampling at both GOP lengths."""
    yield _together(bench)
    for gop in GOPS:
        yield _sampling(bench, gop)


def _together(bench: Bench) -> Result:
    source, pipeline = main_source(bench), bench.pipeline("analyses", _PIPELINE)
    peers = [
        bench.smartcut(ALL, ["run", str(pipeline), str(source)]),
        bench.python(BARE, "bare_decode", [str(source)]),
    ]
    samples, remarks = paired(peers, bench.runs, bench.say)
    checks = [Check(f"{ALL} / {BARE}, wall", ratio(samples[ALL], samples[BARE]), "<=", 1.25)]
    case = "shots, motion, sharpness, loudness together"
    return Result("analyses", case, samples, remarks, checks)


def _sampling(bench: Bench, gop: int) -> Result:
    source = main_source(bench, gop)
    sampling = bench.python(SAMPLING, "relevance_pictures", [str(source)])
    peers = [sampling, bench.python(BARE, "bare_decode", [str(source)])]
    samples, remarks = paired(peers, bench.runs, bench.say)
    if samples[SAMPLING]:
        remarks[SAMPLING] = sampling.log.read_text().splitlines()[-1]
    faster = Check(f"{BARE} / {SAMPLING}, wall", ratio(samples[BARE], samples[SAMPLING]), ">=", 4)
    return Result(
        "analyses", f"sampling, GOP {gop}", samples, remarks, [faster] if gop == 60 else []
    )
