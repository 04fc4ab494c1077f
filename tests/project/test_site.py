"""The site of `make docs`: its navigation has every page, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import smartcut as sc
from tools.site_pages import (
    PAGES,
    REFERENCE,
    for_models,
    public_names,
    reference,
    rewritten,
    unfolded,
    write,
)

ROOT = Path(__file__).parents[2]


def in_nav(nav: Any) -> Iterator[str]:
    for entry in nav.values() if isinstance(nav, dict) else nav:
        if isinstance(entry, str):
            yield entry
        else:
            yield from in_nav(entry)


def test_the_navigation_has_every_page_once() -> None:
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    pages = {p.relative_to(ROOT / "docs").as_posix() for p in (ROOT / "docs").rglob("*.md")}
    assert sorted(in_nav(list(unfolded(settings["nav"])))) == sorted(
        pages | set(PAGES.values()) | {REFERENCE}
    )


def test_the_decisions_are_listed_and_numbered_once() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((.*?)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(p.name for p in folder.glob("0*.md"))
    assert len({name[:4] for name in listed}) == len(listed)


def test_language_models_find_the_pages_of_the_site() -> None:
    problems: list[str] = []
    text = for_models(None, problems.append)
    assert not problems
    assert "[trim](stages/trim/): " in text
    assert ".md)" not in text


def of_site(text: str, path: str, repo_url: str | None = None) -> str:
    problems: list[str] = []
    found = rewritten(text, path, repo_url, problems.append)
    assert not problems
    return found


def test_links_lead_to_pages_of_the_site() -> None:
    assert of_site("[a](docs/time.md#x), [b](#y)", "README.md") == "[a](time.md#x), [b](#y)"
    assert of_site("[a](../README.md)", "docs/time.md") == "[a](index.md)"
    assert of_site("[a](../time.md)", "docs/stages/crop.md") == "[a](../time.md)"
    assert of_site("[a](docs/decisions)", "README.md") == "[a](decisions/README.md)"
    assert of_site("[a](https://x.org)", "README.md") == "[a](https://x.org)"
    picture = "docs/pictures/first_minute.webp"
    assert of_site(f"![a]({picture})", "README.md") == "![a](pictures/first_minute.webp)"
    both = f"[![a]({picture})](docs/time.md)"
    assert of_site(both, "README.md") == "[![a](pictures/first_minute.webp)](time.md)"


def test_links_into_the_code_lead_to_the_repository_where_it_is_known() -> None:
    text = "[a test](../tests/project/test_site.py) of it"
    assert of_site(text, "docs/time.md") == "a test of it"
    url = "https://example.org/smartcut/"
    assert of_site(text, "docs/time.md", url) == (
        "[a test](https://example.org/smartcut/blob/main/tests/project/test_site.py) of it"
    )


def test_links_in_code_stay() -> None:
    text = "```md\n[a](nowhere.md)\n```\n"
    assert of_site(text, "docs/time.md") == text


def test_a_link_to_nothing_is_a_problem() -> None:
    problems: list[str] = []
    assert rewritten("[a](nowhere.md)", "docs/time.md", None, problems.append) == "a"
    assert problems == ["docs/time.md: there is no nowhere.md"]


def test_the_reference_has_every_public_name_that_is_no_stage() -> None:
    from smartcut.stage import stage_modules

    assert set(public_names()) == set(sc.__all__) - set(stage_modules())
    assert re.findall("^::: (.*)$", reference(), re.M)[0].startswith("smartcut.api.")


def built(folder: Path) -> str:
    """What building says, the empty text where all is well; ``folder`` holds what was written."""
    pytest.importorskip(
        "mkdocs", reason="MkDocs is not installed: pip install 'smartcut-pipelines[docs]'"
    )
    settings = (folder / "mkdocs.yml").read_text()
    (folder / "mkdocs.yml").write_text(settings.replace("../..", str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    return done.stderr if done.returncode else ""


@pytest.mark.slow
def test_it_builds_without_warnings(tmp_path: Path) -> None:
    assert not write(tmp_path)
    assert not built(tmp_path)
    pages = list((tmp_path / "html").rglob("index.html"))
    assert len(pages) > 120
    shown = (tmp_path / "html" / "reference" / "index.html").read_text()
    assert all(f'id="{full}"' in shown for full in public_names().values())
    assert ":class:" not in shown


@pytest.mark.slow
def test_a_place_that_no_page_has_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path)
    page = tmp_path / "pages" / "time.md"
    page.write_text(page.read_text() + "\n[a](cache.md#nowhere)\n")
    assert "does not contain an anchor '#nowhere'" in built(tmp_path)
