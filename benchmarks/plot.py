"""The medians as horizontal bars in a PNG, one panel for each result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import Quantity, Result, extent, middle

_WIDTH, _BAR, _GAP, _LEFT, _RIGHT = 1200, 22, 8, 330, 110
_MINE, _OTHER, _INK, _FAINT = "#1f6f8b", "#b8c4cc", "#222222", "#777777"


def write_plot(path: Path, results: Sequence[Result], titles: Sequence[str]) -> None:
    """Write the PNG. Bars start at 0, each panel has its own scale; a thin line is min to max."""
    from PIL import Image, ImageDraw, ImageFont

    font, small = ImageFont.load_default(17), ImageFont.load_default(14)
    heights = [_panel_height(result) for result in results]
    image = Image.new("RGB", (_WIDTH, sum(heights) + 20), "white")
    pen = ImageDraw.Draw(image)
    top = 10
    for result, title, height in zip(results, titles, heights, strict=True):
        _panel(pen, result, title, top, font, small)
        top += height
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def _panel_height(result: Result) -> int:
    return 44 + len(result.samples) * (_BAR + _GAP) + 14


def _panel(pen: Any, result: Result, title: str, top: int, font: Any, small: Any) -> None:
    quantity: Quantity = "peak_mb" if result.row == "memory" else "wall_s"
    unit = "MB" if quantity == "peak_mb" else "s"
    heading = f"{title}: {result.case}" if result.case else title
    pen.text((16, top + 8), heading, fill=_INK, font=font)
    largest = max(((extent(s, quantity) or (0, 0))[1] for s in result.samples.values()), default=0)
    scale = (_WIDTH - _LEFT - _RIGHT) / (largest or 1)
    y = top + 40
    for name, samples in result.samples.items():
        middle_y = y + _BAR / 2
        pen.text((_LEFT - 10, middle_y), name, fill=_INK, font=small, anchor="rm")
        value, reach = middle(samples, quantity), extent(samples, quantity)
        if value is None or reach is None:
            pen.text((_LEFT + 4, middle_y), "not measured", fill=_FAINT, font=small, anchor="lm")
        else:
            colour = _MINE if name.startswith("smartcut") else _OTHER
            pen.rectangle((_LEFT, y, _LEFT + value * scale, y + _BAR), fill=colour)
            low, high = (_LEFT + x * scale for x in reach)
            pen.line((low, middle_y, high, middle_y), fill=_INK, width=2)
            digits = 0 if unit == "MB" else 2
            text = f"{value:.{digits}f} {unit}"
            pen.text((high + 8, middle_y), text, fill=_INK, font=small, anchor="lm")
        y += _BAR + _GAP
