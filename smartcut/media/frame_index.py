"""The packet index of a video stream: what is shown when, and where decoding can start.

A frame is known by its number in the order shown, from 0, and by its ``pts``; discarded packets
(edit lists), hidden frames (VP8) and pictures before the first key frame are not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np

from smartcut.media.fields import Fields


@dataclass(frozen=True, eq=False)
class VideoIndex:
    """Frames in the order shown. Times are source times, in seconds."""

    timebase: Fraction
    origin: Fraction
    """What the file's clock shows at source time 0, in seconds."""
    pts: np.ndarray
    """int64 (N,), rising; ticks of ``timebase`` on the file's own clock."""
    is_start: np.ndarray
    """bool (N,): decoding can start here, and this frame and all later ones come out whole."""
    is_entry: np.ndarray
    """bool (N,): a copy that is joined to other pictures can begin here."""
    order: np.ndarray
    """int64 (N,): ``order[i]`` is the number of the frame whose packet comes i-th in the file."""
    last_duration: int
    """Ticks that the last frame is shown."""
    rate: Fraction
    """Frames a second: of the usual step, where there is one; see :func:`rates.rate_of`."""
    is_vfr: bool
    """The frames leave an even grid: their steps vary, or some are missing."""
    is_counted: bool
    """The file has no usable timestamps: frames are known by counting from the first one."""
    pre_roll: int | None = None
    """pts of a packet that is not shown (edit lists), from which the first frames are decoded."""
    headers: tuple[bytes, ...] = ()
    """H.264 and HEVC: every parameter set, from the header and before key frames."""
    messages: tuple[bytes, ...] = ()
    """H.264 and HEVC: the NAL units that describe the display that HDR pictures were made for."""
    is_one_sequence: bool = True
    """No parameter set is replaced by another on the way."""
    is_base: np.ndarray | None = None
    """bool (N,): needs no B picture to be decoded; None where that is not known of the stream, or
    spares little, or nobody asked: see :mod:`base_index`."""

    def __len__(self) -> int:
        return len(self.pts)

    def time_of(self, number: int) -> Fraction:
        """When frame ``number`` starts; ``len(index)`` gives the end."""
        if number >= len(self.pts):
            return self.end
        return int(self.pts[number]) * self.timebase - self.origin

    @property
    def end(self) -> Fraction:
        """When the last frame ends."""
        return (int(self.pts[-1]) + self.last_duration) * self.timebase - self.origin

    @cached_property
    def seconds(self) -> np.ndarray:
        """float64 (N,): start times, for searching; exact ones come from :meth:`time_of`."""
        return self.pts * float(self.timebase) - float(self.origin)

    def frame_at(self, time: Fraction) -> int:
        """The number of the frame shown at ``time``, clamped to the frames there are."""
        tick = (time + self.origin) / self.timebase
        found = int(np.searchsorted(self.pts, int(tick // 1), side="right")) - 1
        return min(max(found, 0), len(self.pts) - 1)

    def boundary_near(self, time: Fraction) -> int:
        """The frame whose start is nearest to ``time``; ``len(index)`` is the end of the last."""
        after = self.frame_at(time) + (time >= self.time_of(0))
        before = max(after - 1, 0)
        near_before = abs(time - self.time_of(before)) < abs(self.time_of(after) - time)
        return before if near_before else after

    @cached_property
    def position(self) -> np.ndarray:
        """int64 (N,): the place in the file of each frame's packet, as in :attr:`order`."""
        position = np.empty_like(self.order)
        position[self.order] = np.arange(len(self.order))
        return position

    @cached_property
    def is_closed(self) -> np.ndarray:
        """bool (N + 1,): the packets from here on hold this frame and later ones, and no other.

        There a file can be divided without encoding. The end of the last frame counts too.
        """
        earliest_after = np.minimum.accumulate(self.order[::-1])[::-1]
        latest_before = np.maximum.accumulate(np.concatenate([[-1], self.order[:-1]]))
        numbers, place = np.arange(len(self)), self.position
        apart = (earliest_after[place] == numbers) & (latest_before[place] == numbers - 1)
        return np.append(
            apart & (self.is_entry | (numbers == 0 if self.pre_roll is None else False)), True
        )

    def start_before(self, number: int) -> int:
        """The last frame at or before ``number`` from which decoding can start."""
        return int(np.flatnonzero(self.is_start[: number + 1])[-1])


class AudioSpan(NamedTuple):
    """First presented sample and end of an audio stream, in ticks of its timebase."""

    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Scan:
    """What one demuxing pass found out about the chosen streams."""

    video: VideoIndex | None
    """With origin 0: on the file's own clock."""
    sounds: Mapping[int, AudioSpan]
    """Of every sound stream that can be decoded, by its index in the file."""
    rotation: int = 0
    mirrored: bool = False
    """How the first frame is to be turned; see :mod:`smartcut.media.orientation`."""
    fields: Fields = Fields()
    colour: tuple[int, int, int, int] | None = None
    """FFmpeg's numbers of the first frame's primaries, transfer, matrix and range."""


def replace_origin(index: VideoIndex, origin: Fraction) -> VideoIndex:
    """The same index with another source time 0."""
    fields = {name: getattr(index, name) for name in index.__dataclass_fields__}
    return VideoIndex(**{**fields, "origin": origin})
