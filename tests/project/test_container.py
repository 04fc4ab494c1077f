"""The container recipe: what it copies is there, and what it runs is a command."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from smartcut.verbs import VERBS
from tools.requirements import requirements

ROOT = Path(__file__).parents[2]


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile and what follows it, on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.M)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [
        (name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines) if name
    ]


def copied() -> list[str]:
    """The paths of this folder that it copies."""
    lines = [shlex.split(rest) for name, rest in instructions() if name == "COPY"]
    return [path for words in lines if not words[0].startswith("--from") for path in words[:-1]]


def is_sent(path: str) -> bool:
    """Whether .dockerignore leaves it in, by the last line that fits."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        rule, is_in = line.removeprefix("!"), line.startswith("!")
        if line and not line.startswith("#") and fnmatch.fnmatch(path, rule):
            sent = is_in
    return sent


def test_what_is_copied_is_there_and_is_sent_to_the_builder() -> None:
    assert {"smartcut", "pipelines", "sample_media", "pyproject.toml"} <= set(copied())
    for path in copied():
        assert (ROOT / path).exists(), path
        assert is_sent(path), path
    assert not is_sent("tests")
    assert not is_sent(".venv")


def test_stages_follow_each_other_and_the_command_runs_without_rights() -> None:
    stages = [rest.split() for name, rest in instructions() if name == "FROM"]
    assert [words[-1] for words in stages] == ["build", "smartcut", "demo"]
    assert stages[2][0] == "smartcut"
    assert all(":" in words[0] for words in stages[:2]), "a version of the base image is named"
    found = dict(instructions())  # the last of each
    assert found["USER"] == "1000"
    assert json.loads(found["ENTRYPOINT"]) == ["smartcut"]
    order = [name for name, _ in instructions()]
    assert order.index("USER") < order.index("ENTRYPOINT")


def test_its_weights_are_those_of_the_demo() -> None:
    (pulled,) = [rest for name, rest in instructions() if "models pull" in rest]
    made = re.search(r"^WEIGHTS := (.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert made is not None
    assert pulled.partition("models pull ")[2].split() == made[1].split()


def test_the_demo_is_that_of_make(tmp_path: Path) -> None:
    words = json.loads(dict(instructions())["CMD"])
    made = re.search(r"smartcut run (.*?)\n\t@echo\n", (ROOT / "Makefile").read_text(), re.S)
    assert made is not None
    clips = re.search(r"^CLIPS := (.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert clips is not None
    typed = shlex.split(made[1].replace("\\\n", " ").replace("$(CLIPS)", clips[1]))
    assert words[1:-2] == typed[:-2]
    assert words[0] == "run"
    for path in ("pipelines", "sample_media"):
        (tmp_path / path).symlink_to(ROOT / path)
    command = [sys.executable, "-m", "smartcut", *words, "--dry"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the cut" in done.stdout or "to decode" in done.stdout


def test_the_layer_of_dependencies_has_all_of_them() -> None:
    found = requirements(ROOT / "pyproject.toml")
    assert any(line.startswith("av>=") for line in found)
    assert len(found) > 20


def test_the_page_uses_its_targets() -> None:
    page = (ROOT / "docs" / "container.md").read_text(encoding="utf-8")
    built = re.findall(r"docker build (?:--target (\w+) )?-t (\S+) \.", page)
    assert built == [("smartcut", "smartcut"), ("", "smartcut-demo")]
    commands = re.findall(r"docker run .* smartcut ([a-z]+) ", page)
    assert commands == ["tighten", "speed"]
    assert set(commands) <= set(VERBS)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("docker") is None, reason="there is no container tool")
def test_the_image_is_built_and_runs_the_demo(tmp_path: Path) -> None:
    if subprocess.run(["docker", "info"], capture_output=True).returncode:
        pytest.skip("the container tool has no server")
    subprocess.run(["docker", "build", "-t", "smartcut-demo", str(ROOT)], check=True)
    tmp_path.chmod(0o777)
    subprocess.run(
        ["docker", "run", "--rm", "-v", f"{tmp_path}:/work", "smartcut-demo"], check=True
    )
    assert (tmp_path / "reel.mp4").stat().st_size
