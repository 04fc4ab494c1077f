"""Writes the pages that are made from the code: ``python -m smartcut.report.docs [--check]``.

One page for each stage in docs/stages/ and for each verb in docs/verbs/, with an index in each;
one for all drawers; the skill for agents, and llms.txt.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from smartcut.drawer import drawer_modules, find_drawer
from smartcut.expectation import EXPECTATIONS, find_expectation
from smartcut.registry import modules
from smartcut.report.captions_page import captions_page
from smartcut.report.parameters import parameters
from smartcut.report.skill import skill_pages
from smartcut.report.stages import by_group, first_line, needs
from smartcut.report.verbs import COMMON, as_yaml, asked, options_of, typed_example
from smartcut.spec_text import read_yaml
from smartcut.stage import GROUPS, Stage, find_stage, stage_modules
from smartcut.verbs import VERBS, WISHES, Verb


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A picture that shows what a stage or a verb does."""

    address: str
    """As seen from the page."""
    shows: str
    """What is to be seen in it, in a sentence or two."""

    def markdown(self, name: str) -> list[str]:
        return [f"![`{name}` in pictures]({self.address})", "", self.shows, ""]


def stage_page(kind: type[Stage], picture: PagePicture | None = None) -> str:
    """The Markdown page of one stage."""
    lines = [f"# {kind.name}", "", inspect.getdoc(kind) or "", ""]
    if picture is not None:
        lines += picture.markdown(kind.name)
    lines += [f"needs: {needs(kind)}  ", f"gives: {', '.join(kind.gives) or '-'}", ""]
    return "\n".join([*lines, *_table(kind)]) + "\n"


def _table(kind: type[BaseModel]) -> Iterator[str]:
    """The parameters, each followed by those of the models that it takes."""
    yield from ("| parameter | accepted | default | meaning |", "|---|---|---|---|")
    for one in parameters(kind):
        cells = map(_cell, (one.accepted, one.default, one.meaning))
        yield f"| `{one.name}` | {' | '.join(cells)} |"


def drawers_page() -> str:
    """The page of what the stage `draw` draws."""
    lines = ["# Drawers", "", "What [`draw`](stages/draw.md) draws: `use` names one, `params` are"]
    lines += ["its parameters. [Packages add others](extending.md#a-drawer)."]
    for name, module in drawer_modules().items():
        kind = find_drawer(name)
        if module.startswith("smartcut."):
            lines += ["", f"## {name}", "", inspect.getdoc(kind) or "", "", *_table(kind)]
    return "\n".join(lines) + "\n"


def expectations_page() -> str:
    """The page of all that films can be expected to be."""
    lines = ["# All expectations", "", "What stands under [`expect:`](expectations.md), by name."]
    lines += ["[Packages add others](extending.md#an-expectation)."]
    for name, module in modules(EXPECTATIONS).items():
        kind = find_expectation(name)
        if module.startswith("smartcut."):
            usual = ["", "Checked where nobody says what is expected."] if kind.is_usual else []
            short = ["", f"A value alone is `{kind.short}`."] if kind.short else []
            lines += ["", f"## {name}", "", inspect.getdoc(kind) or "", *short, *usual]
            lines += ["", *_table(kind)] if kind.model_fields else []
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def stage_index() -> str:
    """The page that lists the stages."""
    lines = ["# Stages", "", "`smartcut stages NAME` explains one on the command line.", ""]
    for group, kinds in by_group({name: find_stage(name) for name in _built_in()}).items():
        lines += [f"## {GROUPS[group]}", "", "| stage | what it does |", "|---|---|"]
        lines += [f"| [`{name}`]({name}.md) | {first_line(kind)} |" for name, kind in kinds.items()]
        lines.append("")
    lines.pop()
    return "\n".join(lines) + "\n"


def _built_in() -> list[str]:
    return [name for name, module in stage_modules().items() if module.startswith("smartcut.")]


def verb_page(verb: Verb, picture: PagePicture | None = None) -> str:
    """The Markdown page of one verb: an example, the pipeline that it is, and its options."""
    typed = typed_example(verb)
    files = [Path(file) for file in typed.files]
    stages = asked(verb, typed.values, typed.start, typed.end, files)
    shown = as_yaml(verb, stages, files).rstrip()
    lines = [f"# smartcut {verb.name}", "", verb.does, ""]
    if picture is not None:
        lines += picture.markdown(f"smartcut {verb.name}")
    lines += ["```sh", f"smartcut {verb.name} {verb.example}", "```", ""]
    lines += ["With `--show` it prints this pipeline instead, a file to go on from:", ""]
    lines += ["```yaml", shown, "```", ""]
    lines += ["| option | accepted | default | meaning |", "|---|---|---|---|"]
    for one in options_of(verb):
        where = f"[`{one.use.stage}`](../stages/{one.use.stage}.md)"
        default = "required" if one.default is None else one.default
        cells = map(_cell, (one.accepted, default, f"{one.meaning} ({where})"))
        lines.append(f"| `{one.name}` | {' | '.join(cells)} |")
    lines += ["", "Every verb takes these too:", "", "| option | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in COMMON.items()]
    return "\n".join(lines) + "\n"


def verb_index() -> str:
    """The page that lists the verbs, by what one wants."""
    lines = [
        "# Commands for your own file",
        "",
        "Each is a pipeline: `--show` prints it, `--dry` says what it would do. Without `-o` the",
        "file is written beside the input, under a name that is free. Every effect, and every",
        "stage that needs no other, is a command as well: `smartcut blur film.mp4 --sigma 20`.",
    ]
    for wish in WISHES:
        rows = [verb for verb in VERBS.values() if verb.wish == wish]
        if rows:
            lines += ["", f"## {wish}", "", "| command | what it does |", "|---|---|"]
        for verb in rows:
            shown = f"[`smartcut {verb.name} {_cell(verb.example)}`]({verb.name}.md)"
            lines.append(f"| {shown} | {verb.does} |")
    return "\n".join(lines) + "\n"


def pages(root: Path) -> dict[Path, str]:
    """Every generated file with its text."""
    stages, verbs, drawn = root / "docs" / "stages", root / "docs" / "verbs", pictures(root)
    found = {
        stages / f"{name}.md": stage_page(find_stage(name), drawn.get(name)) for name in _built_in()
    }
    for name, verb in VERBS.items():
        shown = (drawn[place] for place in _places(verb) if place in drawn)
        found[verbs / f"{name}.md"] = verb_page(verb, next(shown, None))
    found[root / "docs" / "drawers.md"] = drawers_page()
    found[root / "docs" / "captions.md"] = captions_page()
    found[root / "docs" / "all_expectations.md"] = expectations_page()
    found[stages / "README.md"], found[verbs / "README.md"] = stage_index(), verb_index()
    return found | skill_pages(root)


def _places(verb: Verb) -> Iterator[str]:
    """The names of pictures that a verb's page may show, the best first: the last stage's is."""
    yield f"verbs/{verb.name}"
    yield verb.name
    yield from (use.stage for use in reversed(verb.uses) if not use.is_asked)
    yield from (use.stage for use in reversed(verb.uses))


def pictures(root: Path) -> dict[str, PagePicture]:
    """The pictures of pages by their names, as docs/pictures/shown.yaml lists them."""
    folder = root / "docs" / "pictures"
    listed, _ = read_yaml((folder / "shown.yaml").read_text(encoding="utf-8"))
    found = {}
    for name, shows in listed.items():
        place = f"effects/{name}" if (folder / f"effects/{name}.webp").is_file() else name
        found[name] = PagePicture(f"../pictures/{place}.webp", shows)
    return found


def main() -> None:
    root = Path(__file__).parents[2]
    stale = []
    for path, text in pages(root).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        names = ", ".join(str(p.relative_to(root)) for p in stale)
        sys.exit(f"not as the code says: {names}; run: make docs")


if __name__ == "__main__":
    main()
