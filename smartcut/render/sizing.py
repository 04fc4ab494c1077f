"""Files just below a size: encoded again with another quality until they are.

What is first made as planned may do. Otherwise one setting is searched for: the constant quality
of H.264 and HEVC, so that all parts look alike; the bit rate of other codecs and of sound alone;
the size of an animation's pictures. Bytes fall about exponentially with each, so two or three
passes are enough; every part that was encoded stays in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from typing import TypeVar

from smartcut.errors import RenderError
from smartcut.media.codecs import IN_FINE_STEPS
from smartcut.render.job import Rendering, RenderJob
from smartcut.render.sound.codecs import CODECS

T = TypeVar("T")

#: The file has at least this share of the size that it may have, if it had to be made smaller.
LEAST = 0.97
_AIM = 0.987
_MOST_PASSES = 10
# By how much the logarithm of the bytes falls with each step of a setting.
_OF_CRF, _OF_SCALE = 0.115, 1.8
_WORST_CRF, _SMALLEST = 51.0, 16
_LOWEST_BITRATE = 8_000


class OtherSize(Exception):
    """A file was made, and has another size than it is to have."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


@dataclass(frozen=True, slots=True)
class Knob:
    """A setting that bytes fall with."""

    start: float
    most: float
    slope: float
    """By how much the logarithm of the bytes falls with 1 more."""
    step: float
    """Settings nearer to each other than that are one."""
    job: Callable[[float], RenderJob]
    told: Callable[[float], str]
    fixed: int = 0
    """Bytes that do not depend on it."""
    least: float | None = None
    """The smallest setting; None: the first."""

    def next(self, trials: Sequence[tuple[float, int]], aim: float) -> float:
        """The setting at which to expect ``aim`` bytes, by (setting, bytes) tried so far."""
        known = sorted((value, log(max(size - self.fixed, 1))) for value, size in trials)
        goal = log(max(aim - self.fixed, 1))
        larger = [k for k in known if k[1] > goal]
        smaller = [k for k in known if k[1] <= goal]
        if larger and smaller:
            (a, high), (b, low) = larger[-1], smaller[0]
            share = min(max((high - goal) / max(high - low, 1e-9), 0.05), 0.95)
            found = a + share * (b - a)
        else:
            value, size = known[-1] if larger else known[0]
            found = value + (size - goal) / self._slope(known)
        least = self.start if self.least is None else self.least
        return min(max(round(found / self.step) * self.step, least), self.most)

    def _slope(self, known: Sequence[tuple[float, float]]) -> float:
        """As measured by the last two trials, where that is no nonsense."""
        if len(known) < 2 or known[-1][0] == known[-2][0]:
            return self.slope
        found = (known[-2][1] - known[-1][1]) / (known[-1][0] - known[-2][0])
        return min(max(found, self.slope / 3), self.slope * 3)


def make_sized(
    rendering: Rendering,
    make: Callable[[Rendering, Callable[[int], bool]], T],
    plan: Callable[[RenderJob], Rendering],
    sound_bytes: Callable[[], int],
) -> tuple[T, str | None]:
    """(what ``make`` gives, a note) of a file that is just below its size.

    ``make`` raises OtherSize for a size that is not accepted; ``sound_bytes`` tells how much of
    it is sound. Raises RenderError where no setting makes the file small enough.
    """
    limit = rendering.job.most_bytes
    assert limit is not None
    trials: list[tuple[float, int]] = []
    try:
        return make(rendering, lambda size: size <= limit), None
    except OtherSize as error:
        first = error.size
    knob = _knob(rendering, limit, sound_bytes())
    if not any(span.kind == "copy" for span in rendering.spans) and knob.start == _own(rendering):
        trials.append((knob.start, first))
    value = knob.next(trials, limit * _AIM) if trials else knob.start
    while len(trials) < _MOST_PASSES and value not in [tried for tried, _ in trials]:
        try:
            return _made(make, plan, knob, value, LEAST * limit, limit, len(trials) + 1)
        except OtherSize as error:
            is_finest = error.size in [size for _, size in trials]  # as of MP3's few bit rates
            trials.append((value, error.size))
            if is_finest and min(size for _, size in trials) <= limit:
                break
        value = knob.next(trials, limit * _AIM)
    for value, size in sorted(trials, key=lambda trial: -trial[1]):
        if size <= limit:
            return _made(make, plan, knob, value, 0, limit, len(trials))
    smallest = min(size for _, size in trials)
    raise RenderError(
        f"{rendering.output.path}: it does not get smaller than {smallest:,} bytes, and `max_size` "
        f"is {limit:,}; set a smaller `resolution`, a lower `fps` or `audio_bitrate`"
    )


def _made(
    make: Callable[[Rendering, Callable[[int], bool]], T],
    plan: Callable[[RenderJob], Rendering],
    knob: Knob,
    value: float,
    least: float,
    most: int,
    passes: int,
) -> tuple[T, str]:
    made = make(plan(knob.job(value)), lambda size: least <= size <= most)
    return made, f"`max_size`: {knob.told(value)}, after {passes} passes"


# ------------------------------------------------------------------------------------- the setting


def _knob(rendering: Rendering, limit: int, sound: int) -> Knob:
    job, picture = rendering.job, rendering.output.picture
    kind = rendering.output.container.kind
    if picture is None:
        return _of_sound(rendering, limit)
    if kind == "images":
        raise RenderError("`max_size` is of one file, not of pictures one by one")
    if kind == "animation":
        return _of_scale(rendering)
    fixed = min(sound, int(limit * 0.9))
    encoding = replace(job, mode="encode")
    if picture.codec in IN_FINE_STEPS:
        start = float(picture.crf or 0)

        def by_crf(value: float) -> RenderJob:
            crf = int(value) if value == int(value) else round(value, 2)
            return replace(encoding, wish=replace(job.wish, crf=crf, bitrate=None))

        return Knob(start, _WORST_CRF, _OF_CRF, 0.05, by_crf, lambda value: f"crf {value:g}", fixed)
    if picture.crf is None and picture.bitrate is None:
        raise RenderError(
            f"{rendering.output.path}: {picture.codec} has no quality to lower for `max_size`; "
            "choose another `codec`, or a smaller `resolution`"
        )
    wanted = (limit * _AIM - fixed) * 8 / float(rendering.duration)

    def by_bits(value: float) -> RenderJob:
        return replace(encoding, wish=replace(job.wish, crf=None, bitrate=_bits(value)))

    return _of_bits(wanted, by_bits, "a second of picture", fixed)


def _own(rendering: Rendering) -> float | None:
    """The setting that a rendering was planned with."""
    picture = rendering.output.picture
    if picture is None:
        return None
    if rendering.output.container.kind == "animation":
        return 0.0
    return float(picture.crf or 0) if picture.codec in IN_FINE_STEPS else None


def _of_scale(rendering: Rendering) -> Knob:
    """Smaller pictures; settings are minus the logarithm of their scale."""
    job, picture = rendering.job, rendering.output.picture
    assert picture is not None
    own = picture.upright.width, picture.upright.height

    def size(value: float) -> tuple[int, int]:
        width, height = (max(_SMALLEST, round(side * exp(-value))) for side in own)
        return width, height

    def by_scale(value: float) -> RenderJob:
        return replace(job, wish=replace(job.wish, size=size(value), short_side=None))

    most, step = log(min(own) / _SMALLEST), 0.5 / max(own)
    return Knob(0.0, most, _OF_SCALE, step, by_scale, lambda v: "{}x{} pixels".format(*size(v)))


def _of_sound(rendering: Rendering, limit: int) -> Knob:
    """Fewer bits of a sound track."""
    job = rendering.job
    for plan in rendering.sounds:
        codec = plan.sound.codec
        if CODECS.get(codec) is None or CODECS[codec].most is None:
            raise RenderError(
                f"{rendering.output.path}: {codec} is without loss, and cannot be made smaller "
                "for `max_size`; write .m4a, .mp3 or .opus"
            )
    wanted = limit * _AIM * 8 / float(rendering.duration) / len(rendering.sounds)

    def by_bits(value: float) -> RenderJob:
        return replace(job, mode="encode", wish=replace(job.wish, audio_bitrate=_bits(value)))

    return _of_bits(wanted, by_bits, "a second of sound", 0)


def _of_bits(wanted: float, job: Callable[[float], RenderJob], what: str, fixed: int) -> Knob:
    """Bits a second; settings are minus their logarithm."""
    start = -log(max(wanted, _LOWEST_BITRATE))

    def told(value: float) -> str:
        return f"{_bits(value)} bits {what}"

    return Knob(start, -log(_LOWEST_BITRATE), 1.0, 0.002, job, told, fixed, least=start - 1)


def _bits(value: float) -> int:
    return round(exp(-value))
