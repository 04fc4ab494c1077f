"""Who speaks when: diarisation error on readings and conversations that are made of voices."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.bench import Bench
from benchmarks.conversations import READING, MadeConversation, Manner, converse
from benchmarks.diarisation_error import diarisation_error
from benchmarks.made_speech import write_sound
from benchmarks.measure import Check, Result, paired
from benchmarks.voices import RATE, likeness_of, recorded_voices, synthetic_voices

TITLE = "speakers: who speaks when"
#: Voices of a file are no more alike than this, by the cosine of their means.
_DIFFERENT = 0.7
_FILES, _QUICK = 8, 2
_CPU_SHARE = 0.06
_SNR = 10

Voices = Mapping[str, list[np.ndarray]]


def run(bench: Bench) -> Iterator[Result]:
    """Readings of two to five voices one after the other, conversations, the same in noise.

    ``RECORDINGS`` may name a folder with recordings of people, one of each file.
    """
    folder = bench.folder / "voices"
    folder.mkdir(parents=True, exist_ok=True)
    synthetic = synthetic_voices(folder)
    count = _QUICK if bench.quick else _FILES
    if given := os.environ.get("RECORDINGS"):
        people = recorded_voices(Path(given))
        yield _row(bench, "joined readings of people", _made(people, (2, 3, 4), count, READING), 6)
    yield _row(bench, "joined readings", _made(synthetic, (2, 3, 4, 5), count, READING), 6)
    talks = _made(synthetic, (2, 3, 4), count, Manner())
    yield _row(bench, "conversations", talks, 10)
    noisy = [talk.with_noise(_SNR) for talk in talks]
    yield _row(bench, f"conversations, noise at {_SNR} dB", noisy, 20)
    yield _row(bench, "one voice", _made(synthetic, (1,), count, READING), 6)


def _made(
    voices: Voices, numbers: Sequence[int], count: int, manner: Manner
) -> list[MadeConversation]:
    """So many of each number of voices, drawn from those that are different."""
    alike = likeness_of(dict(voices))
    found = []
    for number in numbers:
        for seed in range(100 * number, 100 * number + count):
            names = _drawn(sorted(voices), number, alike, np.random.default_rng(seed))
            if names:
                asked = replace(manner, turns=max(manner.turns, 3 * number))
                found.append(converse({n: voices[n] for n in names}, seed, asked))
    return found


def _drawn(
    names: list[str],
    number: int,
    alike: Mapping[frozenset[str], float],
    random: np.random.Generator,
) -> list[str]:
    """Names of different voices; none where there are not so many."""
    for _ in range(1000):
        chosen = [str(n) for n in random.permutation(names)[:number]]
        pairs = [frozenset((a, b)) for a in chosen for b in chosen if a < b]
        if len(chosen) == number and all(alike[pair] < _DIFFERENT for pair in pairs):
            return chosen
    return []


def _row(bench: Bench, case: str, talks: Sequence[MadeConversation], bound: float) -> Result:
    files = []
    for number, talk in enumerate(talks):
        path = bench.work(f"{case}/{number:02d}.wav")
        write_sound(path, talk.samples, RATE)
        files.append(str(path))
    out, cache = bench.work(f"{case}/found.json"), bench.work(f"{case}/cache")
    asked = [f"{len(t.voices)}:{file}" for t, file in zip(talks, files, strict=True)]
    peer = bench.python("smartcut speakers", "speakers_of", [str(out), *asked])
    peer = replace(
        peer,
        environment={"SMARTCUT_CACHE": str(cache)},
        before=lambda: shutil.rmtree(cache, ignore_errors=True),
    )
    samples, remarks = paired([peer], 1, bench.say)
    seconds = sum(len(talk.samples) for talk in talks) / RATE
    told = f"{case}: {len(talks)} files, {seconds / 60:.1f} min"
    taken = samples[peer.name]
    checks = [] if not taken else _checks(talks, json.loads(out.read_text()), files, bound)
    if taken:
        share = round(taken[0].cpu_s / seconds, 4)
        checks.append(Check("CPU s a second of sound", share, "<=", _CPU_SHARE))
    return Result("speakers", told, samples, remarks, checks)


def _checks(
    talks: Sequence[MadeConversation],
    found: Mapping[str, list[list[tuple[float, float, str]]]],
    files: Sequence[str],
    bound: float,
) -> list[Check]:
    errors = np.array([
        [diarisation_error(talk.reference, turns) for turns in found[file]]
        for talk, file in zip(talks, files, strict=True)
    ], dtype=object)  # fmt: skip
    right = [
        len({name for _, _, name in found[file][0]}) == len(talk.voices)
        for talk, file in zip(talks, files, strict=True)
    ]
    rates = np.array([[one.rate for one in row] for row in errors]) * 100
    mean, given = rates.mean(axis=0)
    parts = {
        part: 100 * float(np.mean([getattr(row[0], part) for row in errors]))
        for part in ("missed", "false_alarm", "confused")
    }
    return [
        Check("error, % (mean)", _short(mean), "<=", bound),
        Check("error with the number given, % (mean)", _short(given), "<=", bound),
        Check("error, % (worst file)", _short(rates[:, 0].max()), "<=", 100),
        *(
            Check(f"  {part.replace('_', ' ')}, %", _short(share), "<=", bound)
            for part, share in parts.items()
        ),
        Check("share of files with the right number", _short(float(np.mean(right))), ">=", 0.9),
    ]  # fmt: skip


def _short(value: float) -> float:
    return round(float(value), 2)
