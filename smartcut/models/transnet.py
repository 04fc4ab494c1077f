"""TransNet V2: how likely each frame is the last one of a shot.

Tomáš Souček and Jakub Lokoč, "TransNet V2: An effective deep network architecture for fast shot
transition detection", 2020, arXiv 2008.04838. Own code; it reads the published weights.

Input: RGB pictures of 48 x 27 pixels, uint8. Output: two chances a frame. The *one-hot* head
marks one frame for each transition: a peak at frame i means that frame i + 1 begins a new shot,
and for a gradual transition it lies near the middle. The *many-hot* head marks every frame of a
transition, so its run is short for a cut and long for a dissolve.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from smartcut.errors import ModelError

if TYPE_CHECKING:
    from smartcut.models.engines.prepared import Engine

WIDTH, HEIGHT = 48, 27
#: Frames in a window; only the predictions of the middle ``KEEP`` see enough on both sides.
WINDOW, KEEP = 100, 50
MARGIN = (WINDOW - KEEP) // 2
DILATIONS = (1, 2, 4, 8)
#: How far a frame is compared with others: itself and 50 frames before and after.
LOOKUP = 101

#: ``pictures(first, last)`` gives frames first..last-1 as uint8 (n, 27, 48, 3).
Pictures = Callable[[int, int], np.ndarray]
#: Answers windows, uint8 (n, 100, 27, 48, 3), with what :meth:`TransNetV2.chances` says of them.
Ask = Callable[[np.ndarray], "Future[np.ndarray]"]
# Windows asked about at a time, and how many such handfuls are out at once.
_HANDFUL, _UNDER_WAY = 4, 4


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


def engine(path: Path, digest: str, device: str) -> Engine:
    """What answers windows on the device as :meth:`TransNetV2.chances` does."""
    from smartcut.models.engines import agreement, made_pictures, prepared
    from smartcut.models.engines.choice import FLOAT, HALF
    from smartcut.models.transnet_flat import by_convolution, by_product, flat

    subject = prepared.Subject(
        "transnetv2",
        digest,
        1,
        (HALF, FLOAT),
        lambda: Chances(load(path)),
        lambda: made_pictures.made_film(WINDOW, WIDTH, HEIGHT)[None],
        agreement.of_chances,
        {
            HALF: lambda chances: flat(chances, by_product),
            FLOAT: lambda chances: flat(chances, by_convolution),
        },
    )
    return prepared.load(subject, device)


def predict(
    ask: Ask,
    pictures: Pictures,
    count: int,
    ranges: Sequence[tuple[int, int]] | None = None,
    progress: Callable[[int], None] | None = None,
) -> np.ndarray:
    """Chances of the frames of a source of ``count``: float32 (2, count), in 0..1.

    Row 0 is the one-hot head, row 1 the many-hot one; both are 0 outside the half-open
    ``ranges``. The frames around a range are looked at too; beyond the source's ends its first
    and last frames are repeated, as in the paper's code. ``progress`` gets how many frames
    are done.
    """
    out = np.zeros((2, count), np.float32)
    steps = [step for first, last in ranges or [(0, count)] for step in _steps(first, last)]
    under_way: deque[tuple[list[tuple[int, int]], Future[np.ndarray]]] = deque()
    done = 0
    for at in range(0, len(steps) + _HANDFUL * _UNDER_WAY, _HANDFUL):
        if handful := steps[at : at + _HANDFUL]:
            windows = [_window(pictures, start - MARGIN, count) for start, _ in handful]
            under_way.append((handful, ask(np.stack(windows))))
        if under_way and (not handful or len(under_way) >= _UNDER_WAY):
            asked, answer = under_way.popleft()
            for (start, end), chances in zip(asked, answer.result(), strict=True):
                out[:, start:end] = chances[:, : end - start]
                done += end - start
            if progress:
                progress(done)
    return out


def _steps(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The range in pieces of at most as many frames as a window answers for."""
    for start in range(first, last, KEEP):
        yield start, min(start + KEEP, last)


def _window(pictures: Pictures, start: int, count: int) -> np.ndarray:
    """Frames start..start+99; those outside the source repeat its first or last one."""
    end = start + WINDOW
    low, high = max(start, 0), min(end, count)
    body = pictures(low, high)
    return np.pad(body, ((low - start, end - high), (0, 0), (0, 0), (0, 0)), mode="edge")
