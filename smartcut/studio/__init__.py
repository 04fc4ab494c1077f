"""The studio: a cut is seen before it is rendered, corrected by hand, and kept corrected.

    session = sc.studio.Session.open("reel.yaml", ["talk.mp4"], "reel.mp4")

:class:`~smartcut.studio.session.Session` is everything that the page can do, in Python; the command
``smartcut studio`` serves it to a browser on this machine. Nothing is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartcut.studio.session import Session

__all__ = ["Session"]


def __getattr__(name: str) -> Any:
    if name == "Session":
        from smartcut.studio.session import Session

        return Session
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
