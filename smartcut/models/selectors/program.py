"""A program that is asked: the question on its standard input, the answer on its output."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from threading import Event, Thread
from typing import IO

from smartcut.errors import MissingModel, ModelError
from smartcut.models.selectors.waiting import within

_TOLD = 400
"""Bytes of a program's own words about its failure."""


def ask_program(
    command: Sequence[str], question: bytes, seconds: float, most: int, stopping: Event
) -> bytes:
    """What the program writes to its standard output, at most ``most`` bytes.

    It is run without a shell, in the current folder. Raises ModelError where it cannot be run,
    fails, writes more, or takes longer than ``seconds``; then it is ended, and what it started.
    """
    called = command[0]
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise MissingModel(f"the program {called!r} cannot be run: {error}") from error
    told: list[bytes] = []

    def work() -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        helpers = [
            Thread(target=_feed, args=(process.stdin, question), daemon=True),
            Thread(target=_last_words, args=(process.stderr, told), daemon=True),
        ]
        for helper in helpers:
            helper.start()
        with process.stdout as output:
            answer = output.read(most + 1)
        if len(answer) > most:
            _end(process)
            raise ModelError(f"the program {called!r} wrote more than {most:,} bytes")
        process.wait()
        helpers[1].join(1)
        return answer

    answer = within(seconds, work, lambda: _end(process), stopping, f"the program {called!r}")
    if process.returncode:
        words = b"".join(told).decode("utf-8", "replace").strip()
        shown = " ".join(words[-_TOLD:].split())
        raise ModelError(
            f"the program {called!r} failed (exit code {process.returncode})"
            + (f": {shown}" if shown else "")
        )
    return answer


def _feed(pipe: IO[bytes], question: bytes) -> None:
    with suppress(OSError), pipe:  # it may answer without having read all
        pipe.write(question)


def _last_words(pipe: IO[bytes], told: list[bytes]) -> None:
    with suppress(OSError, ValueError), pipe:
        while block := pipe.read(4096):
            told[:] = [*told, block][-2:]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and all that it started, unless its end is known already."""
    if process.returncode is not None:
        return
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
