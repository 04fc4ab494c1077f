"""What a shell completes: choices of options, names of stages, and times of the file at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

Completions = list[tuple[str, str]]
"""Words, each with what it means."""

#: Parts of a file's length that are offered as times where its shots are not known.
_PARTS = 8
#: Times that are offered at most.
_MOST_TIMES = 40


def choices_of(words: Iterable[str]) -> Callable[[str], list[str]]:
    """Completes one of these words."""
    known = list(words)
    return lambda incomplete: [word for word in known if word.startswith(incomplete)]


def stage_names(incomplete: str) -> list[str]:
    """Completes the name of a stage."""
    from smartcut.stage import stage_modules

    return [name for name in stage_modules() if name.startswith(incomplete)]


def stage_commands(incomplete: str) -> list[Any]:
    """Completes a stage that is a command, as shells are given commands."""
    from smartcut.report.verbs import verb_of

    names = [name.replace("_", "-") for name in stage_names(incomplete.replace("-", "_"))]
    verbs = [verb for name in names if (verb := verb_of(name))]
    return [SimpleNamespace(value=verb.name, help=verb.does, type="plain") for verb in verbs]


def model_names(incomplete: str) -> list[str]:
    """Completes the name of a network whose weights can be fetched."""
    from smartcut.models.weights import status

    return [row["name"] for row in status() if row["name"].startswith(incomplete)]


def detectors(incomplete: str) -> list[str]:
    """Completes the name of a detector of shots."""
    from smartcut.registry import modules

    return [
        name for name in ("auto", *modules("smartcut.detectors")) if name.startswith(incomplete)
    ]


def times(ctx: Any, incomplete: str) -> Completions:
    """Completes a time of the file in the command: its shots, or parts of its length."""
    return [(time, told) for time, told in _times(ctx) if time.startswith(incomplete)]


def ranges(ctx: Any, incomplete: str) -> Completions:
    """Completes ``IN-OUT``: the shots of the file, or what follows what was typed."""
    start, dash, end = incomplete.rpartition("-")
    if not dash:
        return [(f"{time}-", told) for time, told in times(ctx, incomplete)]
    found = times(ctx, end)
    return [(f"{start}-{time}", told) for time, told in found if _seconds(time) > _seconds(start)]


def _times(ctx: Any) -> Iterator[tuple[str, str]]:
    from smartcut.errors import SmartcutError

    path = next((p for p in _paths(ctx) if p.is_file()), None)
    if path is None:
        return
    try:
        yield from _of_file(path)
    except SmartcutError:
        return  # no media file: nothing is offered


def _of_file(path: Path) -> Iterator[tuple[str, str]]:
    from smartcut.cache import Cache
    from smartcut.media.probe import probe

    cache = Cache()
    source = probe(path, cache=cache)
    shots = _known_shots(source, cache)
    if shots:
        yield from ((f"{start:g}", f"shot {n}") for n, start in enumerate(shots[:_MOST_TIMES], 1))
    else:
        length = float(source.duration)
        for part in range(_PARTS):
            yield f"{length * part / _PARTS:.4g}", f"{100 * part / _PARTS:.0f} % of {length:.4g} s"
    yield f"{float(source.duration):g}", "the end"


def _known_shots(source: Any, cache: Any) -> list[float]:
    """Where shots begin, in seconds, where they were found before; else none."""
    from smartcut.annotation import Shots
    from smartcut.context import Stored
    from smartcut.stage import NotReady, find_stage

    if source.video is None:
        return []
    (analysis,) = find_stage("shots")().analyses()
    try:
        found = Stored(cache).result(analysis, source).data
    except NotReady:
        return []
    assert isinstance(found, Shots)
    return [round(float(shot.range.start), 3) for shot in found.shots]


def _paths(ctx: Any) -> Iterator[Path]:
    """What may be files in the words before the one that is completed."""
    for value in ctx.params.values():
        for item in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(item, Path):
                yield item
            elif isinstance(item, str):
                yield Path(item)
    yield from map(Path, ctx.args)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
