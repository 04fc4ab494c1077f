"""Writes a checkpoint with open_clip's own random weights: MODEL OUT.pt."""

from __future__ import annotations

import sys
from pathlib import Path

from smartcut.models.torchvision_shim import import_with_torchvision


def write(model: str, path: Path) -> None:
    """The weights are the same on every machine."""
    import torch

    torch.manual_seed(7)
    network = import_with_torchvision("open_clip").create_model(model)
    partial = path.with_name(f"partial-{path.name}")
    torch.save(network.state_dict(), partial)
    partial.rename(path)


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]))
