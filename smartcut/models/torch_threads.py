"""How many threads torch computes with, set for one thread of Python and no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Any

_setting = Lock()


def compute_with(count: int) -> None:
    """Have torch compute with ``count`` threads whatever this thread asks of it from now on.

    Nothing happens where torch is not imported.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    with _setting:
        before = torch.get_num_threads()
        torch.set_num_threads(count)
        # That was said to threads to come as well; a passing thread takes it back for them.
        other = Thread(target=torch.set_num_threads, args=(before,))
        other.start()
        other.join()


@contextmanager
def computing_with(count: int) -> Iterator[None]:
    """Within the block, :func:`compute_with` for this thread; imports torch."""
    import torch

    before = torch.get_num_threads()
    compute_with(count)
    try:
        yield
    finally:
        compute_with(before)
