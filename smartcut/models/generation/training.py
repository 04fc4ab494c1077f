"""The loop that every family learns in.

Everything follows from the seed and the step's number, so that the same settings give the same
weights (on the CPU with the same number of threads, bit for bit), and a run that was killed goes
on, from the state beside the output, as if it had not been. What is written at the end is the
moving average of the weights (EMA, Polyak & Juditsky 1992), which starts short and grows.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from smartcut.errors import ModelError
from smartcut.files import reason, write_bytes, write_text
from smartcut.models.generation import preview
from smartcut.models.generation.batches import ClipBatches
from smartcut.models.generation.contract import Generator

_WARM_UP = 0.05
_LOOK = 64


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """All that the outcome depends on besides the data and the configuration."""

    steps: int
    seed: int = 0
    batch: int = 16
    rate: float = 3e-4
    """Highest learning rate, for Adam; GANs take a fixed share of it in each part."""
    decay: float = 0.0
    """Weight decay (AdamW)."""
    most_gradient: float = 1.0
    """Gradients are scaled down to this length."""
    average: float = 0.999
    """Decay of the moving average of the weights; 0 keeps the last ones."""
    precision: Literal["fp32", "bf16"] = "fp32"

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ModelError(f"steps {self.steps} and batch {self.batch} must be at least 1")


@dataclass(frozen=True, slots=True)
class Watching:
    """Callbacks of a training; they change nothing in its outcome."""

    log_every: int = 20
    preview_every: int = 0
    """Steps between contact sheets; 0: none."""
    keep_every: int = 200
    """Steps between states to go on from."""
    stop_after: int | None = None
    """End before this step as an interruption would, without writing the weights."""
    say: Callable[[str], None] = print
    at_step: Callable[[int], None] = lambda number: None
    """Told how many steps are done."""
    is_stopped: Callable[[], bool] = lambda: False
    """Asked after each step; where true, what was learned so far is written, and the state."""


@dataclass(slots=True, eq=False)
class _Run:
    """A training as it stands."""

    model: Generator
    settings: TrainingSettings
    about: str
    optimizers: dict[str, torch.optim.Optimizer]
    average: dict[str, torch.Tensor]
    step: int = 0


def fit(
    model: Generator,
    data: ClipBatches,
    settings: TrainingSettings,
    out: Path,
    watching: Watching = Watching(),
    *,
    device: str = "cpu",
    about: dict[str, Any] | None = None,
) -> int:
    """Train the model and write ``out``; losses go to ``OUT.csv``, contact sheets to ``OUT.png``.

    The answer is how many steps are done: fewer than asked for where it was stopped, in which case
    the weights of so far are in ``out`` and the state stays beside them.
    Goes on from ``OUT.state`` where an earlier run with the same settings left one. Raises
    ModelError for a state of other settings, losses that are no numbers, and too little memory.
    """
    said = {"training": asdict(settings), **(about or {})}
    run = _begin(model.to(device).train(), data, settings, said, device)
    state = beside(out, ".state")
    _resume(run, state)
    log = _Log(beside(out, ".csv"), run.step)
    end = min(settings.steps, watching.stop_after or settings.steps)
    try:
        for number in range(run.step, end):
            losses = _step(run, data, number, device)
            watching.at_step(number + 1)
            last = number + 1 == settings.steps
            if number % watching.log_every == 0 or last:
                log.row(number, losses)
                said_of = ", ".join(f"{k} {v:.4f}" for k, v in losses.items())
                watching.say(f"step {number} of {settings.steps}: {said_of}")
            if (number + 1) % watching.keep_every == 0 or number + 1 == end:
                _keep(run, state)
            if watching.is_stopped() and not last:
                _keep(run, state)
                _write(run, out, {**said, "stopped_after": run.step})
                return run.step
            if watching.preview_every and ((number + 1) % watching.preview_every == 0 or last):
                _preview(run, data, beside(out, ".png"), device)
    except torch.OutOfMemoryError as error:
        raise ModelError(
            f"training does not fit into the memory of {device}: use a smaller --batch "
            f"(now {settings.batch}), or smaller clips"
        ) from error
    if end == settings.steps:
        _write(run, out, said)
        state.unlink(missing_ok=True)
    return end


def _write(run: _Run, out: Path, said: dict[str, Any]) -> None:
    """Write the moving average of the weights as they stand."""
    run.model.load_state_dict(run.average)
    run.model.eval().save(out, said)


def beside(out: Path, suffix: str) -> Path:
    """The file of that kind that goes with the weights."""
    return out.with_name(out.stem + suffix)


def _begin(
    model: Generator,
    data: ClipBatches,
    settings: TrainingSettings,
    said: dict[str, Any],
    device: str,
) -> _Run:
    config = model.config
    about = json.dumps(
        {"family": model.family, "config": config.model_dump(mode="json"), **said}, sort_keys=True
    )
    with torch.no_grad():
        model.prepare(data.whole(config, device, _LOOK).clips)
    names = dict.fromkeys((*model.phases(0.0), *model.phases(0.5), *model.phases(1.0)))
    optimizers: dict[str, torch.optim.Optimizer] = {}
    for name in names:
        optimizers[name] = torch.optim.AdamW(
            list(model.learning(name)),
            settings.rate,
            model.pace(name)[1],
            weight_decay=settings.decay,
        )
    average = {k: v.detach().clone() for k, v in model.state_dict().items()}
    return _Run(model, settings, about, optimizers, average)


# ----------------------------------------------------------------------------------- one step


def _step(run: _Run, data: ClipBatches, number: int, device: str) -> dict[str, float]:
    settings, model = run.settings, run.model
    random = torch.Generator(device).manual_seed(settings.seed * 1_000_003 + number)
    batch = data.batch(model.config, settings.batch, settings.seed, number, device)
    progress = number / settings.steps
    found: dict[str, float] = {}
    for phase in model.phases(progress):
        optimizer = run.optimizers[phase]
        for group in optimizer.param_groups:
            share, _ = model.pace(phase)
            group["lr"] = settings.rate * share * pace(number, settings.steps)
        optimizer.zero_grad()
        with torch.autocast(
            torch.device(device).type, torch.bfloat16, enabled=settings.precision == "bf16"
        ):
            losses = model.losses(phase, batch, random, progress)
        losses[phase].backward()
        learning = [p for group in optimizer.param_groups for p in group["params"]]
        torch.nn.utils.clip_grad_norm_(learning, settings.most_gradient)
        optimizer.step()
        found |= {name: float(loss.detach()) for name, loss in losses.items()}
    if not all(math.isfinite(loss) for loss in found.values()):
        raise ModelError(f"step {number}: a loss is no number ({found}); use a smaller --rate")
    run.step = number + 1
    _follow(run)
    return found


def pace(number: int, steps: int) -> float:
    """The share of the learning rate: up in a straight line, then down along a cosine."""
    warm = max(1, round(steps * _WARM_UP))
    if number < warm:
        return (number + 1) / warm
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (number - warm) / max(1, steps - warm)))


@torch.no_grad()
def _follow(run: _Run) -> None:
    """Bring the moving average up to the step."""
    decay = min(run.settings.average, (1 + run.step) / (10 + run.step))
    for name, value in run.model.state_dict().items():
        kept = run.average[name]
        if value.is_floating_point() and run.settings.average:
            kept.lerp_(value.to(kept.dtype), 1 - decay)
        else:
            kept.copy_(value)


# -------------------------------------------------------------------------------------- files


def _keep(run: _Run, state: Path) -> None:
    content = {
        "about": run.about,
        "model": run.model.state_dict(),
        "average": run.average,
        "optimizers": {k: v.state_dict() for k, v in run.optimizers.items()},
        "step": run.step,
    }
    written = io.BytesIO()  # what a full disk does to a file, torch does not say
    torch.save(content, written)
    try:
        write_bytes(state, written.getvalue())
    except OSError as error:
        raise ModelError(f"{state} cannot be written: {reason(error, state.parent)}") from error


def _resume(run: _Run, state: Path) -> None:
    if not state.is_file():
        return
    try:
        kept = torch.load(state, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ModelError(f"{state} cannot be read ({error}); delete it to start anew") from error
    if kept["about"] != run.about:
        raise ModelError(
            f"{state} is of a run with other settings; delete it to start anew, or give the same "
            f"ones to go on: {'; '.join(_differences(kept['about'], run.about))}"
        )
    run.model.load_state_dict(kept["model"])
    for name, optimizer in run.optimizers.items():
        optimizer.load_state_dict(kept["optimizers"][name])
    for name, value in kept["average"].items():
        run.average[name].copy_(value)
    run.step = int(kept["step"])


def _differences(before: str, now: str) -> list[str]:
    """What the state's run was given, where that is not what this one is."""
    was, given = _flat(json.loads(before)), _flat(json.loads(now))
    return [
        f"{name} was {json.dumps(was.get(name))}, now it is {json.dumps(given.get(name))}"
        for name in sorted({*was, *given})
        if was.get(name) != given.get(name)
    ]


def _flat(said: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in said.items():
        whole = prefix + name
        found |= _flat(value, f"{whole}.") if isinstance(value, dict) else {whole: value}
    return found


class _Log:
    """Losses as CSV; rows of steps that are taken again are dropped."""

    def __init__(self, path: Path, start: int) -> None:
        self._path = path
        self._rows: list[dict[str, str]] = []
        if start and path.is_file():
            with path.open(newline="") as file:
                self._rows = [r for r in csv.DictReader(file) if int(r["step"]) < start]

    def row(self, number: int, losses: dict[str, float]) -> None:
        self._rows.append({"step": str(number), **{k: f"{v:.6g}" for k, v in losses.items()}})
        names = dict.fromkeys(name for row in self._rows for name in row)
        text = io.StringIO()
        writer = csv.DictWriter(text, list(names), restval="")
        writer.writeheader()
        writer.writerows(self._rows)
        write_text(self._path, text.getvalue())


def _preview(run: _Run, data: ClipBatches, path: Path, device: str) -> None:
    """A contact sheet of what the moving average makes now, from the same seed each time."""
    model = run.model
    learnt = {k: v.detach().clone() for k, v in model.state_dict().items()}
    model.load_state_dict(run.average)
    model.eval()
    try:
        with torch.no_grad():
            given = data.whole(model.config, device, preview.ROWS).given
            random = torch.Generator(device).manual_seed(run.settings.seed)
            preview.write(path, model.sample(given, random))
    finally:
        model.load_state_dict(learnt)
        model.train()
