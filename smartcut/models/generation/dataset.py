"""Sets of short clips to learn from: a folder of shards with an index, checked when it is read.

``dataset.json`` says what is in the folder; each ``shard-NNNN.safetensors`` holds clips as uint8
(N, T, H, W, 3) RGB under ``clips``, and further arrays of truth where the makers know it. Captions
stand in the index, in the clips' order. A folder is written under another name and renamed, so that
it is whole or not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.cache import file_sha256
from smartcut.errors import ModelError
from smartcut.files import reason, whole_folder

FORMAT = "smartcut-clips-1"
_INDEX = "dataset.json"
#: About how many bytes a shard holds at most.
_SHARD = 64_000_000


@dataclass(frozen=True, slots=True, eq=False)
class TrainingClip:
    """``frames``: uint8 (T, H, W, 3) RGB. ``truth``: arrays of what is known of them, by name."""

    frames: np.ndarray
    caption: str = ""
    label: int = 0
    source: str = ""
    """Where it was taken from: clips of one source are never divided between training and test."""
    truth: Mapping[str, np.ndarray] | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """What is in a set."""

    kind: str
    clips: int
    frames: int
    height: int
    width: int
    rate: float
    labels: tuple[str, ...]
    seed: int | None
    truth: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A set that is on disk; clips are read when they are asked for."""

    folder: Path
    info: Info
    captions: tuple[str, ...]
    label_of: tuple[int, ...]
    sources: tuple[str, ...]
    shards: tuple[tuple[str, int, str], ...]
    """(file, clips, sha256)."""

    def arrays(self, name: str = "clips") -> np.ndarray:
        """All clips, uint8 (N, T, H, W, 3), or all of one kind of truth.

        Raises ModelError where a shard is missing, was changed or lacks it.
        """
        from safetensors.numpy import load_file

        parts = []
        for file, _, digest in self.shards:
            path = self.folder / file
            if not path.is_file() or file_sha256(path) != digest:
                raise ModelError(f"{path} is missing or was changed; make the set again")
            held = load_file(path)
            if name not in held:
                raise ModelError(f"{path} holds no {name!r}; it holds {', '.join(sorted(held))}")
            parts.append(held[name])
        return np.concatenate(parts)

    def held_back(self, share: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
        """(numbers to learn from, numbers to test with): whole sources, evenly spread, in order.

        Of few sources one is held back, of a single one nothing.
        """
        names = list(dict.fromkeys(self.sources))
        every = max(2, min(round(1 / share), len(names)))
        test = {name for i, name in enumerate(names) if i % every == every - 1}
        is_test = np.array([name in test for name in self.sources])
        return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def write(
    folder: Path,
    clips: Iterable[TrainingClip],
    *,
    kind: str,
    rate: float,
    labels: tuple[str, ...] = (),
    seed: int | None = None,
) -> Dataset:
    """Write the clips as a set; they must all be of one size.

    Raises ModelError where there is none, where they differ, or where ``folder`` exists and is no
    set of ours that could be replaced.
    """
    if folder.exists() and not (folder / _INDEX).is_file():
        raise ModelError(f"{folder} exists and is no dataset; choose another folder")
    try:
        with whole_folder(folder) as work:
            index = _filled(work, clips)
            if not index["captions"]:
                raise ModelError("there is no clip to write: nothing in the input was long enough")
            index |= {"format": FORMAT, "kind": kind, "rate": rate, "labels": labels, "seed": seed}
            (work / _INDEX).write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise ModelError(f"{folder} cannot be written: {reason(error, folder)}") from error
    return read(folder)


def _filled(folder: Path, clips: Iterable[TrainingClip]) -> dict[str, Any]:
    captions: list[str] = []
    label_of: list[int] = []
    sources: list[str] = []
    shards: list[dict[str, Any]] = []
    shape: tuple[int, ...] | None = None
    truth: tuple[str, ...] = ()
    for group in _grouped(clips):
        for clip in group:
            shape = shape or clip.frames.shape
            if clip.frames.shape != shape or clip.frames.dtype != np.uint8:
                raise ModelError(f"clips differ: {clip.frames.shape} and {shape}")
            captions.append(clip.caption)
            label_of.append(clip.label)
            sources.append(clip.source)
        truth = tuple(sorted(group[0].truth or {}))
        shards.append(_shard(folder, len(shards), group, truth))
    size = shape or (0, 0, 0, 0)
    return {
        "shape": {"frames": size[0], "height": size[1], "width": size[2]},
        "truth": truth,
        "shards": shards,
        "captions": captions,
        "label_of": label_of,
        "sources": sources,
    }


def _grouped(clips: Iterable[TrainingClip]) -> Iterator[list[TrainingClip]]:
    group: list[TrainingClip] = []
    size = 0
    for clip in clips:
        group.append(clip)
        size += clip.frames.nbytes + sum(v.nbytes for v in (clip.truth or {}).values())
        if size >= _SHARD:
            yield group
            group, size = [], 0
    if group:
        yield group


def _shard(
    folder: Path, number: int, group: list[TrainingClip], truth: tuple[str, ...]
) -> dict[str, Any]:
    from safetensors.numpy import save as as_bytes

    held = {"clips": np.stack([clip.frames for clip in group])}
    for name in truth:
        held[name] = np.stack([(clip.truth or {})[name] for clip in group])
    file = f"shard-{number:04d}.safetensors"
    (folder / file).write_bytes(as_bytes(held))
    return {"file": file, "clips": len(group), "sha256": file_sha256(folder / file)}


def read(folder: Path) -> Dataset:
    """The set in a folder; raises ModelError where there is none, or one that is not whole."""
    try:
        plain = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        if plain["format"] != FORMAT:
            raise ModelError(f"{folder} is of format {plain['format']!r}; this reads {FORMAT}")
        shape = plain["shape"]
        info = Info(
            plain["kind"],
            len(plain["captions"]),
            shape["frames"],
            shape["height"],
            shape["width"],
            plain["rate"],
            tuple(plain["labels"]),
            plain["seed"],
            tuple(plain["truth"]),
        )
        shards = tuple((s["file"], s["clips"], s["sha256"]) for s in plain["shards"])
        found = Dataset(
            folder,
            info,
            tuple(plain["captions"]),
            tuple(plain["label_of"]),
            tuple(plain["sources"]),
            shards,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{folder} holds no dataset: {error}; make one with: smartcut dataset make"
        ) from error
    if sum(s[1] for s in shards) != info.clips:
        raise ModelError(f"{folder / _INDEX} does not fit its shards; make the set again")
    return found


def summary(dataset: Dataset) -> dict[str, Any]:
    """What ``smartcut dataset info`` prints."""
    info = asdict(dataset.info)
    _, test = dataset.held_back()
    info["labels"] = list(info["labels"])
    info["held_back"] = len(test)
    info["bytes"] = sum((dataset.folder / s[0]).stat().st_size for s in dataset.shards)
    info["examples"] = list(dict.fromkeys(dataset.captions))[:5]
    return info
