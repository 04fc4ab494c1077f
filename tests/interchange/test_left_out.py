"""What a format cannot hold is named in a note, and what no note names comes back."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest

from smartcut.algebra import in_sequence
from smartcut.annotation import Annotation, Shot, Shots
from smartcut.cut import (
    Between,
    Captions,
    Cut,
    Ducking,
    Effect,
    Mix,
    Segment,
    TimelineFormat,
    Track,
    Transition,
)
from smartcut.effect import effect_modules, find_effect
from smartcut.errors import PipelineError
from smartcut.interchange.files import read_cut, write_cut
from smartcut.interchange.formats import FORMATS, CutFormat
from smartcut.interchange.titles import shown_texts, with_text
from smartcut.params import to_pairs
from smartcut.source import AudioStream, Source, VideoStream
from smartcut.timebase import Range
from smartcut.warp import Warp

RATE = F(25)
FILM = Source(
    "film",
    Path("/media/film.mp4"),
    "0" * 64,
    "mp4",
    F(0),
    F(40),
    VideoStream(0, "h264", 1 / RATE, 640, 360, "yuv420p", RATE, False, F(0), F(40), 1000),
    AudioStream(1, "aac", F(1, 48_000), 48_000, 2, "stereo", F(0), F(40)),
)
OTHER = replace(FILM, id="other", path=Path("/media/other.mp4"))
MUSIC = replace(FILM, id="tune", path=Path("/media/tune.flac"), video=None)
LUT = Path(__file__).parent / "plain.cube"

#: Parameters of effects that do nothing, or need something, without any.
GIVEN: dict[str, dict[str, Any]] = {
    "crop": {"left": 0.25, "right": 0.25, "top": 0.25, "bottom": 0.25},
    "place": {"position": "top-right", "width": 0.25, "opacity": 0.5},
    "move": {"x": 0.1},
    "moviepy": {"use": "InvertColors"},
    "stylize": {},
}
READ = [format for format in FORMATS if format.reads_in and not format.holds.words]
NAMES = [format.name for format in READ]


def look(path: Path, id: str) -> Source:
    found = next(s for s in (FILM, OTHER, MUSIC) if s.path == path)
    return replace(found, id=id)


def film(**changes: Any) -> Segment:
    return replace(Segment("film", Range(F(2), F(6))), **changes)


LATER = film(range=Range(F(10), F(14)))


def cut_of(*segments: Segment, tracks: tuple[Track, ...] = (), **rest: Any) -> Cut:
    used = {s.source for t in (Track("programme", segments), *tracks) for s in t.segments}
    sources = tuple(s for s in (FILM, OTHER, MUSIC) if s.id in used)
    format = TimelineFormat((640, 360), RATE)
    return Cut(sources, (Track("programme", segments), *tracks), format=format, **rest)


def through(cut: Cut, format: CutFormat, folder: Path) -> tuple[Cut, tuple[str, ...]]:
    path = folder / f"cut{format.suffix}"
    notes = write_cut(cut, path)
    return read_cut(path, look), notes


def effect_of(name: str) -> Effect:
    kind = find_effect(name)
    try:
        made = kind.model_validate(GIVEN.get(name, {}))
    except ValueError:
        return Effect(name, (("made_up", 1.0),))  # what it needs is not at hand here
    return Effect(name, to_pairs(made), version=kind.version)


@pytest.mark.parametrize("format", READ, ids=NAMES)
@pytest.mark.parametrize("name", effect_modules())
def test_every_effect_comes_back_or_is_named(name: str, format: CutFormat, tmp_path: Path) -> None:
    effect = effect_of(name)
    read, notes = through(cut_of(film(effects=(effect,)), LATER), format, tmp_path)
    named = [note for note in notes if effect.label in note.split(":")[0]]
    if not named:
        assert read.segments[0].effects
    else:
        assert "segment 0 of programme" in named[0]
    assert not read.segments[1].effects


STILL = Warp.frozen(F(3), F(2))
BACK = Warp(((F(0), F(6)), (F(4), F(2))))
RAMP = Warp(((F(0), F(2)), (F(2), F(3)), (F(3), F(6))))
CHANGES: dict[str, tuple[Cut, str]] = {
    "held": (cut_of(film(range=STILL.seen, warp=STILL)), "frozen"),
    "backwards": (cut_of(film(warp=BACK)), "reversed"),
    "changing": (cut_of(film(warp=RAMP)), "speed 0.5 to 3"),
    "fast": (cut_of(film(speed=F(2))), "their own speed"),
    "between": (cut_of(film(speed=F(1, 2), between=Between("flow"))), "between frames"),
    "kept": (cut_of(film(speed=F(2), sound="kept")), "their sound"),
    "music": (
        cut_of(film(), tracks=(Track("music", (Segment("tune", Range(F(0), F(4))),)),)), "'music'"
    ),
    "dissolve": (
        cut_of(film(), replace(LATER, transition=Transition("dissolve", F(1)))),
        "dissolve",
    ),
    "wipe": (
        cut_of(film(), replace(LATER, transition=Transition("wipe", F(1)))), "wipe"
    ),
    "gap": (cut_of(film(), Segment(None, Range(F(0), F(1))), LATER), "are gaps"),
    "label": (cut_of(film(label="the goal")), "have names"),
    "muted": (cut_of(film(sound="muted"), LATER), "muted"),
    "silent": (cut_of(film(), mix=Mix(programme_gain=None)), "own sound"),
    "title": (
        with_text(cut_of(film()), (("text", "Hello"), ("fade", "1/2")), Range(F(1), F(2))), "title"
    ),
    "captions": (cut_of(film(), captions=Captions()), "captions"),
    "loudness": (cut_of(film(), mix=Mix(loudness=-16)), "loudness"),
    "channels": (cut_of(film(), mix=Mix(channels=1)), "channels"),
    "shots": (
        cut_of(film(), annotations=(
            Annotation("shots", "film", Shots((Shot(Range(F(0), F(40)), 0, 1000),))),)),
        "found out",
    ),
    "lead": (cut_of(film(), replace(LATER, lead=F(1, 2))), "begin together"),
    "chapter": (cut_of(film(chapter="One")), "chapters"),
    "scores": (cut_of(film(scores=(("motion", 0.5),))), "why segments were chosen"),
}  # fmt: skip
_low = Segment("tune", Range(F(0), F(4)), effects=(Effect("gain", (("gain", -6.0),)),))
CHANGES["effect of sound"] = (cut_of(film(), tracks=(Track("music", (_low,)),)), "gain of segment")
for _name, _rest in (
    ("gain", {"gain": -6.0}), ("fade", {"fade_in": F(1)}), ("ducking", {"ducking": Ducking()}),
):  # fmt: skip
    _music = Track("music", (Segment("tune", Range(F(0), F(4))),), **_rest)  # type: ignore[arg-type]
    CHANGES[_name] = (cut_of(film(), tracks=(_music,)), _name if _name != "ducking" else "lowered")


def shown(cut: Cut) -> tuple[Any, ...]:
    """The film as far as it is said in the same way in every format."""
    cut = in_sequence(cut)
    programme = cut.programme
    if cut.mix.programme_gain is None:
        muted = tuple(replace(s, sound="muted") for s in programme.segments)
        programme = replace(programme, segments=muted)
    mix = replace(cut.mix, programme_gain=0.0)
    return (programme, *cut.tracks[1:]), mix, [*shown_texts(cut)]


@pytest.mark.parametrize("format", READ, ids=NAMES)
@pytest.mark.parametrize("name", CHANGES)
def test_everything_else_comes_back_or_is_named(
    name: str, format: CutFormat, tmp_path: Path
) -> None:
    cut, words = CHANGES[name]
    read, notes = through(cut, format, tmp_path)
    if format.holds.speed and format.holds.gaps:
        assert abs(read.duration - cut.duration) <= 1 / RATE
    named = [note for note in notes if words in note or "is left out" in note]
    if not named:
        assert shown(read) == shown(cut)


@pytest.mark.parametrize("format", READ, ids=NAMES)
def test_several_files_go_where_there_is_room(format: CutFormat, tmp_path: Path) -> None:
    cut = cut_of(film(), film(source="other"))
    if format.holds.several:
        assert through(cut, format, tmp_path)[0].segments == cut.segments
    else:
        with pytest.raises(PipelineError, match="pieces of one file, but the cut shows 2: film, o"):
            through(cut, format, tmp_path)


@pytest.mark.parametrize("format", READ, ids=NAMES)
def test_plain_cuts_have_no_notes(format: CutFormat, tmp_path: Path) -> None:
    cut = cut_of(film(), LATER)
    read, notes = through(cut, format, tmp_path)
    assert notes == ()
    assert read.segments == cut.segments
