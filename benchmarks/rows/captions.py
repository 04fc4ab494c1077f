"""Captions of every look over twenty seconds of 1080p: what each takes of a processor for a frame.

Three words a second, drawn and laid over 4:2:0 pictures of 8 bits, one thread, from an empty cache:
the time of the frames in which nothing changes counts too. Beside it a whole encode with the look
that moves most, and the same captions drawn by libass in FFmpeg.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from statistics import mean

from benchmarks.bench import THREADS, Bench
from benchmarks.material import main_source
from benchmarks.measure import Check, Peer, Result, paired, ratio

TITLE = "captions: looks drawn word by word, 1080p"
MINE, LIBASS = "smartcut captions", "ffmpeg, libass"
SIZE, RATE = (1920, 1080), 30
_EVERY, _LASTS = Fraction(34, 100), Fraction(28, 100)
_MOST_MS = 6
_SAID = """the harbour lies quiet before the first boats leave and nobody speaks of the storm that
took away the lighthouse wall last winter although everybody remembers it very well"""
_LOOK = "pop"


def run(bench: Bench) -> Iterator[Result]:
    seconds = 8 if bench.quick else 20
    source = main_source(bench)
    said = bench.work("said.json")
    said.write_text(json.dumps(_transcript(seconds)))
    outputs = [bench.work(f"captions-{k}.mp4") for k in range(2)]
    text = f"""stages:
  - trim: {{start: 0, end: {seconds}s}}
  - transcribe: {{from: {said}}}
  - subtitles: {{burn: true, sidecar: ass, look: {_LOOK}}}
  - audio: {{original: drop}}
  - render: {{mode: encode, preset: veryfast, crf: 20}}
"""
    pipeline = bench.pipeline("captions", text)
    mine = bench.smartcut(MINE, ["run", str(pipeline), str(source), "-o", str(outputs[0])])
    samples, remarks = paired(
        [mine, _libass(bench, source, seconds, outputs)], bench.runs, bench.say
    )
    figures = {name: _per_frame(name, seconds) for name in _looks()}
    slowest = max(figures, key=lambda name: mean(figures[name]))
    told = ", ".join(f"{name} {mean(ms):.1f}" for name, ms in figures.items())
    remarks[MINE] = f"ms a frame of each look: {told}"
    checks = [
        Check(f"the slowest look ({slowest}), ms a frame", mean(figures[slowest]), "<=", _MOST_MS),
        Check(f"{MINE} / {LIBASS}, wall", ratio(samples[MINE], samples[LIBASS]), "<=", 1.6),
    ]
    yield Result("captions", f"{seconds} s", samples, remarks, checks)


def _libass(bench: Bench, source: Path, seconds: int, outputs: list[Path]) -> Peer:
    """The ASS file that smartcut writes beside its film, which runs first."""
    from smartcut.render.captions.fonts import faces

    drawn = f"ass={outputs[0].with_suffix('.ass')}:fontsdir={faces(None)[0].path.parent}"
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"]
    rest = ["-vf", drawn, "-an", *encoder, "-threads", str(THREADS), str(outputs[1])]
    return bench.ffmpeg(LIBASS, ["-t", str(seconds), "-i", str(source), *rest])


def _words(seconds: int) -> Iterator[tuple[Fraction, Fraction, str]]:
    count = int(seconds / _EVERY)
    for k, text in enumerate(islice(cycle(_SAID.split()), count)):
        yield k * _EVERY, k * _EVERY + _LASTS, text


def _transcript(seconds: int) -> dict[str, object]:
    rows = [{"word": w, "start": float(a), "end": float(b)} for a, b, w in _words(seconds)]
    parts = [rows[k : k + 10] for k in range(0, len(rows), 10)]
    segments = [
        {
            "start": part[0]["start"],
            "end": part[-1]["end"],
            "text": " ".join(str(row["word"]) for row in part),
            "words": part,
        }
        for part in parts
    ]
    return {"language": "en", "segments": segments}


def _looks() -> tuple[str, ...]:
    from smartcut.looks import look_names

    return look_names()


def _per_frame(name: str, seconds: int) -> list[float]:
    """Milliseconds of a processor that each frame takes: what is seen, drawn, and laid over it."""
    from smartcut.annotation import Word
    from smartcut.cut import Captions, Cut, Segment, Track
    from smartcut.drawer import drawer_of
    from smartcut.looks import find_look
    from smartcut.media.covers import laid
    from smartcut.media.image import plain, space_of
    from smartcut.render.captions.fit import fitted
    from smartcut.render.captions.layer import with_captions
    from smartcut.render.drawing import DrawnLayer
    from smartcut.source import Colour
    from smartcut.timebase import Range

    whole = Range(Fraction(0), Fraction(seconds))
    words = tuple(Word(Range(a, b), text) for a, b, text in _words(seconds))
    captions = Captions(burn=True, style=find_look(name).style)
    found = fitted(words, captions, whole, SIZE)
    cut = Cut(tracks=(Track("programme", (Segment(None, whole),)),), captions=found.captions)
    (source,) = with_captions(cut, found.cues).sources
    assert source.made is not None
    drawer, colour = drawer_of(source.made), Colour("bt709", "bt709", "bt709", "limited")
    space = space_of("yuv420p", colour, SIZE[1])
    layer, frame = DrawnLayer(drawer, SIZE, space, colour), plain(SIZE, space, (100, 128, 128))
    taken = []
    for number in range(seconds * RATE):
        start = time.process_time()
        shown = Range(Fraction(number, RATE), Fraction(number + 1, RATE))
        seen = drawer.seen(shown, whole.end)
        laid(frame, *(layer.covers(seen) if seen is not None else ()))
        taken.append(1000 * (time.process_time() - start))
    return taken
