"""What an MP3 says of the samples before its first and after its last: LAME's tag (Info frame).

MP3 has no edit lists. Its first frame, which holds no sound, tells players how many samples of the
encoder come first and last, so that a song begins on its first sample and ends on its last.
Layout: http://gabriel.mp3-tech.org/mp3infotag.html
"""

from __future__ import annotations

from pathlib import Path

_DECODER = 529
"""Samples by which every decoder is late; the tag's numbers leave them out, or add them."""
_MOST = (1 << 12) - 1
_CHECKED = 190
"""Bytes of the frame that its check sum is of."""
# From the tag's beginning, which is the encoder's name.
_DELAYS, _SUM = 21, 34
_LOOK = 4096
# Of a frame, by the second byte's version bits: MPEG 1, else MPEG 2 and 2.5.
_SAMPLES = {3: 1152}


def set_length(path: Path, before: int, length: int) -> None:
    """Tell players to leave out ``before`` samples, and to end ``length`` samples later.

    Raises ValueError for a file without an Info frame.
    """
    with path.open("r+b") as file:
        start = _after_tags(file.read(10))
        file.seek(start)
        frame = bytearray(file.read(_LOOK))
        at = max(frame.find(b"Info", 0, 64), frame.find(b"Xing", 0, 64))
        if at < 0:
            raise ValueError("it has no Info frame")
        flags = int.from_bytes(frame[at + 4 : at + 8], "big")
        frames = int.from_bytes(frame[at + 8 : at + 12], "big")
        lame = at + 8 + 4 * bool(flags & 1) + 4 * bool(flags & 2) + 100 * bool(flags & 4)
        lame += 4 * bool(flags & 8)
        whole = frames * _SAMPLES.get((frame[1] >> 3) & 3, 576)
        delay = min(max(before - _DECODER, 0), _MOST)
        padding = min(max(whole - before - length + _DECODER, 0), _MOST)
        numbers = (delay << 12 | padding).to_bytes(3, "big")
        frame[lame + _DELAYS : lame + _DELAYS + 3] = numbers
        frame[lame + _SUM : lame + _SUM + 2] = _crc(bytes(frame[:_CHECKED])).to_bytes(2, "big")
        file.seek(start)
        file.write(frame[: lame + _SUM + 2])


def _after_tags(head: bytes) -> int:
    """Where the first frame begins, behind an ID3v2 tag."""
    if head[:3] != b"ID3":
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 127
    return 10 + size


def _crc(data: bytes) -> int:
    """CRC-16 with the reversed polynomial 0xA001."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value
