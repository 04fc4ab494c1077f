"""The work of ``smartcut generate``: generators trained, sampled and described."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from smartcut.cache import file_sha256, key_of
from smartcut.errors import ModelError, SourceError
from smartcut.files import only_writer
from smartcut.models.device import choose_device
from smartcut.models.generation import checkpoint, dataset, prompts
from smartcut.models.generation.batches import ClipBatches, config_fields
from smartcut.models.generation.contract import Config, Generator, SampleSettings, family
from smartcut.models.generation.dataset import Dataset
from smartcut.models.generation.sampling import STANDARD, continued, enough_memory, made
from smartcut.models.generation.training import TrainingSettings, Watching, beside, fit
from smartcut.report import made_files
from smartcut.report.progress import Events
from smartcut.report.progress_lines import spelled
from smartcut.report.stopping import stop_asked
from smartcut.stage import Progress
from smartcut.timebase import exact

_MOST_PAST = 4
# Steps that are timed before it is said how long all of them take.
_PACE_STEPS = 3
#: What follows from the set, or has an option of its own.
_FIXED = (
    *("height", "width", "rate", "labels", "text_size", "tower", "past"),
    *("steps", "seed", "batch", "precision"),
)


# --------------------------------------------------------------------------------------- train


@dataclass(frozen=True, slots=True)
class Training:
    """What ``smartcut generate train`` is asked for."""

    model: str
    data: Path
    out: Path
    settings: TrainingSettings
    text: str = "auto"
    past: int | None = None
    """First frames that can be given; None: a quarter of the clip, at most 4."""
    own: tuple[tuple[str, Any], ...] = ()
    """Settings of the family or of the training, by name."""
    device: str = "auto"
    must_go_on: bool = False
    log_every: int = 20
    preview_every: int = 0
    allow_net: bool = False


def train(asked: Training, progress: Progress) -> None:
    """Train a generator and write its weights; goes on from the state of a run that was killed.

    Raises ModelError for what does not fit together, before anything is computed or written.
    """
    _check_out(asked)
    kind = family(asked.model)
    data = dataset.read(asked.data)
    config, settings = _configured(kind, data, asked)
    device = choose_device(asked.device)
    batches = ClipBatches.of(data, config, allow_net=asked.allow_net)
    shards = [digest for _, _, digest in data.shards]
    about = {"data": {"kind": data.info.kind, "digest": key_of("dataset", 1, {"shards": shards})}}
    advance = progress.start(f"train {asked.model}", float(settings.steps))

    def say(text: str) -> None:
        if isinstance(progress, Events):
            progress.note(text)
        else:
            print(text, flush=True)

    pace = _Pace(settings.steps, device, say)

    def at_step(number: int) -> None:
        advance(float(number))
        pace(number)

    short = enough_memory(device, "use a smaller --batch, or smaller clips")
    with only_writer(asked.out), short, stop_asked() as stopped:
        watching = Watching(
            asked.log_every,
            asked.preview_every,
            say=say,
            at_step=at_step,
            is_stopped=lambda: stopped() > 0,
        )
        model = _new(kind, config, settings.seed)
        done = fit(model, batches, settings, asked.out, watching, device=device, about=about)
    progress.done(f"train {asked.model}")
    if done < settings.steps and stopped():
        state = beside(asked.out, ".state")
        say(
            f"stopped after {done} of {settings.steps} steps: {asked.out} holds what was learned "
            f"so far, and can be sampled; the same command goes on from {state}"
        )
        raise StoppedTraining(stopped())
    if isinstance(progress, Events):
        progress.emit("result", outputs=[str(asked.out)])


class StoppedTraining(Exception):
    """Raised once a training that a signal stopped has been kept; holds the signal's number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Pace:
    """Says once, after a few steps, how long the training will take on this machine.

    The first step is not counted: it makes things ready.
    """

    def __init__(
        self,
        steps: int,
        device: str,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._steps, self._device, self._say, self._clock = steps, device, say, clock
        self._first: tuple[int, float] | None = None
        self._is_said = False

    def __call__(self, number: int) -> None:
        now = self._clock()
        if self._first is None:
            self._first = number, now
        taken = number - self._first[0]
        if taken < _PACE_STEPS or self._is_said:
            return
        self._is_said = True
        one = (now - self._first[1]) / taken
        left = self._steps - number
        self._say(
            f"{left} more steps take about {spelled(one * left)} on this machine's {self._device} "
            f"({one:.2g} s a step); Ctrl-C stops it and keeps what is learned until then"
        )


def _check_out(asked: Training) -> None:
    out, state = asked.out, beside(asked.out, ".state")
    if out.suffix != ".safetensors":
        raise ModelError(f"{out}: weights are written as .safetensors; give --out such a name")
    if not out.absolute().parent.is_dir():
        raise ModelError(f"{out}: there is no folder {out.absolute().parent}; make it first")
    if asked.must_go_on and not state.is_file():
        raise ModelError(f"there is nothing to go on from: no {state}; leave --resume out to begin")


def _new(kind: type[Generator], config: Config, seed: int) -> Generator:
    """A generator whose first weights follow from the seed."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return kind(config)


def _configured(
    kind: type[Generator], data: Dataset, asked: Training
) -> tuple[Config, TrainingSettings]:
    """The configuration and the settings, with what was set by name put where it belongs."""
    training = {f.name for f in fields(TrainingSettings)} - set(kind.settings.model_fields)
    accepted = {*kind.settings.model_fields, *training} - set(_FIXED)
    for name, _ in asked.own:
        if name not in accepted:
            why = "follows from the data or has an option of its own" if name in _FIXED else ""
            raise ModelError(
                f"--set {name}: {why or f'{kind.family} has no such setting'}; accepted: "
                f"{', '.join(sorted(accepted))}"
            )
    own = dict(asked.own)
    said = {f.name: getattr(asked.settings, f.name) for f in fields(TrainingSettings)}
    said |= {name: value for name, value in own.items() if name in training}
    tower = prompts.choose(asked.text) if any(data.captions) else None
    past = min(_MOST_PAST, data.info.frames // 4) if asked.past is None else asked.past
    given = config_fields(data, tower, past)
    given |= {name: value for name, value in own.items() if name not in training}
    try:
        return kind.settings.model_validate(given), TypeAdapter(TrainingSettings).validate_python(
            said
        )
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise ModelError(f"{kind.family} cannot be built so: {key or 'settings'}: {message}") from (
            error
        )


# -------------------------------------------------------------------------------------- sample


@dataclass(frozen=True, slots=True)
class Drawing:
    """What ``smartcut generate sample`` is asked for."""

    weights: Path
    out: Path
    prompt: str | None = None
    label: str | None = None
    image: Path | None = None
    """A picture to begin with; it is the first frame of what is written."""
    video: Path | None = None
    """A video to continue; only what follows it is written."""
    seconds: float | None = None
    frames: int | None = None
    count: int = 1
    seed: int = 0
    sampling: SampleSettings = STANDARD
    scale: int = 1
    device: str = "auto"
    allow_net: bool = False


def sample(asked: Drawing) -> tuple[int, int, int, int]:
    """Draw clips and write them; (clips, frames, height, width) of what was written.

    Raises ModelError, SourceError or RenderError, and leaves nothing half-written.
    """
    made_files.check(asked.out)
    _check_drawing(asked)
    model = checkpoint.load(asked.weights, choose_device(asked.device))
    config = model.config
    past = _past(asked, config)
    clips = made_files.enlarged(_drawn(model, asked, past), asked.scale)
    recipe = {
        "weights": file_sha256(asked.weights),
        "prompt": asked.prompt,
        "label": asked.label,
        "past": None if past is None else key_of("frames", 1, {"pixels": past.tobytes().hex()}),
        "seed": asked.seed,
        "shape": list(clips.shape),
        "sampling": [asked.sampling.steps, asked.sampling.guidance, asked.sampling.temperature],
    }
    made_files.write(asked.out, clips, _rate(config), engine=model.family, said=recipe)
    return clips.shape[0], clips.shape[1], clips.shape[2], clips.shape[3]


def _check_drawing(asked: Drawing) -> None:
    if asked.image and asked.video:
        raise ModelError("--init-image and --continue exclude each other; give one of them")
    if asked.frames and asked.seconds:
        raise ModelError("--frames and --seconds exclude each other; give one of them")
    if asked.count < 1 or asked.scale < 1:
        raise ModelError(f"--count {asked.count} and --scale {asked.scale} must be at least 1")


def _drawn(model: Generator, asked: Drawing, past: np.ndarray | None) -> np.ndarray:
    frames = asked.frames
    if asked.seconds is not None:
        frames = max(1, round(exact(asked.seconds) * _rate(model.config)))
    common: dict[str, Any] = {
        "prompt": asked.prompt,
        "label": asked.label,
        "seed": asked.seed,
        "sampling": asked.sampling,
        "allow_net": asked.allow_net,
    }
    if asked.video is None or past is None:
        return made(model, asked.count, past=past, frames=frames, **common)
    rest = max(1, model.config.frames - len(past))
    return continued(model, past, frames or rest, count=asked.count, **common)


def _rate(config: Config) -> Fraction:
    return exact(config.rate).limit_denominator(1001)


def _past(asked: Drawing, config: Config) -> np.ndarray | None:
    """uint8 (P, H, W, 3): the given frames in the generator's size; None where none are."""
    if asked.image is None and asked.video is None:
        return None
    if not config.past:
        raise ModelError(
            f"{asked.weights} cannot go on from a picture; train with --past 1 or more"
        )
    size = config.width, config.height
    return _picture(asked.image, size) if asked.image else _last(asked.video, config, size)


def _picture(path: Path, size: tuple[int, int]) -> np.ndarray:
    import cv2

    found = cv2.imread(str(path), cv2.IMREAD_COLOR) if path.is_file() else None
    if found is None:
        what = "cannot be read as a picture" if path.is_file() else "is not there"
        raise SourceError(f"{path} {what}; give --init-image a PNG, JPEG or WebP file")
    height, width = found.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    wide, high = max(size[0], round(width * scale)), max(size[1], round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    whole = cv2.resize(found, (wide, high), interpolation=how)
    left, top = (wide - size[0]) // 2, (high - size[1]) // 2
    return whole[None, top : top + size[1], left : left + size[0], ::-1].copy()


def _last(path: Path | None, config: Config, size: tuple[int, int]) -> np.ndarray:
    """The video's last frames at the generator's rate, as many as it uses."""
    from smartcut.media.index import video_index
    from smartcut.media.probe import probe
    from smartcut.models.generation.footage import filled

    assert path is not None
    source = probe(path)
    if source.video is None:
        raise SourceError(f"{path} has no picture to continue")
    index, rate = video_index(source), _rate(config)
    last = index.time_of(len(index) - 1)
    times = [last - n / rate for n in reversed(range(config.past))]
    numbers = [index.frame_at(t) for t in times if t >= index.time_of(0)]
    pictures = dict(filled(source, index, set(numbers), size))
    return np.stack([pictures[n] for n in numbers])


# ---------------------------------------------------------------------------------- eval, info


def evaluation(
    weights: Path,
    data: Path,
    *,
    features: str,
    clips: int,
    seed: int,
    sampling: SampleSettings,
    device: str,
    allow_net: bool,
) -> Any:
    """The report on a generator's file; see :func:`evaluation.evaluate`."""
    from smartcut.models.generation.evaluation import evaluate

    found = dataset.read(data)
    model = checkpoint.load(weights, choose_device(device))
    return evaluate(
        model,
        found,
        features=features,
        clips=clips,
        seed=seed,
        sampling=sampling,
        allow_net=allow_net,
    )


def about(weights: Path) -> dict[str, Any]:
    """What ``smartcut generate info`` prints."""
    from safetensors import safe_open

    said = checkpoint.describe(weights)
    with safe_open(str(weights), "pt") as tensors:
        shapes: Sequence[Sequence[int]] = [
            tensors.get_slice(name).get_shape()
            for name in tensors.keys()  # noqa: SIM118
        ]
    return {
        **said,
        "parameters": int(sum(np.prod(shape) for shape in shapes)),
        "bytes": weights.stat().st_size,
        "sha256": file_sha256(weights),
    }
