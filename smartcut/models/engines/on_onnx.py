"""ONNX Runtime, and how a torch module becomes a file that it reads."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import nn

_INPUT, _OUTPUT = "rows", "answers"
_OPERATORS = 17
# So much and worse is written by the library: errors.
_SEVERITY = 3


class OnnxEngine:
    """Answers rows by an exported network, with one thread: batches run side by side."""

    def __init__(self, file: Path, version: str, precision: str) -> None:
        self._session = session(file)
        self.engine = f"onnxruntime {version}, {precision}"

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return np.asarray(self._session.run([_OUTPUT], {_INPUT: rows})[0])


def session(file: Path) -> Any:
    """The file's network, which computes on the thread that asks."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _SEVERITY
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def export(module: nn.Module, example: np.ndarray, file: Path) -> None:
    """Write the module as ONNX, for as many rows at a time as are given."""
    import torch

    with torch.no_grad(), _plain_attention(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is the older exporter; it traces, which is meant
        torch.onnx.export(
            module,
            (torch.from_numpy(example),),
            str(file),
            dynamo=False,
            input_names=[_INPUT],
            output_names=[_OUTPUT],
            dynamic_axes={_INPUT: {0: "n"}, _OUTPUT: {0: "n"}},
            opset_version=_OPERATORS,
        )


@contextmanager
def _plain_attention() -> Iterator[None]:
    """Attention in its own steps: torch's single operator for it has no counterpart in ONNX."""
    import torch

    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
