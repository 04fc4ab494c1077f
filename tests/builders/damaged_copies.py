"""Copies whose packets are damaged on their way into a film."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import av
import pytest

from smartcut.media.splice import Splice


def damage_copies(monkeypatch: pytest.MonkeyPatch, is_chosen: Callable[[int], bool]) -> None:
    """Empty half of the first packet of each chosen copy; they are counted from 1."""
    fitted, count = Splice.fitted, 0

    def damaged(self: Any, packet: Any, origin: Any, begins: bool, joins: bool) -> Any:
        nonlocal count
        packet = fitted(self, packet, origin, begins, joins)
        if origin.copied and begins and joins:
            count += 1
            if is_chosen(count):
                data = bytearray(bytes(packet))
                data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
                packet = av.Packet(bytes(data))
                packet.is_keyframe = True
        return packet

    monkeypatch.setattr(Splice, "fitted", damaged)
