"""Silence out of a talk: the time beside others, and what stays beside auto-editor's rule."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.auto_editor_program import AUTO_EDITOR, cutting, rendering, spans
from benchmarks.auto_editor_rule import kept
from benchmarks.bench import Bench
from benchmarks.check_frames import spelled
from benchmarks.made_speech import MadeTalk, make_talk, with_noise, write_sound
from benchmarks.measure import Check, Peer, Quantity, Result, paired, ratio
from benchmarks.talk_checks import Spans, clipped, fillers_found, furthest_edge, silence

TITLE = "tighten: silence out of a talk"
TIGHTEN, MOVIEPY = "smartcut tighten", "MoviePy 2"
_PROGRAMS = (TIGHTEN, MOVIEPY, AUTO_EDITOR)
_TALK = Path(__file__).parents[2] / "sample_media" / "harbour.mp4"
#: Signal to noise, in dB; None is the talk as it was made.
_NOISES = (None, 15, 10)
_FPS = 30.0
_FRAME = 1 / _FPS
_QUANTITIES: tuple[tuple[str, Quantity], ...] = (("wall", "wall_s"), ("CPU", "cpu_s"))
#: Who speaks: the engine, and its voice where that is not its own.
_VOICES: tuple[tuple[Literal["piper", "espeak"], str | None], ...] = (
    ("piper", None),
    ("espeak", "en-us"),
    ("espeak", "en-us+m3"),
    ("espeak", "en-us+f2"),
)


def run(bench: Bench) -> Iterator[Result]:
    """The sample talk, over and over; then a made one, in noise and without.

    MoviePy encodes the parts that smartcut keeps, which it is given, at its own default preset,
    medium; auto-editor finds its own, with all of its defaults.
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
    out = {name: bench.work(f"tighten-{k}.mp4") for k, name in enumerate(_PROGRAMS)}
    kept_parts = spelled(_parts_kept(bench, source))
    peers = [
        bench.smartcut(TIGHTEN, ["tighten", str(source), "-o", str(out[TIGHTEN])]),
        bench.python(
            MOVIEPY, "moviepy_cuts", [str(source), str(out[MOVIEPY]), "medium", kept_parts]
        ),
        *rendering(bench, source, out[AUTO_EDITOR]),
    ]
    samples, remarks = paired(peers, bench.runs, bench.say)
    remarks |= {name: _written(out[name]) for name in samples if samples[name]}
    mine = samples[TIGHTEN]
    checks = [
        Check(f"{name} / {TIGHTEN}, {what}", ratio(samples[name], mine, quantity), ">=", bound)
        for name, bound in ((MOVIEPY, 8), (AUTO_EDITOR, 8))
        if name in samples
        for what, quantity in _QUANTITIES
    ]
    return Result("tighten", f"{minutes} min at 540p", samples, remarks, checks)


def _parts_kept(bench: Bench, source: Path) -> list[tuple[int, int]]:
    """The frames, at 30 a second, that smartcut keeps of a talk."""
    cut = bench.work("tighten.json")
    pipeline = bench.pipeline("tighten", "stages:\n  - tighten\n")
    command = [sys.executable, "-m", "smartcut", "run", str(pipeline), str(source), "-o", str(cut)]
    cache = {"SMARTCUT_CACHE": str(bench.work("tighten-cache"))}
    subprocess.run(command, check=True, env=os.environ | cache, capture_output=True)
    return [(round(start * _FPS), round(end * _FPS)) for start, end in _spans(cut)]


def _written(path: Path) -> str:
    """How long pictures and sound of a file are, and how large it is."""
    import av

    with av.open(str(path)) as container:
        streams = (container.streams.video[0], container.streams.audio[0])
        picture, sound = (float((s.duration or 0) * (s.time_base or 0)) for s in streams)
    size = path.stat().st_size / 1e6
    return f"{picture:.2f} s of pictures, {sound:.2f} of sound; {size:.0f} MB"


def _quality(bench: Bench) -> Iterator[Result]:
    from smartcut.errors import MissingExtra, ModelError
    from smartcut.models.voice.engine import choose

    for engine, voice in _VOICES:
        try:
            spoken, _ = choose(engine, voice)
        except (ModelError, MissingExtra) as error:
            print(f"tighten: no made talk by {engine}: {error}", file=sys.stderr)
            continue
        yield _of_talk(bench, make_talk(spoken), f"{engine} {voice or ''}".strip())


def _of_talk(bench: Bench, talk: MadeTalk, voice: str) -> Result:
    """One made talk: its silence, clean and in noise, and its fillers."""
    plain = bench.pipeline("tighten", "stages:\n  - tighten\n")
    fillers = bench.pipeline("fillers", "stages:\n  - transcribe\n  - tighten: {fillers: true}\n")
    cuts: dict[str, tuple[Path, np.ndarray]] = {}
    programs: dict[str, Path] = {}
    peers = []
    for snr in _NOISES:
        case = "clean" if snr is None else f"{snr} dB of noise"
        samples = talk.samples if snr is None else with_noise(talk, snr)
        file, cut = (bench.work(f"{voice}-{snr or 'clean'}.{kind}") for kind in ("wav", "json"))
        write_sound(file, samples, talk.rate)
        cuts[case] = cut, samples
        peers.append(_run(bench, case, plain, file, cut))
        programs[case] = file.with_suffix(".auto-editor.json")
        peers += cutting(bench, case, file, programs[case])
    clean, without = bench.work(f"{voice}-clean.wav"), bench.work(f"{voice}-fillers.json")
    peers.append(_run(bench, "without fillers", fillers, clean, without))
    taken, remarks = paired(peers, 1, bench.say)
    checks: list[Check] = []
    for case, (cut, samples) in cuts.items():
        if taken[f"smartcut, {case}"]:
            checks += _compared(talk, case, _spans(cut), kept(samples, talk.rate, _FPS))
        if taken.get(f"{AUTO_EDITOR}, {case}"):
            checks += _of_program(talk, case, spans(programs[case]))
    if taken["smartcut, clean"] and taken["smartcut, without fillers"]:
        checks += _fillers(talk, _spans(cuts["clean"][0]), _spans(without))
    return Result("tighten", f"a made talk ({voice})", taken, remarks, checks)


def _run(bench: Bench, case: str, pipeline: Path, file: Path, cut: Path) -> Peer:
    return bench.smartcut(f"smartcut, {case}", ["run", str(pipeline), str(file), "-o", str(cut)])


def _spans(path: Path) -> list[tuple[float, float]]:
    """What a cut file plays."""
    from smartcut.interchange.files import read_cut

    cut = read_cut(path)
    return [(float(s.range.start), float(s.range.end)) for s in cut.segments]


def _compared(talk: MadeTalk, case: str, mine: Spans, theirs: Spans) -> list[Check]:
    """No word clipped, and no more silence left than by auto-editor's rule; what that clips."""
    checks = [
        Check(f"{case}: smartcut, fragments clipped", clipped(talk, mine), "==", 0),
        Check(
            f"{case}: smartcut, s of silence left", silence(talk, mine), "<=", silence(talk, theirs)
        ),
        Check(f"{case}: auto-editor's rule, fragments clipped", clipped(talk, theirs), ">=", 0),
    ]
    if case == "clean":
        edge = furthest_edge(talk, mine, fillers=False)
        checks.append(
            Check(f"{case}: edges of what is left out, s off at most", edge, "<=", _FRAME)
        )
    return checks


def _of_program(talk: MadeTalk, case: str, theirs: Spans) -> list[Check]:
    """What auto-editor's program does, told as a check that always holds."""
    return [
        Check(f"{case}: auto-editor, fragments clipped", clipped(talk, theirs), ">=", 0),
        Check(f"{case}: auto-editor, s of silence left", silence(talk, theirs), ">=", 0),
    ]


def _fillers(talk: MadeTalk, plain: Spans, without: Spans) -> list[Check]:
    """The fillers planted, found; the words beside them whole."""
    found = fillers_found(plain, without, talk)
    return [
        Check("fillers: recall", found.recall, ">=", 0.9),
        Check("fillers: precision", found.precision, ">=", 0.9),
        Check("fillers: fragments clipped", clipped(talk, without), "==", 0),
        Check(
            "fillers: edges of what is left out, s off at most",
            furthest_edge(talk, without, fillers=True),
            "<=",
            _FRAME,
        ),
    ]
