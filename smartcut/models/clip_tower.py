"""What becomes of pictures and words in networks of others: from rows to vectors."""

from __future__ import annotations

import copy
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


class WordTower(nn.Module):
    """The half of an open_clip model that reads: of tokens (N, T), vectors in that space.

    They are as long as what the model multiplies cosines with before a softmax.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = copy.copy(model)
        # what sees is large, and not needed to read
        self.model._modules = {k: part for k, part in model._modules.items() if k != "visual"}
        self.register_buffer("scale", model.logit_scale.detach().exp())
        self.is_short = reads_short(model)

    def forward(self, tokens: Tensor) -> Tensor:
        model = self.model
        if self.is_short:
            model, length = copy.copy(model), tokens.shape[1]
            # in place of the parameters, which are for texts of the greatest length
            model.__dict__["positional_embedding"] = model.positional_embedding[:length]
            model.__dict__["attn_mask"] = model.attn_mask[:length, :length]
        return self.scale * model.encode_text(tokens, normalize=True).float()


def reads_short(model: Any) -> bool:
    """Whether what follows a text's last token changes nothing, so that it can be left out."""
    open_clip = import_with_torchvision("open_clip")
    is_usual = type(model) is open_clip.model.CLIP
    return is_usual and model.attn_mask is not None and model.text_pool_type in ("argmax", "eos")


class ClassRoots(nn.Module):
    """Square roots of a classifier's chances, from pictures as EfficientNet-Lite wants them."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, rows: Tensor) -> Tensor:
        x = (rows.permute(0, 3, 1, 2).float() - 127) / 128
        return self.model(x).float().softmax(dim=1).sqrt()
