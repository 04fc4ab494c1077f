"""Reads RIFE's weights, and says what is wrong with a file that holds others."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from smartcut.errors import ModelError
from smartcut.models import weights
from smartcut.models.interpolation.ifnet import IFNet

ACCEPTED = "accepted are weights of RIFE 4.6 (120 tensors, four blocks, no head encoder)"
NEXT = "give such a file, or none for the published weights"


def read(file: Path) -> IFNet:
    """The network with the file's tensors; raises ModelError where they are not RIFE 4.6's."""
    if not file.is_file():
        raise ModelError(f"there is no weights file {file}; {ACCEPTED}; {NEXT}")
    state = {k.removeprefix("module."): v for k, v in weights.load_state(file).items()}
    net = IFNet()
    wanted = net.state_dict()
    _check(file, state, wanted)
    net.load_state_dict({k: state[k].float() for k in wanted})
    return net.eval()


def _check(file: Path, state: dict[str, object], wanted: dict[str, Tensor]) -> None:
    def refuse(reason: str) -> ModelError:
        return ModelError(f"{file} holds no weights of RIFE 4.6: {reason}; {ACCEPTED}; {NEXT}")

    if any(k.startswith("encode.") for k in state):
        blocks = len({k.split(".")[0] for k in state if k.startswith("block")})
        raise refuse(
            f"it has a head encoder and {blocks} blocks, as RIFE 4.17 and later have, a network "
            "that is not built in"
        )
    if missing := [k for k in wanted if k not in state]:
        raise refuse(f"{len(missing)} tensors are missing, the first is {missing[0]!r}")
    if extra := [k for k in state if k not in wanted]:
        raise refuse(f"{len(extra)} tensors are unknown, the first is {extra[0]!r}")
    for key, tensor in wanted.items():
        found = state[key]
        shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
        if shape != tuple(tensor.shape):
            raise refuse(f"{key!r} is {shape} where it must be {tuple(tensor.shape)}")
