"""Lets torchvision be imported where its compiled half does not fit the installed torch.

A CUDA build of torchvision beside a CPU build of torch cannot load its library of operators, and
then ``import torchvision`` fails on two operators that smartcut never calls. Declaring them is
enough; where torchvision is whole, nothing is done.
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from smartcut.once import once

_kept_alive: list[Any] = []
_importing = Lock()


@once
def import_with_torchvision(package: str) -> Any:
    """The imported package, one that imports torchvision itself: open_clip, timm or diffusers.

    One at a time: they import each other's parts, and two threads that begin at either end would
    be given packages whose import has not ended yet.
    """
    with _importing:
        ensure_torchvision()
        return importlib.import_module(package)


@once
def ensure_torchvision() -> bool:
    """Whether torchvision is whole; called before anything that imports torchvision."""
    import torch

    found = find_spec("torchvision")
    if found is None or not found.submodule_search_locations:
        return False
    folder = Path(next(iter(found.submodule_search_locations)))
    library = next(iter([*folder.glob("_C*.so"), *folder.glob("_C*.pyd")]), None)
    try:
        if library is not None:
            torch.ops.load_library(str(library))
            return True
    except OSError:
        pass
    operators = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _kept_alive.append(operators)
    return False
