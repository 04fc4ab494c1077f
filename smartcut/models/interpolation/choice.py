"""Which engine makes the pictures where the user leaves it open, and how long that will take.

Times are measured on the machine where the work is worth it (:mod:`.timing`). Before that they are
a model: processor seconds a megapixel and picture, measured at 720p on a core of an AMD EPYC
(AVX2), and how much of that stays on one core; such an estimate can be off by a factor of several.
For a GPU there is RIFE's published figure of 54 pictures of 1080p a second in half precision on an
RTX 3090 (ONNX Runtime), twice that time with an ensemble.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from smartcut.models import weights
from smartcut.models.interpolation import EngineName, Tier
from smartcut.usable import usable_cores

RIFE = "rife-4.6"

#: ``auto`` takes RIFE with an ensemble where it needs at most this long, in seconds ...
BEST_WITHIN = 600.0
#: ... else RIFE without where it needs at most this long, else optical flow.
FAST_WITHIN = 1200.0
#: Work that the model takes for shorter, in seconds, is not worth a measurement.
MEASURED_FROM = 5.0

Measure = Callable[[EngineName, Tier | None], float | None]
"""Seconds that an engine takes for one of the pictures on this machine; None where not known."""


@dataclass(frozen=True, slots=True)
class _Cost:
    """Processor seconds a megapixel; ``serial`` is the share that stays on one core."""

    seconds: float
    serial: float


# More cores than this were not seen to help.
_MOST_CORES = 16
_ON_CPU: dict[tuple[EngineName, Tier | None], _Cost] = {
    ("blend", None): _Cost(0.007, 1.0),
    ("minterpolate", None): _Cost(0.42, 1.0),
    ("flow", None): _Cost(0.45, 0.5),
    ("rife", "fast"): _Cost(0.75, 0.05),
    ("rife", "best"): _Cost(1.30, 0.05),
}
_ON_GPU: dict[tuple[EngineName, Tier | None], _Cost] = {
    ("rife", "fast"): _Cost(0.009, 1.0),
    ("rife", "best"): _Cost(0.018, 1.0),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine, its tier (only ``rife`` has them), the seconds expected; why, for the user."""

    engine: EngineName
    tier: Tier | None
    seconds: float
    reason: str
    is_measured: bool = False
    """Whether the seconds come from a measurement on this machine."""


def choose(
    asked: Literal["auto"] | EngineName,
    tier: Tier | None,
    *,
    device: str,
    size: tuple[int, int],
    pictures: int,
    cores: int | None = None,
    measure: Measure = lambda engine, tier: None,
) -> Choice:
    """The engine for ``pictures`` of ``size`` (width, height), and what it will take.

    What was asked for is taken as it is. ``auto`` takes RIFE, ``best`` if :data:`BEST_WITHIN`
    allows, else ``fast`` if :data:`FAST_WITHIN` does (or only the tier asked for, within its
    bound), else optical flow; also where RIFE's weights are not on this machine. ``device`` is
    ``cpu``, ``cuda`` or ``cuda:N``; ``cores`` are those this process may use; ``measure`` is asked
    where the work is worth it, and a model of the engines believed elsewhere. Raises ModelError
    where RIFE's weights are damaged.
    """
    if cores is None:
        cores = usable_cores()

    def taken(engine: EngineName, of: Tier | None) -> Choice:
        seconds = estimate(engine, of, device=device, size=size, pictures=pictures, cores=cores)
        one = measure(engine, of) if seconds >= MEASURED_FROM else None
        if one is not None:
            return Choice(engine, of, one * pictures, "", is_measured=True)
        return Choice(engine, of, seconds, "")

    work = _work(device, size, pictures, cores)
    if asked != "auto":
        plain = taken(asked, (tier or "best") if asked == "rife" else None)
        return _because(plain, f"{_named(plain)}, as asked: {_spelled(plain.seconds)} for {work}")
    flow = taken("flow", None)
    if weights.find(RIFE) is None:
        return _because(
            flow,
            f"engine flow: {_spelled(flow.seconds)} for {work}; engine rife makes better pictures, "
            f"but its weights are not on this machine (run: smartcut models pull {RIFE}; "
            f"{weights.looked_in()})",
        )
    tiers: tuple[Tier, ...] = ("best", "fast") if tier is None else (tier,)
    tried = [taken("rife", each) for each in tiers]
    for each in tried:
        if each.seconds <= _bound(each.tier):
            return _because(each, _why_rife(each, tried[: tried.index(each)], work))
    return _because(
        flow,
        f"engine flow: {_spelled(flow.seconds)} for {work}; "
        f"{_too_long(tried[-1])} (engine: rife takes it all the same)",
    )


def estimate(
    engine: EngineName,
    tier: Tier | None,
    *,
    device: str,
    size: tuple[int, int],
    pictures: int,
    cores: int,
) -> float:
    """Seconds for that many pictures of ``size``; engines that use no GPU take the processor's."""
    table = _ON_CPU if device == "cpu" or (engine, tier) not in _ON_GPU else _ON_GPU
    cost = table[engine, tier]
    shared = (1 - cost.serial) / max(1, min(cores, _MOST_CORES))
    return cost.seconds * (cost.serial + shared) * size[0] * size[1] / 1e6 * pictures


def _because(choice: Choice, reason: str) -> Choice:
    return replace(choice, reason=f"{reason}, as measured here" if choice.is_measured else reason)


def _bound(tier: Tier | None) -> float:
    return BEST_WITHIN if tier == "best" else FAST_WITHIN


def _why_rife(choice: Choice, passed: list[Choice], work: str) -> str:
    text = f"{_named(choice)}: {_spelled(choice.seconds)} for {work}"
    return f"{text}; {_too_long(passed[-1])}" if passed else text


def _too_long(choice: Choice) -> str:
    needs, most = _spelled(choice.seconds), _spelled(_bound(choice.tier), exactly=True)
    return f"{_named(choice)} would need {needs}, and auto takes it up to {most}"


def _named(choice: Choice) -> str:
    return f"engine {choice.engine}" + (f", tier {choice.tier}" if choice.tier else "")


def _work(device: str, size: tuple[int, int], pictures: int, cores: int) -> str:
    what = "1 picture" if pictures == 1 else f"{pictures} pictures"
    place = f"{cores} {'core' if cores == 1 else 'cores'}" if device == "cpu" else device
    return f"{what} of {size[0]}x{size[1]} on {place}"


def _spelled(seconds: float, *, exactly: bool = False) -> str:
    if seconds < 1 and not exactly:
        return "under a second"
    about = "" if exactly else "about "
    for unit, length in (("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= 2 * length or unit == "second":
            count = round(seconds / length)
            return f"{about}{count} {unit}{'' if count == 1 else 's'}"
    raise AssertionError("seconds are the last unit")
