"""A process with everything imported, which forks a run of the command line for each order.

So a run starts in milliseconds. An order is a line of JSON on stdin, an answer one on stdout. A run
can be ended by SIGKILL at a time, or at its n-th event: Python tells every opening, renaming and
deletion of a file to an audit hook before it happens, so that each can be hit exactly.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import mmap
import os
import resource
import select
import signal
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

_EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.utime"}
_PAGE = 4096


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if "mount" in order:
            print(json.dumps(_mount(**order["mount"])), flush=True)
        else:
            print(json.dumps([_ended(run) for run in [_begun(one) for one in order["runs"]]]))
            sys.stdout.flush()


def _mount(place: str, size: int) -> dict[str, Any]:
    """A file system in memory that holds ``size`` bytes, seen by this process and its children.

    One that is there gets the size; 0 takes it away.
    """
    if size == 0:
        command = f"umount -l '{place}'"
    elif os.path.ismount(place):
        # With its source named, mount carries no other options over: not all may be set again.
        command = f"mount -o remount,size={size} smartcut-test '{place}'"
    else:
        command = f"mount -t tmpfs -o size={size} smartcut-test '{place}'"
    return {"mounted": os.system(f"{command} 2>/dev/null") == 0}


def _begun(order: dict[str, Any]) -> tuple[dict[str, Any], mmap.mmap, float, int]:
    shared = mmap.mmap(-1, _PAGE)
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        _run(order, shared)
    return order, shared, started, child


def _ended(run: tuple[dict[str, Any], mmap.mmap, float, int]) -> dict[str, Any]:
    order, shared, started, child = run
    _wait(child, order.get("kill_after"))
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what it started and left
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    seconds = time.monotonic() - started
    count, length = struct.unpack_from("<II", shared, 0)
    last = shared[8 : 8 + length].decode(errors="replace")
    if order.get("learn") and status == 0:
        _import(Path(order["learn"]).read_text().split())
    return {"code": status, "seconds": seconds, "events": count, "last": last}


def _wait(child: int, kill_after: float | None) -> None:
    """Until it has ended, or has been ended, without taking its status."""
    handle = os.pidfd_open(child)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        if not poll.poll(None if kill_after is None else 1000 * kill_after):
            os.kill(child, signal.SIGKILL)  # which has no group yet, if it has only just begun
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            poll.poll()
    finally:
        os.close(handle)


def _import(names: list[str]) -> None:
    """What a run has imported, so that the next ones need not."""
    for name in names:
        with suppress(BaseException):
            importlib.import_module(name)


def _run(order: dict[str, Any], shared: mmap.mmap) -> None:
    """Be a run of the command line; does not come back."""
    code = 70
    try:
        os.setsid()
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(order.get("env", {}))
        os.chdir(order["folder"])
        _limit(order.get("limits", {}))
        if order.get("obeys_modes"):
            _obey_modes()
        sys.argv = ["smartcut", *order["arguments"]]
        sys.addaudithook(_hook(order, shared))
        from smartcut.cli import main as command_line

        try:
            command_line()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        if order.get("learn"):
            Path(order["learn"]).write_text("\n".join(sys.modules))
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _limit(limits: dict[str, int]) -> None:
    """Set limits; of memory, so many bytes above what the process has already."""
    columns = Path("/proc/self/statm").read_text().split()
    pages = {"AS": int(columns[0]), "DATA": int(columns[5])}
    for name, value in limits.items():
        given = value + pages.get(name, 0) * mmap.PAGESIZE
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (given, given))


def _obey_modes() -> None:
    """From now on permissions stop this process, as they stop everybody but root.

    Root gives up its capabilities and stays the owner of its files. Another user would not do: a
    checkout may lie where nobody else may enter, and its modules are still to be imported.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    securebits, no_root, version = 28, 0b11, 0x20080522  # linux/prctl.h, linux/capability.h
    libc.prctl(securebits, no_root)  # nor do programs that it starts get them back
    header, none = (ctypes.c_uint32 * 2)(version, 0), (ctypes.c_uint32 * 6)()
    if libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "the capabilities cannot be given up")


def _hook(order: dict[str, Any], shared: mmap.mmap) -> Any:
    below = [str(order["folder"]), *order.get("watched", ())]
    wanted: int | None = order.get("kill_at")
    renamed: tuple[str, str] | None = order.get("rename_at") and tuple(order["rename_at"][1:])
    trigger: str | None = order.get("rename_at") and order["rename_at"][0]
    state = {"count": 0, "renamed": False}

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _EVENTS or not isinstance(arguments[0], (str, bytes)):
            return
        path = os.fsdecode(arguments[1 if event == "os.rename" else 0])
        if not any(path.startswith(folder) for folder in below):
            return
        said = f"{event} {path}"
        if renamed and trigger and not state["renamed"] and trigger in said:
            state["renamed"] = True
            with suppress(OSError):
                os.rename(*renamed)
        if wanted == state["count"]:
            os.kill(os.getpid(), signal.SIGKILL)
        state["count"] += 1
        text = said.encode()[: _PAGE - 8]
        shared[8 : 8 + len(text)] = text
        struct.pack_into("<II", shared, 0, state["count"], len(text))

    return hook


if __name__ == "__main__":
    main()
