"""What all tests share: a cache of their own, and the weights that are on this machine."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from smartcut.models import weights
from tests.builders.browser import Chromium, launched, why_no_browser
from tests.builders.kept_clips import keep_clips, keep_clips_in
from tests.builders.not_run import not_run

SAMPLES = Path(__file__).parents[1] / "sample_media"

# A loaded machine is no failure; and where a change is judged, the cases drawn are always the same.
settings.register_profile("smartcut", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("smartcut")

# Workers of the suite share the cores: threads of both that wait for each other take many times as
# long.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# Networks as they are written; what engines make of them is for the tests of engines.
os.environ.setdefault("SMARTCUT_ENGINE", "torch")


# pytest's own folders are numbered by looking through all that there are: thousands, each time.
_numbers = count()


@pytest.fixture(scope="session")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("folders")


@pytest.fixture
def tmp_path(_folders: Path, request: pytest.FixtureRequest) -> Path:
    """An empty folder for each test, in place of pytest's."""
    folder = _folders / f"{next(_numbers)}-{re.sub(r'[^a-z0-9]+', '_', request.node.name)[:40]}"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def own_cache(_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder for each test; the user's own is never touched."""
    folder = _folders / f"{next(_numbers)}-cache"
    folder.mkdir()
    monkeypatch.setenv("SMARTCUT_CACHE", str(folder))
    monkeypatch.setattr(weights, "notes_root", lambda: folder / "notes")
    return folder


# Before any test is imported.
keep_clips()


@pytest.fixture(scope="session", autouse=True)
def _kept_clips(tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.getbasetemp()
    keep_clips_in((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "clips")


def pytest_configure() -> None:
    """What is imported and collected stays: looking for garbage in it took a third of that time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Nor is it looked through later, which took a tenth of all."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 10, 100)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line of what was not run, and what it wants."""
    skipped = terminalreporter.stats.get("skipped", [])
    if line := not_run(report.longrepr[2] for report in skipped):
        terminalreporter.write_line(line)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("weights"):
        missing = [name for name in mark.args if weights.find(name) is None]
        if missing:
            pytest.skip(f"weights are not on this machine: smartcut models pull {missing[0]}")


# Of a module, since asyncio.run() is refused on a thread while Playwright is at work there.
@pytest.fixture(scope="module")
def _launched() -> Iterator[Chromium]:
    reason = why_no_browser()
    if reason:
        pytest.skip(reason)
    with launched() as browser:
        yield browser


@pytest.fixture
def chromium(_launched: Chromium) -> Iterator[Chromium]:
    """A browser that runs; the pages that a test opens are closed at its end."""
    yield _launched
    _launched.close_pages()


@pytest.fixture(scope="session")
def cluster() -> Iterator[None]:
    """A Ray cluster of two workers here, for all tests that want one."""
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed: pip install 'smartcut-pipelines[ray]'")
    import ray

    with pytest.MonkeyPatch.context() as patched:
        # Workers find the stages of the tests.
        path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        patched.setenv("PYTHONPATH", path)
        from smartcut.runners.cluster import start

        start(None, 2)
    yield
    ray.shutdown()
