"""``python -m benchmarks.hostile make DIR`` and ``... run DIR [--json FILE]``."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
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
        command.add_argument("--json", type=Path, help="write the outcomes here")
        command.add_argument("--only", default="", help="files whose name holds this")
    given = parser.parse_args()
    if given.command == "make":
        print(f"{len(corpus.make(given.folder, given.seed))} files in {given.folder}")
        return 0
    return _run(given.folder, given.only, given.json)


def _run(folder: Path, only: str, into: Path | None) -> int:
    paths = sorted(p for p in folder.iterdir() if p.is_file() and only in p.name)
    found = []
    for outcome in trial.tried(paths):
        found.append(outcome)
        if outcome.is_defect:
            print(f"{outcome.kind}: {outcome.file}\n{outcome.text}", flush=True)
    if into:
        into.write_text(json.dumps([asdict(o) for o in found], indent=1))
    print(f"{len(found)} files:", dict(Counter(o.kind for o in found)))
    for title, key in (("slowest (CPU s)", "cpu"), ("most memory", "peak")):
        top = sorted(found, key=lambda o: -getattr(o, key))[:5]
        print(f"{title}:", *(f"{o.file} {getattr(o, key)}" for o in top), sep="\n  ")
    return int(any(o.is_defect for o in found))


if __name__ == "__main__":
    sys.exit(main())
