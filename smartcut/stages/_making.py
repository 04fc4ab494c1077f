"""Which engine makes the frames between frames, as the parameters of an effect or a transition."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from smartcut.cut import Value, VideoStream
from smartcut.stage import Context

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

    ``pictures`` are to be made, of the size of the largest of ``videos``; ``file`` holds the
    user's own weights. Raises ModelError where a network is asked for whose weights are missing.
    """
    from smartcut.cache import file_sha256
    from smartcut.models import weights
    from smartcut.models.interpolation.choice import RIFE, choose
    from smartcut.render.interpolation import Making

    size = max((v.display_size for v in videos), key=lambda size: size[0] * size[1])
    choice = choose(
        "rife" if file else engine,
        None if quality == "auto" else quality,
        device=context.device,
        size=size,
        pictures=pictures,
    )
    digest = None
    if choice.engine == "rife" and file:
        digest = file_sha256(file)
    elif choice.engine == "rife":
        weights.path(RIFE, allow_net=context.allow_net)
        digest = weights.digest(RIFE)
    made = Making(choice.engine, choice.tier, digest, file, guard, cadence)
    return made.params(), choice.reason
