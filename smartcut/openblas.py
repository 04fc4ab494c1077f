"""How long the threads of OpenBLAS, which NumPy brings, wait for their next matrix.

They count to 2 ** 26 before they sleep, once when NumPy is imported and once after each product:
25 ms of a processor for each thread. OpenBLAS looks into the environment as it is loaded, once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

NAME = "OPENBLAS_THREAD_TIMEOUT"
#: As a power of two.
SHORT = "20"


@contextmanager
def short_waits() -> Iterator[None]:
    """NumPy that is first imported in the block has them sleep soon; the environment stays.

    A program that has NumPy already, or says itself how long they wait, has it as it was.
    """
    if NAME in os.environ or "numpy" in sys.modules:
        yield
        return
    os.environ[NAME] = SHORT
    try:
        yield
    finally:
        del os.environ[NAME]
