"""`python -m benchmarks.peers.speakers_of OUT.json COUNT:FILE...`: who speaks in each file.

Once with the number of speakers unknown, once with it given; [[turns], [turns]] of each file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import smartcut as sc
from smartcut.annotation import Speakers


def turns(path: str, count: Any) -> list[tuple[float, float, str]]:
    """(start, end, speaker) in seconds."""
    cut = (sc.open(path) | sc.speakers(count=count)).cut(device="cpu")
    found = cut.data(Speakers, "speakers", cut.sources[0].id)
    assert found is not None
    return [(float(t.range.start), float(t.range.end), t.speaker) for t in found.turns]


def main(out: str, *files: str) -> None:
    asked = (file.split(":", 1) for file in files)
    found = {path: [turns(path, "auto"), turns(path, int(count))] for count, path in asked}
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
