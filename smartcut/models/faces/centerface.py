"""CenterFace: small and turned faces too, and half ones at the edge; six times as dear.

Yuanyuan Xu et al., "CenterFace: joint face detection and alignment using face as point", 2019,
arXiv 1911.03599. It takes pictures of any size whose sides are multiples of 32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

from smartcut.models import weights
from smartcut.models.engines.choice import wish
from smartcut.models.faces.dynamic import resizable
from smartcut.models.faces.found import FaceNetwork, merged, opencv

#: Pixels of the longer side of what it looks at.
SIDE = 640
_INPUT, _OUTPUTS = "input.1", ("537", "538", "539", "540")
_CELL = 4
# Its boxes are close around the face: so much is added left and right, and above, for the head.
_WIDER, _HIGHER = 0.18, 0.1


def load(path: Path, threshold: float) -> FaceNetwork:
    """The network, for one thread."""
    run, engine = _network(path)

    def find(rgb: np.ndarray) -> np.ndarray:
        width, height = _size(rgb.shape[1], rgb.shape[0])
        heat, scale, offset, _ = run(cv2.dnn.blobFromImage(rgb, 1.0, (width, height)))
        rows, columns = np.nonzero(heat[0, 0] > threshold)
        tall, wide = np.exp(scale[0][:, rows, columns].astype(np.float64)) * _CELL
        middle_y = (rows + offset[0, 0, rows, columns] + 0.5) * _CELL
        middle_x = (columns + offset[0, 1, rows, columns] + 0.5) * _CELL
        boxes = np.stack(
            [
                (middle_x - wide / 2) / width,
                (middle_y - tall / 2) / height,
                (middle_x + wide / 2) / width,
                (middle_y + tall / 2) / height,
            ],
            axis=1,
        )
        return _as_heads(merged(boxes, heat[0, 0, rows, columns].astype(np.float64)))

    return FaceNetwork(find, engine)


def _network(path: Path) -> tuple[Callable[[np.ndarray], Sequence[np.ndarray]], str]:
    """What gives the outputs, and its engine: ONNX Runtime, twice as fast, unless refused."""
    if wish() == "torch":  # no engine but the usual one
        network = cv2.dnn.readNetFromONNX(str(path))

        def usual(blob: np.ndarray) -> Sequence[np.ndarray]:
            network.setInput(blob)
            outputs: Sequence[np.ndarray] = network.forward(_OUTPUTS)
            return outputs

        return usual, opencv()
    session = resizable(path, weights.digest("centerface"))
    engine = f"onnxruntime {version('onnxruntime')}, fp32"
    return lambda blob: session.run(_OUTPUTS, {_INPUT: blob}), engine


def _as_heads(found: np.ndarray) -> np.ndarray:
    width, height = found[:, 2] - found[:, 0], found[:, 3] - found[:, 1]
    heads = found.copy()
    heads[:, 0] -= _WIDER * width
    heads[:, 2] += _WIDER * width
    heads[:, 1] -= _HIGHER * height
    return heads


def _size(width: int, height: int) -> tuple[int, int]:
    factor = SIDE / max(width, height)
    across, down = (max(32, 32 * round(side * factor / 32)) for side in (width, height))
    return across, down
