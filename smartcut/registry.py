"""Things that packages bring, one in a module: stages, effects, and whatever else has a group.

An entry point of a group names a package; each of its modules holds one class whose ``name`` is
the module's. Listing imports none of them.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

from smartcut.entry_points import EntryPoint, entry_points
from smartcut.errors import PipelineError
from smartcut.once import once
from smartcut.synonyms import meant

T = TypeVar("T")

#: Of more names than this not all are told where one is likely meant.
_LONG = 24

#: What a group's things are called in messages.
NOUNS = {
    "smartcut.stages": "stage",
    "smartcut.effects": "effect",
    "smartcut.transitions": "transition",
    "smartcut.detectors": "detector",
    "smartcut.drawers": "drawer",
    "smartcut.expectations": "expectation",
}


#: Classes of groups that this process brings itself, by group and name.
_HERE: dict[str, dict[str, type]] = {}


def brought_here(group: str, name: str, kind: type) -> None:
    """Have a class found under a name in this process, beside what packages bring.

    It replaces one that was brought here before. Raises PipelineError where a package has the name.
    """
    if name in modules(group):
        noun = NOUNS[group]
        raise PipelineError(f"there is {_a(noun)} {name!r} already; give yours another name")
    _HERE.setdefault(group, {})[name] = kind


@once
def modules(group: str) -> Mapping[str, str]:
    """The name and the module of everything in a group; imports none of them.

    Entry points that name no package are left out: :func:`lost` tells of them. Raises
    PipelineError where two packages bring the same name.
    """
    found: dict[str, str] = {}
    for entry in entry_points(group=group):
        for module in pkgutil.iter_modules(_folders(entry) or ()):
            if module.name.startswith("_"):
                continue
            path = f"{entry.value}.{module.name}"
            if found.setdefault(module.name, path) != path:
                raise PipelineError(
                    f"two packages bring {_a(NOUNS[group])} named {module.name!r}: "
                    f"{found[module.name]} and {path}; uninstall one"
                )
    return dict(sorted(found.items()))


def find_class(group: str, name: str, base: type[T]) -> type[T]:
    """The class of that name in a group.

    Raises PipelineError that lists the names there are, and where its module cannot be imported
    or holds no such class.
    """
    noun, known = NOUNS[group], modules(group)
    here = _HERE.get(group, {}).get(name)
    if here is not None and issubclass(here, base):
        return here
    if name not in known:
        raise PipelineError(f"unknown {noun} {close_to(name, known)}{also_lost(group)}")
    path = known[name]
    try:
        module = importlib.import_module(path)
    except Exception as error:
        raise PipelineError(
            f"the {noun} {name!r} cannot be loaded: {path} {_brought_by(group, path)} "
            f"ends in {type(error).__name__}: {error}; mend that package, install what it needs, "
            "or uninstall it"
        ) from error
    for value in vars(module).values():
        if not (isinstance(value, type) and issubclass(value, base)):
            continue
        if value.__module__ == module.__name__ and getattr(value, "name", None) == name:
            return value
    raise PipelineError(
        f"{path} {_brought_by(group, path)} holds no {base.__name__} whose name is {name!r}"
    )


def loadable(group: str, base: type[T]) -> tuple[dict[str, type[T]], tuple[str, ...]]:
    """The classes of a group by name, and what is wrong with the others and with entry points."""
    found: dict[str, type[T]] = {}
    problems = lost(group)
    for name in modules(group):
        try:
            found[name] = find_class(group, name, base)
        except PipelineError as error:
            problems.append(str(error))
    return found, tuple(problems)


def close_to(given: str, known: Iterable[str], what: str = "accepted") -> str:
    """The name as given, the one that was most likely meant, and all that there are."""
    names = list(known)
    close = closest(given, names)
    if close and len(names) > _LONG:
        return f"{given!r}; did you mean {close!r}?"
    hint = f"did you mean {close!r}? " if close else ""
    return f"{given!r}; {hint}{what}: {', '.join(names)}"


def closest(given: str, known: Iterable[str]) -> str | None:
    """The name that was most likely meant: by its meaning, or by its letters; None without one."""
    names = list(known)
    close = [*meant(given, names), *get_close_matches(given, names, n=1)]
    return close[0] if close else None


def lost(group: str) -> list[str]:
    """What to say of a group's entry points that name no package."""
    return [
        f"the entry point {entry.name!r} of group {group!r} names {entry.value!r}, which is not a "
        f"package that can be found; name a package that holds one {NOUNS[group]} in each module"
        for entry in entry_points(group=group)
        if _folders(entry) is None
    ]


def also_lost(group: str) -> str:
    """The same, to be added to another message."""
    return "".join(f"; {problem}" for problem in lost(group))


def _folders(entry: EntryPoint) -> Sequence[str] | None:
    """Where the package lies that the entry point names; None where it names none."""
    try:
        spec = importlib.util.find_spec(entry.value)
    except Exception:  # what a package above it raises when imported
        return None
    return None if spec is None else spec.submodule_search_locations


def _brought_by(group: str, module: str) -> str:
    """The entry points that lead to it, and what installed them, in brackets."""
    entries = [e for e in entry_points(group=group) if module.startswith(f"{e.value}.")]
    names = [f"{e.name!r} of {e.package}" for e in entries]
    return f"(entry point {', '.join(names)})"


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
