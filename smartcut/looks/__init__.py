"""Looks of text with a name: the YAML files beside this one, and users' own.

A look file holds what :class:`smartcut.text_style.TextStyle` has, an ``about`` in one sentence,
and ``from`` where it begins with another look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationError, ValidationInfo, WithJsonSchema

from smartcut.accepted import InWords
from smartcut.mistakes import mistakes
from smartcut.once import once
from smartcut.registry import close_to
from smartcut.text_input import read_text_input
from smartcut.text_style import TextStyle

_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Look:
    """A style with a name."""

    name: str
    about: str
    style: TextStyle


@once
def look_names() -> tuple[str, ...]:
    """The names of the looks that come with smartcut."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.yaml")))


@once
def find_look(name: str) -> Look:
    """The look of that name; raises ValueError with the nearest names."""
    if name not in look_names():
        raise ValueError(
            f"unknown look {close_to(name, look_names())}; or the path of a .yaml file with a look"
        )
    return _of_file(Path(__file__).with_name(f"{name}.yaml"), None, ())


def read_look(given: Any, folder: Path | None = None) -> Look:
    """The look that a user named, or wrote: a name, a file's path, or its keys.

    Paths are relative to ``folder``, or else to the current one. Raises ValueError.
    """
    return _read(given, folder, ())


def _read(given: Any, folder: Path | None, within: tuple[Path, ...]) -> Look:
    if isinstance(given, Look):
        return given
    if isinstance(given, Mapping):
        return _of_keys(given, "its own", folder, within)
    if not isinstance(given, (str, Path)):
        raise ValueError(f"{given!r} is no look; accepted: a name, a .yaml file, or its keys")
    path = Path(given).expanduser()
    if path.suffix.lower() not in _SUFFIXES:
        return find_look(str(given))
    places = [folder / path, path] if folder else [path]
    for place in places:
        if place.is_file():
            return _of_file(place, place.parent, within)
    raise ValueError(f"there is no look {given} (looked at: {', '.join(map(str, places))})")


def _of_file(path: Path, folder: Path | None, within: tuple[Path, ...]) -> Look:
    import yaml

    own = path.resolve()
    if own in within:
        raise ValueError(f"the look {path} is made from itself; give another `from`")
    try:
        keys = yaml.safe_load(read_text_input(path).text)
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"the look {path} cannot be read: {error}") from error
    if not isinstance(keys, Mapping):
        raise ValueError(f'the look {path} holds no keys, such as `colour: "#ffffff"`')
    try:
        return _of_keys(keys, path.stem, folder, (*within, own))
    except ValueError as error:
        raise ValueError(f"the look {path}: {error}") from error


def _of_keys(
    keys: Mapping[Any, Any], name: str, folder: Path | None, within: tuple[Path, ...]
) -> Look:
    given = {str(key): value for key, value in keys.items()}
    about, base = str(given.pop("about", "")), given.pop("from", None)
    try:
        style = TextStyle.model_validate(given)
    except ValidationError as error:
        known = ["about", "from", *TextStyle.model_fields]
        raise ValueError(mistakes(error.errors(), TextStyle, known)[0].text) from error
    below = _read(base, folder, within).style if base is not None else TextStyle()
    return Look(name, about, style.over(below))


def _look(value: Any, info: ValidationInfo) -> Look:
    return read_look(value, (info.context or {}).get("folder"))


#: A look in the parameters of a stage.
LookParam = Annotated[
    Look,
    PlainValidator(_look),
    WithJsonSchema({"anyOf": [{"enum": [*look_names()]}, {"type": "string"}, {"type": "object"}]}),
    InWords(f"{' | '.join(look_names())}, a .yaml file, or its keys"),
]
