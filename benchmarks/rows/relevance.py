"""Pictures of source a second of processor time that `relevance` scores, its start left out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.films.material import films, random_clip
from benchmarks.measure import Check, Peer, Result, told
from smartcut.errors import MissingExtra, ModelError

TITLE = "relevance: pictures of source for each second of processor time, decoding included"
_PROMPT = "somebody explains something"
#: By how many times as many pictures `auto` has to score than all looks in torch.
_BOUNDS = {"talk": 4.0, "action": 1.5}
#: (effort, SMARTCUT_ENGINE) of each peer.
_PEERS = {"auto": ("auto", "auto"), "exact, torch": ("exact", "torch")}


def run(bench: Bench) -> Iterator[Result]:
    """Of each kind of film and each scorer; the first, unmeasured turn chooses the engines."""
    clip = f"ViT-B-32:{random_clip(bench)}"
    for kind in _BOUNDS:
        try:
            sources = films(bench, kind, 16 if bench.quick else 102)
        except (ModelError, MissingExtra):
            continue  # no voice on this machine, so no film that is made
        for name, model in (("ViT-B/32, random", clip), ("embedded", "embedded")):
            yield _rates(bench, kind, name, model, sources)


def _rates(bench: Bench, kind: str, name: str, model: str, sources: Sequence[Path]) -> Result:
    peers = [_peer(bench, which, model, sources) for which in _PEERS]
    samples, rows = told(peers, bench.runs, bench.say)
    ratios = [slow["cpu_s"] / fast["cpu_s"] for fast, slow in zip(*rows.values(), strict=False)]
    text = "pictures for each second of processor time, auto / all looks in torch"
    held = Check(text, median(ratios) if ratios else None, ">=", _BOUNDS[kind])
    remarks = {which: _said(found) for which, found in rows.items() if found}
    return Result("relevance", f"{kind}, {name}", samples, remarks, [held])


def _peer(bench: Bench, which: str, model: str, sources: Sequence[Path]) -> Peer:
    effort, engine = _PEERS[which]
    cache = bench.work(f"cache-{engine}/x").parent

    def empty() -> None:
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir()

    arguments = [model, _PROMPT, effort, *map(str, sources)]
    environment = {"SMARTCUT_CACHE": str(cache), "SMARTCUT_ENGINE": engine}
    peer = bench.python(which, "relevance_rate", arguments)
    return replace(peer, environment=environment, before=empty)


def _said(rows: list[dict[str, float]]) -> str:
    rates = [row["pictures"] / row["cpu_s"] for row in rows]
    first = rows[0]
    start = median(row["start_cpu_s"] for row in rows)
    return (
        f"{median(rates):.1f} pictures a CPU second ({first['looks']} looks at "
        f"{first['pictures']}, {first['engine']}); start and the first film {start:.1f} s"
    )
