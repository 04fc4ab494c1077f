"""What notebooks show: storyboards, tables and players, with nothing of a file's text unescaped."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from base64 import b64decode
from dataclasses import replace
from fractions import Fraction as F
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import smartcut as sc
from smartcut.annotation import Annotation, Sentence, Shot, Shots, Transcript, Word
from smartcut.media.barcode import number_in
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range

ROOT = Path(__file__).parents[2]
EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> sc.Pipeline:
    path = tmp_path_factory.mktemp("media") / "a.mp4"
    write_bar_coded(path, frames=100, rate=F(25), size=(320, 180), gop=25)
    return sc.open(path)[:2] + sc.open(path)[3:4]


def images(page: str) -> list[np.ndarray]:
    found = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    return [np.asarray(Image.open(io.BytesIO(b64decode(data)))) for data in found]


def test_a_cut_is_a_storyboard_of_what_the_film_shows(film: sc.Pipeline) -> None:
    cut = (film | sc.flip(on="last")).cut()
    words = (Word(Range(F(1), F(2)), f"sails {EVIL}"),)
    said = Transcript("en", (Sentence(Range(F(1), F(2)), "sails", words),))
    cut = cut.with_annotation(Annotation("transcript", "a", said)).with_note(EVIL)
    first, last = cut.segments
    cut = cut.with_segments(
        (replace(first, scores=(("motion", 0.25), (EVIL, 1.0)), label=EVIL), last)
    )
    page = cut._repr_html_()
    shown = images(page)
    assert [image.shape for image in shown] == [(90, 160, 3)] * 2
    assert number_in(shown[0].mean(axis=2)) == 25
    assert number_in(shown[1][:, ::-1].mean(axis=2)) in (86, 87, 88)
    assert EVIL not in page
    assert page.count("&lt;script&gt;") == 4
    assert "motion 0.25" in page
    assert "width:25%" in page
    assert "2 segments, 00:00:03.0" in page
    assert len(page) < 20_000


def test_without_its_files_it_says_why_there_are_no_pictures(film: sc.Pipeline) -> None:
    cut = film.cut()
    lost = replace(cut, sources=(replace(cut.sources[0], path=Path("gone.mp4")),))
    page = lost._repr_html_()
    assert "without pictures: the cut: there is no file gone.mp4" in page
    assert not images(page)


def test_plans_pipelines_shots_and_transcripts(film: sc.Pipeline, tmp_path: Path) -> None:
    titled = film | sc.title(text=EVIL, at=1, duration=1)
    for page in (titled._repr_html_(), titled.plan(output=tmp_path / "a.mp4")._repr_html_()):
        assert "title" in page
        assert EVIL not in page
    assert "a title is drawn" in titled.plan(output=tmp_path / "a.mp4")._repr_html_()
    shots = Shots((Shot(Range(F(0), F(1)), 0, 25), Shot(Range(F(1), F(2)), 25, 50, "fade", 0.5)))
    assert "<td>fade</td><td>0.50</td>" in shots._repr_html_()
    said = Transcript("en", (Sentence(Range(F(0), F(1)), EVIL),))
    assert "00:00:01.00" in said._repr_html_()
    assert EVIL not in said._repr_html_()


def test_results_and_previews_play(film: sc.Pipeline, tmp_path: Path) -> None:
    result = film.render(tmp_path / "out.mp4")
    page = result._repr_html_()
    data = re.search(r'<video controls [^>]*src="data:video/mp4;base64,([^"]+)"', page)
    assert data
    assert b64decode(data[1]) == (tmp_path / "out.mp4").read_bytes()
    preview = film[:1].preview(height=90)
    assert next(sc.open(preview.path).frames())[1].shape == (90, 160, 3)
    assert "<video controls" in preview._repr_html_()
    place = preview.path
    del preview
    assert not place.exists()
    with pytest.raises(sc.SmartcutError, match="height=4 is not accepted; accepted: pixels"):
        film.preview(4)


def test_texts_are_short(film: sc.Pipeline) -> None:
    cut = film.cut()
    assert repr(cut) == "<cut of 2 segments, 3.000 s; sources: a>"
    assert repr(film | sc.flip()).endswith("a.mp4 | excerpt)> | flip()")
    assert repr(film.plan()) == "<plan of 2 steps: nothing to decode or encode>"
    assert len(repr(sc.layers(film, film.at(1)))) < 600


def test_a_notebook_runs_from_top_to_bottom(tmp_path: Path) -> None:
    if not all(map(find_spec, ("nbclient", "ipykernel"))):
        pytest.skip("notebooks are not installed: pip install nbclient ipykernel")
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(ROOT / "docs" / "tour.ipynb", as_version=4)
    for name in ("harbour.mp4", "match.mp4"):
        (tmp_path / name).symlink_to(ROOT / "sample_media" / name)
    os.environ.setdefault("PYTHONPATH", os.pathsep.join(sys.path))
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in book.cells for output in cell.get("outputs", ())]
    pages = [o["data"]["text/html"] for o in shown if "text/html" in o.get("data", {})]
    assert len(pages) >= 5
    assert sum("data:image/jpeg" in page for page in pages) >= 2
    assert sum("<video" in page for page in pages) >= 1
    assert not [o for o in shown if o.output_type == "error"]
    if "SMARTCUT_NOTEBOOK" in os.environ:
        Path(os.environ["SMARTCUT_NOTEBOOK"]).write_text(json.dumps(book))
