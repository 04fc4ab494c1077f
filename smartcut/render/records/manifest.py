"""Where everything in an output came from, as JSON beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from smartcut.algebra import texts_shown
from smartcut.cache import canonical, file_sha256
from smartcut.cut import Cut, Effect, Segment
from smartcut.files import write_text
from smartcut.interchange.json import to_plain
from smartcut.render.job import Rendering
from smartcut.render.records.made import generated
from smartcut.render.records.spoken import spoken_rows
from smartcut.render.sound.plan import SoundPlan
from smartcut.render.splicing.spans import Span
from smartcut.source import Source
from smartcut.timebase import Range
from smartcut.version import __version__

# A manifest of a long film has some megabytes.
_MOST_BYTES = 1 << 30
# What the file's own tag answers for.
_CONTENT = ("duration", "inputs", "timeline", "intervals", "generated")


def manifest(
    rendering: Rendering, notes: tuple[str, ...], records: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The manifest: inputs and models with digests, the timeline, and every output interval.

    Times are decimal seconds; ``exact`` holds the same as fractions. ``records`` say, by the keys
    of spans, which of their frames were made.
    """
    cut = rendering.cut
    return {
        "smartcut": __version__,
        "output": rendering.output.path.name,
        "duration": _seconds(rendering.duration),
        "inputs": [_input(s) for s in cut.sources],
        "models": models_of(cut),
        "settings": {
            "picture": to_plain(rendering.output.picture) if rendering.output.picture else None,
            "sounds": [_sound(plan) for plan in rendering.sounds],
            "mix": to_plain(cut.mix),
            "captions": to_plain(cut.captions) if cut.captions else None,
            "titles": [_title(cut, *one) for one in texts_shown(cut)],
        },
        "timeline": _timeline(rendering.heard),
        "intervals": [_interval(cut, span) for span in rendering.spans],
        "generated": generated(rendering, records),
        "words": spoken_rows(rendering.heard),
        "captions": _drawn_captions(rendering),
        "notes": list(notes),
    }


def manifest_beside(path: Path) -> Path | None:
    """The manifest of a file; None where there is none beside it."""
    names = (f"{path.name}.manifest.json", f"{path.stem}.manifest.json")
    return next((file for name in names if (file := path.with_name(name)).is_file()), None)


def read_manifest(path: Path) -> dict[str, Any]:
    """What a manifest says; raises OSError and ValueError where it cannot be read."""
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError("it is too large")
    plain = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(plain, dict):
        raise ValueError("it is no object")
    return plain


def belongs_to_another(path: Path) -> bool:
    """Whether the manifest that a file at ``path`` would have is that of another file beside it.

    So ``clip.gif`` and ``clip.mp3``, of different runs, keep a manifest each: the later one's is
    ``clip.mp3.manifest.json``, also when it is written again.
    """
    if path.with_name(f"{path.name}.manifest.json").exists():
        return True
    try:
        recorded = json.loads(path.with_name(f"{path.stem}.manifest.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    name = recorded.get("output") if isinstance(recorded, dict) else None
    if not isinstance(name, str) or name == path.name or Path(name).name != name:
        return False
    return path.with_name(name).exists()


def _seconds(time: Fraction) -> float:
    return round(float(time), 6)


def _title(cut: Cut, text: str, segment: Segment, place: Range) -> dict[str, Any]:
    """A text that is drawn, with its look, and when it is seen."""
    recipe = cut.source(segment.source or "").made
    assert recipe is not None
    where = {"start": _seconds(place.start), "end": _seconds(place.end)}
    return {**dict(to_plain(recipe)["params"]), "text": text, "kind": recipe.kind, **where}


def _input(source: Source) -> dict[str, Any]:
    return {
        "id": source.id,
        "path": None if source.made else str(source.path),
        "sha256": None if source.made else source.digest,
        "made": source.digest if source.made else None,
        "duration": _seconds(source.duration),
        "video": source.video.index if source.video else None,
        "audio": source.audio.index if source.audio else None,
    }


def _sound(plan: SoundPlan) -> dict[str, Any]:
    """A sound track of the output: what it is, and whether it was copied, or encoded and why."""
    track = plan.track
    return {
        **to_plain(plan.sound),
        "language": track.language,
        "title": track.title,
        "roles": list(track.roles),
        "streams": {s.id: s.audio.index for s in track.cut.sources if s.audio},
        "how": "copy" if plan.passed else "encode",
        "reason": plan.reason,
    }


def models_of(cut: Cut) -> list[dict[str, Any]]:
    """Which network found out what, on which engine, each once."""
    rows = {
        (a.name, a.producer, a.model, a.weights, a.engine): {
            "annotation": a.name,
            "producer": a.producer,
            "model": a.model,
            "sha256": a.weights,
            "engine": a.engine or None,
        }
        for a in cut.annotations
    }
    return list(rows.values())


def _timeline(cut: Cut) -> list[dict[str, Any]]:
    tracks = []
    for track in cut.tracks:
        segments = [
            {
                "source": segment.source,
                "in": _seconds(segment.range.start),
                "out": _seconds(segment.range.end),
                "start": _seconds(place.start),
                "end": _seconds(place.end),
                "exact": [str(t) for t in (segment.range.start, segment.range.end, place.start)],
                "speed": str(segment.speed),
                **_warp(segment),
                "effects": [_effect(effect) for effect in segment.effects],
                "between": to_plain(segment.between) if segment.between else None,
                "transition": segment.transition.kind if segment.transition else None,
                "label": segment.label,
                "scores": dict(segment.scores),
            }
            for segment, place in track.placed()
        ]
        tracks.append(
            {"kind": track.kind, "role": track.role, "gain": track.gain, "segments": segments}
        )
    return tracks


def _drawn_captions(rendering: Rendering) -> list[dict[str, Any]] | None:
    """The captions that are drawn into the picture, with what they cover in shares of it."""
    found, captions = rendering.styled, rendering.cut.captions
    if found is None or captions is None or not captions.burn:
        return None
    from smartcut.render.captions.layout import lay_out

    style, language = found.captions.style, found.captions.language
    colours = (style.colour, style.highlight, style.past, style.emphasis_colour)
    width, height = found.size
    rows = []
    for cue in found.cues:
        left, top, right, bottom = lay_out(cue, found.size, style, language).bounds
        box = (left / width, top / height, (right - left) / width, (bottom - top) / height)
        rows.append(
            {
                "start": _seconds(cue.range.start),
                "end": _seconds(cue.range.end),
                "lines": list(cue.lines),
                "box": [round(float(v), 4) for v in box],
                "colours": list(dict.fromkeys(c for c in colours if c)),
            }
        )
    return rows


def _warp(segment: Segment) -> dict[str, Any]:
    """(segment time, source time) points, where no speed says how time passes."""
    if segment.warp is None:
        return {}
    return {"warp": [[str(t), str(s)] for t, s in segment.warp.points]}


def _effect(effect: Effect) -> dict[str, Any]:
    """An effect by its name, with its parameters and when it works, in source time."""
    plain = to_plain(effect)
    during = {"during": plain["during"]} if plain["during"] else {}
    return {"name": effect.name, **dict(plain["params"]), **during}


def _interval(cut: Cut, span: Span) -> dict[str, Any]:
    origins = []
    for i in span.segments:
        segment, place = cut.segments[i], cut.programme.places[i]
        shown = _shown(segment, place, span.range)
        origins.append(
            {
                "segment": i,
                "source": segment.source,
                "in": _seconds(shown.start),
                "out": _seconds(shown.end),
            }
        )
    return {
        "start": _seconds(span.range.start),
        "end": _seconds(span.range.end),
        "frames": len(span.stretch),
        "how": span.kind,
        "reason": span.reason,
        "from": origins,
    }


def content_digest(plain: Mapping[str, Any]) -> str:
    """sha256, in hex, of what a manifest says of the content: the same wherever it is rendered.

    The file's own metadata name it, so it leaves out the file's digest, paths and settings.
    """
    content = {key: plain[key] for key in _CONTENT}
    inputs = [{k: v for k, v in row.items() if k != "path"} for row in plain["inputs"]]
    return sha256(canonical({**content, "inputs": inputs}).encode()).hexdigest()


def written(path: Path) -> dict[str, Any]:
    """What the manifest says of the file, so that a change of it shows."""
    return {"bytes": path.stat().st_size, "sha256": file_sha256(path)}


def write_manifest(path: Path, plain: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(plain, indent=2, ensure_ascii=False) + "\n")


def _shown(segment: Segment, place: Range, span: Range) -> Range:
    """The source time that is shown in a span, whichever way it plays."""
    start, end = span.start - place.start, span.end - place.start
    if segment.warp is not None:
        start, end = max(start, Fraction(0)), min(end, segment.duration)
    return segment.part(start, end).range
