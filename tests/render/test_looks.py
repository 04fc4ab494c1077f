"""Looks by name, from files and inline."""

from __future__ import annotations

from pathlib import Path

import pytest

import smartcut as sc
from smartcut.errors import PipelineError
from smartcut.looks import find_look, look_names, read_look
from smartcut.text_style import TextStyle


@pytest.mark.parametrize("name", look_names())
def test_each_look_says_what_it_is(name: str) -> None:
    look = find_look(name)
    assert look.name == name
    assert look.about.endswith(".")
    assert look.style != TextStyle()
    assert look.style.unit == "side", "alike in upright and wide pictures"


def test_an_unknown_look_is_refused_with_the_nearest() -> None:
    with pytest.raises(PipelineError, match="unknown look 'karaoki'; did you mean 'karaoke'"):
        sc.subtitles(look="karaoki")


def test_a_file_begins_with_another_look(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text('about: Mine.\nfrom: box\ncolour: "#ff0000"\n')
    (tmp_path / "ours.yml").write_text("from: mine.yaml\nsize: 0.07\n")
    found = read_look("ours.yml", tmp_path)
    assert (found.name, found.style.colour, found.style.size) == ("ours", "#ff0000", 0.07)
    assert found.style.box == find_look("box").style.box
    inline = read_look({"from": "box", "upper": True})
    assert inline.style == find_look("box").style.model_copy(update={"upper": True})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colr: red", "'colr'.* did you mean 'colour'"),
        ("colour: red", "'red' is not a colour"),
        ("from: bxo", "did you mean 'box'"),
        ("from: mine.yaml", "is made from itself"),
        ("- a", "holds no keys"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_look_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(ValueError, match=said) as caught:
        read_look("mine.yaml", tmp_path)
    assert "mine.yaml" in str(caught.value)


def test_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"there is no look no.yaml \(looked at: "):
        read_look("no.yaml", tmp_path)


@pytest.mark.parametrize("name", ["", *look_names()])
def test_emphasised_words_look_otherwise(name: str) -> None:
    style = find_look(name).style if name else TextStyle()
    own = style.letter_colour(None, True)
    assert own != style.letter_colour(None, False)
    assert own != style.highlight or style.highlight_box, "and not as if they were spoken"
