"""A network that repaints pictures in one style, in one pass.

J. Johnson, A. Alahi, L. Fei-Fei, "Perceptual losses for real-time style transfer and
super-resolution", 2016; with instance normalisation (Ulyanov et al., 2016) and, going up, nearest
neighbours before a convolution instead of a transposed one (Odena et al., 2016). The names of the
tensors are those under which such networks are commonly published.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from smartcut.errors import ModelError
from smartcut.models.weights import load_state

if TYPE_CHECKING:
    from torch import Tensor, nn

_BLOCK = re.compile(r"res(\d+)\.conv1\.conv2d\.weight")
# Pictures are halved twice on the way down.
_MULTIPLE = 4


class StylePainter:
    """The network on a device, for pictures of any size."""

    def __init__(self, network: nn.Module, device: str = "cpu") -> None:
        self._network = network.eval().requires_grad_(False).to(device)
        self._device = device

    def paint(self, rgb: np.ndarray) -> np.ndarray:
        """The picture in the style: float32 (height, width, 3) in 0..1, as is what is given.

        Raises ModelError where memory does not suffice.
        """
        import torch
        from torch.nn.functional import pad

        height, width = rgb.shape[:2]
        given = torch.from_numpy(np.ascontiguousarray(rgb, np.float32)).to(self._device)
        planes = given.permute(2, 0, 1)[None] * 255
        planes = pad(planes, (0, -width % _MULTIPLE, 0, -height % _MULTIPLE), mode="replicate")
        try:
            with torch.inference_mode():
                painted = self._network(planes)
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if "memory" not in str(error):
                raise
            raise ModelError(
                f"the style network needs more memory than {self._device} has for pictures of "
                f"{width}x{height}; render smaller ones"
            ) from error
        inside = painted[0, :, :height, :width].clamp(0, 255) / 255
        return inside.permute(1, 2, 0).cpu().numpy()


def style_network(widths: tuple[int, int, int] = (32, 64, 128), blocks: int = 5) -> nn.Module:
    """The network with random weights: RGB (n, 3, h, w) in 0..255 to the same, unclipped."""
    from torch import nn
    from torch.nn.functional import interpolate, relu

    def norm(channels: int) -> nn.Module:
        return nn.InstanceNorm2d(channels, affine=True)

    class StyleConvolution(nn.Module):
        """At a stride, over a picture mirrored at its edges."""

        def __init__(self, given: int, made: int, size: int, stride: int = 1) -> None:
            super().__init__()
            self.mirror = nn.ReflectionPad2d(size // 2)
            self.conv2d = nn.Conv2d(given, made, size, stride)

        def forward(self, x: Tensor) -> Tensor:
            made: Tensor = self.conv2d(self.mirror(x))
            return made

    class StyleResidual(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.conv1, self.in1 = StyleConvolution(channels, channels, 3), norm(channels)
            self.conv2, self.in2 = StyleConvolution(channels, channels, 3), norm(channels)

        def forward(self, x: Tensor) -> Tensor:
            more: Tensor = self.in2(self.conv2(relu(self.in1(self.conv1(x)))))
            return x + more

    class StyleTransfer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            one, two, three = widths
            self.conv1, self.in1 = StyleConvolution(3, one, 9), norm(one)
            self.conv2, self.in2 = StyleConvolution(one, two, 3, 2), norm(two)
            self.conv3, self.in3 = StyleConvolution(two, three, 3, 2), norm(three)
            for i in range(1, blocks + 1):
                self.add_module(f"res{i}", StyleResidual(three))
            self.deconv1, self.in4 = StyleConvolution(three, two, 3), norm(two)
            self.deconv2, self.in5 = StyleConvolution(two, one, 3), norm(one)
            self.deconv3 = StyleConvolution(one, 3, 9)

        def forward(self, x: Tensor) -> Tensor:
            x = relu(self.in1(self.conv1(x)))
            x = relu(self.in2(self.conv2(x)))
            x = relu(self.in3(self.conv3(x)))
            for i in range(1, blocks + 1):
                x = self.get_submodule(f"res{i}")(x)
            x = relu(self.in4(self.deconv1(interpolate(x, scale_factor=2.0))))
            x = relu(self.in5(self.deconv2(interpolate(x, scale_factor=2.0))))
            painted: Tensor = self.deconv3(x)
            return painted

    return StyleTransfer()


def load_style(path: Path, device: str = "cpu") -> StylePainter:
    """The network in a safetensors file; its widths and number of blocks follow the tensors.

    Raises ModelError for other files, and for tensors that do not fit this network exactly.
    """
    if path.suffix != ".safetensors":
        raise ModelError(
            f"{path} is no .safetensors file; others may hold code and are not read: save the "
            "tensors of the network with safetensors.torch.save_file"
        )
    state = load_state(path)
    network = _shaped_like(path, state)
    try:
        network.load_state_dict(state, strict=True)
    except RuntimeError as error:
        reason = "; ".join(line.strip() for line in str(error).splitlines()[1:3])
        raise ModelError(
            f"{path} does not fit the style network (Johnson et al., 2016): {reason}"
        ) from error
    if bad := [name for name, tensor in state.items() if not tensor.isfinite().all()]:
        raise ModelError(f"{path}: {bad[0]} holds numbers that are not finite; fetch it again")
    return StylePainter(network, device)


def _shaped_like(path: Path, state: dict[str, Any]) -> nn.Module:
    names = [f"conv{i}.conv2d.weight" for i in (1, 2, 3)]
    if missing := [name for name in names if name not in state or state[name].ndim != 4]:
        raise ModelError(
            f"{path} does not hold the style network (Johnson et al., 2016): there is no tensor "
            f"{missing[0]}; accepted names: conv1..3.conv2d, in1..5, resN.conv1..2.conv2d, "
            "resN.in1..2, deconv1..3.conv2d"
        )
    one, two, three = (int(state[name].shape[0]) for name in names)
    blocks = sum(_BLOCK.fullmatch(name) is not None for name in state)
    return style_network((one, two, three), blocks)
