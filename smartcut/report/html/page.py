"""The report as one page: its sections, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

from smartcut.report.html import cards, details, plots, rows
from smartcut.report.html.facts import ReportFacts
from smartcut.report.html.markup import clock, count, foreign, pre, share, tag, text
from smartcut.report.inspect import signature_state

# Nothing is fetched and nothing runs: whatever a text of the user's holds, it is only shown.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"

_NOT_WRITTEN = (
    "This is a cut: nothing here says that it was rendered. What is copied and what is encoded is "
    "decided when it is; `smartcut plan` says so beforehand, and a report of the film says what "
    "was done."
)


def report_page(facts: ReportFacts) -> str:
    """The whole page; the same facts give the same page."""
    sections = [(id, name, body) for id, name, body in _sections(facts) if body]
    contents = "".join(tag("a", text(name), href=f"#{id}") for id, name, _ in sections)
    body = "".join(
        tag(
            "section",
            tag("h2", text(name), id=f"{id}-name"),
            body,
            id=id,
            aria_labelledby=f"{id}-name",
        )
        for id, name, body in sections
    )
    head = (
        '<meta charset="utf-8">'
        + tag("meta", http_equiv="Content-Security-Policy", content=_POLICY)
        + tag("meta", name="viewport", content="width=device-width, initial-scale=1")
        + tag("meta", name="color-scheme", content="light dark")
        + tag("title", text(f"{facts.name}: report"))
        + f"<style>{_style()}</style>"
    )
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head><body>'
        + tag("header", _head(facts), tag("nav", contents, aria_label="Contents"))
        + tag("main", body)
        + "</body></html>\n"
    )


@cache
def _style() -> str:
    return Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def _sections(facts: ReportFacts) -> Iterator[tuple[str, str, str]]:
    """(id, name, HTML) of each; those without HTML are left out."""
    yield "timeline", "Timeline", _timeline(facts)
    yield "storyboard", "Storyboard", cards.storyboard(facts)
    yield "words", "Words", details.transcript(facts)
    how = "".join(details.writing(facts))
    yield "written", "How it was written", how or tag("p", text(_NOT_WRITTEN), class_="note")
    yield "expected", "Expectations", details.expected(facts)
    yield "sources", "Sources", details.sources(facts)
    yield "models", "Analyses and networks", details.models(facts)
    yield "pipeline", "Pipeline", _pipeline(facts)
    yield "provenance", "Provenance", details.provenance(facts)
    yield "notes", "Notes", _notes(facts)
    yield "missing", "Not known", _missing(facts)


# -------------------------------------------------------------------------------------- the head


def _head(facts: ReportFacts) -> str:
    tiles = "".join(
        tag("div", tag("dt", text(name)), tag("dd", value), class_=f"tile {class_}".strip())
        for name, value, class_ in _tiles(facts)
    )
    return (
        tag("h1", foreign(facts.name))
        + tag("p", foreign(_about(facts)), class_="about")
        + tag("dl", tiles, class_="tiles")
    )


def _about(facts: ReportFacts) -> str:
    """What kind of film it is, in a line."""
    parts = []
    if facts.writing and facts.writing.picture:
        parts.append(facts.writing.picture)
    elif facts.inspection and (video := facts.inspection.source.video):
        width, height = video.display_size
        parts.append(f"{width} × {height}, {float(video.rate):.6g} fps, {video.codec}")
    if facts.writing:
        parts.append(f"written by smartcut {facts.writing.version}")
    elif facts.inspection is None:
        parts.append("a cut that was not rendered")
    return " · ".join(parts)


def _tiles(facts: ReportFacts) -> Iterator[tuple[str, str, str]]:
    """(name, HTML, class) of the figures at the top."""
    cut = facts.cut
    yield "Length", clock(cut.duration), ""
    yield "Segments", str(len(cut.segments)), ""
    shown = {segment.source for segment in cut.segments if segment.source}
    yield "Sources shown", str(len(shown)), ""
    if facts.writing and facts.writing.spans:
        found = rows.spans_by(facts)
        whole = sum(found.values(), Fraction(0))
        yield "Copied", share(found.get("copy", Fraction(0)), whole), "copy"
        yield "Encoded", share(found.get("encode", Fraction(0)), whole), "encode"
    if facts.writing:
        made = [part.range for part in facts.writing.generated]
        yield "Generated", share(rows.covered(made), cut.duration), "made"
    if facts.inspection:
        yield "Signature", text(signature_state(facts.inspection.signature)), ""


# ------------------------------------------------------------------------------------- sections


def _timeline(facts: ReportFacts) -> str:
    """Rows over one axis; the sources' colours beside."""
    if not facts.cut.duration:
        return tag("p", "The cut is empty.")
    lines = [rows.axis(facts), *rows.tracks(facts), *rows.speech(facts), *rows.written(facts)]
    curves = list(plots.plots(facts))
    shown = {s.source for track in facts.cut.tracks for s in track.segments}
    legend = "".join(
        tag(
            "span",
            tag("i", class_=f"key {rows.colour_of(facts.cut, source.id)}"),
            foreign(source.id),
        )
        for source in facts.cut.sources
        if source.id in shown
    )
    legend += tag("span", tag("i", class_="key shot"), "a shot begins") if _has_shots(facts) else ""
    if facts.writing:
        legend += tag("span", tag("i", class_="key copy"), "copied")
        legend += tag("span", tag("i", class_="key encode"), "encoded")
        legend += tag("span", tag("i", class_="key made"), "generated")
    told = ""
    if curves:
        told = tag("p", "Measured in the sources, before effects and the mix.", class_="note")
    return tag("div", *lines, *curves, class_="time") + tag("div", legend, class_="legend") + told


def _has_shots(facts: ReportFacts) -> bool:
    return any(annotation.name == "shots" for annotation in facts.cut.annotations)


def _pipeline(facts: ReportFacts) -> str:
    parts = ""
    if facts.pipeline:
        parts += pre(facts.pipeline, "The pipeline, as YAML")
    if facts.options:
        parts += details.pairs([(name, foreign(value)) for name, value in facts.options])
    return parts


def _notes(facts: ReportFacts) -> str:
    return _list(facts.notes)


def _missing(facts: ReportFacts) -> str:
    lines = [tag("b", text(one.what)) + ": " + foreign(one.why) for one in facts.missing]
    return tag("ul", *(tag("li", line) for line in lines)) if lines else ""


def _list(lines: tuple[str, ...]) -> str:
    return tag("ul", *(tag("li", foreign(line)) for line in lines)) if lines else ""


def summary_line(facts: ReportFacts) -> str:
    """What is in a report, in a line."""
    parts = [count(len(facts.cut.segments), "segment")]
    if facts.previews:
        parts.append(count(len(facts.previews), "preview"))
    parts += [f"not known: {', '.join(one.what for one in facts.missing)}"] if facts.missing else []
    return "; ".join(parts)
