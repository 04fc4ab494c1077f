"""What agents can read: the guide, a page of each stage, the schema, manifests of outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from urllib.parse import quote, unquote

from smartcut.agents.folder import AgentFolder
from smartcut.errors import PipelineError
from smartcut.registry import close_to

_SCHEME = "smartcut://"
_MARKDOWN, _JSON = "text/markdown", "application/json"
_LISTED = 100
_MOST_BYTES = 8_000_000

#: (address, name, what it is, its kind) of resources that have a name in their address.
TEMPLATES = (
    ("smartcut://stages/{name}", "stage", "One stage: what it does, its parameters.", _MARKDOWN),
    ("smartcut://manifests/{path}", "manifest", "How a written file was made.", _JSON),
)


@dataclass(frozen=True, slots=True)
class AgentResource:
    """Something that can be read."""

    uri: str
    name: str
    about: str
    mime: str = _MARKDOWN


_FIXED = {
    "guide": AgentResource(f"{_SCHEME}guide", "guide", "How to work with smartcut: read it first."),
    "recipes": AgentResource(f"{_SCHEME}recipes", "recipes", "Pipelines for common jobs."),
    "stages": AgentResource(f"{_SCHEME}stages", "stages", "All stages, a line each."),
    "schema": AgentResource(f"{_SCHEME}schema", "schema", "JSON Schema of a pipeline.", _JSON),
}
_SKILL_FILES = {"guide": "SKILL.md", "recipes": "references/recipes.md"}


def listed(folder: AgentFolder) -> Iterator[AgentResource]:
    """The fixed ones, then the manifests below the folder."""
    yield from _FIXED.values()
    for number, path in enumerate(folder.files(".", "*.manifest.json")):
        if number == _LISTED:
            return
        name = path.as_posix()
        yield AgentResource(f"{_SCHEME}manifests/{quote(name)}", name, "How it was made.", _JSON)


def read(folder: AgentFolder, uri: str) -> tuple[str, str]:
    """(kind, text) of a resource; raises PipelineError for what is none."""
    address = uri.removeprefix(_SCHEME) if uri.startswith(_SCHEME) else ""
    kind, _, rest = address.partition("/")
    if kind in _SKILL_FILES and not rest:
        return _MARKDOWN, skill_text(_SKILL_FILES[kind])
    if kind == "stages":
        from smartcut.report.docs import stage_index, stage_page
        from smartcut.stage import find_stage

        return _MARKDOWN, stage_page(find_stage(unquote(rest))) if rest else stage_index()
    if kind == "schema" and not rest:
        from smartcut.spec_schema import json_schema

        return _JSON, json.dumps(json_schema(), ensure_ascii=False)
    if kind == "manifests" and rest:
        return _JSON, _manifest(folder, unquote(rest))
    known = [one.uri for one in _FIXED.values()] + [uri for uri, *_ in TEMPLATES]
    raise PipelineError(f"unknown resource {close_to(uri[:200], known)}")


def _manifest(folder: AgentFolder, name: str) -> str:
    if not name.endswith(".manifest.json"):
        raise PipelineError(f"{name[:200]} is no manifest; accepted: names as reel.manifest.json")
    path = folder.root / folder.file(name)
    if path.stat().st_size > _MOST_BYTES:
        raise PipelineError(f"{name} has more than {_MOST_BYTES:,} bytes")
    return path.read_text(encoding="utf-8")


def skill_text(name: str) -> str:
    """A file of the skill that comes with smartcut."""
    return (files("smartcut") / "skills" / "smartcut" / name).read_text(encoding="utf-8")
