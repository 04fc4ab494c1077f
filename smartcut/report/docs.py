"""Writes the pages that are made from the code: ``python -m smartcut.report.docs [--check]``.

One page for each stage in docs/stages/, and the table of stages in README.md between its markers.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from smartcut.mistakes import fields_of
from smartcut.report.parameters import parameters
from smartcut.report.stages import first_line, needs
from smartcut.stage import Stage, find_stage, stage_modules

_BEGIN, _END = "<!-- stages -->", "<!-- /stages -->"


def stage_page(kind: type[Stage], picture: str | None = None) -> str:
    """The Markdown page of one stage; ``picture`` is the address of one that shows it."""
    lines = [f"# {kind.name}", "", inspect.getdoc(kind) or "", ""]
    if picture is not None:
        lines += [f"![`{kind.name}` in pictures]({picture})", ""]
    lines += [f"needs: {needs(kind)}  ", f"gives: {', '.join(kind.gives) or '-'}", ""]
    names = fields_of(kind)
    lines += ["| parameter | accepted | default | meaning |", "|---|---|---|---|"]
    for one in parameters(kind):
        if one.name in names:
            cells = map(_cell, (one.accepted, one.default, one.meaning))
            lines.append(f"| `{one.name}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def stage_table() -> str:
    """The README's table of stages."""
    lines = ["| stage | what it does |", "|---|---|"]
    for name in stage_modules():
        lines.append(f"| [`{name}`](docs/stages/{name}.md) | {first_line(find_stage(name))} |")
    return "\n".join(lines)


def pages(root: Path) -> dict[Path, str]:
    """Every generated file with its text."""
    found = {
        root / "docs" / "stages" / f"{name}.md": stage_page(find_stage(name), _picture(root, name))
        for name in stage_modules()
        if stage_modules()[name].startswith("smartcut.")
    }
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    found[readme] = f"{before}{_BEGIN}\n{stage_table()}\n{_END}{after}"
    return found


def _picture(root: Path, name: str) -> str | None:
    """The picture of a stage that docs/pictures/ draws, as seen from its page; None without one."""
    for place in (f"pictures/effects/{name}.webp", f"pictures/{name}.webp"):
        if (root / "docs" / place).is_file():
            return f"../{place}"
    return None


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
