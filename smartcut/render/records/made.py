"""Lists the generated parts of an output: which frames and samples, from what, by which engine.

Pure. One row for each stretch of frames made between others, for each segment that shows a made
source, for each stretch of sound that plays one, and for what sources say of themselves that was
made in them before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcut.algebra import shown_when
from smartcut.cut import Between, Cut
from smartcut.interchange.json import to_plain
from smartcut.render.job import Rendering
from smartcut.render.records.provenance import (
    Interval,
    MediaKind,
    between_type,
    joined,
    read_tag,
    source_type,
    tag_of,
)
from smartcut.render.splicing.spans import Span
from smartcut.source import Recipe, Source, Value
from smartcut.timebase import Range, exact, nearest

if TYPE_CHECKING:
    from smartcut.render.sound.clips import SoundClip

Records = Mapping[str, Mapping[str, Any]]
"""Which frames of spans were made between others, by the spans' keys; see Record.plain."""

# How :func:`track_clips` joins what it places; see smartcut.render.sound.clips.mix.
_CROSSFADE = Fraction(1, 50)
# Told elsewhere in a row, or of no meaning outside this machine.
_NOT_PARAMS = ("engine", "tier", "weights", "file", "take")


def generated(rendering: Rendering, records: Records) -> list[dict[str, Any]]:
    """A row for everything made, in order of time; times in decimal seconds.

    ``made`` counts frames. ``frames`` lists those made between others, under ``columns``; where it
    is empty, every frame from ``first`` on is made. Sound has none of these.
    """
    rows = [*_between(rendering, records), *_shown(rendering), *_told(rendering)]
    rows += _heard(rendering)
    return sorted(rows, key=lambda row: (row["start"], row["media"], row["end"]))


def intervals(rows: Iterable[Mapping[str, Any]]) -> tuple[Interval, ...]:
    """The rows of :func:`generated` in brief, those that follow each other without a gap as one."""
    return joined(
        Interval(
            Range(exact(row["start"]), exact(row["end"])),
            row["media"],
            row["kind"],
            PurePath(row["engine"] or "unknown").name,
            row["source_type"],
        )
        for row in rows
    )


def damaged_tags(cut: Cut) -> tuple[str, ...]:
    """What the user should know of sources whose tag cannot be read."""
    notes = []
    for source in cut.sources:
        try:
            read_tag(source.metadata)
        except ValueError as error:
            notes.append(f"{source.path.name}: {error}; what was made in it is not passed on")
    return tuple(notes)


def _row(
    where: Range, media: MediaKind, kind: str, engine: str | None, **rest: Any
) -> dict[str, Any]:
    """A row with all its keys, whatever it is of."""
    return {
        "start": round(float(where.start), 6),
        "end": round(float(where.end), 6),
        "media": media,
        "kind": kind,
        "engine": engine,
        "source_type": rest.get("source_type") or source_type(rest.get("sha256") is not None),
        "quality": rest.get("quality"),
        "model": rest.get("model"),
        "sha256": rest.get("sha256"),
        "seed": rest.get("seed"),
        "params": rest.get("params", {}),
        "sources": rest.get("sources", []),
        "after": rest.get("after"),
        "before": rest.get("before"),
        "told_by": rest.get("told_by"),
        "first": rest.get("first"),
        "made": rest.get("made"),
        "copied_because_still": rest.get("copied_because_still", 0),
        "held_because_unlike": rest.get("held_because_unlike", 0),
        "columns": ["frame", "before", "after", "step"],
        "frames": rest.get("frames", []),
    }


def _numbered(spans: Sequence[Span]) -> Iterator[tuple[int, Span]]:
    """Each span with the number, in the output, of its first frame."""
    first = 0
    for span in spans:
        yield first, span
        first += len(span.stretch)


# ------------------------------------------------------------------------------------ pictures


def _plain(between: Between | None) -> dict[str, Any]:
    """How frames are made, without the rate where none was asked for."""
    plain: dict[str, Any] = to_plain(between) if between else {}
    return {name: value for name, value in plain.items() if name != "rate" or value is not None}


def _between(rendering: Rendering, records: Records) -> Iterator[dict[str, Any]]:
    """Frames between frames, and of morphs: which, from what, and by what."""
    for first, span in _numbered(rendering.spans):
        record = records.get(span.key)
        if record is None:
            continue
        segments = [rendering.cut.segments[i] for i in span.segments]
        transition, between = span.stretch.transition, segments[0].between
        if transition is not None and span.stretch.makes_frames:
            making, kind = dict(transition.params), transition.kind
        else:
            making, kind = _plain(between), "interpolate"
        yield _row(
            span.range,
            "picture",
            kind,
            str(making.get("engine") or "unknown"),
            source_type=between_type(making.get("weights") is not None),
            quality=making.get("tier"),
            sha256=making.get("weights"),
            params={k: v for k, v in making.items() if k not in _NOT_PARAMS},
            sources=[segment.source for segment in segments],
            first=first,
            made=len(record["made"]),
            copied_because_still=record["still"],
            held_because_unlike=record["guarded"],
            frames=[[first + place, *rest] for place, *rest in record["made"]],
        )


def _shown(rendering: Rendering) -> Iterator[dict[str, Any]]:
    """Segments that show a made source."""
    for place, (first, where, frames) in _places(rendering.spans).items():
        segment = rendering.cut.segments[place]
        source = rendering.cut.source(segment.source) if segment.source else None
        if source is not None and source.made is not None and not source.is_drawn:
            yield _of_recipe(source, source.made, where, "picture", first=first, made=frames)


def _places(spans: Sequence[Span]) -> dict[int, tuple[int, Range, int]]:
    """For each segment shown: its first frame, when it is shown, and how many frames are.

    Segments that go on with one source without a break count as the first of them.
    """
    found: dict[int, tuple[int, Range, int]] = {}
    for first, span in _numbered(spans):
        for layer in span.stretch.layers:
            number, where, count = found.get(layer.segment, (first, span.range, 0))
            where = Range(where.start, span.range.end)
            found[layer.segment] = (number, where, count + len(span.stretch))
    return found


def _of_recipe(
    source: Source, recipe: Recipe, where: Range, media: MediaKind, **rest: Any
) -> dict[str, Any]:
    return _row(
        where,
        media,
        recipe.kind,
        recipe.engine,
        model=_unplaced(recipe.model),
        sha256=recipe.weights,
        seed=recipe.seed,
        params={name: _unplaced(value) for name, value in recipe.params},
        sources=[source.id],
        after=_neighbour(recipe.after),
        before=_neighbour(recipe.before),
        source_type=source_type(bool(recipe.weights or recipe.model)),
        **rest,
    )


def _unplaced(value: Value) -> Value:
    """Of a path its last part: the same is made wherever the file lies."""
    is_path = isinstance(value, str) and PurePath(value).is_absolute() and "\n" not in value
    return PurePath(str(value)).name if is_path else value


def _neighbour(frame: tuple[str, Fraction] | None) -> dict[str, Any] | None:
    return None if frame is None else {"source": frame[0], "time": round(float(frame[1]), 6)}


def _told(rendering: Rendering) -> Iterator[dict[str, Any]]:
    """What the tags of sources say of the frames that are shown of them."""
    picture = rendering.output.picture
    if picture is None:
        return
    pts = np.concatenate([span.stretch.pts for span in rendering.spans])
    for segment, lies in rendering.cut.programme.placed():
        source = rendering.cut.source(segment.source) if segment.source else None
        tag = tag_of(source) if source else None
        for item in tag.intervals if tag else ():
            seen = item.range.intersect(segment.range) if item.media == "picture" else None
            if seen is None or source is None:
                continue
            for where in shown_when(segment, lies, seen):
                ticks = [nearest(t / picture.timebase) for t in (where.start, where.end)]
                first, last = np.searchsorted(pts, ticks).tolist()
                if last > first:
                    yield _of_tag(source, item, where, first=first, made=last - first)


def _of_tag(source: Source, item: Interval, where: Range, **rest: Any) -> dict[str, Any]:
    return _row(
        where,
        item.media,
        item.kind,
        item.engine,
        source_type=item.source_type,
        sources=[source.id],
        told_by="the source's own tag",
        **rest,
    )


# --------------------------------------------------------------------------------------- sound


def _heard(rendering: Rendering) -> Iterator[dict[str, Any]]:
    """Stretches of sound that play a made source, or what sources say was made in them."""
    for source, where, seen in _playing(rendering):
        if source.made is not None:
            yield _of_recipe(source, source.made, where, "sound")
            continue
        tag = tag_of(source)
        for item in tag.intervals if tag else ():
            part = item.range.intersect(seen) if item.media == "sound" else None
            if part is not None and seen.duration:
                pace = where.duration / seen.duration
                ends = (where.start + (t - seen.start) * pace for t in (part.start, part.end))
                yield _of_tag(source, item, Range(*ends))


def _playing(rendering: Rendering) -> Iterator[tuple[Source, Range, Range]]:
    """(source, when it is heard, what of it), those that go on where the one before ended as one.

    Only sources that were made, or say that parts of them were.
    """
    if not rendering.sounds:
        return
    main = rendering.sounds[0]
    if main.passed:
        source, ranges = main.passed
        at = Fraction(0)
        for heard in ranges:
            yield source, Range(at, at + heard.duration), heard
            at += heard.duration
        return
    from smartcut.render.sound.clips import programme_clips, track_clips

    cut, rate = main.track.cut, main.sound.rate
    total = nearest(rendering.duration * rate)
    if cut.mix.programme_gain is not None:
        yield from _clips(programme_clips(cut, rate), total, rate)
    for track in cut.sounds:
        yield from _clips(track_clips(cut, track, total, rate, _CROSSFADE), total, rate)


def _clips(
    clips: Sequence[SoundClip], total: int, rate: int
) -> Iterator[tuple[Source, Range, Range]]:
    waiting: tuple[Source, Range, Range] | None = None
    for clip in clips:
        start, end = max(clip.start, 0), min(clip.end, total)
        if end <= start:
            continue
        where = Range(Fraction(start, rate), Fraction(end, rate))
        heard = replace(clip, end=end).heard(rate)
        again = waiting and waiting[0].made and waiting[0] is clip.source
        if waiting and again and where.start <= waiting[1].end:  # music that starts again
            waiting = (clip.source, Range(waiting[1].start, where.end), heard)
            continue
        if waiting:
            yield waiting
        waiting = (clip.source, where, heard)
    if waiting:
        yield waiting
