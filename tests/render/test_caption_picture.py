from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from smartcut.annotation import Word
from smartcut.cut import Captions
from smartcut.errors import RenderError
from smartcut.render.captions import fonts as caption_fonts
from smartcut.render.captions.bidi import (
    embedding_levels,
    in_order_shown,
    marks_apart,
    visual_order,
)
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.files import to_ass, to_srt, to_vtt
from smartcut.render.captions.fit import fitted
from smartcut.render.captions.layout import lay_out
from smartcut.render.captions.lines import LinePiece
from smartcut.render.captions.picture import CaptionPainter, Painted
from smartcut.render.captions.states import CardState
from smartcut.render.captions.text import lines_from_right
from smartcut.text_style import TextStyle
from smartcut.timebase import Range
from tests.builders.emoji_font import write_emoji_font

LONG = ("ask not what your country can do for you,", "ask what you can do for your country.")
PLAIN = TextStyle(outline_width=0.0)


def changed(style: TextStyle, **values: object) -> TextStyle:
    return style.model_copy(update=values)


def cue(*lines: str) -> Cue:
    """Words of one second each, split at spaces, from time 0."""
    texts = " ".join(lines).split()
    words = tuple(Word(Range(Fraction(i), Fraction(i + 1)), t) for i, t in enumerate(texts))
    return Cue(Range(Fraction(0), Fraction(len(words) + 1)), lines, words)


def painted(size: tuple[int, int], style: TextStyle, what: Cue, time: int | None = None):
    moment = None if time is None else Fraction(time)
    return CaptionPainter(size, style).paint(what, moment)


def columns_of(picture: Painted, colour: tuple[int, int, int]) -> np.ndarray:
    """The columns that hold opaque pixels of exactly that colour, in the frame's coordinates."""
    rgba = picture.rgba.astype(int)
    hit = (rgba[..., 3] == 255) & (np.abs(rgba[..., :3] - colour).max(axis=2) < 8)
    return np.flatnonzero(hit.any(axis=0)) + picture.x


@pytest.mark.parametrize("position", ["top", "middle", "bottom"])
@pytest.mark.parametrize("box", [None, "#00000080"])
@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (640, 640), (64, 36), (36, 64)])
def test_text_stays_inside_the_margins(size: tuple[int, int], box: str | None, position) -> None:
    style = TextStyle(box=box, position=position, margin=0.08)
    picture = painted(size, style, cue(*LONG))
    height, width = picture.rgba.shape[:2]
    assert picture.x >= int(0.08 * size[0])
    assert picture.y >= int(0.08 * size[1])
    assert picture.x + width <= np.ceil(0.92 * size[0])
    assert picture.y + height <= np.ceil(0.92 * size[1])
    assert picture.rgba.dtype == np.uint8
    assert picture.rgba[..., 3].max() > 60
    centre = picture.y + height / 2
    assert {"top": centre < size[1] / 2, "bottom": centre > size[1] / 2}.get(position, True)
    assert abs(picture.x + width / 2 - size[0] / 2) <= max(2, 0.02 * size[0])


def test_lines_keep_their_breaks_where_they_fit() -> None:
    layout = lay_out(cue(*LONG), (1920, 1080), PLAIN)
    assert layout.size == pytest.approx(54)
    baselines = sorted({g.y for g in layout.glyphs})
    assert len(baselines) == 2
    assert [g.text for g in layout.glyphs if g.y == baselines[0]] == LONG[0].split()


def test_lines_are_broken_again_in_a_narrow_picture() -> None:
    layout = lay_out(cue(*LONG), (1080, 1920), PLAIN)
    assert len({g.y for g in layout.glyphs}) == 4
    assert layout.size > 80
    assert [g.text for g in layout.glyphs] == " ".join(LONG).split()


def test_a_word_that_is_too_wide_shrinks() -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitän"
    layout = lay_out(cue(word), (200, 240), PLAIN)
    assert [g.text for g in layout.glyphs] == [word]
    assert 6 < layout.size < 10


def test_text_that_cannot_fit_is_refused() -> None:
    with pytest.raises(RenderError, match="does not fit a picture of 8x8; use shorter lines"):
        painted((8, 8), TextStyle(), cue(*LONG))


def test_letters_and_outline_have_their_colours() -> None:
    style = TextStyle(colour="#ff0000", outline="#0000ff", outline_width=0.01)
    pixels = painted((640, 360), style, cue("MMM")).rgba
    solid = {tuple(c) for c in pixels[pixels[..., 3] == 255][:, :3].tolist()}
    assert (255, 0, 0) in solid
    assert (0, 0, 255) in solid
    assert not any(green for _, green, _ in solid)


def test_the_box_has_its_colour_and_opacity() -> None:
    pixels = painted((640, 360), changed(PLAIN, box="#10203080"), cue("Hi")).rgba
    height, width = pixels.shape[:2]
    assert tuple(pixels[height // 2, 3]) == (0x10, 0x20, 0x30, 0x80)
    assert pixels[0, 0, 3] < 0x80
    assert width > 20


def test_the_spoken_word_alone_is_highlighted() -> None:
    style = changed(PLAIN, colour="#ffffff", highlight="#ff0000")
    what = cue("one two three")
    spans = []
    for time in range(3):
        red = columns_of(painted((640, 360), style, what, time), (255, 0, 0))
        spans.append((red.min(), red.max()))
    assert spans[0][1] < spans[1][0]
    assert spans[1][1] < spans[2][0]
    for time in (None, 3):
        assert columns_of(painted((640, 360), style, what, time), (255, 0, 0)).size == 0


def test_between_words_the_one_before_stays_highlighted_for_a_moment() -> None:
    words = (
        Word(Range(Fraction(1), Fraction(2)), "one"),
        Word(Range(Fraction(17, 8), Fraction(27, 8)), "two"),
    )
    what = Cue(Range(Fraction(0), Fraction(5)), ("one two",), words)
    painter = CaptionPainter((640, 360), TextStyle(highlight="#ff0000"))
    states = [painter.state(what, Fraction(n, 8)) for n in range(36)]
    marked = [state.begun - 1 if state.is_spoken else None for state in states]
    assert marked == [*[None] * 8, *[0] * 9, *[1] * 10, *[None] * 9]
    assert CaptionPainter((640, 360), TextStyle()).state(what, Fraction(1)) == CardState()


def test_nothing_moves_while_the_highlight_does() -> None:
    painter = CaptionPainter((640, 360), TextStyle(highlight="#ff0000"))
    what = cue("one two three")
    states = [painter.paint(what, Fraction(n)) for n in range(3)]
    assert len({(p.x, p.y, p.rgba.shape) for p in states}) == 1
    alphas = [p.rgba[..., 3] for p in states]
    assert all(np.abs(a.astype(int) - alphas[0]).max() <= 1 for a in alphas)


def test_the_same_picture_comes_back_until_something_changes() -> None:
    painter = CaptionPainter((640, 360), TextStyle(highlight="#ff0000"))
    what = cue("one two")
    first = painter.paint(what, Fraction(1, 4))
    assert painter.paint(what, Fraction(3, 4)) is first
    assert painter.paint(what, Fraction(5, 4)) is not first
    assert painter.paint(what, Fraction(1, 2)) is first
    with pytest.raises(ValueError, match="read-only"):
        first.rgba[0, 0, 0] = 1


def test_a_caption_without_words_is_painted() -> None:
    bare = Cue(Range(Fraction(0), Fraction(1)), ("Hello there", "world"), ())
    same = painted((640, 360), PLAIN, bare).rgba
    assert np.array_equal(same, painted((640, 360), PLAIN, cue("Hello there", "world")).rgba)


# ------------------------------------------------------------------------------ other scripts


def test_right_to_left_lines_begin_at_the_right() -> None:
    style = changed(PLAIN, highlight="#ff0000")
    first = columns_of(painted((640, 360), style, cue("שלום לכולם היום"), 0), (255, 0, 0))
    last = columns_of(painted((640, 360), style, cue("שלום לכולם היום"), 2), (255, 0, 0))
    assert first.min() > last.max()


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("one two three", [0, 1, 2]),
        ("שלום לכולם היום", [2, 1, 0]),
        ("שלום Hello world היום", [3, 1, 2, 0]),
        ("say שלום לכולם now", [0, 2, 1, 3]),
        ("שלום 21 22 היום", [3, 1, 2, 0]),
        ("מדברים על Python 3", [2, 3, 1, 0]),
        ("— 1 —", [0, 1, 2]),
    ],
)
def test_words_are_placed_in_reading_order(words: str, order: list[int]) -> None:
    assert visual_order(embedding_levels(words.split())) == order


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hello ליאת!", "Hello ליאת !"),
        ("hello ליאת, נועה!", "hello נועה , ליאת !"),
        ("שלום Anna!", "! Anna שלום"),
        ("שלום (Anna, Bob) אבא", "אבא ) Anna , Bob ( שלום"),
        ("Hello world!", "Hello world!"),
    ],
)
def test_marks_belong_to_what_is_around_them(text: str, shown: str) -> None:
    words = [LinePiece(word, i > 0, i) for i, word in enumerate(text.split())]
    pieces = marks_apart(words)
    order = visual_order(embedding_levels([piece.text for piece in pieces]))
    assert " ".join(pieces[i].text for i in order) == shown


def test_spaces_stand_where_the_words_beside_them_do() -> None:
    """No space beside a bracket, whichever way the words in it run."""
    text = "He said: «سلام دنیا» and left"
    pieces = marks_apart([LinePiece(w, i > 0, i) for i, w in enumerate(text.split())])
    levels = embedding_levels([piece.text for piece in pieces])
    shown = (" " if i is None else pieces[i].text for i in in_order_shown(pieces, levels))
    assert "".join(shown) == "He said: «دنیا سلام» and left"


def test_a_line_goes_the_way_of_its_caption() -> None:
    words = ["Python", "هي", "لغة"]
    assert visual_order(embedding_levels(words)) == [0, 2, 1]
    assert visual_order(embedding_levels(words, True)) == [2, 1, 0]
    assert lines_from_right(["Python هي لغة", "برمجة"]) == [True, True]
    assert lines_from_right(["Hello world!", "أهلا بالعالم كله!"]) == [False, True]
    assert lines_from_right(["שלום Anna", "hello there my friend"]) == [False, False]
    assert lines_from_right(["10:30", ""]) == [False, False]


def test_files_mark_lines_that_run_from_right_to_left() -> None:
    when = Range(Fraction(0), Fraction(1))
    said = Cue(when, ("Hello!", "שלום Anna!", "להתראות מחר!"), ())
    marked = "Hello!\n\u202bשלום Anna!\u202c\n\u202bלהתראות מחר!\u202c\n"
    assert to_srt([said]).endswith(marked)
    assert to_vtt([said]).endswith(marked)
    brought = replace(said, is_brought=True)
    assert to_srt([brought]).endswith("Hello!\nשלום Anna!\nלהתראות מחר!\n")


def test_files_mark_lines_from_the_left_that_begin_with_a_word_from_the_right() -> None:
    """A browser would set such a line from right to left, and its full stop at its left end."""
    when = Range(Fraction(0), Fraction(1))
    for line in ("שלום Anna, how are you?", "Dov said: שלום."):
        assert to_vtt([Cue(when, (line,), ())]).endswith(f"\u202a{line}\u202c\n")
        assert to_srt([Cue(when, (line,), ())]).endswith(f"\u202a{line}\u202c\n")
    assert to_vtt([Cue(when, ("Hello, Anna.",), ())]).endswith("\nHello, Anna.\n")


def test_arabic_letters_are_joined() -> None:
    """A joined word is narrower than its letters one by one."""
    joined = painted((640, 360), PLAIN, cue("عربي")).rgba.shape[1]
    apart = painted((640, 360), PLAIN, cue("ع\u200cر\u200cب\u200cي")).rgba.shape[1]
    assert joined < apart


def test_a_second_font_serves_what_the_first_lacks() -> None:
    layout = lay_out(cue("Note♪ हिन्दी"), (640, 360), PLAIN)
    assert [(g.text, g.face.path.name) for g in layout.glyphs] == [
        ("Note", "NotoSans[wght].ttf"),
        ("♪", "NotoSansSymbols[wght].ttf"),
        ("हिन्दी", "NotoSansDevanagari[wght].ttf"),
    ]


def test_characters_without_a_glyph_are_named() -> None:
    painter = CaptionPainter((640, 360), PLAIN)
    with pytest.raises(RenderError) as caught:
        painter.check([cue("Hello \U0001342f there"), cue("\U0001342f \U00013000")])
    assert "lack \U0001342f (U+1342F), 𓀀 (U+13000); set `font:`" in str(caught.value)
    with pytest.raises(RenderError, match="U\\+1342F"):
        painter.paint(cue("Hello \U0001342f there"))


def test_a_missing_chinese_font_is_named_with_the_package_that_has_it(monkeypatch) -> None:
    monkeypatch.setattr(caption_fonts, "_CJK_PACKAGE", "no_such_package")
    caption_fonts.faces.cache_clear()
    try:
        with pytest.raises(RenderError, match=r"lack 你 .*pip install manimgx-fonts-cjk"):
            CaptionPainter((640, 360), PLAIN).check([cue("你好")])
    finally:
        caption_fonts.faces.cache_clear()


def test_missing_fonts_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"'absent.ttf' of the captions is not a file"):
        CaptionPainter((640, 360), TextStyle(font="absent.ttf"))
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font")
    with pytest.raises(RenderError, match="cannot be read"):
        CaptionPainter((640, 360), TextStyle(font=str(broken)))


def test_the_named_font_comes_first() -> None:
    path = caption_fonts.faces(None)[0].path.with_name("NotoSansHebrew[wght].ttf")
    assert caption_fonts.faces(str(path))[0].path == path
    assert caption_fonts.family(str(path)) == "Noto Sans Hebrew"
    assert caption_fonts.family(None) == "Noto Sans"


# ------------------------------------------------------------------------------------- emoji


def test_emoji_come_in_colour_where_a_font_has_them(tmp_path: Path) -> None:
    font = str(write_emoji_font(tmp_path / "e.ttf", "🔥", (250, 90, 20)))
    what = cue("So 🔥 good")
    style = changed(PLAIN, colour="#ffffff", emoji_font=font)
    layout = lay_out(what, (640, 360), style)
    assert [g.face.has_colours for g in layout.glyphs] == [False, True, False]
    fire = layout.glyphs[1]
    assert fire.length == pytest.approx(120 / 109 * 18, rel=0.02), "as large as the letters"
    orange = columns_of(painted((640, 360), style, what), (250, 90, 20))
    assert orange.min() >= fire.x
    assert orange.max() <= fire.x + fire.length
    assert 12 < len(orange) < 18
    outlined = painted((640, 360), changed(PLAIN, colour="#ffffff"), what)
    assert not columns_of(outlined, (250, 90, 20)).size, "else they are outlines"


def test_what_only_the_font_of_emoji_has_comes_from_there(tmp_path: Path) -> None:
    rare = "\U0001342f"
    font = str(write_emoji_font(tmp_path / "e.ttf", rare, (250, 90, 20)))
    style = changed(PLAIN, emoji_font=font)
    painter = CaptionPainter((640, 360), style)
    painter.check([cue(f"a {rare}")])
    assert columns_of(painter.paint(cue(f"a {rare}")), (250, 90, 20)).size > 8


def test_what_comes_in_colour_moves_and_fades_as_letters_do(tmp_path: Path) -> None:
    font = str(write_emoji_font(tmp_path / "e.ttf", "🔥", (250, 90, 20)))
    style = changed(PLAIN, emoji_font=font, animation="fade", animate="word")
    painter, what = CaptionPainter((640, 360), style), cue("🔥 fire")
    early = painter.painted(what, CardState(1, True, 3)).rgba
    late = painter.painted(what, CardState(1, True)).rgba
    assert 40 < early[..., 3].max() < 90
    assert late[..., 3].max() == 255


def test_a_font_of_emoji_without_pictures_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font")
    with pytest.raises(RenderError, match="of emoji cannot be read; give one whose glyphs are pic"):
        CaptionPainter((640, 360), changed(PLAIN, emoji_font=str(broken)))
    with pytest.raises(RenderError, match="'absent.ttf' of emoji is not a file"):
        CaptionPainter((640, 360), changed(PLAIN, emoji_font="absent.ttf"))


def test_parts_of_one_emoji_come_from_one_font() -> None:
    for text in ("👍🏽", "👩\u200d🚀", "❤\ufe0f", "1\ufe0f\u20e3", "🇩🇪"):
        assert [g.text for g in lay_out(cue(text), (640, 360), PLAIN).glyphs] == [text]


# ---------------------------------------------------------------------------------- speakers


def test_each_speaker_has_a_colour() -> None:
    said = (("Hello", "Ben"), ("there", "Ben"), ("Good", "Ada"), ("morning", "Ada"), ("Now", None))
    words = tuple(
        Word(Range(Fraction(k), Fraction(k + 1)), text, speaker=who)
        for k, (text, who) in enumerate(said)
    )
    by_name = TextStyle.model_validate({"speaker_colours": {"Ada": "#ff0000", "Ben": "#00ff00"}})
    in_order = TextStyle.model_validate({"speaker_colours": ["#00ff00", "#ff0000"]})
    for style in (by_name, in_order):
        own = Captions(style=changed(style, outline_width=0.0))
        found = fitted(words, own, Range(Fraction(0), Fraction(6)), (640, 360))
        assert [cue.text for cue in found.cues] == ["Hello there", "Good morning", "Now"]
        painter = CaptionPainter((640, 360), found.captions.style)
        for what, colour in zip(
            found.cues, [(0, 255, 0), (255, 0, 0), (255, 255, 255)], strict=True
        ):
            assert columns_of(painter.paint(what), colour).size > 20
        text = to_ass(found.cues, found.captions.style)
        assert r"\1c&H00FF00&" in text
        assert r"\1c&H0000FF&" in text
