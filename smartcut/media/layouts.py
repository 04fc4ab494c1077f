"""Layouts of channels, by FFmpeg's names: which channels they have, and which fit into which."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from av.audio.layout import AudioLayout

#: By the number of channels, where nothing says more: FFmpeg's own choice.
USUAL = {
    1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1",
}  # fmt: skip
# Surround channels at the side or at the back: with one pair alone, they are the same speakers.
_SIDES = {"SL": "BL", "SR": "BR"}


def layout_name(layout: int | str) -> str:
    """The layout, or the usual one of so many channels; unnamed ones where none is usual."""
    return USUAL.get(layout, f"{layout} channels") if isinstance(layout, int) else layout


@cache
def channel_count(layout: str) -> int:
    """How many channels a layout has; raises ValueError for a name that FFmpeg does not know."""
    return AudioLayout(layout).nb_channels


@cache
def known_layout(layout: str) -> str:
    """The layout, or the usual one of as many channels where the channels are not named."""
    return USUAL.get(channel_count(layout), layout) if layout.endswith(" channels") else layout


@cache
def speakers(layout: str) -> tuple[str, ...]:
    """The speakers of a layout's channels, in their order, by FFmpeg's names."""
    return tuple(channel.name for channel in AudioLayout(layout).channels)


@cache
def places(layout: str) -> frozenset[str]:
    """Which speakers a layout has; a lone pair of surround ones is at the back."""
    names = list(speakers(layout))
    if "BL" not in names:
        names = [_SIDES.get(name, name) for name in names]
    return frozenset(names)


def nearest_layout(layout: str, accepted: Sequence[str]) -> str:
    """The accepted layout with all channels of this one and the fewest more.

    Where none has all of them, the one with most channels among those that have no more.
    """
    if not accepted or layout in accepted:
        return layout
    whole = [name for name in accepted if places(layout) <= places(name)]
    if whole:
        return min(whole, key=channel_count)
    count = channel_count(layout)
    return max((n for n in accepted if channel_count(n) <= count), key=channel_count)


def keeps_channels(layout: str, other: str) -> bool:
    """Whether sound of the first layout loses nothing in the second."""
    return layout == other or places(layout) <= places(other)
