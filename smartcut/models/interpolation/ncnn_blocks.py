"""IFNet's blocks on the CPU: the long chains of 3x3 convolutions run in ncnn.

ncnn computes 3x3 convolutions by Winograd's minimal filtering (Lavin and Gray, "Fast algorithms
for convolutional neural networks", CVPR 2016, arXiv 1509.09308), several times fewer
multiplications than the direct way. The two convolutions with stride 2 gain nothing by that
and stay in torch, channels last.

ncnn gets one thread a call, because its threads wait by spinning beside torch's that do the
same: on a busy machine the two take the cores from each other, and a small picture was seen to
take 20 times as long. The caller runs several blocks or tiles side by side instead.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from smartcut.errors import ModelError
from smartcut.models.interpolation.ifnet import SLOPE, Block, folded

_FLOAT32 = bytes(4)  # ncnn's tag of plain float32 weights


class NcnnBlock:
    """One block: (h, w, inputs) float32, h and w multiples of 4, to (5, h, w); any thread's.

    The outputs are the flow (4, over the scale) and the mask; the one without use is left out.
    """

    def __init__(self, block: Block, allocators: tuple[Any, Any]) -> None:
        layers: list[Any] = [layer for layer in folded(block) if hasattr(layer, "weight")]
        last = layers.pop()
        layout = torch.channels_last
        self._head = [
            (layer.weight.detach().contiguous(memory_format=layout), layer.bias.detach())
            for layer in layers[:2]
        ]
        chain = [(layer.weight.detach(), layer.bias.detach()) for layer in layers[2:]]
        self._allocators = allocators  # ncnn does not keep them alive
        end = as_convolution(last.weight.detach(), last.bias.detach())
        self._net = _net([*chain, end], allocators)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        import ncnn

        features = self._features(x)
        with self._net.create_extractor() as run:
            run.input("in", ncnn.Mat(features))
            code, out = run.extract("out")
            if code:
                raise ModelError(f"ncnn failed with code {code} on an input of {x.shape}")
            return np.asarray(out)  # it keeps ncnn's array alive

    def _features(self, x: np.ndarray) -> np.ndarray:
        """(features, h / 4, w / 4), by the two convolutions with stride 2."""
        with torch.inference_mode():
            y = torch.from_numpy(x).permute(2, 0, 1)[None]
            for weight, bias in self._head:
                y = F.leaky_relu_(F.conv2d(y, weight, bias, stride=2, padding=1), SLOPE)
            return y[0].contiguous().numpy()


def allocators() -> tuple[Any, Any]:
    """ncnn's memory for features and for scratch, kept from call to call; for any thread."""
    import ncnn

    return ncnn.PoolAllocator(), ncnn.PoolAllocator()


def as_convolution(weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """The last layer (a 4x4 transposed convolution with stride 2, then pixels shuffled by 2) as a
    3x3 convolution before a shuffle by 4, of the five channels that are used.

    Each of the 2x2 phases of its output sees 2x2 of the 3x3 neighbours.
    """
    inputs, channels = weight.shape[:2]  # channels: 6 outputs x 2 x 2 of the shuffle
    found = torch.zeros(channels // 4, 2, 2, 2, 2, inputs, 3, 3)  # out, shuffle, phase
    split = weight.reshape(inputs, channels // 4, 2, 2, 4, 4)
    for phase_y in range(2):
        for phase_x in range(2):
            for y in range(3):
                for x in range(3):
                    # output row 2 i + phase takes input row i + y - 1 with this row of the kernel
                    from_y, from_x = phase_y + 1 - 2 * (y - 1), phase_x + 1 - 2 * (x - 1)
                    if 0 <= from_y < 4 and 0 <= from_x < 4:
                        taken = split[..., from_y, from_x]  # in, out, shuffle y, shuffle x
                        found[:, :, :, phase_y, phase_x, :, y, x] = taken.permute(1, 2, 3, 0)
    # The shuffle by 4 wants (out, y, x) with y = 2 * phase + shuffle.
    found = found.permute(0, 3, 1, 4, 2, 5, 6, 7)[:5]
    spread = bias.reshape(-1, 1, 2, 1, 2).expand(-1, 2, -1, 2, -1)[:5]
    return found.reshape(80, inputs, 3, 3), spread.reshape(80)


def _net(chain: list[tuple[Tensor, Tensor]], allocators: tuple[Any, Any]) -> Any:
    """ncnn's network of 3x3 convolutions, leaky but the last, and a shuffle by 4."""
    import ncnn

    lines = ["Input in 0 1 in"]
    data = bytearray()
    below = "in"
    for i, (weight, bias) in enumerate(chain):
        leaky = f" 9=2 -23310=1,{SLOPE:e}" if i < len(chain) - 1 else ""
        size = f"0={len(weight)} 1=3 3=1 4=1 5=1 6={weight.numel()}"
        lines.append(f"Convolution c{i} 1 1 {below} c{i} {size}{leaky}")
        below = f"c{i}"
        data += (
            _FLOAT32 + weight.contiguous().numpy().tobytes() + bias.contiguous().numpy().tobytes()
        )
    lines.append(f"PixelShuffle out 1 1 {below} out 0=4")
    net = ncnn.Net()
    options = net.opt
    options.num_threads = 1
    options.blob_allocator, options.workspace_allocator = allocators
    for kind in ("packed", "storage", "arithmetic"):
        setattr(options, f"use_fp16_{kind}", False)
    options.use_bf16_storage = False
    options.use_vulkan_compute = False
    text = f"7767517\n{len(lines)} {len(lines)}\n" + "\n".join(lines) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weights.bin"
        file.write_bytes(data)
        if net.load_param_mem(text) or net.load_model(str(file)):
            raise ModelError("ncnn refuses the network; reinstall the package ncnn")
    return net
