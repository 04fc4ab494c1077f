"""Which device the networks compute on."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

from smartcut.errors import ModelError, PipelineError


def _driver_sees_a_gpu() -> bool:
    """Whether the CUDA driver counts a device; costs nothing where there is no driver."""
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    with suppress(OSError, AttributeError):
        driver = ctypes.CDLL(name)
        count = ctypes.c_int()
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value > 0
    return False


def check_device(asked: str) -> None:
    """Raise PipelineError for a name that is no device; whether it is there shows later."""
    number = asked.removeprefix("cuda:")
    if asked not in ("auto", "cpu", "cuda") and (number == asked or not number.isdigit()):
        raise PipelineError(f"unknown device {asked!r}; accepted: auto, cpu, cuda, cuda:N")


def chip_of(asked: str) -> int | None:
    """The number of the GPU whose video decoder serves a device; None: the CPU decodes.

    Needs the driver alone, and imports nothing.
    """
    if asked == "cpu" or not _driver_sees_a_gpu():
        return None
    return int(asked.partition(":")[2] or 0)


def choose_device(asked: str) -> str:
    """``cpu``, ``cuda`` or ``cuda:N`` for what the user asked, ``auto`` taking a GPU if any.

    Raises ModelError where CUDA is asked for and cannot be had.
    """
    check_device(asked)
    if asked == "cpu":
        return "cpu"
    if not _driver_sees_a_gpu():
        if asked == "auto":
            return "cpu"
        raise ModelError(f"device {asked!r} was asked for, but there is no CUDA driver or no GPU")
    import torch

    if torch.cuda.is_available():
        return "cuda" if asked == "auto" else asked
    if asked == "auto":
        return "cpu"
    raise ModelError(f"device {asked!r} was asked for, but this torch cannot use CUDA")
