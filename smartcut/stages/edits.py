"""`edits`: corrections by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)

from smartcut.absent import no_file
from smartcut.accepted import InWords
from smartcut.cut import Cut
from smartcut.editing.applying import Edited, apply_edits
from smartcut.editing.finding import Finder
from smartcut.editing.media import files_named
from smartcut.editing.model import Edits, HandEdit
from smartcut.editing.reading import read_edits
from smartcut.editing.refusing import EditConflict, Refused
from smartcut.errors import PipelineError, StageError
from smartcut.interchange.media_paths import allowed
from smartcut.mistakes import mistakes
from smartcut.roots import check_inside
from smartcut.source import Source, unused
from smartcut.stage import Context, Stage, Step


def _read(given: Any, info: ValidationInfo) -> Edits | None:
    """The edits in a file, or a list of them as it was written."""
    if given is None or isinstance(given, Edits):
        return given
    if isinstance(given, HandEdit):
        given = [given]
    if not isinstance(given, (str, Path)):
        values = {"edits": list(given)} if isinstance(given, (list, tuple)) else given
        try:
            return Edits.model_validate(values)
        except ValidationError as error:
            told = "; ".join(one.text for one in mistakes(error.errors(), Edits))
            raise ValueError(told) from None
    folder = (info.context or {}).get("folder")
    path = Path(given).expanduser()
    places = [path] if folder is None else [folder / path, path]
    for place in places:
        if place.is_file():
            check_inside(place)
            try:
                return read_edits(place)
            except PipelineError as error:
                raise ValueError(str(error)) from error
    raise ValueError(f"{no_file(path)} (looked at: {', '.join(map(str, places))})")


class EditsStage(Stage):
    """Lays corrections by hand over what the stages before have chosen.

    An edit speaks of a moment of a source (`drop`, `keep`, `trim`, `split`, `move`, `replace`,
    `set`, `add`; docs/corrections.md), so that it holds when another prompt, another model or a
    longer source give another cut. One that no longer applies is a conflict: a note names it, and
    it stays in its file.

    The key `edits:` of a pipeline, and a file `reel.edits.yaml` beside `reel.yaml`, are applied
    before the first `score`, `render` or `export`. Written without a value, `- edits` says where
    instead: what comes after it works on the film as it was edited.

        - edits: [{drop: {source: talk.mp4, start: 12.4s, end: 15.2s, why: "no, wait"}}]

    ```yaml
    - edits: reel.edits.yaml
    ```
    """

    name: ClassVar[str] = "edits"
    short: ClassVar[str] = "edits"
    hint: ClassVar[str] = "edits: reel.edits.yaml"

    edits: Annotated[
        Any,
        BeforeValidator(_read),
        WithJsonSchema({"type": ["string", "array", "object", "null"]}),
        InWords("file of edits, or list of them"),
    ] = Field(
        None, description="A file of edits, or a list of them; without it, those of the pipeline."
    )
    strict: bool = Field(False, description="End where an edit no longer applies.")

    @property
    def is_place(self) -> bool:
        """Whether it says where edits go, and holds none."""
        return self.edits is None

    _folder: Path | None = PrivateAttr(None)
    """Of the pipeline: where files are that edits name."""

    def model_post_init(self, context: Any) -> None:
        self._folder = (context or {}).get("folder")

    def apply(self, cut: Cut, context: Context) -> Cut:
        return self._after(cut, self.edited(cut, context))

    def _after(self, cut: Cut, done: Edited | None) -> Cut:
        if done is None:
            return cut.with_note("edits: the pipeline has none")
        if self.strict and done.conflicts:
            raise StageError("\n".join(f"`edits`: {one.text}" for one in done.conflicts))
        if cut.segments and not done.cut.segments:
            raise StageError("`edits` leave nothing of the cut: take some of them out")
        for note in _notes(done):
            done = replace(done, cut=done.cut.with_note(note))
        return done.cut

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        done = self.edited(cut, context)
        after = self._after(cut, done)
        if done is None:
            return after, (Step(self.name, "cut", "pure", "the pipeline has none"),)
        lines = [Step(self.name, "cut", "pure", _applied(done))]
        lines += [_line(self.name, one) for one in done.conflicts]
        return after, tuple(lines)

    def edited(self, cut: Cut, context: Context) -> Edited | None:
        """The cut with the edits, and what became of each; None for the mark of a place."""
        if self.edits is None:
            return None
        cut = self._with_media(cut, self.edits, context)
        return apply_edits(cut, self.edits, context, self._folder)

    def _with_media(self, cut: Cut, edits: Edits, context: Context) -> Cut:
        """The cut with the sources that edits name by files, and that it does not have."""
        for name in dict.fromkeys(_named(edits)):
            try:
                Finder(cut, edits.sources).sources(name)
            except Refused:
                cut = replace(cut, sources=(*cut.sources, *self._opened(cut, name, context)))
        return cut

    def _opened(self, cut: Cut, name: str, context: Context) -> Iterator[Source]:
        """The media of that name, if there is such a file."""
        from smartcut.media.probe import probe

        path = Path(name).expanduser()
        places = [path] if self._folder is None else [self._folder / path, path]
        found = next((one for one in places if path.suffix and one.is_file()), None)
        if found is not None:
            allowed(found, "edits")
            id = unused(path.stem, (source.id for source in cut.sources))
            yield probe(found, id=id, cache=context.cache)


def _named(edits: Edits) -> Iterator[str]:
    """The sources of which edits would show something."""
    for edit in edits.edits:
        yield from files_named(edit)


def _applied(done: Edited) -> str:
    lost = {one.edit for one in done.conflicts}
    whole, count = len(lost.union(done.applied)), len(set(done.applied) - lost)
    return f"{count} of {whole} edits by hand apply"


def _notes(done: Edited) -> Iterator[str]:
    yield f"edits: {_applied(done)}"
    for one in done.conflicts:
        yield f"edits: conflict in {one.text}"


def _line(stage: str, one: EditConflict) -> Step:
    return Step(stage, f"edit {one.edit + 1} ({one.what.kind})", "conflict", one.why)
