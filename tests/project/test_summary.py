"""What a run tells of itself: segments with their effects, and what lies above them."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import smartcut as sc
from smartcut.report.summary import summary
from smartcut.testing import write_bar_coded


def test_effects_and_layers_are_listed_with_their_times(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    write_bar_coded(film, frames=100, rate=F(25), audio=None)
    cut = (
        sc.open(film)
        | sc.split(by="length", length="2s")
        | sc.crop(left=0.1, on=[1])
        | sc.blur(on=[1])
        | sc.lower_third(title="Ada", at=1, duration=2)
        | sc.title(text="The\nend", at=3, duration=1)
        | sc.pixelate(track="titles", on=[1])
        | sc.progress_bar()
    )
    lines = summary(cut.run()).splitlines()
    assert lines == [
        "2 segments, 00:00:04.000",
        "  00:00:00.000  film 0.00-2.00 s",
        "  00:00:02.000  film 2.00-4.00 s  effects: crop, blur",
        "  00:00:01.000 to 00:00:03.000  above: lower third  lower-third",
        "  00:00:03.000 to 00:00:04.000  above: title  The end  effects: pixelate",
        "  00:00:00.000 to 00:00:04.000  above: progress bar  progress-bar",
    ]
