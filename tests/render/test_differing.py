"""Sources that differ in shape, size, rate or codec: what the output is, and why, before work."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

import smartcut as sc
from smartcut.testing import write_bar_coded


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("differing")
    made = {
        "wide": {"size": (160, 90), "frames": 40},
        "tall": {"size": (90, 160), "frames": 20},
        "large": {"size": (320, 180), "frames": 20},
        "fast": {"size": (160, 90), "frames": 20, "rate": Fraction(50)},
        "vp9": {"size": (160, 90), "frames": 20, "encoder": "libvpx-vp9"},
    }
    for name, how in made.items():
        write_bar_coded(folder / f"{name}.mp4", **how)  # type: ignore[arg-type]
    return {name: folder / f"{name}.mp4" for name in made}


class Said:
    """Progress whose notes come in order with the starts of work."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def start(self, label: str, total: float | None):  # type: ignore[no-untyped-def]
        self.events.append(f"start {label}")
        return lambda done: None

    def done(self, label: str) -> None: ...

    def note(self, message: str) -> None:
        self.events.append(message)


def planned(*paths: Path, **render: object) -> str:
    stages = [{"render": render}]
    return sc.Pipeline.from_text(json.dumps({"stages": stages})).plan(paths, "both.mp4").text()


def test_landscape_and_portrait(films: dict[str, Path]) -> None:
    text = planned(films["wide"], films["tall"])
    assert (
        "landscape and portrait (wide 160x90; tall 90x160): the output is landscape, 160x90, "
        "because wide is shown longest, or first of those shown as long; what has another shape "
        "is shown whole, with black bars; set render.resolution and render.fit" in text
    )
    assert "the output is portrait, 90x160" in planned(films["tall"], films["tall"], films["wide"])
    assert "fills the picture and loses its edges" in planned(
        films["wide"], films["tall"], fit="crop"
    )
    assert "with itself, blurred" in planned(films["wide"], films["tall"], fit="blur")


def test_what_is_chosen_needs_no_words(films: dict[str, Path]) -> None:
    text = planned(films["wide"], films["tall"], films["fast"], resolution="320x180", fps=25)
    assert "the output" not in text
    assert "the output" not in planned(films["wide"], films["wide"])


def test_sizes_of_one_shape_rates_and_codecs(films: dict[str, Path]) -> None:
    assert "different sizes (wide 160x90; large 320x180): the output is landscape, 160x90" in (
        planned(films["wide"], films["large"])
    )
    assert "different frame rates (wide 30; fast 50): the output has 30 frames a second" in (
        planned(films["wide"], films["fast"])
    )
    assert "different codecs (wide h264; vp9 vp9): the output is h264, because wide is" in (
        planned(films["wide"], films["vp9"])
    )
    assert "different codecs" not in planned(films["wide"], films["vp9"], codec="vp9")


def test_it_is_said_before_the_work(films: dict[str, Path], tmp_path: Path) -> None:
    said = Said()
    both = sc.open(films["wide"], films["tall"])
    result = both.run(output=tmp_path / "both.mp4", progress=said)
    (note,) = [event for event in said.events if "landscape and portrait" in event]
    assert said.events.index(note) < said.events.index("start encode both.mp4")
    assert note in result.notes
