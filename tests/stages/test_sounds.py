"""Music and effects at their times, J and L cuts, and tracks and channels: to the sample."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

import smartcut as sc
from smartcut.cut import Anchor, Cut, Segment, Track
from smartcut.errors import PipelineError, StageError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.otio import to_otio
from smartcut.interchange.otio_reading import from_otio
from smartcut.media.audio import samples
from smartcut.media.probe import probe
from smartcut.render.sound.clips import programme_clips
from smartcut.render.sound.joins import leads
from smartcut.source import AudioStream, Source
from smartcut.timebase import Range

RATE = 48_000


def write_sound(path: Path, *said: str, seconds: float = 4, video: bool = True) -> Path:
    """What FFmpeg's aevalsrc makes of expressions, one for each channel."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    if video:
        command += ["-f", "lavfi", "-i", f"testsrc2=s=160x90:r=25:d={seconds}"]
    command += ["-f", "lavfi", "-i", f"aevalsrc={'|'.join(said)}:s={RATE}:d={seconds}"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25"]
    subprocess.run([*command, "-c:a", "pcm_s16le", str(path)], check=True)
    return path


def heard(path: Path) -> np.ndarray:
    source = probe(path)
    assert source.audio is not None
    blocks = samples(source, RATE, source.audio.layout, F(0), source.duration)
    return np.concatenate([*blocks], axis=1)


def rendered(pipeline: Any, tmp_path: Path) -> np.ndarray:
    pipeline.render(tmp_path / "out.mkv")
    return heard(tmp_path / "out.mkv")


def tone(values: np.ndarray, hertz: int, start: float, end: float, channel: int = 0) -> float:
    """How loud a tone is: 1 as it was written (0.2 of full scale)."""
    part = values[channel, round(start * RATE) : round(end * RATE)]
    time = np.arange(len(part)) / RATE
    return float(abs(2 * np.mean(part * np.exp(-2j * np.pi * hertz * time))) / 0.2)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A silent film, a click in a file of two seconds, and two tones."""
    folder = tmp_path_factory.mktemp("media")
    write_sound(folder / "film.mkv", "0")
    click = f"0.5*eq(n\\,{RATE // 2})"
    write_sound(folder / "click.wav", click, seconds=2, video=False)
    for hertz in (400, 900):
        said = f"0.2*sin(2*PI*{hertz}*t)"
        write_sound(folder / f"{hertz}.mkv", said)
        write_sound(folder / f"{hertz}.wav", said, video=False)
    return folder


def test_pieces_are_heard_at_their_times_to_the_sample(media: Path, tmp_path: Path) -> None:
    pieces = [
        {"file": media / "click.wav", "at": "0.25s"},
        {"file": media / "click.wav", "at": "1.337s", "start": "0.4s", "gain": -6},
    ]
    made = rendered(sc.open(media / "film.mkv") | sc.sounds(pieces=pieces), tmp_path)
    loud = np.flatnonzero(np.abs(made[0]) > 0.01)
    assert loud.tolist() == [round(0.75 * RATE), round(1.437 * RATE)]
    assert made[0, loud] == pytest.approx([0.5, 0.5 * 10 ** (-6 / 20)], abs=2e-4)


def test_several_pieces_fade_and_end_with_the_film(media: Path, tmp_path: Path) -> None:
    pieces = [
        {"file": media / "400.wav", "at": 0, "duration": 2, "fade": ["0s", "1s"]},
        {"file": media / "900.wav", "at": "1.5s", "gain": -3, "fade": "500ms"},
    ]
    pipeline = sc.open(media / "film.mkv") | sc.sounds(pieces=pieces)
    made = rendered(pipeline, tmp_path)
    assert made.shape[1] == 4 * RATE
    assert tone(made, 400, 0.2, 0.9) == pytest.approx(1, abs=0.01)
    assert tone(made, 400, 1.49, 1.51) == pytest.approx(0.5, abs=0.02)
    assert tone(made, 400, 2.1, 3) < 0.001
    assert tone(made, 900, 2.1, 3.4) == pytest.approx(10 ** (-3 / 20), abs=0.01)
    # it is as long as what is left of the film, and so goes with it
    assert tone(made, 900, 3.74, 3.76) == pytest.approx(0.5 * 10 ** (-3 / 20), abs=0.02)
    assert np.abs(made[0, -40:]).max() < 0.001
    quieter = rendered(pipeline | sc.gain(track="sound", on=1, db=-12), tmp_path)
    assert tone(quieter, 400, 0.2, 0.9) == pytest.approx(1, abs=0.01)
    assert tone(quieter, 900, 2.1, 3.4) == pytest.approx(10 ** (-15 / 20), abs=0.01)


def test_what_is_connected_goes_along_with_what_is_shown(media: Path, tmp_path: Path) -> None:
    piece = {"file": media / "click.wav", "of": "film", "at": "2.5s", "start": "0.5s"}
    pipeline = sc.open(media / "film.mkv") | sc.sounds(pieces=[{**piece, "duration": "0.2s"}])
    cut = pipeline.cut()
    assert cut.sounds[0].segments[0].at == Anchor("film", F(5, 2))
    assert cut_from_json(cut_to_json(cut)) == cut
    made = rendered(pipeline | sc.trim(ranges=["2s-4s", "0s-1s"]), tmp_path)
    assert np.flatnonzero(np.abs(made[0]) > 0.01).tolist() == [RATE // 2]
    made = rendered(pipeline | sc.trim(start=0, end=2), tmp_path)
    assert not made.any()


def test_music_ducks_under_speech_alone_where_asked(media: Path) -> None:
    cut = (sc.open(media / "film.mkv") | sc.sounds(
        pieces=[{"file": media / "400.wav", "duck": {"depth": 9}}, {"file": media / "900.wav"}]
    )).cut()  # fmt: skip
    assert [t.ducking.depth if t.ducking else None for t in cut.sounds] == [9, None]


def test_mistakes_in_pieces_are_said(media: Path) -> None:
    film = sc.open(media / "film.mkv")
    with pytest.raises(StageError, match=r"begins at 9 s, but the cut lasts 4\.000 s"):
        (film | sc.sounds(pieces=[{"file": media / "400.wav", "at": 9}])).cut()
    with pytest.raises(StageError, match="no source 'fim'"):
        (film | sc.sounds(pieces=[{"file": media / "400.wav", "of": "fim"}])).cut()
    with pytest.raises(StageError, match=r"`start` is 5 s, but .* lasts 4\.000 s"):
        (film | sc.sounds(pieces=[{"file": media / "400.wav", "start": 5}])).cut()
    with pytest.raises(PipelineError, match="did you mean 'gain'"):
        sc.Pipeline.from_text(f"stages:\n- sounds: [{{file: {media / '400.wav'}, gian: 2}}]\n")
    text = f"stages:\n- sounds:\n  - {{file: {media / '400.wav'}, at: 1s}}\n"
    sounds: Any = sc.Pipeline.from_text(text).steps[0].stage
    assert [piece.at for piece in sounds.pieces] == [1]


# ------------------------------------------------------------------------------- J and L cuts


def two(media: Path) -> Any:
    """One tone, then another, each of the middle two seconds of its file."""
    pipeline = sc.open(media / "400.mkv", media / "900.mkv")
    return pipeline | sc.trim(ranges=["1s-3s"])


def change(made: np.ndarray) -> float:
    """When one tone gives way to the other: where both are as loud."""
    step = RATE // 100
    levels = [
        [tone(made, h, at / RATE, (at + step) / RATE) for h in (400, 900)]
        for at in range(0, made.shape[1] - step, 48)
    ]
    first, second = np.array(levels).T
    return float((np.argmax(second > first) * 48 + step / 2) / RATE)


@pytest.mark.parametrize(("given", "at"), [
    ({}, 2.0), ({"lead": "0.5s"}, 1.5), ({"lag": "0.75s"}, 2.75), ({"lead": "0.5s", "at": 1}, 1.5),
])  # fmt: skip
def test_sound_changes_before_the_picture_or_after_it(
    given: dict[str, Any], at: float, media: Path, tmp_path: Path
) -> None:
    pipeline = two(media) | sc.split_edit(**given) if given else two(media)
    made = rendered(pipeline, tmp_path)
    assert made.shape[1] == 4 * RATE
    assert change(made) == pytest.approx(at, abs=0.0015)
    assert np.abs(np.diff(made[0])).max() < 0.03  # it does not click


def test_pictures_stay_and_are_copied(media: Path, tmp_path: Path) -> None:
    before = two(media).plan(output=tmp_path / "o.mkv").steps
    after = (two(media) | sc.split_edit(lead="0.3s")).plan(output=tmp_path / "o.mkv").steps
    pictures = [[s for s in steps if "sound" not in s.subject] for steps in (before, after)]
    assert [(s.subject, s.state) for s in pictures[0]] == [
        (s.subject, s.state) for s in pictures[1] if s.stage != "split_edit"
    ]


def cut_of(*segments: Segment) -> Cut:
    def source(id: str) -> Source:
        audio = AudioStream(0, "pcm", F(1, RATE), RATE, 2, "stereo", F(0), F(10))
        return Source(id, Path(id), id, "wav", F(0), F(10), None, audio)

    ids = sorted({s.source for s in segments if s.source})
    return Cut(tuple(source(id) for id in ids), (Track("programme", segments),))


def test_sound_moves_no_farther_than_there_is() -> None:
    a, b = Segment("a", Range(F(2), F(6))), Segment("b", Range(F(1, 4), F(4)))
    assert leads(cut_of(a, replace(b, lead=F(1)))) == (0, F(1, 4))  # b begins 0.25 s in
    assert leads(cut_of(replace(a, range=Range(F(7), F(9))), replace(b, lead=F(-3)))) == (0, -1)
    short = replace(b, range=Range(F(2), F(3)))
    assert leads(cut_of(a, replace(short, lead=F(-3)))) == (0, F(-1, 2))  # its middle
    assert leads(cut_of(replace(a, lead=F(1)), b)) == (0, 0)  # nothing comes before it
    fast = replace(b, speed=F(2), lead=F(1))
    assert leads(cut_of(a, fast)) == (0, F(1, 8))
    whole, other = programme_clips(cut_of(a, replace(short, lead=F(1, 3))), RATE)
    assert (whole.end + other.start) / 2 == pytest.approx((4 - 1 / 3) * RATE, abs=1)
    assert other.end - other.start == pytest.approx((1 + 1 / 3) * RATE + 240, abs=1)


def test_less_than_asked_is_noted_and_both_is_refused(media: Path) -> None:
    cut = (two(media) | sc.split_edit(lead="5s")).cut()
    assert any("sound moves by less at some joins (1: 1.000 s)" in note for note in cut.notes)
    with pytest.raises(PipelineError, match="give `lead`"):
        sc.split_edit(lead=1, lag=1)
    with pytest.raises(StageError, match="there is no join 4"):
        (two(media) | sc.split_edit(lead=1, at=4)).cut()


def test_json_and_otio_keep_it_and_a_later_in_point_ends_it(media: Path) -> None:
    cut = (two(media) | sc.split_edit(lead="0.5s")).cut()
    assert cut_from_json(cut_to_json(cut)) == cut
    assert [s.lead for s in from_otio(to_otio(cut)).segments] == [0, F(1, 2)]
    segment = cut.segments[1]
    assert segment.part(F(0), F(1)).lead == F(1, 2)
    assert segment.part(F(1, 2), F(1)).lead == 0


# ------------------------------------------------------------------------ tracks and channels


SURROUND = (300, 400, 500, 60, 700, 800)  # L R C LFE Ls Rs


@pytest.fixture(scope="module")
def surround(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("surround") / "surround.mkv"
    said = "|".join(f"0.2*sin(2*PI*{h}*t)" for h in SURROUND)
    return write_sound(path, f"{said}:c=5.1")


def test_surround_is_kept_with_its_channels_through_joins_and_effects(
    surround: Path, tmp_path: Path
) -> None:
    pipeline = sc.open(surround) | sc.trim(ranges=["0s-1s", "2s-4s"]) | sc.gain(db=-6)
    made = rendered(pipeline, tmp_path)
    assert len(made) == 6
    for channel, hertz in enumerate(SURROUND):
        assert tone(made, hertz, 1.2, 2.8, channel) == pytest.approx(10 ** (-6 / 20), abs=0.01)


def test_surround_is_mixed_down_where_that_is_asked_for(surround: Path, tmp_path: Path) -> None:
    made = rendered(sc.open(surround) | sc.audio(channels=2), tmp_path)
    assert len(made) == 2
    left = [tone(made, hertz, 1, 2, 0) for hertz in SURROUND]
    # ITU-R BS.775: centre and surround 3 dB lower than left, the rest not at all; all in one scale
    assert left[2] / left[0] == pytest.approx(0.7071, abs=0.01)
    assert left[4] / left[0] == pytest.approx(0.7071, abs=0.01)
    assert max(left[1], left[3], left[5]) < 0.01


@pytest.mark.parametrize(("tracks", "expected"), [
    ("all", [[400], [900], [1500]]), ("mix", [[400, 900, 1500]]), ((1, 2), [[900], [1500]]),
    ("main", [[400]]),
])  # fmt: skip
def test_tracks_are_chosen_and_mixed(
    tracks: Any, expected: list[list[int]], media: Path, tmp_path: Path
) -> None:
    path = tmp_path / "three.mkv"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(media / "400.mkv")]
    command += ["-i", str(media / "900.mkv"), "-f", "lavfi"]
    command += ["-i", "aevalsrc=0.2*sin(2*PI*1500*t):d=4:s=48000", "-map", "0:v", "-map", "0:a"]
    command += ["-map", "1:a", "-map", "2:a", "-c:v", "copy", "-c:a", "pcm_s16le", str(path)]
    subprocess.run(command, check=True)
    (sc.open(path) | sc.audio(tracks=tracks)).render(tmp_path / "out.mkv")
    source = probe(tmp_path / "out.mkv")
    assert len(source.sounds) == len(expected)
    for stream, tones in zip(source.sounds, expected, strict=True):
        blocks = samples(replace(source, audio=stream), RATE, stream.layout, F(0), F(4))
        made = np.concatenate([*blocks], axis=1)
        for hertz in (400, 900, 1500):
            assert tone(made, hertz, 1, 3) == pytest.approx(float(hertz in tones), abs=0.01)
