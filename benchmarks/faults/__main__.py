"""`python -m benchmarks.faults [--kills 200] [--runner ray] [--json FILE]`."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean, median
from typing import Any

from benchmarks.faults.workplace import Reference, Trial, Workplace, points


def main() -> int:
    """The exit code: 1 where a run did what none may do."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runner", choices=("local", "ray"), default="local")
    parser.add_argument("--json", type=Path, help="write every trial to this file")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="smartcut-faults-"))
    try:
        if given.runner == "ray":
            from benchmarks.faults.on_ray import tried

            trials, whole = tried(folder, given.kills, given.seed)
        else:
            trials, whole = _tried(folder, given.kills, given.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found = summary(trials, whole)
    print(table(found))
    if given.json:
        rows = [asdict(trial) for trial in trials]
        given.json.write_text(json.dumps({**found, "trials": rows}, indent=1) + "\n")
    return int(found["correct"] < found["kills"])


def _tried(folder: Path, kills: int, seed: int) -> tuple[list[Trial], Reference]:
    place = Workplace(folder)
    place.make()
    trials = []
    with place:
        whole = place.reference()
        for i, (how, at) in enumerate(points(whole, kills, seed)):
            trials.append(place.trial(how, at, whole, old=i % 2 == 1))
            for problem in trials[-1].problems:
                print(f"{how} {at:g} ({trials[-1].phase}): {problem}", flush=True)
    return trials, whole


def summary(trials: Sequence[Trial], whole: Reference) -> dict[str, Any]:
    """How many were correct, and for each phase how much was there and not made again."""
    phases = {}
    for phase in sorted({t.phase for t in trials}, key=_known(trials)):
        those = [t for t in trials if t.phase == phase]
        phases[phase] = {
            "kills": len(those),
            "correct": sum(not t.problems for t in those),
            "entries found": round(mean(t.known for t in those), 1),
            "of these made again": sum(t.known - t.kept for t in those),
            "seconds of the next run": round(median(t.seconds for t in those), 2),
        }
    return {
        "kills": len(trials),
        "correct": sum(not t.problems for t in trials),
        "made again": sum(t.known - t.kept for t in trials),
        "undisturbed": {
            "seconds": round(whole.seconds, 2),
            "events": whole.events,
            "entries": len(whole.entries),
        },
        "phases": phases,
    }


def _known(trials: Sequence[Trial]) -> Any:
    return lambda phase: mean(t.known for t in trials if t.phase == phase)


def table(found: dict[str, Any]) -> str:
    """The summary as Markdown."""
    whole = found["undisturbed"]
    columns = list(next(iter(found["phases"].values())))
    lines = [
        f"{found['kills']} kills, {found['correct']} correct resumes; an undisturbed run takes "
        f"{whole['seconds']} s, {whole['events']} events, {whole['entries']} entries",
        "",
        f"| killed while | {' | '.join(columns)} |",
        f"|---|{'---|' * len(columns)}",
    ]
    for phase, row in found["phases"].items():
        lines.append(f"| {phase} | {' | '.join(str(row[c]) for c in columns)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
