"""`subtitles`: show what is said."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from smartcut.cut import Captions, CaptionStyle, Cut
from smartcut.render.captions.colour import ColourParam
from smartcut.render.captions.fonts import FontParam
from smartcut.stage import Context, Params, Stage
from smartcut.timebase import TimeParam

Format = Literal["srt", "vtt", "ass"]

_HIGHLIGHT = "#ffd54a"
"""Colour of the spoken word where karaoke is asked for without one."""


class Style(Params):
    """How burned-in and ASS subtitles look; sizes are shares of the picture's height."""

    font: FontParam | None = Field(
        None, description="A font file (.ttf, .otf, .ttc); without it, Noto Sans of any script."
    )
    size: float = Field(0.05, gt=0, le=0.5, description="Height of the letters.")
    colour: ColourParam = Field("#ffffff", description="Of the letters: `#rrggbb` or `#rrggbbaa`.")
    outline: ColourParam = Field("#000000", description="Colour around the letters.")
    outline_width: float = Field(0.004, ge=0, le=0.05, description="0 leaves the outline out.")
    box: ColourParam | None = Field(
        None, description="Colour of a box behind the text, such as `#00000080`."
    )
    position: Literal["bottom", "middle", "top"] = Field("bottom", description="Where it stands.")
    margin: float = Field(0.06, ge=0, le=0.4, description="Kept free along every edge.")
    highlight: ColourParam | None = Field(None, description="Colour of the word being spoken.")


class Subtitles(Stage):
    """Shows what is said: in files beside the video, as a track in it, or drawn into it.

    Needs a transcript. Texts are broken by sentence, pause, length and reading speed. Drawing
    them in (`burn`) encodes every picture that has text; files and tracks encode none. What is
    drawn has one size of letters throughout: the largest in which all fit, up to `style.size`.
    Below 85 % of that, texts are divided instead of shrunk; never are there more than `lines`.
    """

    name: ClassVar[str] = "subtitles"
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("transcript",),)

    sidecar: tuple[Format, ...] = Field(
        ("srt",),
        description="Files beside the video: `srt`, `vtt`, `ass`, a list of them, or `none`.",
        json_schema_extra={
            "anyOf": [
                {"enum": ["srt", "vtt", "ass", "none"]},
                {"type": "array", "items": {"enum": ["srt", "vtt", "ass"]}},
            ]
        },
    )
    soft: bool = Field(False, description="A text track in the file, that players can switch.")
    burn: bool = Field(False, description="Drawn into the picture.")
    line_length: int = Field(
        42, ge=8, le=200, description="Most columns on a line; full-width characters take two."
    )
    lines: int = Field(2, ge=1, le=6, description="Most lines at a time.")
    reading_speed: float = Field(17.0, gt=0, le=100, description="Most characters a second.")
    min_duration: TimeParam = Field(
        Fraction(5, 6), gt=0, description="Shortest time shown, where there is room."
    )
    max_duration: TimeParam = Field(Fraction(7), gt=0, description="Longest time shown.")
    pause: TimeParam = Field(
        Fraction(1, 2), gt=0, description="A silence this long starts a new text."
    )
    karaoke: bool = Field(
        False, description="Mark each word as it is spoken, in ASS and burned-in subtitles."
    )
    language: str | None = Field(
        None,
        description="ISO 639-1, for the track and for line breaking; without it, the transcript's.",
    )
    style: Style = Field(Style(), description="The look of burned-in and ASS subtitles.")

    @field_validator("sidecar", mode="before")
    @classmethod
    def _sidecar(cls, value: Any) -> Any:
        if value in (None, False, "none"):
            return ()
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _durations_fit(self) -> Subtitles:
        if self.max_duration < self.min_duration:
            raise ValueError(
                f"max_duration ({float(self.max_duration):g} s) is less than "
                f"min_duration ({float(self.min_duration):g} s)"
            )
        return self

    def captions(self) -> Captions:
        """These settings as a part of the cut."""
        style = CaptionStyle(**self.style.model_dump())
        if self.karaoke and style.highlight is None:
            style = replace(style, highlight=_HIGHLIGHT)
        return Captions(
            sidecars=tuple(dict.fromkeys(self.sidecar)),
            soft=self.soft,
            burn=self.burn,
            line_length=self.line_length,
            lines=self.lines,
            reading_speed=self.reading_speed,
            min_duration=self.min_duration,
            max_duration=self.max_duration,
            pause=self.pause,
            karaoke=self.karaoke,
            language=self.language,
            style=style,
        )

    def apply(self, cut: Cut, context: Context) -> Cut:
        captions = self.captions()
        if captions.language is None:
            captions = replace(captions, language=_spoken(cut))
        return replace(cut, captions=captions)


def _spoken(cut: Cut) -> str | None:
    """The language of the transcripts, where they agree."""
    from smartcut.annotation import Transcript

    found = {
        a.data.language
        for a in cut.annotations
        if isinstance(a.data, Transcript) and a.data.sentences
    }
    return found.pop() if len(found) == 1 else None
