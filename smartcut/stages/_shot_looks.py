"""Vectors of pictures at intervals, once the shots are known: of each, one picture is looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from smartcut.annotation import Annotation, Features, Shots
from smartcut.errors import ModelError
from smartcut.models.near_repeats import Effort
from smartcut.source import Source
from smartcut.stage import Context
from smartcut.stages._picture_vectors import PictureFeatures

_VERSION = 1


def with_each_shot(
    found: Annotation,
    analysis: PictureFeatures,
    shots: Shots | None,
    source: Source,
    context: Context,
) -> Annotation:
    """The Features that ``analysis`` found, where a picture of every shot was looked at.

    Shots can begin with a picture that is nearly one before them. Where none of such a shot was
    looked at, its first one gets its own vector.
    """
    features = found.data
    assert isinstance(features, Features)
    places = list(_left_out(features, shots)) if shots else []
    if not places:
        return found
    only = tuple(features.pts[place] for place in places)
    alone = analysis.model_copy(update={"effort": "exact", "only": only})
    extra = context.result(alone, source).data
    assert isinstance(extra, Features)
    array = context.memo(
        "shot-looks",
        _VERSION,
        {
            "source": str(source.path),
            "features": features.array,
            "extra": extra.array,
            "at": places,
        },
        lambda: _joined(features, extra, places, context),
        lambda key: isinstance(key, str) and context.cache.load_array(key, mapped=True) is not None,
    )
    looked_at = tuple(sorted({*(features.looked_at or ()), *places}))
    engines = " and ".join(dict.fromkeys(e for e in (features.engine, extra.engine) if e))
    whole = replace(features, array=array, looked_at=looked_at, engine=engines)
    return replace(found, data=whole)


def _left_out(features: Features, shots: Shots) -> Iterator[int]:
    """The first place of each shot of which no picture was looked at, but some were taken."""
    looked_at = features.looked_at
    if looked_at is None:
        return
    for shot in shots.shots:
        first, end = (
            bisect_left(features.pts, time / features.timebase)
            for time in (shot.range.start, shot.range.end)
        )
        if first < end and bisect_left(looked_at, first) == bisect_left(looked_at, end):
            yield first


def _joined(features: Features, extra: Features, places: list[int], context: Context) -> str:
    """The cache key of the vectors, with those of ``extra`` in their places."""
    all_of_them = context.cache.load_array(features.array)
    own = context.cache.load_array(extra.array)
    if all_of_them is None or own is None:
        raise ModelError("the picture features vanished from the cache; run again")
    rows = all_of_them.copy()
    rows[places] = own
    return context.cache.store_array(rows)


def looks_note(found: Sequence[Annotation], effort: Effort) -> str | None:
    """In words: how many of the sources' pictures were looked at, where not all of them were."""
    kinds = [one.data for one in found if isinstance(one.data, Features)]
    pictures = sum(len(one.pts) for one in kinds)
    looks = sum(len(one.pts if one.looked_at is None else one.looked_at) for one in kinds)
    if looks == pictures:
        return None
    return (
        f"relevance looked at {looks} of {pictures} pictures: {pictures - looks} are nearly the "
        f"same as one of these, and have its vector (effort: {effort})"
    )
