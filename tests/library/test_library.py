"""A library of small clips: what is indexed, what is found, and what a kill leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import av
import numpy as np
import pytest
from PIL import Image

from smartcut.annotation import Data, Features, Sentence
from smartcut.cache import cache_root
from smartcut.errors import CacheError, ModelError, PipelineError, SourceError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.library import codes, indexing
from smartcut.library.catalogue import Catalogue, RowRange
from smartcut.library.indexing import IndexOutcome, LibrarySettings, index
from smartcut.library.looking import read_image
from smartcut.library.results import as_cut, as_inputs, as_rows
from smartcut.library.searching import LONGEST, Question, SearchAnswer, around, search
from smartcut.library.segments import write_segment
from smartcut.library.store import PICTURES, Store
from smartcut.library.vectors import Vectors
from smartcut.media.probe import probe
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Frames, Sound
from smartcut.stages.shots import ShotsStage
from smartcut.timebase import Range

COLOURS = {"red": (220, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 220)}
SECOND = 10
"""Frames."""


# ---------------------------------------------------------------------- a network of one line


class Mean:
    """Takes pictures and gives their mean colours as vectors of length 1."""

    def __init__(self, context: Context, rate: Fraction) -> None:
        self._context, self._rate = context, rate
        self._rows: list[np.ndarray] = []
        self._pts: list[int] = []

    def feed(self, item: Any) -> None:
        self._pts.append(int(item.time * self._rate))
        self._rows.append(vector(item.pixels.reshape(-1, 3).mean(axis=0)))

    def finish(self) -> Data:
        key = self._context.cache.store_array(np.stack(self._rows))
        return Features(1 / self._rate, tuple(self._pts), 3, key)


class Colours(Analysis):
    name: ClassVar[str] = "colours"
    version: ClassVar[int] = 1
    looked: ClassVar[list[str]] = []

    digest: str = "1"

    def wants(self, source: Source) -> Frames | Sound | None:
        return Frames((8, 8), "rgb", Fraction(2)) if source.video else None

    def listener(self, source: Source, context: Context) -> Mean:
        self.looked.append(source.path.name)
        return Mean(context, Fraction(2))

    def empty(self, source: Source) -> Data:
        return Features(Fraction(1, 2), (), 0, "")

    def model(self, context: Context) -> tuple[str, str] | None:
        return "mean colour", self.digest


class Painter:
    """Knows the names of three colours."""

    name = "painter"
    note: str | None = None

    def __init__(self, digest: str = "1") -> None:
        self._digest = digest

    def analysis(self, rate: Fraction, effort: str) -> Analysis:
        return Colours(digest=self._digest)

    def words(self, text: str, context: Context) -> np.ndarray:
        return vector(COLOURS[text])

    def image(self, file: Path, context: Context) -> np.ndarray:
        return vector(read_image(file, 8, True).reshape(-1, 3).mean(axis=0))

    def scores(self, rows: np.ndarray, text: str, context: Context) -> np.ndarray:
        return rows @ vector(COLOURS[text])


def vector(colour: Sequence[float] | np.ndarray) -> np.ndarray:
    """float32 (3,) of length 1."""
    found = np.asarray(colour, np.float32) + 1e-3
    return np.asarray(found / np.linalg.norm(found))


def write_clip(path: Path, colours: Sequence[str], seconds: int = 1) -> Path:
    """Colours one after the other, hard cuts between them, without sound."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=SECOND)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.thread_count = 1
        for name in colours:
            pixels = np.full((48, 64, 3), COLOURS[name], np.uint8)
            for _ in range(seconds * SECOND):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three clips, one of them below a folder."""
    media = tmp_path / "media"
    (media / "b").mkdir(parents=True)
    write_clip(media / "one.mp4", ["red", "green"])
    write_clip(media / "two.mp4", ["green"])
    write_clip(media / "b" / "three.mp4", ["blue", "red", "blue"])
    return media


@pytest.fixture(autouse=True)
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were decoded for the network, in order."""
    names: list[str] = []
    monkeypatch.setattr(Colours, "looked", names)
    # the learned detector is not what is tested here
    monkeypatch.setattr(indexing, "ShotsStage", lambda: ShotsStage(detector="content"))
    return names


def brought_up(folder: Path, **more: Any) -> IndexOutcome:
    settings = more.pop("settings", LibrarySettings(speech=False))
    return index(folder, settings=settings, network=more.pop("network", Painter()), **more)


def asked(folder: Path, words: str | None = None, **more: Any) -> SearchAnswer:
    network = more.pop("network", Painter())
    return search(folder, Question(words, **more), network=network)


def told(answer: SearchAnswer) -> list[tuple[str, float, float]]:
    return [(h.path.name, float(h.range.start), float(h.range.end)) for h in answer.hits]


# ------------------------------------------------------------------------------- the vectors


def spread_over(count: int, dimensions: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((count, dimensions), np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("dimensions", [3, 384])
def test_a_turn_keeps_all_products(dimensions: int) -> None:
    turned = codes.turn(dimensions)
    assert turned.shape == (dimensions, codes.width(dimensions))
    assert np.abs(turned @ turned.T - np.eye(dimensions)).max() < 1e-6


@pytest.mark.parametrize("dimensions", [384, 512])
def test_estimates_are_unbiased_and_as_wrong_as_they_say(dimensions: int) -> None:
    rows, query = spread_over(4000, dimensions), spread_over(1, dimensions, 1)[0]
    centre = rows[:50].mean(axis=0)
    bits, scale = codes.encode(rows, centre)
    found, question = np.empty(len(rows), np.float32), codes.question(query)
    codes.estimate(question, bits, scale, float(query @ centre), found)
    errors = (found - rows @ query) / (scale * question.error)
    assert abs(errors.mean()) < 0.1
    assert 0.85 < errors.std() < 1.15


def test_the_few_of_a_small_set_are_exact(tmp_path: Path) -> None:
    rows, query = spread_over(300, 64), spread_over(1, 64, 1)[0]
    parts = [rows[:100], rows[100:]]
    segments = [write_segment(tmp_path, str(i), [part]) for i, part in enumerate(parts)]
    near = Vectors(segments).search(query, 7)
    wanted = np.argsort(-(rows @ query))[:7]
    assert [100 * n.segment + n.row for n in near] == wanted.tolist()
    assert np.allclose([n.score for n in near], (rows @ query)[wanted], atol=1e-4)


def test_dead_rows_are_not_found(tmp_path: Path) -> None:
    rows = spread_over(500, 64)
    alive = np.ones(500, bool)
    alive[42] = False
    segment = write_segment(tmp_path, "a", [rows])
    assert Vectors([segment]).search(rows[42], 1)[0].row == 42
    found = Vectors([segment], [alive]).search(rows[42], 500)
    assert len(found) == 499
    assert 42 not in {n.row for n in found}


def recall(tmp_path: Path, count: int, k: int, seed: int = 3) -> float:
    rows, queries = spread_over(count, 512), spread_over(20, 512, seed)
    step = count // 3
    segments = [
        write_segment(tmp_path, str(at), [rows[at : at + step]]) for at in range(0, count, step)
    ]
    vectors, hits = Vectors(segments), 0
    for query in queries:
        wanted = set(np.argsort(-(rows @ query))[:k].tolist())
        hits += len(wanted & {step * n.segment + n.row for n in vectors.search(query, k)})
    return hits / (k * len(queries))


def bytes_read() -> int:
    """From disks, by this process."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("read_bytes"))


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="no count of what is read")
def test_rows_far_apart_are_read_without_what_lies_between(tmp_path: Path) -> None:
    rows = np.random.default_rng(3).standard_normal((20_000, 512), np.float32)
    segment, query = write_segment(tmp_path, "s", [rows]), rows[0]
    with (tmp_path / "s" / "rows.npy").open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    which = np.array([0, 1, 2, 5_000, 5_020, 12_345, 19_999])
    before = bytes_read()
    products = segment.rows.products(which, query)
    read = bytes_read() - before
    assert np.allclose(products, rows[which] @ query, atol=0.02)
    if not read:
        pytest.skip("the file system keeps the file in memory")
    assert read < 500_000


def test_recall_without_any_structure(tmp_path: Path) -> None:
    assert recall(tmp_path, 6000, 10) >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("k", [10, 100])
def test_recall_of_fifty_thousand(tmp_path: Path, k: int) -> None:
    assert recall(tmp_path, 50_000, k) >= 0.95


# ---------------------------------------------------------------------------------- indexing


def test_only_what_is_new_is_analysed(folder: Path, looked: list[str]) -> None:
    first = brought_up(folder)
    assert sorted(first.analysed) == ["b/three.mp4", "one.mp4", "two.mp4"]
    assert sorted(looked) == ["one.mp4", "three.mp4", "two.mp4"]
    assert first.totals == {"files": 3, "contents": 3, "pictures": 12, "sentences": 0}
    looked.clear()
    again = brought_up(folder)
    assert (again.analysed, again.unchanged, looked) == ([], 3, [])


def test_unchanged_files_are_not_even_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    brought_up(folder)
    monkeypatch.setattr("smartcut.cache.file_sha256", lambda path: pytest.fail("hashed"))
    monkeypatch.setattr(indexing.local, "run", lambda *a: pytest.fail("run"))
    assert brought_up(folder).unchanged == 3


def test_renamed_changed_copied_and_deleted(folder: Path, looked: list[str]) -> None:
    brought_up(folder)
    looked.clear()
    (folder / "one.mp4").rename(folder / "uno.mp4")
    (folder / "copy.mp4").write_bytes((folder / "b" / "three.mp4").read_bytes())
    write_clip(folder / "two.mp4", ["blue"])
    outcome = brought_up(folder)
    assert looked == outcome.analysed == ["two.mp4"]
    assert sorted(outcome.moved) == ["copy.mp4", "uno.mp4"]
    assert outcome.dropped == ["one.mp4"]
    assert told(asked(folder, "green", limit=1)) == [("uno.mp4", 1.0, 2.0)]
    (folder / "uno.mp4").unlink()
    assert brought_up(folder).dropped == ["uno.mp4"]
    names = {hit.path.name for hit in asked(folder, "green", limit=20).hits}
    assert names == {"three.mp4", "two.mp4"}  # of equal files the first is shown


def test_a_broken_file_is_listed_and_stops_no_other(folder: Path) -> None:
    (folder / "broken.mp4").write_bytes(b"no media at all")
    for _ in range(2):
        outcome = brought_up(folder)
        assert list(outcome.failed) == ["broken.mp4"]
        assert "broken.mp4" in outcome.failed["broken.mp4"]
        assert outcome.totals["contents"] == 3
    write_clip(folder / "broken.mp4", ["red"])
    assert brought_up(folder).analysed == ["broken.mp4"]


def test_a_folder_that_lost_everything_drops_nothing(folder: Path) -> None:
    brought_up(folder)
    away = folder.rename(folder.with_name("away"))
    folder.mkdir()
    with pytest.raises(SourceError, match="knows 3 files: nothing was dropped"):
        brought_up(folder)
    folder.rmdir()
    away.rename(folder)
    assert brought_up(folder).unchanged == 3


def test_vectors_of_two_networks_are_never_mixed(folder: Path) -> None:
    brought_up(folder)
    with pytest.raises(ModelError, match="made with other networks"):
        brought_up(folder, network=Painter("2"))
    with pytest.raises(ModelError, match="index again with --fresh"):
        asked(folder, "red", network=Painter("2"))
    fresh = brought_up(
        folder, network=Painter("2"), settings=LibrarySettings(speech=False, fresh=True)
    )
    assert len(fresh.analysed) == 3
    assert len(asked(folder, "red", network=Painter("2")).hits) == 6


def test_the_effort_of_a_library_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And another one makes no other library: their vectors can be compared."""
    efforts = []

    class Asked(Painter):
        def analysis(self, rate: Fraction, effort: str) -> Analysis:
            efforts.append(effort)
            return super().analysis(rate, effort)

    for effort in (None, "low", None, "exact"):
        settings = LibrarySettings(speech=False, effort=effort)  # type: ignore[arg-type]
        brought_up(folder, network=Asked(), settings=settings)
    assert efforts == ["auto", "low", "low", "exact"]


def test_segments_are_merged_and_swept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartcut.library.store._MOST_SEGMENTS", 2)
    for i in range(4):
        write_clip(folder / f"more{i}.mp4", ["green", "blue"][i % 2 :], 1 + i)
        brought_up(folder)
    store = Store.of(folder)
    brought_up(folder)
    with store.catalogue(folder) as catalogue:
        used = {span.segment for span in catalogue.spans(PICTURES)}
    assert len(used) <= 2
    assert {f.name for f in store.vectors_folder(PICTURES).iterdir()} == used
    assert len(asked(folder, "blue", limit=50).hits) == 12


def test_merging_reads_a_part_at_a_time(tmp_path: Path) -> None:
    store, catalogue = Store(tmp_path), Catalogue(tmp_path)
    store.made()
    films = np.random.default_rng(4).standard_normal((20, 3_000, 256), np.float32)
    for i, rows in enumerate(films):
        span = RowRange(str(i), store.add(PICTURES, [rows]), 0, len(rows))
        catalogue.put_span(PICTURES, span, Fraction(1), range(len(rows)))
    tracemalloc.start()
    store.tidy(PICTURES, catalogue)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    spans = catalogue.spans(PICTURES)
    catalogue.close()
    assert len({span.segment for span in spans}) == 5
    for span in spans:
        kept = store.segment(PICTURES, span.segment).rows.part(span.first, span.count)
        assert np.allclose(kept[:], films[int(span.digest)], atol=1e-3)
    assert most < films[:16].nbytes / 2


def test_one_indexer_at_a_time(folder: Path) -> None:
    with Store.of(folder).locked(), pytest.raises(CacheError, match="another `smartcut library"):
        brought_up(folder)


def test_the_media_folder_is_left_alone(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    brought_up(folder)
    assert sorted(folder.rglob("*")) == before
    assert list((cache_root() / "libraries").glob("*/library.sqlite"))


def test_a_store_of_ones_own_inside_the_folder(folder: Path) -> None:
    place = folder / ".smartcut-library"
    for analysed in (3, 0):
        assert len(brought_up(folder, store=place).analysed) == analysed
    assert search(folder, Question("red"), store=place, network=Painter()).hits


# --------------------------------------------------------------------------------- searching


def test_shots_by_words_the_best_first(folder: Path) -> None:
    brought_up(folder)
    answer = asked(folder, "red", limit=2)
    assert sorted(told(answer)) == [("one.mp4", 0.0, 1.0), ("three.mp4", 1.0, 2.0)]
    assert all(hit.score > 0.99 and hit.range.contains(hit.at) for hit in answer.hits)
    scores = [hit.score for hit in asked(folder, "red", limit=20).hits]
    assert len(scores) == 6  # one result for each shot
    assert scores == sorted(scores, reverse=True)


def test_shots_by_image(folder: Path, tmp_path: Path) -> None:
    brought_up(folder)
    Image.new("RGB", (60, 40), COLOURS["blue"]).save(tmp_path / "blue.png")
    found = told(asked(folder, image=tmp_path / "blue.png", limit=2))
    assert sorted(found) == [("three.mp4", 0.0, 1.0), ("three.mp4", 2.0, 3.0)]
    with pytest.raises(ModelError, match="cannot be read as an image"):
        asked(folder, image=folder / "one.mp4")


def test_words_and_image_together(folder: Path, tmp_path: Path) -> None:
    brought_up(folder)
    Image.new("RGB", (60, 40), (120, 110, 20)).save(tmp_path / "olive.png")
    (hit, *_) = asked(folder, "red", image=tmp_path / "olive.png", limit=1).hits
    assert [kind for kind, _ in hit.why] == ["words", "image"]


def test_speech_by_its_words(folder: Path) -> None:
    brought_up(folder)
    say(folder, {"one.mp4": ["The boats are sailing home."], "two.mp4": ["A goal!", "What a day"]})
    answer = asked(folder, speech="sailed boat")
    assert told(answer) == [("one.mp4", 0.0, 0.5)]
    assert answer.hits[0].text == "The boats are sailing home."
    assert not asked(folder, speech="nothing here").hits
    assert not asked(folder, speech='"OR* (').hits


def say(folder: Path, texts: dict[str, list[str]]) -> None:
    """Put speech into the catalogue, half a second a sentence."""
    catalogue = Catalogue(Store.of(folder).root)
    with catalogue.change():
        catalogue.set_note("networks", {**catalogue.note("networks"), "speech": True})
        for path, lines in texts.items():
            digest = catalogue.files()[path].digest
            assert digest is not None
            half = Fraction(1, 2)
            sentences = [
                Sentence(Range(i * half, (i + 1) * half), text) for i, text in enumerate(lines)
            ]
            catalogue.put_sentences(digest, sentences)
    catalogue.close()


def test_speech_is_forgotten_with_its_file(folder: Path) -> None:
    brought_up(folder)
    say(folder, {"one.mp4": ["The boats are sailing home."]})
    catalogue = Catalogue(Store.of(folder).root)
    assert len(catalogue.spoken("boats", 5)) == 1
    catalogue.set_note("networks", {**catalogue.note("networks"), "speech": False})
    (folder / "one.mp4").unlink()
    brought_up(folder)
    assert catalogue.spoken("boats", 5) == []
    catalogue.close()


def test_of_long_shots_what_lies_around_the_moment() -> None:
    shot = Range(Fraction(5), Fraction(40))
    assert around(Fraction(20), shot, LONGEST) == Range(Fraction(15), Fraction(25))
    assert around(Fraction(6), shot, LONGEST) == Range(Fraction(5), Fraction(15))
    assert around(Fraction(39), shot, LONGEST) == Range(Fraction(30), Fraction(40))
    assert around(Fraction(39), shot, Fraction(60)) == shot


def test_files_that_changed_since_are_left_out_and_named(folder: Path) -> None:
    brought_up(folder)
    write_clip(folder / "one.mp4", ["blue"])
    answer = asked(folder, "red", limit=1)
    assert told(answer) == [("three.mp4", 1.0, 2.0)]
    assert not any("three" in note for note in answer.notes)


def test_questions_that_ask_nothing_are_refused(folder: Path) -> None:
    for empty in ({}, {"words": " "}, {"words": "x", "limit": 0}):
        with pytest.raises(PipelineError):
            Question(**empty)  # type: ignore[arg-type]
    with pytest.raises(SourceError, match="smartcut library index"):
        asked(folder, "red")


# --------------------------------------------------------------------------- cuts and pipelines


def test_a_result_is_a_cut(folder: Path) -> None:
    brought_up(folder)
    answer = asked(folder, "red", limit=2)
    cut = cut_from_json(cut_to_json(as_cut(answer)))
    assert [s.label for s in cut.segments] == [
        f"{hit.path.stem}, shot {hit.shot + 1}" for hit in answer.hits
    ]
    assert cut.duration == 2
    assert {s.path for s in cut.sources} == {hit.path for hit in answer.hits}
    assert all(cut.annotation("shots", s.id) for s in cut.sources)
    assert [row["score"] for row in as_rows(answer.hits)] == [1.0, 1.0]


def test_files_found_twice_are_one_input_and_keep_the_order(folder: Path) -> None:
    brought_up(folder)
    inputs = as_inputs(asked(folder, "blue", limit=6))
    assert len(inputs) == len({i.path for i in inputs}) == 3
    assert sorted(s.place for i in inputs for s in i.found) == [0, 1, 2, 3, 4, 5]


PIPELINE = """
inputs: {search: {library: media, words: red, limit: 2}}
stages: [render]
"""


def test_a_pipeline_begins_with_a_search(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked: list[str]
) -> None:
    from smartcut.api import Pipeline

    monkeypatch.setattr("smartcut.library.searching.looker", lambda *a: Painter())
    brought_up(folder)
    looked.clear()
    file = tmp_path / "found.yaml"
    file.write_text(PIPELINE)
    pipeline = Pipeline.from_yaml(file)
    plan = pipeline.plan(output=tmp_path / "reel.mp4")
    found = [step for step in plan.steps if step.stage == "search"]
    assert sorted((s.subject, s.reason) for s in found) == [
        ("one", "00:00:00.000 - 00:00:01.000  words 1.000"),
        ("three", "00:00:01.000 - 00:00:02.000  words 1.000"),
    ]
    assert not plan.decodes
    assert plan.cut is not None
    assert plan.cut.duration == 2
    result = pipeline.run(output=tmp_path / "reel.mp4")
    assert looked == []
    made = probe(tmp_path / "reel.mp4")
    assert made.video is not None
    assert made.video.frames == 2 * SECOND
    assert result.outputs[0] == tmp_path / "reel.mp4"


def test_a_search_that_cannot_be_is_told_with_its_line(tmp_path: Path) -> None:
    from smartcut.spec_reading import parse_spec

    with pytest.raises(PipelineError, match="1: search: give words, image or speech"):
        parse_spec("inputs: {search: {library: x}}\nstages: [render]")
    with pytest.raises(PipelineError, match="did you mean 'limit'"):
        parse_spec("inputs: {search: {library: x, words: y, limt: 3}}\nstages: [render]")
    with pytest.raises(PipelineError, match="stands alone, without path"):
        parse_spec("inputs: {search: {library: x, words: y}, path: z}\nstages: [render]")


# ------------------------------------------------------------------------------------ kills

CHILD = """
import sqlite3, sys, time
from pathlib import Path
from smartcut.library import indexing
from tests.library import test_library as t

t.Store.of(Path(sys.argv[1])).made()
noted = t.Catalogue(t.Store.of(Path(sys.argv[1])).root)
noted._db = sqlite3.connect(noted._path, check_same_thread=False)
done = 0
run = indexing.local.run
def slow(*given):
    global done
    if done == 2:
        while {seconds} < 0 and noted.count() < 2:
            time.sleep(0.02)
        Path(sys.argv[2]).touch()
        time.sleep(60)
    result = run(*given)
    done += 1
    return result
indexing.Indexer._runner = staticmethod(slow)
indexing._SECONDS = {seconds}
indexing.ShotsStage = lambda: t.ShotsStage(detector="content")
settings = indexing.LibrarySettings(speech=False)
indexing.index(Path(sys.argv[1]), settings=settings, network=t.Painter())
"""


@pytest.mark.parametrize("seconds", [-1.0, pytest.param(100.0, marks=pytest.mark.slow)])
def test_a_killed_run_is_taken_up(
    folder: Path, tmp_path: Path, looked: list[str], seconds: float
) -> None:
    """Whether the catalogue had noted the first two files (-1) or not."""
    sign = tmp_path / "sign"
    command = [sys.executable, "-c", CHILD.format(seconds=seconds), str(folder), str(sign)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as child:
        deadline = time.monotonic() + 100
        while not sign.exists() and time.monotonic() < deadline and child.poll() is None:
            time.sleep(0.02)
        assert sign.exists()
        os.kill(child.pid, signal.SIGKILL)
    # what a kill in the middle of writing a segment leaves
    vectors = Store.of(folder).vectors_folder(PICTURES)
    (vectors / ".tmp-half").mkdir()
    (vectors / "orphan").mkdir()
    outcome = brought_up(folder)
    assert len(looked) == 1  # the two files before the kill are not looked at again
    assert outcome.unchanged == (2 if seconds < 0 else 0)
    assert outcome.totals["contents"] == 3
    assert not {".tmp-half", "orphan"} & {f.name for f in vectors.iterdir()}
    assert len(asked(folder, "red", limit=20).hits) == 6


def test_a_damaged_database_is_told(folder: Path) -> None:
    brought_up(folder)
    database = Store.of(folder).root / "library.sqlite"
    database.write_bytes(b"not a database" * 100)
    with pytest.raises(CacheError, match=r"library\.sqlite cannot be used"):
        asked(folder, "red")
    brought_up(folder, settings=LibrarySettings(speech=False, fresh=True))
    assert len(asked(folder, "red", limit=20).hits) == 6


# -------------------------------------------------------------------------- the command line


def test_the_commands(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from smartcut.cli import app

    monkeypatch.setattr("smartcut.library.searching.looker", lambda *a: Painter())
    monkeypatch.setattr("smartcut.library.indexing.looker", lambda *a: Painter())
    (folder / "broken.mov").write_bytes(b"x")
    made = CliRunner().invoke(app, ["library", "index", str(folder), "--no-speech"])
    assert made.exit_code == 3
    assert "3 analysed, 0 unchanged, 0 known by content, 0 dropped, 1 left out" in made.output
    page, cut, pictures = tmp_path / "p.html", tmp_path / "c.json", tmp_path / "pictures"
    places = ["--html", str(page), "--as", str(cut), "--thumbnails", str(pictures)]
    found = CliRunner().invoke(
        app, ["search", str(folder), "green", "--limit", "2", "--json", *places]
    )
    assert found.exit_code == 0
    results = json.loads(found.output)["results"]
    assert [(Path(r["file"]).name, r["start"], r["end"]) for r in results] == [
        ("one.mp4", 1.0, 2.0),
        ("two.mp4", 0.0, 1.0),
    ] or sorted(Path(r["file"]).name for r in results) == ["one.mp4", "two.mp4"]
    assert page.read_text().count("<img alt=") == 2
    assert len(cut_from_json(cut.read_text()).segments) == 2
    with Image.open(pictures / "001.jpg") as picture:
        assert picture.size == (240, 180)
        assert np.abs(np.asarray(picture).mean((0, 1)) - COLOURS["green"]).max() < 12


def test_names_and_speech_cannot_write_html(folder: Path) -> None:
    from smartcut.report.library import results_page

    brought_up(folder)
    answer = asked(folder, "red", limit=1)
    text = results_page("<script>", answer, [None])
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


# ------------------------------------------------------------------------------ real networks


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en", "efficientnet-lite0", "minilm-l6-v2", "transnetv2")
def test_real_networks_on_the_sample_media(tmp_path: Path) -> None:
    samples = Path(__file__).parents[2] / "sample_media"
    media = tmp_path / "media"
    media.mkdir()
    for name in ("harbour.mp4", "match.mp4", "sky.mp4"):
        (media / name).symlink_to(samples / name)
    outcome = index(media, settings=LibrarySettings(model="embedded"))
    assert len(outcome.analysed) == 3
    assert outcome.totals["sentences"] > 0
    boat = search(media, Question("a sailing boat", limit=1))
    assert boat.hits[0].path.name == "harbour.mp4"
    assert any("not by CLIP" in note for note in boat.notes)
    goal = search(media, Question(speech="somebody scores", limit=1))
    assert goal.hits[0].path.name == "match.mp4"
