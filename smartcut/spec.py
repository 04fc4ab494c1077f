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

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError, model_validator

from smartcut.errors import PipelineError
from smartcut.roots import check_inside
from smartcut.stage import Params, PathParam, Stage, find_stage, stage_modules
from smartcut.timebase import TimeParam

_TOP = ("description", "params", "inputs", "output", "stages")
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_MOST_CHARACTERS = 1_000_000
_MOST_NODES = 100_000
_DEEPEST = 40

Place = tuple[str | int, ...]


class Input(Params):
    """A source as named in YAML; ``video`` and ``audio`` choose streams, counted from 0."""

    path: Path
    video: int | None = None
    audio: int | None = None


class Stretch(Params):
    """A range of a source, in source time, and its place among all that a search found."""

    place: int
    start: Fraction
    end: Fraction
    label: str = ""
    scores: tuple[tuple[str, float], ...] = ()


class FoundInput(Input):
    """A source of which only what a search found is shown."""

    found: tuple[Stretch, ...]


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


# ------------------------------------------------------------------------------ YAML and lines


@dataclass(slots=True)
class _Reader:
    """Builds plain data from YAML nodes and remembers the line of every key and item."""

    lines: dict[Place, int] = field(default_factory=dict)
    nodes: int = 0

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.nodes += 1
        line = node.start_mark.line + 1
        if self.nodes > _MOST_NODES or len(place) > _DEEPEST:
            raise PipelineError("the YAML is too large or nested too deeply", line=line)
        self.lines.setdefault(place, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, i)) for i, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag.endswith(":merge"):
                raise PipelineError("a key must be plain text", line=line)
            if key in result:
                raise PipelineError(f"the key {key!r} is given twice", line=line)
            self.lines[(*place, key)] = line
            result[key] = self.value(value_node, (*place, key))
        return result

    def _scalar(self, node: yaml.Node) -> Any:
        line = node.start_mark.line + 1
        if not node.tag.startswith("tag:yaml.org,2002:"):
            raise PipelineError(f"the tag {node.tag!r} is not allowed in a pipeline", line=line)
        try:
            value = yaml.constructor.SafeConstructor().construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise PipelineError(f"{node.value!r} cannot be read: {error}", line=line) from error
        # YAML 1.1 reads 1:30 as ninety; here it is a clock time, so the text is kept.
        if isinstance(value, (int, float)) and ":" in node.value:
            return node.value
        return value if isinstance(value, (str, int, float, bool, type(None))) else node.value


def read_yaml(text: str) -> tuple[Any, dict[Place, int]]:
    """Plain data, and the line (1-based) of each place in it; raises PipelineError."""
    if len(text) > _MOST_CHARACTERS:
        raise PipelineError(f"the YAML is too large: {len(text)} of {_MOST_CHARACTERS} characters")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise PipelineError(f"not valid YAML: {error.problem or error}", line=line) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise PipelineError(f"not valid YAML: {error}") from error
    if node is None:
        raise PipelineError("the pipeline is empty; it needs at least a list of stages")
    reader = _Reader()
    return reader.value(node, ()), reader.lines


# ---------------------------------------------------------------------------------- parameters


def parse_setting(text: str) -> tuple[str, Any]:
    """``name=value`` from the command line; the value is read as a YAML scalar or list."""
    name, separator, value = text.partition("=")
    if not separator or not name.isidentifier():
        raise PipelineError(f"{text!r} is not of the form name=value")
    try:
        data, _ = read_yaml(value)
    except PipelineError:
        return name, value
    return name, value if isinstance(data, dict) else data


def _filled(value: Any, params: Mapping[str, Any], place: Place, lines: dict[Place, int]) -> Any:
    if isinstance(value, dict):
        return {k: _filled(v, params, (*place, k), lines) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, params, (*place, i), lines) for i, v in enumerate(value)]
    if not isinstance(value, str):
        return value
    for name in _PLACEHOLDER.findall(value):
        if name not in params:
            known = ", ".join(sorted(params)) or "none"
            message = f"${{{name}}} is not a parameter of this pipeline; there are: {known}"
            raise PipelineError(message, line=lines.get(place))
    whole = _PLACEHOLDER.fullmatch(value)
    if whole:
        return params[whole[1]]
    room = _MOST_NODES

    def written(match: re.Match[str]) -> str:
        nonlocal room
        text = str(params[match[1]])
        room -= len(text)
        if room < 0:
            raise PipelineError(f"more than {_MOST_NODES} characters", line=lines.get(place))
        return text

    return _PLACEHOLDER.sub(written, value)


def _check_weight(value: Any, line: int | None) -> None:
    """Raise PipelineError where parameters that name each other grow without bound."""
    room, pending = _MOST_CHARACTERS, [value]
    while pending:
        item = pending.pop()
        room -= 1 + (len(item) if isinstance(item, str) else 0)
        if room < 0:
            raise PipelineError("with its parameters filled in it is too large", line=line)
        if isinstance(item, (dict, list)):
            pending.extend(item.values() if isinstance(item, dict) else item)


# ------------------------------------------------------------------------------------- checking


def parse_spec(
    text: str,
    *,
    path: Path | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Spec:
    """The checked pipeline; raises one PipelineError that lists every mistake with its line."""
    try:
        data, lines = read_yaml(text)
        return _spec(data, lines, path, settings or {})
    except PipelineError as error:
        if error.path is None and path is not None:
            raise PipelineError(error.message, path=str(path), line=error.line) from error
        raise


def load_spec(path: Path, settings: Mapping[str, Any] | None = None) -> Spec:
    """The checked pipeline in a YAML file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineError(f"the pipeline {path} cannot be read: {error}") from error
    return parse_spec(text, path=path, settings=settings)


def _spec(
    data: Any, lines: dict[Place, int], path: Path | None, settings: Mapping[str, Any]
) -> Spec:
    if not isinstance(data, dict):
        raise PipelineError(f"a pipeline is a mapping with the keys {', '.join(_TOP)}", line=1)
    for key in data:
        if key not in _TOP:
            raise PipelineError(_unknown(key, _TOP, "key"), line=lines[(key,)])
    params = _params(data.get("params"), settings, lines)
    data = {k: v if k == "params" else _filled(v, params, (k,), lines) for k, v in data.items()}
    _check_weight(data, None)
    folder = path.resolve().parent if path else None
    problems: list[PipelineError] = []
    steps = _steps(data.get("stages"), lines, folder, problems)
    search = _search(data.get("inputs"), lines, folder, problems)
    inputs = () if search else _inputs(data.get("inputs"), lines, folder, problems)
    if not problems:
        problems.extend(missing_needs(steps))
    if problems:
        raise _together(problems, path)
    output = data.get("output")
    if output is not None and not isinstance(output, str):
        raise PipelineError("output must be a file name", line=lines[("output",)])
    if output is not None and (Path(output).is_absolute() or ".." in Path(output).parts):
        message = f"output {output!r} leaves the current folder; for that, give -o when it is run"
        raise PipelineError(message, line=lines[("output",)])
    return Spec(steps, inputs, output, params, str(data.get("description") or ""), path, search)


def _together(problems: list[PipelineError], path: Path | None) -> PipelineError:
    located = [
        PipelineError(p.message, path=str(path) if path else None, line=p.line) for p in problems
    ]
    if len(located) == 1:
        return located[0]
    together = PipelineError("\n".join(str(p) for p in located))
    together.path = str(path) if path else None
    return together


def _unknown(given: str, known: tuple[str, ...] | list[str], what: str) -> str:
    close = get_close_matches(given, known, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"unknown {what} {given!r}; {hint}accepted: {', '.join(known)}"


def _params(declared: Any, settings: Mapping[str, Any], lines: dict[Place, int]) -> dict[str, Any]:
    if declared is not None and not isinstance(declared, dict):
        raise PipelineError("params must be a mapping of names to values", line=lines[("params",)])
    params: dict[str, Any] = dict(declared or {})
    for name in settings:
        if name not in params:
            raise PipelineError(_unknown(name, sorted(params), "parameter"))
    # What a user sets is taken as it is; a default may name parameters above it, or set ones.
    known = dict(settings)
    for name, value in params.items():
        if name not in settings:
            known[name] = _filled(value, known, ("params", name), lines)
        _check_weight(known[name], lines.get(("params", name)))
    return {name: known[name] for name in params}


def _search(
    given: Any, lines: dict[Place, int], folder: Path | None, problems: list[PipelineError]
) -> Search | None:
    """What ``inputs: {search: {...}}`` asks for; None where inputs are files."""
    if not isinstance(given, dict) or "search" not in given:
        return None
    place: Place = ("inputs", "search")
    if len(given) > 1:
        others = ", ".join(key for key in given if key != "search")
        message = f"inputs: a search stands alone, without {others}"
        problems.append(PipelineError(message, line=lines.get(place)))
    try:
        found = Search.model_validate(given["search"], context={"folder": folder})
    except ValidationError as error:
        problems.extend(_explained(error, "search", Search, place, lines))
        return None
    places = {}
    for name in ("library", "store"):
        path = getattr(found, name)
        if path is not None:
            local = (folder or Path()) / path.expanduser()
            places[name] = local if local.exists() else path.expanduser()
            try:
                check_inside(places[name])
            except ValueError as error:
                message = f"inputs: search: {name}: {error}"
                problems.append(PipelineError(message, line=lines.get(place)))
    return found.model_copy(update=places)


def _inputs(
    given: Any, lines: dict[Place, int], folder: Path | None, problems: list[PipelineError]
) -> tuple[Input, ...]:
    result: list[Input] = []
    items = [given] if isinstance(given, (str, dict)) else given
    if items is not None and not isinstance(items, list):
        problems.append(PipelineError("inputs must be a list of files", line=lines[("inputs",)]))
        return ()
    for i, item in enumerate(items or ()):
        place: Place = ("inputs", i)
        try:
            parsed = Input.model_validate({"path": item} if isinstance(item, str) else item)
        except ValidationError as error:
            problems.extend(_explained(error, "an input", Input, place, lines))
            continue
        local = (folder or Path()) / parsed.path
        found = next((p for p in (local, parsed.path) if p.exists()), None)
        if found is None:
            message = f"inputs: there is no file {parsed.path}"
            problems.append(PipelineError(message, line=lines.get(place)))
            continue
        try:
            check_inside(found)
        except ValueError as error:
            problems.append(PipelineError(f"inputs: {error}", line=lines.get(place)))
        result.append(parsed.model_copy(update={"path": found}))
    return tuple(result)


def _steps(
    given: Any, lines: dict[Place, int], folder: Path | None, problems: list[PipelineError]
) -> tuple[StageLine, ...]:
    if not isinstance(given, list) or not given:
        line = lines.get(("stages",), 1)
        problems.append(PipelineError("stages must be a list, one stage an item", line=line))
        return ()
    steps: list[StageLine] = []
    for i, item in enumerate(given):
        place: Place = ("stages", i)
        try:
            steps.append(_step(item, place, lines, folder))
        except ExceptionGroup as group:
            problems.extend(e for e in group.exceptions if isinstance(e, PipelineError))
        except PipelineError as error:
            problems.append(PipelineError(error.message, line=error.line or lines[place]))
    return tuple(steps)


def _step(item: Any, place: Place, lines: dict[Place, int], folder: Path | None) -> StageLine:
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
    try:
        stage = kind.model_validate(values, context={"folder": folder})
    except ValidationError as error:
        raise ExceptionGroup(
            name, _explained(error, f"stage {name!r}", kind, (*place, name), lines)
        ) from error
    return StageLine(stage, lines[place])


def fields_of(kind: type[Params]) -> list[str]:
    """The keys that a user may write for these parameters."""
    return [f.alias or name for name, f in kind.model_fields.items()]


def _explained(
    error: ValidationError, what: str, kind: type[Params], place: Place, lines: dict[Place, int]
) -> list[PipelineError]:
    found = []
    for item in error.errors():
        where: Place = (*place, *item["loc"])
        while where and where not in lines:
            where = where[:-1]
        key = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            known = fields_of(kind) if len(item["loc"]) == 1 else []
            message = f"{what}: {_unknown(str(item['loc'][-1]), known, 'key')}"
        elif item["type"] == "missing":
            message = f"{what}: the key {key!r} is required"
        else:
            reason = item["msg"].removeprefix("Value error, ")
            given = "" if repr(item["input"]) in reason else f"; given: {item['input']!r}"
            message = f"{what}: {key}: {reason}{given}" if key else f"{what}: {reason}{given}"
        found.append(PipelineError(message, line=lines.get(where)))
    # A value that fits none of several accepted types is reported once for each: say it once.
    return list({(e.line, e.message): e for e in found}.values())


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
    for name in stage_modules():
        kind = find_stage(name)
        if group[0] in kind.gives:
            return kind.hint or f"- {name}"
    return None


# --------------------------------------------------------------------------------------- schema


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a pipeline file, for editors."""
    definitions: dict[str, Any] = {}
    options: list[dict[str, Any]] = []
    for name in stage_modules():
        kind = find_stage(name)
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
                "items": {"anyOf": [{"enum": list(stage_modules())}, *options]},
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
