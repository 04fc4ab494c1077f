"""What became of the expectations of a film: as text, as JSON and as JUnit's XML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from smartcut.expectation import Miss, Verdict, Verification
from smartcut.files import write_bytes
from smartcut.timebase import format_time
from smartcut.verifying import plain_verdict

_STATES = {"met": "met", "failed": "NOT MET", "unchecked": "unchecked"}
_MOST_MISSES = 8


def verdicts_text(found: Verification) -> str:
    """A line for each expectation, and below it what is missed."""
    failed = len(found.failed)
    told = f"{failed} of {len(found.verdicts)} expectations are not met"
    head = told if failed else f"all {len(found.verdicts)} expectations are met"
    lines = [f"{found.path}: {head}, by {found.origin}"]
    width = max((len(verdict.name) for verdict in found.verdicts), default=0)
    for verdict in found.verdicts:
        wanted = f"  (wanted: {verdict.wanted})" if verdict.wanted else ""
        state = _STATES[verdict.state].ljust(9)
        lines.append(f"  {state}  {verdict.name.ljust(width)}  {verdict.measured}{wanted}")
        lines += [f"             {_line(miss)}" for miss in verdict.misses[:_MOST_MISSES]]
        if (more := len(verdict.misses) - _MOST_MISSES) > 0:
            lines.append(f"             and {more} more")
    return "\n".join(lines)


def _line(miss: Miss) -> str:
    parts = [_when(miss), miss.reason, "" if miss.picture is None else str(miss.picture)]
    return "  ".join(part for part in parts if part)


def _when(miss: Miss) -> str:
    if miss.start is None:
        return ""
    if miss.end is None or miss.end == miss.start:
        return format_time(miss.start)
    return f"{format_time(miss.start)} to {format_time(miss.end)}"


def plain_verification(found: Verification) -> dict[str, Any]:
    """The same as JSON; times in decimal seconds."""
    return {
        "film": str(found.path),
        "met": found.is_met,
        "by": found.origin,
        "verdicts": [plain_verdict(verdict) for verdict in found.verdicts],
    }


def write_junit(path: Path, found: Sequence[Verification]) -> None:
    """Write JUnit's XML: a suite for each film, a case for each expectation."""
    root = ElementTree.Element("testsuites", name="smartcut verify")
    for one in found:
        states = [_junit_state(verdict) for verdict in one.verdicts]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=str(one.path),
            tests=str(len(states)),
            failures=str(states.count("failure")),
            errors=str(states.count("error")),
            skipped=str(states.count("skipped")),
        )
        for verdict, state in zip(one.verdicts, states, strict=True):
            _case(suite, verdict, state)
    ElementTree.indent(root)
    write_bytes(path, ElementTree.tostring(root, "utf-8", xml_declaration=True) + b"\n")


def _junit_state(verdict: Verdict) -> str:
    if verdict.state == "unchecked":
        return "error" if verdict.is_asked else "skipped"
    return "failure" if verdict.state == "failed" else ""


def _case(suite: ElementTree.Element, verdict: Verdict, state: str) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname="expect", name=verdict.name)
    if state:
        lines = [*_misses(verdict)]
        message = _printable(lines[0] if lines else verdict.measured)
        part = ElementTree.SubElement(case, state, message=message, type=verdict.name)
        part.text = _printable("\n".join(lines)) or None
    ElementTree.SubElement(case, "system-out").text = _printable(verdict.measured)


def _misses(verdict: Verdict) -> Iterator[str]:
    return (_line(miss) for miss in verdict.misses)


def _printable(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or ord(c) >= 0x20)
