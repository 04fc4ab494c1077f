"""`python -m benchmarks.compare OLD.json NEW.json`: two runs of the benchmarks, row by row.

By processor time, of what both have. What another program took in the same row, new over old, says
how much of a difference is the machine's: figures of one run (`--beside`) compare better. A line is
called slower where the median is by 5 % and where, of several turns, the cheapest new one is above
the dearest old one. The exit status is 1 where one is.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import BEFORE, SLOWER


@dataclass(frozen=True, slots=True)
class Change:
    """One peer of one row, in two runs: its processor seconds in each turn."""

    row: str
    peer: str
    old: list[float]
    new: list[float]

    @property
    def ratio(self) -> float:
        return median(self.new) / median(self.old)

    @property
    def is_slower(self) -> bool:
        return self.ratio > SLOWER and (
            min(len(self.old), len(self.new)) == 1 or min(self.new) > max(self.old)
        )


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """What both runs have, in the new one's order."""
    earlier = dict(_turns(old))
    for (row, peer), seconds in _turns(new):
        if seconds and earlier.get((row, peer)):
            yield Change(row, peer, earlier[row, peer], seconds)


def _turns(run: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], list[float]]]:
    for result in run["results"]:
        for name, peer in result["peers"].items():
            if not name.startswith(BEFORE):
                row = f"{result['row']} {result['case']}".strip()
                yield (row, name), [sample["cpu_s"] for sample in peer["samples"]]


def line(change: Change) -> str:
    """The change as a line of the table."""
    figures = f"{median(change.old):>9.2f}{median(change.new):>9.2f}{change.ratio:>7.2f}"
    return f"{change.row:<44.44}{change.peer:<32.32}{figures}" + "  slower" * change.is_slower


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    asked = parser.parse_args(arguments)
    found = [*changes(*(json.loads(path.read_text()) for path in (asked.old, asked.new)))]
    if not found:
        parser.error("the two runs have no row in common")
    print(f"{'row':<44}{'':<32}{'old':>9}{'new':>9}{'times':>7}  (CPU s)")
    for change in found:
        print(line(change))
    return int(any(change.is_slower for change in found))


if __name__ == "__main__":
    sys.exit(main())
