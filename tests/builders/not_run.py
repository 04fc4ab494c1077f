"""What a run of the tests left out, in one line, with what each wants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def not_run(reasons: Iterable[str]) -> str:
    """One line of all reasons for which tests were skipped, the most frequent first; '' of none."""
    counts = Counter(reason.removeprefix("Skipped: ").strip().rstrip(".") for reason in reasons)
    if not counts:
        return ""
    each = (f"{reason} ({count})" for reason, count in counts.most_common())
    total = sum(counts.values())
    return f"not run: {total} {'test' if total == 1 else 'tests'}: {'; '.join(each)}"
