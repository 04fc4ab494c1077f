"""Two films to a reel: shots, words, relevance by CLIP, the best 20 s, rendered; beside a script.

Both sides have the same models and settings: PySceneDetect's adaptive detector and smartcut's,
faster-whisper with tiny.en, one picture a second through ViT-B/32 with the same random weights.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench
from benchmarks.films.material import films, random_clip
from benchmarks.measure import (
    Check,
    Peer,
    Result,
    Sample,
    paired,
    rank_correlation,
    ratio,
    run_once,
)
from smartcut.usable import usable_cores

TITLE = "whole-job: two films to a reel of 20 s"
MINE, SCRIPT = "smartcut", "script"
PROMPT = "somebody explains something"
_SECONDS = 20
#: What smartcut does for each part of the script, as the stages of a pipeline.
_PARTS = {
    "shots": ("shots",),
    "speech": ("transcribe",),
    "relevance": ("relevance",),
    "render": ("shots", "transcribe", "relevance", "highlights", "render"),
}
_BOUNDS = {"talk": 3, "action": 2}

Report = Mapping[str, Sequence[float]]


def run(bench: Bench) -> Iterator[Result]:
    """102 s of each kind; action in a third of the turns, as its parts are the same."""
    yield from of_kind(bench, "talk", 16 if bench.quick else 102)
    if not bench.quick:
        yield from of_kind(replace(bench, runs=max(1, bench.runs // 3)), "action", 102)


def of_kind(bench: Bench, kind: str, seconds: float) -> Iterator[Result]:
    """The whole job, then its parts; nothing where there is no voice or no Whisper."""
    from smartcut.errors import MissingExtra, ModelError
    from smartcut.models import weights

    bench = replace(bench, part=f"whole-job-{kind}-{seconds:g}s")
    whisper = weights.find("whisper-tiny.en")
    try:
        sources, clip = films(bench, kind, seconds), random_clip(bench)
    except (ModelError, MissingExtra) as error:
        print(f"whole-job: no voice on this machine, so no talk: {error}", file=sys.stderr)
        return
    if whisper is None:
        print("whole-job: smartcut models pull whisper-tiny.en", file=sys.stderr)
        return
    case = f"{kind}, {seconds:g} s of video"
    whole, reports = _whole(bench, case, _BOUNDS[kind], sources, clip, whisper)
    yield whole
    parts = _parts(bench, case, sources, clip, reports)
    parts.checks.append(_agreement(bench, sources, clip))
    yield parts


def _whole(
    bench: Bench, case: str, bound: float, sources: Sequence[Path], clip: Path, whisper: Path
) -> tuple[Result, list[Report]]:
    """The result, and what the script says of its parts in each turn."""
    reports: list[Report] = []
    report = bench.work("script.json")

    def collect() -> None:
        if report.exists():
            reports.append(json.loads(report.read_text())["parts"])
            report.unlink()

    report.unlink(missing_ok=True)
    settings = [str(clip), str(whisper), str(bench.work("script.mp4")), str(report)]
    arguments = [*settings, str(_SECONDS), PROMPT, *map(str, sources)]
    script = replace(bench.python(SCRIPT, "whole_job", arguments), before=collect)
    mine = smartcut_of(bench, MINE, sources, clip)
    samples, remarks = paired([mine, script], bench.runs, bench.say)
    collect()
    if reports:
        remarks[SCRIPT] = ", ".join(f"{n} {_middle(reports, n):.1f}" for n in _PARTS) + " CPU s"
    checks = [
        Check(
            f"{SCRIPT} / {MINE}, CPU", ratio(samples[SCRIPT], samples[MINE], "cpu_s"), ">=", bound
        ),
        Check(f"{MINE}: CPU / (wall x cores)", _busy(samples[MINE]), ">=", 0.9),
    ]
    return Result("whole-job", case, samples, remarks, checks), reports


def _parts(
    bench: Bench, case: str, sources: Sequence[Path], clip: Path, reports: Sequence[Report]
) -> Result:
    """Each part by itself; they share a cache, so that the render finds what was analysed."""
    peers = {
        name: _smartcut(bench, f"smartcut, {name}", stages, sources, clip, cold=name == "shots")
        for name, stages in _PARTS.items()
    }
    samples, remarks = paired(list(peers.values()), 1, bench.say)
    for name, peer in peers.items():
        if samples[peer.name] and reports:
            theirs, ours = _middle(reports, name), samples[peer.name][0].cpu_s
            remarks[peer.name] = f"script {theirs:.1f} CPU s: {theirs / ours:.2f}x"
    return Result("whole-job", f"{case}, part by part", samples, remarks)


def _smartcut(
    bench: Bench,
    name: str,
    stages: Sequence[str],
    sources: Sequence[Path],
    clip: Path,
    *,
    cold: bool = True,
) -> Peer:
    settings = {
        "shots": "{detector: adaptive}",
        "transcribe": "{model: tiny.en, language: en}",
        "relevance": f"{{prompts: [{PROMPT}], model: 'ViT-B-32:{clip}', rate: 1}}",
        "highlights": f"{{duration: {_SECONDS}s, weights: {{relevance: 2, speech: 1}}}}",
    }
    lines = [f"  - {stage}: {settings.get(stage, '{}')}" for stage in stages]
    file = bench.pipeline(name.replace(", ", "-"), "\n".join(["stages:", *lines, ""]))
    output = ["-o", str(bench.work("reel.mp4"))] if "render" in stages else []
    arguments = ["run", str(file), *map(str, sources), *output]
    return bench.smartcut(name, arguments, cold=cold, cache=None if name == MINE else "parts")


def smartcut_of(bench: Bench, name: str, sources: Sequence[Path], clip: Path) -> Peer:
    """The whole job by smartcut, from an empty cache of that name."""
    return _smartcut(bench, name, _PARTS["render"], sources, clip)


def _agreement(bench: Bench, sources: Sequence[Path], clip: Path) -> Check:
    """How alike the pictures' relevance ranks when some get an earlier one's vector, and when none.

    The lowest correlation of the films.
    """
    found = {}
    for effort in ("auto", "exact"):
        out = bench.work(f"relevance-{effort}.json")
        arguments = [f"ViT-B-32:{clip}", PROMPT, str(out), effort, *map(str, sources)]
        peer = bench.python(f"relevance, {effort}", "relevance_signal", arguments)
        cache = str(bench.work("cache-parts/x").parent)
        run_once(replace(peer, environment={"SMARTCUT_CACHE": cache}))
        found[effort] = json.loads(out.read_text())
    alike = [rank_correlation(*pair) for pair in zip(*found.values(), strict=True)]
    return Check("rank correlation of relevance, auto with exact", min(alike), ">=", 0.98)


def _middle(reports: Sequence[Report], part: str) -> float:
    """The median of the script's processor seconds for a part."""
    return median(report[part][0] for report in reports)


def _busy(samples: Sequence[Sample]) -> float | None:
    """The median share of the cores' time that was used."""
    cores = usable_cores()
    return median(x.cpu_s / (x.wall_s * cores) for x in samples) if samples else None
