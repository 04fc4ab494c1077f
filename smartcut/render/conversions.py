"""Which sources' light is converted to that of the output; tells, and converts nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from smartcut.cut import Cut
from smartcut.media.transfer_curves import are_alike, curve, primaries
from smartcut.render.output import Output, recorded
from smartcut.source import Colour


def conversions(cut: Cut, output: Output) -> Iterator[str]:
    """Which sources' light is converted to the output's, as notes; generated ones go without."""
    picture = output.picture
    for source in recorded(cut):
        if picture is None or source.video is None or source.made is not None:
            continue
        if not are_alike(source.video.colour, picture.colour):
            yield (
                f"{source.id} is {_told(source.video.colour)}, and converted to the output's "
                f"{_told(picture.colour)}; the white of SDR is at 203 cd/m2 (ITU-R BT.2408)"
            )


def _told(colour: Colour) -> str:
    names = {"bt709": "BT.709", "bt2020": "BT.2020", "smpte432": "P3", "smpte431": "P3"}
    return f"{curve(colour)} {names[primaries(colour)]}"
