"""Burned-in captions have one size of letters for a whole film, and as many lines as asked for."""

from __future__ import annotations

from fractions import Fraction as F
from random import Random

import pytest

from smartcut.annotation import Word
from smartcut.cut import Captions
from smartcut.errors import RenderError
from smartcut.looks import find_look, look_names
from smartcut.render.captions.cues import cues
from smartcut.render.captions.fit import SMALLEST_SHARE, fitted
from smartcut.render.captions.layout import lay_out
from smartcut.text_style import TextStyle
from smartcut.timebase import Range

TEXTS = """
    the harbour lies quiet before the first boats leave and nobody speaks of the storm that took
    away the lighthouse wall last winter although everybody remembers it very well
""".split()  # noqa: SIM905


def spoken(count: int = 50, seed: int = 1, extra: str = "") -> tuple[Word, ...]:
    random = Random(seed)
    words, at = [], F(0)
    for i in range(count):
        text = extra if extra and i == count // 2 else random.choice(TEXTS)
        text = f"{text}." if random.random() < 0.1 else text
        words.append(Word(Range(at, at + F(1, 4)), text))
        at += F(1, 4) if random.random() < 0.8 else F(9, 10)
    return tuple(words)


def within(words: tuple[Word, ...]) -> Range:
    return Range(F(0), words[-1].range.end + 2)


SIZES = [(1280, 720), (1080, 1920), (320, 180)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lines", [1, 2, 3])
@pytest.mark.parametrize("margin", [0.06, 0.3])
def test_one_size_and_never_more_lines(size: tuple[int, int], lines: int, margin: float) -> None:
    words = spoken()
    captions = Captions(lines=lines, burn=True, style=TextStyle(margin=margin))
    found = fitted(words, captions, within(words), size)
    em = found.captions.style.size * size[1]
    for cue in found.cues:
        layout = lay_out(cue, size, found.captions.style)
        assert layout.size == pytest.approx(em), "nothing shrinks by itself"
        assert len({g.y for g in layout.glyphs}) == len(cue.lines) <= lines
        left, top, right, bottom = layout.bounds
        assert left >= margin * size[0] - 0.01
        assert right <= (1 - margin) * size[0] + 0.01
        assert top >= margin * size[1] - 0.01
        assert bottom <= (1 - margin) * size[1] + 0.01
    said = [word.text for cue in found.cues for word in cue.words]
    assert said == [word.text for word in words], "every word is shown once"
    assert (found.note is None) == (found.captions.style == captions.style)


@pytest.mark.parametrize("size", SIZES)
def test_letters_stay_readable_and_captions_are_divided_instead(size: tuple[int, int]) -> None:
    words = spoken()
    captions = Captions(burn=True, style=TextStyle(margin=0.2))
    found = fitted(words, captions, within(words), size)
    assert found.captions.style.size >= SMALLEST_SHARE * 0.05 - 1e-9
    plain = cues(words, captions, within(words))
    assert len(found.cues) >= len(plain)
    if size == (1080, 1920):
        assert len(found.cues) > len(plain)
        assert found.note
        assert "lines of at most" in found.note
        assert "`margin`" in found.note


def test_where_all_fits_nothing_changes() -> None:
    words = spoken()
    captions = Captions(burn=True)
    found = fitted(words, captions, within(words), (1920, 1080))
    assert found.cues == cues(words, captions, within(words))
    assert found.captions == captions
    assert found.note is None


def test_the_largest_size_that_fits_is_taken() -> None:
    words = spoken()
    captions = Captions(burn=True, style=TextStyle(margin=0.26))
    found = fitted(words, captions, within(words), (1280, 720))
    assert SMALLEST_SHARE * 0.05 <= found.captions.style.size < 0.05
    larger = found.captions.style.model_copy(update={"size": found.captions.style.size / 0.96})
    sizes = [lay_out(cue, (1280, 720), larger).size for cue in found.cues]
    assert min(sizes) < larger.size * 720 - 0.5, "a larger one would have shrunk somewhere"


def test_a_word_that_is_too_wide_makes_all_letters_smaller_but_divides_nothing_else() -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitän"
    words = spoken(extra=word)
    found = fitted(words, Captions(burn=True), within(words), (400, 720))
    assert found.captions.style.size < SMALLEST_SHARE * 0.05
    assert {c.lines for c in found.cues if word in c.text}
    assert max(len(c.words) for c in found.cues) > 3


def test_scripts_without_spaces_are_divided_too() -> None:
    texts = ["我们今天在港口看到了很多船", "没有人谈起去年冬天的风暴", "灯塔的墙被冲走了"]
    words = tuple(Word(Range(F(3 * i), F(3 * i + 2)), t) for i, t in enumerate(texts))
    captions = Captions(burn=True, language="zh")
    found = fitted(words, captions, within(words), (300, 640))
    assert all(len(cue.lines) <= 2 for cue in found.cues)
    assert "".join(c.text for c in found.cues).replace("\n", "") == "".join(texts)
    assert found.captions.style.size >= SMALLEST_SHARE * 0.05 - 1e-9


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ["مرحبا بكم في قناتنا على الإنترنت", "नमस्ते दुनिया हिन्दी में"])
def test_letters_that_reach_far_down_are_no_smaller(size: tuple[int, int], text: str) -> None:
    parts = text.split()
    words = tuple(Word(Range(F(i), F(i + 1)), part) for i, part in enumerate(parts))
    found = fitted(words, Captions(burn=True), within(words), size)
    assert found.note is None
    for cue in found.cues:
        bounds = lay_out(cue, size, found.captions.style).bounds
        assert bounds[3] <= 0.94 * size[1] + 0.01


def test_what_cannot_fit_is_refused() -> None:
    words = spoken(5, extra="Donaudampfschifffahrtsgesellschaftskapitän")
    with pytest.raises(RenderError, match="does not fit a picture of 8x8; use shorter lines"):
        fitted(words, Captions(burn=True), within(words), (8, 8))


@pytest.mark.parametrize("name", look_names())
def test_letters_of_every_look_have_one_size_in_as_many_lines_as_asked_for(name: str) -> None:
    words = spoken(30)
    for size in ((640, 360), (360, 640)):
        captions = Captions(burn=True, style=find_look(name).style)
        found = fitted(words, captions, within(words), size)
        style = found.captions.style
        for cue in found.cues:
            layout = lay_out(cue, size, style)
            assert layout.size == pytest.approx(style.size * style.pixels(size))
            assert {g.size for g in layout.glyphs} == {layout.size}
            assert len({g.y for g in layout.glyphs}) == len(cue.lines) <= 2
            assert len(cue.words) <= (style.words_at_once or 99)
        said = [word.text for cue in found.cues for word in cue.words]
        assert [text.casefold() for text in said] == [word.text.casefold() for word in words]


COVERED = {"tiktok": (0.07, 0.13, 0.2), "reels": (0.14, 0.06, 0.35), "shorts": (0.15, 0.18, 0.25)}


@pytest.mark.parametrize("platform", COVERED)
@pytest.mark.parametrize("align", ["left", "centre", "right"])
@pytest.mark.parametrize("position", ["top", "middle", "bottom"])
def test_text_keeps_clear_of_what_platforms_lay_over_it(
    platform: str, align: str, position: str
) -> None:
    style = TextStyle.model_validate(
        {"safe": platform, "align": align, "position": position, "box": "#000", "size": 0.04}
    )
    words = spoken(12)
    found = fitted(words, Captions(burn=True, style=style), within(words), (360, 640))
    top, right, bottom = COVERED[platform]
    for cue in found.cues:
        box = lay_out(cue, (360, 640), found.captions.style).bounds
        assert box[0] >= 0.06 * 360 - 0.01
        assert box[1] >= top * 640 - 0.01
        assert box[2] <= (1 - right) * 360 + 0.01
        assert box[3] <= (1 - bottom) * 640 + 0.01
    wide = lay_out(found.cues[0], (640, 360), style).bounds
    plain = style.model_copy(update={"safe": "none"})
    assert wide == lay_out(found.cues[0], (640, 360), plain).bounds, "wide films have nothing there"
