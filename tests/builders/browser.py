"""Chromium, driven by Playwright: pages that note what they ask for and what goes wrong in them.

``chromium`` is a fixture of tests/conftest.py; tests that use it are skipped, with the reason,
where the browser or Playwright's package is missing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for path in map(shutil.which, NAMES) if path), None)

#: Checks of accessibility, which `npm --prefix tools/page ci` installs (`make page`).
AXE = Path(__file__).parents[2] / "tools/page/node_modules/axe-core/axe.min.js"

# As root in a container there is no sandbox and little shared memory; nothing is asked of Google.
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip


def why_no_browser() -> str | None:
    """Why no browser can be driven here, and what to install; None where one can."""
    if CHROMIUM is None:
        return f"Chromium is not installed: none of {', '.join(NAMES)} is on PATH"
    if find_spec("playwright") is None:
        return "Playwright is not installed: pip install playwright, or '.[dev-all]'"
    return None


class Watched:
    """A page, what it asked for, and what its console and the browser complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_failure)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _on_request(self, request: Request) -> None:
        # What is in the page itself (data:, blob:) is asked of nobody.
        if not request.url.startswith(("data:", "blob:")):
            self.requests.append(request.url)

    def _on_failure(self, request: Request) -> None:
        # A request that the page itself gives up is no fault.
        if request.failure != "net::ERR_ABORTED":
            self.errors.append(f"{request.url}: {request.failure}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def violations(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 A and AA in the page as it is now."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = self.page.evaluate("rules => axe.run({runOnly: rules})", rules)
        return [
            f"{one['id']} ({one['impact']}): {one['help']}: {node['target']} {node['html'][:200]}"
            for one in found["violations"]
            for node in one["nodes"]
        ]


class Chromium:
    """A running browser; each page has a profile of its own, which goes with the test."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._contexts: list[BrowserContext] = []

    def open(
        self,
        address: str = "about:blank",
        *,
        size: tuple[int, int] = (1280, 800),
        before: Callable[[Page], Any] = lambda page: None,
        **context: Any,
    ) -> Watched:
        """A page at the address; ``before`` is called with the page before it goes there.

        ``context`` is Playwright's: color_scheme, reduced_motion, device_scale_factor ...
        """
        shape = {"width": size[0], "height": size[1]}
        self._contexts.append(self.browser.new_context(viewport=shape, **context))
        watched = Watched(self._contexts[-1].new_page())
        before(watched.page)
        watched.page.goto(address)
        return watched

    def close_pages(self) -> None:
        """Closes every page that was opened, and forgets its profile."""
        while self._contexts:
            self._contexts.pop().close()  # no harm where it is closed already


@contextmanager
def launched(*flags: str) -> Iterator[Chromium]:
    """The browser without a window; raises where :func:`why_no_browser` has a reason."""
    reason = why_no_browser()
    if reason:
        raise RuntimeError(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[*_FLAGS, *flags])
        try:
            yield Chromium(browser)
        finally:
            browser.close()
