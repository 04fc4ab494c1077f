"""The networks of `engines` through libraries that smartcut does not use: NETWORK KIND COUNT.

KIND is `openvino-fp32`, `openvino-bf16` (where the package openvino can be imported) or
`torch-compile`. Networks are built, exported and compared as for smartcut's own engines.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import engine as own
from smartcut.models.engines import prepared
from smartcut.models.engines.choice import FLOAT, Precision
from smartcut.models.engines.on_onnx import export
from smartcut.models.engines.on_torch import TorchEngine

Rows = Callable[[np.ndarray], np.ndarray]


class OtherEngine:
    """An engine of smartcut's kind that no run ever chooses."""

    def __init__(self, answer: Rows, name: str) -> None:
        self.answer, self.engine = answer, name

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return self.answer(rows)


def openvino(subject: prepared.Subject, precision: str) -> OtherEngine:
    """The network as ONNX Runtime is given it, on one thread."""
    from openvino import Core  # type: ignore[import-not-found]

    settings = {
        "INFERENCE_NUM_THREADS": 1,
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision],
    }
    module = subject.form(FLOAT, subject.build().eval().requires_grad_(False))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        export(module, _rows(subject)[: subject.batch], file, subject.free)
        compiled = Core().compile_model(str(file), "CPU", settings)
    request = compiled.create_infer_request()
    name = f"openvino {version('openvino')}, {precision}"
    return OtherEngine(lambda rows: np.array(request.infer([rows])[0]), name)


def compiled(subject: prepared.Subject) -> OtherEngine:
    """The network through ``torch.compile``, for the one size of batch."""
    import torch

    torch.set_num_threads(1)
    module = torch.compile(subject.build().eval().requires_grad_(False))

    def answer(rows: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return np.asarray(module(torch.from_numpy(rows)).float().numpy())

    return OtherEngine(answer, f"torch {torch.__version__}, compiled")


def _rows(subject: prepared.Subject) -> np.ndarray:
    rows = subject.rows()
    assert isinstance(rows, np.ndarray)
    return rows


def main(name: str, kind: str, count: int) -> dict[str, Any]:
    """As of :mod:`benchmarks.peers.engine`, and how well the answers agree with torch's."""
    agreement = ""

    def load(subject: prepared.Subject, device: str) -> prepared.Engine:
        nonlocal agreement
        if subject.free != (0,):  # the words of a prompt
            return TorchEngine(subject.build(), device)
        library, _, precision = kind.partition("-")
        engine = openvino(subject, precision) if library == "openvino" else compiled(subject)
        rows, size = _rows(subject), subject.batch
        parts = [rows[at : at + size] for at in range(0, len(rows), size)]
        exact = TorchEngine(subject.build(), "cpu")
        true, given = (np.concatenate([ask(part) for part in parts]) for ask in (exact, engine))
        as_precise: Precision = "bf16" if precision == "bf16" else "fp32"
        found = subject.compare(true, given, as_precise)
        agreement = f"{found}{'' if found.holds else ' (beyond the bound)'}"
        return engine

    prepared.load = load
    return {**own.main(name, "auto", count), "agreement": agreement}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
