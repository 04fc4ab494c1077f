"""Every block of the README and the docs is of a known kind, and what it says is accepted.

Other tests run whole pages: this one finds the line that no longer goes with the code, wherever it
stands.
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
import yaml

import smartcut as sc
from smartcut.cli import app
from smartcut.editing.reading import parse_edits

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^(```+)([^\n]*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^    (smartcut .*)$", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|\s)#\s.*")
#: Stages of the package that extending.md writes, which its own test installs.
_OF_EXAMPLES = "unknown stage 'evening'"

#: What is said of a stage alone, without those before it.
NEEDS = "; add `- "


def blocks(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for _, kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
            if kind == language:
                yield page.relative_to(ROOT).as_posix(), text


def lines() -> Iterator[tuple[str, str]]:
    """The commands of smartcut in blocks of shell and in indented ones, without comments."""
    found = list(blocks("sh"))
    for page in PAGES:
        prose = _BLOCK.sub("", page.read_text(encoding="utf-8")).replace("\\\n", " ")
        found += [(page.relative_to(ROOT).as_posix(), line) for line in _INDENTED.findall(prose)]
    for name, text in found:
        for line in text.replace("\\\n", " ").splitlines():
            # What a synopsis has in brackets may be left out.
            plain = _COMMENT.sub("", re.sub(r"\[--.*?\]", "", line)).strip()
            if plain.startswith("smartcut "):
                yield name, plain


def problems(checked: Callable[[str], object], texts: Iterator[tuple[str, str]]) -> list[str]:
    """What is not accepted, with its page; at least some have to be there."""
    found, seen = [], 0
    for name, text in texts:
        seen += 1
        try:
            checked(text)
        except Exception as error:
            said = str(getattr(error, "message", error))
            found.append(f"{name}: {text[:80]!r}: {said[:200]}")
    assert seen
    return found


def test_every_block_says_what_it_is() -> None:
    kinds = {"yaml", "sh", "python", "text", "json", "toml", "markdown"}
    found = {
        (page.name, kind)
        for page in PAGES
        for _, kind, _ in _BLOCK.findall(page.read_text(encoding="utf-8"))
    }
    assert {(name, kind) for name, kind in found if kind not in kinds} == set()


def test_every_command_is_accepted() -> None:
    root = typer.main.get_command(app)
    context = root.make_context("smartcut", [], resilient_parsing=True)

    def accepted(line: str) -> None:
        name, command, rest = root.resolve_command(context, shlex.split(line)[1:])  # type: ignore[attr-defined]
        command.make_context(name, list(rest), parent=context)

    assert not problems(accepted, lines())


def test_every_pipeline_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole one or some lines of its stages; most files need not be there."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        Path(name).touch()

    def accepted(text: str) -> None:
        is_whole = re.search(r"^(stages|parts):", text, re.MULTILINE)
        if re.search(r"^edits:", text, re.MULTILINE) and not is_whole:
            parse_edits(text)
            return
        if text.startswith("expect:"):
            text, is_whole = f"stages: [render]\n{text}", True
        if not is_whole and not re.match(r"(\s*#.*\n)*\s*- ", text):
            assert yaml.safe_load(text)  # a look, the settings of a cluster
            return
        absent = ["there is no file", "nothing at", _OF_EXAMPLES, *([] if is_whole else [NEEDS])]
        try:
            sc.Pipeline.from_text(text if is_whole else f"stages:\n{text}")
        except sc.SmartcutError as error:
            wrong = [x for x in str(error).splitlines() if not any(y in x for y in absent)]
            if wrong:
                raise AssertionError(wrong) from error

    assert not problems(accepted, blocks("yaml"))


@pytest.mark.parametrize(
    ("language", "checked"),
    [("python", lambda text: compile(text, "block", "exec")), ("json", json.loads),
     ("toml", tomllib.loads)],
)  # fmt: skip
def test_other_blocks_are_read(language: str, checked: Callable[[str], object]) -> None:
    assert not problems(checked, blocks(language))


def test_what_is_wrong_is_found() -> None:
    assert problems(json.loads, iter([("a.md", "{")]))[0].startswith("a.md: '{'")
