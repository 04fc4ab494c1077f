"""Whole pictures as a stage asks for them, by flags or against them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import RenderError, StageError
from smartcut.media.probe import probe
from tests.media.test_fields import check_whole, film, flags, h264, times

#: x264 writes no flag of fields.
UNFLAGGED = ("libx264", "-pix_fmt", "yuv420p", "-g", "250", "-crf", "12", "-flags", "0")


def unflagged(path: Path, order: str) -> Path:
    """A film whose frames are woven of two fields, and say that they are whole."""
    film(path, order, *UNFLAGGED, flags="setfield=prog", frames=25)
    video = probe(path).video
    assert video is not None
    assert not video.is_interlaced
    return path


def test_flagged_frames_become_whole_and_others_are_copied(tmp_path: Path) -> None:
    path, out = h264(tmp_path / "a.mp4", "bff", frames=25), tmp_path / "o.mp4"
    result = (sc.open(path) | sc.deinterlace()).render(out)
    check_whole(out, 0, 25)
    assert "deinterlace: a (bottom field first)" in result.cut.notes
    with pytest.raises(RenderError, match="`deinterlace` asks for whole pictures of it"):
        (sc.open(path) | sc.deinterlace()).render(tmp_path / "no.mp4", deinterlace="no")
    plain = sc.open(out) | sc.deinterlace()
    again = plain.render(tmp_path / "again.mp4")
    manifest = json.loads((tmp_path / "again.manifest.json").read_text())
    assert {part["how"] for part in manifest["intervals"]} == {"copy"}
    assert any("nothing here is interlaced" in note for note in again.cut.notes)


@pytest.mark.parametrize("order", ["tff", "bff"])
def test_what_is_flagged_wrongly_is_taken_as_told(order: str, tmp_path: Path) -> None:
    path, out = unflagged(tmp_path / "a.mp4", order), tmp_path / "o.mp4"
    (sc.open(path) | sc.deinterlace(fields=order)).render(out)
    check_whole(out, 0, 25)
    # The other order gives the other fields' times: it is no empty word.
    other = tmp_path / "other.mp4"
    (sc.open(path) | sc.deinterlace(fields="bff" if order == "tff" else "tff")).render(other)
    assert np.allclose(times(other), [[2 * n + 1] * 2 for n in range(25)], atol=0.6)


def test_what_is_whole_though_flagged_otherwise_stays_as_it_is(tmp_path: Path) -> None:
    path, out = h264(tmp_path / "a.mp4", "tff", frames=25), tmp_path / "o.mp4"
    (sc.open(path) | sc.deinterlace(fields="none")).render(out)
    assert set(flags(out)) == {"P"}
    assert np.allclose(times(out), [[2 * n, 2 * n + 1] for n in range(25)], atol=0.6)


def test_one_source_of_several_and_none_that_is_not_there(tmp_path: Path) -> None:
    a, b = h264(tmp_path / "a.mp4", frames=5), h264(tmp_path / "b.mp4", frames=5)
    cut = (sc.open(a, b) | sc.deinterlace(source="b")).cut()
    made = [s.video.made_whole for s in cut.sources if s.video]
    assert made == [None, "flagged"]
    with pytest.raises(StageError, match="no source 'c' with a picture; sources: a"):
        (sc.open(a) | sc.deinterlace(source="c")).cut()
