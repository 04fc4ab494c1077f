"""A small network of our own that makes pictures between two; see ``training`` for its training.

Three stages look at both pictures, warped by what is known so far, at an eighth, a quarter and half
of their size (their features at half of that), and at how the two differ when they are shifted
against each other. Each stage adds to four channels of motion and to a mask. The motion is even by
construction: a point of the wanted picture moves by ``v`` from the first to the second picture, and
away from the straight line by ``d``, so that at step t it is found at ``-t v + 4 t (1 - t) d`` in
the first and at ``(1 - t) v + 4 t (1 - t) d`` in the second. The mask starts from the share
(1 - t) : t. So an untrained network (its last layers are zero) blends, and near either end it gives
that end. The scheme from coarse to fine, with intermediate flow, is that of IFNet (Huang et al.,
ECCV 2022); the differences are a small cost volume as in PWC-Net (Sun et al., CVPR 2018).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from smartcut.cache import file_sha256
from smartcut.errors import ModelError
from smartcut.models import weights
from smartcut.models.interpolation import Gap
from smartcut.models.interpolation.ifnet import warp

FORMAT = "smartcut-small-1"
#: Each stage sees the pictures shrunk by its scale; its features' width and number of layers.
SCALES = (8, 4, 2)
WIDTHS = (176, 128, 64)
LAYERS = 5
#: Both sides of a picture must be multiples.
ALIGN = 16
# How many pixels (of a stage) each way the pictures are shifted against each other, in both axes.
_NEAR = 2
# Two warped pictures, the step, motion (4), mask, and the differences at each shift.
_INPUTS = 3 + 3 + 1 + 4 + 1 + (2 * _NEAR + 1) ** 2
_OUTPUTS = 5


class Residual(nn.Module):
    """A convolution added to its input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.bend = nn.PReLU(width)

    def forward(self, x: Tensor) -> Tensor:
        return self.bend(self.conv(x) + x)


class MotionBlock(nn.Module):
    """What a stage adds to motion and mask: (B, 5, h, w) at its input's size."""

    def __init__(self, width: int, layers: int) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.Conv2d(_INPUTS, width, 5, 2, 2), nn.PReLU(width))
        self.body = nn.Sequential(*(Residual(width) for _ in range(layers)))
        self.leave = nn.Conv2d(width, 4 * _OUTPUTS, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        assert self.leave.bias is not None
        nn.init.zeros_(self.leave.bias)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(self.leave(self.body(self.enter(x))), 2)


class SmallNet(nn.Module):
    """The network: 2.7 million parameters at the standard widths, 11 MB."""

    def __init__(self, widths: Sequence[int] = WIDTHS, layers: int = LAYERS) -> None:
        super().__init__()
        self.widths, self.layers = tuple(widths), layers
        self.stages = nn.ModuleList(MotionBlock(width, layers) for width in self.widths)

    def forward(self, first: Tensor, second: Tensor, step: Tensor) -> list[tuple[Tensor, Tensor]]:
        """After each stage: the pictures (B, 3, H, W) at ``step`` and the flow (B, 4, H, W).

        Pictures are RGB in 0..1, sides multiples of :data:`ALIGN`; ``step`` is (B, 1, 1, 1),
        strictly between 0 and 1. The flow leads, in pixels, to the first picture (x, y), then to
        the second.
        """
        batch, _, height, width = first.shape
        motion = first.new_zeros(batch, 4, height, width)
        mask = first.new_zeros(batch, 1, height, width)
        one, two = first, second
        found = []
        for stage, scale in zip(self.stages, SCALES, strict=True):
            known = torch.cat((one, two, step.expand_as(mask), motion / 8, mask), 1)
            known = F.avg_pool2d(known, scale)
            added = stage(torch.cat((known, _differences(known[:, :3], known[:, 3:6])), 1))
            added = F.interpolate(added, scale_factor=scale, mode="bilinear", align_corners=False)
            motion = motion + added[:, :4] * 8
            mask = mask + added[:, 4:]
            flow = _flow(motion, step)
            one, two = warp(first, flow[:, :2]), warp(second, flow[:, 2:])
            share = torch.sigmoid(mask + torch.logit(1 - step))
            found.append((two + (one - two) * share, flow))
        return found


def _differences(one: Tensor, two: Tensor) -> Tensor:
    """(B, 25, h, w): how the pictures differ around each pixel when both are moved apart.

    The first is moved back and the second ahead by up to two pixels in x and y, so that a motion
    of up to four is seen at the place it has halfway.
    """
    height, width = one.shape[-2:]
    one, two = (F.pad(x, (_NEAR,) * 4, mode="replicate") for x in (one, two))
    shifts = range(2 * _NEAR + 1)
    found = [
        (
            one[..., 2 * _NEAR - y : 2 * _NEAR - y + height, 2 * _NEAR - x : 2 * _NEAR - x + width]
            - two[..., y : y + height, x : x + width]
        )
        .abs()
        .mean(1, keepdim=True)
        for y in shifts
        for x in shifts
    ]
    return torch.cat(found, 1)


def _flow(motion: Tensor, step: Tensor) -> Tensor:
    straight, aside = motion[:, :2], motion[:, 2:] * (4 * step * (1 - step))
    return torch.cat((aside - step * straight, aside + (1 - step) * straight), 1)


class Small:
    """The network as an engine; like an Interpolator, but its name is not among the engines'."""

    name = "small"
    at_once = 1

    def __init__(self, net: SmallNet, device: str, weights: tuple[str, str] | None = None) -> None:
        self.net = net.to(device).eval()
        self.device = torch.device(device)
        self.weights = weights

    def make(self, gaps: Sequence[Gap]) -> list[list[np.ndarray]]:
        """The pictures of each gap, in the order of its steps, of the gap's own dtype."""
        with torch.inference_mode():
            return [[self._picture(gap, step) for step in gap.steps] for gap in gaps]

    def _picture(self, gap: Gap, step: float) -> np.ndarray:
        height, width = gap.first.shape[:2]
        most = float(np.iinfo(gap.first.dtype).max)
        at = torch.full((1, 1, 1, 1), step, device=self.device)
        pair = (self._tensor(picture, most) for picture in (gap.first, gap.second))
        picture = self.net(*pair, at)[-1][0][0, :, :height, :width]
        picture = (picture * most).round_().clamp_(0, most)
        return picture.permute(1, 2, 0).cpu().numpy().astype(gap.first.dtype)

    def _tensor(self, picture: np.ndarray, most: float) -> Tensor:
        height, width = picture.shape[:2]
        x = torch.from_numpy(np.ascontiguousarray(picture)).to(self.device)
        x = x.permute(2, 0, 1)[None].float() / most
        return F.pad(x, (0, -width % ALIGN, 0, -height % ALIGN), mode="replicate")


def load(file: Path, device: str = "cpu") -> Small:
    """The engine with the weights that ``training`` wrote; raises ModelError for any other file."""
    state = weights.load_state(file)
    about = describe(file)
    try:
        net = SmallNet(about["widths"], about["layers"])
        net.load_state_dict(state)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"{file} does not fit the small network: {error}") from error
    return Small(net, device, (f"small ({file.name})", file_sha256(file)))


def describe(file: Path) -> dict[str, Any]:
    """How the network in the file is built and was trained: the JSON in its metadata.

    Raises ModelError where the file says nothing of the kind.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(file), "pt") as tensors:
            about = json.loads((tensors.metadata() or {})["smartcut"])
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise ModelError(
            f"{file} is no small network: it was not written by "
            "python -m smartcut.models.interpolation.training"
        ) from error
    if about.get("format") != FORMAT:
        raise ModelError(f"{file} is of format {about.get('format')!r}; this reads {FORMAT}")
    return dict(about)
