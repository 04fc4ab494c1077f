"""``python -m benchmarks.hostile make DIR`` and ``... run DIR [--json FILE]``."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from benchmarks.hostile import corpus, trial


def main() -> int:
    """The exit code: 1 where a file did what none may do."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("make", "run"):
        command = commands.add_parser(name)
        command.add_argument("folder", type=Path)
        command.add_argument("--seed", type=int, default=0)
        command.add_argument("--json", type=Path, help="add a line for each outcome")
        command.add_argument("--only", default="", help="files whose name holds this")
        command.add_argument("--after", default="", help="files whose name is not before this")
    given = parser.parse_args()
    if given.command == "make":
        print(f"{len(corpus.make(given.folder, given.seed))} files in {given.folder}")
        return 0
    return _run(given.folder, given.only, given.after, given.json)


def _run(folder: Path, only: str, after: str, into: Path | None) -> int:
    paths = sorted(
        p for p in folder.iterdir() if p.is_file() and only in p.name and p.name >= after
    )
    found = []
    for outcome in trial.tried(paths):
        found.append(outcome)
        with into.open("a") if into else nullcontext() as lines:
            if lines:
                lines.write(json.dumps(asdict(outcome)) + "\n")
        if outcome.is_defect:
            print(f"{outcome.kind}: {outcome.file}\n{outcome.text}", flush=True)
    print(f"{len(found)} files:", dict(Counter(o.kind for o in found)))
    for title, key in (("slowest (CPU s)", "cpu"), ("most memory", "peak")):
        top = sorted(found, key=lambda o: -getattr(o, key))[:5]
        print(f"{title}:", *(f"{o.file} {getattr(o, key)}" for o in top), sep="\n  ")
    return int(any(o.is_defect for o in found))


if __name__ == "__main__":
    sys.exit(main())
