"""A pipeline over one file that a command stands for: shown, planned or run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from smartcut.api import Pipeline
    from smartcut.cut import Cut


class FilePipeline(NamedTuple):
    """What a command does with one file."""

    does: str
    """In a line."""
    media: Path
    stages: Sequence[tuple[str, Mapping[str, Any]]]
    """Their names and parameters, as YAML has them."""
    audio: int | None = None
    """Which of its sound tracks counts, from 0."""

    def explained(
        self, show: bool, dry: bool, device: str = "auto", output: Path | None = None
    ) -> bool:
        """Whether it was only to be shown or planned, which is then done."""
        if show:
            from smartcut.report.verbs import pipeline_yaml

            self._ready()  # mistakes are told here too
            print(pipeline_yaml(self.does, self._asked(), [self.media]), end="")
        elif dry:
            print(self._ready().plan(output=output, device=device).text())
        return show or dry

    def cut(self, device: str, no_cache: bool, allow_net: bool = False) -> Cut:
        """The finished cut, without rendering."""
        from smartcut.report.progress import shown_progress

        with shown_progress(as_json=False) as progress:
            return self._ready().cut(
                device=device, cache=not no_cache, allow_net=allow_net, progress=progress
            )

    def write(self, output: Path, **how: Any) -> None:
        """Write the file, and print what was made."""
        from smartcut.report.progress import shown_progress
        from smartcut.report.summary import summary

        with shown_progress(as_json=False) as progress:
            print(summary(self._ready().run(output=output, progress=progress, **how)))

    def _asked(self) -> list[tuple[str, dict[str, Any]]]:
        return [(name, dict(params)) for name, params in self.stages]

    def _ready(self) -> Pipeline:
        from smartcut.api import Pipeline, as_inputs
        from smartcut.report.steps import steps_of

        inputs = as_inputs(self.media)
        if self.audio is not None:
            inputs = tuple(one.model_copy(update={"audio": self.audio}) for one in inputs)
        return Pipeline(steps_of(self._asked()), inputs)
