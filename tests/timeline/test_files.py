"""Files have their names when they are whole, and one writer at a time; what the dead left goes."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from smartcut.errors import RenderError, StageError
from smartcut.files import (
    new_array,
    only_writer,
    reason,
    scratch,
    whole,
    whole_folder,
    write_bytes,
    write_text,
)
from smartcut.runners.failures import explained


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def elsewhere(code: str, folder: Path) -> subprocess.Popen[str]:
    """Another process, in the folder, that has come so far as to say so."""
    begin = "from pathlib import Path\nfrom smartcut.files import *\nimport os, time\n"
    child = subprocess.Popen(
        [sys.executable, "-c", begin + code], cwd=folder, text=True, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "now\n"
    return child


def end(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.wait()


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "reel.mp4"
    path.write_text("old")
    with whole(path) as hidden:
        hidden.write_text("new")
        assert path.read_text() == "old"
        assert hidden.suffix == ".mp4"
        assert all(name.startswith(".") for name in names(tmp_path) if name != "reel.mp4")
    assert path.read_text() == "new"
    assert names(tmp_path) == ["reel.mp4"]


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "reel.mp4"
    path.write_text("old")
    with pytest.raises(ValueError, match="half"), whole(path) as hidden:
        hidden.write_text("half")
        raise ValueError("half")
    with pytest.raises(FileNotFoundError) as told, whole(path):
        pass  # nothing was written
    assert told.value.filename == str(path)  # not the hidden name
    assert path.read_text() == "old"
    assert names(tmp_path) == ["reel.mp4"]


def test_texts_and_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    write_text(tmp_path / "sub" / "a.srt", "1\r\n2\né")
    write_bytes(tmp_path / "b", b"\0\1")
    assert (tmp_path / "sub" / "a.srt").read_bytes() == "1\r\n2\né".encode()
    assert (tmp_path / "b").read_bytes() == b"\0\1"


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "set.v1"
    for number in range(2):
        with whole_folder(path) as hidden:
            (hidden / f"shard-{number}").write_text("x")
    assert names(path) == ["shard-1"]
    with pytest.raises(ValueError, match="half"), whole_folder(path) as hidden:
        (hidden / "shard-2").write_text("x")
        raise ValueError("half")
    assert names(path) == ["shard-1"]
    assert names(tmp_path) == ["set.v1"]


def test_long_names_have_short_hidden_ones(tmp_path: Path) -> None:
    path = tmp_path / f"{'é' * 125}.mp4"
    with only_writer(path), whole(path) as hidden:
        hidden.touch()
    assert names(tmp_path) == [path.name]


# ----------------------------------------------------------------------------------------- locks


def test_another_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    holder = elsewhere(
        "with only_writer(Path('reel.mp4')):\n print('now', flush=True)\n time.sleep(60)", tmp_path
    )
    try:
        for path in ("reel.mp4", "reel.mov", "reel.srt"):
            with (
                pytest.raises(RenderError, match=rf"is being written.*process {holder.pid} on"),
                only_writer(tmp_path / path),
            ):
                pass
        with only_writer(tmp_path / "reel-2.mp4", tmp_path / "reel.v2.mp4"):
            pass  # others
    finally:
        end(holder)
    with only_writer(tmp_path / "reel.mp4"):
        pass
    assert names(tmp_path) == []


def test_locks_nest_and_go(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sub" / "reel.mp4"
    with only_writer(path, path.with_suffix(".mov")), only_writer(path):
        assert names(path.parent) == [".reel.lock"]
        with whole(path.with_name("reel.manifest.json")) as hidden:
            hidden.touch()
        assert names(path.parent) == [".reel.lock", "reel.manifest.json"]
    assert names(path.parent) == ["reel.manifest.json"]
    with only_writer(tmp_path / "empty" / "reel.mp4"):
        pass
    assert names(tmp_path) == ["new"]  # a folder that nothing came into is gone again


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    code = (
        "with only_writer(Path('reel.mp4')), whole(Path('reel.mp4')) as a, "
        "scratch(Path('reel.nut')) as b, whole_folder(Path('set')) as c:\n"
        " [p.write_text('half') for p in (a, b, c / 'x')]\n"
        " print('now', flush=True)\n time.sleep(60)"
    )
    holder = elsewhere(code, tmp_path)
    end(holder)
    assert len(names(tmp_path)) == 5  # two locks and three halves
    (tmp_path / ".reel.0.part.mp4").touch()  # not the dead one's
    with only_writer(tmp_path / "reel.mp4"):
        assert names(tmp_path)[:2] == [".reel.0.part.mp4", ".reel.lock"]
    with whole_folder(tmp_path / "set"):
        pass
    assert names(tmp_path) == [".reel.0.part.mp4", "set"]


def test_a_lock_that_lists_other_files_removes_none(tmp_path: Path) -> None:
    kept = [tmp_path / "a.part", tmp_path / "sub" / ".b.part", tmp_path / ".c"]
    kept[1].parent.mkdir()
    for path in kept:
        path.touch()
    lines = ["{}", '"a.part"', '"sub/.b.part"', '".c"', '"../x.part"', "7", "no JSON", '""']
    (tmp_path / ".reel.lock").write_text("\n".join(lines))
    (tmp_path / ".reel.x.part").touch()
    with (tmp_path / ".reel.lock").open("a") as file:
        file.write("\n" + json.dumps(".reel.x.part") + "\n")
    with only_writer(tmp_path / "reel.mp4"):
        pass
    assert all(path.exists() for path in kept)
    assert not (tmp_path / ".reel.x.part").exists()


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("kept")
    (tmp_path / ".reel.lock").symlink_to(other)
    with (
        pytest.raises(RenderError, match=r"reel.mp4 cannot be written"),
        only_writer(tmp_path / "reel.mp4"),
    ):
        pass
    assert other.read_text() == "kept"


def test_a_writer_of_just_now_is_named(tmp_path: Path) -> None:
    import fcntl

    place = tmp_path / ".reel.lock"
    with place.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # taken, and nothing written yet
        about = json.dumps({"process": 4321, "host": "there", "since": 0}).encode() + b"\n"
        later = threading.Timer(0.1, place.write_bytes, (about,))
        later.start()
        with (
            pytest.raises(RenderError, match=r"\(process 4321 on there, since "),
            only_writer(tmp_path / "reel.mp4"),
        ):
            pass
        later.join()


def test_without_locks_nobody_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", none)
    (tmp_path / ".reel.lock").write_text('{}\n".reel.x.part"\n')
    (tmp_path / ".reel.x.part").touch()
    with whole(tmp_path / "reel.mp4") as hidden:
        hidden.touch()
    assert names(tmp_path) == [".reel.x.part", "reel.mp4"]  # of somebody who may live


def test_many_writers_at_once_are_one_after_the_other(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from smartcut.errors import RenderError
from smartcut.files import only_writer
done = 0
while done < 40:
    try:
        with only_writer(Path("count.txt")):
            count = int(Path("count").read_text())
            Path("count").write_text(str(count + 1))
            done += 1
    except RenderError:
        time.sleep(0.001)
"""
    (tmp_path / "count").write_text("0")
    children = [subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path) for _ in range(3)]
    try:
        assert [child.wait(120) for child in children] == [0, 0, 0]
    finally:
        for child in children:
            child.kill()
    assert (tmp_path / "count").read_text() == "120"
    assert names(tmp_path) == ["count"]


# ---------------------------------------------------------------------------------------- reasons


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk's quota is used up"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "Permission denied; change the permissions"),
        (errno.ESTALE, "the disk or network share fails (Stale file handle)"),
        (errno.EIO, "the disk or network share fails (Input/output error)"),
        (errno.ENOENT, "a folder is gone"),
        (errno.EMFILE, "too many files are open"),
        (errno.EXDEV, "Invalid cross-device link"),
    ],
)
def test_what_the_system_says_is_told_in_words(number: int, words: str, tmp_path: Path) -> None:
    error = OSError(number, os.strerror(number))
    assert words in reason(error, tmp_path)
    told = explained(OSError(number, os.strerror(number), "reel.mp4"))
    assert isinstance(told, RenderError)
    assert words in str(told)
    assert str(told).startswith("reel.mp4: ")


def test_the_fullest_disk_is_named(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    told = explained(full, {tmp_path / "absent" / "far": "nowhere", tmp_path: "the output"})
    assert f"MB left at {tmp_path})" in str(told)
    assert "where the output goes" in str(told)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("can't start new thread"),
        RuntimeError("can't allocate lock"),
        ImportError("libx.so: failed to map segment from shared object: Cannot allocate memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    ],
)
def test_too_little_memory_is_told(error: Exception) -> None:
    told = explained(error)
    assert isinstance(told, StageError)
    assert "there is not enough memory" in str(told)


def test_errors_of_other_kinds_are_left_alone() -> None:
    assert explained(RuntimeError("a mistake")) is None
    assert explained(RenderError("told already")) is None


def test_an_array_that_has_no_room_is_an_error_and_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    array = new_array(tmp_path / "a.npy", np.float16, (3, 4))
    array[:] = 1
    array.flush()
    assert np.load(tmp_path / "a.npy").sum() == 12
    # its blocks are taken when it is made: a sparse file would have none
    assert (tmp_path / "a.npy").stat().st_blocks > 0

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space"), scratch(tmp_path / "b.npy") as hidden:
        new_array(hidden, np.float16, (3, 4))
    assert names(tmp_path) == ["a.npy"]
