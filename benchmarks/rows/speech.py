"""Speech: words and their times beside those of other recognisers, with the same weights.

SPEECH_PEERS names the Pythons, divided by colons, in which those are installed; left out, this one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench import Bench
from benchmarks.measure import Check, Peer, Result, paired
from benchmarks.other_pythons import python_with
from benchmarks.speech_errors import backwards, loops, lost, plain, time_errors, word_errors
from benchmarks.spoken import Spoken, made

TITLE = "speech: words and times"
_ROOT = Path(__file__).parents[2]
_MINE = "smartcut"
_PEERS = {
    "openai-whisper": "whisper",
    "faster-whisper": "faster_whisper",
    "stable-ts": "stable_whisper",
    "whisperX": "whisperx",
}
_CASES = {
    "a reading with pauses": ("pauses",),
    "speech without pauses": ("unbroken",),
    "10 dB above noise, above music": ("in noise", "over music"),
    "30 s of silence, of noise, of music": ("silence", "noise", "music"),
}


def run(bench: Bench) -> Iterator[Result]:
    """A table for each kind of recording and model; peers that are not installed are left out."""
    from smartcut.errors import MissingExtra, ModelError
    from smartcut.models import weights
    from smartcut.models.voice.engine import choose

    try:
        recordings = made(
            bench.media / "spoken", _ROOT / "sample_media" / "music.m4a",
            lambda: choose("piper", None)[0],
        )  # fmt: skip
    except (ModelError, MissingExtra) as error:
        print(f"speech: no voice on this machine, so nothing to hear: {error}", file=sys.stderr)
        return
    for model in ("tiny.en",) if bench.quick else ("tiny.en", "base"):
        folder = weights.find(f"whisper-{model}")
        if folder is None:
            print(f"speech: smartcut models pull whisper-{model}", file=sys.stderr)
            continue
        _convert(model)
        for case, names in _CASES.items():
            yield _compared(bench, f"{case}, {model}", folder, [recordings[n] for n in names])


def _convert(model: str) -> None:
    """Have openai-whisper's form of the weights beside the other."""
    from smartcut.models.speech import SpeechRequest, load

    load(SpeechRequest("whisper", model))


def _compared(bench: Bench, case: str, folder: Path, recordings: Sequence[Spoken]) -> Result:
    peers: list[Peer] = []
    written: dict[str, Path] = {}
    absent = {}
    for name, module in {_MINE: "smartcut", **_PEERS}.items():
        python = sys.executable if name == _MINE else python_with(name, "SPEECH_PEERS")
        if not python:
            absent[name] = "not installed"
            continue
        written[name] = bench.work(f"{name}, {case}.json")
        command = [python, "-m", "benchmarks.peers.speech", module, str(folder), str(written[name])]
        log = written[name].with_suffix(".log")
        environment = {"PYTHONPATH": str(_ROOT), "OMP_WAIT_POLICY": "PASSIVE"}
        peers.append(Peer(name, [*command, *(str(r.file) for r in recordings)], log, environment))
    samples, remarks = paired(peers, 1, bench.say)
    found = {
        name: Figures.of(recordings, json.loads(written[name].read_text()))
        for name in samples
        if samples[name]
    }
    samples |= {name: [] for name in absent}
    remarks |= absent | {name: figures.text for name, figures in found.items()}
    return Result("speech", case, samples, remarks, list(_checks(found)))


@dataclass(frozen=True, slots=True)
class Figures:
    """What one recogniser made of some recordings; None where there is nothing to measure."""

    wrong: float | None
    """Percent of the words said."""
    invented: int | None
    """Words written where nothing is said."""
    lost: int
    loops: int
    backwards: int | None
    times: tuple[float, float, float, float] | None
    """Errors in seconds: starts, median and of 95 %; ends, the same."""
    cost: float
    """Seconds of processor time for a second of sound."""

    @classmethod
    def of(cls, recordings: Sequence[Spoken], made: Mapping[str, Any]) -> Figures:
        heard = {r.name: [(w, a, b) for w, a, b in made[r.name]["words"]] for r in recordings}
        said = sum(len(r.words) for r in recordings)
        errors = sum(word_errors(plain(r.words), plain(heard[r.name])) for r in recordings)
        late = np.concatenate([time_errors(r.words, heard[r.name]) for r in recordings])
        has_times = any(end for words in heard.values() for _, _, end in words)
        return cls(
            100 * errors / said if said else None,
            None if said else sum(map(len, heard.values())),
            sum(lost(plain(r.words), plain(heard[r.name])) for r in recordings),
            sum(loops(plain(words)) for words in heard.values()),
            sum(map(backwards, heard.values())) if has_times or not said else None,
            _spread(late) if has_times and len(late) else None,
            sum(made[r.name]["cpu"] for r in recordings) / sum(r.seconds for r in recordings),
        )

    @property
    def text(self) -> str:
        parts = [] if self.wrong is None else [f"{self.wrong:.1f} % of words wrong"]
        if self.invented is not None:
            parts.append(f"{self.invented} words invented")
        else:
            parts.append(f"{self.lost} lost")
        if self.times:
            parts.append("starts {:.3f} / {:.2f} s, ends {:.3f} / {:.2f} s off".format(*self.times))
        parts.append(f"{self.loops} loops")
        if self.backwards is not None:
            parts.append(f"{self.backwards} backwards")
        return ", ".join([*parts, f"{self.cost:.3f} s of CPU a second"])


def _spread(late: np.ndarray) -> tuple[float, float, float, float]:
    off = np.abs(late)
    middle, most = np.median(off, axis=0), np.quantile(off, 0.95, axis=0)
    return float(middle[0]), float(most[0]), float(middle[1]), float(most[1])


def _checks(found: Mapping[str, Figures]) -> Iterator[Check]:
    """No peer is better in anything."""
    if _MINE not in found:
        return
    mine, others = found[_MINE], [f for name, f in found.items() if name != _MINE]

    def best(values: Sequence[float | None]) -> float:
        return min([v for v in values if v is not None], default=float("inf"))

    kinds = {
        "words wrong, %": lambda f: f.wrong,
        "words invented": lambda f: f.invented,
        "words lost": lambda f: f.lost,
        "loops": lambda f: f.loops,
        "words backwards": lambda f: f.backwards,
        "starts, median s off": lambda f: f.times and round(f.times[0], 3),
        "starts, s off of 95 %": lambda f: f.times and round(f.times[1], 3),
        "ends, median s off": lambda f: f.times and round(f.times[2], 3),
        "ends, s off of 95 %": lambda f: f.times and round(f.times[3], 3),
        "s of CPU a second": lambda f: f.cost,
    }
    for text, of in kinds.items():
        if of(mine) is not None:
            yield Check(
                f"{text}, against the best peer", of(mine), "<=", best([of(f) for f in others])
            )
