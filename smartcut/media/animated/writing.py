"""Which function writes which kind of animation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING

from smartcut.errors import RenderError
from smartcut.media.animated import gif, png, webp
from smartcut.media.animated.shown import Animation, durations, on_grid
from smartcut.media.containers import Container

if TYPE_CHECKING:
    from smartcut.media.mux import Parts

#: By the muxer's name of the container.
WRITERS: Mapping[str, Callable[[IO[bytes], Animation], None]] = {
    "gif": gif.write,
    "apng": png.write,
    "webp": webp.write,
}


def join(path: Path, container: Container, parts: Parts) -> None:
    """Write the parts' pictures as an animation; raises RenderError."""
    counts = [0 if piece.ticks is None else len(piece.ticks) for piece in parts.video]
    ticks = [int(t) for piece in parts.video if piece.ticks is not None for t in piece.ticks]
    times = shown_times(ticks, parts.video[-1].end, parts.timebase, container)
    lasting = iter(durations(times))
    animation = Animation(
        [piece.path for piece in parts.video],
        [[next(lasting) for _ in range(count)] for count in counts],
        parts.loop,
        parts.metadata.get("comment", ""),
    )
    try:
        with path.open("wb") as file:
            WRITERS[container.muxer](file, animation)
    except (ValueError, IndexError, StopIteration) as error:
        raise RenderError(f"{path} cannot be joined: {error}") from error


def shown_times(
    ticks: Sequence[int], end: int, timebase: Fraction, container: Container
) -> list[Fraction]:
    """When pictures due at these ticks are shown, from the first on, and when the last one ends."""
    times = [(tick - ticks[0]) * timebase for tick in ticks]
    return on_grid(times, (end - ticks[0]) * timebase, container)
