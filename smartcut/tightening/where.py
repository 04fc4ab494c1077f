"""Conditions on what is heard and seen, such as ``loudness > -35 and not (black or freeze > 2s)``.

    condition   = both { "or" both }
    both        = one { "and" one }
    one         = "not" one | "(" condition ")" | SIGNAL [ ("<" | "<=" | ">" | ">=") NUMBER ]

A number may carry its unit (``-35dB``, ``2s``, ``50%``). ``or`` binds less than ``and``, and that
less than ``not``. A condition is evaluated to the ranges of time in which it holds.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from smartcut.registry import close_to
from smartcut.tightening.ranges import Ranges, common, left, union
from smartcut.timebase import Range

Measured = Callable[[str], Iterator[tuple[Range, float]]]
"""Of a signal's name: its readings in order, each with the time for which it holds."""


@dataclass(frozen=True, slots=True)
class SignalKind:
    """What a name stands for in a condition."""

    meaning: str
    units: tuple[str, ...] = ()
    """That a number may carry; the first one is what it counts in."""
    alone: float | None = None
    """Without a comparison it holds from here on; None: it needs one."""


#: The names that conditions may use.
SIGNAL_KINDS: Mapping[str, SignalKind] = MappingProxyType(
    {
        "loudness": SignalKind("momentary loudness in LUFS", ("lufs", "lu", "db")),
        "level": SignalKind("peak of the sound in dB", ("db", "dbfs")),
        "voice": SignalKind("probability of a voice, 0 to 1", ("", "%"), 0.5),
        "words": SignalKind("1 while a word is said, else 0", ("",), 1.0),
        "motion": SignalKind("change of the picture a second, 0 to 1", ("", "%")),
        "sharpness": SignalKind("detail of the picture", ("",)),
        "black": SignalKind("share of the picture that is dark, 0 to 1", ("", "%"), 0.98),
        "freeze": SignalKind("seconds for which the picture stands still", ("s", "ms"), 2.0),
    }
)
_SCALE = {"%": 0.01, "ms": 0.001}
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge
}  # fmt: skip
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[-+]?\d+(?:\.\d+)?)\s*(?P<unit>(?!(?:and|or|not)\b)[A-Za-z]+|%)?"
    r"|(?P<name>[A-Za-z][\w-]*)|(?P<sign><=|>=|<|>|\(|\)))",
    re.IGNORECASE,
)
_WORDS = ("and", "or", "not")


@dataclass(frozen=True, slots=True)
class Comparison:
    signal: str
    sign: str
    number: float


@dataclass(frozen=True, slots=True)
class Negation:
    of: Condition


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Condition, ...]


Condition = Comparison | Negation | Both | Either


def holds(condition: Condition, measured: Measured, duration: Fraction) -> Ranges:
    """When a condition holds, within 0 to ``duration`` seconds."""
    whole = Range(Fraction(0), duration)
    if isinstance(condition, Comparison):
        compare = _COMPARISONS[condition.sign]
        times = (r for r, value in measured(condition.signal) if compare(value, condition.number))
        return common(union(times), (whole,))
    if isinstance(condition, Negation):
        return left(whole, holds(condition.of, measured, duration))
    sets = [holds(part, measured, duration) for part in condition.parts]
    if isinstance(condition, Either):
        return union(*sets)
    result: Ranges = (whole,)
    for one in sets:
        result = common(result, one)
    return result


def signals_in(condition: Condition) -> Iterator[str]:
    """The names of the signals that a condition asks for."""
    if isinstance(condition, Comparison):
        yield condition.signal
    elif isinstance(condition, Negation):
        yield from signals_in(condition.of)
    else:
        for part in condition.parts:
            yield from signals_in(part)


# ------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """number, name, sign, word or end."""
    text: str
    at: int
    unit: str = ""


def parse_condition(text: str) -> Condition:
    """The condition that a user wrote; raises ValueError that says where it goes wrong."""
    reader = _ConditionReader(text)
    found = reader.either()
    if reader.next.kind != "end":
        raise reader.unexpected("`and`, `or` or the end")
    return found


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            begins = at + len(text[at:]) - len(text[at:].lstrip())
            raise ValueError(
                f"{text[begins]!r} at character {begins + 1} of {text!r} has no meaning here; "
                f"accepted: {', '.join(SIGNAL_KINDS)}, numbers, <, <=, >, >=, and, or, not, ( )"
            )
        kind = str(match.lastgroup if match.lastgroup != "unit" else "number")
        said = match[kind]
        if kind == "name" and said.lower() in _WORDS:
            kind, said = "word", said.lower()
        yield _Token(kind, said, match.start(match.lastgroup or 0), (match["unit"] or "").lower())
        at = match.end()
    yield _Token("end", "", len(text))


class _ConditionReader:
    """Reads a condition from left to right, a token ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self.next = next(self._tokens)

    def _take(self) -> _Token:
        taken = self.next
        self.next = next(self._tokens, taken)
        return taken

    def _is(self, *texts: str) -> bool:
        return self.next.kind in ("word", "sign") and self.next.text in texts

    def unexpected(self, wanted: str) -> ValueError:
        """An error that tells what stands in the place of what is wanted."""
        if self.next.kind == "end":
            return ValueError(f"{self._text!r} ends where {wanted} should come")
        return ValueError(
            f"{self.next.text!r} at character {self.next.at + 1} of {self._text!r} stands where "
            f"{wanted} should come"
        )

    def either(self) -> Condition:
        parts = [self._both()]
        while self._is("or"):
            self._take()
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Condition:
        parts = [self._one()]
        while self._is("and"):
            self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _one(self) -> Condition:
        if self._is("not"):
            self._take()
            return Negation(self._one())
        if self._is("("):
            self._take()
            inner = self.either()
            if not self._is(")"):
                raise self.unexpected("`)`")
            self._take()
            return inner
        return self._comparison()

    def _comparison(self) -> Comparison:
        if self.next.kind != "name":
            raise self.unexpected("a signal, `not` or `(`")
        name = self._take().text.lower()
        if name not in SIGNAL_KINDS:
            raise ValueError(f"unknown signal {close_to(name, SIGNAL_KINDS, 'signals')}")
        kind = SIGNAL_KINDS[name]
        if not self._is(*_COMPARISONS):
            if kind.alone is None:
                raise self.unexpected(f"a comparison of {name} ({kind.meaning})")
            return Comparison(name, ">=", kind.alone)
        sign = self._take().text
        if self.next.kind != "number":
            raise self.unexpected("a number")
        number = self._take()
        accepted = {"", *kind.units}
        if number.unit not in accepted:
            raise ValueError(
                f"{name} ({kind.meaning}) is not counted in {number.unit!r}; accepted: "
                + ", ".join(unit or "a plain number" for unit in sorted(accepted))
            )
        return Comparison(name, sign, float(number.text) * _SCALE.get(number.unit, 1.0))
