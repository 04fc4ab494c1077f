"""What a player fetches at once: every frame in one chunk, the same wherever it is shown."""

from __future__ import annotations

import re
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path

import pytest

import smartcut as sc
import smartcut.studio
from smartcut.cache import Cache
from smartcut.context import LocalContext
from smartcut.media.codec_strings import MIMES, USUAL, kind_of
from smartcut.render.chunks import Chunk, chunks_of, divisions
from smartcut.render.job import Rendering, RenderJob, plan_render
from smartcut.testing import write_bar_coded


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chunks") / "a.mp4"
    options = {"x264-params": "scenecut=0"}
    write_bar_coded(path, frames=400, size=(64, 48), gop=25, audio=None, options=options)
    return path


def planned(film: sc.Pipeline) -> Rendering:
    out = Path("out.mp4")
    return plan_render(film.cut(), RenderJob(out), LocalContext(Cache(), output=out))


def chunks(*parts: sc.Pipeline) -> tuple[Chunk, ...]:
    return chunks_of(planned(sc.concat(*parts)), USUAL)


def test_every_frame_is_in_one_chunk(source: Path) -> None:
    film = sc.open(source)
    rendering = planned(sc.concat(film[F("0.5") : F(9)], film[F(3) : F(13)]))
    found = chunks_of(rendering, USUAL)
    assert found[0].start == 0
    assert found[-1].end == rendering.duration
    assert all(one.end == other.start for one, other in pairwise(found))
    for place, span in enumerate(rendering.spans):
        own = [one for one in found if one.span == place]
        assert [own[0].first, *(one.last for one in own)] == [
            *(o.first for o in own),
            len(span.stretch),
        ]
        assert {one.kind for one in own} == {span.kind}
    copied = [one.frames for one in found if one.kind == "copy"]
    assert max(copied) < 100


def test_an_edge_that_moves_leaves_the_other_chunks_as_they_are(source: Path) -> None:
    film = sc.open(source)
    before = chunks(film[F(1) : F(12)])
    trimmed = chunks(film[F("2.2") : F(12)])
    moved = chunks(film[F(13) : F("13.3")], film[F(1) : F(12)])
    copied = {one.key for one in before if one.kind == "copy"}
    assert len(copied) >= 4
    assert len(copied - {one.key for one in trimmed}) == 1
    assert copied <= {one.key for one in moved}
    place = {one.key: one.start for one in moved}
    assert all(place[one.key] == one.start + F("0.3") for one in before if one.kind == "copy")


def test_divisions_are_places_where_a_source_can_be_divided(source: Path) -> None:
    rendering = planned(sc.open(source)[F(0) : F(10)])
    (index,) = rendering.indexes.values()
    assert divisions(index) == [0, 75, 150, 225, 300, 375]


def test_kinds_of_pictures_have_names_that_browsers_know() -> None:
    assert kind_of("h264", "yuv420p") == "h264"
    assert kind_of("h264", "yuv422p10le") == "h264-422"
    assert kind_of("h264", "yuv444p") == "h264-444"
    assert kind_of("hevc", "yuv420p10le") == "hevc-10"
    assert kind_of("vp9", "yuva420p") is None
    assert kind_of("prores", "yuv422p10le") is None
    assert "hevc" not in USUAL
    assert "hevc" in MIMES


def test_long_parts_that_cannot_be_divided_are_previewed(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smartcut.render.chunks._LONGEST", 70)
    monkeypatch.setattr("smartcut.render.chunks._PREVIEWED", 50)
    rendering = planned(sc.open(source)[F(0) : F(10)])
    found = chunks_of(rendering, USUAL)
    assert {one.kind for one in found} == {"encode"}
    assert all(one.is_preview and "cannot begin inside" in one.reason for one in found)
    assert max(one.frames for one in found) <= 50
    assert sum(one.frames for one in found) == 300


def test_the_page_asks_its_browser_for_the_same_kinds() -> None:
    page = Path(smartcut.studio.__file__).with_name("page") / "codec.js"
    table = page.read_text().partition("KINDS = {")[2].partition("}")[0]
    asked = dict(re.findall(r'"?([\w-]+)"?: "([\w.]+)"', table))
    assert {kind: f'video/mp4; codecs="{codecs}"' for kind, codecs in asked.items()} == MIMES
