"""Words as a style wants them: in capitals, with emoji after them, some of them emphasised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from smartcut.annotation import Word
from smartcut.render.captions.cues import Cue
from smartcut.text_style import TextStyle


def styled_words(words: Iterable[Word], style: TextStyle) -> tuple[Word, ...]:
    """The words with what the style makes of their texts."""
    return tuple(_styled(words, style))


def styled_cues(cues: Iterable[Cue], style: TextStyle) -> tuple[Cue, ...]:
    """Captions that are there already, likewise; emoji are set in those with words alone."""
    if not (style.upper or style.emphasis):
        return tuple(cues)
    without = style.model_copy(update={"emoji": ()})
    return tuple(
        replace(
            cue,
            lines=tuple(in_capitals(line, style) for line in cue.lines),
            words=styled_words(cue.words, without),
        )
        for cue in cues
    )


def of_speakers(style: TextStyle, words: Iterable[Word]) -> TextStyle:
    """The style with its colours given to speakers by name: those of a list as they first speak."""
    if not any(name.isdigit() for name, _ in style.speaker_colours):
        return style
    speaking = dict.fromkeys(word.speaker for word in words if word.speaker is not None)
    given = [colour for _, colour in style.speaker_colours]
    named = tuple((one, given[k % len(given)]) for k, one in enumerate(speaking))
    return style.model_copy(update={"speaker_colours": named})


def in_capitals(text: str, style: TextStyle) -> str:
    """The text, in capitals where the style wants that."""
    return text.upper() if style.upper else text


def _styled(words: Iterable[Word], style: TextStyle) -> Iterator[Word]:
    strong = {_bare(word) for word in style.emphasis}
    emoji = {_bare(word): sign for word, sign in style.emoji}
    for word in words:
        key = _bare(word.text)
        text = in_capitals(word.text, style)
        if key in emoji:
            text = f"{text.rstrip()} {emoji[key]}"
        yield replace(word, text=text, is_strong=word.is_strong or key in strong)


def _bare(text: str) -> str:
    """The word without marks around it, in one case."""
    return "".join(c for c in text if c.isalnum() or c in "'’").casefold()
