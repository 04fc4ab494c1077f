"""What a cut of a file that is known already takes besides its media: modules, and bytes read."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from smartcut.cli.commands import application, command_name
from smartcut.cli.table import COMMANDS, GROUPS, NAMES
from smartcut.testing import write_bar_coded

#: Each takes a tenth of a second or more to import, or brings much along.
HEAVY = (
    "torch", "torchvision", "open_clip", "ctranslate2", "faster_whisper", "onnxruntime", "moviepy",
    "scenedetect", "cv2", "PIL", "cryptography", "numpy.ma", "smartcut.editing.model",
    "smartcut.studio", "smartcut.agents.server",
)  # fmt: skip
_PADDING = 32 << 20
_CUT = """
import sys
from smartcut.cli import main
try:
    main()
finally:
    print("modules", *sys.modules)
    with open("/proc/self/io") as counts:
        print("read", next(line for line in counts if line.startswith("rchar")).split()[1])
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a first and a second cut say, of a film whose file is mostly padding."""
    folder = tmp_path_factory.mktemp("cut")
    film = folder / "film.mp4"
    write_bar_coded(film, frames=50)
    with film.open("ab") as file:
        file.write((_PADDING + 8).to_bytes(4, "big") + b"free" + bytes(_PADDING))
    environment = {**os.environ, "SMARTCUT_CACHE": str(folder / "cache")}
    said = []
    for number, part in enumerate(("0-0.8", "0.8-1.6")):
        command = [sys.executable, "-c", _CUT, "cut", str(film), part]
        command += ["-o", str(folder / f"{number}.mp4")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        said.append(done.stdout)
    return said


def _after(word: str, text: str) -> list[str]:
    return next(line for line in text.splitlines() if line.startswith(word + " ")).split()[1:]


def test_a_cut_imports_only_what_it_needs(runs: list[str]) -> None:
    for said in runs:
        assert set(HEAVY) & set(_after("modules", said)) == set()


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="counts what Linux counts")
def test_a_known_file_is_not_read_through_again(runs: list[str]) -> None:
    first, second = (int(_after("read", said)[0]) for said in runs)
    assert first > _PADDING
    assert second < _PADDING


@pytest.mark.parametrize("module", COMMANDS)
def test_the_table_of_commands_names_those_of_each_module(module: str) -> None:
    app = import_module(f"smartcut.cli.{module}").app
    named = [command_name(one) for one in app.registered_commands]
    assert tuple(named) == COMMANDS[module] or ((module,) == COMMANDS[module] and module in GROUPS)


def test_a_command_that_is_named_is_built_alone() -> None:
    assert [command_name(one) for one in application(["cut"]).registered_commands] == ["cut"]
    assert not application(["cut"]).registered_groups
    listed = get_command(application()).list_commands(None)  # type: ignore[attr-defined,arg-type]
    assert sorted(listed) == sorted(NAMES)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_commands_as_they_are(option: str) -> None:
    told = CliRunner().invoke(application([option]), [option], prog_name="smartcut")
    whole = CliRunner().invoke(application(), [option], prog_name="smartcut")
    assert told.output == whole.output
    assert "tighten" in told.output
