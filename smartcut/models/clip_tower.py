"""What becomes of pictures in networks of others: from uint8 rows (N, H, W, 3) to vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from smartcut.models.torchvision_shim import import_with_torchvision


class PictureTower(nn.Module):
    """The half of an open_clip model that sees: rows of length 1, float32."""

    def __init__(self, model: Any, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        open_clip = import_with_torchvision("open_clip")
        #: The two usual kinds have a network for pictures that is all; others put more behind it.
        self.is_alone = type(model) in (open_clip.model.CLIP, open_clip.model.CustomTextCLIP)
        model = model.visual if self.is_alone else model
        self.model = model
        self.mean, self.std = (tuple(float(v) for v in values) for values in (mean, std))

    def forward(self, rows: Tensor) -> Tensor:
        x = rows.permute(0, 3, 1, 2).float() / 255
        mean, std = (x.new_tensor(values).view(1, 3, 1, 1) for values in (self.mean, self.std))
        kind = next(self.model.parameters(), x).dtype
        x = ((x - mean) / std).to(kind)
        seen = self.model(x) if self.is_alone else self.model.encode_image(x, normalize=False)
        return F.normalize(seen.float(), dim=-1)


class ClassRoots(nn.Module):
    """Square roots of a classifier's chances, from pictures as EfficientNet-Lite wants them."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, rows: Tensor) -> Tensor:
        x = (rows.permute(0, 3, 1, 2).float() - 127) / 128
        return self.model(x).float().softmax(dim=1).sqrt()
