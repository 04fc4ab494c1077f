"""How text looks: one model for captions, titles and ASS files.

A look is a style with a name; see :mod:`smartcut.looks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from smartcut.accepted import InWords
from smartcut.colours import ColourParam
from smartcut.params import Params
from smartcut.timebase import TimeParam

Position = Literal["bottom", "middle", "top"]
Animation = Literal["none", "pop", "bounce", "slide", "fade", "fill", "typewriter"]
Platform = Literal["none", "tiktok", "reels", "shorts"]


def _pairs(value: Any) -> Any:
    return tuple((str(k), v) for k, v in value.items()) if isinstance(value, Mapping) else value


Emoji = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(_pairs),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
    InWords("mapping of words to emoji ({fire: 🔥})"),
]


def _colours(value: Any) -> Any:
    """Colours by name as pairs; a list gives the first to whoever speaks first, and so on."""
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return tuple((str(number), one) for number, one in enumerate(value))
    return _pairs(value)


SpeakerColours = Annotated[
    tuple[tuple[str, ColourParam], ...],
    BeforeValidator(_colours),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "string"}},
            ]
        }
    ),
    InWords("list of colours, or mapping of speakers to colours ({Ada: '#ffd54a'})"),
]


class TextStyle(Params):
    """The look of text. Sizes are shares of the picture's height, or of its shorter side."""

    font: str | None = Field(
        None, description="A font file (.ttf, .otf, .ttc); without it, Noto Sans of any script."
    )
    weight: int = Field(
        600, ge=100, le=900, description="Of Noto Sans: 400 is regular, 700 bold, 900 black."
    )
    size: float = Field(0.05, gt=0, le=0.5, description="Height of the letters.")
    unit: Literal["height", "side"] = Field(
        "height", description="What sizes are shares of: the height, or the shorter side."
    )
    upper: bool = Field(False, description="Capital letters.")
    colour: ColourParam = Field("#ffffff", description="Of the letters: `#rrggbb` or `#rrggbbaa`.")
    outline: ColourParam = Field("#000000", description="Colour around the letters.")
    outline_width: float = Field(0.004, ge=0, le=0.05, description="0 leaves the outline out.")
    shadow: ColourParam | None = Field(None, description="Colour of a shadow of the letters.")
    shadow_offset: tuple[float, float] = Field(
        (0.003, 0.003), description="How far the shadow falls to the right, and down."
    )
    shadow_blur: float = Field(
        0.003, ge=0, le=0.05, description="How soft the shadow is; 0 is sharp."
    )
    glow: ColourParam | None = Field(None, description="Colour of a shine around the letters.")
    glow_width: float = Field(0.012, ge=0, le=0.1, description="How far it shines.")
    box: ColourParam | None = Field(
        None, description="Colour of a box behind the text, such as `#000000b0`."
    )
    box_of: Literal["text", "line", "word", "band"] = Field(
        "text", description="What has a box: all of the text, each line, each word, or a band "
        "from one side of the picture to the other.",
    )  # fmt: skip
    box_radius: float = Field(0.2, ge=0, le=1, description="Of its corners, in letter heights.")
    box_padding: float = Field(
        0.25, ge=0, le=2, description="From the text to the box's edge, in letter heights."
    )
    accent: ColourParam | None = Field(
        None, description="Colour of a bar at the left end of the box of a text or a band."
    )
    position: Position = Field("bottom", description="Where it stands.")
    margin: float = Field(0.06, ge=0, le=0.4, description="Kept free along every edge.")
    safe: Platform = Field(
        "none", description="Keeps clear of what this platform lays over upright films."
    )
    align: Literal["left", "centre", "right"] = Field(
        "centre", description="Where lines begin, or end, or both alike."
    )
    highlight: ColourParam | None = Field(None, description="Colour of the word being spoken.")
    highlight_box: ColourParam | None = Field(
        None, description="Colour of a box behind the word being spoken."
    )
    highlight_scale: float = Field(
        1.0, ge=1, le=1.5, description="How many times as large the word being spoken is."
    )
    past: ColourParam | None = Field(None, description="Colour of words spoken already.")
    speaker_colours: SpeakerColours = Field(
        (), description="Of the letters by speaker, in the order of their first words or by name, "
        "where `speakers` came before.",
    )  # fmt: skip
    emphasis: tuple[str, ...] = Field((), description="Words to emphasise, wherever they occur.")
    emphasis_colour: ColourParam | None = Field(
        "#ffd54a", description="Of emphasised words; none for that of the others."
    )
    emphasis_scale: float = Field(
        1.0, ge=1, le=2, description="How many times as large emphasised words are."
    )
    emoji: Emoji = Field((), description="Emoji to set after words, wherever they occur.")
    emoji_font: str | None = Field(
        None, description="A font file with colour emoji; without it, emoji are outlines."
    )
    words_at_once: int | None = Field(
        None, ge=1, le=20, description="Most words at a time; without it, what the lines hold."
    )
    reveal: Literal["card", "word"] = Field(
        "card", description="All words are there at once, or each comes when it is spoken."
    )
    animation: Animation = Field(
        "none",
        description="How a word, or a card, comes; `fill` colours a word as it is spoken.",
    )
    animate: Literal["word", "card"] = Field("word", description="What comes so.")
    animation_time: TimeParam = Field(
        Fraction(1, 5), gt=0, le=2, description="How many seconds that takes, at most."
    )

    @property
    def follows_words(self) -> bool:
        """Whether it looks otherwise when another word is spoken."""
        marks = self.highlight or self.highlight_box or self.past
        moves = self.animation != "none" and self.animate == "word"
        return bool(marks or moves or self.highlight_scale > 1 or self.reveal == "word")

    def letter_colour(self, speaker: str | None, is_strong: bool) -> str:
        """The colour of a word of a speaker, while it is neither spoken nor over."""
        if is_strong and self.emphasis_colour is not None:
            return self.emphasis_colour
        return dict(self.speaker_colours).get(speaker or "", self.colour)

    @property
    def types_card(self) -> bool:
        """Whether its letters are written one after the other, whoever speaks."""
        return self.animate == "card" and self.animation == "typewriter"

    def pixels(self, size: tuple[int, int]) -> int:
        """The pixels of which sizes are shares, in a picture of (width, height)."""
        return size[1] if self.unit == "height" else min(size)

    def over(self, below: TextStyle) -> TextStyle:
        """The style ``below`` with what this one was given in place of its own."""
        return below.model_copy(update={n: getattr(self, n) for n in self.model_fields_set})
