"""Looks are drawn as they were when somebody looked at them.

``python -m tests.builders.look_sheets`` draws anew what they are compared with.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from smartcut.looks import look_names
from tests.builders.look_sheets import FOLDER, GREY, HEIGHT, SIZES, TEXTS, cells

QUICK = ("karaoke", "pop", "stickers", "news", "typewriter")
LOOKS = [pytest.param(n, marks=[] if n in QUICK else pytest.mark.slow) for n in look_names()]
NO_CJK = pytest.mark.skipif(
    find_spec("manimgx_fonts_cjk") is None,
    reason="manimgx-fonts-cjk is not installed: pip install 'smartcut-pipelines[cjk]'",
)
LANGUAGES = [pytest.param(one, marks=NO_CJK if one == "ja" else []) for one in TEXTS]


def similarity(one: np.ndarray, other: np.ndarray) -> float:
    """The structural similarity of what is drawn in either picture, edges softened: 0..1."""
    a, b = (cv2.GaussianBlur(p.astype(np.float32), (0, 0), 1.0) for p in (one, other))

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(values, (0, 0), 2.0)

    am, bm = mean(a), mean(b)
    av, bv, both = mean(a * a) - am * am, mean(b * b) - bm * bm, mean(a * b) - am * bm
    c, d = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    found = ((2 * am * bm + c) * (2 * both + d)) / ((am**2 + bm**2 + c) * (av + bv + d))
    seen = (np.abs(a - GREY) > 8) | (np.abs(b - GREY) > 8)
    return float(found[seen].mean()) if seen.any() else 1.0


def kept(name: str, language: str) -> np.ndarray:
    sheet = np.asarray(Image.open(FOLDER / f"{name}.webp").convert("RGB"))
    row = list(TEXTS).index(language) * HEIGHT
    return sheet[row : row + HEIGHT]


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_looks_as_it_did(name: str, language: str, tmp_path: Path) -> None:
    drawn, before = cells(name, language), kept(name, language)
    Image.fromarray(np.vstack([before, drawn])).save(tmp_path / "before_and_now.png")
    edge = SIZES[0][0]
    for part in (slice(0, edge), slice(edge, None)):
        assert similarity(drawn[:, part], before[:, part]) > 0.9, tmp_path


def test_there_is_a_sheet_of_each_look_and_no_other() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*")) == list(look_names())


def test_the_comparison_sees_other_looks_and_places_but_no_smoothing() -> None:
    wide = slice(0, SIZES[0][0])
    clean, bold = (kept(name, "en")[:, wide] for name in ("clean", "bold"))
    assert similarity(clean, bold) < 0.7
    assert similarity(clean, np.roll(clean, 4, axis=0)) < 0.7
    assert similarity(clean, kept("gentle", "en")[:, wide]) < 0.9
    softer = cv2.GaussianBlur(clean, (0, 0), 0.5)
    assert similarity(clean, softer) > 0.95
    darker = np.where(np.abs(clean.astype(int) - GREY) > 8, clean // 2, clean).astype(np.uint8)
    assert similarity(clean, darker) < 0.9
