"""Tracks of pictures and sound, as other programs stack them, as a cut has them.

The lowest picture track is the programme. A track above it whose clips cover the frame hides what
is below and becomes one with it, so that its frames can be copied; one that lets something of it be
seen stays a track above it. Sound tracks that only repeat the programme's own sound are that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from smartcut.cut import Mix, Track
from smartcut.interchange.edits import Edit, from_edits, over
from smartcut.interchange.reading import Media, mirrors
from smartcut.source import Source

_CLEAR = re.compile(r"yuva|rgba|bgra|argb|abgr|gbrap|ya8|ya16|pal8")
#: Shapes of pictures that differ by less than this share are one.
_ALIKE = Fraction(1, 100)


def stacked(
    layers: Sequence[list[Edit]],
    sounds: Sequence[list[Edit]],
    mix: Mix,
    media: Media,
    is_all_heard: bool = False,
    gains: Sequence[float] = (),
) -> tuple[tuple[Track, ...], Mix]:
    """The tracks, the programme first, and the mix.

    ``is_all_heard`` says that nothing is heard but what a sound track has; ``gains`` are those of
    the sounds, in dB. Raises PipelineError where a clip lies outside its source.
    """
    find = media.sources.get
    pictures, above = raised(list(layers[0]) if layers else [], layers[1:], find)
    pictures, others, mix = with_own_sound(pictures, list(sounds), mix)
    loud = {id(edits): gain for edits, gain in zip(sounds, gains, strict=False)}
    own = [gain for key, gain in loud.items() if key not in {id(edits) for edits in others}]
    if is_all_heard and not sounds:
        mix = replace(mix, programme_gain=None)
    heard = [
        Track("music", from_edits(_unmoved(edits), find), loud.get(id(edits), 0.0))
        for edits in others
    ]
    programme = Track("programme", from_edits(pictures, find), next(iter(own), 0.0))
    return (programme, *above, *heard), mix


def _unmoved(edits: list[Edit]) -> list[Edit]:
    """The edits without what changes pictures."""
    return [replace(edit, segment=replace(edit.segment, effects=())) for edit in edits]


def raised(
    pictures: list[Edit],
    layers: Iterable[list[Edit]],
    find: Callable[[str], Source | None],
) -> tuple[list[Edit], list[Track]]:
    """The pictures with what hides them, and the tracks through which they are seen."""
    above: list[Track] = []
    for layer in layers:
        shapes = {_shape(find(e.source)) for e in (*pictures, *layer) if e.source}
        hides = not above and len(shapes) <= 1 and all(_covers(edit, find) for edit in layer)
        if hides:
            pictures = over(pictures, layer)
        elif any(edit.source for edit in layer):
            above.append(Track("overlay", from_edits(layer, find)))
    return pictures, above


def _covers(edit: Edit, find: Callable[[str], Source | None]) -> bool:
    source = find(edit.source) if edit.source else None
    if source is None or (source.video is None and not source.is_drawn):
        return True
    if source.video is None:
        return False
    return not edit.segment.effects and not _CLEAR.match(source.video.pixel_format)


def _shape(source: Source | None) -> int | None:
    """Width by height, in steps that count as different; None for what has no picture."""
    if source is None or source.video is None:
        return None
    width, height = source.video.display_size
    return round(Fraction(width, height) / _ALIKE)


def with_own_sound(
    pictures: list[Edit], sounds: list[list[Edit]], mix: Mix
) -> tuple[list[Edit], list[list[Edit]], Mix]:
    """The pictures, those without sound muted, and what sound there is besides their own."""
    found = [mirrors(edits, pictures) for edits in sounds]
    if all(heard is None for heard in found):
        return pictures, sounds, replace(mix, programme_gain=None) if sounds else mix
    together = {number for heard in found if heard for number in heard}
    pictures = [
        edit
        if number in together or edit.source is None
        else replace(edit, segment=replace(edit.segment, sound="muted"))
        for number, edit in enumerate(pictures)
    ]
    return pictures, [e for e, heard in zip(sounds, found, strict=True) if heard is None], mix
