"""A pipeline as a user writes it: YAML in, checked stages with their line numbers out.

    params: {duration: 30s}
    inputs: [a.mp4, {path: b.mkv, audio: 1}]    # or parts: [{inputs: [...], stages: [...]}, ...]
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

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from smartcut.absent import no_file
from smartcut.editing.reading import companion, edits_of
from smartcut.errors import PipelineError
from smartcut.mistakes import fields_of
from smartcut.roots import check_inside
from smartcut.spec import WRITERS, Input, Part, Search, Spec, missing_needs
from smartcut.spec_edits import edits_in, is_edits, with_edits, without_edits
from smartcut.spec_files import STANDARD_INPUT, read_pipeline_text, shown
from smartcut.spec_text import (
    Places,
    YamlPath,
    check_weight,
    filled,
    read_params,
    read_yaml,
    unknown,
)
from smartcut.stage import Stage, find_stage, stage_modules
from smartcut.stage_line import StageLine as StageLine
from smartcut.synonyms import meant
from smartcut.validated import validated

_TOP = ("description", "params", "inputs", "parts", "output", "stages", "edits", "expect")
_OF_PART = ("inputs", "parts", "stages")


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


def load_spec(
    path: Path, settings: Mapping[str, Any] | None = None, edits: Path | bool = True
) -> Spec:
    """The checked pipeline in a YAML file, with a note where its encoding was guessed.

    ``edits`` as for :func:`with_hand_edits`.
    """
    given = read_pipeline_text(path)
    spec = replace(parse_spec(given.text, path=path, settings=settings), notes=given.notes)
    return with_hand_edits(spec, edits)


def with_hand_edits(spec: Spec, edits: Path | bool) -> Spec:
    """The pipeline with corrections by hand that are not in its text, and a note of them.

    Those in a file; or, where ``edits`` is true, those in ``NAME.edits.yaml`` beside ``NAME.yaml``,
    unless the pipeline names some itself. Raises PipelineError.
    """
    if not isinstance(edits, Path):
        beside = None if spec.path in (None, STANDARD_INPUT) else companion(spec.path)
        if beside is None or not beside.is_file():
            return spec
        if not edits or any(is_edits(step.stage) for step in spec.steps):
            why = "the pipeline names other edits" if edits else "as asked"
            return replace(spec, notes=(*spec.notes, f"{beside} is left out: {why}"))
        edits = beside
    made, count = edits_in(edits)
    note = f"{edits}: {count} edit{'s' * (count != 1)} by hand; --no-edits leaves them out"
    steps = with_edits(without_edits(spec.steps), made)
    return replace(spec, steps=steps, notes=(*spec.notes, note))


def _spec(data: Any, places: Places, path: Path | None, settings: Mapping[str, Any]) -> Spec:
    if not isinstance(data, dict):
        raise PipelineError(f"a pipeline is a mapping with the keys {', '.join(_TOP)}", line=1)
    if "edits" in data and "stages" not in data:
        raise PipelineError(
            "these are corrections by hand (`edits:`), which belong to a pipeline with `stages:`; "
            "run that one: a file NAME.edits.yaml beside NAME.yaml is found by itself",
            line=places.line(("edits",)),
        )
    for key in data:
        if key not in _TOP:
            raise PipelineError(unknown(key, _TOP, "key"), line=places.line((key,)))
    params = read_params(data.get("params"), settings, places)
    data = {k: v if k == "params" else filled(v, params, (k,), places) for k, v in data.items()}
    check_weight(data, None)
    folder = path.resolve().parent if path else None
    problems: list[PipelineError] = []
    reading = _Reading(places, folder, problems)
    whole = _part(data, (), reading)
    edits = _edits(data, reading) if "edits" in data else None
    expected = _expected(data.get("expect"), reading)
    if not problems:
        problems.extend(missing_needs(whole.steps, whole.inputs))
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
    description = str(data.get("description") or "")
    steps = (*with_edits(whole.steps, edits), *expected)
    return Spec(steps, whole.inputs, output, params, description, path, whole.search)


def _expected(given: Any, reading: _Reading) -> tuple[StageLine, ...]:
    """What the key `expect:` says, as the stage of that name."""
    if given is None:
        return ()
    if not isinstance(given, dict):
        reading.problem("expect must be a mapping, such as {length: 30s}", ("expect",))
        return ()
    places, folder = reading.places, reading.folder
    try:
        stage = validated(find_stage("expect"), given, "expect", ("expect",), places, folder)
    except ExceptionGroup as group:
        reading.problems.extend(_problems(group))
        return ()
    return (StageLine(stage, places.line(("expect",))),)


def load_expectations(path: Path) -> Stage:
    """What a YAML file expects: its key ``expect:``, or all of it; raises PipelineError."""
    return parse_expectations(read_pipeline_text(path).text, path)


def parse_expectations(text: str, path: Path | None = None) -> Stage:
    """The same of a text; files that it names are seen from the folder of ``path``."""
    try:
        data, places = read_yaml(text)
        inner = data.get("expect") if isinstance(data, dict) else None
        at: YamlPath = ("expect",) if inner is not None else ()
        given = data if inner is None else inner
        if not isinstance(given, dict) or not given:
            raise PipelineError("expectations are a mapping, such as {length: 30s}", line=1)
        if inner is not None and data.get("params"):
            given = filled(given, read_params(data["params"], {}, places), at, places)
        folder = path.resolve().parent if path else None
        stage: Stage = validated(find_stage("expect"), given, "expect", at, places, folder)
        return stage
    except ExceptionGroup as group:
        raise _together(_problems(group), path) from group
    except PipelineError as error:
        if error.path is None and path is not None:
            raise PipelineError(error.message, path=shown(path), line=error.line) from None
        raise


class _Reading(NamedTuple):
    """What reading a pipeline's data needs to know, and the mistakes found so far."""

    places: Places
    folder: Path | None
    problems: list[PipelineError]

    def problem(self, message: str, place: YamlPath) -> None:
        self.problems.append(PipelineError(message, line=self.places.line(place)))


def _part(data: dict[str, Any], at: YamlPath, reading: _Reading) -> Part:
    """The inputs, parts and stages in a mapping: of the whole, or of one of its parts."""
    steps: tuple[StageLine, ...] = ()
    if not at or data.get("stages") is not None:
        steps = _steps(data.get("stages"), (*at, "stages"), reading)
    for step in steps if at else ():
        if step.stage.name in WRITERS:
            message = f"a part is not written: put `{step.stage.name}` in the stages of the whole"
            reading.problems.append(PipelineError(message, line=step.line))
    if data.get("parts") is not None:
        if data.get("inputs") is not None:
            reading.problem("give `inputs`, or `parts` that have theirs", (*at, "inputs"))
        return Part(tuple(_parts(data["parts"], (*at, "parts"), reading)), steps)
    place: YamlPath = (*at, "inputs")
    search = _search(data.get("inputs"), place, reading)
    inputs = () if search else _inputs(data.get("inputs"), place, reading)
    makes = any(step.stage.makes for step in steps)
    if at and not (search or inputs or makes or reading.problems):
        reading.problem("a part needs `inputs`", at)
    return Part(inputs, steps, search)


def _parts(given: Any, at: YamlPath, reading: _Reading) -> Iterator[Part]:
    if not isinstance(given, list) or not given:
        reading.problem("parts must be a list of mappings with the keys inputs and stages", at)
        return
    for i, item in enumerate(given):
        place: YamlPath = (*at, i)
        if not isinstance(item, dict):
            reading.problem(f"a part is a mapping with the keys {', '.join(_OF_PART)}", place)
            continue
        for key in item:
            if key not in _OF_PART:
                reading.problem(unknown(str(key), _OF_PART, "key of a part"), (*place, key))
        yield _part(item, place, reading)


def _edits(data: dict[str, Any], reading: _Reading) -> Stage | None:
    """The corrections by hand that stand beside the stages: a list, or the name of a file."""
    given, place = data["edits"], ("edits",)
    values: Any = {"edits": given}
    try:
        if not isinstance(given, str):
            values = {"edits": edits_of(given, place, reading.places)}
        return validated(find_stage("edits"), values, "edits", (), reading.places, reading.folder)
    except ExceptionGroup as group:
        reading.problems.extend(_problems(group))
    except PipelineError as error:
        reading.problems.append(error)
    return None


def _together(problems: list[PipelineError], path: Path | None) -> PipelineError:
    name = shown(path) if path else None
    located = [PipelineError(p.message, path=name, line=p.line) for p in problems]
    if len(located) == 1:
        return located[0]
    together = PipelineError("\n".join(str(p) for p in located))
    together.path = name
    together.problems = tuple(located)
    return together


def _search(given: Any, at: YamlPath, reading: _Reading) -> Search | None:
    """What ``inputs: {search: {...}}`` asks for; None where inputs are files."""
    if not isinstance(given, dict) or "search" not in given:
        return None
    place: YamlPath = (*at, "search")
    if len(given) > 1:
        others = ", ".join(key for key in given if key != "search")
        message = f"inputs: a search stands alone, without {others}"
        reading.problem(message, place)
    try:
        found = validated(Search, given["search"], "search", place, reading.places, reading.folder)
    except ExceptionGroup as group:
        reading.problems.extend(_problems(group))
        return None
    local_paths = {}
    for name in ("library", "store"):
        path = getattr(found, name)
        if path is not None:
            local = (reading.folder or Path()) / path.expanduser()
            local_paths[name] = local if local.exists() else path.expanduser()
            try:
                check_inside(local_paths[name])
            except ValueError as error:
                message = f"inputs: search: {name}: {error}"
                reading.problem(message, place)
    return found.model_copy(update=local_paths)


def _inputs(given: Any, at: YamlPath, reading: _Reading) -> tuple[Input, ...]:
    result: list[Input] = []
    items = [given] if isinstance(given, (str, dict)) else given
    if items is not None and not isinstance(items, list):
        reading.problem("inputs must be a list of files", at)
        return ()
    for i, item in enumerate(items or ()):
        place: YamlPath = (*at, i)
        try:
            taken = _as_input(item, place, reading.places)
            parsed = validated(Input, taken, "an input", place, reading.places)
        except ExceptionGroup as group:
            reading.problems.extend(_problems(group))
            continue
        local = (reading.folder or Path()) / parsed.path
        found = next((p for p in (local, parsed.path) if p.exists()), None)
        if found is None:
            message = f"inputs: {no_file(parsed.path)}"
            reading.problem(message, place)
            continue
        try:
            check_inside(found)
        except ValueError as error:
            reading.problem(f"inputs: {error}", place)
        result.append(parsed.model_copy(update={"path": found}))
    return tuple(result)


def _steps(given: Any, at: YamlPath, reading: _Reading) -> tuple[StageLine, ...]:
    if not isinstance(given, list) or not given:
        line = reading.places.line(at) or 1
        reading.problems.append(
            PipelineError("stages must be a list, one stage an item", line=line)
        )
        return ()
    steps: list[StageLine] = []
    for i, item in enumerate(given):
        place: YamlPath = (*at, i)
        try:
            steps.append(_step(item, place, reading.places, reading.folder))
        except ExceptionGroup as group:
            reading.problems.extend(_problems(group))
        except PipelineError as error:
            at_line = error.line or reading.places.line(place)
            reading.problems.append(PipelineError(error.message, line=at_line))
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
    if name not in stage_modules() and (key := next(meant(str(name), _TOP), None)):
        raise PipelineError(
            f"unknown stage {name!r}; did you mean the key `{key}:` of a pipeline, which stands "
            "beside `stages:`?"
        )
    kind = find_stage(name)
    if values is None:
        values = {}
    if not isinstance(values, dict) and kind.short:
        values = {kind.short: values}
    if not isinstance(values, dict):
        raise PipelineError(
            f"the parameters of {name!r} must be a mapping such as {{key: value}}, "
            f"not {values!r}; accepted: {', '.join(fields_of(kind))}"
        )
    stage = validated(kind, values, f"stage {name!r}", (*place, name), places, folder)
    return StageLine(stage, places.line(place))


def _problems(group: ExceptionGroup[Exception]) -> list[PipelineError]:
    return [e for e in group.exceptions if isinstance(e, PipelineError)]


def _as_input(item: Any, place: YamlPath, places: Places) -> Any:
    """An input written as a path alone, or as a mapping."""
    if isinstance(item, (int, float)) and (said := places.scalar(place)):
        item = said[1]
    return {"path": item} if isinstance(item, str) else item
