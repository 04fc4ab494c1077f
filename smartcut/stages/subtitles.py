"""`subtitles`: show what is said."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from smartcut.annotation import Signal, Transcript
from smartcut.cut import Captions, Cut
from smartcut.errors import StageError
from smartcut.looks import LookParam
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Group, Stage, Step
from smartcut.stages._constrained import steps_of_notes
from smartcut.stages._loud_words import with_loud_words
from smartcut.stages._sound_levels import LevelAnalysis
from smartcut.stages._styled import StyleParam, styled
from smartcut.stages.faces import FaceDetection, usual_shots, with_faces, with_shots
from smartcut.text_style import TextStyle
from smartcut.timebase import TimeParam

Format = Literal["srt", "vtt", "ass"]

_HIGHLIGHT = "#ffd54a"
"""Colour of the spoken word where karaoke is asked for without one."""

# As broadcasters use them (EBU-TT, the BBC's guidelines), the first speaker's first.
_SPEAKERS = (("0", "#ffffff"), ("1", "#ffff00"), ("2", "#00ffff"), ("3", "#00ff00"))


class Subtitles(Stage):
    """Shows what is said: in files beside the video, as a track in it, or drawn into it.

    Needs a transcript. Texts are broken by sentence, pause, length and reading speed. Drawing
    them in (`burn`) encodes every picture that has text; files and tracks encode none. What is
    drawn has one size of letters throughout: the largest in which all fit, up to `style.size`.
    Below 85 % of that, texts are divided instead of shrunk; never are there more than `lines`.
    A `look` is a style with a name, and `style` changes some of it: docs/captions.md shows all.
    Each word is marked, or there, in the frames that are shown while it is spoken.

        - subtitles: {burn: true, look: pop, style: {safe: reels, size: 0.09}}

    ```yaml
    - subtitles: {sidecar: [srt, vtt], burn: true}
    ```
    """

    name: ClassVar[str] = "subtitles"
    group: ClassVar[Group] = "speech"
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
        False, description="Mark each word as it is spoken, where the look does not yet."
    )
    language: str | None = Field(
        None,
        description="ISO 639-1, for the track and for line breaking; without it, the transcript's.",
    )
    show: tuple[str, ...] = Field(
        ("original",),
        min_length=1,
        description="`original`, the language of a translation such as `de`, or a list: then each "
        "has its file and its track, and drawn ones stand one above another.",
        json_schema_extra={
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
        },
    )
    speakers: Literal["names", "colours", "dashes", "none"] = Field(
        "none",
        description="How the stage `speakers` shows: who begins is named; each has a colour, the "
        "style's or white, yellow, cyan, green; or an answer shares a caption, with dashes.",
    )
    look: LookParam | None = Field(
        None, description="How burned-in and ASS subtitles look: a name, a .yaml file, or its keys."
    )
    style: StyleParam = Field(TextStyle(), description="What is otherwise than in that look.")

    avoid: Literal["none", "faces"] = Field(
        "none", description="`faces`: a text that would cover one stands at another height."
    )
    stress: float | None = Field(
        None, gt=0, le=40, description="Emphasise words so many dB louder than most: 6 is clear."
    )

    @field_validator("sidecar", mode="before")
    @classmethod
    def _sidecar(cls, value: Any) -> Any:
        if value in (None, False, "none"):
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("show", mode="before")
    @classmethod
    def _show(cls, value: Any) -> Any:
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
        style = styled(self.look, self.style)
        if self.karaoke and not style.follows_words:
            style = style.model_copy(update={"highlight": _HIGHLIGHT})
        if self.speakers == "colours" and not style.speaker_colours:
            style = style.model_copy(update={"speaker_colours": _SPEAKERS})
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
            language=self.language,
            shows=tuple(dict.fromkeys(self.show)),
            speakers=self.speakers,
            style=style,
            avoid=self.avoid,
        )

    def analyses(self) -> tuple[Analysis, ...]:
        faces = (usual_shots(), FaceDetection()) if self.avoid == "faces" else ()
        return (*faces, LevelAnalysis()) if self.stress else faces

    def touches_all(self) -> bool:
        return self.burn

    def apply(self, cut: Cut, context: Context) -> Cut:
        captions, cut = self._settled(cut, context)
        if self.speakers != "none" and not _is_known_who_speaks(cut):
            raise StageError(
                f"`subtitles`: `speakers: {self.speakers}` needs to know who speaks; add "
                "`- speakers` before it (`smartcut captions` does with --count auto)"
            )
        if captions.language is None:
            first = captions.shows[0]
            language = _spoken(cut) if first == "original" else first
            captions = replace(captions, language=language)
        self._check_shown(cut)
        for source in cut.footage:
            if captions.avoid == "faces" and cut.annotation("faces", source.id) is None:
                cut = with_faces(with_shots(cut, source, context), source, FaceDetection(), context)
            if self.stress:
                cut = _stressed(cut, source, self.stress, context)
        return replace(cut, captions=captions)

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        made = self.apply(cut, context)
        return made, steps_of_notes(self.name, cut, made)

    def _settled(self, cut: Cut, context: Context) -> tuple[Captions, Cut]:
        """These settings as what is expected wants them; the cut with a note on what is changed."""
        own = settled = self.captions()
        for one in context.expected:
            settled = one.settle(settled)
        told = {
            "reading_speed": (own.reading_speed, settled.reading_speed),
            "lines": (own.lines, settled.lines),
            "avoid": (own.avoid, settled.avoid),
            "outline": (own.style.outline, settled.style.outline),
            "outline_width": (own.style.outline_width, settled.style.outline_width),
        }
        for name, (before, after) in told.items():
            if before != after:
                cut = cut.with_note(
                    f"{self.name}: {name} is {after}, as `captions` expects; without it {before}"
                )
        return settled, cut

    def _check_shown(self, cut: Cut) -> None:
        """Raise StageError for a translation that is not there."""
        there = [
            a.name.partition(".")[2] for a in cut.annotations if a.name.startswith("translation.")
        ]
        for text in self.show:
            if text != "original" and text not in there:
                known = ", ".join(dict.fromkeys(("original", *there)))
                raise StageError(
                    f"`subtitles`: there is no translation {text!r} to show; there are: {known}; "
                    f"put `- translate: {{to: {text}, model: FOLDER}}` before it"
                )


def _stressed(cut: Cut, source: Source, above: float, context: Context) -> Cut:
    """The cut with the loud words of a source marked."""
    found, level = cut.annotation("transcript", source.id), context.result(LevelAnalysis(), source)
    if found is None or not isinstance(found.data, Transcript):
        return cut
    assert isinstance(level.data, Signal)
    return cut.with_annotation(replace(found, data=with_loud_words(found.data, level.data, above)))


def _is_known_who_speaks(cut: Cut) -> bool:
    """Whether a stage listened, or somebody wrote down, who says what."""
    from smartcut.annotation import Speakers, Transcript

    for one in cut.annotations:
        if isinstance(one.data, Speakers):
            return True
        if isinstance(one.data, Transcript):
            words = (word for sentence in one.data.sentences for word in sentence.words)
            if any(word.speaker is not None for word in words):
                return True
    return False


def _spoken(cut: Cut) -> str | None:
    """The language of the transcripts; where there are several, `mul` (ISO 639-2)."""
    found = {
        language
        for a in cut.annotations
        if a.name == "transcript" and isinstance(a.data, Transcript) and a.data.sentences
        for language in a.data.languages()
    }
    return "mul" if len(found) > 1 else next(iter(found), None)
