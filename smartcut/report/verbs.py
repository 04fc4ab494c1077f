"""Verbs as options and as pipelines: what of a stage a command takes, and what it then runs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, get_origin

from pydantic.fields import FieldInfo

from smartcut.accepted import accepted, is_number, members, plain, type_of
from smartcut.errors import PipelineError
from smartcut.registry import modules
from smartcut.report.shown_pipeline import yaml_text
from smartcut.report.stages import first_line
from smartcut.report.steps import Asked, made, named
from smartcut.spec_text import read_yaml
from smartcut.stage import EFFECTS, Stage, find_stage, stage_modules
from smartcut.verbs import PICTURE, SOUND, TIME, VERBS, Use, Verb

#: Options that every verb has besides those of its stages, and what they mean.
COMMON: Mapping[str, str] = {
    "--output": "The file to write, also `-o`; without it, one beside the input. Several files are "
    "one film, or with `{stem}` in the name (`-o '{stem}-x.mp4'`) one each.",
    "--start": "Leave out what comes before: 12.5, 1:02 or 30f.",
    "--end": "Leave out what comes after.",
    "--show": "Print the pipeline, to start from.",
    "--dry": "Say what would be done, and why.",
    "--device": "auto, cpu, cuda or cuda:N.",
    "--jobs": "How many sources to look at at once.",
    "--no-cache": "Neither use nor fill the cache.",
    "--allow-net": "Let models be fetched, and `select` send what is said to its endpoint.",
    "--help": "Show the options.",
    "--debug": "Show tracebacks of errors.",
}

Values = Mapping[str, str | bool]
"""What was typed for options, by their names."""

_TEXTS, _NUMBERS = {str, Path}, {int, float, Fraction}


@dataclass(frozen=True, slots=True)
class VerbOption:
    """An option of a verb: a parameter of one of its stages."""

    name: str
    """As typed: ``--factor``."""
    use: Use
    key: str
    """The parameter, as YAML has it."""
    kind: Any
    """The parameter's type."""
    meaning: str
    default: str | None
    """In words; None where it has to be given."""

    @property
    def is_flag(self) -> bool:
        return self.kind is bool

    @property
    def accepted(self) -> str:
        return accepted(self.kind)


def verb_of(name: str) -> Verb | None:
    """The verb of that name: one of the table, or of a stage that can stand alone before `render`.

    So every effect and every stage that needs nothing of others is a command, those of other
    packages too.
    """
    if name in VERBS:
        return VERBS[name]
    stage = name.replace("-", "_")
    if stage not in stage_modules():
        return None
    kind = find_stage(stage)
    if kind.needs or kind.gives or stage in ("render", "export"):
        return None
    verb = Verb(name, _wish_of(kind), first_line(kind), (Use(stage),), "film.mp4")
    needed = [o for o in options_of(verb) if o.default is None]
    return verb._replace(example=" ".join(["film.mp4", *(f"{o.name} ..." for o in needed)]))


def _wish_of(kind: type[Stage]) -> str:
    if kind.group in ("speech", "sound"):
        return SOUND
    return PICTURE if kind.name in modules(EFFECTS) else TIME


def options_of(verb: Verb) -> tuple[VerbOption, ...]:
    """The options that its stages give a verb, each under a name of its own.

    A parameter whose name is taken has that of its stage before it.
    """
    found: dict[str, VerbOption] = {}
    for use in (*verb.uses, verb.writes):
        for key, field in _parameters(use):
            name = f"--{use.called.get(key, key).replace('_', '-')}"
            if name in found or name in COMMON:
                name = f"--{use.stage.replace('_', '-')}-{key.replace('_', '-')}"
            found[name] = _option(name, use, key, field)
    return tuple(found.values())


def _parameters(use: Use) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in find_stage(use.stage).model_fields.items():
        key = field.alias or name
        if use.only is None or key in use.only:
            yield key, field


def _option(name: str, use: Use, key: str, field: FieldInfo) -> VerbOption:
    if key in use.given:
        default: str | None = plain(use.given[key])
    elif field.is_required() and not use.is_asked:
        default = None
    else:
        default = "none" if field.is_required() else plain(field.get_default())
    return VerbOption(name, use, key, type_of(field), field.description or "", default)


@dataclass(frozen=True, slots=True)
class TypedVerb:
    """A verb's arguments, taken apart."""

    files: tuple[str, ...]
    values: dict[str, str | bool]
    start: str | None = None
    end: str | None = None


def typed_example(verb: Verb) -> TypedVerb:
    """What the verb's example says."""
    options = {o.name: o for o in options_of(verb)}
    files: list[str] = []
    values: dict[str, str | bool] = {}
    common: dict[str, str] = {}
    rest = iter(shlex.split(verb.example))
    for item in rest:
        if item in options:
            values[item] = True if options[item].is_flag else next(rest)
        elif item in ("--start", "--end", "-o"):
            common[item] = next(rest)
        else:
            files.append(item)
    return TypedVerb(tuple(files), values, common.get("--start"), common.get("--end"))


# ------------------------------------------------------------------------------- the pipeline


def asked(
    verb: Verb, values: Values, start: str | None, end: str | None, files: Sequence[Path] = ()
) -> Asked:
    """The stages with their parameters, for what was typed; ``files`` count where the verb says
    that a stage takes them.
    """
    stages: Asked = []
    if start is not None or end is not None:
        if verb.files_are:
            raise PipelineError(f"`{verb.name}` takes pictures, which have no --start and --end")
        stages.append(("trim", {"ranges": [f"{start or 0}-{end or ''}"]}))
    options = options_of(verb)
    for use in (*verb.uses, verb.writes):
        own = [o for o in options if o.use is use and o.name in values]
        if own or not (use.is_asked or use.is_needed):
            read = {o.key: _read(values[o.name], o.kind) for o in own}
            stages.append((use.stage, {**_files(verb, use, files), **use.given, **read}))
    for use in verb.uses:
        if use.is_needed and all(use.stage != name for name, _ in stages) and _lack(stages, use):
            stages.insert(0, (use.stage, dict(use.given)))
    return stages


def _files(verb: Verb, use: Use, files: Sequence[Path]) -> dict[str, Any]:
    """The files, where they are a parameter of this stage."""
    stage, key = verb.files_are or ("", "")
    return {key: [str(path) for path in files]} if use.stage == stage else {}


def inputs_of(verb: Verb, files: Sequence[Path]) -> Sequence[Path]:
    """Those of the files that the verb's pipeline opens as media."""
    return () if verb.files_are else files


def _lack(stages: Asked, use: Use) -> bool:
    """Whether one of the stages needs what that one gives."""
    gives = set(find_stage(use.stage).gives)
    for name, params in stages:
        with suppress(PipelineError):  # a mistake in its parameters, which is told of later
            stage = made(find_stage(name), named(find_stage(name), params))
            if any(gives.intersection(group) for group in stage.needed()):
                return True
    return False


def as_yaml(verb: Verb, stages: Asked, files: Sequence[Path]) -> str:
    """The verb's pipeline as a file to start from."""
    return pipeline_yaml(verb.does, stages, inputs_of(verb, files))


def pipeline_yaml(does: str, stages: Asked, inputs: Sequence[Path]) -> str:
    """The YAML of a pipeline with these stages and inputs."""
    return yaml_text(
        {
            **({"description": does} if does else {}),
            **({"inputs": [str(path) for path in inputs]} if inputs else {}),
            "stages": [{name: params} if params else name for name, params in stages],
        }
    )


def _read(typed: str | bool, kind: Any) -> Any:
    """What was typed for a parameter, as YAML would have it."""
    if isinstance(typed, bool):
        return typed
    if typed.startswith(("[", "{")):
        return read_yaml(typed)[0]
    kinds = members(kind)
    if not _NUMBERS.intersection(kinds) and _TEXTS.intersection(kinds):
        return typed
    if "," in typed and any(get_origin(k) in (tuple, list) for k in kinds):
        return [_scalar(part.strip()) for part in typed.split(",")]
    if typed == "none" and type(None) in kinds:
        return None
    value = _scalar(typed)
    return typed if isinstance(value, bool) and is_number(kind) else value


def _scalar(text: str) -> Any:
    try:
        data = read_yaml(text)[0]
    except PipelineError:
        return text
    return text if isinstance(data, (dict, list)) else data
