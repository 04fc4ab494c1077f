"""Whatever becomes of an entry of the cache, the next run makes the same files again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smartcut.cache import Cache, file_sha256
from smartcut.runners import local
from smartcut.runners.local import Options
from smartcut.spec import Input
from smartcut.spec_reading import parse_spec
from smartcut.testing import write_bar_coded

# Of every kind of entry that needs no weights one: results, arrays, a table of colours, music,
# pictures that are made and made in between, spans, sound, a sheet, and the records of all that.
_PLAIN = """
stages:
  - shots: {{detector: content}}
  - motion
  - sharpness
  - loudness
  - trim: {{end: 1.6}}
  - stylize: {{reference: "{look}"}}
  - interpolate: {{engine: blend, speed: 0.5, on: first}}
  - generate: {{kind: title, text: Hello, seconds: 0.2, at: start, samples: 1, detail: 0.05}}
  - score: {{seconds: 2, fade_out: 0}}
  - render: {{contact_sheet: true, thumbnail: true}}
"""
_KINDS = {".json", ".npy", ".cube", ".wav", ".mp4", ".nut", ".m4a", ".png"}

_SHORT = """
stages:
  - loudness
  - motion
  - trim: {{end: 1}}
  - render: {{mode: encode}}
"""

_NETWORKS = """
stages:
  - relevance: {{prompts: [a harbour], model: embedded}}
  - highlights: {{duration: 1s, min_length: 0.5s, max_length: 1s}}
  - voiceover: {{text: Hello there., beyond: cut}}
  - render
"""


@dataclass(frozen=True)
class Done:
    """A pipeline that has run."""

    folder: Path
    text: str
    expected: dict[str, str]
    read: set[Path]
    """The entries that a run reads for which nothing is to do."""

    def files(self) -> dict[str, str]:
        """sha256 of what another run writes."""
        return run(self.folder, self.text)

    @property
    def cache(self) -> Cache:
        return Cache(self.folder / "cache")

    def entries(self, *suffixes: str) -> list[Path]:
        found = (self.folder / "cache" / "artifacts").glob("*/*")
        return sorted(
            path
            for path in found
            if path.suffix != ".sum" and (not suffixes or path.suffix in suffixes)
        )


def run(folder: Path, text: str, cache: str = "cache", into: str = "") -> dict[str, str]:
    """sha256 of each file that the pipeline writes, by name."""
    options = Options(device="cpu", jobs=2, cache=str(folder / cache))
    steps = parse_spec(text.format(look=folder / "look.png")).steps
    output = folder / into / "reel.mp4"
    result = local.run(steps, (Input(path=folder / "film.mp4"),), output, options)
    return {path.name: file_sha256(path) for path in result.outputs}


def first_run(folder: Path, text: str) -> Done:
    # Every frame a key frame: where some are passed over, sampled pictures differ in the last bits
    # by what else is due in the same pass.
    write_bar_coded(folder / "film.mp4", frames=60, size=(160, 90), gop=1)
    y, x = np.mgrid[:60, :80]
    Image.fromarray(np.stack([x * 3, y * 4, 255 - x * 3], -1).astype(np.uint8)).save(
        folder / "look.png"
    )
    expected = run(folder, text)
    time.sleep(0.01)
    since = time.time_ns()
    assert run(folder, text) == expected
    artifacts = (folder / "cache" / "artifacts").glob("*/*")
    return Done(folder, text, expected, {p for p in artifacts if p.stat().st_mtime_ns >= since})


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Done:
    return first_run(tmp_path_factory.mktemp("plain"), _PLAIN)


# -------------------------------------------------------------------------------------- damage


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def delete(path: Path) -> None:
    path.unlink()


def delete_its_sum(path: Path) -> None:
    path.with_name(path.name + ".sum").unlink()


def empty_both(path: Path) -> None:
    """As a loss of power may leave them."""
    path.write_bytes(b"")
    path.with_name(path.name + ".sum").write_bytes(b"")


_WAYS: list[Callable[[Path], None]] = [
    cut_short, flip_a_bit, empty, delete, delete_its_sum, empty_both,
]  # fmt: skip

#: What is no value of any kind that is kept: of another version of smartcut, or of nothing.
_OTHERS = [
    b"{}", b"[]", b"[[]]", b"0", b"-1.5", b"true", b"null", b'""', b'"' + b"x" * 64 + b'"',
    b'{"schema":2,"value":{"array":"x"}}', b'{"array":null,"tables":[]}', b'{"parts":1,"files":2}',
    b'[{"start":"0","end":"1"}]', b'{"made":{},"still":"many"}', b"NaN", b"\xff\xfe", b"[" * 5000,
]  # fmt: skip


def replace(path: Path, content: bytes) -> None:
    """Other content, whose sum fits."""
    path.write_bytes(content)
    path.with_name(path.name + ".sum").write_text(file_sha256(path))


def other_arrays(folder: Path) -> list[bytes]:
    """What is no array, or another one."""
    np.save(folder / "zeros.npy", np.zeros((3, 7), np.int64))
    np.save(folder / "none.npy", np.zeros(0, np.float32))
    np.savez(folder / "several.npz", x=np.zeros(3))
    whole = (folder / "zeros.npy").read_bytes()
    return [
        whole,
        (folder / "none.npy").read_bytes(),
        (folder / "several.npz").read_bytes(),
        whole.replace(b"(3, 7)", b"(9**9)"),
        whole.replace(b"(3, 7), }      ", b"(3, 9999999), }"),
        whole[:-1],
        b"",
        os.urandom(500),
    ]


def check(done: Done, path: Path, what: object) -> None:
    """The same files come out, and what was damaged is whole again if anybody reads it."""
    told = f"{path.name} after {what}"
    try:
        files = done.files()
    except Exception as error:
        raise AssertionError(f"{told}: {type(error).__name__}: {error}") from error
    assert files == done.expected, told
    verified = done.cache.verify()
    assert not done.read.intersection(verified.damaged + verified.without_sum), told


# --------------------------------------------------------------------------------------- tests


def test_the_pipeline_makes_entries_of_every_kind(plain: Done) -> None:
    assert {path.suffix for path in plain.read} == _KINDS
    assert len(plain.entries()) > len(plain.read) > 15
    assert plain.files() == plain.expected


def test_each_entry_that_is_damaged_is_made_again(plain: Done) -> None:
    """Three at a time, each in one way; each alone and in all ways are a slow test."""
    entries, ways = plain.entries(), cycle(_WAYS)
    for at in range(0, len(entries), 3):
        for path in entries[at : at + 3]:
            next(ways)(path)
        check(plain, entries[at], "damage to it and the next two")


def test_each_entry_that_is_something_else_is_made_again(plain: Done, tmp_path: Path) -> None:
    """A sum that fits is no proof: it may be of what was damaged already."""
    for suffix, others in ((".json", _OTHERS), (".npy", other_arrays(tmp_path))):
        for path, content in zip(plain.entries(suffix), cycle(others), strict=False):
            replace(path, content)
            check(plain, path, content[:60])


def test_all_entries_damaged_at_once_are_made_again(plain: Done) -> None:
    for path in plain.entries():
        empty_both(path)
    assert plain.files() == plain.expected


@pytest.mark.parametrize(
    ("text", "rounds"),
    [
        pytest.param(_SHORT, 2, id="short"),
        pytest.param(_PLAIN, 10, id="plain", marks=pytest.mark.slow),
    ],
)
def test_runs_at_once_are_correct_while_their_cache_is_pruned_to_nothing(
    plain: Done, text: str, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMARTCUT_CACHE_LIMIT", "20K")
    expected = run(plain.folder, text, into="alone")
    with get_context("spawn").Pool(2) as pool:
        for number in range(rounds):
            jobs = [(plain.folder, text, "shared", f"{number}-{i}") for i in range(2)]
            working = pool.starmap_async(run, jobs)
            freed = 0
            while not working.ready():
                freed += Cache(plain.folder / "shared").prune(0).freed
                time.sleep(0.02)
            one, other = working.get()
            assert one == other == expected
            freed += Cache(plain.folder / "shared").prune(0).freed
            assert freed > 20_000
            assert Cache(plain.folder / "shared").usage().size == 0


@pytest.mark.slow
@pytest.mark.parametrize("damage", _WAYS)
def test_each_entry_in_each_way(plain: Done, damage: Callable[[Path], None]) -> None:
    for path in plain.entries():
        damage(path)
        check(plain, path, damage.__name__)


@pytest.mark.slow
@pytest.mark.parametrize("content", _OTHERS)
def test_each_value_that_is_something_else(plain: Done, content: bytes) -> None:
    for path in plain.entries(".json"):
        replace(path, content)
        check(plain, path, content[:60])


@pytest.mark.slow
@pytest.mark.parametrize("number", range(8))
def test_each_array_that_is_something_else(plain: Done, number: int, tmp_path: Path) -> None:
    content = other_arrays(tmp_path)[number]
    for path in plain.entries(".npy"):
        replace(path, content)
        check(plain, path, content[:60])


@pytest.mark.slow
@pytest.mark.weights("minilm-l6-v2")
def test_entries_of_networks_are_made_again(tmp_path: Path) -> None:
    done = first_run(tmp_path, _NETWORKS)
    for path, damage in zip(done.entries(), cycle(_WAYS), strict=False):
        damage(path)
        check(done, path, damage.__name__)
    for suffix, others in ((".json", _OTHERS), (".npy", other_arrays(tmp_path))):
        for path, content in zip(done.entries(suffix), cycle(others), strict=False):
            replace(path, content)
            check(done, path, content[:60])
