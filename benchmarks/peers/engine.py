"""Looks through one network and engine at made pictures: NETWORK WISH COUNT; prints JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Rows = Callable[[np.ndarray], np.ndarray]


def network(name: str) -> tuple[Rows, np.ndarray, int, str]:
    """What answers, what it is shown, how many at a time, and the engine."""
    from smartcut.models import weights
    from smartcut.models.engines.made_pictures import made_film, made_pictures

    if name == "transnet":
        from smartcut.models import transnet

        digest = weights.digest("transnetv2")
        windows: Any = transnet.engine(weights.path("transnetv2"), digest, "cpu")
        return windows, made_film(100, 48, 27)[None], 1, windows.engine
    if name == "centerface":
        return _faces()
    pictures: Any
    if name == "efficientnet":
        from smartcut.models.embedded_scorer import PictureClasses

        pictures = PictureClasses("cpu")
    else:
        from smartcut.models.clip import ClipName
        from smartcut.models.clip_model import ClipModel

        pictures = ClipModel(ClipName.parse(name), "cpu")
    return pictures, made_pictures(224), 4, pictures.engine


def _faces() -> tuple[Rows, np.ndarray, int, str]:
    from smartcut.models import weights
    from smartcut.models.engines.made_pictures import made_pictures
    from smartcut.models.faces import centerface

    find = centerface.load(weights.path("centerface"), 0.3)
    wide = np.concatenate([made_pictures(352), made_pictures(352)[::-1]], axis=2)[:, :, :640]
    return lambda rows: find(rows[0]), np.ascontiguousarray(wide), 1, find.engine


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(name: str, wish: str, count: int) -> dict[str, Any]:
    """Processor time to load and for each look, in seconds; the peak of memory in MB."""
    os.environ["SMARTCUT_ENGINE"] = wish
    wall, begun = time.perf_counter(), _processor()
    answer, shown, batch, engine = network(name)
    loaded, loading = _processor() - begun, time.perf_counter() - wall
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    answer(shown[:batch])
    begun = _processor()
    for at in range(0, count, batch):
        first = at % len(shown)
        answer(shown[first : first + batch])
    looking = _processor() - begun
    return {
        "engine": engine,
        "load_cpu_s": round(loaded, 3),
        "load_wall_s": round(loading, 3),
        "look_cpu_ms": round(1000 * looking / count, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    found = main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    if len(sys.argv) > 4:
        Path(sys.argv[4]).write_text(json.dumps(found))
    print(json.dumps(found))
