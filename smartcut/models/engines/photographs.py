"""Sixteen photographs, on which engines are compared.

NASA (an astronaut, a helmet, galaxies, the Moon), the United States Navy (Grace Hopper), SpaceX (a
rocket), Stéfan van der Walt (a cat, a printed page), Rachel Michetti (coffee), the Brooklyn Museum
(coins) and others, all in the public domain or CC0, from the sample data of scikit-image and
Matplotlib.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

_SIDE, _ACROSS = 224, 4


def photographs(side: int) -> np.ndarray:
    """uint8 RGB (16, side, side, 3)."""
    import cv2
    from PIL import Image

    with Image.open(Path(__file__).with_name("photographs.jpg")) as opened:
        sheet = np.asarray(opened.convert("RGB"))
    cells = sheet.reshape(_ACROSS, _SIDE, _ACROSS, _SIDE, 3).swapaxes(1, 2)
    pictures = cells.reshape(-1, _SIDE, _SIDE, 3)
    if side == _SIDE:
        return np.ascontiguousarray(pictures)
    how = cv2.INTER_AREA if side < _SIDE else cv2.INTER_CUBIC
    return np.stack([cv2.resize(picture, (side, side), interpolation=how) for picture in pictures])


def film(frames: int, width: int, height: int) -> np.ndarray:
    """uint8 RGB (frames, height, width, 3): the photographs one after the other, each panned."""
    import cv2

    pictures = photographs(_SIDE)
    each = -(-frames // len(pictures))
    tall = _SIDE * height // width
    shown = []
    for at in range(frames):
        top = (at % each) * (_SIDE - tall) // each
        part = pictures[at // each][top : top + tall]
        shown.append(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA))
    return np.stack(shown)
