"""What index runs and searches tell: text, JSON, thumbnails and a page of results."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.cache import Cache, key_of
from smartcut.errors import SourceError
from smartcut.files import write_bytes
from smartcut.interchange.files import write_cut
from smartcut.library.indexing import IndexOutcome, LibrarySettings, index
from smartcut.library.results import as_cut, as_rows
from smartcut.library.searching import Question, SearchAnswer, search
from smartcut.library.store import Store
from smartcut.models.near_repeats import Effort
from smartcut.report.tables import as_text
from smartcut.runners.local import Options
from smartcut.source import Source
from smartcut.stage import Frames
from smartcut.timebase import exact, format_time

_VERSION = 3
_SIDE = 180
_QUALITY = 82
_STYLE = """
body { margin: 2rem; font: 15px/1.45 system-ui, sans-serif; background: #16181d; color: #d8dce4 }
h1 { font-size: 1.2rem; font-weight: 600 }
ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1.2rem;
     padding: 0; list-style: none }
img { display: block; width: 100%; height: 11.25rem; object-fit: contain; background: #000 }
figure { margin: 0 } figcaption { padding-top: .4rem }
.time { font-variant-numeric: tabular-nums } .note, .why { color: #98a1b0 }
"""


def run_index(
    folder: Path,
    store: Path | None,
    *,
    model: str | None,
    rate: float | None,
    speech: bool | None,
    effort: Effort | None,
    fresh: bool,
    options: Options,
) -> IndexOutcome:
    """Bring a folder's library up to date, as the command line asks for it."""
    every = exact(rate) if rate is not None else None
    settings = LibrarySettings(model, every, speech, effort, fresh)
    return index(folder, store=store, settings=settings, options=options)


def index_text(folder: Path, store: Path | None, outcome: IndexOutcome) -> str:
    """What an index run did, in a few lines."""
    counts = (
        f"{len(outcome.analysed)} analysed, {outcome.unchanged} unchanged, "
        f"{len(outcome.moved)} known by content, {len(outcome.dropped)} dropped, "
        f"{len(outcome.failed)} left out"
    )
    totals = ", ".join(f"{count:,} {name}" for name, count in outcome.totals.items())
    lines = [f"{folder}: {counts}; {outcome.seconds:.1f} s"]
    lines += [f"  left out: {path}: {reason}" for path, reason in sorted(outcome.failed.items())]
    lines.append(f"the library holds {totals} (at {Store.of(folder, store).root})")
    return "\n".join(lines)


def index_plain(outcome: IndexOutcome) -> dict[str, Any]:
    """The same as JSON."""
    return asdict(outcome)


def search_text(answer: SearchAnswer) -> str:
    """The hits as a table, and what there is to know of them."""
    rows = [
        {
            "score": f"{row['score']:.3f}",
            "start": format_time(hit.range.start),
            "end": format_time(hit.range.end),
            "shot": row["shot"],
            "file": row["file"],
            "text": hit.text if len(hit.text) <= 60 else f"{hit.text[:57]}...",
        }
        for hit, row in zip(answer.hits, as_rows(answer.hits), strict=True)
    ]
    lines = [as_text(rows) if rows else "nothing found"]
    return "\n".join([*lines, *(f"note: {note}" for note in answer.notes)])


def run_search(
    folder: Path,
    question: Question,
    store: Path | None,
    options: Options,
    *,
    cut: Path | None,
    page: Path | None,
    thumbnails: Path | None,
) -> SearchAnswer:
    """The answer, with the cut, the page and the thumbnails written where they are asked for."""
    answer = search(folder, question, store=store, options=options)
    if cut is not None:
        answer = replace(answer, notes=(*answer.notes, *write_cut(as_cut(answer), cut)))
    if page is None and thumbnails is None:
        return answer
    pictures = thumbnails_of(answer, Cache())
    if thumbnails is not None:
        thumbnails.mkdir(parents=True, exist_ok=True)
        for place, picture in enumerate(pictures, 1):
            if picture is not None:
                write_bytes(thumbnails / f"{place:03}.jpg", picture)
    if page is not None:
        write_bytes(page, results_page(_asked(question), answer, pictures).encode())
    return answer


def _asked(question: Question) -> str:
    image = question.image.name if question.image else None
    parts = {"seen": question.words, "like": image, "said": question.speech}
    return "; ".join(f"{kind}: {text}" for kind, text in parts.items() if text)


# ----------------------------------------------------------------------------------- thumbnails


def thumbnails_of(answer: SearchAnswer, cache: Cache) -> list[bytes | None]:
    """A JPEG of each hit's best moment, 180 pixels high; None where there is no picture."""
    found: list[bytes | None] = []
    for hit in answer.hits:
        source = answer.contents[hit.digest][0]
        key = key_of("library-thumbnail", _VERSION, {"source": hit.digest, "at": hit.at})
        kept = cache.find(key, ".jpg")
        if kept is not None:
            found.append(kept.read_bytes())
            continue
        picture = _thumbnail(source, hit.path, hit.at, cache)
        if picture is not None:
            with cache.create(key, ".jpg") as path:
                path.write_bytes(picture)
        found.append(picture)
    return found


def _thumbnail(source: Source, path: Path, at: Fraction, cache: Cache) -> bytes | None:
    from dataclasses import replace
    from io import BytesIO

    from PIL import Image

    from smartcut.media.decode import whole_frames
    from smartcut.media.index import video_index
    from smartcut.media.reduce import Reducer

    video = source.video
    if video is None:
        return None
    source = replace(source, path=path)
    try:
        index = video_index(source, cache)
        number = index.frame_at(at)
        _, frame = next(iter(whole_frames(source, index, number, number + 1)))
    except (SourceError, StopIteration):
        return None
    reducer = Reducer(video)
    (pixels,) = reducer(frame, [reducer.key(Frames(_SIDE))])
    written = BytesIO()
    Image.fromarray(pixels).save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


# ------------------------------------------------------------------------------------- the page


def results_page(asked: str, answer: SearchAnswer, pictures: Sequence[bytes | None]) -> str:
    """HTML of the hits, complete in itself: no scripts, no other files, nothing fetched."""
    items = []
    for hit, picture in zip(answer.hits, pictures, strict=True):
        times = f"{format_time(hit.range.start)} &ndash; {format_time(hit.range.end)}"
        why = ", ".join(f"{kind} {score:.3f}" for kind, score in hit.why)
        data = b64encode(picture).decode() if picture else ""
        name = html.escape(hit.path.name)
        image = f'<img alt="{name}" src="data:image/jpeg;base64,{data}">' if picture else ""
        said = f"<br>{html.escape(hit.text)}" if hit.text else ""
        items.append(
            f"<li><figure>{image}<figcaption>{name}, shot {hit.shot + 1}<br>"
            f'<span class="time">{times}</span>{said}<br>'
            f'<span class="why">{why}</span></figcaption></figure></li>'
        )
    notes = "".join(f'<p class="note">{html.escape(note)}</p>' for note in answer.notes)
    title = html.escape(asked)
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style>\n<h1>{title}</h1>\n{notes}\n<ol>\n"
        + "\n".join(items)
        + "\n</ol></html>\n"
    )
