"""The stage `translate`, by a model whose weights are set by hand, and what captions show of it."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path

import av
import pytest
from pydantic import ValidationError

import smartcut as sc
from smartcut.annotation import Annotation, Sentence, Transcript
from smartcut.cut import Cut
from smartcut.errors import ModelError, StageError
from smartcut.models.speech_alignment import spread
from smartcut.render.captions.told import captions_in, drawn_texts
from smartcut.stage import Context, Stage
from smartcut.stages.translate import Translate
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range
from tests.builders.toy_translator import toy_translator

WORDS = {
    "good": "guten", "morning.": "Morgen.", "The": "Der", "old": "alte", "harbour": "Hafen",
    "sleeps.": "schläft.",
}  # fmt: skip
LINES = (
    (0, 1, "good morning.", None),
    (1, 2, "Schon gut.", "de"),
    (2, 4, "The old harbour sleeps.", None),
)
GERMAN = ["guten Morgen.", "Schon gut.", "Der alte Hafen schläft."]


class Bilingual(Stage):
    """Says what is heard in the first four seconds: English, with a German sentence in it."""

    name = "bilingual"
    gives = ("transcript",)

    def apply(self, cut: Cut, context: Context) -> Cut:
        said = []
        for start, end, text, language in LINES:
            when = Range(F(start), F(end))
            said.append(Sentence(when, text, spread(when, text.split()), language))
        told = Transcript("en", tuple(said), notes=("a note",))
        return cut.with_annotation(Annotation("transcript", cut.sources[0].id, told))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    write_bar_coded(path, frames=100, rate=F(25), size=(160, 90), gop=25)
    return path


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The model's folder, below the current one."""
    monkeypatch.chdir(tmp_path)
    return toy_translator(tmp_path / "en-de", WORDS)


def texts(cut: Cut) -> list[str]:
    found = cut.data(Transcript, "translation.de", cut.sources[0].id)
    assert found is not None
    return [s.text for s in found.sentences]


def test_sentences_are_translated_in_their_times(film: Path, model: Path) -> None:
    cut = (sc.open(film) | Bilingual() | sc.translate(to="de", model=str(model))).cut()
    assert texts(cut) == GERMAN
    told = cut.data(Transcript, "translation.de", "film")
    original = cut.data(Transcript, "transcript", "film")
    assert told is not None
    assert original is not None
    assert [s.text for s in original.sentences] == [text for _, _, text, _ in LINES]
    assert told.languages() == ("de",)
    assert [s.range for s in told.sentences] == [s.range for s in original.sentences]
    last = told.sentences[-1]
    assert [w.text for w in last.words] == ["Der", "alte", "Hafen", "schläft."]
    # by their letters: 3, 4, 5 and 8 of 20 in two seconds
    assert [float(w.range.start) for w in last.words] == [2.0, 2.3, 2.7, 3.2]
    (by,) = [a for a in cut.annotations if a.name == "translation.de"]
    assert (by.producer, by.model) == ("translate/1", "en-de")
    assert by.weights


def test_terms_are_kept_or_forced_and_noted_where_they_are_lost(film: Path, tmp_path: Path) -> None:
    model = toy_translator(tmp_path / "with-names", {**WORDS, "Zq0x": "Zq0x"})
    asked = sc.translate(to="de", model=str(model), glossary={"old harbour": "Speicherstadt"})
    cut = (sc.open(film) | Bilingual() | asked).cut()
    assert texts(cut)[2] == "Der Speicherstadt schläft."
    forgetful = toy_translator(tmp_path / "forgetful", WORDS)
    kept = sc.translate(to="de", model=str(forgetful), glossary=["good", {"old": "alte"}])
    cut = (sc.open(film) | Bilingual() | kept).cut()
    assert texts(cut) == GERMAN
    assert cut.notes[-1] == (
        "translate: film: the model did not keep these terms everywhere: good; correct the "
        "sentences in `review`"
    )


def test_a_table_is_written_corrected_and_read_back(film: Path, model: Path) -> None:
    def run() -> tuple[Cut, list[Path]]:
        asked = sc.translate(to="de", model=str(model), review="film.de.csv")
        result = (sc.open(film) | Bilingual() | asked).run(cache=False)
        return result.cut, list(result.outputs)

    cut, outputs = run()
    table = Path("film.de.csv")
    assert outputs == [table]
    assert table.read_text().splitlines() == [
        "source,start,language,original,translation",
        "film,00:00:00.000,en,good morning.,guten Morgen.",
        "film,00:00:01.000,de,Schon gut.,Schon gut.",
        "film,00:00:02.000,en,The old harbour sleeps.,Der alte Hafen schläft.",
    ]
    edited = table.read_text().replace("guten Morgen.", '"Guten Morgen, allerseits."')
    # a spreadsheet may write times its own way; a sentence that is no longer said stays behind
    edited = edited.replace("00:00:00.000", "0:00").replace("Schon gut.,Sch", "Schon lange.,Sch")
    table.write_text(edited)
    cut, outputs = run()
    assert texts(cut) == ["Guten Morgen, allerseits.", *GERMAN[1:]]
    assert outputs == []
    assert table.read_text() == edited
    assert [n for n in cut.notes if "translate" in n] == [
        "translate: film: 1 rows of film.de.csv are of sentences that are not said"
    ]
    table.write_text("source,start,original\n")
    with pytest.raises(sc.SmartcutError, match="no column 'language'; its first line must be"):
        run()
    table.write_bytes(b"\xff\xfe\x00\x00" + bytes(range(256)))
    with pytest.raises(sc.SmartcutError, match=r"film\.de\.csv: "):
        run()


def test_planning_translates_and_writes_nothing(film: Path, model: Path) -> None:
    asked = sc.translate(to="de", model=str(model), review="film.de.tsv")
    with pytest.raises(ModelError, match="elsewhere holds no CTranslate2 model"):
        (sc.open(film) | Bilingual() | sc.translate(to="de", model="elsewhere")).plan()
    plan = (sc.open(film) | Bilingual() | asked).plan()
    assert any(step.stage == "translate" for step in plan.steps)
    assert not Path("film.de.tsv").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"to": "german"}, "is no language; give an ISO 639 code"),
        ({"to": "de", "review": "../film.csv"}, "leaves the current folder"),
        ({"to": "de", "review": "film.txt"}, "is no table; accepted: .csv, .tsv"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, str], message: str, model: Path) -> None:
    with pytest.raises(ValidationError, match=message):
        Translate.model_validate({"model": str(model), **given})


# --------------------------------------------------------------------------------- shown


def cue_texts(cut: Cut) -> dict[str, list[str]]:
    return {text: [c.text for c in cues] for text, cues in captions_in(cut)}


def test_captions_show_the_original_the_translation_or_both(film: Path, model: Path) -> None:
    made = sc.open(film) | Bilingual() | sc.translate(to="de", model=str(model))
    cut = (made | sc.subtitles()).cut()
    assert cue_texts(cut) == {"original": [text for _, _, text, _ in LINES]}
    assert cut.captions is not None
    assert cut.captions.language == "mul"
    german = (made | sc.subtitles(show="de")).cut()
    assert cue_texts(german) == {"de": GERMAN}
    assert german.captions is not None
    assert german.captions.language == "de"
    both = (made | sc.subtitles(show=["original", "de"])).cut()
    assert cue_texts(both)["de"] == GERMAN
    words, drawn = drawn_texts(both)
    assert words == ()
    assert [c.lines for c in drawn] == [
        ("good morning.", "guten Morgen."),
        ("Schon gut.", "Schon gut."),
        ("The old harbour sleeps.", "Der alte Hafen schläft."),
    ]
    assert [text for line in drawn[0].runs() for text, _ in line] == [
        "good ", "morning.", "guten ", "Morgen."
    ]  # fmt: skip
    with pytest.raises(StageError, match="no translation 'fr' to show; there are: original, de;"):
        (made | sc.subtitles(show="fr")).cut()


def test_each_language_has_its_file_and_its_track(film: Path, model: Path) -> None:
    translate = sc.translate(to="de", model=str(model))
    shown = sc.subtitles(show=["original", "de"], soft=True, sidecar=["srt", "vtt"], language="en")
    for name, languages in (("other.mkv", ["eng", "ger"]), ("out.mp4", ["eng", "deu"])):
        result = (sc.open(film) | Bilingual() | translate | shown).run(output=name)
        with av.open(name) as file:
            assert [s.language for s in file.streams.subtitles] == languages
    named = {p.name for p in result.outputs}
    assert {"out.srt", "out.vtt", "out.de.srt", "out.de.vtt"} < named
    assert "Der alte Hafen schläft." in Path("out.de.srt").read_text()
    assert "The old harbour sleeps." in Path("out.srt").read_text()
    manifest = json.loads(Path("out.manifest.json").read_text())
    assert "en-de" in json.dumps(manifest)


def test_two_languages_stand_one_above_another_in_the_picture(film: Path, model: Path) -> None:
    made = sc.open(film) | Bilingual() | sc.translate(to="de", model=str(model))
    for show, rows in (("original", 1), (["original", "de"], 2)):
        style = {"size": 0.1, "outline_width": 0.0}
        shown = sc.subtitles(show=show, burn=True, sidecar="none", style=style)
        (made | shown).run(output="burned.mp4")
        with av.open("burned.mp4") as file:
            frames = [f.to_ndarray(format="gray") for f in file.decode(video=0)]
        plain = next(av.open(str(film)).decode(video=0)).to_ndarray(format="gray")
        assert frames[80].shape == plain.shape
        lit = (frames[80][20:].astype(int) > 235).sum(axis=1) > 0
        assert lit.sum() >= 6 * rows
