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
    "smartcut.studio", "smartcut.agents.server", "yaml", "xml.etree.ElementTree", "rich",
    "multiprocessing", "asyncio", "unittest", "smartcut.cli.pipelines", "smartcut.report.verbs",
    "smartcut.verifying", "smartcut.render.captions.picture", "smartcut.render.compose",
    "smartcut.render.generation", "smartcut.render.playlists", "smartcut.render.sound.mixdown",
    "smartcut.drawer", "smartcut.effect", "smartcut.sound_effect", "smartcut.transition",
    "smartcut.expectation", "smartcut.offers", "smartcut.stages.export",
)  # fmt: skip
#: What a cut imports of smartcut itself: each module takes about half a millisecond.
MOST_OWN_MODULES = 175
_OPEN = """
import sys
import smartcut as sc
sc.open(sys.argv[1]) | sc.trim(start=0.2)
print("modules", *sys.modules)
"""
_RENDER = """
import os, sys
class Looking:
    def find_spec(self, name, path=None, target=None):
        if name == "numpy":
            print("numpy", os.environ.get("OPENBLAS_THREAD_TIMEOUT"))
sys.meta_path.insert(0, Looking())
import smartcut as sc
(sc.open(sys.argv[1]) | sc.trim(start=0.2)).render(sys.argv[2])
print("after", os.environ.get("OPENBLAS_THREAD_TIMEOUT"))
"""
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
    """What an encoded cut says, then a copied one, of a film whose file is mostly padding."""
    folder = tmp_path_factory.mktemp("cut")
    film = folder / "film.mp4"
    write_bar_coded(film, frames=50)
    with film.open("ab") as file:
        file.write((_PADDING + 8).to_bytes(4, "big") + b"free" + bytes(_PADDING))
    environment = {**os.environ, "SMARTCUT_CACHE": str(folder / "cache")}
    said = []
    for number, part in enumerate(("0.2-0.8", "0-")):
        command = [sys.executable, "-c", _CUT, "cut", str(film), part]
        command += ["-o", str(folder / f"{number}.mp4")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        said.append(done.stdout)
    return said


def _after(word: str, text: str) -> list[str]:
    return next(line for line in text.splitlines() if line.startswith(word + " ")).split()[1:]


def test_a_copy_imports_only_what_it_needs(runs: list[str]) -> None:
    encoded, copied = (set(_after("modules", said)) for said in runs)
    assert copied & set(HEAVY) == set()
    own = [name for name in copied if name.split(".")[0] == "smartcut"]
    assert len(own) <= MOST_OWN_MODULES
    assert "smartcut.render.compose" in encoded


def test_help_imports_neither_stages_nor_what_stands_under_them() -> None:
    command = [sys.executable, "-c", _CUT, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = set(_after("modules", done.stdout))
    assert "smartcut.cli.table" in found
    assert found & {"smartcut.registry", "smartcut.stage", "pydantic", "numpy"} == set()


def test_opening_a_film_imports_no_decoder_and_no_renderer(tmp_path: Path) -> None:
    write_bar_coded(tmp_path / "film.mp4", frames=10)
    command = [sys.executable, "-c", _OPEN, str(tmp_path / "film.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = set(_after("modules", done.stdout))
    assert found & {"av", "numpy", "smartcut.render", "smartcut.media.probe", *HEAVY} <= {"yaml"}


@pytest.mark.parametrize(("own", "told"), [(None, "20"), ("24", "24")])
def test_a_program_keeps_its_environment_and_no_thread_of_numpy_waits_long(
    tmp_path: Path, own: str | None, told: str
) -> None:
    write_bar_coded(tmp_path / "film.mp4", frames=10)
    command = [sys.executable, "-c", _RENDER, str(tmp_path / "film.mp4"), str(tmp_path / "o.mp4")]
    given = {k: v for k, v in os.environ.items() if k != "OPENBLAS_THREAD_TIMEOUT"}
    given |= {} if own is None else {"OPENBLAS_THREAD_TIMEOUT": own}
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=True)
    assert _after("numpy", done.stdout) == [told]
    assert _after("after", done.stdout) == [str(own)]


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


def test_garbage_is_looked_for_as_usual_once_a_command_has_started() -> None:
    code = (
        "import gc, sys; usual = gc.get_threshold(); sys.argv = ['smartcut', '--version']\n"
        "from smartcut.cli import main\n"
        "for _ in range(2):\n"
        "    try: main()\n"
        "    except SystemExit: pass\n"
        "assert gc.get_threshold()[0] > 10 * usual[0]\n"
        "gc.collect(); assert gc.get_threshold() == usual and not gc.callbacks\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_pipeline_begins_to_look_before_the_renderer_is_imported() -> None:
    code = (
        "import sys\n"
        "from smartcut.spec_reading import parse_spec\n"
        "parse_spec('stages: [shots, transcribe, relevance: {prompts: [a]}, highlights, render]')\n"
        "assert 'smartcut.stages.highlights' in sys.modules\n"
        "assert not {'smartcut.render.job', 'smartcut.render.write', 'av'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
