"""Every page of a stage or a verb shows what it does: a picture, or figures, and an example."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smartcut.report.docs import pages, pictures
from smartcut.stage import stage_modules
from smartcut.verbs import VERBS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
STAGES = [name for name, module in stage_modules().items() if module.startswith("smartcut.")]
PAGES = [f"stages/{name}" for name in STAGES] + [f"verbs/{name}" for name in VERBS]

#: Pages without a picture, and why.
EXCEPTIONS = {
    "stages/expect": "it changes nothing in the film",
    "stages/export": "it writes text that editing systems read, and nothing that is seen",
}


@pytest.fixture(scope="module")
def generated() -> dict[Path, str]:
    return pages(ROOT)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_an_example_and_a_picture_or_figures(
    page: str, generated: dict[Path, str]
) -> None:
    told = generated[DOCS / f"{page}.md"]
    assert re.search(r"^```(yaml|sh|python)\n.+?^```$", told, re.M | re.S), "there is no example"
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)\n\n(.+)\n", told)
    assert bool(shown) != (page in EXCEPTIONS), f"pictures of {page}: {shown}"
    for address, words in shown:
        assert words.endswith("."), f"below {address} stands {words!r}"
        with Image.open((DOCS / f"{page}.md").parent / address) as picture:
            assert picture.width >= 160
            assert picture.height >= 60
            assert np.asarray(picture.convert("RGB")).std() > 5, f"{address} shows nothing"


def test_each_picture_that_is_listed_is_shown(generated: dict[Path, str]) -> None:
    every = "\n".join(generated.values())
    for name, picture in pictures(ROOT).items():
        assert f"]({picture.address})\n\n{picture.shows}\n" in every, name


def test_each_exception_is_a_page() -> None:
    assert set(EXCEPTIONS) <= set(PAGES)
