"""`transcribe: {from: FILE}`: the user's text, with its words found in the sound."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path
from statistics import median

import pytest

import smartcut as sc
from benchmarks.made_speech import make_talk, write_sound
from smartcut.annotation import Transcript
from smartcut.cut import Cut
from smartcut.errors import PipelineError, StageError
from smartcut.models.speech_alignment import spread
from smartcut.models.speech_notes import alignment_notes
from smartcut.models.voice.engine import choose
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range
from tests.conftest import SAMPLES

TRUTH = json.loads((SAMPLES / "truth.json").read_text())
FILM = SAMPLES / "harbour.mp4"


def transcript(cut: Cut, source: str) -> Transcript:
    found = cut.data(Transcript, "transcript", source)
    assert found is not None
    return found


def clock(seconds: F) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


@pytest.fixture(scope="module")
def heard() -> Transcript:
    """What is recognised without a text."""
    return transcript((sc.open(FILM) | sc.transcribe()).cut(), "harbour")


def test_words_are_spread_by_their_letters() -> None:
    words = spread(Range(F(1), F(3)), ["ab", "abcdef", "ab"])
    assert [w.text for w in words] == ["ab", "abcdef", "ab"]
    assert [w.range.start for w in words] == [F(1), F("1.4"), F("2.6")]
    assert words[-1].range.end == 3


def test_without_sound_captions_are_kept_with_their_times(tmp_path: Path) -> None:
    write_bar_coded(tmp_path / "a.mp4", frames=90, audio=False)
    (tmp_path / "a.srt").write_text("00:00:01,000 --> 00:00:02,000\nOne\ntwo\n")
    cut = (sc.open(tmp_path / "a.mp4") | sc.transcribe(text=tmp_path / "a.srt")).cut()
    (sentence,) = transcript(cut, "a").sentences
    assert (sentence.range, sentence.text) == (Range(F(1), F(2)), "One\ntwo")
    assert [w.text for w in sentence.words] == ["One", "two"]


def test_words_carry_who_says_them(tmp_path: Path) -> None:
    write_bar_coded(tmp_path / "a.mp4", frames=90, audio=False)
    text = "WEBVTT\n\n00:00.000 --> 00:01.000\n<v Ada>One two\n\n00:01.000 --> 00:02.000\nThree\n"
    (tmp_path / "a.vtt").write_text(text)
    cut = (sc.open(tmp_path / "a.mp4") | sc.transcribe(text=tmp_path / "a.vtt")).cut()
    words = [w for s in transcript(cut, "a").sentences for w in s.words]
    assert [(w.text, w.speaker) for w in words] == [("One", "Ada"), ("two", "Ada"), ("Three", None)]
    kept = (sc.open(tmp_path / "a.mp4") | sc.transcribe(text=tmp_path / "a.vtt")) | sc.words(
        speaker="Ada", padding=0
    )
    assert kept.cut().duration == 1


def test_mistakes_are_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_bar_coded(tmp_path / f"{name}.mp4", frames=30, audio=False)
    text = tmp_path / "a.srt"
    text.write_text("00:00:00,100 --> 00:00:00,900\nOne\n")
    both = sc.open(tmp_path / "a.mp4", tmp_path / "b.mp4")
    with pytest.raises(StageError, match="there are 2 sources; name them: `from: {a: a.srt}`"):
        (both | sc.transcribe(text=text)).cut()
    with pytest.raises(StageError, match="names 'c', which is no source; sources: a, b"):
        (both | sc.transcribe(text={"c": text})).cut()
    with pytest.raises(PipelineError, match="leave `engine` out"):
        sc.transcribe(text=text, engine="whisper")
    with pytest.raises(PipelineError, match="there is no file"):
        sc.transcribe(text=tmp_path / "missing.srt")


@pytest.mark.weights("whisper-tiny.en")
def test_words_of_captions_are_found_in_the_sound(heard: Transcript, tmp_path: Path) -> None:
    rows = [f"{clock(s.range.start)} --> {clock(s.range.end)}\n{s.text}\n" for s in heard.sentences]
    (tmp_path / "a.srt").write_text("\n".join(rows))
    brought = transcript((sc.open(FILM) | sc.transcribe(text=tmp_path / "a.srt")).cut(), "harbour")
    assert [s.text for s in brought.sentences] == [s.text for s in heard.sentences]
    known = [w for s in heard.sentences for w in s.words]
    found = [w for s in brought.sentences for w in s.words]
    assert [w.text for w in found] == [w.text for w in known]
    apart = [abs(float(a.range.start - b.range.start)) for a, b in zip(found, known, strict=True)]
    assert median(apart) < 0.05
    assert sum(one > 0.3 for one in apart) <= len(apart) // 10
    for sentence in brought.sentences:
        for word in sentence.words:
            assert sentence.range.start <= word.range.start < word.range.end <= sentence.range.end


@pytest.mark.weights("whisper-tiny.en")
def test_a_plain_script_is_found_and_what_is_not_spoken_is_noted(
    heard: Transcript, tmp_path: Path
) -> None:
    lines = [s.text for s in heard.sentences]
    lines.insert(1, "Nobody has ever spoken this sentence here.")
    (tmp_path / "a.txt").write_text("\n".join(lines))
    cut = (sc.open(FILM) | sc.transcribe(text=tmp_path / "a.txt")).cut()
    found = transcript(cut, "harbour")
    assert [s.text for s in found.sentences] == [s.text for s in heard.sentences]
    for one, other in zip(found.sentences, heard.sentences, strict=True):
        assert abs(one.range.start - other.range.start) < F(2, 5)
    assert [n for n in cut.notes if "line 2: not spoken" in n]


READ = [
    "Good evening, and welcome to the town hall.",
    "Tonight we speak about the old bridge over the river.",
    "It was built of stone in the year eighteen sixty.",
    "Carts and horses crossed it every day for a hundred years.",
    "Then the lorries came, and the first cracks were seen.",
    "The council closed one lane last summer.",
    "An engineer measured the arches and found them weak.",
    "Repairing them would cost about two million pounds.",
    "A new bridge would cost four times as much.",
    "Some people want to keep only the pillars.",
    "I have walked across it since I was a child.",
    "My grandfather sold apples at its northern end.",
    "We have until March to decide.",
    "Please write your opinion on the yellow cards.",
    "Thank you all for coming tonight.",
]
SKIPPED = {4, 8, 12}
CHANGED = {6: "The council opened two lanes last winter.",
           14: "Please put your answer on the green sheets."}  # fmt: skip


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en")
@pytest.mark.parametrize("engine", ["piper", "espeak"])
def test_a_script_that_was_read_with_mistakes_is_aligned(engine: str, tmp_path: Path) -> None:
    """Three sentences are skipped and two changed: each is named, and all others have no error."""
    from smartcut.errors import MissingExtra, ModelError

    try:
        voice, _ = choose(engine, None)  # type: ignore[arg-type]
    except (MissingExtra, ModelError) as error:
        pytest.skip(str(error))
    lines = {n: CHANGED.get(n, text) for n, text in enumerate(READ, 1) if n not in SKIPPED}
    talk = make_talk(voice, [part for text in lines.values() for part in (text, 0.6)])
    write_sound(tmp_path / "talk.wav", talk.samples, talk.rate)
    script = tmp_path / "script.txt"
    script.write_text("\n".join(READ))
    cut = (sc.open(tmp_path / "talk.wav") | sc.transcribe(text=script)).cut()
    missing = {n for n in range(1, 16) if any(f"line {n}: not spoken" in x for x in cut.notes)}
    assert missing == SKIPPED
    named = {n for n in range(1, 16) if any(f"line {n}: 4 of " in x for x in cut.notes)}
    assert named == set(CHANGED)
    found = transcript(cut, "talk").sentences
    assert [s.text for s in found] == [READ[n - 1] for n in lines]
    for sentence, (start, end, _) in zip(found, talk.said, strict=True):
        assert abs(float(sentence.range.start) - start) < 0.15, sentence.text
        assert abs(float(sentence.range.end) - end) < 0.15, sentence.text


def test_a_text_in_another_language_than_the_model_knows_is_noted() -> None:
    words = spread(Range(F(0), F(3)), ["Es", "war", "einmal", "ein", "alter", "Mann"])
    (note,) = alignment_notes(words, "a.srt", "de", "tiny.en")
    assert "the words of a.srt (de) were placed by 'tiny.en'" in note
    assert "smartcut models pull whisper-base" in note
    assert alignment_notes(words, "a.srt", "de", "base") == ()
    assert alignment_notes(words, "a.srt", "en", "tiny.en") == ()


@pytest.mark.weights("whisper-tiny.en")
def test_a_text_that_is_not_spoken_is_noted(heard: Transcript, tmp_path: Path) -> None:
    german = (
        "Auf dem Wasser fahren Schiffe.",
        "Der alte Bäcker verkauft Brot und Kuchen.",
        "Morgen schreibe ich einen langen Brief.",
        "Unsere Katze schläft gern auf dem Ofen.",
    )
    rows = [
        f"{clock(s.range.start)} --> {clock(s.range.end)}\n{line}\n"
        for s, line in zip(heard.sentences, german, strict=False)
    ]
    (tmp_path / "a.srt").write_text("\n".join(rows))
    cut = (sc.open(FILM) | sc.transcribe(text=tmp_path / "a.srt", model="tiny.en")).cut()
    (note,) = [n for n in transcript(cut, "harbour").notes if "hardly heard" in n]
    assert "`language: CODE`" in note
    assert "a.srt" in note
