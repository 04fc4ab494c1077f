"""The score: what is composed, how it sounds, its beats, and cuts that snap to them."""

from __future__ import annotations

import wave
from dataclasses import replace
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from smartcut.annotation import Annotation, Shot, Shots, Signal
from smartcut.cache import Cache
from smartcut.context import LocalContext, Stored
from smartcut.cut import Between, Cut, Ducking, Segment, Track, Transition
from smartcut.errors import StageError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.media.audio import samples
from smartcut.media.loudness import LoudnessMeter
from smartcut.media.probe import probe
from smartcut.models.score.compose import MANNERS, METRE, Mood, Note, compose
from smartcut.models.score.harmony import MusicalKey, led, near, parse_key
from smartcut.models.score.instruments import RATE, hertz, room, tone
from smartcut.models.score.play import ScoreRequest as Piece
from smartcut.models.score.play import bent, sections, write_score
from smartcut.render.sound.clips import mix
from smartcut.source import AudioStream, Recipe, Source
from smartcut.stage import find_stage
from smartcut.stages._beats import Grid, on_the_beat
from smartcut.stages.score import Score
from smartcut.timebase import Range, nearest
from smartcut.warp import Warp

MOODS: tuple[Mood, ...] = ("calm", "bright", "tense", "epic")


def footage(seconds: F | int = 100, id: str = "a") -> Source:
    audio = AudioStream(0, "pcm", F(1, RATE), RATE, 2, "stereo", F(0), F(seconds))
    return Source(id, Path(id), id, "wav", F(0), F(seconds), None, audio)


def cut_of(*segments: Segment, seconds: F | int = 100) -> Cut:
    return Cut((footage(seconds),), (Track("programme", segments),))


def plain(seconds: F | int) -> Cut:
    return cut_of(Segment("a", Range(F(0), F(seconds))), seconds=seconds)


def sound_of(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 2, 2)
        whole = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return whole.reshape(-1, 2).T / 32768


# --------------------------------------------------------------------------------- the harmony


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C minor", MusicalKey(0, "minor")),
        ("C", MusicalKey(0, "major")),
        ("Am", MusicalKey(9, "minor")),
        ("F# major", MusicalKey(6, "major")),
        ("bb", MusicalKey(10, "major")),
        (" E♭-min ", MusicalKey(3, "minor")),
        ("CM", MusicalKey(0, "major")),
    ],
)
def test_keys_are_read(text: str, key: MusicalKey) -> None:
    assert parse_key(text) == key


@pytest.mark.parametrize("text", ["", "H major", "C dorian", "C##", "minor"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it like `C minor`"):
        parse_key(text)


def test_chords_of_a_key_and_the_leading_note_in_minor() -> None:
    assert parse_key("C").chord(0) == (0, 4, 7)
    assert parse_key("C").chord(4) == (7, 11, 2)
    assert parse_key("A minor").chord(0) == (9, 0, 4)
    assert parse_key("A minor").chord(4) == (4, 8, 11)  # E major, not E minor
    assert parse_key("A minor").chord(6) == (7, 11, 2)


def test_voices_move_as_little_as_they_can() -> None:
    c, f, g = (parse_key("C").chord(d) for d in (0, 3, 4))
    voiced = led([c, f, g, c], 55, 74)
    assert [{p % 12 for p in chord} for chord in voiced] == [set(x) for x in (c, f, g, c)]
    pairs = pairwise(voiced)
    moved = [sum(abs(a - b) for a, b in zip(x, y, strict=True)) for x, y in pairs]
    assert moved[0] == 3  # C E G to C F A: one by a semitone, one by a tone
    assert max(moved) <= 6
    assert all(55 <= p <= 74 for chord in voiced for p in chord)


def test_the_nearest_pitch_of_a_class_is_the_lower_of_two() -> None:
    assert near((0,), 66) == 60
    assert near((0, 7), 66) == 67


# ------------------------------------------------------------------------------ the composition


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("name", ["C minor", "Eb major"])
def test_every_note_is_of_the_key_and_the_end_is_the_tonic(mood: Mood, name: str) -> None:
    key, beats = parse_key(name), F(67, 2)
    notes = compose(mood, key, beats, 3)
    pitched = [n for n in notes if n.pitch]
    assert {n.pitch % 12 for n in pitched} <= {*key.scale(), *key.scale(4)}
    leading = [n for n in pitched if n.pitch % 12 not in key.scale()]
    assert bool(leading) == (key.mode == "minor")
    last_bar = [n for n in pitched if n.start >= 28]
    assert {n.pitch % 12 for n in last_bar} == set(key.chord(0))
    assert {n.pitch % 12 for n in pitched if 24 <= n.start < 28 and n.part == "pad"} == set(
        key.chord(4)
    )
    assert min(n.pitch for n in last_bar) % 12 == key.tonic
    assert all(n.start + n.length == beats for n in last_bar if n.part in ("pad", "bass"))
    assert all(0 <= n.start < beats and n.length > 0 and 0 < n.level <= 1 for n in notes)


def test_a_seed_is_a_piece() -> None:
    key = parse_key("G")
    one, same, other = (compose("bright", key, F(64), seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other


@pytest.mark.parametrize("beats", [F(1), F(4), F(9), F(13, 3)])
def test_short_pieces_have_an_end_too(beats: F) -> None:
    notes = compose("epic", parse_key("A minor"), beats, 0)
    held = max(n.start for n in notes if n.part == "pad")
    assert held == max(0, int(beats / METRE) - 1) * METRE
    assert {n.pitch % 12 for n in notes if n.part == "pad" and n.start == held} == {9, 0, 4}


# ------------------------------------------------------------------------------- the instruments


def test_an_instrument_has_no_partials_but_its_own() -> None:
    wave = tone("figure", 96, RATE)[0, :RATE]
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(RATE)))
    far = np.ones(len(spectrum), bool)
    for k in range(1, 13):
        if k * hertz(96) < 18_000:
            at = round(k * hertz(96))
            far[at - 30 : at + 31] = False
    assert spectrum[far].max() < spectrum.max() / 1000


def test_a_note_ends_in_silence_and_the_room_too() -> None:
    wave = tone("pad", 60, RATE)
    assert np.abs(wave[:, -1]).max() < 1e-6
    assert np.abs(room()[:, -4800:]).max() < np.abs(room()).max() / 300
    assert np.allclose(np.sum(np.square(room(), dtype=float), axis=1), 1, atol=1e-4)


def test_what_is_too_loud_is_bent_and_the_rest_left() -> None:
    soft = np.array([[0.1, -0.6, 0.59]], np.float32)
    assert np.array_equal(bent(soft), soft)
    loud = bent(np.array([[0.3, 1.0, -4.0]], np.float32))
    assert loud[0, 0] == np.float32(0.3)
    assert 0.6 < loud[0, 1] < 0.87
    assert loud[0, 2] == pytest.approx(-0.87, abs=1e-5)


# --------------------------------------------------------------------------------- how it sounds


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> dict[Mood, tuple[Piece, np.ndarray]]:
    """A piece of each mood, in keys and at tempos that are not the mood's own."""
    folder = tmp_path_factory.mktemp("scores")
    asked: dict[Mood, tuple[str, F]] = {
        "calm": ("E major", F(80)),
        "bright": ("Bb major", F(120)),
        "tense": ("C minor", F(100)),
        "epic": ("F# minor", F(181, 2)),
    }
    found: dict[Mood, tuple[Piece, np.ndarray]] = {}
    for mood, (key, tempo) in asked.items():
        piece = Piece(mood, key, tempo, F(16) + F(1, 3), seed=4)
        write_score(folder / f"{mood}.wav", piece)
        found[mood] = piece, sound_of(folder / f"{mood}.wav")
    return found


@pytest.mark.parametrize("mood", MOODS)
def test_length_loudness_and_peaks(mood: Mood, heard: Any) -> None:
    piece, sound = heard[mood]
    assert sound.shape == (2, 784_000) == (2, piece.samples)
    meter = LoudnessMeter(RATE, 2)
    meter.add(sound)
    assert meter.integrated == pytest.approx(-20, abs=0.1)
    assert meter.true_peak is not None
    assert meter.true_peak < -1
    assert abs(sound.mean()) < 1e-3
    assert np.abs(sound[:, -10:]).max() < 1e-3


@pytest.mark.parametrize("mood", MOODS)
def test_the_tempo_is_what_repeats_itself(mood: Mood, heard: Any) -> None:
    """The autocorrelation of how the sound swells peaks at a beat's length, or a part of one."""
    piece, sound = heard[mood]
    hop = 480
    power = np.square(np.diff(sound.mean(axis=0), prepend=0))
    level = np.log(power[: len(power) // hop * hop].reshape(-1, hop).mean(axis=1) + 1e-9)
    onset = np.maximum(np.diff(level), 0)
    onset -= onset.mean()
    match = np.correlate(onset, onset, "full")[len(onset) - 1 :]
    beat = float(piece.beat) * RATE / hop
    found = max(range(round(2.5 * beat), round(5.5 * beat)), key=lambda lag: match[lag])
    beats = round(found / beat)
    assert match[found] > 0.2 * match[0]
    assert 60 * beats * RATE / (found * hop) == pytest.approx(float(piece.tempo), rel=0.01)


@pytest.mark.parametrize("mood", MOODS)
def test_the_key_is_the_one_asked_for(mood: Mood, heard: Any) -> None:
    """By the energy of the twelve notes: the scale that holds the most, and the last chord."""
    piece, sound = heard[mood]
    key, mono = parse_key(piece.key), sound.mean(axis=0)
    whole = _chroma(mono)
    keys = {t: MusicalKey(t, key.mode) for t in range(12)}
    shares = {t: whole[sorted({*k.scale(), *k.scale(4)})].sum() for t, k in keys.items()}
    assert max(shares, key=lambda t: float(shares[t])) == key.tonic
    bars = int(piece.seconds / piece.beat / METRE)
    end = _chroma(mono[nearest((bars - 1) * METRE * piece.beat * RATE) + RATE // 2 :])
    assert set(np.argsort(end)[-3:]) == set(key.chord(0))
    outside = [c for c in range(12) if c not in {*key.scale(), *key.scale(4)}]
    assert end[outside].max() < 0.05 * end.max()


def _chroma(sound: np.ndarray) -> np.ndarray:
    spectrum = np.square(np.abs(np.fft.rfft(sound * np.hanning(len(sound)))))
    hertz_of = np.arange(len(spectrum)) * RATE / len(sound)
    use = (hertz_of > 60) & (hertz_of < 1500)
    pitch = 69 + 12 * np.log2(hertz_of[use] / 440)
    near_note = np.abs(pitch - np.round(pitch)) < 0.25
    classes = np.round(pitch[near_note]).astype(int) % 12
    return np.bincount(classes, weights=spectrum[use][near_note], minlength=12)


def test_the_same_piece_is_the_same_file(tmp_path: Path) -> None:
    piece = Piece("calm", "D minor", F(240), F(5), seed=9)
    for name in ("a", "b"):
        write_score(tmp_path / name, piece)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    write_score(tmp_path / "c", replace(piece, seed=10))
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()
    assert [p.name for p in tmp_path.iterdir() if p.name not in "abc"] == []


def test_a_loud_piece_reaches_its_loudness_without_clipping(tmp_path: Path) -> None:
    write_score(tmp_path / "a.wav", Piece("tense", "E", F(120), F(6), loudness=-12))
    sound = sound_of(tmp_path / "a.wav")
    meter = LoudnessMeter(RATE, 2)
    meter.add(sound)
    assert meter.integrated == pytest.approx(-12, abs=0.1)
    assert np.abs(sound).max() <= 0.8701


def test_it_begins_on_the_first_beat_unless_it_fades_in() -> None:
    piece = Piece("epic", "A minor", F(84), F(4))
    first = next(sections(piece))
    assert np.abs(first[:, :4800]).max() > 0.01
    faded = next(sections(replace(piece, fade_in=F(2))))
    assert np.abs(faded[:, :4800]).max() < 0.1 * np.abs(first[:, :4800]).max()
    assert np.array_equal(faded[:, 96_000:], first[:, 96_000:])


# ------------------------------------------------------------------------------------ the stage


def context(folder: Path) -> LocalContext:
    return LocalContext(Cache(folder), device="cpu")


def test_it_is_found_and_makes_a_source_with_a_recipe(tmp_path: Path) -> None:
    assert find_stage("score") is Score
    cut = Score(mood="tense", gain=-3, duck={"depth": 6}).apply(plain(5), context(tmp_path))
    assert [t.role for t in cut.tracks] == ["programme", "music"]
    music = cut.tracks[1]
    assert (music.gain, music.ducking) == (-3.0, Ducking(6.0, F(1, 5), F(3, 5)))
    assert music.segments == (Segment("score", Range(F(0), F(5)), label="score"),)
    source = cut.source("score")
    assert source.made == Recipe(
        "score", "composer", 0,
        (
            ("mood", "tense"), ("key", "D minor"), ("tempo", "96"), ("seconds", "5"),
            ("fade_in", "0"), ("fade_out", "3"), ("loudness", -20.0),
        ),
    )  # fmt: skip
    assert cut.footage == (cut.source("a"),)
    found = probe(source.path, id="score")
    assert found.audio is not None
    assert found.audio == replace(source.audio, layout=found.audio.layout)  # type: ignore
    assert (found.duration, source.duration) == (F(5), F(5))
    assert sound_of(source.path).shape == (2, 240_000)
    assert cut_from_json(cut_to_json(cut)) == cut


def test_what_was_made_is_not_made_again(tmp_path: Path) -> None:
    stage, where = Score(seed=5), context(tmp_path)
    planned, (step,) = stage.preview(plain(4), Stored(where.cache, device="cpu"))
    assert (step.stage, step.subject, step.state) == ("score", "score", "run")
    assert not planned.source("score").path.exists()
    made = stage.apply(plain(4), where)
    assert made == planned
    written = made.source("score").path.stat()
    again, (step,) = stage.preview(plain(4), Stored(where.cache, device="cpu"))
    assert (again, step.state) == (made, "cached")
    stage.apply(plain(4), where)
    assert made.source("score").path.stat().st_ino == written.st_ino
    other = Score(seed=6).preview(plain(4), Stored(where.cache, device="cpu"))[0]
    assert other.source("score").digest != made.source("score").digest


def test_the_beats_are_known_exactly(tmp_path: Path) -> None:
    planned, _ = Score(tempo=90, start="1s").preview(plain(7), context(tmp_path))
    beats = planned.data(Signal, "beats", "score")
    assert beats is not None
    assert beats.times() == tuple(F(2, 3) * k for k in range(9))
    assert beats.channel("strength") == (1.0, 0.5, 0.5, 0.5, 1.0, 0.5, 0.5, 0.5, 1.0)
    assert dict(beats.summary) == {"tempo": 90.0, "metre": 4.0}
    silence, music = planned.tracks[1].segments
    assert silence == Segment(None, Range(F(0), F(1)))
    assert music.range == Range(F(0), F(6))


def test_in_the_mix_it_is_heard_at_its_time_to_the_sample_and_once(tmp_path: Path) -> None:
    stage = Score(start="0.5s", seconds=2, fade_out=0, duck=False)
    cut = stage.apply(plain(5), context(tmp_path))
    cut = replace(cut, mix=replace(cut.mix, programme_gain=None))

    def read(clip: Any, skipped: int) -> Any:
        return samples(clip.source, RATE, 2, clip.time, clip.source_end(RATE))

    mixed = np.concatenate(list(mix(cut, read, duration=F(5))), axis=1)
    sound = sound_of(cut.source("score").path)
    assert np.all(mixed[:, :24_000] == 0)
    assert np.allclose(mixed[:, 24_000:119_000], sound[:, :95_000], atol=1e-6)
    assert np.all(mixed[:, 120_000:] == 0)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"key": "H"}, "'H' is not a key; write it like `C minor`"),
        ({"tempo": 20}, "greater than or equal to 40"),
        ({"mood": "sad"}, "'calm', 'bright', 'tense' or 'epic'"),
        ({"loudness": -3}, "less than or equal to -12"),
        ({"snap": "all"}, "'none' or 'cuts'"),
    ],
)
def test_parameters_that_cannot_be(params: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Score(**params)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"start": "9.5s"}, "0.500 s of music from 9.5 s do not fit a cut that lasts 10.000 s"),
        ({"seconds": 11}, "11.000 s of music from 0 s do not fit a cut that lasts 10.000 s"),
        ({"start": "20s"}, "change `start` or `seconds`"),
        ({"fade_in": "11s"}, "it comes in over 11 s, but lasts 10.000 s"),
    ],
)
def test_music_that_does_not_fit_the_cut(
    params: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(StageError, match=words):
        Score(**params).apply(plain(10), context(tmp_path))


# ------------------------------------------------------------------------------ cuts on the beat


def ends(cut: Cut) -> list[F]:
    return [place.end for _, place in cut.programme.placed()]


def three(*lengths: F | int) -> Cut:
    """Takes out of the midst of a source, ten seconds apart."""
    return cut_of(
        *(Segment("a", Range(F(10 * i), 10 * i + F(n))) for i, n in enumerate(lengths, 1))
    )


def test_joins_go_to_the_nearest_beat_and_the_length_stays(tmp_path: Path) -> None:
    cut = three(F(41, 20), F(27, 10), F(3), F(9, 4))
    snapped, _ = Score(tempo=72, snap="cuts").preview(cut, context(tmp_path))
    beat = F(5, 6)
    # 2.05, 4.75 and 7.75 s are nearest to the beats 2 (1.67), 6 (5.00) and 9 (7.50).
    assert ends(snapped) == [2 * beat, 6 * beat, 9 * beat, F(10)]
    assert all(isinstance(t, F) for t in ends(snapped))
    assert [s.range.start for s in snapped.segments] == [10, 20, 30, 40]
    assert "score: 3 of 3 joins lie on a beat" in snapped.notes
    assert snapped.source("score").duration == 10


def test_no_join_moves_by_more_than_half_a_beat() -> None:
    lengths = [F(k * 7 % 31 + 9, 13) for k in range(40)]
    cut = cut_of(*(Segment("a", Range(F(2 * i), 2 * i + n)) for i, n in enumerate(lengths, 1)))
    snapped, on_beat, joins = on_the_beat(cut, Grid(F(0), F(7, 12), cut.duration))
    moves = [abs(a - b) for a, b in zip(ends(snapped), ends(cut), strict=True)]
    assert max(moves) * 2 <= F(7, 12)
    assert moves[-1] == 0
    assert joins == 39
    assert on_beat == sum(t % F(7, 12) == 0 for t in ends(snapped)[:-1])
    assert on_beat >= 38


def test_a_source_that_ends_is_shown_from_earlier_on() -> None:
    cut = cut_of(
        Segment("a", Range(F(98), F(100))), Segment("a", Range(F(0), F(2)))
    )  # fmt: skip
    snapped, on_beat, _ = on_the_beat(cut, Grid(F(0), F(9, 4), F(9)))
    assert on_beat == 1
    assert [s.range for s in snapped.segments] == [
        Range(F(391, 4), F(100)),
        Range(F(0), F(7, 4)),
    ]


def test_a_join_stays_where_there_is_nothing_more_to_show() -> None:
    cut = Cut(
        (footage(2),),
        (Track("programme", (Segment("a", Range(F(0), F(2))), Segment("a", Range(F(0), F(1))))),),
    )
    snapped, on_beat, joins = on_the_beat(cut, Grid(F(0), F(9, 4), F(9)))
    assert (snapped, on_beat, joins) == (cut, 0, 1)


def test_nothing_of_another_shot_is_shown() -> None:
    shots = (Shot(Range(F(0), F(12)), 0, 12), Shot(Range(F(12), F(100)), 12, 100))
    known = Annotation("shots", "a", Shots(shots))
    cut = cut_of(Segment("a", Range(F(10), F(12))), Segment("a", Range(F(12), F(15))))
    snapped, on_beat, _ = on_the_beat(cut.with_annotation(known), Grid(F(0), F(9, 4), F(9)))
    assert on_beat == 1
    assert [s.range for s in snapped.segments] == [
        Range(F(39, 4), F(12)),
        Range(F(12), F(59, 4)),
    ]


def test_a_take_that_goes_on_loses_and_repeats_nothing() -> None:
    edges = [F(0), F(13, 10), F(26, 10), F(39, 10), F(5)]
    cut = cut_of(*(Segment("a", Range(a, b)) for a, b in pairwise(edges)))
    grid = Grid(F(0), F(3, 5), F(5))
    snapped, on_beat, _ = on_the_beat(cut, grid)
    beats = [F(0), F(6, 5), F(12, 5), F(21, 5), F(5)]
    assert [s.range for s in snapped.segments] == [Range(a, b) for a, b in pairwise(beats)]
    assert on_beat == 3
    shots = Shots(tuple(Shot(Range(a, b), 0, 1) for a, b in pairwise(edges)))
    known = cut.with_annotation(Annotation("shots", "a", shots))
    first, second, *_ = on_the_beat(known, grid)[0].segments
    assert (first.range, second.range.start) == (Range(F(0), F(6, 5)), F(13, 10))


def test_speed_transitions_gaps_and_ramps() -> None:
    slow = Segment("a", Range(F(10), F(11)), speed=F(1, 2))
    faded = Segment("a", Range(F(20), F(23)), transition=Transition("dissolve", F(1, 2)))
    steps = ((F(0), F(30)), (F(1), F(31)), (F(3), F(32)))
    ramp = Segment("a", Range(F(30), F(32)), warp=Warp(steps), between=Between())
    gap = Segment(None, Range(F(0), F(1)))
    cut = cut_of(slow, faded, ramp, gap, Segment("a", Range(F(50), F(53))))
    snapped, on_beat, joins = on_the_beat(cut, Grid(F(0), F(4, 5), cut.duration))
    placed = [place for _, place in snapped.programme.placed()]
    middle = placed[1].start + F(1, 4)
    ends = [middle, placed[1].end, placed[2].end, placed[3].end]
    assert [t / F(4, 5) for t in ends] == [2, 6, 9, 11]
    assert (on_beat, joins) == (4, 4)
    assert placed[-1].end == cut.duration
    assert snapped.segments[2].warp is not None
    assert [piece.slope for piece in snapped.segments[2].warp.pieces] == [1, F(1, 2)]
    assert snapped.segments[2].range.start == 30
    assert snapped.segments[0].speed == F(1, 2)


def test_beats_outside_the_music_move_nothing() -> None:
    grid = Grid(F(5), F(1), F(8))
    assert grid.nearest(F(47, 10)) == 5
    assert grid.nearest(F(4)) is None
    assert grid.nearest(F(17, 2)) is None
    assert grid.nearest(F(13, 2)) == 7


def test_the_moods_have_their_own_key_and_tempo() -> None:
    assert {m: (x.key, x.tempo) for m, x in MANNERS.items()} == {
        "calm": ("C major", 72),
        "bright": ("G major", 112),
        "tense": ("D minor", 96),
        "epic": ("A minor", 84),
    }
    assert isinstance(compose("calm", parse_key("C"), F(4), 0)[0], Note)
    assert nearest(Piece("calm", "C", F(72), F(10)).beat * RATE) == 40_000
