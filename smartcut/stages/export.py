"""`export`: write the cut to a file that an editing system reads."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.stage import Context, Stage, Step


class Export(Stage):
    """Writes the cut, not its pictures, to a file: OpenTimelineIO, FCPXML, EDL or JSON.

    Editing systems read the first three; `smartcut run` takes any as its input. What each can hold
    stands in [interchange](../interchange.md). What stages have made for the cut is made first, so
    that its files are there.
    """

    name: ClassVar[str] = "export"

    to: str | None = Field(
        None,
        description="The file to write, below the current folder: `.otio`, `.fcpxml`, `.edl` or "
        "`.json`. Without it, what `-o` says, with the suffix `.otio` if that is a video.",
    )

    @field_validator("to")
    @classmethod
    def _below(cls, value: str | None) -> str | None:
        from smartcut.interchange.files import SUFFIXES, is_cut_file

        if value is None:
            return None
        if not is_cut_file(Path(value)):
            raise ValueError(f"{value!r} is not a file of {', '.join(SUFFIXES)}")
        if Path(value).is_absolute() or ".." in Path(value).parts:
            raise ValueError(f"{value!r} leaves the current folder; for that, give -o")
        return value

    def writes(self, context: Context) -> tuple[Path, ...]:
        from smartcut.interchange.files import is_cut_file

        if self.to is not None:
            return (Path(self.to),)
        if context.output is None:
            return ()
        asked = context.output
        return (asked if is_cut_file(asked) else asked.with_suffix(".otio"),)

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.interchange.files import left_out, write_cut
        from smartcut.render.generation import realise

        path = self._path(context)
        realise(cut, context)
        write_cut(cut, path)
        context.outputs.append(path)
        for note in left_out(cut, path):
            cut = cut.with_note(note)
        return cut

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        count = len(cut.segments)
        return cut, (Step(self.name, str(self._path(context)), "pure", f"{count} segments"),)

    def _path(self, context: Context) -> Path:
        paths = self.writes(context)
        if not paths:
            raise PipelineError("`export` does not know what to write: give `to`, or -o OUT.otio")
        return paths[0]
