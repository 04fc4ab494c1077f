"""What servers on this machine share: their host, the token of a header, ports that are taken."""

from __future__ import annotations

import errno
import hmac
from secrets import token_urlsafe

HOST = "127.0.0.1"


def new_token() -> str:
    """A token of 256 bits."""
    return token_urlsafe(32)


def is_same(given: str | None, wanted: str) -> bool:
    """Whether a token is the one that is wanted; takes as long where it is not."""
    return given is not None and hmac.compare_digest(given.encode(), wanted.encode())


def bearer_in(header: str | None) -> str | None:
    """The token of a header ``Authorization: Bearer TOKEN``; None for another."""
    scheme, _, value = (header or "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def why_no_port(port: int, error: OSError) -> str:
    """Why a port cannot be served at, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} is taken by another program; give another one with --port, or --port 0 "
            "for any that is free"
        )
    if isinstance(error, PermissionError):
        return f"port {port} may not be used by you; give one from 1024 on with --port"
    return f"port {port} cannot be used: {error.strerror or error}"
