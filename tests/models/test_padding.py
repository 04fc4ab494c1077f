"""Convolutions that pad by size, exported for the one size that they are given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from smartcut.models.engines.on_onnx import OnnxEngine, export
from smartcut.models.engines.padding import PaddedConvolution, with_known_pads
from smartcut.models.torchvision_shim import import_with_torchvision


class Padding(nn.Module):
    """Two layers that pad as TensorFlow does, the first with more on the right and below."""

    def __init__(self, side: int, kernel: int) -> None:
        super().__init__()
        torch.manual_seed(5)
        layer = import_with_torchvision("timm.layers").Conv2dSame
        self.first = layer(3, 16, kernel, stride=2, bias=False)
        self.second = layer(16, 16, 3, stride=2, dilation=2, groups=16)
        self.side = side

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        x = rows.permute(0, 3, 1, 2).float() / 255
        return self.second(self.first(x).relu()).mean(dim=(2, 3))


@pytest.mark.parametrize(("height", "width", "kernel"), [(16, 16, 3), (17, 20, 5), (9, 12, 3)])
def test_what_is_padded_is_written_into_the_layer(
    height: int, width: int, kernel: int, tmp_path: Path
) -> None:
    random = np.random.default_rng(1)
    rows = random.integers(0, 256, (5, height, width, 3), np.uint8)
    module = Padding(16, kernel).eval().requires_grad_(False)
    exact = module(torch.from_numpy(rows)).numpy()
    changed = with_known_pads(module, torch.from_numpy(rows[:1]))
    assert [type(layer) for layer in changed.children()] == [PaddedConvolution] * 2
    np.testing.assert_array_equal(changed(torch.from_numpy(rows)).numpy(), exact)
    file = tmp_path / "network.onnx"
    export(changed, rows[:2], file)
    assert b"Pad" not in file.read_bytes().replace(b"PaddedConvolution", b"")
    answers = OnnxEngine(file, "", "fp32")(rows)
    np.testing.assert_allclose(answers, exact, atol=1e-5)
