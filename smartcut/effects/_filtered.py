"""Work of sound effects by FFmpeg's filters, whose options follow the effect's numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from smartcut.sound_effect import SoundBench, SoundBlock, SoundWork

if TYPE_CHECKING:
    import numpy as np

Chain = list[tuple[str, dict[str, str]]]

# Of the two parts of a fourth-order Butterworth filter.
_QUALITIES = {12: (0.7071,), 24: (0.5412, 1.3066)}


def filtered(bench: SoundBench, chain: Callable[[Any], Chain]) -> SoundWork:
    """The filters of ``chain``, which is asked for the numbers at the beginning of each block."""
    from smartcut.media.sound_filters import SoundFilters

    made: SoundFilters | None = None

    def work(block: SoundBlock) -> np.ndarray:
        nonlocal made
        wanted = chain(block.first)
        if made is None:
            made = SoundFilters(bench.rate, bench.layout, wanted)
        made.change([options for _, options in wanted])
        return made(block.values)

    return work


def biquad(name: str, frequency: float, **options: str) -> tuple[str, dict[str, str]]:
    """One of FFmpeg's filters of second order, in double precision."""
    return name, {"frequency": f"{frequency:.3f}", "precision": "f64", **options}


def butterworth(name: str, frequency: float, slope: int) -> Chain:
    """``highpass`` or ``lowpass``, as flat as can be up to the frequency; dB an octave."""
    return [biquad(name, frequency, width_type="q", width=f"{q}") for q in _QUALITIES[slope]]
