"""The browser that tests drive says what a page asks for and what goes wrong in it."""

from __future__ import annotations

from pathlib import Path

from tests.builders.browser import Chromium

PAGE = """<!doctype html><title>One</title><style>body{background:rgb(9,9,9)}
@media (prefers-color-scheme: light){body{background:rgb(250,250,250)}}</style>
<button onclick="this.textContent='pressed'; console.error('wrong here')">press</button>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="">"""


def test_a_page_is_opened_pressed_and_watched(chromium: Chromium, tmp_path: Path) -> None:
    file = tmp_path / "one.html"
    file.write_text(PAGE)
    one = chromium.open(file.as_uri(), size=(640, 360), color_scheme="dark")
    assert one.page.title() == "One"
    assert one.errors == []
    assert one.requests == [file.as_uri()]
    one.page.get_by_role("button").press("Enter")
    assert one.page.get_by_role("button").text_content() == "pressed"
    assert one.errors == ["wrong here"]
    background = "getComputedStyle(document.body).backgroundColor"
    assert one.page.evaluate(background) == "rgb(9, 9, 9)"
    light = chromium.open(file.as_uri(), color_scheme="light")
    assert light.page.evaluate(background) == "rgb(250, 250, 250)"
