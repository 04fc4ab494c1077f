"""What became of the expectations of a film: as text and as JSON."""

from __future__ import annotations

from typing import Any

from smartcut.expectation import Miss, Verification, plain_verdict
from smartcut.timebase import format_time

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
        lines += [f"             {miss_line(miss)}" for miss in verdict.misses[:_MOST_MISSES]]
        if (more := len(verdict.misses) - _MOST_MISSES) > 0:
            lines.append(f"             and {more} more")
    return "\n".join(lines)


def miss_line(miss: Miss) -> str:
    """When and why, and where the picture of it is."""
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
