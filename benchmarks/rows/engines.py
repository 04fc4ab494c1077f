"""The image networks through their engines, beside torch as it is written."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from statistics import median
from typing import Any

from benchmarks.bench import Bench
from benchmarks.measure import Check, Peer, Result, Sample, paired, told

TITLE = "engines: looks of the image networks, one thread, batches as in a run"
#: By network: how many looks, and how many times as fast as torch they have to be.
NETWORKS = {
    "ViT-B-32": (48, 1.5),
    "efficientnet": (160, 1.5),
    "transnet": (4, 1.5),
    "centerface": (64, 1.5),
}
WISHES = ("torch", "onnxruntime", "auto")
#: What smartcut does not use, for the networks that it exports; once, beside the turns.
OTHERS = ("openvino-fp32", "openvino-bf16", "torch-compile")


def run(bench: Bench) -> Iterator[Result]:
    """Each network in turn; the first, unmeasured turn chooses the engines."""
    checkpoint = bench.work("ViT-B-32.pt")
    if not checkpoint.is_file():
        command = ["-m", "benchmarks.films.clip_weights", "ViT-B-32", str(checkpoint)]
        subprocess.run([sys.executable, *command], check=True)
    for name, (count, bound) in NETWORKS.items():
        asked = f"{name}:{checkpoint}" if name.startswith("ViT") else name
        peers = [_peer(bench, wish, asked, count) for wish in WISHES]
        samples, figures = told(peers, bench.runs, bench.say)
        if name != "centerface":
            samples |= _others(bench, asked, count, figures)
        remarks = {wish: _said(rows) for wish, rows in figures.items() if rows}
        turns = zip(figures["torch"], figures["auto"], strict=False)
        ratios = [usual["look_cpu_ms"] / fast["look_cpu_ms"] for usual, fast in turns]
        text = "looks for each second of processor time, auto / torch"
        held = Check(text, median(ratios) if ratios else None, ">=", bound)
        yield Result("engines", name, samples, remarks, [held])


def _others(
    bench: Bench, asked: str, count: int, figures: dict[str, list[dict[str, float]]]
) -> dict[str, list[Sample]]:
    """The samples of libraries that are here; what they say is added to the figures."""
    kinds = [kind for kind in OTHERS if kind == "torch-compile" or find_spec("openvino")]
    peers = [bench.python(kind, "other_engine", [asked, kind, str(count)]) for kind in kinds]
    samples, failed = paired(peers, 1, bench.say)
    for peer in peers:
        if peer.name not in failed:
            figures[peer.name] = [json.loads(peer.log.read_text().splitlines()[-1])]
    return {name: found for name, found in samples.items() if name not in failed}


def _peer(bench: Bench, wish: str, asked: str, count: int) -> Peer:
    return bench.python(wish, "engine", [asked, wish, str(count)])


def _said(rows: list[dict[str, float]]) -> str:
    def middle(name: str) -> float:
        return median(row[name] for row in rows)

    return (
        f"{rows[0]['engine']}{_agreed(rows[0])}: {middle('look_cpu_ms'):.1f} ms of processor a "
        f"look; loaded in {middle('load_cpu_s'):.2f} s of it, {middle('load_wall_s'):.2f} s wall"
    )


def _agreed(row: dict[str, Any]) -> str:
    return f", {row['agreement']}" if row.get("agreement") else ""
