"""Where text may stand: inside the margins, and clear of what platforms lay over films."""

from __future__ import annotations

from smartcut.text_style import Platform, TextStyle

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

_COVERED: dict[Platform, Box] = {
    "none": (0.0, 0.0, 0.0, 0.0),
    "tiktok": (0.06, 0.07, 0.13, 0.20),
    "reels": (0.06, 0.14, 0.06, 0.35),
    "shorts": (0.045, 0.15, 0.18, 0.25),
}
"""Shares that each platform's names, buttons and texts take from the left, top, right and bottom
of an upright film: Meta's guide for reels; for the others, what their players cover."""


def safe_area(size: tuple[int, int], style: TextStyle) -> Box:
    """The pixels of a picture of (width, height) in which text may stand.

    Platforms lay things over upright films alone; what is centred stays in the middle.
    """
    width, height = size
    covered = _COVERED[style.safe if height > width else "none"]
    left, top, right, bottom = (max(style.margin, taken) for taken in covered)
    if style.align == "centre":
        left = right = max(left, right)
    return left * width, top * height, width * (1 - right), height * (1 - bottom)
