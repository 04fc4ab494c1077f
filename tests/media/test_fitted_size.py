"""How large a picture is in another shape."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from smartcut.media.picture import fitted_size


@pytest.mark.parametrize(
    ("size", "target", "expected"),
    [
        ((1280, 720), (1920, 1080), (1920, 1080)),
        ((1920, 800), (1280, 720), (1280, 534)),
        # 9:16 of whole, even pixels: off by less than one of them, which is no bar.
        ((404, 720), (720, 1280), (720, 1280)),
        ((608, 1080), (1080, 1920), (1080, 1920)),
        ((854, 480), (1920, 1080), (1920, 1080)),
        ((402, 720), (720, 1280), (714, 1280)),
    ],
)
def test_a_shape_of_whole_pixels_fills_the_target(
    size: tuple[int, int], target: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert fitted_size(F(size[0]), F(size[1]), target, "pad") == expected
