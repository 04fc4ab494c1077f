"""docs/compare.md: every page, command, example and test that it names exists and holds."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from smartcut.cli import app
from smartcut.report.steps import made
from smartcut.report.verbs import options_of, verb_of
from smartcut.spec_text import read_yaml
from smartcut.stage import find_stage, stage_modules
from smartcut.verbs import VERBS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "compare.md"
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Row:
    wish: str
    elsewhere: str
    here: str
    example: str
    test: str


def tables() -> Iterator[list[str]]:
    """The cells of every row of every table but their heads."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and cells[0] not in ("what one wants", "what") and not cells[0].startswith("---"):
            yield cells


ROWS = [Row(*cells) for cells in tables() if len(cells) == 5]
LEFT_OUT = [cells for cells in tables() if len(cells) == 3]


def test_every_row_is_whole() -> None:
    assert len(ROWS) > 50
    assert len(ROWS) + len(LEFT_OUT) == len(list(tables()))
    assert all(all(vars(row).values()) for row in ROWS)
    assert all(all(cells) for cells in LEFT_OUT)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.wish)
def test_links_lead_somewhere(row: Row) -> None:
    links = LINK.findall(row.here + row.test)
    for text, target in links:
        path = PAGE.parent / target
        assert path.is_file(), f"{target}: is it {[*ROOT.glob(f'tests/*/{path.name}')]} now?"
        if path.parent == PAGE.parent / "stages":
            assert text.strip("`") == path.stem in stage_modules()
    tests = LINK.findall(row.test)
    assert tests
    for text, target in tests:
        name = f"def test_{text.replace(' ', '_')}("
        assert name in (PAGE.parent / target).read_text(encoding="utf-8"), f"{target} has no {name}"
    for name in re.findall(r"`smartcut ([a-z]+)", row.here):
        assert name in COMMANDS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.wish)
def test_examples_are_accepted(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = row.example.strip("`").replace("\\|", "|")
    if text.startswith("smartcut "):
        check_command(shlex.split(text)[1:])
        return
    data, _ = read_yaml(text)
    (name, params), *others = (data if isinstance(data, dict) else {data: {}}).items()
    assert not others
    kind = find_stage(name)
    params = params if isinstance(params, dict) else {kind.short: params}
    names = {f.alias: n for n, f in kind.model_fields.items() if f.alias}
    made(kind, {names.get(key, key): value for key, value in params.items()})


def check_command(arguments: list[str]) -> None:
    """The command exists, and has the options."""
    name, *rest = arguments
    options = {flag for p in COMMANDS[name].params for flag in (*p.opts, *p.secondary_opts)}
    if name in VERBS:
        verb = verb_of(name)
        assert verb is not None
        options = {o.name for o in options_of(verb)} | {"-o", "--start", "--end"}
    given = [item for item in rest if re.fullmatch(r"--?[a-z][a-z-]*", item)]
    assert set(given) <= options, f"{name}: {set(given) - options}"


def test_every_effect_of_moviepy_is_named() -> None:
    from moviepy import afx, vfx

    text = PAGE.read_text(encoding="utf-8")
    names = [n for module in (vfx, afx) for n in vars(module) if n[0].isupper()]
    missing = [n for n in names if f"`{n}`" not in text]
    assert not missing


def test_every_stage_and_every_verb_is_named() -> None:
    text = PAGE.read_text(encoding="utf-8")
    built_in = [n for n, module in stage_modules().items() if module.startswith("smartcut.")]
    unnamed = [n for n in built_in if f"[`{n}`](stages/{n}.md)" not in text]
    assert not [n for n in unnamed if n not in INNER]
    assert not [n for n in VERBS if f"`smartcut {n}`" not in text]


#: Stages that are a part of others, or of the same idea as one that is named.
INNER = ("effects",)
