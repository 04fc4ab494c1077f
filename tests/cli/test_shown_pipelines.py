"""What `--show` prints of a pipeline is the pipeline that would run."""

from __future__ import annotations

from pathlib import Path

import pytest

from smartcut.spec import files_of
from smartcut.spec_reading import load_spec, parse_spec
from smartcut.testing import write_bar_coded
from tests.builders.commands import done_command

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", sorted((ROOT / "pipelines").glob("*.yaml")), ids=lambda p: p.stem)
def test_a_run_shows_the_pipeline_with_its_parameters(path: Path, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    shown = done_command("run", path, tmp_path / "a.mp4", "-o", "b.mp4", "--show")
    assert shown.returncode == 0, shown.stderr
    assert "${" not in shown.stdout
    again, spec = parse_spec(shown.stdout, path=path), load_spec(path)
    assert [step.stage for step in again.steps] == [step.stage for step in spec.steps]
    assert [str(one.path) for one in files_of(again.inputs)] == [str(tmp_path / "a.mp4")]
    assert (again.output, again.description) == ("b.mp4", spec.description)


def test_a_parameter_that_is_set_is_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("params: {from: 1s}\nstages: [{trim: {start: '${from}'}}, render]\n")
    shown = done_command("run", path, "--set", "from=2s", "--show").stdout
    assert shown == "stages:\n- trim: {start: 2s}\n- render\n"
    done = done_command("run", path, "--set", "form=2s", "--show")
    assert (done.returncode, "did you mean 'from'" in done.stderr) == (2, True)


def test_an_export_and_a_frame_show_and_plan_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_bar_coded(Path("a.mp4"), frames=30, audio=None)
    Path("p.yaml").write_text("stages: [flip, render]\n")
    shown = done_command("export", "p.yaml", "a.mp4", "-o", "cut.edl", "--show").stdout
    assert shown == "inputs: [a.mp4]\nstages:\n- flip\n- export: {to: cut.edl}\n"
    assert done_command("frame", "p.yaml", "a.mp4", "0.5", "--show").stdout == (
        "inputs: [a.mp4]\nstages: [flip, render]\n"
    )
    assert done_command("frame", "a.mp4", "0.5", "--show").stdout == "inputs: [a.mp4]\nstages: []\n"
    assert "flip" in done_command("frame", "p.yaml", "a.mp4", "0.5", "--dry").stdout
    assert {path.name for path in tmp_path.iterdir()} == {"a.mp4", "p.yaml"}
    lacking = done_command("frame", "p.yaml", "a.mp4", "0.5")
    assert (lacking.returncode, "-o FRAME.png" in lacking.stderr) == (2, True)
