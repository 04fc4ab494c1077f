"""Lines made exact over the frames that they explain, and the frames at which they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from smartcut.conforming.descriptors import unit_rows, viewed
from smartcut.conforming.lines import Line
from smartcut.conforming.path import Run
from smartcut.conforming.scoring import FilmAndSources, scored
from smartcut.conforming.standing import over_a_still
from smartcut.conforming.tones import toned

#: Speeds that editors choose; 0 is a frame that is held.
USUAL_SPEEDS = (
    1.0,
    0.25,
    0.5,
    0.75,
    1.25,
    1.5,
    2.0,
    2.5,
    3.0,
    4.0,
    0.0,
    *(k / 20 for k in range(4, 91)),
)
# Frames of a run that are compared, seconds around its line that are searched, and steps of a
# source's frame in which lines are moved.
_FRAMES, _SLACK, _STEPS = 160, 1.0, 4
# Frames of a film that are compared at once.
_TOGETHER = 64
# Frames of a film after which its times lie anew within those of a source, at most.
_TURNS = 40
# Speeds tried on each side of that of the line: each moves its end by half a frame; so often
# they are tried around the best one, where that is the last.
_TRIED, _AGAIN = 12, 5
# A usual speed is taken where it is this little worse, in likeness, than any other, over a run of
# so many frames; half as long ones may be twice as much. The first of them need not be so good as
# the next: shares of that, up to a place among them.
_WORSE, _OVER = 0.002, 50
_PRICES = ((0.0, 1), (0.2, 11), (1.0, 100), (1.0, 1000))
# One that moves the line from its first frame to its last by less than this, in frames of the
# source, cannot be told from the best.
_UNSURE = 0.5
# Encoders lag behind slow changes by up to a frame: lines this near to the best, in frames, may be
# so much less alike, and are told apart by their tones where those differ by this share.
_LAG, _LAGGING, _TELLING = 1.0, 0.004, 0.9
# Frames of a run whose tones are compared.
_TONED = 24
# The share of the frames with a line that have to have a speed for it to be the film's.
_COMMON = 0.5
# Windows this near to each other, in shares, are one where time goes on.
_SAME = 0.03
# Seconds on each side of a change that are looked at.
_AROUND = 2.0


def fitted_line(film: FilmAndSources, run: Run, common: float | None = None) -> Line:
    """The line of a run, with the speed and start under which its frames are most alike.

    The speed is ``common``, that of the whole film, or a usual one, where that is as good.
    """
    line = run.line
    assert line is not None
    still = over_a_still(film, run)
    if still is not None:
        return still
    step = max(1, len(run) // _FRAMES)
    numbers = np.arange(run.first, run.last, step)
    times = film.seconds[numbers]
    thumbs = film.sources[line.source]
    slack = _SLACK * max(1.0, abs(line.speed))
    likeness = _likeness(film, line, numbers, slack)
    middle = float(times.mean())
    moves = np.arange(-slack, slack, 1 / (_STEPS * thumbs.rate))

    def best_at(speed: float) -> tuple[float, np.ndarray]:
        """The best mean likeness at that speed, and the starts under which it is reached."""
        film.tick()
        start = line.at(np.array([middle]))[0] - speed * middle + moves
        values = values_at(speed, start)
        best = start[_plateau(values, int(values.argmax()))].mean()
        start = best + _fine_moves(speed * thumbs.rate / film.thumbs.rate, thumbs.rate)
        values = values_at(speed, start)
        top = int(values.argmax())
        return float(values[top]), start[_plateau(values, top)]

    def values_at(speed: float, start: np.ndarray) -> np.ndarray:
        at = start[:, None] + speed * times
        found = thumbs.shown_at(at.ravel(), film.early(line.source)).reshape(at.shape)
        return likeness.at(found).mean(axis=1)

    usual = USUAL_SPEEDS if common is None else (common, *USUAL_SPEEDS)
    tried = _tried(best_at, line.speed, usual, _lasts(times, thumbs.rate) * thumbs.rate)
    values = {speed: value for speed, (value, _) in tried.items()}
    speed = chosen_speed(values, usual, _lasts(times, thumbs.rate) * thumbs.rate, len(run))
    starts = tried[speed][1]
    found = replace(line, start=_start(film, run, line, speed, starts), speed=speed)
    beside = found.start + np.array([0.0, -1.0, 1.0]) / thumbs.rate
    alike = values_at(speed, beside)
    near = beside[alike >= alike[0] - _LAGGING]
    return _by_tones(film, run, [replace(found, start=float(start)) for start in near])


def _by_tones(film: FilmAndSources, run: Run, lines: Sequence[Line]) -> Line:
    """The first of the lines, or one that leaves clearly less of the film's tones unexplained."""
    if len(lines) == 1:
        return lines[0]
    numbers = np.unique(np.linspace(run.first, run.last - 1, _TONED).round().astype(int))
    own = np.asarray(film.thumbs.pictures[numbers]).astype(np.float32) / 255
    left = []
    for line in lines:
        views = np.concatenate([film.views(line, n, n + 1) for n in numbers.tolist()])
        tones = toned(film, replace(run, line=line))
        apart = (tones(views) - own)[:, ~tones.covered]
        left.append(float((apart * apart).mean()))
    least = int(np.argmin(left))
    return lines[least] if left[least] < _TELLING * left[0] else lines[0]


@dataclass(frozen=True, slots=True, eq=False)
class _Likeness:
    """How alike frames of a film are to the frames of a source about those that a line shows."""

    first: np.ndarray
    """int64 (n,): the first frame of the source that each was compared with."""
    values: np.ndarray
    """float32 (n, m)."""

    def at(self, shown: np.ndarray) -> np.ndarray:
        """float32 (..., n): the likeness where these frames of the source are shown."""
        n, m = self.values.shape
        found: np.ndarray = self.values[np.arange(n), np.clip(shown - self.first, 0, m - 1)]
        return found


def _likeness(film: FilmAndSources, line: Line, numbers: np.ndarray, slack: float) -> _Likeness:
    """Of frames ``numbers``, over ``slack`` seconds and some frames on both sides of the line."""
    thumbs = film.sources[line.source]
    reach = int(np.ceil(slack * thumbs.rate)) + _TRIED
    shown = thumbs.shown_at(line.at(film.seconds[numbers]), film.early(line.source))
    around = np.arange(-reach, reach + 1)
    values = np.empty((len(numbers), len(around)), np.float32)
    for first in range(0, len(numbers), _TOGETHER):
        film.tick()
        part = slice(first, first + _TOGETHER)
        wanted = np.clip(shown[part, None] + around, 0, len(thumbs) - 1)
        different, which = np.unique(wanted, return_inverse=True)
        own = unit_rows(np.asarray(film.thumbs.pictures[numbers[part]]))
        theirs = unit_rows(viewed(np.asarray(thumbs.pictures[different]), line.window))
        alike = own @ theirs.T
        values[part] = np.take_along_axis(alike, which.reshape(wanted.shape), axis=1)
    return _Likeness(shown - reach, values)


def _lasts(times: np.ndarray, rate: float) -> float:
    """Seconds of the film over which a speed is measured."""
    return max(float(times[-1] - times[0]), 2 / rate)


_Best = tuple[float, np.ndarray]
"""The best mean likeness at a speed, and the starts under which it is reached."""


def _tried(
    best_at: Callable[[float], _Best], speed: float, usual: Sequence[float], frames: float
) -> dict[float, _Best]:
    """Speeds around that of a line over so many frames, until one is better than those around it.

    The usual ones are first.
    """
    unit = 0.5 / frames
    found: dict[float, _Best] = {}
    for _ in range(_AGAIN):
        reach = max(_TRIED * unit, 0.02 * abs(speed))
        near = [s for s in dict.fromkeys(usual) if abs(s - speed) <= reach]
        exact = [speed + k * unit for k in range(-_TRIED, _TRIED + 1)]
        found |= {s: best_at(s) for s in (*near, *exact) if s not in found}
        best = max(found, key=lambda s: (found[s][0], -abs(s - speed)))
        if abs(best - speed) < reach - 2 * unit:
            break
        speed = best
    return found


def chosen_speed(
    values: Mapping[float, float], usual: Sequence[float], frames: float, count: int
) -> float:
    """The speed to take of those whose likeness is known: a usual one where it is as good.

    ``frames`` of the source, and ``count`` of the film, pass under the line.
    """
    best = max(values, key=lambda s: values[s])
    most, worse = values[best], _WORSE * max(1.0, _OVER / count)

    def worth(speed: float) -> float:
        rank = usual.index(speed) if speed in usual else len(usual)
        price = next(p for p, last in _PRICES if rank < last)
        beside, less = abs(speed - best) * frames, most - values[speed]
        is_near = beside <= _UNSURE or (beside <= _LAG and less <= _LAGGING)
        return (most if is_near and rank < len(usual) else values[speed]) - price * worse

    return max(values, key=worth)


def common_speed(film: FilmAndSources, runs: Sequence[Run]) -> float | None:
    """The speed at which half of what is known of a film plays, where that is no usual one.

    A film of 23.976 frames a second shown at 25 has one. Long runs say it best.
    """
    known = [
        (run.line.speed, len(run), film.sources[run.line.source].rate)
        for run in runs
        if run.line is not None
    ]
    if not known:
        return None
    speed, _, _ = max(known, key=lambda one: one[1])
    if speed in USUAL_SPEEDS:
        return None
    near = [
        (s, n)
        for s, n, rate in known
        if abs(s - speed) * rate * n / film.thumbs.rate <= 2 * _UNSURE
    ]
    if sum(n for _, n in near) < _COMMON * sum(n for _, n, _ in known):
        return None
    speeds, weights = np.array(near).T
    return float(np.average(speeds, weights=weights**2))


def _fine_moves(frames: float, rate: float) -> np.ndarray:
    """Moves of a line in seconds, so small that each way its frames can fall is tried twice.

    ``frames`` of a source pass in one of the film. Where that is a fraction of n parts, the film's
    times lie at n places within the source's frames, and what is shown changes n times while a
    line moves by a frame.
    """
    ways = Fraction(frames).limit_denominator(_TURNS).denominator
    steps = max(_STEPS, 2 * ways + 1)
    most = 1.5 * steps // _STEPS
    return np.arange(-most, most + 1) / (steps * rate)


def _plateau(values: np.ndarray, top: int) -> slice:
    """The neighbours of the best value that are as good."""
    same = values >= values[top] - 1e-6
    first = last = top
    while first > 0 and same[first - 1]:
        first -= 1
    while last + 1 < len(values) and same[last + 1]:
        last += 1
    return slice(first, last + 1)


def _start(film: FilmAndSources, run: Run, line: Line, speed: float, starts: np.ndarray) -> float:
    """The start of the line: at a frame of the source where that shows the same, else between."""
    middle = replace(line, start=float(starts.mean()), speed=speed)
    shown = film.shown(middle, run.first, run.last)
    time = float(film.seconds[run.first])
    begins = film.sources[line.source].seconds[shown[0]]
    aligned = replace(middle, start=float(begins) - speed * time)
    same = np.array_equal(film.shown(aligned, run.first, run.last), shown)
    return aligned.start if same else middle.start


# ------------------------------------------------------------------------------------ changes


def merged(film: FilmAndSources, runs: Sequence[Run]) -> list[Run]:
    """The runs, neighbours made one where they show the same."""
    found: list[Run] = []
    for run in runs:
        if found and _goes_on(film, found[-1], run):
            longer = max(found[-1], run, key=len)
            found[-1] = Run(longer.line, found[-1].first, run.last)
        else:
            found.append(run)
    return found


def _goes_on(film: FilmAndSources, before: Run, run: Run) -> bool:
    one, other = before.line, run.line
    if one is None or other is None:
        return one is other
    if one.source != other.source or not one.window.is_near(other.window, _SAME):
        return False
    if abs(one.speed - other.speed) > 0.02 * abs(one.speed):
        return False
    longer, shorter = (before, run) if len(before) >= len(run) else (run, before)
    assert longer.line is not None
    assert shorter.line is not None
    ends = film.seconds[[shorter.first, shorter.last - 1]]
    apart = np.abs(longer.line.at(ends) - shorter.line.at(ends)).max()
    return bool(apart < 0.6 / film.sources[one.source].rate)


def with_exact_changes(film: FilmAndSources, runs: Sequence[Run]) -> list[Run]:
    """The runs, with each change of lines at the frame that suits both best."""
    found = list(runs)
    for k in range(1, len(found)):
        before, after = found[k - 1], found[k]
        if before.line is None or after.line is None:
            continue
        at = _change(film, before, after)
        found[k - 1], found[k] = replace(before, last=at), replace(after, first=at)
    return [run for run in found if len(run)]


def _change(film: FilmAndSources, before: Run, after: Run) -> int:
    assert before.line is not None
    assert after.line is not None
    reach = round(_AROUND * film.thumbs.rate)
    first = max(before.last - reach, (before.first + before.last) // 2)
    last = min(after.first + reach, (after.first + after.last + 1) // 2)
    one, other = scored(film, [(before.line, first, last), (after.line, first, last)])
    gain = np.concatenate([[0.0], np.cumsum(one.difference - other.difference)])
    return first + int(gain.argmin())
