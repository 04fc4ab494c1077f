"""`python -m benchmarks`: run the rows asked for, print tables, write JSON and a plot."""

from __future__ import annotations

import argparse
import importlib
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks import report
from benchmarks.bench import Bench
from benchmarks.measure import LEFT_OUT, Result, against_before
from benchmarks.plot import write_plot

ROWS = (
    "start-up", "cuts", "shot-cuts", "full-encode", "effects", "captions", "shots",
    "analyses", "reframe", "tighten", "speech", "speakers", "chapters", "second-run", "memory",
    "packets", "studio", "scrubbing", "whole-job", "whole-job-long", "overlap", "looks",
    "engines", "relevance", "conform-long",
)  # fmt: skip
#: Rows that run where they are asked for by name alone.
LONG = ("scrubbing", "whole-job-long", "conform-long")
_ROOT = Path(__file__).parents[1]


def main(arguments: list[str] | None = None) -> int:
    """0 when all was measured, held or not; 1 where a peer failed."""
    asked = _parse(arguments)
    folder = _ROOT / "out" / "bench" / ("quick" if asked.quick else "full")
    runs = asked.runs or (1 if asked.quick else 3)
    bench = Bench(folder, runs, asked.quick, _say, beside=asked.beside)
    machine = report.machine(bench.ffmpeg_program)
    settings = {"rows": asked.rows, "runs": runs, "quick": asked.quick}
    results: list[Result] = []
    titles: list[str] = []
    for name in asked.rows:
        row = importlib.import_module(f"benchmarks.rows.{name.replace('-', '_')}")
        for result in row.run(replace(bench, part=name)):
            if asked.quick:
                result.case = f"{result.case}, quick".removeprefix(", ")
            result.checks += against_before(result.samples)
            results.append(result)
            titles.append(row.TITLE)
            _say("")
            print("\n" + report.table(result, row.TITLE), flush=True)
            report.write_json(asked.json, report.as_json(results, settings, machine))
    write_plot(asked.plot, results, titles)
    print("\n" + report.summary(results))
    print(f"\nall figures  {asked.json}\nplot         {asked.plot}")
    measured = [(s, r.remarks.get(name)) for r in results for name, s in r.samples.items()]
    return int(any(not samples and remark != LEFT_OUT for samples, remark in measured))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "rows",
        nargs="*",
        metavar="ROW",
        help=f"of {', '.join(ROWS)}; left out, all but {', '.join(LONG)}",
    )
    parser.add_argument("--runs", type=int, metavar="N", help="turns of each row (3; quick: 1)")
    parser.add_argument(
        "--quick", action="store_true", help="a one-minute source: shows that all works, no more"
    )
    parser.add_argument(
        "--beside",
        type=Path,
        metavar="CHECKOUT",
        help="another checkout of smartcut: its command line takes turns with this one's, and is "
        "compared with it by processor time",
    )
    out = _ROOT / "out" / "bench"
    parser.add_argument("--json", type=Path, default=out / "bench.json", metavar="PATH")
    parser.add_argument("--plot", type=Path, default=out / "bench.png", metavar="PATH")
    asked = parser.parse_args(arguments)
    asked.rows = [name.replace("_", "-") for name in asked.rows] or [
        name for name in ROWS if name not in LONG
    ]
    if unknown := [name for name in asked.rows if name not in ROWS]:
        parser.error(f"unknown row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    if asked.beside and not (asked.beside / "smartcut" / "__init__.py").is_file():
        parser.error(f"--beside: there is no smartcut in {asked.beside}")
    if asked.runs is not None and asked.runs < 1:
        parser.error("--runs must be at least 1")
    return asked


def _say(text: str) -> None:
    """Progress: one line that overwrites itself on a terminal, nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
