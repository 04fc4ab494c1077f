"""Draws what analyses find in a film, over time: ``python -m docs.pictures.found [NAME ...]``.

Above is the film, or its sound, below what was found of it. Run it in the root of the project.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

import smartcut as sc
from docs.pictures import footage
from docs.pictures.charts import (
    BLUE,
    COLOURS,
    GRAY,
    HARBOUR,
    MATCH,
    MUSIC,
    ORANGE,
    SKY,
    WIDTH,
    heard,
    plot,
    ranges,
    save,
    seconds,
    stacked,
    strip,
)
from smartcut.annotation import Faces, Shots, Signal, Speakers, Transcript


def above(film: Any) -> tuple[Image.Image, float]:
    """Its pictures, without their names, and how long it is in seconds."""
    lasts = float(film.cut().programme.duration)
    return strip(film, WIDTH / lasts, None), lasts


def signal(film: Any, name: str, channels: dict[str, str], **drawn: Any) -> Image.Image:
    """What a stage measures; ``channels`` names each as it is to be called."""
    pictures, lasts = above(film)
    cut = film.cut()
    found = cut.data(Signal, name, cut.sources[0].id)
    curves = {called: found.channel(channel) for channel, called in channels.items()}
    times = [float(time) for time in found.times()]
    drawn = {"unit": found.unit, **drawn}
    return stacked(pictures, plot(times, curves, (0, lasts), **drawn), seconds(lasts, 5))


def shots() -> Image.Image:
    film = sc.open(SKY) | sc.shots(detector="transnet")
    pictures, lasts = above(film)
    found = film.cut().data(Shots, "shots", "sky").shots
    named = [
        (float(s.range.start), float(s.range.end), f"{s.entry} {s.start_frame}") for s in found
    ]
    return stacked(pictures, ranges(named, lasts, (BLUE, ORANGE)), seconds(lasts, 5))


def loudness() -> Image.Image:
    film = sc.open(HARBOUR) | sc.loudness()
    cut, lasts = film.cut(), 23.0
    found = cut.data(Signal, "loudness", "harbour")
    whole = dict(found.summary)["integrated"]
    curves = {
        "momentary": found.channel("momentary"),
        "short-term": found.channel("short_term"),
        f"integrated {whole:.1f} LUFS": [whole] * len(found.pts),
    }
    times = [float(time) for time in found.times()]
    drawn = plot(times, curves, (0, lasts), bounds=(-60, -5), unit="LUFS")
    return stacked(heard(film), drawn, seconds(lasts, 5))


def transcribe() -> Image.Image:
    film = sc.open(MATCH) | sc.trim(end="4s") | sc.transcribe(model="tiny.en", language="en")
    found = film.cut().data(Transcript, "transcript", "match").sentences
    words = [(float(w.range.start), float(w.range.end), w.text) for s in found for w in s.words]
    first = [word for word in words if word[1] < 4]
    return stacked(heard(film), ranges(first, 4, (BLUE, ORANGE)), seconds(4, 0.5))


def faces(folder: Path) -> Image.Image:
    film = sc.open(footage.two_faces(folder / "two.mp4")) | sc.faces()
    found = film.cut().data(Faces, "faces", "two")
    tiles = []
    for time in (0.5, 1.5, 2.5):
        rgb = film.frame(time)
        picture = Image.fromarray(rgb)
        draw, size = ImageDraw.Draw(picture), picture.size
        for number, track in enumerate(found.tracks()):
            near = min(track, key=lambda one: abs(one.at * found.timebase - time))
            left, top, width, height = (s * size[k % 2] for k, s in enumerate(near.box))
            colour = COLOURS[number]
            draw.rectangle((left, top, left + width, top + height), outline=colour, width=5)
        tiles.append(picture.resize((236, 133), Image.Resampling.LANCZOS))
    whole = Image.new("RGB", (WIDTH, 133), "white")
    for number, tile in enumerate(tiles):
        whole.paste(tile, (number * 242, 0))
    lasts = float(film.cut().programme.duration)
    seen = [
        (float(t[0].at * found.timebase), float(t[-1].at * found.timebase), f"face {number}")
        for number, t in enumerate(found.tracks())
    ]
    rows = [ranges([one], lasts, (COLOURS[k],)) for k, one in enumerate(seen)]
    return stacked(whole, *rows, seconds(lasts, 1))


def speakers(folder: Path) -> Image.Image:
    film = sc.open(footage.two_voices(folder / "talk.wav")) | sc.speakers()
    cut = film.cut()
    lasts = float(cut.sources[0].duration)
    found = cut.data(Speakers, "speakers", "talk")
    rows = []
    for number, name in enumerate(found.names):
        turns = [turn for turn in found.turns if turn.speaker == name]
        named = [(float(t.range.start), float(t.range.end), name) for t in turns]
        rows.append(ranges(named, lasts, (COLOURS[number],)))
    return stacked(heard(film), *rows, seconds(lasts, 2))


def beaten(film: Any, source: str | None, lasts: float) -> Image.Image:
    """The sound with a line at each beat; the first of a bar is longer."""
    cut = film.cut()
    named = next(a for a in cut.annotations if a.name == "beats" and source in (None, a.source))
    assert isinstance(named.data, Signal)
    picture = Image.new("RGB", (WIDTH, 20), "white")
    draw = ImageDraw.Draw(picture)
    for time, strength in zip(named.data.times(), named.data.values[0], strict=True):
        x = float(time) / lasts * WIDTH
        is_first = strength == 1
        draw.line((x, 0, x, 18 if is_first else 9), ORANGE if is_first else GRAY, 2)
    return stacked(heard(film), picture, seconds(lasts, 2))


def main() -> None:
    night = sc.open(HARBOUR)
    scored = night | sc.relevance(prompts=["a sailing boat"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = {
            "shots": shots,
            "motion": lambda: signal(
                sc.open(MATCH) | sc.motion(method="flow"),
                "motion",
                {"motion": "what moves", "camera": "the camera"},
            ),
            "sharpness": lambda: signal(
                night | sc.sharpness(), "sharpness", {"sharpness": "sharpness"}
            ),
            "relevance": lambda: signal(
                scored, "relevance", {"a sailing boat": "a sailing boat"}, bounds=(0, 1)
            ),
            "loudness": loudness,
            "transcribe": transcribe,
            "faces": lambda: faces(folder),
            "speakers": lambda: speakers(folder),
            "beats": lambda: beaten(
                night | sc.trim(end="12s") | sc.audio(music=MUSIC, original=-60) | sc.beats(),
                None,
                12,
            ),
            "score": lambda: beaten(
                sc.open(SKY) | sc.trim(end="12s") | sc.mute() | sc.score(mood="epic", duck=False),
                None,
                12,
            ),
        }
        for which in sys.argv[1:] or made:
            save(which, made[which]())


if __name__ == "__main__":
    main()
