"""Frames between a cut and a key frame: how they are encoded, and how near they come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from smartcut.media.decode import frames
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.render.output import Wish, choose_output
from smartcut.render.splicing import copying as copying_module
from smartcut.render.splicing.copying import Copying, plan_copying
from smartcut.testing import write_bar_coded


def copying(path: Path, preset: str | None = None) -> Copying:
    cut, wish = sc.open(path).cut(), Wish(preset=preset)
    (source,) = cut.sources
    output = choose_output(cut, wish, path.with_name("o.mp4"))
    found = plan_copying(cut, wish, output, {source.id: video_index(source)})
    assert isinstance(found, Copying)
    return found


@pytest.mark.parametrize(
    ("encoder", "preset", "crf", "quantiser"),
    [
        ("libx264", None, None, "18"),
        ("libx264", "ultrafast", None, "18"),
        ("libx264", "medium", 20, None),  # which looks ahead, and spreads bits by what it sees
        ("libx265", None, 16, None),
    ],
)
def test_the_fastest_preset_of_x264_has_a_constant_quantiser(
    encoder: str, preset: str | None, crf: int | None, quantiser: str | None, tmp_path: Path
) -> None:
    options = {"x265-params": "log-level=none:pools=1"} if encoder == "libx265" else {}
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=6, encoder=encoder, options=options, audio=None)
    edge = copying(path, preset).edge
    assert edge.crf == crf
    assert dict(edge.options).get("qp") == quantiser


def worst(path: Path, out: Path) -> float:
    """The mean squared error of the frame that comes least near, of frames 10 to 39."""
    (sc.open(path) | sc.trim(ranges=["10f-40f"])).render(out)
    shown = [
        [frame.to_ndarray().astype(float) for _, frame in frames(s, video_index(s), first, last)]
        for s, first, last in ((probe(path), 10, 40), (probe(out), 0, 30))
    ]
    assert [len(one) for one in shown] == [30, 30]
    return max(float(np.mean((a - b) ** 2)) for a, b in zip(*shown, strict=True))


def test_no_frame_is_worse_than_by_the_crf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, size=(320, 180), frames=60, gop=20, options={"x264-params": "scenecut=0"})
    by_quantiser = worst(path, tmp_path / "o.mp4")
    fast = copying_module._EDGE["h264"]._replace(qp=None)
    monkeypatch.setitem(copying_module._EDGE, "h264", fast)
    assert 0 < by_quantiser <= worst(path, tmp_path / "p.mp4")
