"""Writes what the site is built from: ``python -m tools.site_pages`` (make docs).

The pages stay as they are read in the repository. In build/site they are written again with the
README, the changes and the reference beside them, and with their links as the site has them: to a
page of it, or, where mkdocs.yml sets ``repo_url``, to the file in the repository; else the link's
text stays alone. So any generator that reads Markdown can build the site; a link to nothing fails.
"""

from __future__ import annotations

import ast
import posixpath
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
#: Pages of the repository that the site has too, under these addresses.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
#: What language models read at the site's root; its links lead to pages as browsers see them.
FOR_MODELS = "llms.txt"
REFERENCE = "reference.md"
FOLDER = ROOT / "build" / "site"
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


# ---------------------------------------------------------------------------------- addresses


def address(path: str) -> str | None:
    """The page or file of the site that a file or folder of the repository is; None for others."""
    if path in PAGES:
        return PAGES[path]
    if path.startswith("docs/") and not path.endswith(".py"):
        inner = path.removeprefix("docs/")
        return f"{inner}/README.md" if (ROOT / path / "README.md").is_file() else inner
    return None


def rewritten(text: str, path: str, repo_url: str | None, warn: Callable[[str], None]) -> str:
    """A page's Markdown with its links as the site has them; ``path`` is where the page is."""

    def target(link: str) -> str | None:
        """The link as the site has it, ``""`` where it has none, None where nothing is there."""
        if re.match(r"[a-z]+:|#", link):
            return link
        place, _, anchor = link.partition("#")
        there = posixpath.normpath(posixpath.join(posixpath.dirname(path), place))
        if not (ROOT / there).exists():
            return None
        page = address(there)
        if page is None or ((ROOT / there).is_dir() and not page.endswith(".md")):
            return f"{repo_url.rstrip('/')}/blob/main/{there}" if repo_url else ""
        here = posixpath.dirname(address(path) or "")
        return posixpath.relpath(page, here or ".") + (f"#{anchor}" if anchor else "")

    def link(found: re.Match[str], sign: str = "") -> str:
        new = target(found[2])
        if new is None:
            warn(f"{path}: there is no {found[2]}")
        return f"{sign}[{found[1]}]({new})" if new else found[1]

    def prose(part: str) -> str:
        part = _PICTURE.sub(lambda found: link(found, "!"), part)
        return _LINK.sub(link, part)

    parts, end = [], 0
    for code in _CODE.finditer(text):
        parts += [prose(text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, prose(text[end:])])


def for_models(repo_url: str | None, warn: Callable[[str], None]) -> str:
    """llms.txt with its links as the site has them: ``stages/trim/`` for ``stages/trim.md``."""
    text = rewritten((ROOT / FOR_MODELS).read_text(encoding="utf-8"), FOR_MODELS, repo_url, warn)
    return re.sub(r"\]\((?![a-z]+:)(.*?)(?:(?:README|index)\.md|\.md)\)", _browsed, text)


def _browsed(found: re.Match[str]) -> str:
    place = found[1]
    return f"]({place.rstrip('/')}/)" if place else "](./)"


# ---------------------------------------------------------------------------------- reference


def public_names() -> dict[str, str]:
    """The public names that are no stages, with the full name of each."""
    tree = ast.parse((ROOT / "smartcut" / "__init__.py").read_text(encoding="utf-8"))
    named = next(x.value for x in tree.body if isinstance(x, ast.Assign) and _is_all(x))
    public = set(ast.literal_eval(named))
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not str(node.module).startswith("smartcut.stages"):
            names = {alias.asname or alias.name: alias.name for alias in node.names}
            found |= {name: _address(node, name, names[name]) for name in names.keys() & public}
    return dict(sorted(found.items()))


def _address(node: ast.ImportFrom, name: str, original: str) -> str:
    """Where a name is found: in `smartcut` itself where it has another name there."""
    return f"{node.module}.{original}" if name == original else f"smartcut.{name}"


def _is_all(node: ast.Assign) -> bool:
    return isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__"


def reference() -> str:
    """The page of Python: functions first, then classes, each from its docstring."""
    names = public_names()
    lines = ["# Python reference", "", "Stages are functions too: [each has its page]"]
    lines[-1] += "(stages/README.md), with its parameters; [In Python](python.md) shows them at"
    lines += ["work. The names below are in `smartcut` itself (`import smartcut as sc`)."]
    for full in sorted(names.values(), key=lambda full: full.rpartition(".")[2][0].isupper()):
        lines += ["", f"::: {full}"]
    events = ["", "::: smartcut.api.events"]
    return "\n".join([*lines, *events]) + "\n"


# -------------------------------------------------------------------------------------- folder


def unfolded(nav: Iterable[Any]) -> Iterator[Any]:
    """The navigation with each folder (`stages/`) as its pages, the README first."""
    for entry in nav:
        if isinstance(entry, str) and entry.endswith("/"):
            found = sorted((ROOT / "docs" / entry).glob("*.md"), key=_readme_first)
            yield from (f"{entry}{page.name}" for page in found)
        elif isinstance(entry, dict):
            yield {
                title: list(unfolded(inner)) if isinstance(inner, list) else inner
                for title, inner in entry.items()
            }
        else:
            yield entry


def _readme_first(page: Path) -> tuple[bool, str]:
    return page.stem != "README", page.stem


def write(folder: Path) -> list[str]:
    """Write the settings and pages into an empty folder; what is returned is wrong with them."""
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    settings["nav"] = list(unfolded(settings["nav"]))
    problems: list[str] = []
    texts = {REFERENCE: reference()}
    for path in [*map(Path, PAGES), *_kept()]:
        name, page = path.as_posix(), folder / "pages" / str(address(path.as_posix()))
        page.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            text = (ROOT / path).read_text(encoding="utf-8")
            text = rewritten(text, name, settings.get("repo_url"), problems.append)
            texts[str(address(name))] = text
        else:
            shutil.copy(ROOT / path, page)
    texts[FOR_MODELS] = for_models(settings.get("repo_url"), problems.append)
    for name, text in texts.items():
        (folder / "pages" / name).write_text(text, encoding="utf-8")
    settings |= {"docs_dir": "pages", "site_dir": "html"}
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return problems


def _kept() -> Iterator[Path]:
    """The files in docs/ that the site has, as paths in the repository."""
    for file in sorted((ROOT / "docs").rglob("*")):
        path = file.relative_to(ROOT)
        if file.is_file() and address(path.as_posix()) and "." not in path.parts[1][:1]:
            yield path


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    problems = write(FOLDER)
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
