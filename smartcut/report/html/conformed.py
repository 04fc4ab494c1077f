"""A finished film beside the originals that it was cut from, as one page that needs no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from smartcut.conforming.parts import FilmPart
from smartcut.conforming.result import Conformed
from smartcut.conforming.windows import PictureWindow
from smartcut.report.conforming import KINDS, described, heard, other_sounds, surely
from smartcut.report.html.markup import clock, count, data_uri, foreign, share, tag, text

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --known: #3a7bd5; --unknown: #d5653a }
body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
.strip { display: flex; height: 1.6rem; border: 1px solid var(--line) }
.strip a { display: block; min-width: 1px; border-right: 1px solid var(--line) }
.known { background: var(--known) } .unknown { background: var(--unknown) }
ol { padding: 0; list-style: none }
li { display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 1rem; padding: .8rem 0;
     border-top: 1px solid var(--line) }
li > div:first-child { padding-left: .6rem; border-left: .3rem solid var(--known) }
li.foreign > div:first-child { border-color: var(--unknown) }
figure { margin: 0 } img { width: 100%; height: auto; background: #000; display: block }
.seen { position: relative; overflow: hidden }
.seen i { position: absolute; border: 2px solid #fff; outline: 1px solid #000 }
.seen i.end { border-style: dashed }
.legend span { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem }
.doubtful { color: light-dark(#a33b12, #f2a07c); opacity: 1 }
@media (max-width: 40rem) {
  li { grid-template-columns: 1fr 1fr }
  li > div:first-child { grid-column: 1 / -1 }
}
figcaption, .how { opacity: .75; font-size: .9em } .time { font-variant-numeric: tabular-nums }
"""

Pictures = Mapping[int, tuple[bytes, bytes | None]]
"""For a part's number: JPEGs of the film, and of the original at the same moment."""


def conform_page(found: Conformed, pictures: Pictures) -> str:
    """The whole page; the same facts give the same page."""
    name = found.film.path.name
    head = (
        '<meta charset="utf-8">'
        + tag("meta", http_equiv="Content-Security-Policy", content=_POLICY)
        + tag("meta", name="viewport", content="width=device-width, initial-scale=1")
        + tag("title", text(f"{name}: conformed"))
        + f"<style>{_STYLE}</style>"
    )
    body = "".join(_body(found, pictures))
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _body(found: Conformed, pictures: Pictures) -> Iterator[str]:
    yield tag("h1", foreign(found.film.path.name))
    explained = Fraction(found.explained).limit_denominator(10_000)
    told = f"{count(len(found.parts), 'part')}; originals explain {share(explained, Fraction(1))}."
    yield tag("p", text(told))
    yield _strip(found)
    yield _legend(found)
    unknown = [(k, p) for k, p in enumerate(found.parts) if p.source is None]
    if unknown:
        yield tag("h2", text("Unknown parts"))
        links = (tag("a", text(_place(p)), href=f"#part-{k}") for k, p in unknown)
        named = (
            tag("p", link, text(f" {KINDS[p.kind]}"))
            for link, (_, p) in zip(links, unknown, strict=True)
        )
        yield "".join(named)
    yield tag("h2", text("Film and originals"))
    yield tag("ol", *(_part(k, part, pictures) for k, part in enumerate(found.parts)))
    others = list(other_sounds(found))
    if others:
        yield tag("h2", text("Sound of something else than the pictures"))
        yield "".join(tag("p", foreign(heard(one)), class_="time") for one in others)
    if found.notes:
        yield tag("h2", text("Notes")) + "".join(tag("p", foreign(n)) for n in found.notes)


def _strip(found: Conformed) -> str:
    """The film from left to right, unknown parts in another colour."""
    parts = (
        tag(
            "a",
            href=f"#part-{k}",
            class_="unknown" if part.source is None else "known",
            title=f"{_place(part)} {part.source or KINDS[part.kind]}",
            style=f"flex: {part.last - part.first - part.blend} 1 0",
        )
        for k, part in enumerate(found.parts)
    )
    return tag("div", *parts, class_="strip", role="img", aria_label="The film's parts")


def _legend(found: Conformed) -> str:
    """What the colours, the frames in pictures and the figures mean."""
    told = [
        tag("span", class_="known") + text("shows an original"),
        tag("span", class_="unknown") + text("no original explains it"),
        text("confidence: how alike film and original are there, 0 to 1; below 0.8 look yourself"),
    ]
    if any(not part.window.is_whole for part in found.parts if part.source):
        told.append(text("a frame in an original: what the film shows of it"))
    if any(part.end is not None for part in found.parts):
        told.append(text("dashed: at the part's end"))
    return tag("p", *(tag("span", one, style="all: unset") for one in told), class_="legend how")


def _part(number: int, part: FilmPart, pictures: Pictures) -> str:
    film, original = pictures.get(number, (None, None))
    name = KINDS[part.kind] if part.source is None else part.source
    facts = tag("div", foreign(name)) + tag("div", text(f"film {_place(part)}"), class_="time")
    if part.source is not None:
        end = part.start + part.speed * part.place.duration
        there = f"original {clock(part.start, 3)} to {clock(end, 3)}"
        facts += tag("div", text(there), class_="time")
        facts += "".join(tag("div", text(one), class_="how") for one in described(part))
        sure = surely(part.confidence)
        told = text(f"{sure}, confidence {part.confidence:.2f}")
        facts += tag("div", told, class_=f"how {'doubtful' if sure == 'doubtful' else ''}".strip())
    return tag(
        "li",
        tag("div", facts),
        _figure(film, "film"),
        _figure(original, "original", _frames(part)),
        id=f"part-{number}",
        class_="foreign" if part.source is None else None,
    )


def _figure(picture: bytes | None, name: str, over: str = "") -> str:
    if picture is None:
        return tag("figure", tag("figcaption", text(f"no {name}")))
    image = tag("img", src=data_uri(picture, "image/jpeg"), alt=f"the {name}", loading="lazy")
    seen = tag("div", image, over, class_="seen")
    return tag("figure", seen, tag("figcaption", text(name)))


def _frames(part: FilmPart) -> str:
    """Frames round what the film shows of an original, at the part's beginning and at its end."""
    if part.source is None or (part.window.is_whole and part.end is None):
        return ""
    ends = "" if part.end is None else _frame(part.end, "end")
    return _frame(part.window, None) + ends


def _frame(window: PictureWindow, class_: str | None) -> str:
    left, top, right, bottom = (
        f"{100 * min(max(edge, 0.0), 1.0):.2f}%"
        for edge in (window.left, window.top, 1 - window.right, 1 - window.bottom)
    )
    style = f"left: {left}; top: {top}; right: {right}; bottom: {bottom}"
    return tag("i", style=style, class_=class_)


def _place(part: FilmPart) -> str:
    return f"{clock(part.place.start, 3)} to {clock(part.place.end, 3)}"
