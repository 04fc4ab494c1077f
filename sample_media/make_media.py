"""Makes the samples, their sound and truth.json: ``python sample_media/make_media.py``.

``--only NAME`` makes one of them. The narrator needs the extra: pip install '.[voice]'.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import scenes
import sounds
import stills

from smartcut.media import mux
from smartcut.media.encode import VideoSettings, encode_video
from smartcut.media.encode_sound import AudioSettings, encode_audio
from smartcut.media.picture import from_rgb
from smartcut.render.output import constant_timebase
from smartcut.source import Colour

HERE = Path(__file__).parent
_LAYOUTS = {1: "mono", 2: "stereo"}
BT709 = Colour("bt709", "bt709", "bt709", "limited")


@dataclass(frozen=True)
class Take:
    """One shot: a scene from ``start`` (its own seconds), and how it comes in."""

    scene: Callable[[float], np.ndarray]
    seconds: float
    shows: str
    entry: str = "cut"
    start: float = 0.0


@dataclass(frozen=True)
class Clip:
    name: str
    rate: Fraction
    channels: int
    takes: tuple[Take, ...]
    ambience: Callable[[float], np.ndarray]
    lines: tuple[tuple[float, str], ...]


FADE = 0.6  # seconds to black, and again from it
DISSOLVE = 1.0

CLIPS = (
    Clip(
        "harbour",
        Fraction(30),
        1,
        (
            Take(scenes.sunset, 6, "the sun setting over the sea", "start"),
            Take(scenes.sailing, 6, "a sailing boat"),
            Take(scenes.lighthouse, 7, "a lighthouse at night", "fade"),
            Take(scenes.sailing, 4, "a sailing boat", "cut", 5.0),
        ),
        sounds.waves,
        (
            (0.6, "Welcome to the harbour. The sun is going down over the sea."),
            (6.5, "A small boat is sailing home before the night."),
            (13.4, "The lighthouse shows the way until the morning."),
        ),
    ),
    Clip(
        "match",
        Fraction(25),
        2,
        (
            Take(scenes.rolling, 5, "a soccer ball rolling over the grass", "start"),
            Take(scenes.chase, 4, "a soccer ball flying"),
            Take(scenes.goal, 6, "a soccer ball shot into a goal"),
            Take(scenes.confetti, 5, "confetti over a crowd"),
        ),
        sounds.crowd,
        (
            (0.5, "The ball is rolling across the grass."),
            (11.4, "What a shot! It is in the goal."),
        ),
    ),
    Clip(
        "sky",
        Fraction(30000, 1001),
        2,
        (
            Take(scenes.balloons, 6, "hot-air balloons over mountains", "start"),
            Take(scenes.clock, 5, "an analog clock"),
            Take(scenes.candle, 6, "a burning candle"),
            Take(scenes.dusk, 6, "mountains at dusk", "dissolve"),
        ),
        sounds.wind,
        (
            (0.6, "Three balloons are rising above the mountains."),
            (6.6, "The clock on the wall says ten past ten."),
            (12.2, "When the power is gone, a candle gives light."),
        ),
    ),
)


def first_frames(clip: Clip) -> list[int]:
    """The frame at which each take begins, and the end; dissolves begin half-way through."""
    edges = [Fraction(0)]
    for take in clip.takes:
        edges.append(edges[-1] + Fraction(take.seconds))
    return [round(edge * clip.rate) for edge in edges]


def frames(clip: Clip) -> Iterator[np.ndarray]:
    """Every frame, RGB."""
    edges, rate = first_frames(clip), float(clip.rate)
    for number in range(edges[-1]):
        k = max(i for i, edge in enumerate(edges[:-1]) if edge <= number)
        take = clip.takes[k]
        picture = take.scene(take.start + (number - edges[k]) / rate)
        following = clip.takes[k + 1] if k + 1 < len(clip.takes) else None
        left = (edges[k + 1] - number) / rate
        since = (number - edges[k] + 1) / rate
        if following and following.entry == "fade" and left < FADE:
            picture = picture * (left / FADE)
        if take.entry == "fade" and since < FADE:
            picture = picture * (since / FADE)
        if following and following.entry == "dissolve" and left <= DISSOLVE / 2:
            other = following.scene(following.start - left)
            picture = picture + (other.astype(float) - picture) * (0.5 - left / DISSOLVE)
        if take.entry == "dissolve" and since <= DISSOLVE / 2:
            before = clip.takes[k - 1]
            other = before.scene(before.start + before.seconds + since)
            picture = other + (picture.astype(float) - other) * (0.5 + since / DISSOLVE)
        yield np.clip(picture, 0, 255).astype(np.uint8)


def make_clip(clip: Clip) -> dict[str, Any]:
    """Write the clip; the answer is what is true of it."""
    edges = first_frames(clip)
    timebase = constant_timebase(clip.rate)
    step = int(1 / (clip.rate * timebase))
    settings = VideoSettings(
        "h264", scenes.WIDTH, scenes.HEIGHT, "yuv420p", timebase, clip.rate,
        crf=25, preset="slow", colour=BT709,
        options={"g": str(round(clip.rate * 2)), "bf": "2"},
    )  # fmt: skip
    seconds = edges[-1] / float(clip.rate)
    mono, spoken = sounds.narrated(clip.ambience, seconds, list(clip.lines))
    sound = np.repeat(mono[None], clip.channels, axis=0)
    with tempfile.TemporaryDirectory() as folder:
        video, audio = Path(folder) / "video.nut", Path(folder) / "sound.m4a"
        pictures = (
            (i * step, from_rgb(picture, "yuv420p", BT709))
            for i, picture in enumerate(frames(clip))
        )
        encode_video(video, settings, pictures)
        encode_audio(
            audio,
            ".m4a",
            AudioSettings("aac", sounds.RATE, _LAYOUTS[clip.channels], 96_000),
            [sound],
        )
        piece = mux.VideoPiece(video, 0, edges[-1] * step)
        mux.write(HERE / f"{clip.name}.mp4", "mp4", mux.Parts([piece], timebase, audio))
    return {
        "rate": str(clip.rate),
        "size": [scenes.WIDTH, scenes.HEIGHT],
        "frames": edges[-1],
        "shots": [
            {"first_frame": edges[k], "entry": take.entry, "shows": take.shows}
            for k, take in enumerate(clip.takes)
        ],
        "speech": [{"start": a, "end": b, "text": text} for a, b, text in spoken],
    }


def make_music() -> dict[str, Any]:
    track = sounds.music()
    with tempfile.TemporaryDirectory() as folder:
        audio = Path(folder) / "music.m4a"
        encode_audio(audio, ".m4a", AudioSettings("aac", sounds.RATE, "stereo", 128_000), [track])
        mux.write(HERE / "music.m4a", "mp4", mux.Parts(sound=audio))
    return {"seconds": track.shape[1] / sounds.RATE, "beats_a_minute": 120}


STILLS = {
    "lesson": stills.make_lesson,
    "scan": stills.make_scan,
    "customers.csv": stills.make_customers,
}


def main() -> None:
    names = [clip.name for clip in CLIPS] + ["music", *STILLS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=names)
    only = parser.parse_args().only
    for clip in CLIPS:
        if only in (None, clip.name):
            print(f"{clip.name}.mp4", flush=True)
            note(f"{clip.name}.mp4", make_clip(clip))
    if only in (None, "music"):
        print("music.m4a", flush=True)
        note("music.m4a", make_music())
    for name, make in STILLS.items():
        if only in (None, name):
            print(name, flush=True)
            note(name, make(HERE))


def note(name: str, facts: dict[str, Any]) -> None:
    """Put what is true of a file into truth.json."""
    file = HERE / "truth.json"
    truth = json.loads(file.read_text()) if file.exists() else {}
    truth[name] = facts
    ordered = {name: truth[name] for name in sorted(truth)}
    file.write_text(json.dumps(ordered, indent=2) + "\n")


if __name__ == "__main__":
    main()
