"""What notebooks show of cuts, plans, pipelines, results and what is known: HTML, all escaped."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.annotation import Shots, Transcript
from smartcut.cut import Cut, Segment
from smartcut.plan import Plan
from smartcut.report.html.markup import data_uri
from smartcut.timebase import Range, format_time

if TYPE_CHECKING:
    import numpy as np

#: Segments that are shown; the rest is counted.
MOST = 24
_MOST_WORDS = 40
_MOST_ROWS = 60
#: Bytes of a file that is put into the page; larger ones are linked.
MOST_EMBEDDED = 12_000_000
_PLAYED = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".mp3": "audio/mpeg",
    ".wav": "audio/wav", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".m4a": "audio/mp4",
    ".flac": "audio/flac", ".gif": "image/gif", ".webp": "image/webp", ".apng": "image/apng",
    ".png": "image/png", ".jpg": "image/jpeg",
}  # fmt: skip
_STYLE = (
    "<style>.sc{font:13px/1.45 system-ui,sans-serif}.sc .board{display:flex;flex-wrap:wrap;"
    "gap:10px}.sc figure{margin:0;width:164px;border:1px solid #8884;border-radius:6px;"
    "overflow:hidden}.sc img{display:block;width:100%;background:#000}"
    ".sc figcaption{padding:4px 6px}.sc .when{font-variant-numeric:tabular-nums;opacity:.75}"
    ".sc .said{font-style:italic}.sc .bar{height:4px;background:#8883;border-radius:2px}"
    ".sc .bar i{display:block;height:4px;background:#2a7de1;border-radius:2px}"
    ".sc .note{opacity:.75}.sc table{border-collapse:collapse}"
    ".sc td,.sc th{text-align:left!important;padding:2px 10px 2px 0;vertical-align:top}"
    ".sc .run,.sc .encode{color:#c60}"
    ".sc .copy,.sc .cached{color:#283}.sc .missing{color:#c22}</style>"
)


def page(*parts: str) -> str:
    """The parts as one piece of HTML that brings its own style."""
    return f'{_STYLE}<div class="sc">{"".join(parts)}</div>'


def storyboard(cut: Cut, thumbnails: Mapping[int, np.ndarray], why_none: str = "") -> str:
    """The segments with pictures, words, scores and reasons; then the notes.

    ``thumbnails`` are RGB, by the number of the segment; ``why_none`` says why there are none.
    """
    placed = list(cut.programme.placed())
    names = ", ".join(dict.fromkeys(s.source for s in cut.segments if s.source))
    count = _count(len(placed), "segment")
    head = f"<b>{count}, {format_time(cut.duration, 1)}</b> of {escape(names)}"
    figures = (
        _figure(cut, number, segment, place, thumbnails.get(number))
        for number, (segment, place) in enumerate(placed[:MOST])
    )
    more = f"<p>and {len(placed) - MOST} more</p>" if len(placed) > MOST else ""
    said = [why_none] if why_none else []
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in (*said, *cut.notes))
    return f'<p>{head}</p><div class="board">{"".join(figures)}</div>{more}{notes}'


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _figure(
    cut: Cut, number: int, segment: Segment, place: Range, thumbnail: np.ndarray | None
) -> str:
    picture = (
        "" if thumbnail is None else f'<img src="{data_uri(jpeg(thumbnail), "image/jpeg")}" alt="">'
    )
    shown = (
        f"{format_time(segment.range.start, 1)} of {segment.source}" if segment.source else "gap"
    )
    lines = [
        f'<span class="when">{number} · {format_time(place.start, 1)} · '
        f"{float(segment.duration):.1f} s</span>",
        escape(shown),
        *(escape(text) for text in _told(segment)),
    ]
    words = _words(cut, segment)
    if words:
        lines.append(f'<span class="said">{escape(words)}</span>')
    scores = "".join(_score(name, value) for name, value in segment.scores)
    return f"<figure>{picture}<figcaption>{'<br>'.join(lines)}{scores}</figcaption></figure>"


def _told(segment: Segment) -> Iterator[str]:
    """What else there is to say of a segment."""
    if segment.label and segment.label != segment.source:
        yield segment.label
    if segment.pace:
        yield segment.pace
    if segment.transition:
        yield f"{segment.transition.kind}, {float(segment.transition.duration):g} s"
    if segment.effects:
        yield ", ".join(dict.fromkeys(effect.label for effect in segment.effects))


def _words(cut: Cut, segment: Segment) -> str:
    """What is said in a segment, as far as there is room."""
    found = cut.data(Transcript, "transcript", segment.source) if segment.source else None
    sentences = found.sentences if found else ()
    words = [w.text.strip() for s in sentences for w in s.words if segment.range.overlaps(w.range)]
    return " ".join(words[:_MOST_WORDS]) + (" …" if len(words) > _MOST_WORDS else "")


def _score(name: str, value: float) -> str:
    width = round(100 * min(max(value, 0.0), 1.0))
    bar = f'<div class="bar"><i style="width:{width}%"></i></div>'
    return f"<div>{escape(name)} {value:.2f}</div>{bar}"


def jpeg(rgb: np.ndarray, quality: int = 75) -> bytes:
    """The picture as a JPEG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(rgb).save(file, format="JPEG", quality=quality)
    return file.getvalue()


# --------------------------------------------------------------------------------------- the rest


def player(path: Path, *, is_named: bool = True, width: int = 480) -> str:
    """A small player of a written file, in the page where the file is small; and its name."""
    kind = _PLAYED.get(path.suffix.lower())
    name = f"<p>{escape(str(path))}</p>"
    if kind is None or not path.is_file():
        return name
    is_small = path.stat().st_size <= MOST_EMBEDDED
    source = (
        data_uri(path.read_bytes(), kind) if is_small else escape(path.resolve().as_uri(), True)
    )
    tag, style = kind.partition("/")[0], f"max-width:{width}px;width:100%"
    shown = f'<{tag} controls preload="metadata" style="{style}" src="{source}"></{tag}>'
    if tag == "image":
        shown = f'<img src="{source}" style="max-width:{width}px;width:auto" alt="">'
    return shown + (name if is_named else "")


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows of text; those past the first some are counted."""
    every = [list(row) for row in rows]
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in every[:_MOST_ROWS]
    )
    more = f"<p>and {len(every) - _MOST_ROWS} more</p>" if len(every) > _MOST_ROWS else ""
    return f"<table><tr>{cells}</tr>{body}</table>{more}"


def plan_page(plan: Plan) -> str:
    """What would run, what is cached, and why."""
    rows = "".join(
        f'<tr><td>{escape(s.stage)}</td><td>{escape(s.subject)}</td><td class="{s.state}">{s.state}'
        f"</td><td>{escape(s.reason)}</td></tr>"
        for s in (*plan.steps, *plan.decodes)
    )
    last = escape(plan.text().splitlines()[-1])
    return page(f"<table>{rows}</table><p>{last}</p>")


def shots_page(shots: Shots) -> str:
    """The shots of a source, in source time."""
    rows = (
        (n, _clock(s.range.start), _clock(s.range.end), s.entry, f"{s.confidence:.2f}")
        for n, s in enumerate(shots.shots)
    )
    head = f"<b>{_count(len(shots.shots), 'shot')}</b>"
    return page(head, table(("shot", "from", "to", "begins by", "confidence"), rows))


def transcript_page(transcript: Transcript) -> str:
    """What is said in a source, in source time."""
    rows = ((_clock(s.range.start), _clock(s.range.end), s.text) for s in transcript.sentences)
    count = _count(len(transcript.sentences), "sentence")
    head = f"<b>{count}</b>, language {escape(transcript.language)}"
    return page(head, table(("from", "to", "said"), rows))


def _clock(time: Fraction) -> str:
    return format_time(time, 2)
