"""HTML from texts that anybody may have written: file names, words, labels, metadata."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from fractions import Fraction
from html import escape
from typing import Any

from smartcut.timebase import format_time

_VOID = ("br", "img", "meta")
# HTML has no place for control characters; a replacement shows that something was there.
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "�")
# Half of a surrogate pair: names of files that are not UTF-8 have some.
_HALVES = dict.fromkeys(range(55296, 57344), "�")


def text(value: object) -> str:
    """The value as HTML shows it, in an element or in a quoted attribute."""
    return escape(str(value).translate(_CONTROLS).translate(_HALVES))


def foreign(value: object) -> str:
    """A text of the user's: its direction of writing reaches no further than itself."""
    return f"<bdi>{text(value)}</bdi>"


def tag(name: str, /, *content: str, **attributes: Any) -> str:
    """An element with HTML in it; attributes are escaped, ``class_`` is class, ``a_b`` is a-b.

    True is an attribute without a value; None and False leave it out.
    """
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return f"<{name}{given}>"
    return f"<{name}{given}>{''.join(content)}</{name}>"


def _attribute(key: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(value)}"'


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], class_: str = ""
) -> str:
    """A table whose cells are HTML, with a caption for those who do not see where it stands."""
    names = "".join(tag("th", text(name), scope="col") for name in head)
    body = "".join(tag("tr", *(tag("td", cell) for cell in row)) for row in rows)
    return tag(
        "div",
        tag(
            "table",
            tag("caption", text(caption)),
            tag("thead", tag("tr", names)),
            tag("tbody", body),
            class_=class_ or None,
        ),
        class_="scroll",
        tabindex="0",
        role="group",
        aria_label=caption,
    )


def clock(time: Fraction, digits: int = 1) -> str:
    """``1:02.5``; with hours where there are some."""
    hours, minutes, seconds = format_time(time, digits).split(":")
    return f"{int(minutes)}:{seconds}" if hours == "00" else f"{int(hours)}:{minutes}:{seconds}"


def seconds(time: Fraction) -> str:
    return f"{float(time):.1f} s"


def share(part: Fraction, whole: Fraction) -> str:
    """In percent; something never reads as nothing, nor nearly all as all."""
    if not whole:
        return "0 %"
    percent = 100 * float(part / whole)
    if 0 < percent < 0.05:
        return "under 0.1 %"
    if 99.95 <= percent < 100:
        return "over 99.9 %"
    return f"{percent:.0f} %" if percent in (0, 100) or percent >= 10 else f"{percent:.1f} %"


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def size(number: int) -> str:
    """Bytes in the unit that suits them."""
    for unit, one in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= one:
            return f"{number / one:.1f} {unit}"
    return f"{number} bytes"


def pre(shown: str, name: str) -> str:
    """A text as it is, which a keyboard can scroll."""
    return tag("pre", tag("code", text(shown)), tabindex="0", role="region", aria_label=name)


def data_uri(data: bytes, kind: str) -> str:
    """A file within the page."""
    return f"data:{kind};base64,{b64encode(data).decode()}"
