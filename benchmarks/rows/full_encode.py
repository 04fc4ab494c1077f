"""Two minutes of several segments with dissolves and a title for 3 s, all of it encoded.

All encode with libx264 at veryfast, crf 20, and AAC at 192 kb/s. The peers lay a picture of the
title over the programme; smartcut draws its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmarks.bench import THREADS, Bench
from benchmarks.check_frames import checked, spelled
from benchmarks.material import main_source
from benchmarks.measure import Check, Peer, Result, paired, ratio

TITLE = "full-encode: a programme with dissolves"
MINE, MOVIEPY, GRAPH = "smartcut encode", "MoviePy 2", "ffmpeg filter graph"
_RATE = 30
_OVERLAP = 30
_WORDS, _AT, _FOR = "A day at the harbour", 1, 3
_PLACE, _SIZE = (360, 820), (1200, 140)

Ranges = list[tuple[int, int]]


def run(bench: Bench) -> Iterator[Result]:
    """With the title where this version of smartcut has a stage for it."""
    has_title = find_spec("smartcut.stages.title") is not None
    source, ranges = main_source(bench), ranges_of(bench)
    outputs = {n: bench.work(f"programme-{k}.mp4") for k, n in enumerate((MINE, MOVIEPY, GRAPH))}
    title = _title_picture(bench.work("title.png")) if has_title else None
    peers = [
        _smartcut(bench, source, ranges, has_title, outputs[MINE]),
        _moviepy(bench, source, ranges, title, outputs[MOVIEPY]),
        _filter_graph(bench, source, ranges, title, outputs[GRAPH]),
    ]
    for output in outputs.values():
        output.unlink(missing_ok=True)
    samples, remarks = paired(peers, bench.runs, bench.say)
    for name, output in outputs.items():
        if name not in remarks:
            bench.say(f"reading {name}")
            remarks[name] = _remark(output, ranges)
    checks = [
        Check(f"{MINE} / {GRAPH}, wall", ratio(samples[MINE], samples[GRAPH]), "<=", 1.15),
        Check(f"{MOVIEPY} / {MINE}, wall", ratio(samples[MOVIEPY], samples[MINE]), ">=", 2),
    ]
    case = "and a title" if has_title else "no title"
    yield Result("full-encode", case, samples, remarks, checks)


def ranges_of(bench: Bench) -> Ranges:
    """(first, last) frames of the segments; with their overlaps they last two minutes, or 7 s."""
    count, total = (3, 7) if bench.quick else (6, 120)
    length = (total * _RATE + (count - 1) * _OVERLAP) // count
    part = bench.minutes * 60 * _RATE // count
    return [(k * part + 217, k * part + 217 + length) for k in range(count)]


def _remark(output: Path, ranges: Ranges) -> str:
    """How many frames there are, and how many of those outside dissolves are not in place."""
    solid = [
        (first + _OVERLAP * (k > 0), last - _OVERLAP * (k + 1 < len(ranges)))
        for k, (first, last) in enumerate(ranges)
    ]
    found = checked(output, solid)
    if found is None:
        return "cannot be read"
    missing = found["missing"]
    frames = f"{found['frames']} frames, "
    judged = f"{missing} missing outside dissolves" if missing else "all right outside dissolves"
    return f"{frames}{judged}; {output.stat().st_size / 1e6:.0f} MB"


def _smartcut(bench: Bench, source: Path, ranges: Ranges, has_title: bool, output: Path) -> Peer:
    kept = ", ".join(f"{first}f-{last}f" for first, last in ranges)
    text = f"stages:\n  - trim: {{ranges: [{kept}]}}\n"
    text += f"  - transitions: {{kind: dissolve, duration: {_OVERLAP // _RATE}s}}\n"
    if has_title:
        text += f"  - title: {{text: {_WORDS}, at: {_AT}s, duration: {_FOR}s}}\n"
    text += "  - render: {mode: encode, preset: veryfast, crf: 20}\n"
    pipeline = bench.pipeline("programme", text)
    return bench.smartcut(MINE, ["run", str(pipeline), str(source), "-o", str(output)])


def _moviepy(bench: Bench, source: Path, ranges: Ranges, title: Path | None, output: Path) -> Peer:
    arguments = [str(source), str(output), spelled(ranges), str(_OVERLAP)]
    if title:
        arguments += [str(title), str(_AT), str(_FOR), *map(str, _PLACE)]
    return bench.python(MOVIEPY, "moviepy_programme", arguments)


def _filter_graph(
    bench: Bench, source: Path, ranges: Ranges, title: Path | None, output: Path
) -> Peer:
    """An input for each segment, joined by xfade and acrossfade, the title by overlay."""
    inputs: list[str] = []
    for first, last in ranges:
        inputs += ["-ss", f"{first / _RATE:.5f}", "-t", f"{(last - first) / _RATE:.5f}"]
        inputs += ["-i", str(source)]
    fade = _OVERLAP / _RATE
    chains, video, audio, at = [], "0:v", "0:a", 0.0
    for k in range(1, len(ranges)):
        first, last = ranges[k - 1]
        at += (last - first) / _RATE - fade
        dissolve = f"xfade=transition=fade:duration={fade:g}:offset={at:.5f}"
        chains.append(f"[{video}][{k}:v]{dissolve}[v{k}]")
        chains.append(f"[{audio}][{k}:a]acrossfade=d={fade:g}[a{k}]")
        video, audio = f"v{k}", f"a{k}"
    if title:
        inputs += ["-i", str(title)]
        x, y = _PLACE
        shown = f"enable='between(t,{_AT},{_AT + _FOR})'"
        chains.append(f"[{video}][{len(ranges)}:v]overlay={x}:{y}:{shown}[titled]")
        video = "titled"
    graph = ["-filter_complex", ";".join(chains), "-map", f"[{video}]", "-map", f"[{audio}]"]
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"]
    encoder += ["-threads", str(THREADS), "-c:a", "aac", "-b:a", "192k"]
    return bench.ffmpeg(GRAPH, [*inputs, *graph, *encoder, str(output)])


def _title_picture(path: Path) -> Path:
    """A transparent PNG with the words, white with a dark edge."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGBA", _SIZE, (0, 0, 0, 0))
    ImageDraw.Draw(image).text(
        (_SIZE[0] / 2, _SIZE[1] / 2),
        _WORDS,
        font=ImageFont.load_default(90),
        fill="white",
        stroke_width=4,
        stroke_fill="black",
        anchor="mm",
    )
    image.save(path)
    return path
