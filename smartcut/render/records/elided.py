"""What was left out of what was said, as a C2PA assertion that the originals vouch for.

The assertion names the originals by their sha256, and each place with the words left out and when
they were said. It is signed with the film; whoever has an original can compare its digest.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from smartcut.cache import file_sha256
from smartcut.cut import Cut
from smartcut.errors import RenderError, SourceError
from smartcut.files import scratch
from smartcut.render.records.signing import (
    Signing,
    is_signed,
    read_assertion,
    read_signature,
    require,
    sign,
)

#: The assertion's label, by C2PA's rules for those that are not its own; and the form of it.
LABEL, VERSION = "org.smartcut.elisions", 1


def assertion(cut: Cut, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is signed: the originals by their digests, and every place."""
    used = {segment.source for track in cut.tracks for segment in track.segments}
    originals = [
        {"id": source.id, "name": source.path.name, "sha256": file_sha256(source.path)}
        for source in cut.sources
        if source.id in used and source.made is None
    ]
    return {"version": VERSION, "originals": originals, "elisions": [dict(row) for row in rows]}


def write_signed(
    film: Path, out: Path, signing: Signing, cut: Cut, rows: Sequence[Mapping[str, Any]]
) -> None:
    """A copy of the film with the assertion in its signature; raises RenderError."""
    require(out)
    if film.suffix.lower() != out.suffix.lower():
        raise RenderError(
            f"{out} is to be a signed copy of {film}: give it the suffix {film.suffix}"
        )
    if is_signed(film):
        raise RenderError(
            f"{film} is signed already: a second signature would take the place of the first; "
            "render it without `sign`, and sign the copy"
        )
    said = assertion(cut, rows)
    told = {
        "smartcut": version("smartcut-pipelines"),
        "output": out.name,
        "duration": str(cut.duration),
        "inputs": [
            {"id": one["id"], "path": str(cut.source(one["id"]).path), "sha256": one["sha256"]}
            for one in said["originals"]
        ],
    }
    with scratch(out) as copy:
        shutil.copyfile(film, copy)
        also = [{"label": LABEL, "data": said}]
        sign(copy, out, signing, told, (), lambda path: None, also)
        copy.replace(out)


def checked(film: Path, originals: Iterable[Path]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The signed assertion, and what is wrong with it or with the originals; nothing where all is.

    Raises SourceError for a film that has none.
    """
    signature = read_signature(film)
    said = read_assertion(film, LABEL) if signature is not None else None
    if signature is None or said is None:
        raise SourceError(
            f"{film} has no signed account of what was left out; `smartcut elisions FILM --sign "
            "CHAIN.pem --key KEY.pem -o SIGNED.mp4` writes one"
        )
    problems = []
    if signature.state not in ("valid", "trusted"):
        why = "; ".join(signature.reasons) or signature.state
        problems.append(f"the signature does not hold: {why}")
    known = {str(one["sha256"]): str(one["name"]) for one in said.get("originals", [])}
    for path in originals:
        if not path.is_file():
            raise SourceError(f"there is no {path}, which is to be an original of {film}")
        digest = file_sha256(path)
        if digest not in known:
            names = ", ".join(f"{name} ({sha[:12]}…)" for sha, name in known.items())
            problems.append(
                f"{path} ({digest[:12]}…) is none of the originals, or was changed since; "
                f"originals: {names}"
            )
    return said, tuple(problems)
