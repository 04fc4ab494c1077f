"""What the analyses of a source say of a stretch of a segment, in the picture that it shows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from smartcut.annotation import Faces, FaceSighting, Features, Speakers
from smartcut.cut import Segment
from smartcut.framing.path import STEP
from smartcut.framing.subjects import SeenSubject
from smartcut.source import VideoStream
from smartcut.stages._attention import COLUMNS, ROWS
from smartcut.timebase import Range

if TYPE_CHECKING:
    import numpy as np

    from smartcut.render.route import Applied

#: A face is there for so long before it is first seen, and after it is last seen, in seconds.
_AROUND = 0.5


@dataclass(frozen=True)
class ShownPicture:
    """The picture of a segment after its effects."""

    segment: Segment
    video: VideoStream

    @cached_property
    def applied(self) -> tuple[Applied, ...]:
        from smartcut.effect import Placement
        from smartcut.render.route import applied_effects

        found = applied_effects(self.segment, self.video.rate)
        return tuple(one for one in found if not isinstance(one.effect, Placement))

    @cached_property
    def size(self) -> tuple[int, int]:
        from smartcut.render.route import shown_size

        return shown_size(self.applied, self.video.display_size)

    def matrix(self, time: Fraction) -> np.ndarray:
        """float64 (3, 3): from shares of the source's picture to shares of the one shown."""
        import numpy as np

        from smartcut.render.route import Moment, geometry_at

        own = self.video.display_size
        moment = Moment(0, 0.0, time, self.segment.time_of(time))
        moved, size = geometry_at(self.applied, moment, own)
        result: np.ndarray = np.diag([1 / size[0], 1 / size[1], 1.0]) @ moved
        return result @ np.diag([*own, 1.0])

    def matrices(self, times: Sequence[Fraction]) -> list[np.ndarray]:
        if all(one.is_whole for one in self.applied):
            return [self.matrix(times[0])] * len(times)
        return [self.matrix(time) for time in times]


def steps_of(shown: Range) -> list[Fraction]:
    """The steps of time at which a stretch is looked at."""
    count = max(1, -(-shown.duration // STEP))
    return [shown.start + i * STEP for i in range(int(count))]


def seen_in(
    picture: ShownPicture,
    shot: Range,
    shown: Range,
    faces: Faces | None,
    maps: Features,
    rows: np.ndarray,
    speakers: Speakers | None = None,
) -> SeenSubject:
    """What is known of the part of a shot that is shown; ``rows`` are those of ``maps``."""
    import numpy as np

    times = steps_of(shown)
    voices = _voices_at(speakers, times) if speakers else None
    matrices = picture.matrices(times)
    boxes = []
    for track in faces.tracks() if faces else ():
        assert faces is not None
        box = _boxes(track, faces.timebase, times)
        if box is not None and shot.contains(track[0].at * faces.timebase):
            boxes.append(np.stack([_moved(b, m) for b, m in zip(box, matrices, strict=True)]))
    if not maps.pts:
        empty = np.zeros((len(times), ROWS, COLUMNS))
        return SeenSubject(tuple(boxes), empty, empty + 1 / empty[0].size, voices)
    # The slot in which a shot begins holds a frame of the one before, too.
    pts = np.array(maps.pts)
    inside = pts[pts >= float(shot.start / maps.timebase)]
    least = int(inside[0]) if len(inside) else int(pts[0])
    places = [_row_at(pts, max(int(t / maps.timebase), least)) for t in times]
    found = np.asarray(rows[places], np.float64).reshape(len(times), 2, ROWS, COLUMNS)
    found = np.stack([_resampled(f, m) for f, m in zip(found, matrices, strict=True)])
    return SeenSubject(tuple(boxes), found[:, 0], found[:, 1], voices)


def _voices_at(speakers: Speakers, times: Sequence[Fraction]) -> np.ndarray:
    """int64 (T,): the number of whoever speaks at these times, -1 for nobody."""
    import numpy as np

    starts = [turn.range.start for turn in speakers.turns]
    found = np.full(len(times), -1)
    for step, time in enumerate(times):
        place = bisect_right(starts, time) - 1
        if place >= 0 and speakers.turns[place].range.contains(time):
            found[step] = speakers.names.index(speakers.turns[place].speaker)
    return found


def _row_at(pts: np.ndarray, at: int) -> int:
    import numpy as np

    return max(0, int(np.searchsorted(pts, at, side="right")) - 1)


def _boxes(
    track: Sequence[FaceSighting], timebase: Fraction, times: Sequence[Fraction]
) -> np.ndarray | None:
    """float64 (T, 4): a face's box at these times, NaN where it is not there; None for never."""
    import numpy as np

    networks = [one.network for one in track]
    main = max(set(networks), key=lambda name: (networks.count(name), name))
    those = [one for one in track if one.network == main]
    at = np.array([float(one.at * timebase) for one in those])
    asked = np.array([float(time) for time in times])
    there = (asked >= at[0] - _AROUND) & (asked <= at[-1] + _AROUND)
    if not there.any():
        return None
    sides = np.array([(b[0], b[1], b[0] + b[2], b[1] + b[3]) for b in (o.box for o in those)])
    found = np.stack([np.interp(asked, at, sides[:, i]) for i in range(4)], axis=1)
    found[~there] = np.nan
    return found


def _moved(box: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The box around a moved box."""
    import numpy as np

    left, top, right, bottom = box
    corners = np.array([[left, right, left, right], [top, top, bottom, bottom], [1, 1, 1, 1]])
    x, y, w = matrix @ corners
    x, y = x / w, y / w
    return np.array([x.min(), y.min(), x.max(), y.max()])


def _resampled(maps: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Maps (2, rows, columns) of the source's picture as ones of the picture shown."""
    import numpy as np

    if np.allclose(matrix, np.eye(3)):
        return maps
    x, y = np.meshgrid((np.arange(COLUMNS) + 0.5) / COLUMNS, (np.arange(ROWS) + 0.5) / ROWS)
    points = np.linalg.inv(matrix) @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    across, down = points[0] / points[2] * COLUMNS, points[1] / points[2] * ROWS
    inside = (across >= 0) & (across < COLUMNS) & (down >= 0) & (down < ROWS)
    column = np.clip(across.astype(int), 0, COLUMNS - 1)
    row = np.clip(down.astype(int), 0, ROWS - 1)
    found = np.where(inside, maps[:, row, column], 0.0).reshape(maps.shape)
    total = found[1].sum()
    if total > 0:
        found[1] /= total
    return found
