"""Training of the small network, from made-up motion and, where given, real video.

    python -m smartcut.models.interpolation.training --steps 200000 --out small.safetensors \\
        --device cuda --batch 32 --size 224 --video FOLDER

Everything follows from the seed and the step's number: the same settings give the same weights
(on the CPU with the same number of threads, bit for bit), and a run that was interrupted goes on
from the state beside the output as if it had not been. The loss is Charbonnier's of every stage's
picture, later stages counting more, plus, for made-up motion, the distance to the true flow.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from smartcut.cache import file_sha256
from smartcut.errors import ModelError, SmartcutError
from smartcut.files import write_bytes
from smartcut.models.interpolation.small import ALIGN, FORMAT, LAYERS, WIDTHS, SmallNet
from smartcut.models.interpolation.synthetic import scene
from smartcut.models.interpolation.triplets import Videos

# Seeds of scenes to learn from and of those held back never meet.
LEARNT, HELD_BACK = 0, 1
_STAGE_WEIGHT = 0.8
_FLOW_WEIGHT = 0.02
_WARM_UP = 0.05
_MOST_GRADIENT = 1.0
_KEEP_EVERY = 500


@dataclass(frozen=True, slots=True)
class InterpolationSettings:
    """All that the outcome depends on. ``reach``: how far layers move at most, in pixels."""

    steps: int
    seed: int = 0
    batch: int = 8
    size: int = 128
    reach: float = 16.0
    rate: float = 4e-4
    decay: float = 1e-4
    widths: tuple[int, ...] = WIDTHS
    layers: int = LAYERS

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ValueError(f"steps {self.steps} and batch {self.batch} must be at least 1")
        if self.size < ALIGN or self.size % ALIGN:
            raise ValueError(f"size {self.size} is no multiple of {ALIGN}")


@dataclass(frozen=True, slots=True, eq=False)
class TripletBatch:
    """Pictures (B, 3, S, S), the step (B, 1, 1, 1), and the flow (b, 4, S, S) of the first b."""

    first: Tensor
    between: Tensor
    second: Tensor
    step: Tensor
    flow: Tensor


def train(
    settings: InterpolationSettings,
    out: Path,
    *,
    device: str = "cpu",
    video: Path | None = None,
    stop_after: int | None = None,
    say: Callable[[str], None] = print,
) -> list[float]:
    """The loss of each step taken; the weights are in ``out``, the state beside it.

    Goes on from the state of an earlier run with the same settings; ``stop_after`` ends before
    that step as an interruption would, without writing ``out``. Raises ModelError for a state of
    other settings.
    """
    videos = None if video is None else Videos(video, settings.size)
    sources = {} if videos is None else videos.digests
    torch.manual_seed(settings.seed)
    net = SmallNet(settings.widths, settings.layers).to(device)
    optimizer = torch.optim.AdamW(net.parameters(), settings.rate, weight_decay=settings.decay)
    state = out.with_name(out.name + ".state")
    start = _resumed(state, settings, sources, net, optimizer)
    end = settings.steps if stop_after is None else min(stop_after, settings.steps)
    losses = []
    for number in range(start, end):
        for group in optimizer.param_groups:
            group["lr"] = settings.rate * _pace(number, settings.steps)
        batch = batch_of(settings, LEARNT, number, device, videos)
        losses.append(_step(net, optimizer, batch))
        if number % max(1, settings.steps // 20) == 0:
            say(f"step {number} of {settings.steps}: loss {losses[-1]:.4f}")
        if (number + 1) % _KEEP_EVERY == 0 or number + 1 == end:
            _keep(state, settings, sources, net, optimizer, number + 1)
    if end == settings.steps:
        _write(out, settings, sources, net)
        say(f"{out} is written")
    return losses


def held_back(
    net: SmallNet, settings: InterpolationSettings, count: int = 16
) -> tuple[float, float]:
    """Mean PSNR (dB) on scenes that training never shows: of the network, and of blending."""
    device = str(next(net.parameters()).device)
    ours, blended = [], []
    with torch.inference_mode():
        for number in range(count):
            batch = batch_of(settings, HELD_BACK, number, device)
            made = net(batch.first, batch.second, batch.step)[-1][0]
            ours.append(_psnr(made, batch.between))
            mixed = batch.first + (batch.second - batch.first) * batch.step
            blended.append(_psnr(mixed, batch.between))
    return float(torch.cat(ours).mean()), float(torch.cat(blended).mean())


def _psnr(made: Tensor, true: Tensor) -> Tensor:
    error = (made - true).square().flatten(1).mean(1)
    return -10 * torch.log10(error.clamp_min(1e-10))


def _pace(number: int, steps: int) -> float:
    """The share of the learning rate: up in a straight line, then down along a cosine."""
    warm = max(1, round(steps * _WARM_UP))
    if number < warm:
        return (number + 1) / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (number - warm) / max(1, steps - warm)))


# ----------------------------------------------------------------------------------- one step


def batch_of(
    settings: InterpolationSettings,
    kind: int,
    number: int,
    device: str,
    videos: Videos | None = None,
) -> TripletBatch:
    """The batch of that number, of kind LEARNT or HELD_BACK; half is video if there is any."""
    real = 0 if videos is None else settings.batch // 2
    made = settings.batch - real
    scenes = [
        scene((settings.seed, kind, number, place), settings.size, settings.reach)
        for place in range(made)
    ]
    rows = [(s.first, s.between, s.second, s.step) for s in scenes]
    if videos is not None:
        random = np.random.default_rng((settings.seed, kind, number, made))
        rows += [videos.triplet(random) for _ in range(real)]
    first, between, second = (
        torch.from_numpy(np.stack([row[i] for row in rows])).permute(0, 3, 1, 2).to(device)
        for i in range(3)
    )
    step = torch.tensor([row[3] for row in rows], dtype=torch.float32, device=device)
    flow = torch.from_numpy(np.stack([s.flow for s in scenes])).permute(0, 3, 1, 2).to(device)
    return TripletBatch(first, between, second, step.reshape(-1, 1, 1, 1), flow)


def _step(net: SmallNet, optimizer: torch.optim.Optimizer, batch: TripletBatch) -> float:
    loss = loss_of(net, batch)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), _MOST_GRADIENT)
    optimizer.step()
    return float(loss.detach())


def loss_of(net: SmallNet, batch: TripletBatch) -> Tensor:
    """What training makes small: a number of no dimensions."""
    found = net(batch.first, batch.second, batch.step)
    total = batch.first.new_zeros(())
    known = len(batch.flow)
    for number, (picture, flow) in enumerate(reversed(found)):
        weight = _STAGE_WEIGHT**number
        error = ((picture - batch.between).square() + 1e-6).sqrt().mean()
        if known:
            error = error + _FLOW_WEIGHT * (flow[:known] - batch.flow).abs().mean()
        total = total + weight * error
    return total


# -------------------------------------------------------------------------------------- files


def _about(settings: InterpolationSettings, sources: dict[str, str]) -> str:
    return json.dumps({"format": FORMAT, **asdict(settings), "video": sources}, sort_keys=True)


def _resumed(
    state: Path,
    settings: InterpolationSettings,
    sources: dict[str, str],
    net: SmallNet,
    optimizer: torch.optim.Optimizer,
) -> int:
    """The step to go on with: 0 where there is no state."""
    if not state.is_file():
        return 0
    kept = torch.load(state, map_location="cpu", weights_only=True)
    if kept["about"] != _about(settings, sources):
        raise ModelError(
            f"{state} is of a run with other settings ({kept['about']}); delete it to start anew, "
            "or give the same ones to go on"
        )
    net.load_state_dict(kept["net"])
    optimizer.load_state_dict(kept["optimizer"])
    return int(kept["step"])


def _keep(
    state: Path,
    settings: InterpolationSettings,
    sources: dict[str, str],
    net: SmallNet,
    optimizer: torch.optim.Optimizer,
    step: int,
) -> None:
    content = {
        "about": _about(settings, sources),
        "net": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
    }
    written = io.BytesIO()
    torch.save(content, written)
    write_bytes(state, written.getvalue())


def _write(
    out: Path, settings: InterpolationSettings, sources: dict[str, str], net: SmallNet
) -> None:
    from safetensors.torch import save as as_bytes

    tensors = {name: value.detach().cpu().contiguous() for name, value in net.state_dict().items()}
    write_bytes(out, as_bytes(tensors, {"smartcut": _about(settings, sources)}))


def main(arguments: list[str] | None = None) -> int:
    """0 when the weights are written."""
    parser = argparse.ArgumentParser(description="Train the small interpolation network.")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--device", default="cpu", metavar="D")
    parser.add_argument("--video", type=Path, metavar="FOLDER")
    for name in ("seed", "batch", "size"):
        parser.add_argument(f"--{name}", type=int, default=getattr(InterpolationSettings(1), name))
    for name in ("reach", "rate"):
        parser.add_argument(
            f"--{name}", type=float, default=getattr(InterpolationSettings(1), name)
        )
    asked = parser.parse_args(arguments)
    try:
        settings = InterpolationSettings(
            asked.steps, asked.seed, asked.batch, asked.size, asked.reach, asked.rate
        )
        train(settings, asked.out, device=asked.device, video=asked.video)
    except (SmartcutError, ValueError) as error:
        parser.exit(2, f"{error}\n")
    from smartcut.models.interpolation import small

    ours, blended = held_back(small.load(asked.out, asked.device).net, settings)
    print(f"held-back scenes: {ours:.2f} dB; blending {blended:.2f} dB")
    print(f"sha256 {file_sha256(asked.out)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
