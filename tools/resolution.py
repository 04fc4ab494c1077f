"""Makes constraints.txt, and checks that it resolves for everybody, by the public index alone.

``remake [--upgrade]`` resolves for all systems at once and writes the download sizes down;
``check`` repeats what a user's pip does on this system, without any configuration, and what
resolvers do on the others, where wheels have to exist. Nothing large is downloaded: dry runs and
metadata. The pip and uv that it calls are those of build/resolve, which the Makefile installs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from smartcut.models.weights import TABLE

ROOT = Path(__file__).parents[1]
CONSTRAINTS, PROJECT = ROOT / "constraints.txt", ROOT / "pyproject.toml"
SIZES = Path(__file__).with_name("downloads.json")
INDEX = "https://pypi.org/simple"
_PYTHON = str(ROOT / "build" / "resolve" / "bin" / "python")

#: uv's names of the systems that the constraints hold for.
SYSTEMS = {
    "linux-x86_64": "x86_64-manylinux_2_28",
    "linux-aarch64": "aarch64-manylinux_2_28",
    "macos-aarch64": "aarch64-apple-darwin",
    "windows-x86_64": "x86_64-pc-windows-msvc",
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_SIZED = "3.12"
_MACOS = "14.0"
#: Released as source alone, in pure Python.
_FROM_SOURCE = "openai-whisper"
#: Megabytes of torch for the CPU alone, which is not on the public index, but on PyTorch's.
_CPU_TORCH = 192
_CUDA = ("nvidia-", "cuda-")
# What pip, urllib3 and uv say where a server gave no answer.
_NO_ANSWER = (
    "failed to fetch", "error sending request", "timed out", "connection", "name resolution",
    "max retries", "server error",
)  # fmt: skip

_HEADER = f"""\
# The versions that everything was tested with, on all systems and CPython {PYTHONS[0]} to \
{PYTHONS[-1]}.
# Made by `make constraints` from pyproject.toml; `make constraints UPGRADE=--upgrade` takes newer.
"""


def bare(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what chooses an index or packages; certificates and proxies stay."""
    kept = {"PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY", "PIP_DEFAULT_TIMEOUT", "UV_CACHE_DIR"}
    found = {k: v for k, v in environment.items() if k in kept or not k.startswith(("PIP_", "UV_"))}
    return {
        **found,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "MACOSX_DEPLOYMENT_TARGET": _MACOS,
    }


def is_reachable(index: str = INDEX) -> bool:
    """Whether the public index answers at all."""
    try:
        with urllib.request.urlopen(f"{index}/pip/", timeout=20):
            return True
    except OSError:
        return False


def _uv(*arguments: str) -> list[str]:
    return [_PYTHON, "-m", "uv", "pip", "compile", "--default-index", INDEX, *arguments]


def _by_pip() -> list[str]:
    """What set-up does, as a dry run. `fast-deps` reads the metadata without the whole wheel."""
    command = [_PYTHON, "-m", "pip", "install", "--quiet", "--dry-run"]
    command += ["--ignore-installed", "--use-feature=fast-deps"]
    return [*command, "-c", str(CONSTRAINTS), "-e", f"{ROOT}[dev]"]


def _locking(system: str, python: str, extras: Iterable[str]) -> list[str]:
    chosen = [word for extra in extras for word in ("--extra", extra)]
    return _uv(
        *("--python-platform", SYSTEMS[system], "--python-version", python),
        *("-c", str(CONSTRAINTS), "--only-binary", ":all:", "--no-binary", _FROM_SOURCE),
        *("--format", "pylock.toml", *chosen, str(PROJECT)),
    )


def _problem(command: list[str]) -> str | None:
    """What the resolver says against it; None where it is content."""
    done = subprocess.run(
        command, capture_output=True, text=True, env=bare(os.environ), cwd=tempfile.gettempdir()
    )
    said = [x for x in done.stderr.splitlines() if not x.startswith(("warning", "WARNING"))]
    return "\n".join(said) or f"exit code {done.returncode}" if done.returncode else None


def digest() -> str:
    """Of all that the resolution depends on here."""
    files = (CONSTRAINTS, PROJECT, Path(__file__))
    text = b"".join(sha256(file.read_bytes()).digest() for file in files)
    return sha256(text + sys.version.encode()).hexdigest()[:16]


def is_of_network(problem: str) -> bool:
    """Whether a resolver failed for want of an answer, which says nothing about the versions."""
    return any(words in problem.lower() for words in _NO_ANSWER)


def check() -> int:
    """0 where all resolve, or where nobody can tell."""
    stamp = ROOT / "build" / f"resolved-{digest()}"
    if stamp.exists():
        print(f"the constraints resolve (checked before: {stamp.relative_to(ROOT)})")
        return 0
    if not is_reachable():
        print(f"WARNING: {INDEX} cannot be reached; whether the constraints resolve is not known")
        return 0
    tries = {"pip here": _by_pip()}
    for system in SYSTEMS:
        for python in PYTHONS:
            tries[f"{system}, Python {python}"] = _locking(system, python, ("dev", "dev-all"))
    problems = {name: said for name, command in tries.items() if (said := _problem(command))}
    unknown = {name for name, said in problems.items() if is_of_network(said)}
    for name in sorted(problems):
        state = (
            "WARNING: it is not known whether" if name in unknown else "error: it is not so that"
        )
        print(f"{state} the constraints resolve ({name}):\n{problems[name]}\n", file=sys.stderr)
    if not problems:
        stamp.touch()
        print(f"the constraints resolve for {len(tries) - 1} systems and Pythons, and by pip")
    return 1 if problems.keys() - unknown else 0


# ------------------------------------------------------------------------------------ remaking


def remake(more: list[str]) -> int:
    """Write constraints.txt and the sizes; ``more`` goes to uv."""
    command = _uv(
        *("--universal", "--python-version", PYTHONS[0], "--all-extras", "--quiet"),
        *("--no-header", "--no-annotate", "-o", str(CONSTRAINTS), *more, str(PROJECT)),
    )
    subprocess.run(command, check=True, env=bare(os.environ), stdout=subprocess.DEVNULL)
    CONSTRAINTS.write_text(_HEADER + CONSTRAINTS.read_text())
    SIZES.write_text(json.dumps(_sizes(), indent=1) + "\n")
    return 0


def _sizes() -> dict[str, int]:
    """Megabytes that `make demo` downloads: of packages for each system, and of weights."""
    sizes = {}
    for system in SYSTEMS:
        packages = _locked(_locking(system, _SIZED, ("dev",)))
        sizes[system] = _megabytes(packages)
        rest = [p for p in packages if p["name"] != "torch" and not p["name"].startswith(_CUDA)]
        if len(rest) < len(packages) - 1:
            sizes[f"{system} TORCH=cpu"] = _megabytes(rest) + _CPU_TORCH
    sizes["weights"] = sum(TABLE[name].megabytes for name in weights())
    return sizes


def weights() -> list[str]:
    """The networks whose weights `make weights` fetches: the Makefile names them."""
    lines = (ROOT / "Makefile").read_text().splitlines()
    (names,) = (x.removeprefix("WEIGHTS := ") for x in lines if x.startswith("WEIGHTS := "))
    return names.split()


def _locked(command: list[str]) -> list[dict[str, Any]]:
    """The packages of a lock (pylock.toml), with the files that suit the system."""
    done = subprocess.run(command, check=True, env=bare(os.environ), capture_output=True, text=True)
    found: list[dict[str, Any]] = tomllib.loads(done.stdout)["packages"]
    return found


def _megabytes(packages: Iterable[dict[str, Any]]) -> int:
    """Of the largest file of each: a wheel for the system rather than one for all."""
    files = [p.get("wheels") or [f for f in (p.get("sdist"),) if f] for p in packages]
    return round(sum(max(f["size"] for f in some) for some in files if some) / 1e6)


if __name__ == "__main__":
    task, *rest = sys.argv[1:]
    sys.exit({"check": check, "remake": lambda: remake(rest)}[task]())
