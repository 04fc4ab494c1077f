"""Pictures of source that `relevance` scores: MODEL PROMPT EFFORT FIRST.mp4 SECOND.mp4; JSON.

All that is loaded once is loaded for the first film; what the second one takes in the same process
is what each further minute of film takes.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import smartcut as sc
from smartcut.annotation import Features
from smartcut.models.pool import held


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(model: str, prompt: str, effort: str, first: str, second: str) -> dict[str, Any]:
    """Of the second film: pictures, looks, the network's engine, seconds of processor and wall."""

    def scored(film: str) -> Features:
        stage = sc.relevance(prompts=prompt, model=model, rate=1, effort=effort)
        cut = (sc.open(film) | stage).cut(device="cpu")
        found = cut.data(Features, "image-features", cut.sources[0].id)
        assert found is not None
        return found

    with held():
        scored(first)
        wall, begun = time.perf_counter(), _processor()
        found = scored(second)
        spent, lasted = _processor() - begun, time.perf_counter() - wall
    return {
        "pictures": len(found.pts),
        "looks": len(found.pts if found.looked_at is None else found.looked_at),
        "engine": found.engine,
        "start_cpu_s": round(begun, 3),
        "cpu_s": round(spent, 3),
        "wall_s": round(lasted, 3),
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
