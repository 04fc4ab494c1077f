"""Silence out of a talk: the time beside MoviePy's, and what stays beside auto-editor's rule."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.auto_editor_rule import kept
from benchmarks.bench import Bench
from benchmarks.made_speech import MadeTalk, make_talk, with_noise, write_sound
from benchmarks.measure import Check, Result, paired, ratio

TITLE = "tighten: silence out of a talk"
TIGHTEN, MOVIEPY = "smartcut tighten", "MoviePy 2"
_TALK = Path(__file__).parents[2] / "sample_media" / "harbour.mp4"
#: Signal to noise, in dB; None is the talk as it was made.
_NOISES = (None, 15, 10)
_FPS = 30.0

Spans = Sequence[tuple[float, float]]


def run(bench: Bench) -> Iterator[Result]:
    """The sample talk, over and over; then a made one, in noise and without.

    MoviePy encodes at its own default preset, medium.
    """
    yield _time(bench)
    yield from _quality(bench)


def _time(bench: Bench) -> Result:
    minutes = 1 if bench.quick else 5
    source = bench.media / f"talk-{minutes}min.mp4"
    if not source.exists():
        bench.media.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "benchmarks.repeat_media"]
        subprocess.run([*command, str(source), str(_TALK), str(60 * minutes)], check=True)
    out = bench.work("tighten.mp4"), bench.work("moviepy.mp4")
    peers = [
        bench.smartcut(TIGHTEN, ["tighten", str(source), "-o", str(out[0])]),
        bench.python(MOVIEPY, "moviepy_tighten", [str(source), str(out[1]), "medium"]),
    ]
    samples, remarks = paired(peers, bench.runs, bench.say)
    faster = Check(
        f"{MOVIEPY} / {TIGHTEN}, wall", ratio(samples[MOVIEPY], samples[TIGHTEN]), ">=", 8
    )
    return Result("tighten", f"{minutes} min at 540p", samples, remarks, [faster])


def _quality(bench: Bench) -> Iterator[Result]:
    from smartcut.errors import MissingExtra, ModelError
    from smartcut.models.voice.engine import choose

    try:
        engine, _ = choose("auto", None)
    except (ModelError, MissingExtra) as error:
        print(f"tighten: no voice on this machine, so no made talk: {error}", file=sys.stderr)
        return
    talk = make_talk(engine)
    pipeline = bench.pipeline("tighten", "stages:\n  - tighten\n")
    cuts: dict[str, tuple[Path, np.ndarray]] = {}
    peers = []
    for snr in _NOISES:
        case = "clean" if snr is None else f"{snr} dB of noise"
        samples = talk.samples if snr is None else with_noise(talk, snr)
        file, cut = (bench.work(f"talk-{snr or 'clean'}.{kind}") for kind in ("wav", "json"))
        write_sound(file, samples, talk.rate)
        cuts[case] = cut, samples
        peers.append(
            bench.smartcut(f"smartcut, {case}", ["run", str(pipeline), str(file), "-o", str(cut)])
        )
    taken, remarks = paired(peers, 1, bench.say)
    checks: list[Check] = []
    for case, (cut, samples) in cuts.items():
        checks += _compared(talk, case, _spans(cut), kept(samples, talk.rate, _FPS))
    yield Result("tighten", f"a made talk ({engine.voice})", taken, remarks, checks)


def _spans(path: Path) -> list[tuple[float, float]]:
    """What a cut file plays."""
    from smartcut.interchange.files import read_cut

    cut = read_cut(path)
    return [(float(s.range.start), float(s.range.end)) for s in cut.segments]


def _compared(talk: MadeTalk, case: str, mine: Spans, theirs: Spans) -> list[Check]:
    """No word clipped, and no more silence left than by auto-editor's rule; what that clips."""
    rest = _silence(talk, theirs)
    return [
        Check(f"{case}: smartcut, fragments clipped", _clipped(talk, mine), "==", 0),
        Check(f"{case}: smartcut, s of silence left", _silence(talk, mine), "<=", rest),
        Check(f"{case}: auto-editor's rule, fragments clipped", _clipped(talk, theirs), ">=", 0),
    ]


def _clipped(talk: MadeTalk, spans: Spans) -> int:
    """How many of the fragments are not heard whole."""
    return sum(_share(start, end, spans) < 0.9999 for start, end, _ in talk.said)


def _silence(talk: MadeTalk, spans: Spans) -> float:
    """Seconds that stay in which nothing is said."""
    spoken = sum(
        _share(start, end, spans) * (end - start) for start, end, _ in (*talk.said, *talk.fillers)
    )
    return round(float(np.sum([end - start for start, end in spans])) - spoken, 2)


def _share(start: float, end: float, spans: Spans) -> float:
    return sum(max(0.0, min(end, b) - max(start, a)) for a, b in spans) / (end - start)
