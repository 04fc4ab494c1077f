"""The sample clips are what truth.json says."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from smartcut.media.audio import samples
from smartcut.media.decode import frames
from smartcut.media.index import video_index
from smartcut.media.probe import probe

SAMPLES = Path(__file__).parents[2] / "sample_media"
TRUTH = json.loads((SAMPLES / "truth.json").read_text())
CLIPS = [name for name in TRUTH if name.endswith(".mp4")]


def test_all_is_there_and_small() -> None:
    assert len(CLIPS) >= 3
    assert sum(p.stat().st_size for p in SAMPLES.iterdir() if p.is_file()) < 15_000_000


@pytest.mark.parametrize("name", CLIPS)
def test_the_clip_is_as_described(name: str) -> None:
    facts = TRUTH[name]
    source = probe(SAMPLES / name)
    index = video_index(source)
    assert source.video is not None
    assert (len(index), str(index.rate)) == (facts["frames"], facts["rate"])
    assert [source.video.width, source.video.height] == facts["size"]
    assert abs(float(source.duration) - facts["frames"] / float(index.rate)) < 0.05
    small = [
        f.reformat(width=96, height=54, format="gray").to_ndarray().astype(float)
        for _, f in frames(source, index, 0, len(index))
    ]
    change = np.array([0.0, *(np.abs(b - a).mean() for a, b in pairwise(small))])
    for shot in facts["shots"]:
        at = shot["first_frame"]
        if shot["entry"] == "cut":
            beside = np.concatenate([change[at - 10 : at], change[at + 1 : at + 11]])
            assert change[at] > 1.5 * beside.max(), f"no cut at {at}"
        if shot["entry"] == "fade":
            assert small[at].mean() < 5
    for line in facts["speech"]:
        start, end = (Fraction(line[k]).limit_denominator(100) for k in ("start", "end"))
        heard = np.concatenate(list(samples(source, 16_000, 1, start, end)), axis=1)
        before = np.concatenate(
            list(samples(source, 16_000, 1, start - Fraction(2, 5), start)), axis=1
        )
        assert np.std(heard) > 1.3 * np.std(before)
