"""Which engine makes the frames between frames, as the parameters of an effect or a transition."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

from smartcut.models.interpolation import EngineName, Tier
from smartcut.source import Value, VideoStream
from smartcut.stage import Context, NotReady, Target
from smartcut.timebase import nearest
from smartcut.usable import usable_cores

MakingParams = tuple[tuple[str, Value], ...]


def making(
    context: Context,
    videos: Sequence[VideoStream],
    pictures: int,
    *,
    engine: Literal["auto", "rife", "flow", "blend", "minterpolate"] = "auto",
    quality: Literal["auto", "fast", "best"] = "auto",
    file: Path | None = None,
    guard: float = 0.0,
    cadence: bool = False,
) -> tuple[MakingParams, str]:
    """The parameters, and a sentence: what was chosen, why, and how long it will take.

    ``pictures`` are to be made, of the largest size that one of ``videos`` needs; ``file`` holds
    the user's own weights. Raises ModelError where a network is asked for whose weights are
    missing.
    """
    from smartcut.cache import file_sha256
    from smartcut.models import weights
    from smartcut.models.interpolation.choice import RIFE, choose
    from smartcut.render.interpolation import Making

    size = max((made_size(v, context.target) for v in videos), key=lambda size: size[0] * size[1])

    def measure(name: EngineName, tier: Tier | None) -> float | None:
        return _measured(context, name, tier, size, file)

    choice = choose(
        "rife" if file else engine,
        None if quality == "auto" else quality,
        device=context.device,
        size=size,
        pictures=pictures,
        measure=measure,
    )
    digest = None
    if choice.engine == "rife" and file:
        digest = file_sha256(file)
    elif choice.engine == "rife":
        weights.path(RIFE, allow_net=context.allow_net)
        digest = weights.digest(RIFE)
    made = Making(choice.engine, choice.tier, digest, file, guard, cadence)
    return made.params(), choice.reason


def made_size(video: VideoStream, target: Target) -> tuple[int, int]:
    """Width and height in which pictures are made: the source's, or the output's if smaller."""
    width, height = video.display_size
    scale = Fraction(1)
    if target.size:
        scale = min(Fraction(target.size[0], width), Fraction(target.size[1], height))
    elif target.short_side:
        scale = Fraction(target.short_side, min(width, height))
    scale = min(scale, Fraction(1))
    return max(1, nearest(width * scale)), max(1, nearest(height * scale))


def _measured(
    context: Context,
    engine: EngineName,
    tier: Tier | None,
    size: tuple[int, int],
    file: Path | None,
) -> float | None:
    """Seconds for one picture on this machine, measured once; None while planning, before that."""
    from smartcut.interchange.json import tells
    from smartcut.models import weights
    from smartcut.models.interpolation.choice import RIFE
    from smartcut.models.interpolation.timing import seconds_a_picture
    from smartcut.render.interpolation import FramesBetween

    if engine == "rife" and not file and weights.find(RIFE) is None and not context.allow_net:
        return None  # what to do about it is said where the weights are asked for

    def compute() -> float:
        context.progress.note(f"interpolate: measuring how long engine {engine} takes here")
        asked = FramesBetween(engine, "", engine, tier or "best", file)
        return seconds_a_picture(context.network(asked).loaded, size)

    machine = [platform.node(), platform.machine(), usable_cores(), context.device]
    inputs = {"engine": engine, "tier": tier, "size": list(size), "machine": machine}
    try:
        return context.memo("interpolation-speed", 1, inputs, compute, tells(float))
    except NotReady:
        return None
