"""How far a font reaches above and below its baseline, as subtitle players measure it.

They size a font by the Windows metrics in its table OS/2 (OpenType 1.9, "OS/2 and Windows
Metrics"), not by its em.
"""

from __future__ import annotations

import struct

from smartcut.once import once
from smartcut.render.captions.fonts import Face, load


@once
def player_metrics(face: Face) -> tuple[float, float]:
    """(above, below) the baseline, in ems."""
    tables = _tables(face)
    os2, head = tables.get(b"OS/2", b""), tables.get(b"head", b"")
    if len(os2) >= 78 and len(head) >= 20:
        units = struct.unpack(">H", head[18:20])[0]
        above, below = struct.unpack(">HH", os2[74:78])
        if units and above + below:
            return above / units, below / units
    ascent, descent = load(face, 1000).getmetrics()
    return ascent / 1000, descent / 1000


def _tables(face: Face) -> dict[bytes, bytes]:
    with face.path.open("rb") as file:
        start = 0
        if file.read(4) == b"ttcf":
            file.seek(12 + 4 * face.index)
            start = struct.unpack(">I", file.read(4))[0]
        file.seek(start + 4)
        count = struct.unpack(">H", file.read(2))[0]
        file.seek(start + 12)
        rows = [struct.unpack(">4sIII", file.read(16)) for _ in range(count)]
        found = {}
        for tag, _, offset, length in rows:
            if tag in (b"OS/2", b"head"):
                file.seek(offset)
                found[tag] = file.read(min(length, 96))
        return found
