"""Functions and effects of the user's own, and how what they made is kept."""

from __future__ import annotations

import re
from fractions import Fraction as F
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic import Field

import smartcut as sc
from smartcut.effect import Bench, Pixels, Space, Tone, Work
from smartcut.errors import PipelineError, RenderError
from smartcut.function_key import function_key
from smartcut.image import Image
from smartcut.testing import write_bar_coded

AMOUNT = 3


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "film.mp4"
    write_bar_coded(path, frames=50, rate=F(25), size=(160, 96), gop=25)
    return path


def off(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def test_a_function_changes_pictures_and_is_told_the_time(film: Path, tmp_path: Path) -> None:
    plain = sc.open(film)
    turned = plain | sc.apply(lambda rgb: 255 - rgb)
    assert off(255 - plain.frame(1), turned.frame(1)) < 1.5
    times: list[float] = []

    def darkened(rgb: np.ndarray, time: float) -> np.ndarray:
        times.append(time)
        return (rgb * time / 2).astype(np.uint8)

    timed = (plain | sc.apply(darkened, start=1))[0.8:1.4]
    assert off(timed.frame(0.4), (plain.frame(1.2) * 0.6).astype(int)) < 1.5
    assert times == [1.2]
    off_before = off(timed.frame(0), plain.frame(0.8))
    assert off_before < 1
    planes = plain | sc.apply(lambda image: image, wants="planes")
    assert off(planes.frame(1), plain.frame(1)) < 1.5
    turned.render(tmp_path / "out.mp4", crf=4)
    assert off(sc.open(tmp_path / "out.mp4").frame(1), turned.frame(1)) < 3


def test_what_a_function_must_return_is_said(film: Path) -> None:
    said = re.escape("small() of `apply` must return an array (96, 160, 3) of uint8; it returned")

    def small(rgb: np.ndarray) -> np.ndarray:
        return rgb[:10]

    with pytest.raises(RenderError, match=said):
        (sc.open(film) | sc.apply(small)).frame(0)
    with pytest.raises(PipelineError, match="takes a function of a picture; given: 3"):
        sc.apply(3)  # type: ignore[arg-type]
    with pytest.raises(PipelineError, match=r"wants: 'rbg' is not accepted; did you mean 'rgb'"):
        sc.apply(small, wants="rbg")


def test_a_function_that_changes_is_not_taken_from_the_cache(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    step = 10

    def made(name: str, **how: Any) -> None:
        def lighter(rgb: np.ndarray) -> np.ndarray:
            return np.clip(rgb.astype(int) + step + AMOUNT, 0, 255).astype(np.uint8)

        counted = sc.apply(lighter, end=0.4, **how)
        (sc.open(film) | counted).render(tmp_path / name, progress=lambda *x: calls.append(1))

    made("a.mp4")
    first = (tmp_path / "a.mp4").read_bytes()
    monkeypatch.setattr("tests.api.test_own.AMOUNT", 90)
    made("a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() != first
    monkeypatch.undo()
    step = 10
    made("a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == first


def test_keys_tell_what_functions_do() -> None:
    def adds(count: int) -> Any:
        return lambda rgb: rgb + count

    table = np.arange(256)
    assert function_key(adds(1)) == function_key(adds(1)) != function_key(adds(2))
    assert function_key(lambda rgb: rgb + 1) != function_key(lambda rgb: rgb + 2)
    assert function_key(lambda rgb: np.roll(rgb, 1)) is not None

    def looked_up(rgb: np.ndarray) -> np.ndarray:
        return table[rgb]

    before = function_key(looked_up)
    table = table[::-1]
    assert function_key(looked_up) != before is not None
    thing = object()
    assert function_key(lambda rgb: thing) is None
    assert function_key(lambda rgb: film(rgb)) is None  # type: ignore[operator]


def test_what_has_no_key_is_made_each_time(film: Path, tmp_path: Path) -> None:
    class Counter:
        count = 0

    counter = Counter()

    def counted(rgb: np.ndarray) -> np.ndarray:
        counter.count += 1
        return 255 - rgb

    for expected in (5, 10):
        (sc.open(film)[:0.2] | sc.apply(counted)).render(tmp_path / "a.mp4")
        assert counter.count == expected
    for _ in range(2):
        (sc.open(film)[:0.2] | sc.apply(counted, key="mine 1")).render(tmp_path / "b.mp4")
    assert counter.count == 15


def test_a_class_is_an_effect_at_once(film: Path) -> None:
    @sc.effect
    class Evening(Tone):
        """Darkens the picture."""

        darkness: float = Field(0.5, ge=0, le=1, description="0 is noon.")

        def tables(self, space: Space) -> np.ndarray:
            samples = np.arange(1 << space.depth, dtype=float)
            black = np.array(space.black, dtype=float)[:, None]
            return black + (samples - black) * (1 - self.darkness)

    dark = sc.open(film) | Evening(darkness=0.9)
    assert dark.frame(1).mean() < 0.3 * sc.open(film).frame(1).mean()
    assert "darkness" in (Evening.__doc__ or "")
    with pytest.raises(PipelineError, match="unknown key 'darknes'; did you mean 'darkness'"):
        Evening(darknes=1)

    @sc.effect
    class Evening2(Pixels):
        name: ClassVar[str] = "evening"

        def open(self, bench: Bench) -> Work:
            return lambda view: 255 - view.rgb()

    again = sc.open(film) | Evening2()  # written again, as in a notebook
    assert off(again.frame(1), 255 - sc.open(film).frame(1)) < 1.5
    with pytest.raises(PipelineError, match="there is an effect 'blur' already"):

        @sc.effect
        class Blur(Pixels):
            def open(self, bench: Bench) -> Work:
                return lambda view: view.image

    with pytest.raises(PipelineError, match=r"takes a class of smartcut\.effect"):
        sc.effect(Image)  # type: ignore[type-var,arg-type]
