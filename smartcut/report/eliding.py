"""What was left out, as text and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from smartcut.eliding.finding import KINDS, Elision
from smartcut.eliding.rules import LANGUAGES
from smartcut.eliding.sense import SenseChange
from smartcut.report.html.markup import clock, foreign, tag, text

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_SIGNS = {
    "negation": "a negation is left out",
    "condition": "a condition is left out",
    "qualification": "a qualification is left out",
    "attribution": "who says so, or that it is supposed, is left out",
    "sentence": "nobody said this as one sentence",
    "answer": "another answer follows on the question",
    "reference": "what follows was said of something else",
}
_NONE = "Nothing was left out, moved, covered or spoken by another voice."
_LIMIT = (
    "Signs of another sense are found by rules on words: they are for a person to look at, and "
    "where there is none, the sense may be another one all the same."
)
_STYLE = """
.elision { margin: 0 0 14px; padding: 12px 16px; background: var(--raised); border-radius: 8px;
  border-left: 4px solid var(--line); }
.elision.sense { border-left-color: var(--encode); }
.elision p { margin: 4px 0; }
.elision del { color: var(--encode); text-decoration: none; font-weight: 600; }
"""


def sense_line(sense: SenseChange) -> str:
    """A sign in words: ``a negation is left out ("not")``."""
    return f'{_SIGNS[sense.kind]} ("{sense.because}")'


def hint_line(likeness: float) -> str:
    """A hint in words, which says that it is one."""
    return f"hint: vectors of what was said and of what is heard are alike to {likeness:.2f} of 1"


def elisions_text(name: str, found: Sequence[Elision], hints: Sequence[float | None] = ()) -> str:
    """All places, one after the other, and a line on how many there are."""
    lines = [summary(name, found)]
    if unjudged := unjudged_line(found):
        lines.append(unjudged)
    for number, one in enumerate(found):
        source = f" in {one.source}" if one.source else ""
        detail = f", {one.detail}" if one.detail else ""
        filler = ", only fillers" if one.is_filler else ""
        lines.append(f"{clock(one.at.start)}  {one.kind}{source}{detail}{filler}: {one.text}")
        lines += [f"        ! {sense_line(sense)}" for sense in one.senses]
        hint = hints[number] if number < len(hints) else None
        if hint is not None:
            lines.append(f"        {hint_line(hint)}")
    return "\n".join(lines)


def summary(name: str, found: Sequence[Elision]) -> str:
    """How many of what kind, and how many signs of another sense."""
    if not found:
        return f"{name}: {_NONE[0].lower()}{_NONE[1:]}"
    counts = {kind: sum(one.kind == kind for one in found) for kind in KINDS}
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    senses = sum(bool(one.senses) for one in found)
    told = f"; {senses or 'none'} with signs of another sense"
    return f"{name}: {kinds}{told if any(one.is_judged for one in found) else ''}"


def unjudged_line(found: Sequence[Elision]) -> str:
    """Of which places nothing is said about another sense, and why; empty where of all."""
    count = sum(not one.is_judged for one in found)
    if not count:
        return ""
    known = " and ".join(name.capitalize() for name in LANGUAGES.values())
    places = sorted({one.source or "" for one in found if not one.is_judged})
    return (
        f"{count} of these places are not judged: signs of another sense are known in {known}, and "
        f"what is said in {', '.join(places)} is in another language"
    )


def elisions_page(name: str, found: Sequence[Elision], hints: Sequence[float | None] = ()) -> str:
    """A page that needs no network and runs nothing; the same elisions give the same page."""
    style = Path(__file__).parent.joinpath("html", "style.css").read_text(encoding="utf-8")
    head = (
        '<meta charset="utf-8">'
        + tag("meta", http_equiv="Content-Security-Policy", content=_POLICY)
        + tag("meta", name="viewport", content="width=device-width, initial-scale=1")
        + tag("meta", name="color-scheme", content="light dark")
        + tag("title", text(f"{name}: what was left out"))
        + f"<style>{style}{_STYLE}</style>"
    )
    rows = [
        _card(one, hints[number] if number < len(hints) else None)
        for number, one in enumerate(found)
    ]
    body = tag("h1", text(f"{name}: what was left out")) + tag(
        "p", text(summary(name, found)), class_="about"
    )
    if unjudged := unjudged_line(found):
        body += tag("p", text(f"! {unjudged}"), class_="about")
    main = "".join(rows) + tag("p", text(_LIMIT), class_="note")
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head><body>'
        f"<header>{body}</header><main>{main}</main></body></html>\n"
    )


def _card(one: Elision, hint: float | None) -> str:
    source = f" in {one.source}" if one.source else ""
    detail = f", {one.detail}" if one.detail else ""
    said = f", said at {clock(one.where.start)}" if one.where else ""
    heading = f"{clock(one.at.start)} {one.kind}{source}{detail}{said}"
    left = tag("del", f"[{foreign(one.left_out)}]") if one.left_out else ""
    words = " ".join(part for part in (foreign(one.before), left, foreign(one.after)) if part)
    signs = "".join(tag("p", text(f"! {sense_line(sense)}")) for sense in one.senses)
    hinted = tag("small", text(hint_line(hint))) if hint is not None else ""
    kind = KINDS[one.kind] + (", only fillers" if one.is_filler else "")
    return tag(
        "section",
        tag("h3", text(heading)),
        tag("small", text(kind)),
        tag("p", words),
        signs,
        hinted,
        class_="elision sense" if one.senses else "elision",
    )
