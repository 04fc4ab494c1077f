"""`tighten` on generated media: what is left out, to the frame, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.cut import Cut, Segment
from smartcut.errors import PipelineError, StageError
from smartcut.stage import Context, Stage
from smartcut.testing import read_bar_codes, read_sound, write_bar_coded
from smartcut.timebase import Range
from tests.builders.sounds import write_wav

F = Fraction
SAMPLES = Path(__file__).parents[2] / "sample_media"
RATE = 48_000


class Said(Stage):
    """Says that words are heard at these times."""

    name = "said"
    gives = ("transcript",)
    words: tuple[tuple[float, float] | tuple[float, float, str], ...]
    language: str = "en"

    def apply(self, cut: Cut, context: Context) -> Cut:
        words = tuple(
            Word(Range(F(repr(a)), F(repr(b))), more[0] if more else f"word{i}")
            for i, (a, b, *more) in enumerate(self.words)
        )
        whole = Range(words[0].range.start, words[-1].range.end)
        told = Transcript(self.language, (Sentence(whole, "", words),))
        return cut.with_annotation(Annotation("transcript", cut.sources[0].id, told))


GAP = Segment(None, Range(F(0), F(1)))


class Gap(Stage):
    """Adds a second of nothing."""

    name = "gap"

    def apply(self, cut: Cut, context: Context) -> Cut:
        return cut.with_segments((*cut.segments, GAP))


@pytest.fixture(scope="module")
def beeps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds at 25 frames a second; in each second its first 50 ms are heard."""
    path = tmp_path_factory.mktemp("beeps") / "beeps.mov"
    write_bar_coded(path, frames=100, rate=F(25), size=(160, 90), gop=25, audio="pcm_s16le")
    return path


@pytest.fixture(scope="module")
def bursts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise from 1 to 2 s at -20 dB, and from 4 to 5 s at -40 dB, in 6 s of silence."""
    path = tmp_path_factory.mktemp("bursts") / "bursts.wav"
    noise = np.random.default_rng(1).uniform(-1, 1, 6 * RATE)
    loudness = np.zeros(6 * RATE)
    loudness[RATE : 2 * RATE], loudness[4 * RATE : 5 * RATE] = 0.1, 0.01
    write_wav(path, noise * loudness, RATE)
    return path


def shown(cut: Cut) -> list[tuple[float, float]]:
    return [(float(s.range.start), float(s.range.end)) for s in cut.segments]


def test_silence_is_left_out_to_the_frame(beeps: Path, tmp_path: Path) -> None:
    reel = sc.open(beeps) | sc.tighten(by="level", margin="0.1s", copy_slack=0)
    result = reel.render(tmp_path / "out.mp4")
    # 0.9 to 1.15 s and so on, outwards to frames of 0.04 s.
    assert shown(result.cut) == [(0, 0.16), (0.88, 1.16), (1.88, 2.16), (2.88, 3.16)]
    expected = [*range(0, 4), *range(22, 29), *range(47, 54), *range(72, 79)]
    assert read_bar_codes(tmp_path / "out.mp4")[0] == expected
    assert "tighten: 3.0 of 4.0 s saved in 4 places" in result.notes


def test_what_was_chosen_before_stays_chosen_in_its_order(beeps: Path) -> None:
    chosen = sc.open(beeps) | sc.trim(ranges=("2.4s-4s", "0.5s-1.5s"))
    tight = sc.tighten(by="level", margin=0.1, copy_slack=0)
    cut = (chosen | tight).cut()
    assert shown(cut) == [(2.88, 3.16), (0.88, 1.16)]
    fast = (chosen | sc.speed(factor=2) | tight).cut()
    assert [(s.speed, s.duration) for s in fast.segments] == [(2, F(14, 100))] * 2


def test_silence_can_be_played_faster_and_long_ones_kept(beeps: Path, tmp_path: Path) -> None:
    tight = sc.tighten(
        by="level", margin=0, min_clip=0, silence="speed 4", longer_than={"0.93s": "keep"}
    )
    cut = (sc.open(beeps) | sc.trim(ranges=("0s-2s", "2.2s-4s")) | tight).cut()
    speeds = [(float(s.range.start), float(s.range.end), s.speed) for s in cut.segments]
    assert speeds == [
        (0, 0.08, 1),
        (0.08, 1, 4),
        (1, 1.08, 1),
        (1.08, 2, 4),
        (2.2, 3, 4),
        (3, 3.08, 1),
        (3.08, 4, 4),
    ]
    kept = sc.tighten(by="level", margin=0, min_clip=0, longer_than={"0.9s": "keep"})
    cut = (sc.open(beeps) | kept).cut()
    assert [(s.range.start, s.range.end, s.speed) for s in cut.segments] == [(0, 4, 1)]


def test_sound_alone_is_tightened_too(bursts: Path, tmp_path: Path) -> None:
    reel = sc.open(bursts) | sc.tighten(by="level", threshold="-50dB", margin=("0.1s", "0.3s"))
    assert shown(reel.cut()) == [(0.9, 2.3), (3.9, 5.3)]
    reel.render(tmp_path / "out.mkv")
    _, sound = read_sound(tmp_path / "out.mkv")
    assert len(sound) == pytest.approx(2.8 * 48_000, abs=1100)  # AAC's blocks
    assert np.abs(sound[: 48_000 // 20]).max() < 1e-3
    assert np.sqrt((sound[7_000:50_000] ** 2).mean()) == pytest.approx(0.1 / np.sqrt(3), rel=0.1)
    loud = sc.open(bursts) | sc.tighten(by="level", threshold="4%")
    assert shown(loud.cut()) == [(0.85, 2.15)]


def test_no_word_is_left_out_or_divided(beeps: Path) -> None:
    said = Said(words=((0.02, 0.3), (1.5, 1.62), (2.3, 2.46)))
    cut = (sc.open(beeps) | said | sc.tighten(by="level", margin=0, min_clip=0)).cut()
    # Words and 0.05 s on each side, though nothing is loud there; no cut is shorter than 0.2 s.
    assert shown(cut) == [(0, 0.36), (1, 1.08), (1.44, 1.68), (2, 2.08), (2.24, 2.52), (3, 3.08)]
    cut = (sc.open(beeps) | said | sc.tighten(by="words", copy_slack=0)).cut()
    assert shown(cut) == [(0, 0.48), (1.32, 1.8), (2.12, 2.64)]


def test_conditions_choose_and_leave_out(bursts: Path, beeps: Path) -> None:
    cut = (sc.open(bursts) | sc.tighten(where="level > -30dB", margin=0)).cut()
    assert shown(cut) == [(1, 2)]
    tight = sc.tighten(by="level", threshold="-30dB", keep="level > -45", margin=0)
    assert shown((sc.open(bursts) | tight).cut()) == [(1, 2), (4, 5)]
    tight = sc.tighten(by="level", threshold="-50dB", cut={"where": "level > -30"}, margin=0)
    assert shown((sc.open(bursts) | tight).cut()) == [(4, 5)]
    said = Said(words=((1.3, 1.5), (1.9, 2.2)))
    tight = sc.tighten(by="level", threshold="-50dB", cut="level > -30", silence="keep")
    # The cut from 1 to 2 s takes the first word whole, and would divide the second.
    assert shown((sc.open(bursts) | said | tight).cut()) == [(0, 1), (1.9, 6)]
    assert shown((sc.open(beeps) | sc.tighten(where="motion >= 0", margin=0)).cut()) == [(0, 4)]


def test_fillers_that_are_written_down_are_left_out(bursts: Path) -> None:
    said = Said(words=((1.1, 1.9, "Um,"), (4.0, 5.0, "boats")))
    tight = sc.tighten(by="level", threshold="-50dB", fillers=True, margin=0)
    # The sound of the filler lasts from 1 to 2 s, whatever the recogniser says.
    assert shown((sc.open(bursts) | said | tight).cut()) == [(3.95, 5.05)]
    kept = sc.tighten(by="level", threshold="-50dB", fillers="boats", silence="keep")
    edges = [time for place in shown((sc.open(bursts) | said | kept).cut()) for time in place]
    assert edges == pytest.approx([0, 4, 5, 6], abs=0.02)
    with pytest.raises(PipelineError, match="`tighten` needs `transcript`"):
        (sc.open(bursts) | sc.tighten(fillers=True)).plan()


def test_what_is_not_known_of_fillers_is_said(bursts: Path) -> None:
    words = ((1.1, 1.9, "tlh"), (4.0, 5.0, "boats"))
    tight = sc.tighten(by="level", fillers=True)
    cut = (sc.open(bursts) | Said(words=words, language="tlh") | tight).cut()
    assert any("no fillers of the language 'tlh' are known" in note for note in cut.notes)


def test_of_what_is_said_again_the_last_stays(bursts: Path) -> None:
    said = Said(words=((1.0, 2.0, "boats"), (4.0, 5.0, "Boats.")))
    tight = sc.tighten(by="level", threshold="-50dB", repeats=True, silence="keep")
    assert shown((sc.open(bursts) | said | tight).cut()) == [(0, 1), (3.95, 6)]


def test_black_and_still_pictures_are_found(tmp_path: Path) -> None:
    moving, film = tmp_path / "moving.mp4", tmp_path / "film.mp4"
    write_bar_coded(moving, frames=50, rate=F(25), size=(160, 90), audio=None)
    (sc.open(moving) | sc.freeze(at="1s", duration="3s") | Gap()).render(film)
    # It moves for a second, stands still for three, moves for one, and is black for one.
    tight = sc.tighten(where="not (black or freeze > 2s)", margin=0)
    assert shown((sc.open(film) | tight).cut()) == [(0, 1), (4, 5)]
    assert shown((sc.open(film) | sc.tighten(where="not black", margin=0)).cut()) == [(0, 5)]
    tight = sc.tighten(where="freeze", margin=0)
    assert shown((sc.open(film) | tight).cut()) == [(1, 4)]


def test_the_detector_of_voices_finds_the_speech(tmp_path: Path) -> None:
    cut = (sc.open(SAMPLES / "harbour.mp4") | sc.tighten()).cut()
    # What truth.json says of its speech.
    spoken = [(0.6, 3.56), (6.5, 8.75), (13.4, 15.43)]
    for start, end in spoken:
        assert any(a <= start and end <= b for a, b in shown(cut))
    assert float(cut.duration) == pytest.approx(sum(b - a for a, b in spoken) + 1.2, abs=0.6)


def test_where_nobody_speaks_it_goes_by_level_and_says_so(beeps: Path) -> None:
    cut = (sc.open(beeps) | sc.tighten(margin=0.1)).cut()
    assert len(cut.segments) == 4
    assert any("nobody speaks in beeps" in note for note in cut.notes)
    with pytest.raises(StageError, match="would leave nothing: .* somebody speaks; lower"):
        (sc.open(beeps) | sc.tighten(by="voice")).cut()


def test_planning_decodes_nothing_and_a_second_run_knows_all(beeps: Path) -> None:
    reel = sc.open(beeps) | sc.tighten(by="level")
    assert {s.state for s in reel.plan().steps} == {"run"}
    reel.cut()
    assert reel.plan().is_idle
    again = (sc.open(beeps) | sc.tighten(by="level", margin="1s", min_cut=0.1)).plan()
    assert again.is_idle  # another rule on what is known already


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"threshold": "-35dB"}, "`threshold` goes with `by: level` or `by: voice`"),
        ({"by": "voice", "threshold": "-35dB"}, "no threshold of voice; accepted: auto, or how"),
        ({"by": "level", "threshold": "loud"}, "accepted: auto, or a level such as -35dB or 4%"),
        ({"margin": [1, 2, 3]}, "no margin; accepted: 0.2s, or"),
        ({"silence": "speed 0.5"}, "accepted: cut, keep, or speed N with N above 1"),
        ({"longer_than": {"3s": "drop"}}, "'drop' is nothing to do with a silence"),
        ({"where": "loud"}, "unknown signal 'loud'; did you mean 'loudness'"),
        ({"where": "voice", "by": "level"}, "give either `by` or `where`"),
    ],
)
def test_mistakes_say_what_is_accepted(given: dict[str, object], message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        sc.tighten(**given)


def test_by_words_needs_them() -> None:
    with pytest.raises(PipelineError, match="`tighten` needs `transcript`; add `sc.transcribe"):
        (sc.open(SAMPLES / "harbour.mp4") | sc.tighten(by="words")).plan()


def test_gaps_stay(beeps: Path) -> None:
    cut = (sc.open(beeps) | Gap() | sc.tighten(by="level", margin=0.1)).cut()
    assert len(cut.segments) == 5
    assert cut.segments[-1] == GAP
