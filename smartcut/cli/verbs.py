"""The commands for one's own file, made from the table of verbs.

What a verb's stages take is only looked up when that verb is called: `smartcut --help` imports
none of them.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from smartcut.cli import completing
from smartcut.cli.options import (
    AllowNet,
    Device,
    Dry,
    Jobs,
    NoCache,
    Show,
    expanded_inputs,
)
from smartcut.cli.proposing import command_for_files, is_file_like
from smartcut.cli.table import NAMES
from smartcut.cli.verb_batch import is_of_each, run_each, tell_of_one_film
from smartcut.verbs import VERBS, WISHES, Verb

if TYPE_CHECKING:
    from smartcut.report.verbs import VerbOption

_FILE_PANEL = "The file that is written"


class Commands(TyperGroup):
    """The commands by wish; a stage that can stand alone is one too, though it is not listed."""

    def list_commands(self, ctx: Any) -> list[str]:
        panels = {name: getattr(c, "rich_help_panel", None) for name, c in self.commands.items()}
        wishes = {n: WISHES.index(p) if p in WISHES else len(WISHES) for n, p in panels.items()}
        return sorted(wishes, key=lambda name: (wishes[name], NAMES.index(name)))

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Commands; where none begins so, stages that are commands too."""
        found = super().shell_complete(ctx, incomplete)
        return found or completing.stage_commands(incomplete)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name in NAMES and name not in VERBS:
            return super().resolve_command(ctx, args)
        from smartcut.report.verbs import verb_of

        if name.startswith("-"):
            return super().resolve_command(ctx, args)
        if verb := verb_of(name):
            return name, command_of(verb), args[1:]
        if is_file_like(name):
            return name, command_for_files(name), args
        return ctx.fail(self._unknown(name))

    def _unknown(self, name: str) -> str:
        from smartcut.registry import closest
        from smartcut.stage import stage_modules

        stage = name.replace("-", "_")
        if stage in stage_modules():
            return (
                f"{name!r} is a stage of pipelines, not a command: it works with others; "
                f"`smartcut stages {stage}` explains it"
            )
        close = closest(name, (*NAMES, *stage_modules()))
        hint = f"; did you mean {close!r}?" if close else ""
        return f"No such command {name!r}{hint or '.'} `smartcut --help` lists them"


def add_placeholders(app: typer.Typer) -> None:
    """Have every verb listed, with what it does."""
    for verb in VERBS.values():
        app.command(verb.name, help=verb.does, rich_help_panel=verb.wish)(listed_only)


def listed_only() -> None:
    """In the place of a command that is only listed."""
    raise AssertionError("a verb's command is made when it is called")


# -------------------------------------------------------------------------------- one command


Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE", help="Media files; several are one film, or one each with {stem} in -o."
    ),
]
OutputFile = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        help="The file to write; without it, one beside the input: talk.speed.mp4. "
        "'{stem}-x.mp4' is one of each file.",
        rich_help_panel=_FILE_PANEL,
    ),
]
Start = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Leave out what comes before: 12.5, 1:02 or 30f.",
        autocompletion=completing.times,
    ),
]
End = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="Leave out what comes after.", autocompletion=completing.times
    ),
]


def command_of(verb: Verb) -> Any:
    """The command of a verb, with the options that its stages give it."""
    from smartcut.report.verbs import options_of

    options = {f"o{i}": option for i, option in enumerate(options_of(verb))}
    app = typer.Typer(
        add_completion=False, context_settings={"help_option_names": ["-h", "--help"]}
    )
    app.command(verb.name, help=_help(verb))(_function(verb, options))
    return typer.main.get_command(app)


def _help(verb: Verb) -> str:
    return f"{verb.does}\n\n    smartcut {verb.name} {verb.example}"


def _function(verb: Verb, options: Mapping[str, VerbOption]) -> Callable[..., None]:
    def run(
        files: Files,
        output: OutputFile = None,
        start: Start = None,
        end: End = None,
        show: Show = False,
        dry: Dry = False,
        device: Device = "auto",
        jobs: Jobs = 2,
        no_cache: NoCache = False,
        allow_net: AllowNet = False,
        **typed: Any,
    ) -> None:
        values = {options[k].name: v for k, v in typed.items() if v is not None}
        how = {"device": device, "jobs": jobs, "cache": not no_cache, "allow_net": allow_net}
        _run(verb, values, expanded_inputs(files) or [], output, (start, end), show, dry, how)

    signature = inspect.signature(run, eval_str=True)
    files_first, *common = [p for p in signature.parameters.values() if p.name != "typed"]
    own = [_parameter(name, option) for name, option in options.items()]
    told = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (files_first, *own, *common)]
    run.__signature__ = inspect.Signature(told)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in told}
    return run


def _parameter(name: str, option: VerbOption) -> inspect.Parameter:
    from rich.markup import escape

    panel = _FILE_PANEL if option.use.stage == "render" else "Options"
    words = f"({option.accepted}{_default(option)})"
    text = escape(f"{option.meaning.rstrip('.')} {words}" if option.meaning else words)
    if option.is_flag:
        flag = typer.Option(
            f"{option.name}/--no-{option.name[2:]}", help=text, rich_help_panel=panel
        )
        kind: Any = Annotated[bool | None, flag]
    else:
        shown = typer.Option(
            option.name,
            help=text,
            metavar="VALUE",
            rich_help_panel=panel,
            show_default=False,
            autocompletion=_completion(option),
        )
        kind = Annotated[str, shown] if option.default is None else Annotated[str | None, shown]
    default = inspect.Parameter.empty if option.default is None else None
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)


def _completion(option: VerbOption) -> Callable[..., Any] | None:
    """What completes an option: its choices, or times of the file; else the shell offers files."""
    from smartcut.accepted import choices

    if words := choices(option.kind):
        return completing.choices_of(words)
    return completing.times if option.accepted.startswith("time (") else None


def _default(option: VerbOption) -> str:
    return f"; default {option.default}" if option.default not in (None, "none") else ""


def _run(
    verb: Verb,
    values: Mapping[str, str | bool],
    inputs: list[Path],
    output: Path | None,
    times: tuple[str | None, str | None],
    show: bool,
    dry: bool,
    how: Mapping[str, Any],
) -> None:
    from smartcut.api import Pipeline, as_inputs
    from smartcut.errors import PipelineError
    from smartcut.report.beside import beside, is_used
    from smartcut.report.progress import shown_progress
    from smartcut.report.steps import steps_of
    from smartcut.report.summary import summary
    from smartcut.report.verbs import as_yaml, asked, inputs_of

    stages = asked(verb, values, *times, inputs)
    pipeline = Pipeline(steps_of(stages), as_inputs(inputs_of(verb, inputs)))
    target = output or beside(verb, inputs[0])
    if show:
        print(as_yaml(verb, stages, inputs), end="")
        return
    if output is not None and is_of_each(output):
        run_each(verb, stages, inputs, output, dry, how)
        return
    tell_of_one_film(verb, inputs)
    if dry:
        print(pipeline.plan(output=target, device=how["device"], cache=how["cache"]).text())
        return
    if target in inputs:
        raise PipelineError(
            f"{target} is what is read, and cannot be written meanwhile; name another file with "
            f"-o, or none: without it, {beside(verb, inputs[0])} is written"
        )
    if is_used(target):
        print(f"note: {target} was there before, and is replaced", file=sys.stderr)
    with shown_progress(as_json=False) as progress:
        print(summary(pipeline.run(output=target, progress=progress, **how)))
