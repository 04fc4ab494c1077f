"""The cut of a conformed film as files: of an editing system, or a pipeline and its cut."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from smartcut.cut import Cut
from smartcut.files import write_text
from smartcut.interchange.files import write_cut


class WrittenCut(NamedTuple):
    """Files that were written, and what they could not hold."""

    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


def write_conformed(cut: Cut, output: Path) -> WrittenCut:
    """Write the cut; as .yaml, a pipeline that renders it, and the cut beside it."""
    from smartcut.report.verbs import pipeline_yaml

    if output.suffix.lower() not in (".yaml", ".yml"):
        return WrittenCut((output,), write_cut(cut, output))
    beside = output.with_suffix(".json")
    notes = write_cut(cut, beside)
    write_text(output, pipeline_yaml("", [("render", {})], [Path(beside.name)]))
    return WrittenCut((beside, output), notes)
