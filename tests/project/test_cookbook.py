"""The recipes of docs/cookbook.md: planned as typed, and, slowly, run with what they promise."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.builders.recipes import Recipe, recipes, typed, write_files

RECIPES = {recipe.wish: recipe for recipe in recipes("cookbook.md")}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    write_files(folder)
    return folder


@pytest.fixture
def recipe(
    request: pytest.FixtureRequest, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Recipe:
    found: Recipe = RECIPES[request.param]
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)
    if found.yaml:
        (tmp_path / "recipe.yaml").write_text(found.yaml)
    monkeypatch.chdir(tmp_path)
    return found


def test_there_are_thirty_and_each_says_what_comes_out() -> None:
    assert len(RECIPES) == 30
    for recipe in RECIPES.values():
        (line,) = recipe.lines
        written = shlex.split(line)[-1]
        assert written.replace("{n}", "1").replace("shot.", "shot-001.") in recipe.text


@pytest.mark.parametrize("recipe", RECIPES, indirect=True)
def test_a_recipe_is_planned(recipe: Recipe, capsys: pytest.CaptureFixture[str]) -> None:
    before = set(Path().iterdir())
    typed(f"{recipe.lines[0]} --dry")
    assert len(capsys.readouterr().out) > 40
    assert set(Path().iterdir()) == before


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en")
@pytest.mark.parametrize("recipe", RECIPES, indirect=True)
def test_a_recipe_writes_what_it_promises(recipe: Recipe) -> None:
    typed(recipe.lines[0])
    promised = re.findall(r"`(\S+?\.(?:mp4|mp3|gif|md|srt|vtt|fcpxml))`", recipe.text)
    made = [name for name in promised if name not in ("short.mp4",)]
    assert made
    assert all(Path(name).stat().st_size for name in made)
