"""Colours of text, drawings and effects, as CSS writes them in hex."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")


def rgba(text: str) -> tuple[int, int, int, int]:
    """(red, green, blue, alpha), each 0..255, of ``#rgb``, ``#rgba``, ``#rrggbb`` or ``#rrggbbaa``.

    Alpha 255 is opaque. Raises ValueError.
    """
    if not _HEX.fullmatch(text):
        raise ValueError(f"{text!r} is not a colour; accepted: #rgb, #rgba, #rrggbb, #rrggbbaa")
    digits = text[1:]
    if len(digits) < 5:
        digits = "".join(d * 2 for d in digits)
    red, green, blue, alpha = bytes.fromhex(digits.ljust(8, "f"))
    return red, green, blue, alpha


def _colour(value: str) -> str:
    rgba(value)
    return value


#: A colour in the parameters of stages and effects: ``#rrggbb`` or ``#rrggbbaa``.
ColourParam = Annotated[str, AfterValidator(_colour)]
