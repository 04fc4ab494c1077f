"""Every public name is explained with an example, in the docs, and known to editors."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import smartcut as sc
from smartcut.stage import stage_modules

ROOT = Path(__file__).parents[2]
STAGES = sorted(set(stage_modules()) - {"render"})
OTHERS = sorted(set(sc.__all__) - set(STAGES))


def examples(name: str) -> list[str]:
    return re.findall(r"^ +film \| (sc\..*)$", getattr(sc, name).__doc__ or "", re.MULTILINE)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_has_an_example_that_is_accepted(name: str) -> None:
    assert examples(name), "a docstring has an example: `- name: {...}` in YAML"
    for example in examples(name):
        assert example.startswith(f"sc.{name}(")
        try:
            eval(example)
        except sc.SmartcutError as error:
            text = str(error)
            assert "there is no file" in text or "nothing at" in text or "or file" in text, text


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_name_has_an_example(name: str) -> None:
    doc = getattr(sc, name).__doc__ or ""
    assert re.search(r"^ {4,}\S.*(sc\.|film|cut|result|error)", doc, re.MULTILINE), doc


def test_editors_know_every_name() -> None:
    tree = ast.parse((ROOT / "smartcut" / "__init__.py").read_text())
    typed = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in ast.walk(typed) if isinstance(node, ast.ImportFrom)]
    names = {alias.asname or alias.name for node in imports for alias in node.names}
    assert set(sc.__all__) <= names
    assert set(sc.__all__) | set(STAGES) <= set(dir(sc))
    assert sc.__all__ == sorted(sc.__all__)


def test_the_docs_name_every_name() -> None:
    page = (ROOT / "docs" / "python.md").read_text()
    pages = {path.stem for path in (ROOT / "docs" / "stages").glob("*.md")}
    for name in sc.__all__:
        assert name in pages or f"sc.{name}" in page or f"`{name}`" in page, name
