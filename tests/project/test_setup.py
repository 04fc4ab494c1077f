"""What set-up installs: pinned for every system, announced in megabytes, by which command."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import smartcut
from smartcut.errors import MissingExtra
from smartcut.media.stretch import stretched
from smartcut.models.weights import TABLE
from tools.downloads import announcement
from tools.resolution import PYTHONS, SIZES, SYSTEMS, bare, is_of_network, weights

ROOT = Path(__file__).parents[2]
MEGABYTES: dict[str, int] = json.loads(SIZES.read_text())
_PLATFORMS = {
    "linux": ("linux", "Linux"),
    "macos": ("darwin", "Darwin"),
    "windows": ("win32", "Windows"),
}
_MACHINES = {"macos-aarch64": "arm64", "windows-x86_64": "AMD64"}


def environment(system: str, python: str) -> dict[str, str]:
    """What markers are compared with there."""
    platform, name = _PLATFORMS[system.split("-")[0]]
    machine = _MACHINES.get(system, system.split("-")[1])
    return {
        "sys_platform": platform, "platform_system": name, "platform_machine": machine,
        "python_version": python, "python_full_version": f"{python}.0",
        "implementation_name": "cpython", "platform_python_implementation": "CPython",
    }  # fmt: skip


def holds(marker: Marker | None, where: dict[str, str]) -> bool:
    return marker is None or marker.evaluate({**where, "extra": ""})


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_each_dependency_has_one_pin_that_suits_it(system: str, python: str) -> None:
    where = environment(system, python)
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    pinned = [(canonicalize_name(p.name), p) for p in pins if holds(p.marker, where)]
    assert len(dict(pinned)) == len(pinned)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    wanted = [Requirement(x) for group in (project["dependencies"], *extras) for x in group]
    for need in (n for n in wanted if n.name != project["name"] and holds(n.marker, where)):
        (pin,) = dict(pinned)[canonicalize_name(need.name)].specifier
        assert need.specifier.contains(pin.version), need


# ------------------------------------------------------------------------------------ downloads


def test_what_is_downloaded_is_said_before() -> None:
    sizes = {
        "linux-x86_64": 3000,
        "linux-x86_64 TORCH=cpu": 800,
        "macos-aarch64": 400,
        "weights": 9,
    }
    said = announcement(sizes, "linux-x86_64")
    assert "up to 3000 MB" in said
    assert "TORCH=cpu: 800 MB" in said
    assert "9 MB of weights" in said
    assert "up to 800 MB" in announcement(sizes, "linux-x86_64", "cpu")
    assert "up to 400 MB" in announcement(sizes, "macos-aarch64", "cpu")
    assert "unknown amount" in announcement(sizes, "sunos5-sparc")


def test_the_readme_says_the_same() -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    for system, words in {
        "linux-x86_64": r"([\d,]+) MB on Linux",
        "linux-x86_64 TORCH=cpu": r"([\d,]+) MB with `make demo TORCH=cpu`",
        "macos-aarch64": r"([\d,]+) MB on macOS",
        "windows-x86_64": r"([\d,]+) MB on Windows",
        "weights": r"([\d,]+) MB of weights",
    }.items():
        found = re.search(words, text)
        assert found, words
        assert int(found[1].replace(",", "")) == MEGABYTES[system]


def test_the_changes_begin_with_this_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    headings = re.findall(r"^## (.*)$", changes, re.M)
    assert project["version"] == smartcut.__version__ == headings[0]
    assert headings == sorted(headings, reverse=True)


def test_the_weights_are_counted() -> None:
    assert MEGABYTES["weights"] == sum(TABLE[name].megabytes for name in weights())


# ------------------------------------------------------------------------------- which torch


def commands(*arguments: str) -> list[list[str]]:
    """The pip commands of a first set-up."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    done = subprocess.run(
        ["make", "-n", "-B", ".venv/.installed", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")},
    )  # fmt: skip
    text = done.stdout.replace("\\\n", " ")
    lines = [line for line in text.splitlines() if "pip install" in line]
    return [
        shlex.split(line.split("|| ")[-1])
        for line in lines
        if not line.startswith('test -z ""')  # as it is without TORCH
    ]


def test_torch_comes_with_the_rest_unless_another_is_asked_for() -> None:
    (everything,) = commands()
    assert everything[-2:] == ["-e", ".[dev]"]
    assert "--index-url" not in everything
    first, second = commands("TORCH=cpu")
    assert second == everything
    assert first[-2:] == ["torch", "torchvision"]
    assert "https://download.pytorch.org/whl/cpu" in first


def test_the_small_torch_is_the_pinned_one(tmp_path: Path) -> None:
    """The command's own words, with an index of wheels made here."""
    for name, version in {"torch": "2.13.0", "torchvision": "0.28.0"}.items():
        for build in ("2.0", f"{version}+cpu", "99.0+cpu"):
            wheel = tmp_path / name / f"{name}-{build}-py3-none-any.whl"
            wheel.parent.mkdir(exist_ok=True)
            about = f"{name}-{build}.dist-info"
            with zipfile.ZipFile(wheel, "w") as archive:
                metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {build}\n"
                archive.writestr(f"{about}/METADATA", metadata + "Requires-Dist: nowhere\n")
                archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
                archive.writestr(f"{about}/RECORD", "")
        links = [f'<a href="{w.name}">{w.name}</a>' for w in (tmp_path / name).glob("*.whl")]
        (tmp_path / name / "index.html").write_text("\n".join(links))
    (first, _) = commands("TORCH=cpu", f"TORCH_INDEX={tmp_path.as_uri()}")
    tried = [sys.executable, *first[1:], "--dry-run", "--ignore-installed", "--no-cache-dir"]
    tried.remove("--quiet")
    done = subprocess.run(tried, cwd=ROOT, capture_output=True, text=True, env=bare(os.environ))
    assert "Would install torch-2.13.0+cpu torchvision-0.28.0+cpu" in done.stdout, done.stderr


def test_no_configuration_is_left_where_the_resolution_is_checked() -> None:
    given = {"PIP_FIND_LINKS": "x", "PIP_CERT": "c", "UV_INDEX": "y", "PATH": "p"}
    found = bare(given)
    assert found.keys().isdisjoint({"PIP_FIND_LINKS", "UV_INDEX"})
    assert (found["PIP_CERT"], found["PATH"], found["PIP_CONFIG_FILE"]) == ("c", "p", os.devnull)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        ("error: Failed to fetch: `https://pypi.org/simple/torch/`", True),
        ("ReadTimeoutError: HTTPSConnectionPool(host='pypi.org', port=443): Read timed out.", True),
        ("Because torch==2.13.0 depends on triton==3.7.1 and you require triton==3.9.0", False),
        ("ERROR: ResolutionImpossible: for help visit https://pip.pypa.io", False),
        ("Because av==18.1.0 has no usable wheels", False),
    ],
)
def test_a_server_that_is_silent_says_nothing_of_the_versions(problem: str, expected: bool) -> None:
    assert is_of_network(problem) is expected


def test_what_has_no_wheel_everywhere_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_stretch", None)
    sound = [np.zeros((2, 4800), np.float32)]
    with pytest.raises(MissingExtra, match=r"'python-stretch'.*smartcut-pipelines\[stretch\]"):
        list(stretched(sound, [(F(1), F(1, 2))], 48_000, 9600, 2))


# --------------------------------------------------------------------------- a fresh machine

_MAKEFILE = """\
show:
\t@env > $(OUT)/env; ls -A "$$HOME" > $(OUT)/home; ls -A > $(OUT)/clone
\t@stat -c '%a' "$$HOME" "$$HOME/.." > $(OUT)/modes; pwd > $(OUT)/place
broken: show
\t@exit 7
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A small repository with the script in it, and a file that was not committed."""
    if shutil.which("git") is None or shutil.which("make") is None:
        pytest.skip("git or make is not installed")
    folder = tmp_path / "sources"
    (folder / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "fresh.sh", folder / "tools")
    (folder / "Makefile").write_text(_MAKEFILE.replace("$(OUT)", str(tmp_path)))
    author = ["-c", "user.name=A", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "All"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    (folder / "forgotten").touch()
    return folder


@pytest.mark.parametrize(("target", "code"), [("show", 0), ("broken", 2)])
def test_a_fresh_machine_has_nothing_of_this_one(
    target: str, code: int, sources: Path, tmp_path: Path
) -> None:
    given = {"PIP_FIND_LINKS": "wheels", "PIP_CACHE_DIR": "/kept", "PYTHONPATH": "x", "ANY": "y"}
    done = subprocess.run(
        [sources / "tools" / "fresh.sh", target],
        env={**os.environ, **given}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    seen = dict(x.split("=", 1) for x in (tmp_path / "env").read_text().splitlines() if "=" in x)
    assert seen["PIP_FIND_LINKS"] == "wheels"
    assert seen.keys().isdisjoint({"PIP_CACHE_DIR", "PYTHONPATH", "ANY", "SMARTCUT_CACHE"})
    assert seen["HOME"] != os.environ.get("HOME")
    assert (tmp_path / "home").read_text() == "smartcut\n"
    assert (tmp_path / "modes").read_text().split() == ["700", "700"]
    assert (tmp_path / "clone").read_text().split() == [".git", "Makefile", "tools"]
    assert not Path((tmp_path / "place").read_text().strip()).exists(), "it is deleted"
