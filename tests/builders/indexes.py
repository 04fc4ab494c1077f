"""Packet indexes made by hand."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np

from smartcut.media.frame_index import VideoIndex

RATE = 25


def index_of(groups: list[list[int]]) -> VideoIndex:
    """Closed groups of pictures; each is the distances between its pictures that are referred to:
    [3, 1] is I B B P P, stored as I P B B P.
    """
    order: list[int] = []
    entries: list[int] = []
    for steps in groups:
        at = len(order)
        entries.append(at)
        order.append(at)
        for step in steps:
            order += [at + step, *range(at + 1, at + step)]
            at += step
    is_entry = np.isin(np.arange(len(order)), entries)
    return VideoIndex(
        timebase=F(1, RATE),
        origin=F(0),
        pts=np.arange(len(order), dtype=np.int64),
        is_start=is_entry,
        is_entry=is_entry,
        order=np.array(order, dtype=np.int64),
        last_duration=1,
        rate=F(RATE),
        is_vfr=False,
        is_counted=False,
    )
