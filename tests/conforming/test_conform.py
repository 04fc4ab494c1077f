"""A film that smartcut rendered is brought back to its cut, to the frame."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from time import process_time

import pytest

import smartcut as sc
from benchmarks.conform_material import Filmed
from smartcut.api.events import EventProgress, RunCancelled, RunEvent, WorkStarted
from smartcut.cut import Cut
from smartcut.interchange.files import read_cut, write_cut
from smartcut.media.probe import probe
from tests.builders.commands import done_command
from tests.builders.conformed import film, shown, sources, spans, truth


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Cut]:
    """A folder of sources, a film of hard cuts and its cut."""
    folder = tmp_path_factory.mktemp("conform")
    files = sources(folder / "rushes", 2, Filmed(8, 1, (128, 72)))
    segments = [shown("s0", 30, 34), shown("s1", 90, 22), shown("s1", 3, 40), shown("s0", 120, 30)]
    cut = film(folder / "film.mp4", files, segments, crf=24)
    return folder / "film.mp4", folder / "rushes", cut


def test_every_frame_of_a_film_is_found_in_its_sources(
    made: tuple[Path, Path, Cut], tmp_path: Path
) -> None:
    path, rushes, cut = made
    found = sc.conform(path, rushes)
    assert spans(found.parts) == truth(cut)
    assert found.explained == 1
    assert min(part.confidence for part in found.parts) > 0.9
    assert [(s.source, s.range) for s in found.cut.segments] == [
        (s.source, s.range) for s in cut.segments
    ]
    write_cut(found.cut, tmp_path / "found.otio")
    again = read_cut(tmp_path / "found.otio", lambda file, id: probe(file, id=id))
    assert [s.range for s in again.segments] == [s.range for s in cut.segments]


def test_the_command_writes_a_cut_a_pipeline_and_a_page(
    made: tuple[Path, Path, Cut], tmp_path: Path
) -> None:
    path, rushes, cut = made
    out, page = tmp_path / "found.yaml", tmp_path / "found.html"
    asked = ("conform", path, "--sources", rushes, "-o", out, "--page", page, "--json")
    told = done_command(*asked)
    assert told.returncode == 0, told.stderr
    plain = json.loads(told.stdout)
    assert plain["explained"] == 1
    assert [part["source"] for part in plain["parts"]] == [s.source for s in cut.segments]
    assert [s.range for s in sc.open(out).cut().segments] == [s.range for s in cut.segments]
    shown = page.read_text()
    assert shown.count("data:image/jpeg") == 2 * len(cut.segments)
    assert "Unknown parts" not in shown


def test_what_is_no_film_of_the_sources_is_said(
    made: tuple[Path, Path, Cut], tmp_path: Path
) -> None:
    (strange,) = sources(tmp_path / "other", 1, Filmed(1, 77, (128, 72)))
    _, rushes, _ = made
    with pytest.raises(sc.SmartcutError, match="nothing of .* was recognised in 2 sources"):
        sc.conform(strange, rushes)


def test_it_ends_soon_after_it_is_asked_to(made: tuple[Path, Path, Cut]) -> None:
    path, rushes, _ = made
    stopping, asked = Event(), []

    def stop(event: RunEvent) -> None:
        if isinstance(event, WorkStarted) and event.label.startswith("recognising"):
            asked.append(process_time())
            stopping.set()

    with pytest.raises(RunCancelled):
        sc.conform(path, rushes, progress=EventProgress(stop, stopping))
    assert process_time() - asked[0] < 1


def test_without_sources_it_is_said_what_to_name(
    made: tuple[Path, Path, Cut], tmp_path: Path
) -> None:
    path, _, _ = made
    with pytest.raises(sc.SmartcutError, match="no video was found"):
        sc.conform(path, tmp_path)
    with pytest.raises(sc.SmartcutError, match="name the files or folders"):
        sc.conform(path, tmp_path / "none")
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    with pytest.raises(sc.SmartcutError, match=r"broken\.mp4 is left out"):
        sc.conform(path, tmp_path)
    assert done_command("conform", path).returncode == 2


def test_a_damaged_source_is_left_out_with_a_note(
    made: tuple[Path, Path, Cut], tmp_path: Path
) -> None:
    path, rushes, _ = made
    whole = (rushes / "s0.mp4").read_bytes()
    # Its packets lie before the index at its end: a third of them is zeroed.
    cut = len(whole) // 3
    (tmp_path / "damaged.mp4").write_bytes(whole[:cut] + bytes(cut) + whole[2 * cut :])
    with pytest.raises(sc.SmartcutError, match=r"damaged\.mp4 is left out"):
        sc.conform(path, tmp_path)
