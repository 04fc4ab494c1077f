"""The pipeline that a command would run, as YAML to start from: its parameters filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from smartcut.interchange.formats import is_cut_file
from smartcut.spec_files import read_pipeline_text
from smartcut.spec_reading import parse_spec
from smartcut.spec_text import filled, read_params, read_yaml


def filled_yaml(
    path: Path,
    settings: Mapping[str, Any],
    inputs: Sequence[Path] | None = None,
    output: Path | None = None,
    also: Mapping[str, Any] | None = None,
) -> str:
    """The YAML of a pipeline file with its parameters, inputs and output as they are given.

    Media and cuts stand for the pipeline that has them as its inputs. ``also`` is a last stage, in
    place of every ``render``. A pipeline's own paths count from its folder, so inputs are absolute
    where that is another than the current one. Raises PipelineError as a run would.
    """
    data = _data(path, settings)
    if inputs:
        is_here = path.resolve().parent == Path.cwd()
        given = [str(one if is_here else one.resolve()) for one in inputs]
        data["inputs"] = [*_opened(path), *given]
        data.pop("parts", None)
    if also is not None:
        data["stages"] = [s for s in data.get("stages", ()) if _name(s) != "render"] + [{**also}]
    if output is not None:
        data["output"] = str(output)
    return yaml_text(data)


def yaml_text(data: Mapping[str, Any]) -> str:
    """The YAML of a pipeline's keys, in the order in which they are written by hand."""
    order = ("description", "inputs", "parts", "output", "stages", "edits", "expect")
    known = {key: data[key] for key in order if key in data}
    text: str = yaml.safe_dump(
        known, sort_keys=False, allow_unicode=True, width=96, default_flow_style=None
    )
    return text


def _data(path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    if found := _opened(path):
        return {"inputs": found, "stages": []}
    text = read_pipeline_text(path).text
    parse_spec(text, path=path, settings=settings)  # mistakes are told here too
    data, places = read_yaml(text)
    params = read_params(data.pop("params", None), settings, places)
    return {key: filled(value, params, (key,), places) for key, value in data.items()}


def _opened(path: Path) -> list[str]:
    """The file itself, where it is no pipeline but what one begins with."""
    is_pipeline = path.suffix.lower() in (".yaml", ".yml") or str(path) == "-"
    return [str(path)] if is_cut_file(path) or not is_pipeline else []


def _name(stage: Any) -> str:
    return next(iter(stage)) if isinstance(stage, dict) else str(stage)
