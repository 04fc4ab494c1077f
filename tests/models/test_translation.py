"""Translation by a model whose weights are set by hand, its pieces, its languages, its terms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from smartcut.errors import ModelError
from smartcut.models.glossary import Termed, translate_with
from smartcut.models.sentence_pieces import SentencePieces, sentence_piece
from smartcut.models.translation import Translator, Vocabulary, digest_of
from tests.builders.toy_translator import sentence_piece_model, toy_translator

WORDS = {"hello": "hallo", "the": "der", "old": "alte", "harbour.": "Hafen.", "boat": "Kahn"}


def test_a_model_translates_piece_by_piece(tmp_path: Path) -> None:
    model = Translator(toy_translator(tmp_path / "en-de", WORDS))
    heard: list[int] = []
    texts = ["hello the old harbour.", "the boat"] * 10
    found = model(texts, "en", "de", heard.append)
    assert found == ["hallo der alte Hafen.", "der Kahn"] * 10
    assert heard == [16, 20]


def test_a_model_of_many_languages_is_told_which(tmp_path: Path) -> None:
    languages = ("eng_Latn", "deu_Latn", "zho_Hans")
    model = Translator(toy_translator(tmp_path / "nllb", WORDS, languages))
    assert model(["hello the old harbour."], "en", "de") == ["hallo der alte Hafen."]
    with pytest.raises(ModelError, match="does not know the language 'fr'; it has deu_Latn, eng"):
        model(["hello"], "en", "fr")


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ({"▁a"}, ((), ())),
        ({"eng_Latn", "arb_Arab", "ary_Arab"}, (("eng_Latn",), ("arb_Arab",))),
        ({"__en__", "__ar__"}, (("__en__",), ("__ar__",))),
        ({">>ara<<", ">>deu<<"}, ((">>ara<<",), ())),
        ({"<2ar>", "<2de>"}, (("<2ar>",), ())),
    ],
)
def test_how_a_model_is_told_the_languages_shows_in_its_vocabulary(
    tokens: set[str], expected: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    assert Vocabulary(frozenset(tokens), False).prefixes("en", "ar") == expected


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no CTranslate2 model"):
        Translator(tmp_path)
    folder = toy_translator(tmp_path / "model", WORDS)
    before = digest_of(folder)
    (folder / "source.spm").write_bytes(b"\x0a\xff")
    assert digest_of(folder) != before
    with pytest.raises(ModelError, match="is not a SentencePiece model"):
        Translator(folder)
    (folder / "source.spm").unlink()
    with pytest.raises(ModelError, match="has no tokenizer; put one of these"):
        Translator(folder)
    (folder / "model.bin").write_bytes(b"nothing")
    (folder / "source.spm").write_bytes(sentence_piece_model(["<unk>", "▁a"]))
    with pytest.raises(ModelError, match="CTranslate2 cannot load"):
        Translator(folder)


# ------------------------------------------------------------------------------------ its pieces


def _pieces(
    tmp_path: Path, *pieces: str, kind: int = 1, spells_bytes: bool = False
) -> SentencePieces:
    file = tmp_path / "source.spm"
    file.write_bytes(sentence_piece_model(["<unk>", *pieces], kind, spells_bytes))
    return SentencePieces(sentence_piece(file))


def test_the_likeliest_pieces_are_chosen(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, "▁", "light", "▁light", "house", "▁the", "s", *"xyz", "▁lighthouse")
    assert pieces.divide("  the   lighthouses") == ["▁the", "▁light", "house", "s"]
    assert pieces.join(["▁the", "▁light", "house", "s"]) == "the lighthouses"


def test_pairs_are_merged_in_the_order_of_the_model(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, "ab", "▁ab", "abc", "▁", "a", "b", "c", kind=2)
    assert pieces.divide("ab abc c") == ["▁ab", "▁ab", "c", "▁", "c"]


def test_characters_that_are_no_pieces_are_spelled_in_bytes(tmp_path: Path) -> None:
    spelled = [f"<0x{byte:02X}>" for byte in range(256)]
    pieces = _pieces(tmp_path, "▁a", "▁", *spelled, spells_bytes=True)
    assert pieces.divide("a é") == ["▁a", "▁", "<0xC3>", "<0xA9>"]
    assert pieces.join(["▁a", "▁", "<0xC3>", "<0xA9>"]) == "a é"


def test_a_tokenizer_in_json_serves_as_well(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"one": 0, "two": 1, "?": 2}, "?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    pieces = SentencePieces.of(tmp_path)
    assert pieces.divide("one two") == ["one", "two"]
    assert pieces.join(["one", "two"]) == "one two"


# ------------------------------------------------------------------------------------- its terms


def test_terms_keep_their_place_where_the_model_lets_them() -> None:
    asked: list[list[str]] = []

    def translate(texts: Sequence[str]) -> list[str]:
        """Upside down; loses names in long texts."""
        asked.append(list(texts))
        short = [t if len(t.split()) < 6 else t.replace("Zq0x", "it") for t in texts]
        return [" ".join(reversed(t.split())) for t in short]

    glossary = {"light": "Licht", "light house": "Leuchtturm", "smartcut": "smartcut"}
    texts = [
        "a Light House here", "SmartCut and light", "no terms",
        "the light house is on the hill", "we like smartcut more than all others",
    ]  # fmt: skip
    assert translate_with(texts, glossary, translate) == [
        Termed("here Leuchtturm a"),
        Termed("Licht and smartcut"),
        Termed("terms no"),
        Termed("hill the on is house light the", ("Leuchtturm",)),
        Termed("others all than more smartcut like we"),
    ]
    # those that lost a name were asked for as they are
    assert asked[1] == texts[3:]
