"""Draws which parts of films a stage takes, and when: ``python -m docs.pictures.order [NAME ...]``.

Above are the films, below the cut, in the same scale, each segment with the part of the source
that it shows. Run it in the root of the project.
"""

from __future__ import annotations

import json
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

import smartcut as sc
from docs.pictures import footage
from docs.pictures.charts import (
    COLOURS,
    HARBOUR,
    MATCH,
    SKY,
    SMALL,
    WIDTH,
    heard,
    ranges,
    row,
    save,
    seconds,
    source_name,
    stacked,
    strip,
)

#: The colour of noise in takes.
NOISE = "#b3362c"
#: What the page of `edits` shows: a part dropped, and a part moved.
CORRECTIONS = [
    {"drop": {"source": "sky.mp4", "start": 2, "end": 4}},
    {"split": {"segment": {"source": "sky.mp4", "start": 4, "end": 10}, "at": 6.7}},
    {"move": {"segment": {"source": "sky.mp4", "start": 6.7, "end": 10}, "after": "start"}},
]


def said(film: Path, folder: Path) -> Path:
    """What is said in a film of sample_media, as truth.json has it, as a file of subtitles."""
    truth = json.loads((film.parent / "truth.json").read_text(encoding="utf-8"))
    segments = truth[film.name]["speech"]
    path = folder / f"{film.stem}.json"
    path.write_text(json.dumps({"language": "en", "segments": segments}), encoding="utf-8")
    return path


def compared(before: list[Any], after: Any) -> Image.Image:
    """Films and the cut that is made of them."""
    films = [(film, float(film.cut().programme.duration)) for film in before]
    lasts = max([t for _, t in films] + [float(after.cut().programme.duration)])
    scale = WIDTH / lasts
    above = [strip(film, scale, source_name) for film, _ in films]
    return stacked(*above, seconds(lasts, 2), strip(after, scale))


def paced() -> dict[str, Any]:
    """What stages do to ten seconds: balloons, then a clock."""
    film = sc.open(SKY) | sc.trim(end="10s")
    return {
        "trim": film | sc.trim(ranges=["1s-4s", "7s-9s"]),
        "reverse": film | sc.reverse(),
        "freeze": film | sc.freeze(at="7s", duration="3s"),
        "loop": film | sc.trim(start="3s", end="7s") | sc.loop(times=3),
        "speed": film | sc.speed(factor={"0s": 3, "6s": 0.4}),
        "edits": film | sc.edits(CORRECTIONS),
        "slides": film | sc.slides(pictures=["#204060"], seconds="2s", at="start"),
    }


def split(folder: Path) -> Image.Image:
    film = sc.open(MATCH)
    return compared([film], film | sc.shots(detector="content") | sc.split(by="shots"))


def excerpt(folder: Path) -> Image.Image:
    film = sc.open(MATCH)
    return compared([film], film | sc.excerpt(start="3s", end="10s"))


def highlights(folder: Path) -> Image.Image:
    films = [sc.open(HARBOUR), sc.open(MATCH)]
    known = sc.open(HARBOUR, MATCH) | sc.shots(detector="adaptive") | sc.motion()
    return compared(films, known | sc.highlights(duration="10s", weights={"motion": 1}))


def words(folder: Path) -> Image.Image:
    film = sc.open(HARBOUR)
    known = film | sc.transcribe(text=said(HARBOUR, folder))
    return compared([film], known | sc.words(said="sailing home|shows the way"))


def shorts(folder: Path) -> Image.Image:
    film = sc.open(HARBOUR)
    known = film | sc.transcribe(text=said(HARBOUR, folder))
    return compared([film], known | sc.shorts(clips=2, length=(2, 6)))


def chapters(folder: Path) -> Image.Image:
    names = ["Sunset", "Sailing home", "The lighthouse", "Morning"]
    film = sc.open(HARBOUR) | sc.shots(detector="content")
    source = (film | sc.chapters(by="shots", names=names, shortest=3)).cut().sources[0]
    lasts = float(source.duration)
    found = [(float(c.range.start), float(c.range.end), c.title) for c in source.chapters]
    return stacked(
        strip(film, WIDTH / lasts, None), ranges(found, lasts, COLOURS), seconds(lasts, 2)
    )


def multicam(folder: Path) -> Image.Image:
    wide, close = folder / "wide.mp4", folder / "close.mp4"
    (sc.open(HARBOUR) | sc.trim(end="12s")).render(wide, resolution="360p", mode="encode")
    zoomed = sc.open(HARBOUR) | sc.trim(start="1.7s", end="12s") | sc.zoom(scale=2.2, x=0.6, y=0.5)
    zoomed.render(close, resolution="360p", mode="encode")
    switch = [{"at": 0, "to": "wide"}, {"at": 4, "to": "close"}, {"at": 9, "to": "wide"}]
    together = sc.open(wide, close) | sc.multicam(reference="wide", switch=switch)
    return compared([sc.open(wide), sc.open(close)], together)


def takes(folder: Path) -> Image.Image:
    """The sound of two takes, and that of the reading, with the words that each passage plays."""
    paths = footage.two_takes(folder, sc.open(HARBOUR))
    script = said(HARBOUR, folder)
    film = sc.open(*paths) | sc.transcribe(text={p.stem: script for p in paths}) | sc.takes()
    cut = film.cut()
    lasts = float(max(source.duration for source in cut.sources))
    rows = []
    for path in paths:
        own = [s for s in cut.segments if s.source == path.stem]
        name = f"taken from {path.stem}"
        taken = [(float(s.range.start), float(s.range.end), name) for s in own]
        colour = COLOURS[paths.index(path)]
        noisy = [(start, end, "noise") for start, end in footage.SPOILED[path.stem]]
        rows += [heard(sc.open(path), height=48), ranges(noisy, lasts, (NOISE,))]
        rows.append(ranges(taken, lasts, (colour,)))
    reading = heard(film, round(WIDTH * float(cut.duration) / lasts), 48)
    placed = [
        (float(place.start), float(place.end), f"from {s.source}")
        for s, place in cut.programme.placed()
    ]
    names = [path.stem for path in paths]
    colours = [COLOURS[names.index(s.source or "")] for s in cut.segments]
    return stacked(*rows, reading, ranges(placed, lasts, colours), seconds(lasts, 2))


def split_edit(folder: Path) -> Image.Image:
    """The picture, and the sound of each segment below it, where it is heard."""
    film = sc.open(MATCH, SKY) | sc.trim(ranges=["2s-6s"])
    edited = film | sc.split_edit(lead="1s")
    scale = WIDTH / float(film.cut().programme.duration)
    placed = list(edited.cut().programme.placed())
    sound, draw = row(22)
    for number, (segment, place) in enumerate(placed):
        later = placed[number + 1][0].lead if number + 1 < len(placed) else Fraction(0)
        left, right = float(place.start - segment.lead) * scale, float(place.end - later) * scale
        draw.rectangle((left + 1, 0, right - 1, 18), COLOURS[number % 4])
        draw.text((left + 4, 2), f"sound of {segment.source}", "white", font_size=SMALL)
    return stacked(strip(edited, scale), sound, seconds(8, 1))


def render(folder: Path) -> Image.Image:
    """Which parts of the picture are copied, and which are encoded, as the manifest tells."""
    film = sc.open(MATCH) | sc.trim(start="2.5s") | sc.title(text="Goal!", at="8s", duration="3s")
    film.render(folder / "goal.mp4")
    manifest = json.loads((folder / "goal.manifest.json").read_text(encoding="utf-8"))
    lasts = float(film.cut().programme.duration)
    pictures = strip(film, WIDTH / lasts, None)
    how, draw = row(22)
    for part in manifest["intervals"]:
        left, right = (float(Fraction(str(part[k]))) / lasts * WIDTH for k in ("start", "end"))
        is_copy = part["how"] == "copy"
        draw.rectangle((left, 0, right - 1, 18), COLOURS[0 if is_copy else 1])
        if right - left > 40:
            draw.text((left + 4, 2), "copied" if is_copy else "encoded", "white", font_size=SMALL)
    return stacked(pictures, how, seconds(lasts, 2))


MADE = (
    split, excerpt, highlights, words, shorts, chapters, multicam, takes, split_edit, render,
)  # fmt: skip


def main() -> None:
    asked = sys.argv[1:]
    for name, film in paced().items():
        if not asked or name in asked:
            save(name, compared([sc.open(SKY) | sc.trim(end="10s")], film))
    with tempfile.TemporaryDirectory() as folder:
        for make in MADE:
            if not asked or make.__name__ in asked:
                save(make.__name__, make(Path(folder)))


if __name__ == "__main__":
    main()
