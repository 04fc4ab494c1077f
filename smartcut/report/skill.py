"""Generates the skill for agents and llms.txt from the stages and verbs."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from smartcut.report.parameters import parameters
from smartcut.report.skill_text import DESCRIPTION, GUIDE, RECIPES, STAGES
from smartcut.report.stages import by_group, first_line, needs
from smartcut.report.verbs import as_yaml, asked, typed_example
from smartcut.stage import GROUPS, Group, Stage, find_stage, stage_modules
from smartcut.verbs import VERBS, WISHES, Verb

_MOST_PARAMETERS = 14
_PAGES = (
    ("Start", "README.md", "install, first commands, how it works"),
    ("Cookbook", "docs/cookbook.md", "thirty recipes"),
    ("For agents", "docs/guides/agents.md", "MCP server, skill, the loop of an agent"),
    ("In Python", "docs/python.md", "the same as values: `sc.open(...) | sc.shots() | ...`"),
    ("Commands", "docs/commands.md", "all commands and their options"),
    ("Security", "SECURITY.md", "roots, isolation, limits"),
)


def skill_pages(root: Path) -> dict[Path, str]:
    """Every file of the skill, and llms.txt, with its text."""
    folder = root / "smartcut" / "skills" / "smartcut"
    references = folder / "references"
    found = {folder / "SKILL.md": skill_page(), references / "recipes.md": recipes_page()}
    for group, kinds in _groups().items():
        found[references / f"stages-{group}.md"] = stages_page(group, kinds)
    found[root / "llms.txt"] = llms_text()
    return found


def _groups() -> Mapping[Group, Mapping[str, type[Stage]]]:
    """The stages that come with smartcut, by group."""
    own = [name for name, module in stage_modules().items() if module.startswith("smartcut.")]
    return by_group({name: find_stage(name) for name in own})


# -------------------------------------------------------------------------------------- the skill


def skill_page() -> str:
    """SKILL.md: when it is of use, how to work, and where each stage is explained."""
    lines = ["---", "name: smartcut", f"description: {json.dumps(DESCRIPTION)}", "---", ""]
    lines += ["# smartcut", "", GUIDE, "## References", ""]
    lines.append("- [recipes.md](references/recipes.md): whole jobs in a line")
    for group, kinds in _groups().items():
        names = ", ".join(kinds)
        lines.append(f"- [stages-{group}.md](references/stages-{group}.md): {names}")
    return "\n".join(lines) + "\n"


def recipes_page() -> str:
    """The verbs by what one wants, each with its pipeline."""
    lines = ["# Recipes", "", RECIPES.rstrip()]
    for wish in WISHES:
        those = [verb for verb in VERBS.values() if verb.wish == wish]
        lines += ["", f"## {wish}"] if those else []
        for verb in those:
            lines += ["", verb.does, "", "```sh", f"smartcut {verb.name} {verb.example}", "```"]
            lines += ["", "```yaml", _pipeline(verb), "```"]
    return "\n".join(lines) + "\n"


def _pipeline(verb: Verb) -> str:
    typed = typed_example(verb)
    files = [Path(file) for file in typed.files]
    return as_yaml(verb, asked(verb, typed.values, typed.start, typed.end, files), files).rstrip()


def stages_page(group: Group, kinds: Mapping[str, type[Stage]]) -> str:
    """The stages of a group: what each does, an example, and what its parameters take."""
    lines = [f"# {GROUPS[group]}", "", STAGES.rstrip()]
    for name, kind in kinds.items():
        lines += ["", f"## {name}", "", first_line(kind), ""]
        if kind.needs:
            lines += [f"Needs before it: {needs(kind)}.", ""]
        if example := _example(kind):
            lines += ["```yaml", example, "```", ""]
        lines += list(_taken(kind)) or ["It takes no parameters."]
    return "\n".join(lines) + "\n"


def _example(kind: type[Stage]) -> str:
    """The first example in a stage's docstring."""
    found = re.search(r"```yaml\n(.*?)```", inspect.getdoc(kind) or "", re.S)
    return found[1].rstrip() if found else ""


def _taken(kind: type[Stage]) -> Iterator[str]:
    for one in parameters(kind):
        if "." not in one.name:
            default = "" if one.default == "none" else f"; {one.default}"
            yield f"- `{one.name}`: {one.accepted}{default}"


# --------------------------------------------------------------------------------------- llms.txt


def llms_text() -> str:
    """What smartcut is and can do, in one short text for language models (llmstxt.org)."""
    lines = ["# smartcut", "", "> Edit video by declaration: a YAML file says what the film should"]
    lines += [
        "> be, smartcut makes it. A command line, a Python library, and MCP tools for agents."
    ]
    lines += ["", _guide_of_loop(), "", "## Docs", ""]
    lines += [f"- [{title}]({address}): {about}" for title, address, about in _PAGES]
    lines += ["", "## Commands for one's own file", ""]
    lines += [f"- `smartcut {verb.name} {verb.example}`: {verb.does}" for verb in VERBS.values()]
    for group, kinds in _groups().items():
        lines += ["", f"## Stages. {GROUPS[group]}", ""]
        lines += [f"- [{n}](docs/stages/{n}.md): {_in_short(k)}" for n, k in kinds.items()]
    return "\n".join(lines) + "\n"


def _in_short(kind: type[Stage]) -> str:
    """What a stage does, and the names of its parameters; * marks what must be given."""
    found = [one for one in parameters(kind) if "." not in one.name]
    names = [f"{one.name}{'*' if one.default == 'required' else ''}" for one in found]
    shown = ", ".join(names[:_MOST_PARAMETERS]) + (" ..." if names[_MOST_PARAMETERS:] else "")
    return f"{first_line(kind)} `{shown}`" if names else first_line(kind)


def _guide_of_loop() -> str:
    """How to work, from the guide's own words: up to where commands begin."""
    text = GUIDE.partition("With the command")[0].rstrip()
    return text.replace("## How to work", "How to work:")
