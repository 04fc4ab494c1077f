"""HTTP Live Streaming: several heights, cut at the same frames, each whole and in order."""

from __future__ import annotations

import re
from fractions import Fraction as F
from pathlib import Path

import av
import pytest

import smartcut as sc
from smartcut.errors import RenderError
from smartcut.media.segmented import joined
from smartcut.testing import read_bar_codes, write_bar_coded


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=300, size=(320, 180), rate=F(30))
    return path


def segment_starts(folder: Path) -> list[int]:
    """The number of the first frame of each segment."""
    starts = []
    for segment in sorted(folder.glob("*.m4s")):
        alone = folder / "alone.mp4"
        alone.write_bytes((folder / "init.mp4").read_bytes() + segment.read_bytes())
        starts.append(read_bar_codes(alone)[0][0])
        alone.unlink()
    return starts


def test_every_height_has_every_frame_and_the_same_segments(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.m3u8"
    result = (sc.open(clip) | sc.trim(ranges=["0-5", "6-9.5"])).render(out, heights=[180, 90])
    text = out.read_text()
    assert re.findall(r"^o\.hls/(\w+)/index\.m3u8$", text, re.M) == ["180p", "90p"]
    assert re.findall(r"RESOLUTION=(\w+),", text) == ["320x180", "160x90"]
    assert all('CODECS="avc1.' in x and 'mp4a.40.2"' in x for x in text.splitlines() if "BAND" in x)
    expected = [*range(150), *range(180, 285)]
    starts = []
    for name in ("180p", "90p"):
        folder = tmp_path / "o.hls" / name
        with joined(folder) as whole:
            numbers, times = read_bar_codes(whole)
        assert numbers == expected
        assert all(abs(t - times[0] - F(k, 30)) < F(1, 1000) for k, t in enumerate(times))
        playlist = (folder / "index.m3u8").read_text()
        assert playlist.count("#EXTINF") == len(list(folder.glob("*.m4s")))
        assert playlist.endswith("#EXT-X-ENDLIST\n")
        lasts = [float(x) for x in re.findall(r"#EXTINF:([\d.]+)", playlist)]
        assert abs(sum(lasts) - 8.5) < 0.05
        starts.append(segment_starts(folder))
    assert starts[0] == starts[1]
    assert starts[0][0] == 0
    assert len(starts[0]) >= 2
    assert out in result.outputs
    assert (tmp_path / "o.manifest.json").exists()


def test_heights_are_those_below_the_source(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.m3u8"
    (sc.open(clip) | sc.trim(end="0.3")).render(out)
    assert [p.name for p in (tmp_path / "o.hls").iterdir()] == ["180p"]
    with av.open(str(tmp_path / "o.hls" / "180p" / "init.mp4")) as container:
        assert container.streams.video[0].width == 320


def test_another_run_replaces_all_of_it(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.m3u8"
    (sc.open(clip) | sc.trim(end="0.3")).render(out, heights=[180, 90])
    (sc.open(clip) | sc.trim(end="0.2")).render(out, heights=[90])
    assert [p.name for p in (tmp_path / "o.hls").iterdir()] == ["90p"]
    assert "180p" not in out.read_text()


def test_sizes_are_of_single_files(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"are of one file, not of a playlist"):
        sc.open(clip).render(tmp_path / "o.m3u8", max_size="1MB")
