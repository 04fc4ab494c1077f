"""HDR metadata is carried over: encoders write it, or a note says that it is lost."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from smartcut.cache import Cache, key_of
from smartcut.cut import Cut
from smartcut.interchange.json import tells
from smartcut.media.hdr_metadata import WRITTEN, HdrMetadata, hdr_metadata
from smartcut.media.transfer_curves import curve
from smartcut.render.output import OutputPicture, recorded
from smartcut.source import Source

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex


class _Kept(TypedDict):
    """See HdrMetadata."""

    display: list[Fraction] | None
    light: tuple[int, int] | None


_is_kept = tells(_Kept)


def shown_metadata(
    cut: Cut, picture: OutputPicture, indexes: Mapping[str, VideoIndex], cache: Cache
) -> HdrMetadata:
    """What the source shown longest says, where the output is HDR as it is; decodes one picture."""
    main = recorded(cut)[0]
    if (
        main.video is None
        or main.made
        or "SDR" in (curve(main.video.colour), curve(picture.colour))
    ):
        return HdrMetadata()
    if curve(main.video.colour) != curve(picture.colour):
        return HdrMetadata()
    return _known(main, indexes[main.id], cache)


def _known(source: Source, index: VideoIndex, cache: Cache) -> HdrMetadata:
    """The source's metadata, looked up once."""
    stream = source.video.index if source.video else 0
    key = key_of("hdr-metadata", 1, {"source": source.digest, "stream": stream})
    kept = cache.load(key, _is_kept)
    if kept is None:
        found = hdr_metadata(source, index)
        display = None if found.display is None else [str(value) for value in found.display]
        kept = {"display": display, "light": found.light and list(found.light)}
        cache.store(key, kept)
    display, light = kept["display"], kept["light"]
    return HdrMetadata(
        None if display is None else tuple(Fraction(value) for value in display),
        None if light is None else (light[0], light[1]),
    )


def lost_metadata(picture: OutputPicture, known: HdrMetadata) -> tuple[str, ...]:
    """A note where the codec has no place for what is known."""
    if not known or picture.codec in WRITTEN:
        return ()
    return (
        f"which display HDR was mastered on, and how bright it gets, is not written by "
        f"{picture.codec}; `codec: hevc` keeps it",
    )
