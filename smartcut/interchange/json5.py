"""JSON5 as JSON: what people and LosslessCut write; https://spec.json5.org."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from smartcut.errors import PipelineError
from smartcut.interchange.json import check_numbers

_TOKEN = re.compile(
    r"""
    (?P<space>[\s\ufeff]+|//[^\n\r\u2028\u2029]*|/\*(?:[^*]|\*(?!/))*\*/)
    |(?P<text>"(?:[^"\\\n\r]|\\(?:\r\n|[\s\S]))*"|'(?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*')
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F]{1,15}|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)(?![\w.]))
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<mark>[{}\[\]:,])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))")
_ESCAPED = {
    "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0",
    "\n": "", "\r": "", "\r\n": "", "\u2028": "", "\u2029": "",
}  # fmt: skip


def parsed_json5(text: str | bytes, by: str) -> Any:
    """The plain data; raises PipelineError that begins with ``by``."""
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        plain = json.loads("".join(_without_last_commas(_as_json(decoded))))
        check_numbers(plain)
        return plain
    except RecursionError as error:
        raise PipelineError(f"{by}: it is nested too deeply") from error
    except ValueError as error:
        raise PipelineError(f"{by}: not valid JSON5: {error}") from error


def _as_json(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            line = text.count("\n", 0, at) + 1
            raise ValueError(f"{text[at : at + 20]!r} in line {line} is none of its signs")
        at, kind, found = match.end(), match.lastgroup, match.group()
        if kind == "text":
            yield json.dumps(_ESCAPE.sub(_unescaped, found[1:-1]))
        elif kind == "number":
            yield _number(found)
        elif kind == "name":
            yield found if found in ("true", "false", "null") else json.dumps(found)
        elif kind == "mark":
            yield found


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(match[3], match[3])


def _number(text: str) -> str:
    if text.lstrip("+-")[:2].lower() == "0x":
        return str(int(text, 16))
    return json.dumps(float(text)) if re.search(r"[.eE]", text) else str(int(text[:4000]))


def _without_last_commas(tokens: Iterator[str]) -> Iterator[str]:
    waiting = ""
    for token in tokens:
        if waiting and token not in ("}", "]"):
            yield waiting
        waiting = ""
        if token == ",":
            waiting = token
        else:
            yield token
    yield waiting
