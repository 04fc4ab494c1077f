"""A pipeline as a user writes it: YAML in, checked stages with their line numbers out.

    params: {duration: 30s}
    inputs: [a.mp4, {path: b.mkv, audio: 1}]
    output: reel.mp4
    stages:
      - shots: {detector: adaptive}
      - highlights: {duration: "${duration}"}
      - render

``${name}`` stands for a parameter: alone it keeps the parameter's type, inside a text it is
written out. The default of a parameter may name parameters above it. All mistakes in a file are
reported together, each with its line.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import Field, ValidationError, model_validator

from smartcut.errors import PipelineError
from smartcut.mistakes import fields_of, mistakes
from smartcut.roots import check_inside
from smartcut.spec_text import (
    Places,
    YamlPath,
    check_weight,
    filled,
    known_params,
    parse_setting,
    read_params,
    read_yaml,
    unknown,
)
from smartcut.stage import Params, PathParam, Stage, find_stage, loadable_stages, stage_modules
from smartcut.text_input import TextInput, decoded, read_text_input
from smartcut.timebase import TimeParam

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

P = TypeVar("P", bound=Params)

#: In the place of a file's name: the pipeline is read from standard input.
STANDARD_INPUT = Path("-")

_TOP = ("description", "params", "inputs", "output", "stages")


class Input(Params):
    """A source as named in YAML; ``video`` and ``audio`` choose streams, counted from 0."""

    path: Path
    video: int | None = None
    audio: int | None = None


class FoundRange(Params):
    """A range of a source, in source time, and its place among all that a search found."""

    place: int
    start: Fraction
    end: Fraction
    label: str = ""
    scores: tuple[tuple[str, float], ...] = ()


class FoundInput(Input):
    """A source of which only what a search found is shown."""

    found: tuple[FoundRange, ...]


class Search(Params):
    """Inputs that a library is asked for: the best stretches for the words, image or speech."""

    library: Path = Field(description="A folder of media that `smartcut library index` has seen.")
    words: str | None = Field(None, min_length=1, description="What is to be seen.")
    image: PathParam | None = Field(None, description="A picture like what is to be seen.")
    speech: str | None = Field(None, min_length=1, description="What is to be heard.")
    limit: int = Field(10, ge=1, le=10_000, description="How many stretches, the best first.")
    longest: TimeParam = Field(
        Fraction(10), gt=0, description="Of a longer shot, so much around its best moment."
    )
    store: Path | None = Field(None, description="Where the library is kept, if not in the cache.")

    @model_validator(mode="after")
    def _asks(self) -> Search:
        if self.words is None and self.image is None and self.speech is None:
            raise ValueError("give words, image or speech")
        return self


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage with the line that it was written on."""

    stage: Stage
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """A checked pipeline."""

    steps: tuple[StageLine, ...]
    inputs: tuple[Input, ...] = ()
    output: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    path: Path | None = None
    search: Search | None = None
    """Where ``inputs`` are to be found in a library."""
    text: str = field(default="", repr=False)
    """The YAML that it was read from."""
    notes: tuple[str, ...] = ()
    """What the user should know of how it was read."""


# ------------------------------------------------------------------------------------- checking


def parse_spec(
    text: str,
    *,
    path: Path | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Spec:
    """The checked pipeline; raises one PipelineError that lists every mistake with its line."""
    try:
        data, places = read_yaml(text)
        return replace(_spec(data, places, path, settings or {}), text=text)
    except PipelineError as error:
        if error.path is None and path is not None:
            raise PipelineError(error.message, path=shown(path), line=error.line) from None
        raise


def load_spec(path: Path, settings: Mapping[str, Any] | None = None) -> Spec:
    """The checked pipeline in a YAML file, with a note where its encoding was guessed."""
    given = read_pipeline_text(path)
    spec = parse_spec(given.text, path=path, settings=settings)
    return replace(spec, notes=given.notes)


def shown(path: Path) -> str:
    """What messages call the file of a pipeline."""
    return "standard input" if path == STANDARD_INPUT else str(path)


def read_pipeline_text(path: Path) -> TextInput:
    """The text of a YAML file, or of standard input for ``-``; raises PipelineError."""
    try:
        if path == STANDARD_INPUT:
            return decoded(_standard_input(), shown(path))
        return read_text_input(path)
    except (OSError, ValueError) as error:
        raise PipelineError(f"the pipeline {shown(path)} cannot be read: {error}") from error


@cache
def _standard_input() -> bytes:
    """What standard input holds, which can be read once: settings and the pipeline ask for it."""
    return sys.stdin.buffer.read()


def read_settings(path: Path, items: Iterable[str]) -> dict[str, Any]:
    """The parameters of the pipeline in a file that were set by ``name=value``."""
    items = list(items)
    defaults = known_params(read_pipeline_text(path).text) if items else {}
    return dict(parse_setting(item, defaults) for item in items)


def _spec(data: Any, places: Places, path: Path | None, settings: Mapping[str, Any]) -> Spec:
    if not isinstance(data, dict):
        raise PipelineError(f"a pipeline is a mapping with the keys {', '.join(_TOP)}", line=1)
    for key in data:
        if key not in _TOP:
            raise PipelineError(unknown(key, _TOP, "key"), line=places.line((key,)))
    params = read_params(data.get("params"), settings, places)
    data = {k: v if k == "params" else filled(v, params, (k,), places) for k, v in data.items()}
    check_weight(data, None)
    folder = path.resolve().parent if path else None
    problems: list[PipelineError] = []
    steps = _steps(data.get("stages"), places, folder, problems)
    search = _search(data.get("inputs"), places, folder, problems)
    inputs = () if search else _inputs(data.get("inputs"), places, folder, problems)
    if not problems:
        problems.extend(missing_needs(steps))
    if problems:
        raise _together(problems, path)
    output = data.get("output")
    if isinstance(output, (int, float)) and (said := places.scalar(("output",))):
        output = said[1]
    if output is not None and not isinstance(output, str):
        raise PipelineError("output must be a file name", line=places.line(("output",)))
    if output is not None and (Path(output).is_absolute() or ".." in Path(output).parts):
        message = f"output {output!r} leaves the current folder; for that, give -o when it is run"
        raise PipelineError(message, line=places.line(("output",)))
    return Spec(steps, inputs, output, params, str(data.get("description") or ""), path, search)


def _together(problems: list[PipelineError], path: Path | None) -> PipelineError:
    name = shown(path) if path else None
    located = [PipelineError(p.message, path=name, line=p.line) for p in problems]
    if len(located) == 1:
        return located[0]
    together = PipelineError("\n".join(str(p) for p in located))
    together.path = name
    return together


def _search(
    given: Any, places: Places, folder: Path | None, problems: list[PipelineError]
) -> Search | None:
    """What ``inputs: {search: {...}}`` asks for; None where inputs are files."""
    if not isinstance(given, dict) or "search" not in given:
        return None
    place: YamlPath = ("inputs", "search")
    if len(given) > 1:
        others = ", ".join(key for key in given if key != "search")
        message = f"inputs: a search stands alone, without {others}"
        problems.append(PipelineError(message, line=places.line(place)))
    try:
        found = _validated(Search, given["search"], "search", place, places, folder)
    except ExceptionGroup as group:
        problems.extend(_problems(group))
        return None
    local_paths = {}
    for name in ("library", "store"):
        path = getattr(found, name)
        if path is not None:
            local = (folder or Path()) / path.expanduser()
            local_paths[name] = local if local.exists() else path.expanduser()
            try:
                check_inside(local_paths[name])
            except ValueError as error:
                message = f"inputs: search: {name}: {error}"
                problems.append(PipelineError(message, line=places.line(place)))
    return found.model_copy(update=local_paths)


def _inputs(
    given: Any, places: Places, folder: Path | None, problems: list[PipelineError]
) -> tuple[Input, ...]:
    result: list[Input] = []
    items = [given] if isinstance(given, (str, dict)) else given
    if items is not None and not isinstance(items, list):
        problems.append(
            PipelineError("inputs must be a list of files", line=places.line(("inputs",)))
        )
        return ()
    for i, item in enumerate(items or ()):
        place: YamlPath = ("inputs", i)
        try:
            parsed = _validated(Input, _as_input(item, place, places), "an input", place, places)
        except ExceptionGroup as group:
            problems.extend(_problems(group))
            continue
        local = (folder or Path()) / parsed.path
        found = next((p for p in (local, parsed.path) if p.exists()), None)
        if found is None:
            message = f"inputs: there is no file {parsed.path}"
            problems.append(PipelineError(message, line=places.line(place)))
            continue
        try:
            check_inside(found)
        except ValueError as error:
            problems.append(PipelineError(f"inputs: {error}", line=places.line(place)))
        result.append(parsed.model_copy(update={"path": found}))
    return tuple(result)


def _steps(
    given: Any, places: Places, folder: Path | None, problems: list[PipelineError]
) -> tuple[StageLine, ...]:
    if not isinstance(given, list) or not given:
        line = places.line(("stages",)) or 1
        problems.append(PipelineError("stages must be a list, one stage an item", line=line))
        return ()
    steps: list[StageLine] = []
    for i, item in enumerate(given):
        place: YamlPath = ("stages", i)
        try:
            steps.append(_step(item, place, places, folder))
        except ExceptionGroup as group:
            problems.extend(_problems(group))
        except PipelineError as error:
            problems.append(PipelineError(error.message, line=error.line or places.line(place)))
    return tuple(steps)


def _step(item: Any, place: YamlPath, places: Places, folder: Path | None) -> StageLine:
    if isinstance(item, str):
        name, values = item, None
    elif isinstance(item, dict) and len(item) == 1:
        name, values = next(iter(item.items()))
    else:
        raise PipelineError(
            "a stage is written '- name' or '- name: {key: value}'; "
            f"stages: {', '.join(stage_modules())}"
        )
    kind = find_stage(name)
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise PipelineError(
            f"the parameters of {name!r} must be a mapping such as {{key: value}}, "
            f"not {values!r}; accepted: {', '.join(fields_of(kind))}"
        )
    stage = _validated(kind, values, f"stage {name!r}", (*place, name), places, folder)
    return StageLine(stage, places.line(place))


def _problems(group: ExceptionGroup[Exception]) -> list[PipelineError]:
    return [e for e in group.exceptions if isinstance(e, PipelineError)]


def _as_input(item: Any, place: YamlPath, places: Places) -> Any:
    """An input written as a path alone, or as a mapping."""
    if isinstance(item, (int, float)) and (said := places.scalar(place)):
        item = said[1]
    return {"path": item} if isinstance(item, str) else item


def _validated(
    kind: type[P],
    values: Any,
    what: str,
    place: YamlPath,
    places: Places,
    folder: Path | None = None,
) -> P:
    """The parameters; raises a group of PipelineErrors that say ``what`` is wrong.

    Scalars that a field refuses are tried again in their other reading.
    """
    context = {"folder": folder}
    try:
        return kind.model_validate(values, context=context)
    except ValidationError as error:
        cause, items = error, error.errors()
    others = _other_readings(items, place, places)
    if others:
        try:
            return kind.model_validate(_exchanged(values, others, place), context=context)
        except ValidationError as error:
            again = error.errors()
        in_vain = _other_readings(again, place, places)
        kept = [i for i in items if (p := _reading_of(i, place, places)) is None or p[0] in in_vain]
        items = kept or again
    raise ExceptionGroup(what, _explained(items, what, kind, place, places)) from cause


def _reading_of(item: ErrorDetails, place: YamlPath, places: Places) -> tuple[YamlPath, Any] | None:
    return places.scalar((*place, *item["loc"]))


def _other_readings(
    items: Iterable[ErrorDetails], place: YamlPath, places: Places
) -> dict[YamlPath, Any]:
    """The other readings of the scalars that were refused."""
    return dict(found for item in items if (found := _reading_of(item, place, places)))


def _exchanged(value: Any, others: Mapping[YamlPath, Any], place: YamlPath) -> Any:
    """The value with some scalars in it replaced; ``place`` is its own."""
    if place in others:
        return others[place]
    if isinstance(value, dict):
        return {k: _exchanged(v, others, (*place, k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_exchanged(v, others, (*place, i)) for i, v in enumerate(value)]
    return value


def explained(error: ValidationError, what: str, kind: type[Params]) -> list[str]:
    """The mistakes in parameters that were given in Python, in words."""
    found = _explained(error.errors(), what, kind, (), Places())
    return [problem.message for problem in found]


def _explained(
    items: Iterable[ErrorDetails], what: str, kind: type[Params], place: YamlPath, places: Places
) -> list[PipelineError]:
    return [
        PipelineError(f"{what}: {one.text}", line=places.line((*place, *one.place)))
        for one in mistakes(items, kind, fields_of(kind))
    ]


# ---------------------------------------------------------------------------------------- needs


def missing_needs(steps: tuple[StageLine, ...]) -> list[PipelineError]:
    """A problem for each stage that lacks what it needs from the stages before it."""
    problems = []
    given: set[str] = set()
    for step in steps:
        for group in step.stage.needed():
            if not given.intersection(group):
                problems.append(_lacking(step, group))
        given.update(step.stage.gives)
    return problems


def _lacking(step: StageLine, group: tuple[str, ...]) -> PipelineError:
    wanted = " or ".join(f"`{name}`" for name in group)
    hint = _giver_hint(group)
    place = f" before line {step.line}" if step.line else f" before `{step.stage.name}`"
    advice = f"; add `{hint}`{place}" if hint else ""
    return PipelineError(f"`{step.stage.name}` needs {wanted}{advice}", line=step.line)


def _giver_hint(group: tuple[str, ...]) -> str | None:
    for name, kind in loadable_stages()[0].items():
        if group[0] in kind.gives:
            return kind.hint or f"- {name}"
    return None


# --------------------------------------------------------------------------------------- schema


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a pipeline file, for editors, with the loadable stages."""
    definitions: dict[str, Any] = {}
    options: list[dict[str, Any]] = []
    kinds, _ = loadable_stages()
    for name, kind in kinds.items():
        schema = kind.model_json_schema(ref_template="#/$defs/{model}")
        definitions.update(schema.pop("$defs", {}))
        definitions[f"stage-{name}"] = schema
        option: dict[str, Any] = {
            "type": "object",
            "properties": {name: {"anyOf": [_or_placeholder(schema, name), {"type": "null"}]}},
            "required": [name],
            "additionalProperties": False,
        }
        options.append(option)
    definitions["input"] = Input.model_json_schema()
    definitions["search"] = Search.model_json_schema()
    one_search: dict[str, Any] = {
        "type": "object",
        "properties": {"search": _or_placeholder(definitions["search"], "search", "")},
        "required": ["search"],
        "additionalProperties": False,
    }
    one_input = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/input"}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "smartcut pipeline",
        "type": "object",
        "additionalProperties": False,
        "required": ["stages"],
        "properties": {
            "description": {"type": "string"},
            "params": {"type": "object"},
            "inputs": {"anyOf": [one_input, {"type": "array", "items": one_input}, one_search]},
            "output": {"type": "string"},
            "stages": {
                "type": "array",
                "minItems": 1,
                "items": {"anyOf": [{"enum": list(kinds)}, *options]},
            },
        },
        "$defs": definitions,
    }


def _or_placeholder(schema: dict[str, Any], name: str, kind: str = "stage-") -> dict[str, Any]:
    """The stage's schema; each key also takes a ``${parameter}``."""
    for key, value in schema.get("properties", {}).items():
        placeholder = {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"}
        schema["properties"][key] = {"anyOf": [value, placeholder]}
    return {"$ref": f"#/$defs/{kind}{name}"}
