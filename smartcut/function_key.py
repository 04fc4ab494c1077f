"""A key for a function that a user wrote: equal where it would do the same, or none at all."""

from __future__ import annotations

import dis
import hashlib
import sys
from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from smartcut.once import once

_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), Fraction, Path)


class _Unstable(Exception):
    """Something whose behaviour cannot be told from here."""


def function_key(function: Any) -> str | None:
    """sha256 of what a function does; None where that cannot be told.

    That is its code, its defaults, the values that it closes over, and the globals that its code
    names: plain values, arrays, other functions in the same way, and modules of installed packages
    by their version. Objects, open files and modules of the user's own have no key.
    """
    found = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    try:
        _add(function, found.update, ())
    except (_Unstable, RecursionError):
        return None
    return found.hexdigest()


def _add(value: Any, add: Any, within: tuple[int, ...]) -> None:
    if id(value) in within:
        add(b"again")
        return
    inside = (*within, id(value))
    if isinstance(value, _PLAIN):
        add(f"{type(value).__name__} {value!r};".encode())
    elif isinstance(value, (tuple, list, dict, set, frozenset)):
        add(f"{type(value).__name__} {len(value)};".encode())
        items = value.items() if isinstance(value, dict) else value
        for item in sorted(items, key=repr) if isinstance(value, (set, frozenset)) else items:
            _add(item, add, inside)
    elif isinstance(value, FunctionType):
        _add_function(value, add, inside)
    elif isinstance(value, MethodType):
        _add((value.__func__, value.__self__), add, inside)
    elif isinstance(value, partial):
        _add((value.func, value.args, value.keywords), add, inside)
    elif isinstance(value, CodeType):
        _add((value.co_code, value.co_names, value.co_varnames, value.co_consts), add, inside)
    elif isinstance(value, (ModuleType, type, BuiltinFunctionType)) or callable(value):
        add(f"{_packaged(value)};".encode())
    elif type(value).__module__ == "numpy" and hasattr(value, "tobytes"):
        if value.dtype.hasobject:
            raise _Unstable
        add(f"{value.dtype} {value.shape};".encode())
        add(value.tobytes())
    else:
        raise _Unstable


def _add_function(function: FunctionType, add: Any, within: tuple[int, ...]) -> None:
    module = sys.modules.get(function.__module__ or "")
    if module is not None and _version(module) is not None:
        add(f"{function.__module__}.{function.__qualname__} {_version(module)};".encode())
        return
    try:
        closed = [cell.cell_contents for cell in function.__closure__ or ()]
    except ValueError:
        raise _Unstable from None
    _add((function.__code__, function.__defaults__, function.__kwdefaults__), add, within)
    _add(closed, add, within)
    for name in sorted(_globals_of(function.__code__)):
        if name in function.__globals__:
            add(f"{name}=".encode())
            _add(function.__globals__[name], add, within)


def _globals_of(code: CodeType) -> set[str]:
    """The names of globals that code reads, that of functions within it too."""
    reads = ("LOAD_GLOBAL", "LOAD_NAME")
    names = {step.argval for step in dis.get_instructions(code) if step.opname in reads}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            names |= _globals_of(inner)
    return names


def _packaged(value: Any) -> str:
    """The name and the version of something from an installed package."""
    home = getattr(value, "__module__", None) or ""
    owner = value if isinstance(value, ModuleType) else sys.modules.get(home)
    said = None if owner is None else _version(owner)
    if owner is None or said is None:
        raise _Unstable
    name = getattr(value, "__qualname__", getattr(value, "__name__", None))
    if name is None:
        raise _Unstable
    return f"{owner.__name__} {name} {said}"


@once
def _installed() -> Mapping[str, list[str]]:
    """The packages that each top module was installed with; looking takes a second."""
    return packages_distributions()


def _version(module: ModuleType) -> str | None:
    """Of the package that a module was installed with, or of Python; None for the user's own."""
    top = module.__name__.partition(".")[0]
    if top in sys.stdlib_module_names and top != "__main__":
        return sys.version.split()[0]
    names = _installed().get(top)
    if not names or getattr(module, "__file__", None) is None:
        return None
    try:
        return version(names[0])
    except PackageNotFoundError:
        return None
