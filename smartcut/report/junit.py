"""What became of the expectations of films, as JUnit's XML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from smartcut.expectation import Verdict, Verification
from smartcut.files import write_bytes
from smartcut.report.verdicts import miss_line


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
    return (miss_line(miss) for miss in verdict.misses)


def _printable(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or ord(c) >= 0x20)
