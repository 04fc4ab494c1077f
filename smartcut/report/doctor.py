"""What is installed, what can be computed on, what is missing, and what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from smartcut import collision
from smartcut.cache import Cache
from smartcut.errors import SmartcutError
from smartcut.report.tables import as_text
from smartcut.stage import loadable_stages

_PACKAGES = (
    "torch", "torchvision", "numpy", "opencv-python", "scenedetect", "open-clip-torch",
    "openai-whisper", "faster-whisper", "moviepy", "av", "pydantic", "pysubs2", "timm",
)  # fmt: skip


def examine() -> dict[str, Any]:
    """Findings as plain data; ``advice`` lists what to do."""
    advice = list(loadable_stages()[1])
    findings: dict[str, Any] = {
        "smartcut": f"{import_module('smartcut').__version__} at {Path(__file__).parents[1]}",
        "collisions": _collisions(advice),
        "environment": {k: v for k, v in sorted(os.environ.items()) if k.startswith("SMARTCUT_")},
        "python": f"{platform.python_version()} at {sys.executable}",
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": _packages(advice),
        "device": _device(advice),
        "media": _media(advice),
        "models": _models(advice),
        "engines": _engines(),
        "cache": _cache(advice),
    }
    findings["advice"] = advice
    return findings


def _collisions(advice: list[str]) -> list[str]:
    """Other packages that are imported under the same name."""
    if said := collision.message():
        advice.insert(0, said)
    return [f"smartcut {version} in {folder}" for folder, version in collision.others()]


def _packages(advice: list[str]) -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
            advice.append(f"{name} is not installed; run: pip install smartcut-pipelines")
    return found


def _device(advice: list[str]) -> dict[str, str]:
    from smartcut.models.device import choose_device
    from smartcut.models.torchvision_shim import ensure_torchvision

    whole = ensure_torchvision()
    return {
        "auto": choose_device("auto"),
        "torchvision": "whole" if whole else "built for another torch; its operators are declared",
    }


def _media(advice: list[str]) -> dict[str, Any]:
    from smartcut.media.codecs import encoders, ffmpeg_version

    found = encoders()
    missing = [codec for codec, name in found.items() if name is None]
    if missing:
        advice.append(f"this FFmpeg cannot encode {', '.join(missing)}: choose other codecs")
    return {"ffmpeg": ffmpeg_version(), "encoders": found}


def _models(advice: list[str]) -> list[dict[str, Any]]:
    from smartcut.models import clip
    from smartcut.models.weights import status

    rows = status()
    absent = [row["name"] for row in rows if row["state"] != "present"]
    if absent:
        advice.append(f"weights are missing; run: smartcut models pull {' '.join(absent)}")
    state = "absent"
    if clip.weights_file(clip.ClipName.parse(clip.DEFAULT)) is not None:
        state = "present"
    else:
        advice.append(
            f"CLIP ({clip.DEFAULT}) is not here: the embedded scorer serves; --allow-net fetches it"
        )
    row = {"name": f"open_clip {clip.DEFAULT}", "state": state, "purpose": "pictures and words"}
    return [*rows, {**row, "licence": "MIT", "from": "its hub"}]


def _engines() -> list[dict[str, str]]:
    """What networks were found to be fastest on, with the figures that decided it."""
    from smartcut.models.engines.prepared import kept_engines

    return [
        {
            "network": record.network,
            "engine": f"{record.library}, {record.precision}",
            "times torch": f"{record.speed:.2f}",
            "agreement": record.agreement,
        }
        for record in kept_engines()
    ]


def _cache(advice: list[str]) -> dict[str, Any]:
    try:
        cache = Cache()
    except SmartcutError as error:
        advice.append(str(error))
        return {"place": "cannot be used"}
    free = shutil.disk_usage(cache.root).free
    if free < 5e9:
        advice.append(f"only {free / 1e9:.1f} GB free at {cache.root}; run: smartcut cache prune")
    usage = cache.usage()
    return {
        "place": str(cache.root),
        "entries": usage.entries,
        "megabytes": round(usage.size / 1e6, 1),
        "free_gigabytes": round(free / 1e9, 1),
    }


def report(findings: dict[str, Any]) -> str:
    """The findings for reading."""
    media, device, cache = findings["media"], findings["device"], findings["cache"]
    lines = [
        f"smartcut {findings['smartcut']}",
        *(f"beside   {other}: it is imported by the same name" for other in findings["collisions"]),
        *(f"set      {name}={value}" for name, value in findings["environment"].items()),
        f"python   {findings['python']}, {findings['platform']}",
        f"device   {device['auto']}; torchvision {device['torchvision']}",
        f"media    {media['ffmpeg']}",
        "encoders " + ", ".join(f"{c} ({n or 'none'})" for c, n in media["encoders"].items()),
        "cache    " + ", ".join(f"{k} {v}" for k, v in cache.items()),
        "",
        as_text([{"package": k, "version": v} for k, v in findings["packages"].items()]),
        "",
        as_text([{k: row[k] for k in ("name", "state", "licence")} for row in findings["models"]]),
        "",
        *([as_text(findings["engines"]), ""] if findings["engines"] else []),
    ]
    lines += [f"to do: {item}" for item in findings["advice"]] or ["nothing to do"]
    return "\n".join(lines)
