"""The network of TransNet V2, in torch; what it is and how it is asked is in ``transnet``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from smartcut.errors import ModelError
from smartcut.models.transnet import HEIGHT, KEEP, MARGIN, WIDTH

DILATIONS = (1, 2, 4, 8)
#: How far a frame is compared with others: itself and 50 frames before and after.
LOOKUP = 101


class SpaceTimeConv(nn.Module):
    """A 3x3 convolution in space, then one of 3 taps in time, ``dilation`` frames apart."""

    def __init__(self, inputs: int, outputs: int, dilation: int) -> None:
        super().__init__()
        space = nn.Conv3d(inputs, 2 * outputs, (1, 3, 3), padding=(0, 1, 1), bias=False)
        time = nn.Conv3d(
            2 * outputs,
            outputs,
            (3, 1, 1),
            padding=(dilation, 0, 0),
            dilation=(dilation, 1, 1),
            bias=False,
        )
        self.layers = nn.ModuleList([space, time])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class DilatedCell(nn.Module):
    """Four dilations side by side over (B, C, T, H, W), normalised; 4 x ``filters`` channels."""

    def __init__(self, inputs: int, filters: int) -> None:
        super().__init__()
        for dilation in DILATIONS:
            self.add_module(f"Conv3D_{dilation}", SpaceTimeConv(inputs, filters, dilation))
        self.bn = nn.BatchNorm3d(4 * filters, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.get_submodule(f"Conv3D_{dilation}")(x) for dilation in DILATIONS]
        return self.bn(torch.cat(parts, dim=1))


class StackedCells(nn.Module):
    """Two cells with a short cut past the second; width and height are halved at the end."""

    def __init__(self, inputs: int, filters: int) -> None:
        super().__init__()
        self.DDCNN = nn.ModuleList(
            [DilatedCell(inputs, filters), DilatedCell(4 * filters, filters)]
        )

    def forward(self, x: Tensor) -> Tensor:
        first = torch.relu(self.DDCNN[0](x))
        second = torch.relu(self.DDCNN[1](first))
        return F.avg_pool3d(first + second, (1, 2, 2))


def neighbour_similarities(vectors: Tensor) -> Tensor:
    """Dot products of each frame's vector with those up to 50 frames away: (B, T, 101).

    ``vectors`` is (B, T, D), rows of length 1; outside the window the similarity counts as 0.
    """
    half = LOOKUP // 2
    batch, frames, _ = vectors.shape
    table = F.pad(vectors @ vectors.transpose(1, 2), (half, half))
    at = torch.arange(frames, device=vectors.device)[:, None]
    columns = at + torch.arange(LOOKUP, device=vectors.device)
    return table.gather(2, columns.expand(batch, frames, LOOKUP))


class LearnedSimilarity(nn.Module):
    """Compares frames by the means of their feature maps: 128 numbers a frame."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.projection = nn.Linear(inputs, 128)
        self.fc = nn.Linear(LOOKUP, 128)

    def forward(self, maps: list[Tensor]) -> Tensor:
        means = torch.cat([m.mean(dim=(3, 4)) for m in maps], dim=1).transpose(1, 2)
        return self.of_means(means)

    def of_means(self, means: Tensor) -> Tensor:
        """The same from the means of the maps, (B, T, inputs)."""
        vectors = F.normalize(self.projection(means), dim=2)
        return torch.relu(self.fc(neighbour_similarities(vectors)))


class HistogramSimilarity(nn.Module):
    """Compares frames by their RGB histograms of 8 x 8 x 8 bins: 128 numbers a frame."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(LOOKUP, 128)

    def forward(self, pictures: Tensor) -> Tensor:
        return torch.relu(self.fc(neighbour_similarities(colour_histograms(pictures))))


def colour_histograms(pictures: Tensor) -> Tensor:
    """(B, T, 512) float32 histograms of length 1 from uint8 (B, T, H, W, 3)."""
    batch, frames = pictures.shape[:2]
    bins = (pictures >> 5).long()
    index = (bins[..., 0] * 64 + bins[..., 1] * 8 + bins[..., 2]).flatten(2)
    counts = torch.zeros(batch, frames, 512, device=pictures.device)
    counts.scatter_add_(2, index, torch.ones_like(index, dtype=counts.dtype))
    return F.normalize(counts, dim=2)


class TransNetV2(nn.Module):
    """(one-hot, many-hot) logits, each (B, T), from uint8 RGB pictures (B, T, 27, 48, 3)."""

    def __init__(self) -> None:
        super().__init__()
        widths = (16, 32, 64)
        inputs = (3, *(4 * w for w in widths))
        self.SDDCNN = nn.ModuleList(
            StackedCells(i, w) for i, w in zip(inputs[:-1], widths, strict=True)
        )
        self.frame_sim_layer = LearnedSimilarity(sum(4 * w for w in widths))
        self.color_hist_layer = HistogramSimilarity()
        grid = (HEIGHT // 8) * (WIDTH // 8)
        self.fc1 = nn.Linear(2 * 128 + grid * 4 * widths[-1], 1024)
        self.cls_layer1 = nn.Linear(1024, 1)
        self.cls_layer2 = nn.Linear(1024, 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        x = pictures.permute(0, 4, 1, 2, 3).to(self.fc1.weight.dtype) / 255
        maps = []
        for block in self.SDDCNN:
            x = block(x)
            maps.append(x)
        spatial = x.permute(0, 2, 3, 4, 1).flatten(2)
        x = torch.cat([self.color_hist_layer(pictures), self.frame_sim_layer(maps), spatial], dim=2)
        x = torch.relu(self.fc1(x))
        return self.cls_layer1(x)[..., 0], self.cls_layer2(x)[..., 0]

    @torch.inference_mode()
    def chances(self, windows: np.ndarray) -> np.ndarray:
        """float32 (n, 2, 50), in 0..1, of the middle frames of windows (n, 100, 27, 48, 3).

        Row 0 is the one-hot head, row 1 the many-hot one.
        """
        device = self.fc1.weight.device
        return np.asarray(Chances(self)(torch.from_numpy(windows).to(device)).cpu().numpy())


class Chances(nn.Module):
    """What :meth:`TransNetV2.chances` gives, of tensors."""

    def __init__(self, network: TransNetV2) -> None:
        super().__init__()
        self.network = network

    def forward(self, windows: Tensor) -> Tensor:
        both = torch.stack(self.network(windows), dim=1).float().sigmoid()
        return both[:, :, MARGIN : MARGIN + KEEP]


def load(path: Path, device: str = "cpu") -> TransNetV2:
    """The network with the weights of that file, ready to predict.

    Raises ModelError where the file does not hold this network.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        network = TransNetV2()
        network.load_state_dict(state, strict=True)
    except Exception as error:  # torch raises half a dozen kinds for a damaged file
        raise ModelError(
            f"{path} does not hold the weights of TransNet V2 ({type(error).__name__}); "
            "fetch them again: smartcut models pull transnetv2"
        ) from error
    return network.eval().requires_grad_(False).to(device)
