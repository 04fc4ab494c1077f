"""What a search found, as a cut: the hits one after the other, the best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from smartcut.cut import Cut, Segment, Track
from smartcut.library.searching import Hit, SearchAnswer
from smartcut.source import unused
from smartcut.spec import FoundInput, FoundRange


def label(hit: Hit) -> str:
    """What a segment is called: where it is from, and what is said there."""
    return f"{hit.path.stem}, shot {hit.shot + 1}" + (f": {hit.text}" if hit.text else "")


def as_cut(answer: SearchAnswer) -> Cut:
    """The cut of the hits, with the shots and transcripts of their sources."""
    ids: dict[str, str] = {}
    for hit in answer.hits:
        if hit.digest not in ids:
            ids[hit.digest] = unused(hit.path.stem, ids.values())
    paths = {hit.digest: hit.path for hit in answer.hits}
    sources, annotations = [], []
    for digest, id in ids.items():
        source, known = answer.contents[digest]
        sources.append(replace(source, id=id, path=paths[digest]))
        annotations += [replace(a, source=id) for a in known]
    segments = tuple(
        Segment(ids[hit.digest], hit.range, label=label(hit), scores=hit.why) for hit in answer.hits
    )
    return Cut(
        tuple(sources), (Track("programme", segments),), tuple(annotations), notes=answer.notes
    )


def as_inputs(answer: SearchAnswer) -> tuple[FoundInput, ...]:
    """Inputs of a pipeline: each file once, with its stretches and their places in the order."""
    stretches: dict[str, list[FoundRange]] = {}
    paths = {hit.digest: hit.path for hit in answer.hits}
    for place, hit in enumerate(answer.hits):
        found = FoundRange(
            place=place, start=hit.range.start, end=hit.range.end, label=label(hit), scores=hit.why
        )
        stretches.setdefault(hit.digest, []).append(found)
    return tuple(
        FoundInput(path=paths[digest], found=tuple(of_it)) for digest, of_it in stretches.items()
    )


def as_rows(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """A row for each hit, times in decimal seconds."""
    return [
        {
            "score": round(hit.score, 4),
            "file": str(hit.path),
            "start": round(float(hit.range.start), 3),
            "end": round(float(hit.range.end), 3),
            "at": round(float(hit.at), 3),
            "shot": hit.shot + 1,
            "why": {kind: round(score, 4) for kind, score in hit.why},
            "text": hit.text,
        }
        for hit in hits
    ]
