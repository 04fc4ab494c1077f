"""Whether a recogniser goes round in circles: a phrase over and over. Pure."""

from __future__ import annotations

from collections.abc import Sequence

# A phrase of up to so many words that comes at least so often on end.
_LONGEST, _OFTEN = 12, 3


def goes_round(texts: Sequence[str]) -> bool:
    """Whether any phrase comes three times on end or more; marks and letters' case do not count."""
    plain = [bare for text in texts if (bare := "".join(c for c in text.lower() if c.isalnum()))]
    return any(
        plain[at : at + size] * (_OFTEN - 1) == plain[at + size : at + _OFTEN * size]
        for size in range(1, _LONGEST + 1)
        for at in range(len(plain) - _OFTEN * size + 1)
    )
