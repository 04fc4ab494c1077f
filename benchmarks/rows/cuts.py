"""Twelve 5 s segments at arbitrary times, cut out of a long file and joined.

All encode with libx264 at ultrafast, crf 23, and AAC at 192 kb/s, but for the package index's own
smartcut, which has no such settings. Cuts are at frames, and every output is read back frame by
frame, and beep by beep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from benchmarks import check_sound
from benchmarks.bench import THREADS, Bench
from benchmarks.check_frames import checked, described, spelled
from benchmarks.material import GOPS, main_source
from benchmarks.measure import Check, Peer, Result, paired, ratio
from benchmarks.other_pythons import CUT_PEERS, python_with

TITLE = "cuts: twelve 5 s segments at arbitrary times"
AUTO, ENCODE, MOVIEPY = "smartcut auto", "smartcut encode", "MoviePy 2"
GRAPH, SEEK, COPY = "ffmpeg trim/concat filter", "ffmpeg seek and encode", "ffmpeg -c copy (bound)"
NAMESAKE = "smartcut 1.7 (another's)"
_RATE = 30

Ranges = list[tuple[int, int]]


def run(bench: Bench) -> Iterator[Result]:
    """At GOP 60 and at GOP 250."""
    for gop in GOPS:
        yield _at(replace(bench, part=f"cuts-gop{gop}"), gop)


def ranges_of(bench: Bench) -> Ranges:
    """(first, last) frames of the segments: one at a random place in each part of the source."""
    length, count = (1, 6) if bench.quick else (5, 12)
    random = Random(4)
    part = bench.minutes * 60 * _RATE // count
    starts = [k * part + random.randrange(part - length * _RATE) for k in range(count)]
    return [(start, start + length * _RATE) for start in starts]


def _at(bench: Bench, gop: int) -> Result:
    source, ranges = main_source(bench, gop), ranges_of(bench)
    outputs = {
        name: bench.work(f"cuts-{k}.mp4")
        for k, name in enumerate((AUTO, ENCODE, MOVIEPY, GRAPH, SEEK, COPY, NAMESAKE))
    }
    peers = [
        smartcut_cut(bench, AUTO, "auto", source, ranges, outputs[AUTO]),
        smartcut_cut(bench, ENCODE, "encode", source, ranges, outputs[ENCODE]),
        moviepy(bench, source, ranges, outputs[MOVIEPY]),
        _filter_graph(bench, source, ranges, outputs[GRAPH]),
        _seeking(bench, source, ranges, outputs[SEEK]),
        copying(bench, source, ranges, outputs[COPY]),
        *namesake(bench, source, ranges, outputs[NAMESAKE]),
    ]
    for output in outputs.values():
        output.unlink(missing_ok=True)
    samples, remarks = paired(peers, bench.runs, bench.say)
    wrong: int | None = None
    for name, output in outputs.items():
        if not samples.get(name):
            continue
        bench.say(f"reading the bar codes of {name}")
        found = checked(output, ranges)
        remarks[name] = read_back(output, ranges, found)
        if name == AUTO and found is not None:
            wrong = found["wrong"] + found["missing"] + found["repeated"]
    most, seeking = (7, 4) if gop == 60 else (3, 1)
    mine = samples[AUTO]
    checks = [
        Check(f"{MOVIEPY} / {AUTO}, CPU", ratio(samples[MOVIEPY], mine, "cpu_s"), ">=", most),
        Check(f"{SEEK} / {AUTO}, CPU", ratio(samples[SEEK], mine, "cpu_s"), ">=", seeking),
        Check(f"{AUTO}: frames wrong, missing or repeated", wrong, "==", 0),
    ]
    return Result("cuts", f"GOP {gop}", samples, remarks, checks)


def read_back(output: Path, ranges: Ranges, found: dict[str, int] | None) -> str:
    """What is in a file: frames, sound, size."""
    sound = check_sound.described(output, ranges)
    return f"{described(found)}; {sound}; {output.stat().st_size / 1e6:.0f} MB"


def smartcut_cut(
    bench: Bench, name: str, mode: str, source: Path, ranges: Ranges, output: Path
) -> Peer:
    """smartcut from an empty cache."""
    kept = ", ".join(f"{first}f-{last}f" for first, last in ranges)
    render = f"{{mode: {mode}, preset: ultrafast, crf: 23}}" if mode == "encode" else "{mode: auto}"
    text = f"stages:\n  - trim: {{ranges: [{kept}]}}\n  - render: {render}\n"
    pipeline = bench.pipeline(output.stem, text)
    return bench.smartcut(name, ["run", str(pipeline), str(source), "-o", str(output)])


def moviepy(bench: Bench, source: Path, ranges: Ranges, output: Path) -> Peer:
    arguments = [str(source), str(output), "ultrafast", spelled(ranges)]
    return bench.python(MOVIEPY, "moviepy_cuts", arguments)


def namesake(bench: Bench, source: Path, ranges: Ranges, output: Path) -> list[Peer]:
    """The package index's smartcut, another project, where CUT_PEERS has it; else nothing.

    The last frame of a range is given as one that is kept. It has no other settings.
    """
    python = python_with("smartcut", CUT_PEERS, ())
    kept = ",".join(f"{first},{last - 1}" for first, last in ranges)
    program = ["-I", "-m", "smartcut", str(source), str(output), "--frames", "--keep", kept]
    return [bench.other(NAMESAKE, [python, *program])] if python else []


_ENCODER = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "23", "-pix_fmt", "yuv420p"]
_ENCODER += ["-threads", str(THREADS), "-c:a", "aac", "-b:a", "192k"]


def _filter_graph(bench: Bench, source: Path, ranges: Ranges, output: Path) -> Peer:
    """FFmpeg's documented way to join parts of one input exactly."""
    chains, joined = [], ""
    for k, (first, last) in enumerate(ranges):
        times = f"start={_seconds(first)}:end={_seconds(last)}"
        chains.append(f"[0:v]trim={times},setpts=PTS-STARTPTS[v{k}]")
        chains.append(f"[0:a]atrim={times},asetpts=PTS-STARTPTS[a{k}]")
        joined += f"[v{k}][a{k}]"
    chains.append(f"{joined}concat=n={len(ranges)}:v=1:a=1[v][a]")
    graph = ["-filter_complex", ";".join(chains), "-map", "[v]", "-map", "[a]"]
    return bench.ffmpeg(GRAPH, ["-i", str(source), *graph, *_ENCODER, str(output)])


def _seeking(bench: Bench, source: Path, ranges: Ranges, output: Path) -> Peer:
    """One run for each segment, then the segments joined by packets."""
    return _in_parts(bench, SEEK, source, ranges, output, _ENCODER)


def copying(bench: Bench, source: Path, ranges: Ranges, output: Path) -> Peer:
    """The same without encoding: cuts fall on key frames, so the frames are not those asked for."""
    return _in_parts(bench, COPY, source, ranges, output, ["-c", "copy"])


def _in_parts(
    bench: Bench, name: str, source: Path, ranges: Ranges, output: Path, codec: list[str]
) -> Peer:
    runs, parts = [], []
    for k, (first, last) in enumerate(ranges):
        part = bench.work(f"{output.stem}-parts/{k}.mp4")
        length = ["-t", _seconds(last - first)]
        runs.append(["-ss", _seconds(first), *length, "-i", str(source), *codec, str(part)])
        parts.append(f"file '{part}'\n")
    listed = bench.work(f"{output.stem}-parts/list.txt")
    listed.write_text("".join(parts))
    join = ["-f", "concat", "-safe", "0", "-i", str(listed), "-c", "copy", str(output)]
    return bench.ffmpeg(name, *runs, join)


def _seconds(frames: int) -> str:
    """To the microsecond below, so that the frame at that very time counts as later."""
    return f"{frames * 1_000_000 // _RATE / 1_000_000:.6f}"
