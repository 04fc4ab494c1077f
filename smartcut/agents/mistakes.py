"""What an agent is told of an error: smartcut's own message, never a traceback."""

from __future__ import annotations

from smartcut.errors import SmartcutError
from smartcut.runners.failures import explained

_MOST = 4000


def told(error: Exception) -> str:
    """The error in words, with what to do next."""
    if isinstance(error, SmartcutError):
        text = str(error)
    elif known := explained(error):
        text = str(known)
    else:
        text = f"unexpected {type(error).__name__}: {error}; this is a fault of smartcut"
    return text if len(text) <= _MOST else f"{text[: _MOST - 200]} ... {text[-190:]}"
