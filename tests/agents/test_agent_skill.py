"""The skill and llms.txt: made from the stages, short enough, and all that they show runs."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from base64 import b64decode
from importlib.util import find_spec
from pathlib import Path

import pytest
import tiktoken
import yaml

import smartcut as sc
from smartcut.agents.skill import installed, skill_files, skill_folder
from smartcut.agents.tools import TOOLS
from smartcut.cli import main
from smartcut.report.skill import llms_text, skill_pages
from smartcut.stage import stage_modules
from tests.builders.recipes import recipes_in, typed, write_files

ROOT = Path(__file__).parents[2]
#: Tokens that llms.txt may have, by the larger vocabulary of the tokenizer at hand.
MOST_TOKENS = 8000
ABSENT = ("there is no file", "nothing at", "; add `- ")


def test_they_are_as_the_stages_say() -> None:
    for path, text in skill_pages(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path}: python -m smartcut.report.docs"


def tokens(text: str, vocabulary: str) -> int:
    """How many there are of a vocabulary that comes with Whisper."""
    (folder,) = find_spec("whisper").submodule_search_locations  # type: ignore[union-attr, misc]
    rows = (Path(folder) / "assets" / f"{vocabulary}.tiktoken").read_text().splitlines()
    ranks = {b64decode(token): int(rank) for token, rank in map(str.split, rows)}
    words = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
    encoding = tiktoken.Encoding(
        vocabulary, pat_str=words, mergeable_ranks=ranks, special_tokens={}
    )
    return len(encoding.encode(text))


def test_llms_txt_is_short_and_names_every_stage() -> None:
    text = llms_text()
    for vocabulary in ("gpt2", "multilingual"):
        assert 2000 < tokens(text, vocabulary) < MOST_TOKENS
    for name, module in stage_modules().items():
        if module.startswith("smartcut."):
            assert f"[{name}](docs/stages/{name}.md): " in text
    for _, target in re.findall(r"\[([^\]]+)\]\(([^)]+)\)", text):
        assert (ROOT / target).is_file(), target


def test_the_skill_is_one_that_agents_take() -> None:
    files = dict(skill_files())
    head, _, body = files["SKILL.md"].removeprefix("---\n").partition("\n---\n")
    known = yaml.safe_load(head)
    assert known["name"] == skill_folder().name == "smartcut"
    assert 100 < len(known["description"]) <= 1024
    assert len(body.splitlines()) < 200  # what is always read is short
    linked = set(re.findall(r"\]\((references/[^)]+)\)", body))
    assert linked == set(files) - {"SKILL.md"}
    for name, text in files.items():
        assert len(text) < 30_000, name
    part = body.partition("## With the tools")[2].partition("## Rules")[0]
    named = set(re.findall(r"`([a-z]+)`", part)) - {"pipeline", "wait"}
    assert named == set(TOOLS)


@pytest.mark.parametrize("name", [name for name, _ in skill_files()])
def test_every_pipeline_in_it_is_accepted(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("a.jpg", "b.jpg", "c.jpg"):
        Path(file).touch()
    text = dict(skill_files())[name]
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.S)
    assert blocks
    for block in blocks:
        whole = block if re.search(r"^stages:", block, re.M) else f"stages:\n{block}"
        try:
            sc.Pipeline.from_text(whole)
        except sc.SmartcutError as error:
            wrong = [x for x in str(error).splitlines() if not any(y in x for y in ABSENT)]
            assert not wrong, (name, block)


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en", "transnetv2")
def test_all_of_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    ran = 0
    for part in recipes_in(dict(skill_files())["SKILL.md"]):
        if part.yaml:
            Path("recipe.yaml").write_text(part.yaml)
        for line in part.lines:
            typed(line)
            ran += 1
            if "-o" in (words := shlex.split(line)):
                assert Path(words[words.index("-o") + 1]).exists(), line
    assert ran == 8


def test_it_is_installed_where_agents_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / ".claude" / "skills"
    monkeypatch.setattr(sys, "argv", ["smartcut", "skill", str(folder)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "SKILL.md" in capsys.readouterr().out
    for name, text in skill_files():
        assert (folder / "smartcut" / name).read_text(encoding="utf-8") == text
    shutil.rmtree(folder / "smartcut")
    (folder / "smartcut").touch()
    with pytest.raises(sc.SmartcutError, match="is a file"):
        installed(folder)
