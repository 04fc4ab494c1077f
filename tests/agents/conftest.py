"""A folder with one film, and a server over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smartcut.testing import write_bar_coded
from tests.builders.agents import AgentDesk


@pytest.fixture(scope="session")
def coded(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A film of two seconds whose pictures carry their numbers."""
    path = tmp_path_factory.mktemp("coded") / "film.mp4"
    write_bar_coded(path, frames=60, size=(160, 90))
    return path.read_bytes()


@pytest.fixture
def desk(tmp_path: Path, coded: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[AgentDesk]:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "film.mp4").write_bytes(coded)
    (tmp_path / "secret.mp4").write_bytes(coded)
    (tmp_path / "secret.yaml").write_text("stages: [render]")
    made = AgentDesk(folder, monkeypatch)
    yield made
    made.call.jobs.close(20)
