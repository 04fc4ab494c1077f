"""Sizes and rates as users write them."""

from __future__ import annotations

import re
from fractions import Fraction


def parse_resolution(text: str) -> tuple[tuple[int, int] | None, int | None]:
    """((width, height), None) or (None, shorter side); raises ValueError."""
    try:
        if text.endswith("p"):
            short = int(text[:-1])
            if 16 <= short <= 8640:
                return None, short
        else:
            width, height = (int(part) for part in text.lower().split("x"))
            if 16 <= width <= 16384 and 16 <= height <= 16384:
                return (width, height), None
    except ValueError:
        pass
    if shape := re.fullmatch(r"(\d{1,3}):(\d{1,3})", text):
        width, height = _of_shape(int(shape[1]), int(shape[2]))
        raise ValueError(
            f"{text!r} is a shape, not a size; for that shape write `{width}x{height}`, and "
            "`fit: crop` to fill it (the pipeline social_vertical.yaml follows what happens); "
            "accepted: 1280x720, or 720p for the shorter side (16 to 16384)"
        )
    raise ValueError(f"{text!r} is not a resolution; accepted: 1280x720, or 720p (16 to 16384)")


def _of_shape(across: int, down: int) -> tuple[int, int]:
    """A usual size of that shape: even, and 1080 pixels on its shorter side."""
    if not across or not down:
        return 1920, 1080
    scale = Fraction(1080, min(across, down))
    return 2 * round(across * scale / 2), 2 * round(down * scale / 2)


def parse_bitrate(text: str) -> int:
    """Bits a second from ``4M``, ``800k`` or a plain number; raises ValueError."""
    factors = {"k": 1_000, "m": 1_000_000}
    factor = factors.get(text[-1:].lower(), 1)
    try:
        bits = int(float(text[:-1] if factor > 1 else text) * factor)
    except ValueError:
        bits = 0
    if not 1_000 <= bits <= 10**9:
        raise ValueError(f"{text!r} is not a bit rate; accepted: 800k, 4M (1k to 1000M)")
    return bits


def parse_bytes(text: str) -> int:
    """Bytes from ``25MB``, ``8MiB``, ``700kB`` or a plain number; raises ValueError."""
    units = {"": 1, "b": 1, "k": 10**3, "m": 10**6, "g": 10**9}
    units |= {"ki": 2**10, "mi": 2**20, "gi": 2**30}
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?i?)b?\s*", text.lower())
    size = int(Fraction(found[1]) * units.get(found[2], 0)) if found else 0
    if size < 1000:
        raise ValueError(f"{text!r} is not a size; accepted: 25MB, 8MiB, 700kB (1 kB or more)")
    return size
