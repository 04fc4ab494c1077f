"""What all rows share: settings, folders, and how each kind of peer is called."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from benchmarks.measure import BEFORE, Peer

#: Encoder threads, wherever a peer lets them be set.
THREADS = os.cpu_count() or 2
_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Bench:
    """One run of the benchmarks. Everything is written below ``folder``."""

    folder: Path
    runs: int
    quick: bool
    say: Callable[[str], None]
    part: str = ""
    """What is being measured: names its folder of pipelines, outputs and logs."""
    beside: Path | None = None
    """Another checkout of smartcut, whose command line takes turns with this one's."""

    @property
    def media(self) -> Path:
        return self.folder / "media"

    @property
    def minutes(self) -> int:
        """Length of the long source."""
        return 1 if self.quick else 10

    @cached_property
    def ffmpeg_program(self) -> str:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())

    def work(self, name: str) -> Path:
        """The path of that name in the work folder, whose folder is made."""
        path = self.folder / "work" / self.part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def pipeline(self, name: str, text: str) -> Path:
        """A pipeline file that holds the text."""
        path = self.work(f"{name}.yaml")
        path.write_text(text)
        return path

    def smartcut(
        self, name: str, arguments: Sequence[str], *, cold: bool = True, cache: str | None = None
    ) -> Peer:
        """smartcut's command line; ``cold`` empties its cache before each run.

        Peers that name the same ``cache`` share it; else each has its own.
        """
        peer = self._smartcut(name, arguments, cold, cache or name)
        if self.beside is None:
            return peer
        other = f"{BEFORE}{name}"
        before = self._smartcut(other, arguments, cold, f"{BEFORE}{cache or name}")
        environment = {**before.environment, "PYTHONPATH": str(self.beside)}
        return replace(peer, beside=replace(before, environment=environment))

    def _smartcut(self, name: str, arguments: Sequence[str], cold: bool, cache: str) -> Peer:
        folder = self.work(f"cache-{_plain(cache)}/x").parent

        def empty() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()

        environment = {"SMARTCUT_CACHE": str(folder)}
        command = [str(_BIN / "smartcut"), *arguments]
        return Peer(name, command, self._log(name), environment, empty if cold else None)

    def python(self, name: str, module: str, arguments: Sequence[str] = ()) -> Peer:
        """A module of benchmarks.peers as a process of its own."""
        command = [sys.executable, "-m", f"benchmarks.peers.{module}", *arguments]
        return Peer(name, command, self._log(name))

    def program(self, name: str, program: str, arguments: Sequence[str]) -> Peer:
        """A command that is installed beside Python."""
        return Peer(name, [str(_BIN / program), *arguments], self._log(name))

    def other(self, name: str, command: Sequence[str]) -> Peer:
        """A program that is not of this Python."""
        return Peer(name, command, self._log(name))

    def ffmpeg(self, name: str, *runs: Sequence[str]) -> Peer:
        """One or several runs of FFmpeg, one after the other, measured together."""
        start = [self.ffmpeg_program, "-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
        commands = [shlex.join([*start, *arguments]) for arguments in runs]
        return Peer(name, ["sh", "-c", " && ".join(commands)], self._log(name))

    def _log(self, name: str) -> Path:
        return self.work(f"{_plain(name)}.log")


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower())
