"""Planted elisions of every kind are found, and none in what nobody touched."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import pytest

import smartcut as sc
from benchmarks.elision_sense import cut_of, measured
from smartcut.annotation import Annotation, Transcript
from smartcut.api.films import film_of
from smartcut.api.options import as_options
from smartcut.cut import Cut, Segment, Track
from smartcut.effect import AnyEffect, to_effect
from smartcut.effects.cell import Cell
from smartcut.effects.place import Place
from smartcut.eliding.finding import Elision, elisions
from smartcut.errors import RenderError, SourceError
from smartcut.media.probe import probe
from smartcut.report.eliding import elisions_page, elisions_text
from smartcut.source import Recipe, Source
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range
from tests.builders.commands import done_command
from tests.builders.papers import write_papers
from tests.builders.talks import sentences_of, talk_of

KEYS = ("chain", "key")
TALK = [
    ("Do you support the new harbour?", 0.3),
    ("I support it if the town pays.", 0.3),
    ("But it is not cheap.", 0.3),
    ("Are you a friend of the mayor?", 0.3),
    ("No, I never met him.", 0.3),
    ("So I cannot say more.", 0.3),
]


@pytest.fixture
def talk() -> Cut:
    return talk_of(TALK)


def spoken(cut: Cut, *runs: tuple[int, int, int]) -> list[Segment]:
    """A segment for each (sentence, its first word, one past its last)."""
    sentences = cut.annotations[0].data.sentences  # type: ignore[union-attr]
    found = []
    for number, first, last in runs:
        words = sentences[number].words[first:last]
        found.append(Segment("talk", Range(words[0].range.start, words[-1].range.end)))
    return found


def told(cut: Cut, segments: list[Segment]) -> list[Elision]:
    return list(elisions(cut.with_segments(tuple(segments))))


def senses(one: Elision) -> list[str]:
    return [sense.kind for sense in one.senses]


def test_what_nobody_touched_has_none(talk: Cut) -> None:
    assert elisions(talk) == ()
    (whole,) = talk.segments
    halves = [whole.part(F(0), F(3)), whole.part(F(3), whole.duration)]
    assert told(talk, halves) == []


def test_a_condition_that_is_cut_off_is_in_brackets(talk: Cut) -> None:
    (one,) = told(talk, spoken(talk, (0, 0, 6), (1, 0, 3)))
    assert (one.kind, one.left_out) == ("shortened", "if the town pays.")
    assert one.text.endswith("I support it [if the town pays.]")
    # "But it is not cheap." would have been the next sentence.
    assert senses(one) == ["condition", "qualification"]
    assert one.where is not None
    assert float(one.where.duration) == pytest.approx(4 / 3, abs=0.1)


def test_words_out_of_the_middle_of_a_sentence(talk: Cut) -> None:
    (one,) = told(talk, [*spoken(talk, (0, 0, 6), (1, 0, 7)), *spoken(talk, (2, 0, 3), (2, 4, 5)),
                         *spoken(talk, (3, 0, 7), (4, 0, 5), (5, 0, 5))])  # fmt: skip
    assert (one.kind, one.left_out, senses(one)) == ("shortened", "not", ["negation"])
    assert "But it is [not] cheap." in one.text


def test_halves_of_two_sentences(talk: Cut) -> None:
    found = told(talk, spoken(talk, (1, 0, 3), (4, 3, 5)))
    one = next(e for e in found if e.kind == "joined")
    assert "sentence" in senses(one)
    assert one.before == "I support it"
    assert one.after == "met him."


def test_an_answer_to_another_question(talk: Cut) -> None:
    found = told(talk, spoken(talk, (0, 0, 6), (4, 0, 5)))
    (one,) = [e for e in found if e.left_out or e.kind == "omitted"][:1]
    assert (one.kind, senses(one)) == ("omitted", ["answer"])
    assert one.senses[0].because == "Do you support the new harbour?"


def test_an_answer_of_another_recording(talk: Cut) -> None:
    """A question of one recording, and an answer of another one, which was asked something else."""

    def asked(answer: str, lines: list[tuple[str, float]]) -> list[Elision]:
        cut, again = talk_of(lines), talk_of([("Did you see the fire?", 0.3), (answer, 0.3)])
        source = replace(again.sources[0], id="again", digest="again")
        notes = tuple(replace(one, source="again") for one in again.annotations)
        cut = replace(cut, sources=(*cut.sources, source), annotations=(*cut.annotations, *notes))
        said = again.annotations[0].data.sentences[1].range  # type: ignore[union-attr]
        question = spoken(cut, (0, 0, len(lines[0][0].split())))
        return [e for e in told(cut, [*question, Segment("again", said)]) if e.after]

    (one,) = asked("Yes, I did.", TALK[:2])
    assert (one.kind, one.left_out, senses(one)) == ("omitted", TALK[1][0], ["answer"])
    # Another reading of the same answer is none, nor is one to somebody who only asks.
    assert asked(TALK[1][0], TALK[:2]) == []
    assert asked("Yes, I did.", [TALK[0], TALK[3]]) == []


def test_sentences_in_another_order(talk: Cut) -> None:
    found = told(talk, spoken(talk, (4, 0, 5), (5, 0, 5), (0, 0, 6), (1, 0, 7), (2, 0, 5)))
    assert [e.kind for e in found] == ["reordered"]


@pytest.mark.parametrize("where", ["two files", "one file", "one file, the later take first"])
def test_another_take_of_the_same_words_leaves_nothing_out(where: str) -> None:
    script = [("I support it if the town pays.", 0.3), ("But it is not cheap.", 0.3)]
    if where == "two files":
        cut, again = talk_of(script), talk_of(script)
        source = replace(again.sources[0], id="again", digest="again")
        notes = tuple(replace(one, source="again") for one in again.annotations)
        cut = replace(cut, sources=(*cut.sources, source), annotations=(*cut.annotations, *notes))
        one, other = spoken(cut, (0, 0, 3)), spoken(cut, (0, 3, 7), (1, 0, 5))
        other = [replace(segment, source="again") for segment in other]
    else:
        cut = talk_of([*script, *script])
        first, second = (0, 2) if where == "one file" else (2, 0)
        one, other = (
            spoken(cut, (first, 0, 3)),
            spoken(cut, (second, 3, 7), (second + 1, 0, 5)),
        )
    found = [e for e in told(cut, [*one, *other]) if e.before and e.after]
    assert [(e.kind, e.left_out, senses(e)) for e in found] == [("retaken", "", [])]
    assert found[0].detail == ("of again" if where == "two files" else "")
    # Where a word of it is lost, it is told as before.
    lost = replace(other[0], range=Range(other[0].range.start + F(1, 2), other[0].range.end))
    found = [e for e in told(cut, [*one, lost, *other[1:]]) if e.before and e.after]
    assert [e.kind for e in found] == ["reordered" if "later" in where else "joined"]
    assert "condition" in senses(found[0])


def test_a_qualification_after_the_end_of_the_film(talk: Cut) -> None:
    found = told(talk, spoken(talk, (0, 0, 6), (1, 0, 7)))
    assert [(e.kind, e.left_out, senses(e)) for e in found] == [
        ("omitted", "But it is not cheap.", ["qualification"])
    ]


def test_fillers_and_what_is_said_again_are_told_apart() -> None:
    cut = cut_of("We [um] went to the harbour [to the harbour] by bus.")
    found = elisions(cut)
    assert [(e.left_out, e.is_filler, e.senses) for e in found] == [
        ("um", True, ()),
        ("to the harbour", False, ()),
    ]


def test_other_speeds_pictures_and_voices(talk: Cut) -> None:
    (whole,) = talk.segments
    fast = told(talk, [replace(whole, speed=F(3, 2))])
    assert [(e.kind, e.detail) for e in fast] == [("paced", "speed 1.5")]

    picture = write_source("harbour")
    over = Track("overlay", (Segment("harbour", Range(F(0), F(2)), at=F(1)),))
    cut = replace(talk, sources=(*talk.sources, picture), tracks=(*talk.tracks, over))
    (one,) = elisions(cut)
    assert (one.kind, one.detail, one.at) == ("covered", "pictures of harbour", Range(F(1), F(3)))

    def put(effect: AnyEffect) -> Cut:
        segment = replace(over.segments[0], effects=(to_effect(effect),))
        return replace(cut, tracks=(cut.tracks[0], replace(over, segments=(segment,))))

    # What hides half of the frame or less, or is hardly seen, covers nobody.
    small = Place(width=0.3, position="top-right")
    assert elisions(put(small)) == ()
    assert elisions(put(Cell(x=0.5, width=0.5))) == ()
    assert elisions(put(Place(width=1.0, opacity=0.2))) == ()
    assert [e.kind for e in elisions(put(Place(width=0.9)))] == ["covered"]
    assert [e.kind for e in elisions(put(Cell(height=0.8)))] == ["covered"]

    voice = replace(talk.sources[0], id="voice", digest="made", made=Recipe("voiceover", "piper"))
    said = Transcript("en", sentences_of([("The harbour is closed.", 0.1)]))
    track = Track("voice", (Segment("voice", Range(F(0), F(2)), at=F(0)),))
    cut = replace(
        talk,
        sources=(*talk.sources, voice),
        tracks=(*talk.tracks, track),
        annotations=(*talk.annotations, Annotation("transcript", "voice", said)),
    )
    (one,) = elisions(cut)
    assert (one.kind, one.detail) == ("voiced", "by piper")
    assert one.text == "The harbour is closed."


def write_source(id: str) -> Source:
    """A source with pictures alone, as far as a cut knows of it."""
    from smartcut.source import VideoStream

    given = {"index": 0, "codec": "h264", "timebase": F(1, 25), "width": 160, "height": 90}
    fields = VideoStream.__dataclass_fields__
    needed = {n: given.get(n, _plain(n)) for n, f in fields.items() if _is_needed(f)}
    return Source(id, Path(f"{id}.mp4"), id, "mp4", F(0), F(10), VideoStream(**needed), None)


def _is_needed(field: object) -> bool:
    from dataclasses import MISSING

    return field.default is MISSING and field.default_factory is MISSING  # type: ignore[attr-defined]


def _plain(name: str) -> object:
    return {"pixel_format": "yuv420p", "rate": F(25), "nominal_rate": F(25)}.get(name, F(0))


def test_what_is_heard_at_the_same_time_is_not_mixed_up(talk: Cut) -> None:
    """Somebody else speaks on a sound track of their own, and nothing of either is left out."""
    other = replace(talk.sources[0], id="other", digest="other")
    said = Transcript("en", sentences_of([("The boats are coming back.", 0.1)]))
    track = Track("sound", (Segment("other", Range(F(0), F(4)), at=F(1)),), kind="sound")
    cut = replace(
        talk,
        sources=(*talk.sources, other),
        tracks=(*talk.tracks, track),
        annotations=(*talk.annotations, Annotation("transcript", "other", said)),
    )
    assert {one.kind for one in elisions(cut)} == {"covered"}


def test_a_voice_that_goes_on_under_other_pictures_leaves_nothing_out(talk: Cut) -> None:
    """As `conform` finds it: other pictures in the programme, the voice on a track of its own."""
    harbour, (whole,) = write_source("harbour"), talk.segments
    first, last = whole.part(F(0), F(3)), whole.part(F(6), whole.duration)
    picture = Segment("harbour", Range(F(0), F(3)), sound="muted")
    voice = replace(whole.part(F(3), F(6)), at=F(3))
    cut = replace(
        talk,
        sources=(*talk.sources, harbour),
        tracks=(
            Track("programme", (first, picture, last)), Track("sound", (voice,), kind="sound")
        ),
    )  # fmt: skip
    assert [(e.kind, e.detail) for e in elisions(cut)] == [("covered", "pictures of harbour")]
    # Where the voice is cut in there, that is told.
    short = replace(voice, range=Range(F(4), F(6)), at=F(4))
    cut = replace(cut, tracks=(cut.tracks[0], Track("sound", (short,), kind="sound")))
    assert {e.kind for e in elisions(cut)} >= {"shortened", "covered"}


def test_figures_of_the_planted_changes_of_sense() -> None:
    """What docs/guides/elisions.md says of them."""
    found = {
        name: (own.found, own.changed, own.alarms, own.harmless) for name, own in measured().items()
    }
    assert found == {
        "first": (28, 30, 0, 30),
        "second": (29, 30, 0, 30),
        "held_back": (22, 30, 0, 30),
        "german": (15, 15, 0, 15),
    }


FRENCH = [
    ("Est-ce que vous soutenez le nouveau port?", 0.3),
    ("Je ne le soutiens pas parce que la ville ne peut pas payer.", 0.3),
    ("Le pont est ouvert tous les jours de la semaine.", 0.3),
]


@pytest.mark.parametrize("stated", ["fr", "en"])
def test_a_language_without_rules_is_told_and_not_judged(stated: str) -> None:
    """Subtitles do not say their language, and are taken for English."""
    cut = talk_of(FRENCH)
    said = cut.annotations[0]
    transcript = replace(said.data, language=stated)  # type: ignore[type-var]
    cut = replace(cut, annotations=(replace(said, data=transcript), *cut.annotations[1:]))
    found = told(cut, [*spoken(cut, (0, 0, 7), (1, 0, 4)), *spoken(cut, (2, 0, 10))])
    (one,) = found
    assert (one.kind, one.is_judged, one.senses) == ("shortened", False, ())
    assert one.to_plain()["judged"] is False
    text = elisions_text("film", found)
    assert "1 of these places are not judged" in text
    assert "known in English and German, and what is said in talk is in another language" in text
    assert "with signs of another sense" not in text
    assert "not judged" in elisions_page("film", found)


def test_german_subtitles_that_are_taken_for_english_are_judged_as_german() -> None:
    lines = [("Die Brücke ist nicht sicher, und das weiß in der Stadt auch jeder.", 0.3)]
    cut = talk_of(lines)
    (one,) = told(cut, [*spoken(cut, (0, 0, 3)), *spoken(cut, (0, 4, 13))])
    assert [(s.kind, s.because) for s in one.senses] == [("negation", "nicht")]


def test_a_time_is_a_condition_unless_what_was_is_told() -> None:
    def signs(case: str) -> list[str]:
        return [s.because for one in elisions(cut_of(case)) for s in one.senses]

    assert signs("You may go home [when the doctor has seen you].") == ["when"]
    assert signs("She wrote the letter in the kitchen [when it was raining].") == []
    assert signs("We paid for the house [before we knew the price].") == ["before"]


# -------------------------------------------------------------------------- films, signed or not


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film with a condition cut off, its original, and what is said in it."""
    folder = tmp_path_factory.mktemp("film")
    sentences = sentences_of(TALK)
    frames = int(25 * (sentences[-1].range.end + 1))
    write_bar_coded(folder / "talk.mp4", frames=frames, rate=F(25), size=(160, 90), gop=25)
    rows = [
        {"start": float(s.range.start), "end": float(s.range.end), "text": s.text,
         "words": [{"word": w.text, "start": float(w.range.start), "end": float(w.range.end)}
                   for w in s.words]}
        for s in sentences
    ]  # fmt: skip
    (folder / "talk.json").write_text(json.dumps({"language": "en", "segments": rows}))
    end = sentences[1].words[2].range.end
    reel = sc.open(folder / "talk.mp4") | sc.trim(end=end)
    reel.render(folder / "reel.mp4")
    return folder / "reel.mp4"


@pytest.mark.weights("whisper-tiny.en")
def test_a_film_a_manifest_and_a_cut_tell_the_same(film: Path, tmp_path: Path) -> None:
    words = film.with_name("talk.json")
    manifest = film.with_name("reel.manifest.json")
    expected = [("shortened", "if the town pays.")]
    for what in (film, manifest):
        found = sc.elisions(what, words=words)
        assert [(e.kind, e.left_out) for e in found.elisions] == expected
    cut = found.cut
    assert [(e.kind, e.left_out) for e in sc.elisions(cut).elisions] == expected
    page, plain = tmp_path / "page.html", tmp_path / "plain.json"
    done = done_command("elisions", film, "--from", words, "-o", page)
    assert done.returncode == 0, done.stderr
    assert "! a condition is left out" in done.stdout
    assert "I support it [if the town pays.]" in done.stdout
    assert "<del>[<bdi>if the town pays.</bdi>]</del>" in page.read_text()
    assert "src=" not in page.read_text()
    done = done_command("elisions", film, "--from", words, "--json", "-o", plain)
    assert json.loads(done.stdout) == json.loads(plain.read_text())


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en")
def test_a_finished_film_is_compared_with_its_originals(film: Path, tmp_path: Path) -> None:
    alone = Path(shutil.copy(film, tmp_path / "alone.mp4"))
    original, words = film.with_name("talk.mp4"), film.with_name("talk.json")
    found = sc.elisions(alone, sources=original, words={"talk": words})
    assert [(e.kind, e.left_out) for e in found.elisions] == [("shortened", "if the town pays.")]


def test_a_film_is_told_with_all_that_it_was_made_of(film: Path, tmp_path: Path) -> None:
    """By what the run knew, and where that is gone by the manifest: effects keep their settings."""
    reel = sc.open(film.with_name("talk.mp4"))[:3] | sc.overlay(
        file=str(film), width=0.3, at=1, duration=1, gain=None
    ) | sc.title(text="harbour", at=0, duration=1)  # fmt: skip
    reel.render(tmp_path / "two.mp4", cache=str(tmp_path / "kept"))
    for cache in (tmp_path / "kept", tmp_path / "none"):
        how = as_options({"cache": str(cache)})
        cut = film_of(tmp_path / "two.mp4", None, None, {}, how).cut
        track = next(t for t in cut.overlays if t.role == "overlay")
        (effect,) = track.segments[0].effects
        assert dict(effect.params)["width"] == 0.3
        assert "covered" not in [one.kind for one in elisions(cut)]


@pytest.mark.weights("whisper-tiny.en")
def test_marks_are_drawn_where_words_are_left_out(film: Path) -> None:
    found = sc.elisions(film, words=film.with_name("talk.json"))
    marked = found.marked()
    (track,) = marked.overlays
    assert track.segments[0].label == "[if the town pays.]"


@pytest.mark.weights("whisper-tiny.en")
def test_a_signed_account_is_checked_by_the_original(film: Path, tmp_path: Path) -> None:
    papers = write_papers(tmp_path)
    words, signed = film.with_name("talk.json"), tmp_path / "signed.mp4"
    done = done_command(
        "elisions", film, "--from", words, "-o", signed,
        "--sign", papers["chain"], "--key", papers["key"],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    original = film.with_name("talk.mp4")
    done = done_command("elisions", signed, "--check", original)
    assert done.returncode == 0, done.stdout
    assert "the signature holds" in done.stdout
    other = tmp_path / "talk.mp4"
    other.write_bytes(original.read_bytes() + b"\0")
    done = done_command("elisions", signed, "--check", other, "--json")
    assert done.returncode == 1
    assert sc.check_elisions(signed, original).holds
    assert sc.check_elisions(signed, [original, other]).problems[0].startswith(str(other))
    with pytest.raises(SourceError, match=r"there is no .*none.mp4, which is to be an original"):
        sc.check_elisions(signed, tmp_path / "none.mp4")
    told = json.loads(done.stdout)
    assert "is none of the originals, or was changed since" in told["problems"][0]
    assert told["elisions"][0]["left_out"] == "if the town pays."
    # A changed film no longer holds, whatever its original is.
    changed = tmp_path / "changed.mp4"
    data = bytearray(signed.read_bytes())
    data[data.index(b"mdat") + 2000] ^= 1
    changed.write_bytes(data)
    done = done_command("elisions", changed, "--check", original)
    assert done.returncode == 1
    assert "the signature does not hold" in done.stdout
    with pytest.raises(RenderError, match="is signed already"):
        shutil.copy(film.with_name("reel.manifest.json"), tmp_path / "signed.manifest.json")
        replace(sc.elisions(film, words=words), film=signed).sign(
            tmp_path / "twice.mp4", papers["chain"], papers["key"]
        )


def test_originals_that_moved_are_found_and_those_that_changed_are_refused(
    film: Path, tmp_path: Path
) -> None:
    """What was said is looked for in what the film was cut from, and in nothing else."""
    names = ("talk.mp4", "talk.json")
    original, words = (Path(shutil.copy(film.with_name(name), tmp_path)) for name in names)
    reel = tmp_path / "reel.mp4"
    (sc.open(original) | sc.trim(end=film_length(film))).render(reel)
    manifest, away = reel.with_suffix(".manifest.json"), tmp_path / "away"
    away.mkdir()
    moved = original.rename(away / "renamed.mp4")
    with pytest.raises(SourceError, match=r"talk.mp4, of which reel.manifest.json tells, is no lo"):
        sc.elisions(reel, words=words)
    for place in (away, moved):
        found = sc.elisions(manifest, words={"talk": words}, sources=place)
        assert [e.left_out for e in found.elisions] == ["if the town pays."]
        assert found.cut.sources[0].path == moved
    original.write_bytes(moved.read_bytes() + b"\0")
    for how in ({"words": words}, {}):
        with pytest.raises(
            SourceError, match=r"talk.mp4 was changed since .*--sources FOLDER` find"
        ):
            sc.elisions(reel, **how)
    shutil.copy(film.with_name("talk.mp4"), reel)
    with pytest.raises(SourceError, match=r"the film was changed since; give its originals"):
        sc.elisions(reel, words=words)


def film_length(film: Path) -> F:
    return probe(film).duration


@pytest.mark.weights("whisper-tiny.en")
def test_what_is_known_is_told_without_the_original_and_not_signed(
    film: Path, tmp_path: Path
) -> None:
    original = Path(shutil.copy(film.with_name("talk.mp4"), tmp_path))
    words = {"from": str(film.with_name("talk.json"))}
    reel = sc.open(original) | sc.transcribe(**words) | sc.trim(end=film_length(film))
    reel.render(tmp_path / "reel.mp4")
    original.unlink()
    found = sc.elisions(tmp_path / "reel.mp4")
    assert [e.left_out for e in found.elisions] == ["if the town pays."]
    papers = write_papers(tmp_path)
    for needs in (found.marked, lambda: found.sign(tmp_path / "s.mp4", *map(papers.get, KEYS))):
        with pytest.raises(SourceError, match="is no longer there"):
            needs()


def test_what_cannot_be_told_is_refused(film: Path, tmp_path: Path) -> None:
    alone = Path(shutil.copy(film, tmp_path / "alone.mp4"))
    with pytest.raises(SourceError, match="has no manifest beside it.*--sources FOLDER"):
        sc.elisions(alone)
    with pytest.raises(SourceError, match="there is no"):
        sc.elisions(tmp_path / "none.mp4")
    done = done_command("elisions", alone, "--check", film)
    assert done.returncode == 1
    assert "no signed account" in done.stderr
    done = done_command("elisions", film, "--sign", "a.pem")
    assert "a signature needs both" in done.stderr
    done = done_command("elisions", film, "--from", "talk.srt", "--from", "other=b.srt")
    assert "talk.srt: of several files each needs its source: --from SOURCE=FILE" in done.stderr
    done = done_command("elisions", film, "-o", "page.pdf")
    assert "accepted: .html" in done.stderr
