"""Runs commands as whole processes and compares them in pairs.

Peers run in turn, A B A B, so that what else the machine does falls on all alike, and a ratio is
the median of the ratios within each turn. A process is measured with its children: wall time,
processor time (user and system), and the largest resident memory of any one of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

BEFORE = "before: "
"""What the names of another checkout's runs begin with."""
LEFT_OUT = "left out"
"""What is said of a peer that ONLY_PEERS does not name."""

SLOWER = 1.05
"""The ratio of processor times from which one is called slower."""

Quantity = Literal["wall_s", "cpu_s", "peak_mb"]


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run of one command took."""

    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Peer:
    """A command to be measured. ``before`` runs ahead of each run, unmeasured."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] | None = None
    beside: Peer | None = None
    """The same by another checkout of smartcut; it runs first, so that files are this one's."""


class CommandFailed(Exception):
    """A command did not end well; the text says which, and where its output is."""


@dataclass(frozen=True, slots=True)
class Check:
    """A bound that a figure has to keep; ``figure`` is None where it could not be measured."""

    text: str
    figure: float | None
    relation: Literal[">=", "<=", "=="]
    bound: float

    @property
    def verdict(self) -> str:
        """``held``, ``NOT held`` or ``not measured``."""
        if self.figure is None:
            return "not measured"
        held = {
            ">=": self.figure >= self.bound,
            "<=": self.figure <= self.bound,
            "==": self.figure == self.bound,
        }[self.relation]
        return "held" if held else "NOT held"


@dataclass(slots=True)
class Result:
    """One table of a row: samples by peer, remarks by peer, and the checks."""

    row: str
    case: str
    samples: dict[str, list[Sample]]
    remarks: dict[str, str] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)


def run_once(peer: Peer) -> Sample:
    """The sample of one run; raises CommandFailed where its exit status is not 0."""
    if peer.before:
        peer.before()
    with peer.log.open("wb") as log:
        start = time.perf_counter()
        environment = {**os.environ, **peer.environment}
        # Installed packages are compiled; what lies here is so too, from the second run on.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        process = subprocess.Popen(list(peer.command), stdout=log, stderr=log, env=environment)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except KeyboardInterrupt:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandFailed(
            f"{peer.name}: exit status {process.returncode}; its output is in {peer.log}"
        )
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def paired(
    peers: Sequence[Peer], runs: int, say: Callable[[str], None]
) -> tuple[dict[str, list[Sample]], dict[str, str]]:
    """(samples by peer, remarks by peer that failed); a peer that fails once is left out.

    So are those whose names hold none of the words, divided by colons, of ONLY_PEERS. What another
    checkout's smartcut takes stands last.
    """
    shown = [*peers, *(p.beside for p in peers if p.beside)]
    peers = [one for peer in peers for one in (peer.beside, peer) if one]
    samples: dict[str, list[Sample]] = {peer.name: [] for peer in shown}
    asked = os.environ.get("ONLY_PEERS", "").split(":")
    failed = {p.name: LEFT_OUT for p in peers if not any(word in p.name for word in asked)}
    for turn in range(runs):
        for peer in peers:
            if peer.name in failed:
                continue
            say(f"{peer.name}, run {turn + 1} of {runs}")
            try:
                samples[peer.name].append(run_once(peer))
            except (CommandFailed, OSError) as error:
                failed[peer.name] = f"failed: {error}"
                samples[peer.name] = []
    return samples, failed


def told(
    peers: Sequence[Peer], runs: int, say: Callable[[str], None]
) -> tuple[dict[str, list[Sample]], dict[str, list[dict[str, float]]]]:
    """(samples, figures) by peer, of peers that print figures as JSON in their last line.

    A first turn, in which engines are chosen, is not measured.
    """
    paired(peers, 1, say)
    samples: dict[str, list[Sample]] = {peer.name: [] for peer in peers}
    figures: dict[str, list[dict[str, float]]] = {peer.name: [] for peer in peers}
    for _ in range(runs):
        turn, failed = paired(peers, 1, say)
        for peer in peers:
            samples[peer.name] += turn[peer.name]
            if peer.name not in failed:
                figures[peer.name].append(json.loads(peer.log.read_text().splitlines()[-1]))
    return samples, figures


def against_before(samples: dict[str, list[Sample]]) -> list[Check]:
    """One for each run of which there is one by another checkout: processor time now, of then."""
    return [
        Check(
            f"{name}: CPU now / before", ratio(now, samples[BEFORE + name], "cpu_s"), "<=", SLOWER
        )
        for name, now in samples.items()
        if BEFORE + name in samples
    ]


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's: the correlation of the ranks, of which equal values share the mean one."""
    import numpy as np

    def ranks(values: Sequence[float]) -> np.ndarray:
        ordered = np.sort(values)
        first, last = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
        return (first + last).astype(float)

    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def middle(samples: Sequence[Sample], quantity: Quantity = "wall_s") -> float | None:
    """The median; None of no samples."""
    return median(getattr(x, quantity) for x in samples) if samples else None


def extent(samples: Sequence[Sample], quantity: Quantity = "wall_s") -> tuple[float, float] | None:
    """(smallest, largest); None of no samples."""
    values = [getattr(x, quantity) for x in samples]
    return (min(values), max(values)) if values else None


def ratio(
    over: Sequence[Sample], under: Sequence[Sample], quantity: Quantity = "wall_s"
) -> float | None:
    """The median over the turns of ``over`` / ``under``; None where either has no samples."""
    pairs = zip(over, under, strict=False)
    ratios = [getattr(a, quantity) / getattr(b, quantity) for a, b in pairs]
    return median(ratios) if ratios else None
