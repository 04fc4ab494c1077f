"""ONNX Runtime, and how a torch module becomes a file that it reads.

What is kept is the graph as ONNX Runtime has optimised it for this processor, and its weights in a
file of their own: opening it optimises and copies nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
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
    """Answers rows by a kept network, with one thread: batches run side by side."""

    def __init__(self, file: Path, version: str, precision: str) -> None:
        self._session = session(file, is_optimised=True)
        self.engine = f"onnxruntime {version}, {precision}"

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return np.asarray(self._session.run([_OUTPUT], {_INPUT: rows})[0])


def session(file: Path, *, is_optimised: bool = False) -> Any:
    """The file's network, which computes on the thread that asks."""
    import onnxruntime

    options = _options()
    if is_optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def optimise(given: Path, file: Path) -> None:
    """Write the network in ``given`` as ONNX Runtime computes it on this processor.

    Its weights go into a second file beside it, which is mapped into memory when it is opened. What
    was there is unlinked first: other processes may have it mapped.
    """
    import onnxruntime

    stored = file.with_suffix(".weights")
    for old in (file, stored):
        old.unlink(missing_ok=True)
    options = _options()
    options.optimized_model_filepath = str(file)
    for name, value in (("file_name", stored.name), ("min_size_in_bytes", "1024")):
        key = f"session.optimized_model_external_initializers_{name}"
        options.add_session_config_entry(key, value)
    onnxruntime.InferenceSession(str(given), options, providers=["CPUExecutionProvider"])


def _options() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _SEVERITY
    return options


def export(module: nn.Module, example: np.ndarray, file: Path, free: Sequence[int] = (0,)) -> None:
    """Write the module as ONNX, for inputs of any size along the ``free`` axes."""
    import torch

    axes = {axis: f"n{axis}" for axis in free}
    with torch.no_grad(), _plain_attention(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is the older exporter; it traces, which is meant
        torch.onnx.export(
            module,
            (torch.from_numpy(example),),
            str(file),
            dynamo=False,
            input_names=[_INPUT],
            output_names=[_OUTPUT],
            dynamic_axes={_INPUT: axes, _OUTPUT: {0: axes[0]}},
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
