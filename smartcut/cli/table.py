"""Which module holds which commands."""

from __future__ import annotations

from collections.abc import Mapping

from smartcut.verbs import HERE, MANY, VERBS

#: The commands of each module. `--help` lists those of one wish in this order.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "pipelines": ("run", "plan", "check", "stages", "schema", "doctor"),
    "exporting": ("export",),
    "comparing": ("diff", "rebase"),
    "conforming": ("conform",),
    "eliding": ("elisions",),
    "learning": ("learn",),
    "studio": ("studio",),
    "frame": ("frame",),
    "one_file": ("shots", "transcribe", "chapters", "score", "cut", "probe", "inspect"),
    "reporting": ("report",),
    "verify": ("verify",),
    "search": ("search",),
    "library": ("library",),
    "dataset": ("dataset",),
    "generate": ("generate",),
    "models": ("models",),
    "agents": ("mcp", "skill"),
    "cache": ("cache",),
}
#: Modules whose commands are told apart by a second word, and the wish that they are listed under.
GROUPS: Mapping[str, str] = {
    "library": MANY,
    "dataset": MANY,
    "generate": MANY,
    "models": HERE,
    "cache": HERE,
}
#: All that `smartcut --help` lists.
NAMES = (*VERBS, *(name for named in COMMANDS.values() for name in named))
