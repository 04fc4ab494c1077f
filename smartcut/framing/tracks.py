"""From sightings of faces in single pictures to one track for each face within a shot; pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby

from smartcut.annotation import Faces, FaceSighting, Shots

#: Two boxes are one face from this share of common area in joint area on...
SAME = 0.3
#: ... or where their middles are less than so many face widths apart, within a second.
NEAR, NEAR_WITHIN = 1.5, Fraction(1)
#: A face may be unseen for so long, in seconds.
GAP = Fraction(11, 10)
#: A track counts with so many sightings, the best of them so sure...
SIGHTINGS, SURE = 3, 0.5
#: ... and where a second network looked too and saw nothing there, so sure.
SURE_ALONE = 0.7

Box = tuple[float, float, float, float]


@dataclass
class _Growing:
    shot: int
    sightings: list[int] = field(default_factory=list)


def joined(faces: Faces, shots: Shots | None, second: str | None = None) -> Faces:
    """The faces with the number of its track for each sighting that counts.

    Tracks never cross a boundary of ``shots``. ``second`` is the network that looked too, less
    often: what it sees confirms a track.
    """
    tracks: list[_Growing] = []
    open_: list[_Growing] = []
    seen = faces.sightings
    starts = [shot.range.start for shot in shots.shots] if shots else []
    for at, group in groupby(range(len(seen)), key=lambda i: seen[i].at):
        time = at * faces.timebase
        shot = bisect_right(starts, time)
        open_ = [t for t in open_ if t.shot == shot and time - _last(t, faces) <= GAP]
        new = _grown(open_, list(group), faces, shot)
        tracks += new
        open_ += new
    counted = [t for t in tracks if _counts([seen[i] for i in t.sightings], second)]
    numbers = {i: n for n, track in enumerate(counted) for i in track.sightings}
    kept = (replace(one, track=numbers.get(i)) for i, one in enumerate(seen))
    return replace(faces, sightings=tuple(kept))


def _grown(tracks: list[_Growing], group: list[int], faces: Faces, shot: int) -> list[_Growing]:
    """Gives each sighting of one picture to the track that it fits best; the new tracks."""
    seen, time = faces.sightings, faces.sightings[group[0]].at * faces.timebase
    pairs = [
        (fit, place, i)
        for place, track in enumerate(tracks)
        for i in group
        if (fit := _fit(seen[track.sightings[-1]], seen[i], time - _last(track, faces))) > 0
    ]
    given: set[int] = set()
    grown: set[tuple[int, str]] = set()
    for _, place, i in sorted(pairs, key=lambda pair: -pair[0]):
        # Both networks may see one face in one picture: the track takes both.
        if i not in given and (place, seen[i].network) not in grown:
            grown.add((place, seen[i].network))
            given.add(i)
            tracks[place].sightings.append(i)
    new: list[_Growing] = []
    for i in (i for i in group if i not in given):
        twin = next((t for t in (*tracks, *new) if _is_twin(seen, t.sightings[-1], i)), None)
        if twin is None:
            new.append(_Growing(shot, [i]))
        else:
            twin.sightings.append(i)
    return new


def _is_twin(seen: Sequence[FaceSighting], one: int, other: int) -> bool:
    """Whether both are one face in one picture, seen by two networks."""
    a, b = seen[one], seen[other]
    return a.at == b.at and a.network != b.network and overlap(a.box, b.box) >= SAME


def _last(track: _Growing, faces: Faces) -> Fraction:
    return faces.sightings[track.sightings[-1]].at * faces.timebase


def _fit(before: FaceSighting, now: FaceSighting, passed: Fraction) -> float:
    """How well a sighting goes on with a track, 0 for not at all."""
    common = overlap(before.box, now.box)
    if common >= SAME:
        return 1 + common
    if passed > NEAR_WITHIN:
        return 0.0
    width = max(before.box[2], now.box[2])
    apart = max(abs(a - b) for a, b in zip(middle(before.box), middle(now.box), strict=True))
    return max(0.0, 1 - apart / (NEAR * width))


def _counts(sightings: Sequence[FaceSighting], second: str | None) -> bool:
    best = max(one.score for one in sightings)
    if second is not None and any(one.network == second for one in sightings):
        return best >= SURE
    return len(sightings) >= SIGHTINGS and best >= (SURE if second is None else SURE_ALONE)


def middle(box: Box) -> tuple[float, float]:
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def overlap(one: Box, other: Box) -> float:
    """Common area over joint area, 0..1."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    common = max(across, 0.0) * max(down, 0.0)
    joint = one[2] * one[3] + other[2] * other[3] - common
    return common / joint if joint > 0 else 0.0


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all."""
    found = list(boxes)
    left, top = min(b[0] for b in found), min(b[1] for b in found)
    right, bottom = max(b[0] + b[2] for b in found), max(b[1] + b[3] for b in found)
    return left, top, right - left, bottom - top
