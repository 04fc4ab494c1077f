"""A network of ONNX whose pictures may have any size, though its file says one."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

from smartcut.cache import key_of
from smartcut.files import whole
from smartcut.models.engines.on_onnx import session
from smartcut.models.engines.prepared import engines_root

_making = Lock()


def resizable(path: Path, digest: str) -> Any:
    """A session of ONNX Runtime on that network, kept as rewritten beside the weights."""
    key = key_of("resizable", 1, {"weights": digest, "version": version("onnxruntime")})[:16]
    file = engines_root() / f"{digest[:16]}-{key}.onnx"
    with _making:
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            with whole(file, alone=False) as hidden:
                hidden.write_bytes(_without_sizes(path.read_bytes()))
    return session(file)


def _without_sizes(content: bytes) -> bytes:
    """The same network; of its sizes only the number of colours stays."""
    import onnx

    model = onnx.load_model_from_string(content)
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [one for one in model.graph.input if one.name not in constants]
    for one in inputs:
        for place in (0, 2, 3):
            one.type.tensor_type.shape.dim[place].dim_param = f"d{place}"
    for one in model.graph.output:
        one.type.tensor_type.ClearField("shape")
    del model.graph.input[:], model.graph.value_info[:]
    model.graph.input.extend(inputs)
    return bytes(model.SerializeToString())
