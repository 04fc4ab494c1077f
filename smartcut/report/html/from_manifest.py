"""A manifest read again: the timeline that was rendered, and how each part of it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from smartcut.annotation import Annotation
from smartcut.cut import Cut, Effect, Segment, Track, Transition
from smartcut.effect import find_effect, to_effect
from smartcut.errors import PipelineError, SourceError
from smartcut.render.records.manifest import read_manifest
from smartcut.report.html.facts import (
    GeneratedPart,
    Writing,
    WrittenSound,
    WrittenSpan,
    WrittenVerdict,
)
from smartcut.source import Recipe, Source
from smartcut.timebase import Range, exact
from smartcut.warp import Warp

_KEYS = ("output", "inputs", "timeline", "intervals", "generated")


def is_manifest(path: Path) -> bool:
    """Whether a file holds what a render says of itself, by what is in it."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    try:
        whole_manifest(path)
    except SourceError:
        return False
    return True


def whole_manifest(path: Path) -> dict[str, Any]:
    """The manifest in a file, with all that a cut is told by; raises SourceError."""
    try:
        plain = read_manifest(path)
        if lacking := [key for key in _KEYS if key not in plain]:
            raise ValueError(f"it lacks {', '.join(lacking)}")
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"{path} cannot be read as a manifest: {error}") from error
    return plain


def told(plain: Mapping[str, Any], known: Cut | None, path: Path) -> tuple[Cut, Writing]:
    """The cut that was rendered, and how; raises SourceError for what is no manifest.

    ``known`` is the cut as the run had it: its annotations and sources are taken where they are of
    the same media. Without it a source is what the manifest says: a name, a digest, a length.
    """
    try:
        sources = tuple(_source(row, known) for row in plain["inputs"])
        tracks = tuple(_track(number, row) for number, row in enumerate(plain["timeline"]))
        cut = Cut(sources=sources, tracks=tracks, annotations=tuple(_annotations(sources, known)))
        settings = plain.get("settings") or {}
        writing = Writing(
            output=str(plain["output"]),
            version=str(plain.get("smartcut", "")),
            picture=_picture(settings.get("picture") or {}),
            spans=tuple(_span(row) for row in plain["intervals"]),
            sounds=tuple(_sound(row) for row in settings.get("sounds") or ()),
            generated=tuple(_generated(row) for row in plain["generated"]),
            verdicts=tuple(map(_verdict, (plain.get("expect") or {}).get("verdicts", ()))),
        )
        list(cut.programme.placed())
    except (
        ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError, AssertionError
    ) as error:  # fmt: skip
        raise SourceError(f"{path} cannot be read as a manifest: {error!r}") from error
    return cut, writing


def _source(row: Mapping[str, Any], known: Cut | None) -> Source:
    """The source as the run knew it, or what the manifest says of it."""
    digest = str(row["sha256"] or row["made"] or "")
    for source in known.sources if known else ():
        if (source.id, source.digest) == (row["id"], digest):
            return source
    path = Path(str(row["path"] or row["id"]))
    made = None if row["path"] else Recipe(kind="made", engine="")
    return Source(
        id=str(row["id"]), path=path, digest=digest, format=path.suffix.lstrip(".") or "made",
        origin=Fraction(0), duration=exact(row["duration"]), made=made,
    )  # fmt: skip


def _annotations(sources: tuple[Source, ...], known: Cut | None) -> Iterator[Annotation]:
    """What is known of the sources that are still the same."""
    ids = {source.id for source in sources if known and source in known.sources}
    for annotation in known.annotations if known else ():
        if annotation.source in ids:
            yield annotation


def _track(number: int, row: Mapping[str, Any]) -> Track:
    segments: list[Segment] = []
    end = Fraction(0)
    for one in row["segments"]:
        start = exact(one["exact"][2])
        segment = _segment(one, max(end - start, Fraction(0)))
        segments.append(segment if number == 0 else replace(segment, at=start))
        end = start + segment.duration
    return Track(str(row["role"]), tuple(segments), gain=float(row["gain"]), kind=row["kind"])


def _segment(row: Mapping[str, Any], overlap: Fraction) -> Segment:
    """A segment that overlaps the one before it by so many seconds, where there is a transition."""
    warp = None
    if row.get("warp"):
        warp = Warp(tuple((exact(t), exact(s)) for t, s in row["warp"]))
    return Segment(
        source=row["source"],
        range=Range(exact(row["exact"][0]), exact(row["exact"][1])),
        speed=exact(row["speed"]),
        effects=tuple(_effect(one) for one in row["effects"]),
        transition=Transition(str(row["transition"]), overlap) if row["transition"] else None,
        label=str(row["label"]),
        scores=tuple((str(name), float(value)) for name, value in row["scores"].items()),
        warp=warp,
    )


def _effect(row: Mapping[str, Any]) -> Effect:
    """As it was; by its name alone where it is a plug-in's that is not here."""
    params = {key: value for key, value in row.items() if key not in ("name", "during")}
    given = row.get("during")
    during = _times(given) if given else None
    try:
        return to_effect(find_effect(str(row["name"])).model_validate(params), during)
    except (PipelineError, ValidationError):
        return Effect(str(row["name"]), (("use", str(row["use"])),) if "use" in row else ())


def _times(row: Mapping[str, Any]) -> Range:
    return Range(exact(row["start"]), exact(row["end"]))


def _span(row: Mapping[str, Any]) -> WrittenSpan:
    return WrittenSpan(_times(row), int(row["frames"]), str(row["how"]), str(row["reason"]))


def _picture(row: Mapping[str, Any]) -> str:
    """Size, rate and codec; nothing of a file without pictures."""
    if not row:
        return ""
    rate = f", {float(exact(row['rate'])):.6g} fps" if row.get("rate") else ""
    return f"{row['width']} × {row['height']}{rate}, {row['codec']}"


def _sound(row: Mapping[str, Any]) -> WrittenSound:
    name = " ".join(str(row[key]) for key in ("title", "language") if row.get(key))
    codec = ", ".join(str(row[key]) for key in ("codec", "layout", "rate") if row.get(key))
    return WrittenSound(name, codec, str(row.get("how", "")), str(row.get("reason", "")))


def _verdict(row: Mapping[str, Any]) -> WrittenVerdict:
    misses = tuple(
        (None if miss["start"] is None else Fraction(str(miss["start"])), str(miss["reason"]))
        for miss in row["misses"]
    )
    name, state, wanted, measured = (
        str(row[key]) for key in ("name", "state", "wanted", "measured")
    )
    return WrittenVerdict(name, state, wanted, measured, misses)


def _generated(row: Mapping[str, Any]) -> GeneratedPart:
    engine = " ".join(str(row[key]) for key in ("engine", "quality", "model") if row.get(key))
    params = ", ".join(f"{key}: {value}" for key, value in (row.get("params") or {}).items())
    return GeneratedPart(
        _times(row), str(row["media"]), str(row["kind"]), engine, str(row["source_type"]), params
    )
