"""`export`: write the cut to a file that an editing system reads."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, Field, field_validator, model_validator

from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.stage import Context, Group, Stage, Step


class Export(Stage):
    """Writes the cut, not its pictures, to a file that editing systems read.

    The suffix decides between the formats of [interchange](../interchange.md), which says what each
    can hold; `for: premiere` chooses what a program reads best. `smartcut run` takes any of them
    as its input. What stages have made for the cut is made first, so that its files are there.
    Notes tell what a format leaves out.

    ```yaml
    - export: {to: reel.otio}
    ```
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)
    name: ClassVar[str] = "export"
    after_edits: ClassVar[bool] = True
    group: ClassVar[Group] = "output"

    to: str | None = Field(
        None,
        description="The file to write, below the current folder, such as `reel.otio` or "
        "`reel.fcpxml`. Without it, what `-o` says, with another suffix if that is a video.",
    )
    editor: str | None = Field(
        None,
        alias="for",
        description="The program that is to read it: `premiere`, `resolve`, `finalcut`, `avid` and "
        "others; `editor` in Python.",
    )

    @field_validator("to")
    @classmethod
    def _below(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if Path(value).is_absolute() or ".." in Path(value).parts:
            raise ValueError(f"{value!r} leaves the current folder; for that, give -o")
        return value

    @model_validator(mode="after")
    def _of_a_format(self) -> Export:
        from smartcut.interchange.formats import accepted, format_for, is_cut_file, named_for

        try:
            if self.editor is not None:
                format_for(self.editor)
                if self.to is not None:
                    named_for(self.editor, Path(self.to))
            elif self.to is not None and not is_cut_file(Path(self.to)):
                raise ValueError(f"{self.to!r} is not a file of {accepted()}")
        except PipelineError as error:
            raise ValueError(str(error)) from error
        return self

    def writes(self, context: Context) -> tuple[Path, ...]:
        from smartcut.interchange.formats import format_for, is_cut_file, named_for

        if self.to is not None:
            path = Path(self.to)
            return (path if self.editor is None else named_for(self.editor, path),)
        asked = context.output
        if asked is None:
            return ()
        if self.editor is not None:
            return (asked.with_suffix(format_for(self.editor).suffix),)
        return (asked if is_cut_file(asked) else asked.with_suffix(".otio"),)

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.interchange.files import write_cut
        from smartcut.render.generation import realise

        path = self._path(context)
        realise(cut, context)
        notes = write_cut(cut, path)
        context.outputs.append(path)
        for note in notes:
            cut = cut.with_note(f"{path.name}: {note}")
        return cut

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        count = len(cut.segments)
        return cut, (Step(self.name, str(self._path(context)), "pure", f"{count} segments"),)

    def _path(self, context: Context) -> Path:
        paths = self.writes(context)
        if not paths:
            raise PipelineError("`export` does not know what to write: give `to`, or -o OUT.otio")
        return paths[0]
