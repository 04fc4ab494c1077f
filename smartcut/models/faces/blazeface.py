"""BlazeFace, full range: fast, and sure from faces of a twentieth of the picture's width on.

Valentin Bazarevsky et al., "BlazeFace: sub-millisecond neural face detection on mobile GPUs", 2019,
arXiv 1907.05047; the weights are MediaPipe's. It looks at 192 x 192 pixels, letterboxed.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from smartcut.models.faces.found import FaceNetwork, merged, opencv

#: Pixels on a side of what it looks at, and cells of its grid on a side.
SIDE, _CELLS = 192, 48
# Its boxes reach from brow to chin: so much is added left and right, and above, for the head.
_WIDER, _HIGHER = 0.1, 0.25
_OUTPUTS = ("reshaped_classifier_face_4", "reshaped_regressor_face_4")


def load(path: Path, threshold: float) -> FaceNetwork:
    """The network, for one thread."""
    # OpenCV's new engine shows the last output of such a file alone.
    network = cv2.dnn.readNetFromTFLite(str(path), cv2.dnn.ENGINE_CLASSIC)
    centres = (np.arange(_CELLS) + 0.5) / _CELLS
    anchors = np.stack(np.meshgrid(centres, centres), -1).reshape(-1, 2)

    def find(rgb: np.ndarray) -> np.ndarray:
        square, scale, corner = letterboxed(rgb)
        blob = cv2.dnn.blobFromImage(square, 1 / 127.5, (SIDE, SIDE), (127.5,) * 3)
        network.setInput(blob)
        logits, places = network.forward(_OUTPUTS)
        scores = 1 / (1 + np.exp(-np.clip(logits.ravel().astype(np.float64), -80, 80)))
        likely = scores > threshold
        numbers = places.reshape(-1, 16)[likely].astype(np.float64) / SIDE
        middle, half = numbers[:, :2] + anchors[likely], numbers[:, 2:4] / 2
        boxes = np.hstack([middle - half, middle + half]) * SIDE - np.tile(corner, 2)
        boxes /= np.tile(scale, 2)  # shares of the picture
        return _as_heads(merged(boxes, scores[likely]))

    return FaceNetwork(find, opencv())


def letterboxed(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The picture in a black square; its (width, height) and its (left, top) there."""
    height, width = rgb.shape[:2]
    factor = SIDE / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = rgb
    if size != (width, height):
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    square = np.zeros((SIDE, SIDE, 3), np.uint8)
    square[top : top + size[1], left : left + size[0]] = small
    return square, np.array(size, float), np.array([left, top], float)


def _as_heads(found: np.ndarray) -> np.ndarray:
    width, height = found[:, 2] - found[:, 0], found[:, 3] - found[:, 1]
    heads = found.copy()
    heads[:, 0] -= _WIDER * width
    heads[:, 2] += _WIDER * width
    heads[:, 1] -= _HIGHER * height
    return heads
