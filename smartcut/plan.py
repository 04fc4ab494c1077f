"""What would run, what is cached, and why: a plan decodes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from smartcut.algebra import identified
from smartcut.cache import canonical
from smartcut.cache.throughput import expected, spelled
from smartcut.context import Due, Stored, work_of
from smartcut.cut import Cut
from smartcut.errors import MissingExtra, MissingModel, RenderError
from smartcut.in_notebooks import InNotebooks
from smartcut.inputs import open_sources, opening_cut
from smartcut.interchange.json import to_plain
from smartcut.layering import assembled
from smartcut.roots import check_writable
from smartcut.source import Source
from smartcut.spec import WRITERS, Begin, FoundInput, Input, StageLine, files_of, parts_of
from smartcut.stage import (
    Analysis,
    Context,
    NotReady,
    Sound,
    Stage,
    Step,
    Target,
)
from smartcut.timebase import format_time

if TYPE_CHECKING:
    from smartcut.expectation import Expectation

T = TypeVar("T")


def _found(inputs: Sequence[Input], sources: Sequence[Source]) -> list[Step]:
    """A line for each stretch that a search gave."""
    if not any(isinstance(item, FoundInput) for item in inputs):
        return []
    lines = []
    for segment in opening_cut(inputs, sources).segments:
        times = f"{format_time(segment.range.start)} - {format_time(segment.range.end)}"
        scores = ", ".join(f"{kind} {score:.3f}" for kind, score in segment.scores)
        said = segment.label.partition(": ")[2]
        lines.append(
            Step("search", segment.source or "", "pure", f"{times}  {scores}  {said}".rstrip())
        )
    return lines


def target_of(steps: Sequence[StageLine]) -> Target:
    """What the last ``render`` asks for, or, where there is none, one with its defaults."""
    from smartcut.stages.render import Render

    asked = [step.stage.target for step in steps if isinstance(step.stage, Render)]
    known = next((step.target for step in steps if step.target is not None), None)
    if not asked and known is not None:
        return known
    target = asked[-1] if asked else Target(copies=True)
    is_touched = any(step.stage.touches_all() for step in steps)
    return replace(target, copies=target.copies and not is_touched)


def without_writers(steps: Sequence[StageLine]) -> tuple[StageLine, ...]:
    """The stages that write nothing; they still know what the film is rendered to."""
    target = target_of(steps)
    return tuple(replace(s, target=target) for s in steps if s.stage.name not in WRITERS)


def finished(steps: Sequence[StageLine], context: Context) -> tuple[tuple[StageLine, ...], str]:
    """The stages, with one more where none of them writes what the user asked for.

    The second value says so; it is empty where nothing is added.
    """
    # What is expected is told of the finished cut, wherever it is written.
    expecting = [step for step in steps if step.stage.name == "expect"]
    steps = tuple(step for step in steps if step.stage.name != "expect")
    asked = context.output
    if asked is None or any(asked in step.stage.writes(context) for step in steps):
        return (*steps, *expecting), ""
    stage = _writer_of(asked)
    note = (
        f"no stage of the pipeline writes {asked}: `{stage.name}` with its defaults is added at "
        f"the end; to choose its settings, write `- {stage.name}` as the last stage"
    )
    return (*steps, StageLine(stage), *expecting), note


def _writer_of(path: Path) -> Stage:
    """The stage that writes such a file, with its defaults."""
    from smartcut.interchange.formats import is_cut_file

    if is_cut_file(path):
        from smartcut.stages.export import Export

        return Export()
    from smartcut.stages.render import Render

    return Render()


def expected_in(steps: Sequence[StageLine]) -> tuple[Expectation, ...]:
    """What the stages `expect` among these say, the last of each name."""
    found = (one for step in steps for one in getattr(step.stage, "expectations", ()))
    return tuple({one.name: one for one in found}.values())


# ------------------------------------------------------------------------------------ the plan


#: What a machine lacks, and a plan has to tell rather than to end with.
_ABSENT = (MissingExtra, MissingModel)


def requested(steps: Sequence[StageLine], sources: Sequence[Source]) -> list[tuple[str, Analysis]]:
    """Every different analysis that the stages ask for, with the stage that asks first."""
    found: dict[str, tuple[str, Analysis]] = {}
    given = set[str]()
    for step in steps:
        for analysis in step.stage.analyses_after(given):
            found.setdefault(canonical([analysis.name, analysis]), (step.stage.name, analysis))
        given |= set(step.stage.gives)
    return list(found.values())


def due_work(
    steps: Sequence[StageLine],
    sources: Sequence[Source],
    context: Stored,
    *,
    is_plan: bool = False,
    hears: bool | None = None,
) -> tuple[list[Due], list[Step]]:
    """The analyses to run, and a line of the plan for each analysis and source.

    Of all, or with ``hears`` of those that hear a source, or that do not. Where a network is not
    on this machine, a plan has a line that says so; else it is raised.
    """
    due: list[Due] = []
    lines: list[Step] = []
    for stage, analysis in requested(steps, sources):
        asked = set[str]()  # a file that is given twice is analysed once
        for source in sources:
            if hears not in (None, isinstance(analysis.wants(source), Sound)):
                continue
            try:
                context.result(analysis, source)
                lines.append(Step(stage, source.id, "cached", f"{analysis.name} is known"))
            except NotReady as missing:
                inputs = context.inputs_of(analysis, source)
                key = context.key(analysis, inputs)
                if key in asked:
                    continue
                asked.add(key)
                due.append(Due(analysis, source, inputs, missing.reason))
                lines.append(Step(stage, source.id, "run", missing.reason, float(source.duration)))
            except _ABSENT as error:
                if not is_plan:
                    raise
                lines.append(Step(stage, source.id, "missing", str(error)))
    return due, lines


_IDLE = ("cached", "pure", "copy", "conflict")


@dataclass(frozen=True, slots=True, repr=False)
class Plan(InNotebooks):
    """What a run would do. ``decodes`` tells for each source what would be read, and why."""

    steps: tuple[Step, ...]
    decodes: tuple[Step, ...]
    cut: Cut | None
    """The finished cut, where everything that it depends on is known already."""

    def __repr__(self) -> str:
        return f"<plan of {len(self.steps)} steps: {self.text().splitlines()[-1]}>"

    @property
    def is_idle(self) -> bool:
        """Nothing would be decoded or encoded."""
        return not self.decodes and all(s.state in _IDLE for s in self.steps)

    def to_plain(self) -> dict[str, Any]:
        return {
            "steps": [to_plain(s) for s in self.steps],
            "decodes": [to_plain(s) for s in self.decodes],
            "idle": self.is_idle,
            "duration": float(self.cut.duration) if self.cut else None,
        }

    def text(self) -> str:
        rows = [(s.stage, s.subject, s.state, s.reason) for s in (*self.steps, *self.decodes)]
        widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
        lines = [
            "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]])
            for row in rows
        ]
        if self.cut is not None:
            count = len(self.cut.segments)
            lines.append(f"the cut: {count} segments, {format_time(self.cut.duration)}")
        lines.append(_work(self))
        return "\n".join(line.rstrip() for line in lines)

    def mermaid(self) -> str:
        lines = ["flowchart TD"]
        before: str | None = None
        for i, step in enumerate(self.steps):
            label = f"{step.stage}: {step.subject}<br/>{step.state}: {step.reason}"
            lines.append(f'  s{i}["{label.replace(chr(34), chr(39))}"]:::{step.state}')
            if before:
                lines.append(f"  {before} --> s{i}")
            before = f"s{i}"
        lines += [
            "  classDef cached fill:#dfd",
            "  classDef copy fill:#dfd",
            "  classDef pure fill:#eee",
            "  classDef run fill:#fed",
            "  classDef encode fill:#fdd",
            "  classDef missing fill:#f99",
            "  classDef conflict fill:#f99",
            "  classDef unknown fill:#fff,stroke-dasharray: 4",
        ]
        return "\n".join(lines)


def _work(plan: Plan) -> str:
    seconds = sum(s.seconds or 0 for s in plan.decodes)
    encodes = sum(s.seconds or 0 for s in plan.steps if s.state == "encode")
    parts = []
    if plan.decodes:
        parts.append(f"{seconds:.1f} s of media to decode for analysis")
    if encodes:
        parts.append(f"{encodes:.1f} s to encode")
    if told := _expected(plan):
        parts.append(told)
    if conflicts := sum(s.state == "conflict" for s in plan.steps):
        what = "edit by hand no longer applies" if conflicts == 1 else "edits no longer apply"
        parts.append(f"{conflicts} {what}")
    if absent := sum(s.state == "missing" for s in plan.steps):
        parts.append(f"{absent} of the steps cannot run here until what they lack is installed")
    nothing = "nothing to decode or encode" if plan.is_idle else "no media to decode for analysis"
    worked = bool(plan.decodes or encodes or _expected(plan) or absent)
    return "; ".join([*([] if worked else [nothing]), *parts])


def _expected(plan: Plan) -> str:
    """How long the work will take, as far as such work was done here before; else nothing."""
    work = [s for s in (*plan.decodes, *plan.steps) if _is_timed(s)]
    known = [s.expected for s in work if s.expected is not None]
    if not sum(known):
        return ""
    rest = "" if len(known) == len(work) else " and what was not measured here yet"
    return f"{spelled(sum(known))}{rest}, by earlier runs on this machine"


def _is_timed(step: Step) -> bool:
    """Whether it takes a time that runs measure: decoding, making and encoding pictures."""
    encodes = step.state == "encode" and not step.subject.partition(" sound")[1]
    return encodes or (step.state == "run" and step.stage in ("decode", "make"))


def make_plan(steps: Sequence[StageLine], inputs: Sequence[Begin], context: Stored) -> Plan:
    """The plan for these stages and sources; raises PipelineError, SourceError or ModelError.

    What is not installed or not fetched yet is a line of it, in state ``missing``.
    """
    steps, note = finished(steps, context)
    context.target, context.expected = target_of(steps), expected_in(steps)
    _check_writable(steps, context)
    found = _planned(steps, inputs, context)
    lines = list(found.lines)
    if note:
        writer = [step for step in steps if step.stage.name != "expect"][-1]
        lines.append(Step(writer.stage.name, str(context.output), "pure", note))
    return Plan(tuple(lines), found.decodes, None if found.waiting_for else found.cut)


def _check_writable(steps: Sequence[StageLine], context: Context) -> None:
    """Raise RenderError for an output that may not be written: see :mod:`smartcut.roots`."""
    for path in (path for step in steps for path in step.stage.writes(context)):
        try:
            check_writable(path)
        except ValueError as error:
            raise RenderError(str(error)) from error


class _Planned(NamedTuple):
    """What is known of a cut before it is worked."""

    lines: tuple[Step, ...]
    decodes: tuple[Step, ...]
    cut: Cut
    """As far as it is known."""
    waiting_for: str | None
    """What has to be known first for the rest."""


def _begun(
    steps: Sequence[StageLine], inputs: Sequence[Begin], context: Stored
) -> tuple[_Planned, Sequence[Source]]:
    """What the stages begin with: files, or parts, each with lines of its own."""
    if not (parts := parts_of(inputs)):
        files = files_of(inputs)
        sources = open_sources(files, steps, context.cache)
        cut = opening_cut(files, sources)
        return _Planned(tuple(_found(files, sources)), (), cut, None), sources
    done = [_planned(part.steps, part.inputs, context) for part in parts]
    lines = [
        replace(line, subject=f"part {number}: {line.subject}")
        for number, one in enumerate(done, 1)
        for line in one.lines
    ]
    decodes = tuple(line for one in done for line in one.decodes)
    cut = assembled([one.cut for one in done], [part.laying for part in parts])
    waiting_for = next((one.waiting_for for one in done if one.waiting_for), None)
    return _Planned(tuple(lines), decodes, cut, waiting_for), cut.footage


def _planned(steps: Sequence[StageLine], inputs: Sequence[Begin], context: Stored) -> _Planned:
    begun, sources = _begun(steps, inputs, context)
    due, analyses = due_work(steps, sources, context, is_plan=True)
    decodes = (*begun.decodes, *decoding(due, context))
    lines = [*begun.lines, *analyses]
    cut, waiting_for = identified(begun.cut), begun.waiting_for
    for step in steps:
        try:
            if waiting_for and not step.stage.gives:
                raise NotReady(step.stage.name, f"depends on {waiting_for}")
            cut, found = step.stage.preview(cut, context)
            cut = identified(cut)
            lines.extend(found or [] if step.stage.analyses() else found or [_pure(step)])
        except NotReady as missing:
            if not any(d.analysis.name == missing.what for d in due):
                name = step.stage.name
                if waiting_for:
                    lines.append(Step(name, "cut", "unknown", missing.reason))
                else:
                    lines.append(Step(name, "cut", "run", missing.reason))
            waiting_for = waiting_for or missing.what
        except _ABSENT as error:
            if not any((s.stage, s.state) == (step.stage.name, "missing") for s in lines):
                lines.append(Step(step.stage.name, "cut", "missing", str(error)))
            waiting_for = waiting_for or step.stage.name
    return _Planned(tuple(lines), decodes, cut, waiting_for)


def _pure(step: StageLine) -> Step:
    return Step(step.stage.name, "cut", "pure", "no media touched")


def decoding(due: Sequence[Due], context: Stored) -> list[Step]:
    """A line for each source that analyses would decode, and how."""
    from smartcut.media.base_index import index_for
    from smartcut.media.listen import passes

    lines = []
    for source in {d.source.id: d.source for d in due}.values():
        fed = [(d, w) for d in due if d.source.id == source.id and (w := d.analysis.wants(source))]
        if not fed:
            continue
        wishes = [wish for _, wish in fed]
        index = index_for(wishes, source, context.cache) if source.video else None
        for one in passes(wishes, index):
            own = [d for d, wish in fed if isinstance(wish, Sound) == (one.kind == "sound")]
            wall = expected(context.cache, work_of(source, own, context))
            lines.append(Step("decode", source.id, "run", one.reason, float(source.duration), wall))
    return lines
