"""In place of files at the beginning of a pipeline: a cut that is at hand."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from smartcut.cut import Cut
from smartcut.stage import Context, Stage


class GivenCut(Stage):
    """Begins with a cut, whose media is looked at again."""

    name: ClassVar[str] = "given"
    makes: ClassVar[bool] = True

    given: Any = Field(repr=False)
    """A :class:`~smartcut.cut.Cut`."""

    @property
    def gives(self) -> tuple[str, ...]:  # type: ignore[override]
        """The names of what the cut knows of its sources."""
        return tuple(dict.fromkeys(annotation.name for annotation in self.given.annotations))

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.media.cut_files import renewed

        return renewed(self.given, "the cut", context.cache)
