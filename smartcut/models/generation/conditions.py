"""What is asked for, class and prompt, as one vector that networks heed."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from smartcut.models.generation.contract import Config, Given


class Condition(nn.Module):
    """(N, size) of classes and prompts; where none is given, what stands for none."""

    def __init__(self, config: Config, size: int) -> None:
        super().__init__()
        self.nothing = nn.Parameter(torch.zeros(size))
        self.labels = nn.Embedding(len(config.labels) + 1, size) if config.labels else None
        self.text = nn.Linear(config.text_size, size, bias=False) if config.text_size else None
        # Prompts have length 1 whatever their size; their parts are brought to a spread of 1.
        self.spread = config.text_size**0.5

    def forward(self, given: Given) -> Tensor:
        found = self.nothing.expand(given.count, -1)
        if self.labels is not None:
            none = self.labels.num_embeddings - 1
            device = self.nothing.device
            label = given.label
            if label is None:
                label = torch.full((given.count,), -1, device=device)
            found = found + self.labels(torch.where(label < 0, none, label))
        if self.text is not None and given.text is not None:
            found = found + self.text(given.text * self.spread)
        return found
