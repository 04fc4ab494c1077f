"""`takes` on made recordings: what is chosen, how it is joined, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from smartcut.cut import Anchor, Cut
from smartcut.errors import PipelineError, StageError
from smartcut.interchange.otio import to_otio
from smartcut.interchange.otio_reading import from_otio
from smartcut.testing import read_sound, write_bar_coded
from tests.builders.takes import GAP, RATE, WORD, MadeTake, TakesSaid, made_take

SCRIPT = "the old lighthouse on the hill was built before the flood"


def slow(*values: object) -> object:
    """One of many cases, which takes as long as the others."""
    return pytest.param(*values, marks=pytest.mark.slow)


def film_of(takes: dict[str, MadeTake], folder: Path, **params: object) -> sc.Pipeline:
    paths = [take.write(folder, name) for name, take in takes.items()]
    return sc.open(*paths) | TakesSaid.of(takes) | sc.takes(**params)


def said(cut: Cut, takes: dict[str, MadeTake]) -> list[tuple[str, list[str]]]:
    """What each segment plays, word by word; words are whole or not there at all."""
    found = []
    for segment in cut.segments:
        own = []
        for start, end, text in takes[segment.source or ""].words:
            shown = min(end, float(segment.range.end)) - max(start, float(segment.range.start))
            assert shown <= 1e-3 or shown >= WORD - 1e-3, (segment, text)
            own += [text] if shown > 0.1 else []
        found.append((segment.source or "", own))
    return found


def words_of(cut: Cut, takes: dict[str, MadeTake]) -> str:
    return " ".join(word for _, words in said(cut, takes) for word in words)


@pytest.fixture(scope="module")
def two() -> dict[str, MadeTake]:
    """Two takes, each spoiled in another place, in rooms that differ by 6 dB and their colour."""
    return {
        "one": made_take(
            "the old lighthouse on the hill *was* *built* before the flood",
            seed=1, room=-62, tilt=0.5,
        ),
        "two": made_take(
            "*the* *old* *lighthouse* on the hill was built before the flood",
            seed=2, room=-56, level=-26,
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("spoiled", "cost"),
    [
        ("the *old* lighthouse on the hill *was* built before the flood", "noise"),
        slow("the old? lighthouse on the hill was? built before the flood", "unsure"),
        slow("the old um lighthouse on the hill was uh built before the flood", "join"),
        ("the old | lighthouse on the hill | was built before the flood", "join"),
        slow("the ~old lighthouse on the hill ~was built before the flood", "pitch"),
        slow("the lighthouse on the hill was built the flood", ""),
    ],
)
def test_what_is_spoiled_is_not_taken(spoiled: str, cost: str, tmp_path: Path) -> None:
    """A stumble, a noise, a gap: the take without it is played all through."""
    takes = {"bad": made_take(spoiled, seed=1), "good": made_take(SCRIPT, seed=2)}
    cut = film_of(takes, tmp_path, text=SCRIPT).cut()
    assert said(cut, takes) == [("good", SCRIPT.split())]
    assert any("next is take 1 of bad" in n and f"({cost} " in n for n in cut.notes) == bool(cost)


def test_what_every_take_spoils_somewhere_is_put_together(
    two: dict[str, MadeTake], tmp_path: Path
) -> None:
    cut = film_of(two, tmp_path).cut()
    assert said(cut, two) == [
        ("one", ["the", "old", "lighthouse", "on", "the", "hill"]),
        ("two", ["was", "built"]),
        ("one", ["before", "the", "flood"]),
    ]
    assert cut.notes[0] == (
        "takes: 11 words (found from the takes), 2 takes in 2 recordings, 3 passages"
    )
    why = next(note for note in cut.notes if "take 1 of two: was built" in note)
    assert "noise" in why.split("next is take 1 of one")[1]
    scores = dict(cut.segments[0].scores)
    assert scores["score"] > 0.9
    assert all(0 <= value <= 1 for value in scores.values())


def test_takes_of_one_recording_lose_false_starts_and_what_is_said_again(tmp_path: Path) -> None:
    spoken = (
        "the old *lighthouse* | the old lighthouse on the hill | okay again | on the hill was "
        "built before the flood"
    )
    takes = {"film": made_take(spoken, seed=4)}
    for params in ({"text": SCRIPT}, {}):
        cut = film_of(takes, tmp_path, **params).cut()
        assert words_of(cut, takes) == SCRIPT
        assert "okay" not in words_of(cut, takes)
        assert len(cut.segments) == 2


@pytest.mark.slow
def test_weights_change_the_choice(two: dict[str, MadeTake], tmp_path: Path) -> None:
    cut = film_of(two, tmp_path, weights={"join": 20}).cut()
    assert len(cut.segments) == 1
    cut = film_of(two, tmp_path, weights={"noise": 0}).cut()
    assert len(cut.segments) == 1


# ------------------------------------------------------------------------------------- joins


def powers(samples: np.ndarray, times: list[float], lasts: float) -> np.ndarray:
    """dB of stretches that last so long about these times."""
    half = round(lasts * RATE / 2)
    parts = [samples[round(t * RATE) - half : round(t * RATE) + half] for t in times]
    return np.array([10 * np.log10((part**2).mean() + 1e-12) for part in parts])


def octaves(samples: np.ndarray, start: float, end: float) -> np.ndarray:
    """dB of the octaves from 250 Hz to 16 kHz."""
    part = samples[round(start * RATE) : round(end * RATE)]
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
    tones = np.fft.rfftfreq(len(part), 1 / RATE)
    edges = 250 * 2.0 ** np.arange(7)
    return np.array(
        [10 * np.log10(power[(tones >= a) & (tones < 2 * a)].sum()) for a in edges[:-1]]
    )


def pauses_of(cut: Cut, takes: dict[str, MadeTake]) -> list[float]:
    """The middle of each pause between two words, in the film."""
    places = []
    for segment, place in cut.programme.placed():
        for start, _, _ in takes[segment.source or ""].words:
            if segment.range.contains(Fraction(str(start))):
                places.append(float(place.start - segment.range.start) + start)
    return [start - GAP / 2 for start in places[1:]]


def test_joins_are_not_heard(two: dict[str, MadeTake], tmp_path: Path) -> None:
    """Voices step by less than 1 dB; the room by less than 3 dB, and by 6 dB in no octave."""
    film = film_of(two, tmp_path)
    cut = film.render(tmp_path / "out.wav").cut
    samples = read_sound(tmp_path / "out.wav")[1]
    pauses = pauses_of(cut, two)
    rooms = powers(samples, pauses, 0.06)
    assert np.abs(np.diff(rooms)).max() < 3, rooms
    voices = powers(samples, [pause + GAP / 2 + WORD / 2 for pause in pauses], 0.2)
    assert np.abs(np.diff(voices)).max() < 1, voices
    for _, place in list(cut.programme.placed())[1:]:
        at = float(place.start)
        tens = powers(samples, [at + k / 100 for k in range(-4, 5)], 0.01)
        assert np.abs(np.diff(tens)).max() < 3.5, tens
        step = octaves(samples, at - 0.05, at) - octaves(samples, at, at + 0.05)
        assert np.abs(step).max() < 6, step
    # Without any of it, both are heard.
    plain = film_of(two, tmp_path, match=False, room_tone=False)
    plain.render(tmp_path / "plain.wav")
    samples = read_sound(tmp_path / "plain.wav")[1]
    assert np.abs(np.diff(powers(samples, pauses, 0.06))).max() > 3
    voices = powers(samples, [pause + GAP / 2 + WORD / 2 for pause in pauses], 0.2)
    assert np.abs(np.diff(voices)).max() > 5


@pytest.mark.slow
def test_room_tone_stays_at_its_join(two: dict[str, MadeTake], tmp_path: Path) -> None:
    cut = film_of(two, tmp_path).cut()
    (track,) = cut.tracks[1:]
    assert (track.role, track.kind) == ("room tone", "sound")
    assert all(isinstance(s.at, Anchor) and s.source == "two" for s in track.segments)
    assert film_of(two, tmp_path, room_tone=False).cut().tracks[1:] == ()


# ------------------------------------------------------------------------------ alternatives


def test_other_takes_travel_as_tracks_that_are_off(
    two: dict[str, MadeTake], tmp_path: Path
) -> None:
    cut = film_of(two, tmp_path).cut()
    assert [track.role for track in cut.alternatives] == ["alternative 1"]
    others = cut.alternatives[0].segments
    assert [s.source for s in others] == ["two", "one", "two"]
    assert [s.at for s in others] == [Anchor(s.source or "", s.range.start) for s in cut.segments]
    text = to_otio(cut, folder=tmp_path)
    assert text.count('"enabled": false') == 1  # of sound alone there is no picture
    read = from_otio(text, folder=tmp_path)
    assert read.alternatives == cut.alternatives
    assert read.tracks == cut.tracks
    assert film_of(two, tmp_path, alternatives=0).cut().alternatives == ()


@pytest.mark.slow
def test_a_film_that_is_joined_keeps_its_alternatives(
    two: dict[str, MadeTake], tmp_path: Path
) -> None:
    film = film_of(two, tmp_path)
    both = sc.concat(film, film).cut()
    assert len(both.alternatives) == 2


@pytest.mark.slow
def test_pictures_are_cut_between_frames_and_may_morph(tmp_path: Path) -> None:
    takes = {
        "one": made_take("the old lighthouse *on* | *the* hill was built", seed=1),
        "two": made_take("*the* *old* lighthouse on | the hill was built", seed=2),
    }
    paths = []
    for name, take in takes.items():
        sound = take.write(tmp_path, f"{name}-sound")
        bars = tmp_path / f"{name}-bars.mp4"
        frames = int(25 * len(take.samples) / RATE)
        write_bar_coded(bars, frames=frames, rate=Fraction(25), size=(160, 90), gop=25)
        film = sc.open(bars) | sc.audio(original="drop", music=sound, music_gain=0, fade_out=0)
        paths.append(tmp_path / f"{name}.mp4")
        film.render(paths[-1], mode="encode")
    film = sc.open(*paths) | TakesSaid.of(takes) | sc.takes(morph="0.2s")
    cut = film.cut()
    assert words_of(cut, takes) == "the old lighthouse on the hill was built"
    for segment in cut.segments:
        assert (segment.range.start * 25).denominator == (segment.range.end * 25).denominator == 1
    morphed = [s.transition for s in cut.segments[1:]]
    assert any(t is not None and t.kind == "morph" for t in morphed)


# ---------------------------------------------------------------------------------- refusals


def test_no_words_is_an_error(tmp_path: Path) -> None:
    silent = MadeTake(np.zeros(RATE), ())
    with pytest.raises(StageError, match="needs words, and no source has any"):
        film_of({"one": silent}, tmp_path).cut()
    with pytest.raises(PipelineError, match="transcribe"):
        (sc.open(tmp_path / "one.wav") | sc.takes()).cut()


@pytest.mark.slow
def test_another_script_is_an_error_or_left_out(tmp_path: Path) -> None:
    other = "we sell bread and cheese at every corner of this town"
    takes = {"good": made_take(SCRIPT), "other": made_take(other)}
    cut = film_of(takes, tmp_path, text=SCRIPT).cut()
    assert words_of(cut, takes) == SCRIPT
    assert "takes: other is left out: 0 of its 11 words are in the script" in cut.notes
    with pytest.raises(StageError, match="of the 11 words of the script, 0 are said in good"):
        film_of({"good": made_take(SCRIPT)}, tmp_path, text=other).cut()


def test_one_take_and_words_that_nobody_says_are_noted(tmp_path: Path) -> None:
    takes = {"only": made_take("the old lighthouse on the hill was before the flood")}
    cut = film_of(takes, tmp_path, text=SCRIPT).cut()
    assert any("one take only" in note for note in cut.notes)
    assert any("no take says 'built' (word 8)" in note for note in cut.notes)


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"text": "a", "file": "b.txt"}, "either `text` or `file`"),
        ({"weights": {"nose": 1}}, "unknown cost 'nose'; accepted: unsure, noise"),
        ({"weights": {"noise": -1}}, "accepted: 0 to 100"),
    ],
)
def test_parameters_are_checked(params: dict[str, object], error: str, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("a")
    if "file" in params:
        params = {**params, "file": str(tmp_path / "b.txt")}
    with pytest.raises(Exception, match=error):
        sc.takes(**params)


def test_a_script_without_words_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("— … —")
    with pytest.raises(StageError, match="there is no word in"):
        film_of({"a": made_take(SCRIPT)}, tmp_path, file=tmp_path / "empty.txt").cut()


@pytest.mark.slow
def test_a_script_may_be_subtitles(tmp_path: Path) -> None:
    path = tmp_path / "script.srt"
    path.write_text(f"1\n00:00:01,000 --> 00:00:05,000\n{SCRIPT}\n")
    cut = film_of({"a": made_take(SCRIPT)}, tmp_path, file=path).cut()
    assert "takes: 11 words (given), 1 take in 1 recording, 1 passage" in cut.notes
