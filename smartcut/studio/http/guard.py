"""Who may ask: programs of this user that know the token, and the page that they opened.

Any page of the same browser can send requests to 127.0.0.1, and a name that a stranger owns can be
made to lead there (DNS rebinding). So a request is answered where it names this very host, comes
from no other origin, and carries the token: in the address once, then in a cookie that scripts
cannot read and other sites cannot send, or as `Authorization: Bearer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.cookies import CookieError, SimpleCookie
from secrets import token_urlsafe
from urllib.parse import parse_qs

from smartcut.studio.http.local import bearer_in, is_same

#: Sent with every answer, refusals too. There is no CORS header among them on purpose.
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=()",
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "font-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
}

# What browsers say of a request's origin; none is an address that was typed or opened from outside.
_OWN_SITES = ("same-origin", "none")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Guard:
    """The gate of a server at a port of 127.0.0.1."""

    port: int
    token: str
    tickets: set[str] = field(default_factory=set)
    """Tokens that open the page once, in place of the token itself."""

    @property
    def hosts(self) -> tuple[str, ...]:
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    @property
    def address(self) -> str:
        """What is opened in a browser; it holds the token."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def ticket_address(self) -> str:
        """As :attr:`address`, for the command line of a browser, which others here may see: what is
        in it opens the page once."""
        ticket = token_urlsafe(24)
        self.tickets.add(ticket)
        return f"http://127.0.0.1:{self.port}/?token={ticket}"

    @property
    def cookie_name(self) -> str:
        """With the port: cookies of all ports of a host are kept together."""
        return f"smartcut-studio-{self.port}"

    @property
    def cookie(self) -> str:
        return f"{self.cookie_name}={self.token}; HttpOnly; SameSite=Strict; Path=/"

    def refusal(self, headers: Message, *, is_page: bool, query: str) -> Refusal | None:
        """Why not to answer a request; None for one that may be answered.

        ``is_page`` is the address that is opened in a browser: only there the token may stand in
        the ``query``, and only that may be opened by a link elsewhere.
        """
        if headers.get_all("Host", []) not in [[host] for host in self.hosts]:
            return Refusal(421, f"ask for {self.hosts[0]}")
        origins = headers.get_all("Origin", [])
        if origins and origins not in [[f"http://{host}"] for host in self.hosts]:
            return Refusal(403, "another site may not ask")
        given = self._query_token(query) if is_page else None
        opened = is_page and headers.get("Sec-Fetch-Mode") == "navigate" and given is not None
        site = headers.get("Sec-Fetch-Site")
        if site is not None and site not in _OWN_SITES and not opened:
            return Refusal(403, "another site may not ask")
        if self._takes_ticket(given) or any(
            is_same(one, self.token) for one in (given, *self._carried(headers))
        ):
            return None
        return Refusal(403, "open the address that `smartcut studio` printed")

    def _takes_ticket(self, given: str | None) -> bool:
        """Whether it is a ticket, which is none from then on."""
        if given is None:
            return False
        try:
            self.tickets.remove(given)
        except KeyError:
            return False
        return True

    @staticmethod
    def _query_token(query: str) -> str | None:
        try:
            found = parse_qs(query, max_num_fields=20).get("token", [])
        except ValueError:
            return None
        return found[0] if len(found) == 1 else None

    def _carried(self, headers: Message) -> Iterable[str | None]:
        """The tokens in the headers."""
        yield bearer_in(headers.get("Authorization"))
        for line in headers.get_all("Cookie", []):
            try:
                cookies = SimpleCookie(line)
            except CookieError:
                continue
            if self.cookie_name in cookies:
                yield cookies[self.cookie_name].value
