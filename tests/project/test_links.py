"""Links of the README, of the pages beside it and of docs/ lead to files that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PLACE = re.compile(r"\]\(([^)#\s:]*\.md)?#([^)\s]+)\)")


def test_links_lead_somewhere() -> None:
    lost, seen = [], 0
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
        for target in LINK.findall(text):
            if not target.startswith(("http://", "https://", "mailto:")):
                seen += 1
                if not (page.parent / target).exists():
                    lost.append(f"{page.relative_to(ROOT)}: {target}")
    assert seen > 300
    assert not lost


def places(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", re.sub(r"\]\([^)]*\)", "", head)).lower() for head in heads]
    return {re.sub(r"[-\s]+", "-", head.strip()) for head in plain}


def test_places_in_pages_are_there() -> None:
    lost, seen = [], 0
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target, place in PLACE.findall(page.read_text(encoding="utf-8")):
            seen += 1
            if place not in places((page.parent / target) if target else page):
                lost.append(f"{page.relative_to(ROOT)}: {target}#{place}")
    assert seen >= 5
    assert not lost
