"""What is said, before work begins, of sources that differ in shape, size, codec or colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from smartcut.source import Source, VideoStream

Shown = Sequence[tuple[Source, VideoStream]]
"""Sources with their pictures, the one first that the output is made like."""

_FITTED: dict[str, str] = {
    "pad": "what has another shape is shown whole, with black bars",
    "blur": "what has another shape is shown whole, with itself, blurred, in place of bars",
    "crop": "what has another shape fills the picture and loses its edges",
    "stretch": "what has another shape is stretched",
}


def of_sizes(shown: Shown, size: tuple[int, int], fit: str) -> Iterator[str]:
    """What becomes of sizes that differ; nothing where all are alike."""
    sizes = {video.display_size for _, video in shown}
    if len(sizes) < 2:
        return
    shapes = dict.fromkeys(_shape(video.display_size) for _, video in shown)
    kinds = " and ".join(shapes) if len(shapes) > 1 else "different sizes"
    yield (
        f"{kinds} ({_told(shown, lambda v: '{}x{}'.format(*v.display_size))}): the output is "
        f"{_shape(size)}, {size[0]}x{size[1]}, {_because(shown)}; {_FITTED[fit]}; set "
        f"render.resolution and render.fit to choose (--resolution, --fit)"
    )


def of_codecs(shown: Shown, codec: str) -> Iterator[str]:
    """What becomes of codecs that differ; nothing where all are alike."""
    if len({video.codec for _, video in shown}) > 1:
        yield (
            f"different codecs ({_told(shown, lambda v: v.codec)}): the output is {codec}, "
            f"{_because(shown)}; the others are encoded again; set render.codec to choose (--codec)"
        )


def of_rates(shown: Shown, rate: Fraction) -> str:
    """What becomes of frame rates that differ, or vary in some sources, or in one."""
    told = _told(shown, lambda v: f"{float(v.rate):.5g}{' varying' if v.is_vfr else ''}")
    several = len({video.rate for _, video in shown}) > 1
    kinds = "different frame rates" if several else "frame times that vary, or frames missing"
    return (
        f"{kinds} ({told}): the output has {float(rate):.5g} frames a second, "
        f"{_because(shown)}; set render.fps to choose (--fps)"
    )


def _told(shown: Shown, said: Callable[[VideoStream], str]) -> str:
    """Each value with the names of its sources, at most three of them."""
    found: dict[str, list[str]] = {}
    for source, video in shown:
        found.setdefault(said(video), []).append(source.id)
    return "; ".join(f"{', '.join(_few(names))} {value}" for value, names in found.items())


def _few(names: Sequence[str]) -> Sequence[str]:
    return names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} more"]


def _because(shown: Shown) -> str:
    return f"because {shown[0][0].id} is shown longest, or first of those shown as long"


def _shape(size: tuple[int, int]) -> str:
    width, height = size
    return "square" if width == height else "landscape" if width > height else "portrait"
