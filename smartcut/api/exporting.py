"""A pipeline that writes a cut, in place of a film."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smartcut.api.inputs import as_inputs
from smartcut.api.pipeline import Pipeline
from smartcut.errors import PipelineError
from smartcut.spec import StageLine


def exporting(
    path: Path,
    output: Path,
    params: Mapping[str, Any],
    editor: str | None = None,
    edits: Path | bool = True,
) -> tuple[Pipeline, Path]:
    """A pipeline that writes a cut, all stages but ``render`` of a YAML file, and where to.

    ``path`` may also be a cut file, which is then converted. ``editor`` is the program that is to
    read it; it says the suffix where ``output`` has none. ``edits`` as for
    :meth:`~smartcut.api.Pipeline.from_yaml`.
    """
    from smartcut.interchange.formats import accepted, is_cut_file, named_for
    from smartcut.stages.export import Export

    if editor is not None:
        output = named_for(editor, output)
    if not is_cut_file(output):
        raise PipelineError(f"{output}: a cut is written to a file of {accepted()}")
    if is_cut_file(path):
        if params:
            raise PipelineError(f"{path} is a cut: it has no parameters ({', '.join(params)})")
        return Pipeline((StageLine(Export()),), as_inputs(path)), output
    whole = Pipeline.from_yaml(path, edits=edits, **params).unwritten()
    return whole | Export(), output
