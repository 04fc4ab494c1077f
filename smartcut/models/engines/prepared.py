"""A network's engine: chosen once by comparison, kept beside the weights, loaded ever after."""

from __future__ import annotations

import copy
import json
import platform
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np

from smartcut.cache import key_of
from smartcut.files import write_text
from smartcut.models import weights
from smartcut.models.engines.agreement import Agreement
from smartcut.models.engines.choice import EXACT, Library, Precision, Way, wanted, wish
from smartcut.models.engines.on_onnx import OnnxEngine, export, optimise
from smartcut.models.engines.on_torch import TorchEngine
from smartcut.models.torch_threads import computing_with
from smartcut.once import once

if TYPE_CHECKING:
    from torch import nn

#: Raised where networks are exported or compared otherwise.
VERSION = 3
#: An engine has to be so many times as fast as torch: what is slower gains nothing.
FASTER = 1.2
_RECORD, _NETWORK = "engine.json", "network.onnx"
#: Seconds after which an engine of other versions goes that none has opened since: four weeks.
_UNUSED = 28 * 86_400
_LIBRARIES = ("torch", "onnxruntime", "open-clip-torch", "timm")


class Engine(Protocol):
    """Answers rows, float32; several threads may ask at once."""

    engine: str
    """The library, its version and the precision, for people."""

    def __call__(self, rows: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """A network as its engine is chosen."""

    name: str
    """What users know it by."""
    weights: str
    """sha256."""
    batch: int
    """Rows at a time on a CPU."""
    ways: tuple[Way, ...]
    """What may be tried, the fastest first."""
    build: Callable[[], nn.Module]
    """The network in torch, on the CPU, from rows to answers; raises ModelError."""
    rows: Callable[[], np.ndarray | list[np.ndarray]]
    """What engines are compared on; as a list, batches of several shapes."""
    compare: Callable[[np.ndarray, np.ndarray, Precision], Agreement]
    forms: Mapping[Way, Callable[[nn.Module], nn.Module]] = field(default_factory=dict)
    """How the network is written for a way that another form of it suits better."""
    shape: str = ""
    """What else makes it another network than one of the same weights."""
    free: tuple[int, ...] = (0,)
    """The axes of the rows along which they may have any size."""
    least: float | None = None
    """How many times as fast as torch it has to be; None for the usual."""

    def form(self, way: Way, module: nn.Module) -> nn.Module:
        """A copy of the module as that way takes it."""
        return self.forms.get(way, lambda same: same)(copy.deepcopy(module))


@dataclass(frozen=True, slots=True)
class Record:
    """What was chosen, by which figures."""

    network: str
    library: Library
    precision: Precision
    speed: float
    """Times that of torch in fp32, by processor time."""
    agreement: str
    refused: tuple[str, ...]
    """The ways tried before, and why each was not taken."""


def load(subject: Subject, device: str) -> Engine:
    """The network, ready on the device; raises what building it does."""
    ways = wanted(subject.ways, wish())
    if device != "cpu" or not ways:
        return TorchEngine(subject.build(), device)
    folder = place(subject, ways)
    found = _opened(subject, folder)
    return found or _prepared(subject, ways, folder)


def is_torch_alone(device: str) -> bool:
    """Whether no other engine is asked for there."""
    return device != "cpu" or wish() == "torch"


def is_kept(subject: Subject, device: str) -> bool:
    """Whether the network is there as it will be used, so that it opens at once without torch."""
    ways = wanted(subject.ways, wish())
    record = record_in(place(subject, ways)) if device == "cpu" and ways else None
    return record is not None and record.library != "torch"


def place(subject: Subject, ways: tuple[Way, ...]) -> Path:
    """The folder for this network, these versions and this processor."""
    here = {
        "ways": [str(way) for way in ways],
        "processor": _processor(),
        "shape": subject.shape,
    }
    there = {
        "weights": subject.weights,
        "batch": subject.batch,
        "versions": {name: _version(name) for name in _LIBRARIES},
    }
    names = (subject.weights[:16], key_of("engine", 1, here)[:8])
    key = key_of("engine", VERSION, {**here, **there})[:16]
    return engines_root() / "-".join((*names, key))


def file_beside(digest: str, kind: str, shape: str, suffix: str) -> Path:
    """Where something else that was made of these weights by these versions is kept."""
    made_of = {"shape": shape, "versions": {name: _version(name) for name in _LIBRARIES}}
    key = key_of(f"engine:{kind}", VERSION, made_of)[:16]
    return engines_root() / f"{digest[:16]}-{kind}-{key}{suffix}"


def engines_root() -> Path:
    """Where engines are kept: beside the weights, which no emptied cache takes along."""
    return weights.models_root() / "engines"


def record_in(folder: Path) -> Record | None:
    """What was chosen there before; None where nothing was, or its files are damaged."""
    try:
        plain = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        found = Record(**{**plain, "refused": tuple(plain["refused"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found


def kept_engines() -> list[Record]:
    """What was chosen for networks on this machine, by name; of several versions the last used."""
    folders = sorted((file.parent for file in engines_root().glob(f"*/{_RECORD}")), key=_used)
    newest = {_network_of(folder): folder for folder in folders}
    return sorted(filter(None, map(record_in, newest.values())), key=lambda one: one.network)


def _opened(subject: Subject, folder: Path) -> Engine | None:
    record = record_in(folder)
    if record is None:
        return None
    with suppress(OSError):
        (folder / _RECORD).touch()
    if record.library == "torch":
        return _on_torch(subject, Way("torch", record.precision), subject.build())
    try:
        return OnnxEngine(folder / _NETWORK, _version("onnxruntime"), record.precision)
    except Exception:  # the library has its own kinds for a damaged file: it is made anew
        return None


_preparing = Lock()


def _prepared(subject: Subject, ways: tuple[Way, ...], folder: Path) -> Engine:
    """Choose and keep; where nothing can be kept, torch in fp32."""
    from filelock import FileLock

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.with_suffix(".lock"))
        with _preparing, lock:  # the exporter works for one at a time
            if (found := _opened(subject, folder)) is None:
                folder.mkdir(exist_ok=True)
                found, record = _chosen(subject, ways, folder)
                write_text(folder / _RECORD, json.dumps(asdict(record), indent=1))
                _drop_unused(folder)
            return found
    except OSError:
        return TorchEngine(subject.build(), "cpu")


def _chosen(subject: Subject, ways: tuple[Way, ...], folder: Path) -> tuple[Engine, Record]:
    """The first way that agrees with torch and is faster; torch where none is."""
    module, batches, refused = subject.build().eval().requires_grad_(False), _batches(subject), []
    plain = TorchEngine(module, "cpu")
    least = FASTER if subject.least is None else subject.least
    with computing_with(1):
        exact, usual = _timed(plain, batches)
        for way in ways:
            try:
                engine = _made(subject, way, module, batches[0], folder)
                answers, took = _timed(engine, batches)
            except OSError:
                raise
            except Exception as error:  # an exporter's reasons are as many as there are networks
                refused.append(f"{way}: {str(error).strip().splitlines()[0] or error!r}")
                continue
            agreement, speed = subject.compare(exact, answers, way.precision), usual / took
            if agreement.holds and speed >= least:
                figures = round(speed, 2), str(agreement), tuple(refused)
                return engine, Record(subject.name, way.library, way.precision, *figures)
            refused.append(f"{way}: {speed:.2f} times torch's speed, {agreement}")
    return plain, Record(subject.name, EXACT.library, EXACT.precision, 1.0, "exact", tuple(refused))


def _made(
    subject: Subject, way: Way, module: nn.Module, example: np.ndarray, folder: Path
) -> Engine:
    if way.library == "torch":
        return _on_torch(subject, way, module)
    module = subject.form(way, module)
    if way.precision == "int8":
        from smartcut.models.engines.small_integers import in_integers

        module = in_integers(module)
    exported = folder / "exported.onnx"
    try:
        export(module, example, exported, subject.free)
        optimise(exported, folder / _NETWORK)
    finally:
        exported.unlink(missing_ok=True)
    return OnnxEngine(folder / _NETWORK, _version("onnxruntime"), way.precision)


def _on_torch(subject: Subject, way: Way, module: nn.Module) -> Engine:
    return TorchEngine(subject.form(way, module), "cpu", way.precision)


def _batches(subject: Subject) -> list[np.ndarray]:
    rows, size = subject.rows(), subject.batch
    if isinstance(rows, list):
        return rows
    return [rows[at : at + size] for at in range(0, len(rows), size)]


def _timed(engine: Engine, batches: list[np.ndarray]) -> tuple[np.ndarray, float]:
    """The answers, and the processor time that they took, in seconds."""
    engine(batches[0])
    begun = time.thread_time()
    answers = [engine(batch) for batch in batches]
    return np.concatenate(answers), max(time.thread_time() - begun, 1e-9)


def _drop_unused(folder: Path) -> None:
    """Remove what other versions left for these weights on this processor, and none has used since.

    Environments with other versions may share the folder: each keeps its own for as long as it is
    used now and then.
    """
    for other in folder.parent.glob(f"{_network_of(folder)}-*"):
        if other.is_dir() and other != folder and time.time() - _used(other) > _UNUSED:
            shutil.rmtree(other, ignore_errors=True)


def _network_of(folder: Path) -> str:
    """The part of a folder's name that all versions have in common."""
    return folder.name.rpartition("-")[0]


def _used(folder: Path) -> float:
    """When an engine was last opened, in seconds since the epoch."""
    with suppress(OSError):
        return (folder / _RECORD).stat().st_mtime
    with suppress(OSError):
        return folder.stat().st_mtime  # being made, or left half-made
    return time.time()


@once
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@once
def _processor() -> str:
    """What tells processors apart whose fastest engines may differ."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    told = {line.partition(":")[0].strip(): line.partition(":")[2].strip() for line in lines}
    return f"{platform.machine()} {told.get('model name')} {told.get('flags')}"
