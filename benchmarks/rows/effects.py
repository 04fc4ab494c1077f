"""Crop, a zoom that moves, colour and a logo over twenty seconds of 1080p, all of it encoded.

All encode with libx264 at veryfast, crf 20, without sound. Also what one full-frame overlay, and
one trip to RGB and back for an effect of MoviePy's, take of a processor for each frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.bench import THREADS, Bench
from benchmarks.material import main_source
from benchmarks.measure import Check, Peer, Result, paired, ratio

TITLE = "effects: crop, keyed zoom, colour and a logo, 1080p"
MINE, MOVIEPY, GRAPH = "smartcut effects", "MoviePy 2", "ffmpeg filter graph"
_SIDE, _EDGE = 100, 56
_ZOOM, _SATURATION, _CONTRAST = 0.3, 1.2, 1.1
_WIDTH, _FRAMES = 192, 60


def run(bench: Bench) -> Iterator[Result]:
    source, logo = main_source(bench), _logo(bench.work("logo.png"))
    seconds = 12 if bench.quick else 20
    outputs = {n: bench.work(f"effects-{k}.mp4") for k, n in enumerate((MINE, MOVIEPY, GRAPH))}
    peers = [
        _smartcut(bench, source, logo, seconds, outputs[MINE]),
        _moviepy(bench, source, logo, seconds, outputs[MOVIEPY]),
        _filter_graph(bench, source, logo, seconds, outputs[GRAPH]),
    ]
    samples, remarks = paired(peers, bench.runs, bench.say)
    overlay, trip = _per_frame(source)
    remarks[MINE] = f"a full-frame overlay {overlay:.1f} ms, RGB there and back {trip:.1f} ms"
    checks = [
        Check(f"{MINE} / {GRAPH}, wall", ratio(samples[MINE], samples[GRAPH]), "<=", 1.15),
        Check(f"{MOVIEPY} / {MINE}, wall", ratio(samples[MOVIEPY], samples[MINE]), ">=", 5),
        Check("a full-frame overlay, ms a frame", overlay, "<=", 8),
        Check("RGB there and back, ms a frame", trip, "<=", 87),
    ]
    yield Result("effects", f"{seconds} s", samples, remarks, checks)


def _smartcut(bench: Bench, source: Path, logo: Path, seconds: int, output: Path) -> Peer:
    text = f"""stages:
  - trim: {{start: 0, end: {seconds}s}}
  - crop: {{left: {_SIDE}px, right: {_SIDE}px, top: {_EDGE}px, bottom: {_EDGE}px}}
  - zoom: {{scale: {{0s: 1, {seconds}s: {1 + _ZOOM}}}}}
  - colour: {{saturation: {_SATURATION}, contrast: {_CONTRAST}}}
  - overlay: {{file: {logo}, width: {_WIDTH / 1920}, opacity: 0.8}}
  - audio: {{original: drop}}
  - render: {{mode: encode, preset: veryfast, crf: 20, resolution: 1920x1080}}
"""
    pipeline = bench.pipeline("effects", text)
    return bench.smartcut(MINE, ["run", str(pipeline), str(source), "-o", str(output)])


def _moviepy(bench: Bench, source: Path, logo: Path, seconds: int, output: Path) -> Peer:
    numbers = (seconds, _SIDE, _EDGE, _ZOOM, _SATURATION, _CONTRAST, _WIDTH)
    arguments = [str(source), str(output), str(logo), *map(str, numbers)]
    return bench.python(MOVIEPY, "moviepy_effects", arguments)


def _filter_graph(bench: Bench, source: Path, logo: Path, seconds: int, output: Path) -> Peer:
    scale = f"(1+{_ZOOM}*t/{seconds})"
    chain = (
        f"crop=iw-{2 * _SIDE}:ih-{2 * _EDGE}:{_SIDE}:{_EDGE},"
        f"scale=w='1920*{scale}':h='1080*{scale}':eval=frame,crop=1920:1080,"
        f"eq=saturation={_SATURATION}:contrast={_CONTRAST}"
    )
    above = f"[1:v]format=rgba,scale={_WIDTH}:-1,colorchannelmixer=aa=0.8[logo]"
    graph = f"[0:v]{chain}[below];{above};[below][logo]overlay=W-w-32:32[out]"
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"]
    inputs = ["-t", str(seconds), "-i", str(source), "-i", str(logo)]
    rest = ["-filter_complex", graph, "-map", "[out]", "-an", *encoder, "-threads", str(THREADS)]
    return bench.ffmpeg(GRAPH, [*inputs, *rest, str(output)])


def _logo(path: Path) -> Path:
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((10, 10, 390, 190), fill=(230, 40, 40, 255))
    image.save(path)
    return path


def _per_frame(source: Path) -> tuple[float, float]:
    """Processor milliseconds of a full-frame overlay, and of RGB there and back."""
    from smartcut.media.covers import Covering, cover, faded, laid
    from smartcut.media.decode import frames
    from smartcut.media.image import of_frame, of_rgb, rgb_of, space_of
    from smartcut.media.index import video_index
    from smartcut.media.probe import probe
    from smartcut.source import Colour

    found = probe(source)
    two = [frame for _, frame in frames(found, video_index(found), 0, 2)]
    colour = Colour("bt709", "bt709", "bt709", "limited")
    space = space_of(two[0].format.name, colour, two[0].height)
    base, top = (of_frame(frame, space) for frame in two)
    half = faded(top, 0.5)
    overlay = _milliseconds(lambda: laid(base, Covering(cover(half), 0, 0)))
    return overlay, _milliseconds(lambda: of_rgb(rgb_of(base, colour), space, colour))


def _milliseconds(work: Callable[[], Any]) -> float:
    begun = Fraction(time.process_time())
    for _ in range(_FRAMES):
        work()
    return float((Fraction(time.process_time()) - begun) / _FRAMES * 1000)
