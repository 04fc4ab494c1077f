"""`render`: write the cut to files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.stage import Context, Group, Stage, Step
from smartcut.stages._render_settings import RenderSettings


class Render(RenderSettings, Stage):
    """Writes the cut to a file: a film, sound alone, an animation or pictures; the suffix decides.

    Films are `.mp4`, `.m4v`, `.mov`, `.mkv`, `.webm` and `.ts`; `.m3u8` is HTTP Live Streaming in
    several `heights`. Sound alone is `.m4a`, `.mp3`, `.wav`, `.flac`, `.ogg`, `.opus` and `.mka`;
    animations are `.gif`, `.webp` and `.apng`. A name with a number, such as `frame-%05d.png`
    (`.jpg` and `.webp` too), is a file for each picture, or for one each so often (`every`). What
    a kind of file cannot hold is left out with a note.

    With `mode: auto` the picture is copied without encoding wherever nothing in it changes; only
    what is touched, and the few frames between a cut and a key frame, are encoded, in the source's
    own kind. `encode` always encodes; `copy` moves the cuts to key frames, says so, and copies.
    Sound is cut to the sample and encoded once, or passed through where nothing touches it.
    Sources of other sizes are fitted, and without `fps` the frame times of the sources are kept.

    ```yaml
    - render: {output: reel.mp4, resolution: 720p, fps: 30, fit: crop}
    ```
    """

    name: ClassVar[str] = "render"
    after_edits: ClassVar[bool] = True
    group: ClassVar[Group] = "output"
    imports: ClassVar[tuple[str, ...]] = (
        "smartcut.render.write",
        "smartcut.render.span_encoding",
        "smartcut.render.sound.mixed_piece",
    )

    outputs: tuple[RenderSettings, ...] = Field(
        (),
        description="Further files of the same cut, each with an `output` (`{stem}` stands for the "
        "name of the first) and what differs from the settings above.",
    )

    def writes(self, context: Context) -> tuple[Path, ...]:
        return tuple(path for path, _ in self._wanted(context))

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.render.write import write_all

        for job in self._jobs(context):
            cut = write_all(cut, job, context)
        return cut

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        from smartcut.render.write import preview_all

        steps = [step for job in self._jobs(context) for step in preview_all(cut, job, context)]
        return cut, tuple(steps)

    def _jobs(self, context: Context) -> list[Any]:
        wanted = self._wanted(context)
        if not wanted:
            raise PipelineError("`render` does not know what to write: give -o OUT.mp4")
        from smartcut.render.records.manifest import belongs_to_another

        taken: list[Path] = []
        jobs = []
        for path, settings in wanted:
            shares = path.with_suffix("") in taken or belongs_to_another(path)
            taken.append(path.with_suffix(""))
            jobs.append(replace(settings.job(path, context), shares_name=shares))
        return jobs

    def _wanted(self, context: Context) -> list[tuple[Path, RenderSettings]]:
        """Each file with its settings, those of `outputs` on top of the stage's own."""
        from smartcut.media.numbered import is_of_parts

        path = context.output or (Path(self.output) if self.output else None)
        if path is not None and self.each is None and is_of_parts(path):
            raise PipelineError(
                "{n} in the output's name goes with --each or --table, or with "
                f"`render: {{each: segment}}`; given: {path}"
            )
        found: list[tuple[Path, RenderSettings]] = [] if path is None else [(path, self)]
        for place, one in enumerate(self.outputs):
            if not one.output:
                raise PipelineError(f"`render`: number {place} of `outputs` has no `output`")
            if "{stem}" in one.output and path is None:
                raise PipelineError(
                    f"`render`: {one.output!r} is named after the first output: give -o OUT.mp4"
                )
            name = one.output.replace("{stem}", path.stem if path else "")
            beside = path.parent / name if path and "{stem}" in one.output else Path(name)
            if beside in [path for path, _ in found]:
                raise PipelineError(f"`render`: two of its outputs are {beside}")
            found.append((beside, one.over(self)))
        return found
