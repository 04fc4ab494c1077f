"""Pictures nearly the same share a look of a network: what it spares, and what vectors lose.

Vectors on made pictures of many kinds, one a second, and on films, two a second: the sample
media, and those that ``LOOK_FILMS=A.mp4:B.mp4`` names. The limits were set on such; made pictures
of other seeds, and the films of ``HELD_BACK_FILMS``, were not used for that. Then `relevance` on
talk and action.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.films.material import films, random_clip
from benchmarks.measure import Check, Result, paired, ratio
from smartcut.errors import MissingExtra, ModelError

TITLE = "looks: pictures nearly the same share one"
_SAMPLES = Path(__file__).parents[2] / "sample_media"
_EFFORTS = ("exact", "auto", "low")
_WHAT = ("made", "made, held back", "films", "films, held back")
_PROMPT = "somebody explains something"

Figures = Mapping[str, Mapping[str, Mapping[str, float]]]


def run(bench: Bench) -> Iterator[Result]:
    clip = f"ViT-B-32:{random_clip(bench)}"
    yield from _vectors(bench, clip)
    for kind in ("talk", "action"):
        try:
            sources = films(bench, kind, 16 if bench.quick else 102)
        except (ModelError, MissingExtra):
            continue  # no voice on this machine, so no film that is made
        for name, model in (("embedded", "embedded"), ("ViT-B/32, random", clip)):
            yield _spared(bench, kind, name, model, sources)


def _vectors(bench: Bench, clip: str) -> Iterator[Result]:
    recordings = [*map(str, sorted(_SAMPLES.glob("*.mp4"))), *_named("LOOK_FILMS")]
    films = [*recordings, "--", *_named("HELD_BACK_FILMS")]
    for name, model in (
        ("embedded scorer", "embedded"),
        ("EfficientNet-Lite0, features", "features"),
        ("ViT-B/32, random weights", clip),
    ):
        out = bench.work("figures.json")
        out.unlink(missing_ok=True)
        peer = bench.python(name, "look_vectors", [str(out), model, *films])
        samples, remarks = paired([peer], 1, bench.say)
        found = json.loads(out.read_text()) if samples[name] else {}
        checks = [check for what in _WHAT for check in _bounds(what, found.get(what, {}))]
        checks += _prepared(found.get("prepared", {}))
        yield Result("looks", f"vectors of {name}", samples, remarks, checks)


def _named(variable: str) -> list[str]:
    """The paths that an environment variable names."""
    named = os.environ.get(variable, "").split(os.pathsep)
    return [str(Path(path).resolve()) for path in named if path]


def _bounds(what: str, found: Figures) -> Iterator[Check]:
    for effort in ("auto", "low"):
        rows = [kind[effort] for kind in found.values()]
        pictures, looks, under = (_sum(rows, key) for key in ("pictures", "looks", "under"))
        if not pictures:
            continue
        text = f"{what}, {effort}: pictures of which the vector's cosine is at least 0.98, share"
        yield Check(text, 1 - under / pictures, ">=", 0.99 if effort == "auto" else 0.9)
        yield Check(f"{what}, {effort}: pictures for each look", pictures / looks, ">=", 1)
    for kind, efforts in found.items():
        for effort in ("auto", "low"):
            one = efforts[effort]
            told = f"{one['looks']:g} looks at {one['pictures']:g} pictures"
            text = f"{kind}, {effort}: {told}; {one['under']:g} under 0.98; least cosine"
            yield Check(text, one["least"], ">=", -1)


def _sum(rows: Iterable[Mapping[str, Any]], key: str) -> float:
    return sum(row[key] for row in rows)


def _prepared(found: Mapping[str, Mapping[str, float]]) -> Iterator[Check]:
    """Pictures made from small planes, against whole RGB frames shrunk by Pillow."""
    for film, one in found.items():
        text = f"{film}: cosine to the vector of the network's own preparation, median"
        yield Check(text, one["middle"], ">=", 0.95)
        text = f"{film}: CPU ms a picture, {one['ms']:.1f} beside {one['theirs_ms']:.1f}: times"
        yield Check(text, one["theirs_ms"] / one["ms"], ">=", 1)


def _spared(bench: Bench, kind: str, name: str, model: str, sources: list[Path]) -> Result:
    """The stage `relevance` alone, as a whole process, by effort."""
    peers = []
    for effort in _EFFORTS:
        stage = f"relevance: {{prompts: [{_PROMPT}], model: '{model}', effort: {effort}}}"
        file = bench.pipeline(f"{kind}-{name[:3]}-{effort}", f"stages:\n  - {stage}\n")
        peers.append(bench.smartcut(effort, ["run", str(file), *map(str, sources)]))
    samples, remarks = paired(peers, bench.runs, bench.say)
    for peer in peers:
        if samples[peer.name]:
            lines = peer.log.read_text().splitlines()
            remarks[peer.name] = next((x for x in lines if "looked at" in x), "all looked at")
    checks = [
        Check(f"exact / {effort}, CPU", ratio(samples["exact"], samples[effort], "cpu_s"), ">=", 1)
        for effort in ("auto", "low")
    ]
    return Result("looks", f"relevance by {name}, {kind}", samples, remarks, checks)
