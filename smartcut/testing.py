"""Helpers for testing what cuts and renders: bar-coded media, and how to read it back."""

from smartcut.media.barcode import (
    beep_offset,
    number_in,
    picture,
    read_bar_codes,
    read_sound,
    write_bar_coded,
)

__all__ = [
    "beep_offset",
    "number_in",
    "picture",
    "read_bar_codes",
    "read_sound",
    "write_bar_coded",
]
