"""Results as a table for people and as JSON for machines."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.measure import Check, Result, Sample, extent, middle, ratio

LIBRARIES = (
    "smartcut-pipelines",
    "av",
    "imageio-ffmpeg",
    "moviepy",
    "numpy",
    "opencv-python",
    "pillow",
    "scenedetect",
    "torch",
)


def table(result: Result, title: str) -> str:
    """The result as text: one line for each peer, then the checks.

    The last figure of a line is how many times the first peer's wall time it took, and in brackets
    how many times its processor time.
    """
    lines = [f"{title}: {result.case}" if result.case else title]
    lines.append(f"  {'':<30}{'wall s':>9}{'min..max':>16}{'CPU s':>9}{'peak MB':>9}{'times':>17}")
    first = next(iter(result.samples.values()))
    for name, samples in result.samples.items():
        remark = result.remarks.get(name, "")
        lines.append(f"  {name:<30}{_figures(samples, first)}" + (f"  {remark}" if remark else ""))
    lines.extend(f"  {check_line(check)}" for check in result.checks)
    return "\n".join(lines)


def _figures(samples: Sequence[Sample], first: Sequence[Sample]) -> str:
    if not samples:
        return f"{'-':>9}{'-':>16}{'-':>9}{'-':>9}{'-':>17}"
    low, high = extent(samples) or (0.0, 0.0)
    spread = f"{low:.2f}..{high:.2f}"
    wall, cpu = ratio(samples, first), ratio(samples, first, "cpu_s")
    times = f"{_short(wall)} ({_short(cpu)})"
    return (
        f"{middle(samples):>9.2f}{spread:>16}{middle(samples, 'cpu_s'):>9.2f}"
        f"{middle(samples, 'peak_mb'):>9.0f}{times:>17}"
    )


def check_line(check: Check) -> str:
    """The check as one line: its verdict, what it is about, its figure and its bound."""
    figure = "-" if check.figure is None else _short(check.figure)
    bound = f"(must be {check.relation} {check.bound:g})"
    return f"{check.verdict + ':':<14} {check.text}: {figure} {bound}"


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def summary(results: Iterable[Result]) -> str:
    """All checks of all results, and how many held."""
    checks = [(f"{r.row} {r.case}".strip(), c) for r in results for c in r.checks]
    held = sum(c.verdict == "held" for _, c in checks)
    lines = [f"{check_line(c)}  [{where}]" for where, c in checks]
    return "\n".join([f"{held} of {len(checks)} checks held", *lines])


def as_json(
    results: Sequence[Result], settings: Mapping[str, Any], machine: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything: machine, versions, settings, and every sample."""
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": dict(settings),
        "machine": dict(machine),
        "results": [_plain(result) for result in results],
    }


def _plain(result: Result) -> dict[str, Any]:
    first = next(iter(result.samples.values()))
    peers = {}
    for name, samples in result.samples.items():
        peers[name] = {
            "median_wall_s": middle(samples),
            "median_cpu_s": middle(samples, "cpu_s"),
            "median_peak_mb": middle(samples, "peak_mb"),
            "wall_over_first": ratio(samples, first),
            "cpu_over_first": ratio(samples, first, "cpu_s"),
            "remark": result.remarks.get(name, ""),
            "samples": [
                {"wall_s": x.wall_s, "cpu_s": x.cpu_s, "peak_mb": x.peak_mb} for x in samples
            ],
        }
    checks = [
        {
            "text": c.text,
            "figure": c.figure,
            "relation": c.relation,
            "bound": c.bound,
            "verdict": c.verdict,
        }
        for c in result.checks
    ]
    return {"row": result.row, "case": result.case, "peers": peers, "checks": checks}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write it under its final name only when complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"partial-{path.name}")
    partial.write_text(json.dumps(content, indent=1) + "\n")
    partial.replace(path)


def machine(ffmpeg: str) -> dict[str, Any]:
    """Processor, memory, system, and the versions of all that is measured."""
    first_line = subprocess.check_output([ffmpeg, "-version"], text=True).splitlines()[0]
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load_before": [round(x, 2) for x in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "ffmpeg": first_line,
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
