"""Which H.264 pictures can be decoded without any B picture.

Encoders often lay B pictures between others in two layers, of which the first is referred to, but
by B pictures alone. Where that is so, all I and P pictures can be had without them. It is seen in
the slices' headers: which pictures a P slice may refer to follows from those that were kept and in
which order (ITU-T H.264, 7.3.3, 8.2.4 and 8.2.5). Whatever is unusual counts as not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from smartcut.media.headers import Bits, Sps, h264_sps, identity, nal_units

_SLICE, _IDR, _PARTS, _SPS = 1, 5, (2, 3, 4), 7
_P, _B, _I = 0, 1, 2
# How the first slice of a picture begins that is a B slice, and all of whose slices are.
_B_SLICE, _B_SLICES = 0b1010, 0b100111
# More than a slice's header takes.
_HEAD = 40
# So many pictures are looked at for a B picture that is referred to; without one, little is spared.
_TRIED = 300


_Kept = list[tuple[int, bool]]
"""(frame_num, whether it needs no B picture) of the pictures kept, in the file's order."""


class _Unknown(Exception):
    """Raised where a stream does something that is not followed here."""


@dataclass(frozen=True, slots=True)
class _Pps:
    """What a picture parameter set says of slices' headers."""

    sps: int
    has_bottom_order: bool
    active: int
    """References of a P slice that does not say how many it has."""
    is_weighted: bool
    weighs_both: int
    counts_redundant: bool


class BasePictures:
    """Told of every picture in the file's order, says which need no B picture to be decoded."""

    def __init__(self, length: int | None, sets: Iterable[bytes]) -> None:
        self._length, self._sets = length, sets
        self._spss: dict[int, Sps] = {}
        self._ppss: dict[int, _Pps] = {}
        self._kept: _Kept = []
        self._sparsely: _Kept = []
        """What a decoder keeps that is given no B pictures: it puts another picture in the place of
        each that is missing, and lets the oldest go for it, whatever the missing one says."""
        self._before = 0
        self._left = _TRIED
        self.is_known = True
        """Whether what was said of all pictures so far holds."""

    def is_base(self, packet: memoryview) -> bool:
        """Whether the picture in the packet needs no B picture."""
        if not self.is_known:
            return False
        try:
            return self._is_base(packet)
        except (_Unknown, ValueError, IndexError, KeyError):
            self.is_known = False
            return False

    def _is_base(self, packet: memoryview) -> bool:
        found: list[tuple[bool, _Marking | None]] = []
        for at, end in nal_units(packet, self._length):
            kind = packet[at] & 0x1F
            if kind in _PARTS:
                raise _Unknown
            if kind in (_SLICE, _IDR):
                found.append(self._slice(bytes(packet[at : min(end, at + _HEAD)]), kind == _IDR))
        needs_none, marking = all(one for one, _ in found), found[0][1]
        if marking is not None:
            self._keep(marking, needs_none)
        if self._left > 0:
            self._left -= 1
            self.is_known = self._left > 0
        return needs_none

    def _slice(self, data: bytes, is_idr: bool) -> tuple[bool, _Marking | None]:
        """(whether it needs no B picture, what becomes of those kept; None: it is not kept)."""
        is_kept = bool(data[0] & 0x60)
        if not is_kept and (data[1] >> 4 == _B_SLICE or data[1] >> 2 == _B_SLICES):
            return False, None
        bits = Bits(data[1:])
        bits.ue()
        kind = bits.ue() % 5
        if kind == _B and not is_kept:
            return False, None
        if kind > _I:
            raise _Unknown
        pps = self._pps(bits.ue())
        sps = self._spss[pps.sps]
        frame = bits.u(sps.frame_bits)
        if is_idr:
            bits.ue()
            self._kept, self._sparsely = [], []
        elif frame not in (self._before, (self._before + 1) % (1 << sps.frame_bits)):
            raise _Unknown
        _skip_order(bits, sps, pps)
        if kind == _B:
            bits.u(1)
        active = pps.active
        if kind != _I and bits.u(1):
            active = bits.ue() + 1
            if kind == _B:
                bits.ue()
        changes = [_changes(bits) for _ in range((1, 2, 0)[kind])]
        if kind == _P:
            listed = [
                _listed(kept, frame, active, changes[0], 1 << sps.frame_bits)
                for kept in (self._kept, self._sparsely)
            ]
            if listed[0] != listed[1] or not all(is_base for _, is_base in listed[0]):
                raise _Unknown
        needs_none = kind != _B
        if not is_kept:
            return needs_none, None
        if kind == _P and pps.is_weighted:
            _skip_weights(bits, active, sps.chroma)
        if kind == _B and pps.weighs_both == 1:
            raise _Unknown
        return needs_none, _marking(bits, frame, is_idr, sps)

    def _pps(self, number: int) -> _Pps:
        if number not in self._ppss:
            for one in self._sets:
                kind, which = identity("h264", one)
                if kind == "sps":
                    sps = self._spss[which] = h264_sps(one)
                    if sps.interlaced or sps.is_separate:
                        raise _Unknown
                elif kind == "pps":
                    self._ppss[which] = _pps(one)
        return self._ppss[number]

    def _keep(self, marking: _Marking, is_base: bool) -> None:
        self._kept = marking.applied(self._kept, is_base)
        by_age = marking if is_base else replace(marking, removed=None)
        self._sparsely = by_age.applied(self._sparsely, is_base)
        self._before = marking.frame
        if not is_base:
            self._left = -1


@dataclass(frozen=True, slots=True)
class _Marking:
    """What becomes of the pictures kept once one more is."""

    frame: int
    most: int
    """Numbers of frames go round at this."""
    references: int
    removed: tuple[int, ...] | None
    """The frame_num of those kept no more; None: the oldest, where there are too many."""

    def applied(self, kept: _Kept, is_base: bool) -> _Kept:
        left = [one for one in kept if one[0] not in (self.removed or ())]
        if self.removed is None and len(left) >= self.references:
            ages = [(self.frame - number) % self.most for number, _ in left]
            del left[ages.index(max(ages))]
        return [*left, (self.frame, is_base)]


def _marking(bits: Bits, frame: int, is_idr: bool, sps: Sps) -> _Marking:
    """As a slice's header says (8.2.5)."""
    most, references = 1 << sps.frame_bits, max(1, sps.references)
    if is_idr:
        if bits.u(2) & 1:
            raise _Unknown  # a long-term reference
        return _Marking(frame, most, references, ())
    if not bits.u(1):
        return _Marking(frame, most, references, None)
    removed: list[int] = []
    while operation := bits.ue():
        if operation != 1:
            raise _Unknown
        removed.append((frame - bits.ue() - 1) % most)
    return _Marking(frame, most, references, tuple(removed))


def _listed(
    kept: _Kept, frame: int, active: int, changes: list[tuple[int, int]], most: int
) -> _Kept:
    """The pictures that a P slice may refer to (8.2.4.2.1, 8.2.4.3.1)."""
    known = {n if n <= frame else n - most: is_base for n, is_base in kept}
    order, predicted = sorted(known, reverse=True), frame
    for place, (way, distance) in enumerate(changes):
        predicted = (predicted + (distance if way else -distance)) % most
        number = predicted if predicted <= frame else predicted - most
        if number not in known:
            raise _Unknown
        order = [*order[:place], number, *(n for n in order[place:] if n != number)]
    return [(number, known[number]) for number in order[:active]]


def _pps(parameter_set: bytes) -> _Pps:
    """Raises _Unknown where a picture has slices in groups."""
    bits = Bits(parameter_set[1:])
    bits.ue()
    sps = bits.ue()
    bits.u(1)
    has_bottom_order = bool(bits.u(1))
    if bits.ue():
        raise _Unknown
    active = bits.ue() + 1
    bits.ue()
    is_weighted, weighs_both = bool(bits.u(1)), bits.u(2)
    bits.ue(), bits.ue(), bits.ue(), bits.u(2)
    return _Pps(sps, has_bottom_order, active, is_weighted, weighs_both, bool(bits.u(1)))


def _skip_order(bits: Bits, sps: Sps, pps: _Pps) -> None:
    """Past a slice's order of display."""
    if sps.order_kind == 0:
        bits.u(sps.order_bits)
        if pps.has_bottom_order:
            bits.ue()
    elif sps.order_kind == 1 and sps.order_bits:
        bits.ue()
        if pps.has_bottom_order:
            bits.ue()
    if pps.counts_redundant and bits.ue():
        raise _Unknown


def _changes(bits: Bits) -> list[tuple[int, int]]:
    """(0 for less or 1 for more, by how much) of each change of a list's order."""
    found: list[tuple[int, int]] = []
    if bits.u(1):
        while (way := bits.ue()) != 3:
            if way > 1:
                raise _Unknown
            found.append((way, bits.ue() + 1))
    return found


def _skip_weights(bits: Bits, active: int, chroma: int) -> None:
    bits.ue()
    if chroma:
        bits.ue()
    for _ in range(active):
        if bits.u(1):
            bits.ue(), bits.ue()
        if chroma and bits.u(1):
            for _ in range(4):
                bits.ue()
