from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smartcut.cut import Captions, Cut, Mix, Segment, Track, Transition
from smartcut.errors import SourceError, StageError
from smartcut.interchange.moviepy import EffectAdapter, effect_names, from_clip, to_clip
from smartcut.interchange.moviepy_effects import as_effect
from smartcut.source import AudioStream, Source, VideoStream
from smartcut.timebase import Range

SIZE = (64, 48)
RATE = Fraction(25)
LENGTH = Fraction(4)


def numbered(time: Fraction) -> np.ndarray:
    """A picture whose red is twice the frame's number; its left half is 10 greener."""
    picture = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    picture[..., 0] = 2 * int(time * RATE)
    picture[:, : SIZE[0] // 2, 1] = 10
    return picture


def adapter(name: str, duration: Fraction = Fraction(2), **params: Any) -> EffectAdapter:
    return EffectAdapter(name, tuple(params.items()), numbered, duration, SIZE, RATE)


def reds(made: EffectAdapter, *frames: int) -> list[int]:
    """Red in the middle of the right half, at those frames."""
    return [int(made.frame(n / RATE)[24, 48, 0]) for n in frames]


# --------------------------------------------------------------------------------- the effects


def test_mirror_swaps_left_and_right() -> None:
    before, after = numbered(Fraction(1)), adapter("MirrorX").frame(Fraction(1))
    assert np.array_equal(after, before[:, ::-1])


def test_every_frame_is_the_one_asked_for() -> None:
    made = EffectAdapter("MirrorY", (), numbered, LENGTH, SIZE, Fraction(30000, 1001))
    times = [n * Fraction(1, 25) for n in range(100)]
    assert [int(made.frame(t)[0, 0, 0]) for t in times] == [2 * n for n in range(100)]


def test_fade_in_is_linear_and_rounded() -> None:
    made = (
        adapter("FadeIn", duration=1.0)
        if False
        else EffectAdapter("FadeIn", (("duration", 1.0),), numbered, Fraction(2), SIZE, RATE)
    )
    assert reds(made, 0, 5, 10, 25, 40) == [0, 2, 8, 50, 80]
    assert made.frame(Fraction(0)).dtype == np.uint8


def test_speed_changes_the_duration() -> None:
    made = adapter("MultiplySpeed", factor=2)
    assert made.duration == 1
    assert reds(made, 0, 1, 12, 24) == [0, 4, 48, 96]
    assert adapter("MultiplySpeed", factor=1.5).duration == Fraction(4, 3)


def test_mirrored_time_runs_from_the_last_frame_to_the_first() -> None:
    made = adapter("TimeMirror")
    assert made.duration == 2
    assert reds(made, 0, 1, 25, 49) == [98, 96, 48, 0]


def test_after_the_end_the_last_frame_stays() -> None:
    assert reds(adapter("MirrorY"), 49, 50, 200) == [98, 98, 98]


def test_pictures_outside_the_segment_are_never_asked_for() -> None:
    asked: list[Fraction] = []

    def frame_at(time: Fraction) -> np.ndarray:
        asked.append(time)
        return numbered(time)

    for name, params in (("TimeSymmetrize", ()), ("SuperSample", (("d", 0.2), ("n_frames", 5)))):
        made = EffectAdapter(name, params, frame_at, Fraction(2), SIZE, RATE)
        for n in (0, 25, 49, 50, 99):
            made.frame(n / RATE)
    assert 0 <= min(asked) <= max(asked) < 2


def test_masks_are_composed_over_black() -> None:
    made = EffectAdapter("CrossFadeIn", (("duration", 1.0),), numbered, Fraction(2), SIZE, RATE)
    assert reds(made, 0, 5, 10, 25) == [0, 2, 8, 50]


def test_a_clip_that_moves_is_placed_on_black() -> None:
    made = EffectAdapter(
        "SlideIn",
        (("duration", 1.0), ("side", "left")),
        numbered,
        Fraction(2),
        SIZE,
        RATE,
    )
    half = made.frame(Fraction(1, 2))
    assert half[24, 16, 0] == 24
    assert half[24, 48, 0] == 0
    assert np.array_equal(made.frame(Fraction(1)), numbered(Fraction(1)))


@pytest.mark.parametrize(
    ("name", "params", "black", "lit"),
    [
        ("Rotate", {"angle": 90}, (24, 4), (24, 32)),
        ("Margin", {"left": 64, "right": 64}, (24, 4), (24, 32)),
        ("Crop", {"x1": 32, "width": 12}, (24, 4), (24, 32)),
    ],
)
def test_other_sizes_are_fitted(
    name: str, params: dict[str, Any], black: tuple[int, int], lit: tuple[int, int]
) -> None:
    shown = adapter(name, **params).frame(Fraction(1))
    assert shown.shape == (48, 64, 3)
    assert shown[black].max() <= 2
    assert shown[lit][0] == pytest.approx(50, abs=2)


def test_resize_gives_the_same_size_back() -> None:
    shown = adapter("Resize", width=32).frame(Fraction(1))
    assert shown.shape == (48, 64, 3)
    assert shown[24, 48, 0] == 50


def test_numbers_stand_for_functions_of_time() -> None:
    made = adapter("HeadBlur", fx=32, fy=24, radius=8)
    assert 0 < made.frame(Fraction(1))[24, 33, 1] < 10
    assert made.frame(Fraction(1))[24, 60, 1] == 0


def test_every_effect_of_moviepy_works_or_says_why() -> None:
    params: dict[str, dict[str, Any]] = {
        "Blink": {"duration_on": 0.2, "duration_off": 0.2},
        "Crop": {"x1": 10, "width": 20},
        "Freeze": {"freeze_duration": 1},
        "FreezeRegion": {"region": (0, 0, 10, 10)},
        "GammaCorrection": {"gamma": 2},
        "HeadBlur": {"fx": 20, "fy": 20, "radius": 8},
        "Loop": {"n": 2},
        "MakeLoopable": {"overlap_duration": 0.5},
        "MultiplyColor": {"factor": 0.5},
        "MultiplySpeed": {"final_duration": 1},
        "Resize": {"height": 24},
        "Rotate": {"angle": 45},
        "Scroll": {"w": 32, "h": 48, "x_speed": 10},
        "SlideIn": {"duration": 1, "side": "top"},
        "SlideOut": {"duration": 1, "side": "top"},
        "SuperSample": {"d": 0.1, "n_frames": 3},
    }
    for name in ("CrossFadeIn", "CrossFadeOut", "FadeIn", "FadeOut"):
        params[name] = {"duration": 1}
    assert len(effect_names()) >= 30
    for name in effect_names():
        given = name, tuple(params.get(name, {}).items())
        if name in ("MasksAnd", "MasksOr"):
            with pytest.raises(StageError, match="wants a clip as 'other_clip'"):
                EffectAdapter(*given, numbered, Fraction(2), SIZE, RATE)
            continue
        made = EffectAdapter(*given, numbered, Fraction(2), SIZE, RATE)
        for time in (Fraction(0), Fraction(1), made.duration):
            shown = made.frame(time)
            assert (shown.shape, shown.dtype) == ((48, 64, 3), np.uint8), name


@pytest.mark.parametrize(
    ("use", "params", "message"),
    [
        ("BlackAndWite", (), "did you mean moviepy.BlackAndWhite"),
        ("blackandwhite", (), "did you mean moviepy.BlackAndWhite"),
        ("sepia", (), "unknown effect 'moviepy.sepia'; .*effects: moviepy.AccelDecel, "),
        ("AudioLoop", (), "moviepy.AudioLoop is a sound effect"),
        ("Resize", (("widht", 3),),
         "no parameter 'widht'; did you mean 'width'.* accepted: new_size, height, width"),
        ("InvertColors", (("x", 1),), "no parameter 'x'; accepted: none"),
        ("FadeIn", (), "needs duration; accepted: duration, initial_color"),
        ("FreezeRegion", (("mask", 1),), "wants a clip as 'mask'"),
        ("Loop", (), "never ends; give it a number of times"),
        ("Freeze", (), "cannot be applied: ValueError: You must provide either"),
    ],
)  # fmt: skip
def test_wrong_effects_are_refused(use: str, params: Any, message: str) -> None:
    with pytest.raises(StageError, match=message):
        EffectAdapter(use, params, numbered, Fraction(2), SIZE, RATE)


def test_a_failing_frame_names_the_effect_and_the_time() -> None:
    def frame_at(time: Fraction) -> np.ndarray:
        return numbered(time)[:, :, : 3 if time < 1 else 2]

    made = EffectAdapter("FadeIn", (("duration", 2.0),), frame_at, Fraction(2), SIZE, RATE)
    with pytest.raises(StageError, match=r"moviepy\.FadeIn failed at 1\.5 s: ValueError"):
        made.frame(Fraction(3, 2))


def test_an_unreadable_picture_is_not_blamed_on_the_effect() -> None:
    def frame_at(time: Fraction) -> np.ndarray:
        if time < 1:
            return numbered(time)
        raise SourceError("a.mp4 is damaged at 1 s")

    made = EffectAdapter("MirrorX", (), frame_at, Fraction(2), SIZE, RATE)
    with pytest.raises(SourceError, match="damaged"):
        made.frame(Fraction(1))


# ------------------------------------------------------------------------------ files and clips


def _tone(time: Any) -> np.ndarray:
    """440 Hz at half of full scale, in two channels."""
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.asarray(time))
    return np.stack([wave, wave], axis=-1)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two films of 4 s at 25 a second whose red tells the frame, one with a tone."""
    from moviepy import AudioClip, VideoClip

    folder = tmp_path_factory.mktemp("films")
    result = {}
    for name, green in (("one", 0), ("two", 160)):
        path = folder / f"{name}.mp4"

        def picture(t: float, green: int = green) -> np.ndarray:
            made = np.zeros((48, 64, 3), np.uint8)
            made[..., 0] = 2 * int(t * 25 + 0.5)
            made[..., 1] = green
            return made

        film = VideoClip(picture, duration=4)
        if name == "one":
            film = film.with_audio(AudioClip(_tone, duration=4, fps=44100))
        film.write_videofile(
            str(path), fps=25, logger=None, preset="ultrafast", ffmpeg_params=["-qp", "4"]
        )
        result[name] = path
    return result


def source(path: Path) -> Source:
    """What the films are; built by hand, for no file is read here."""
    video = VideoStream(
        0, "h264", Fraction(1, 12800), 64, 48, "yuv420p", RATE, False, Fraction(0), LENGTH, 100
    )
    sound = AudioStream(1, "mp3", Fraction(1, 44100), 44100, 2, "stereo", Fraction(0), LENGTH)
    audio = sound if path.stem == "one" else None
    return Source(path.stem, path, "0" * 64, "mp4", Fraction(0), LENGTH, video, audio)


def segment(name: str | None, start: object, end: object, **more: Any) -> Segment:
    return Segment(name, Range(Fraction(start), Fraction(end)), **more)  # type: ignore[arg-type]


def cut_of(files: dict[str, Path], *segments: Segment, **more: Any) -> Cut:
    return Cut(tuple(map(source, files.values())), (Track("programme", segments),), **more)


@pytest.fixture
def opened() -> Iterator[Callable[[Any], Any]]:
    """Closes the clips handed to it."""
    clips: list[Any] = []

    def keep(clip: Any) -> Any:
        clips.append(clip)
        return clip

    yield keep
    for clip in clips:
        clip.close()


def shown(clip: Any, time: float) -> tuple[int, bool]:
    """(number of the frame, whether it is the second film's), to the nearest."""
    red, green, _ = clip.get_frame(time)[24, 32]
    return round(red / 2), bool(green > 80)


SPECIMEN = (
    segment("one", 1, 2),
    segment("two", "0.4", "1.2", speed=Fraction(2)),
    segment(None, 0, "0.4"),
    segment("two", 2, 3, transition=Transition("dissolve", Fraction(1, 5))),
    segment("one", 0, 1, effects=(as_effect("MirrorX"),)),
)


def test_a_cut_shows_the_same_as_a_clip(files, opened) -> None:
    cut = cut_of(files, *SPECIMEN)
    clip = opened(to_clip(cut))
    assert clip.size == (64, 48)
    assert clip.fps == 25
    assert clip.duration == pytest.approx(float(cut.duration)) == pytest.approx(3.6)
    for time, number, second in ((0.02, 25, 0), (0.9, 47, 0), (1.1, 15, 1), (2.3, 65, 1)):
        found, is_second = shown(clip, time)
        assert abs(found - number) <= 1
        assert is_second == bool(second)
    assert clip.get_frame(1.5).max() <= 2


def test_a_cut_has_the_sound_of_its_segments(files, opened) -> None:
    clip = opened(to_clip(cut_of(files, segment("two", 0, 1), segment("one", 1, 2))))

    def loudness(first: float) -> float:
        times = first + np.arange(2000) / 44100
        return float(np.abs(clip.audio.get_frame(times)).max())

    assert loudness(0.3) < 1e-3
    assert loudness(1.5) == pytest.approx(0.5, abs=0.05)
    quiet = cut_of(files, segment("one", 1, 2), mix=Mix(programme_gain=-20.0))
    clip = opened(to_clip(quiet))
    assert loudness(0.5) == pytest.approx(0.05, abs=0.01)
    silent = cut_of(files, segment("one", 1, 2), mix=Mix(programme_gain=None))
    assert opened(to_clip(silent)).audio is None


def test_music_plays_under_the_programme(files, opened) -> None:
    music = Track("music", (segment("one", 0, 3),), gain=-6.0, fade_in=Fraction(1))
    cut = cut_of(files, segment("two", 0, 2))
    clip = opened(to_clip(Cut(cut.sources, (*cut.tracks, music))))
    times = np.arange(1000) / 44100
    assert clip.audio.duration == pytest.approx(2)
    assert np.abs(clip.audio.get_frame(1.5 + times)).max() == pytest.approx(0.25, abs=0.03)
    assert np.abs(clip.audio.get_frame(0.5 + times)).max() < 0.16


def test_a_fade_goes_through_black(files, opened) -> None:
    fade = Transition("fade", Fraction(4, 5))
    clip = opened(
        to_clip(cut_of(files, segment("one", 2, 4), segment("two", 0, 2, transition=fade)))
    )
    assert clip.duration == pytest.approx(3.2)
    assert clip.get_frame(1.595).max() < 8
    assert shown(clip, 1.0) == (75, False)
    assert clip.get_frame(1.8)[24, 32, 1] == pytest.approx(80, abs=12)
    assert shown(clip, 2.5)[1]


def test_what_a_clip_cannot_say_is_told(files, opened) -> None:
    cut = cut_of(files, segment("two", 0, 1), mix=Mix(loudness=-16.0), captions=Captions(burn=True))
    with pytest.warns(UserWarning, match="without loudness normalisation, captions"):
        opened(to_clip(cut))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opened(to_clip(cut_of(files, segment("two", 0, 1))))


def test_clips_are_refused_where_they_cannot_be_made(files, tmp_path) -> None:
    cut = cut_of(files, segment("one", 0, 1))
    with pytest.raises(StageError, match="the cut is empty"):
        to_clip(Cut())
    with pytest.raises(StageError, match="no source three; its sources: one, two"):
        to_clip(cut, {"three": tmp_path})
    with pytest.raises(StageError, match=r"gone\.mp4 of source 'one' is not there"):
        to_clip(cut, {"one": tmp_path / "gone.mp4"})


def test_a_cut_survives_moviepy(files, opened) -> None:
    cut = cut_of(files, *SPECIMEN)
    again = from_clip(opened(to_clip(cut)), source)
    assert again.segments == cut.segments
    assert {s.id for s in again.sources} == {"one", "two"}
    assert again.notes == ()


# ------------------------------------------------------------------------------ clips into cuts


def film(files: dict[str, Path], opened: Any, name: str = "one") -> Any:
    from moviepy import VideoFileClip

    return opened(VideoFileClip(str(files[name])))


def test_subclips_of_subclips(files, opened) -> None:
    clip = film(files, opened).subclipped(0.5, 3.5).subclipped(1, 2)
    assert from_clip(clip, source).segments == (segment("one", "1.5", "2.5"),)


def test_speed_and_slices(files, opened) -> None:
    clip = film(files, opened)
    fast = segment("one", 1, 3, speed=Fraction(2))
    assert from_clip(clip.subclipped(1, 3).with_speed_scaled(2), source).segments == (fast,)
    assert from_clip(clip[1:3:2], source).segments == (fast,)
    assert from_clip(clip.with_speed_scaled(2).subclipped(0.5, 1.5), source).segments == (fast,)


def test_both_ways_of_concatenation(files, opened) -> None:
    from moviepy import concatenate_videoclips

    one, two = film(files, opened), film(files, opened, "two")
    parts = [one.subclipped(0, 1), two.subclipped(1, 3), one.subclipped(3, 4)]
    wanted = (segment("one", 0, 1), segment("two", 1, 3), segment("one", 3, 4))
    for method in ("chain", "compose"):
        joined = concatenate_videoclips(parts, method=method)
        assert from_clip(joined, source).segments == wanted
        cut = from_clip(joined.subclipped(0.5, 3.5), source)
        assert cut.segments == (
            segment("one", "0.5", 1),
            segment("two", 1, 3),
            segment("one", 3, "3.5"),
        )


def test_effects_on_a_subclip(files, opened) -> None:
    from moviepy import vfx

    clip = film(files, opened).subclipped(1, 3)
    clip = clip.with_effects([vfx.FadeIn(0.5), vfx.MirrorX(), vfx.MultiplyColor(0.5)])
    assert from_clip(clip, source).segments == (
        segment(
            "one",
            1,
            3,
            effects=(
                as_effect("FadeIn", (("duration", 0.5), ("initial_color", (0, 0, 0)))),
                as_effect("MirrorX"),
                as_effect("MultiplyColor", (("factor", 0.5),)),
            ),
        ),
    )


def test_a_reversed_clip(files, opened) -> None:
    from moviepy import vfx

    clip = film(files, opened).subclipped(1, 3).with_effects([vfx.TimeMirror()])
    mirrored = segment("one", 1, 3, effects=(as_effect("TimeMirror"),))
    assert from_clip(clip, source).segments == (mirrored,)


def test_compositions_of_clips_one_after_another(files, opened) -> None:
    from moviepy import CompositeVideoClip, vfx

    one, two = film(files, opened).subclipped(0, 2), film(files, opened, "two")
    faded = two.with_effects([vfx.CrossFadeIn(0.5)])
    joined = CompositeVideoClip([one, faded.with_start(1.5)])
    dissolve = Transition("dissolve", Fraction(1, 2))
    assert from_clip(joined, source).segments == (
        segment("one", 0, 2),
        segment("two", 0, 4, transition=dissolve),
    )
    covered = CompositeVideoClip([one, two.with_start(1.5)])
    assert from_clip(covered, source).segments == (segment("one", 0, "1.5"), segment("two", 0, 4))
    gap = CompositeVideoClip([one, two.with_start(3)])
    assert from_clip(gap, source).segments == (
        segment("one", 0, 2),
        segment(None, 0, 1),
        segment("two", 0, 4),
    )


def test_sound_is_the_files_own_or_is_said_not_to_be(files, opened) -> None:
    from moviepy import afx

    clip = film(files, opened)
    assert from_clip(clip.without_audio(), source).mix == Mix(programme_gain=None)
    louder = clip.with_audio(clip.audio.with_effects([afx.MultiplyVolume(2)]))
    cut = from_clip(louder, source)
    assert cut.mix == Mix()
    assert "sound was changed" in cut.notes[0]


def _drawn(clip: Any) -> Any:
    from moviepy import VideoClip

    return VideoClip(lambda t: numbered(Fraction(0)), duration=1)


def _cut_after_fade(clip: Any) -> Any:
    from moviepy import vfx

    return clip.with_effects([vfx.FadeIn(1)]).subclipped(1, 2)


def _picture_in_picture(clip: Any) -> Any:
    from moviepy import CompositeVideoClip

    return CompositeVideoClip([clip, clip.resized(0.5)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_drawn, r"a VideoClip with the frame function .*_drawn.* cannot be said as a cut"),
        (lambda c: c.transform(lambda get, t: get(t)), "changed by .*not an effect of MoviePy's"),
        (lambda c: c.time_transform(lambda t: t * t), "is not a constant speed"),
        (_cut_after_fade, "moviepy.FadeIn was applied before the clip was cut"),
        (_picture_in_picture, "does not fill the composition of 64x48"),
        (lambda c: c.with_duration(None), "without a duration"),
    ],
)
def test_what_a_cut_cannot_say_is_refused(files, opened, change, message: str) -> None:
    clip = change(film(files, opened))
    if message != "without a duration" and clip.duration is None:
        clip = clip.with_duration(1)
    with pytest.raises(StageError, match=message):
        from_clip(clip, source)
