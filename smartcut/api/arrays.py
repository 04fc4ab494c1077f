"""Frames and sound as arrays: of NumPy, Pillow or torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.api.options import as_options, divided
from smartcut.api.pipeline import Pipeline
from smartcut.context import LocalContext
from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.registry import close_to
from smartcut.render.job import RenderJob
from smartcut.runners import local
from smartcut.runners.choice import chosen
from smartcut.runners.local import Options
from smartcut.timebase import parse_time

AS_PICTURE = ("numpy", "pil", "torch")
AS_SOUND = ("numpy", "torch")
_KEYWORDS = ("size", "fps", "every", "rate", "channels", "as_")
# A float such as 0.0333 stands for the frame that begins there: so far it may be before it.
_ROUNDED = Fraction(1, 1_000_000)


def frame(
    pipeline: Pipeline, time: Any, inputs: Any, output: Any, size: Any, as_: str, values: Any
) -> Any:
    """See :meth:`smartcut.playable.Playable.frame`."""
    from smartcut.render.still import shown_at

    _check_kind(as_, AS_PICTURE)
    try:
        at = parse_time(time)
    except ValueError as error:
        raise PipelineError(f"frame(): {error}") from None
    at += _ROUNDED if isinstance(time, float) else 0
    with Film(pipeline, inputs, output, values) as film:
        picture = shown_at(film.cut, film.job(size=size), film.context, at)
        return _picture_as(picture, as_, film.options)


def frames(
    pipeline: Pipeline,
    inputs: Any,
    output: Any,
    size: Any,
    fps: Any,
    every: Any,
    as_: str,
    values: Mapping[str, Any],
) -> Iterator[tuple[float, Any]]:
    """See :meth:`smartcut.playable.Playable.frames`; mistakes are raised at once."""
    _check_kind(as_, AS_PICTURE)
    _settings(size=size, fps=fps, every=every)
    settings = {"size": size, "fps": fps, "every": every}
    return _frames(Film(pipeline, inputs, output, values), settings, as_)


def _frames(film: Film, settings: Mapping[str, Any], as_: str) -> Iterator[tuple[float, Any]]:
    from smartcut.render.reading import frames_of

    with film, closing(frames_of(film.cut, film.job(**settings), film.context)) as found:
        for time, picture in found:
            yield float(time), _picture_as(picture, as_, film.options)


def audio(
    pipeline: Pipeline,
    rate: int | None,
    inputs: Any,
    output: Any,
    channels: Any,
    as_: str,
    values: Mapping[str, Any],
) -> Any:
    """See :meth:`smartcut.playable.Playable.audio`."""
    from smartcut.render.reading import sound_of

    _check_kind(as_, AS_SOUND)
    if rate is not None and (not isinstance(rate, int) or not 1000 <= rate <= 768_000):
        raise PipelineError(
            f"rate={rate!r} is not accepted; accepted: samples a second, 1000 to 768000, such as "
            "16000, or None for the film's own"
        )
    if channels not in (None, 1, 2, 6, 8):
        raise PipelineError(f"channels={channels!r} is not accepted; accepted: 1, 2, 6, 8, or None")
    with Film(pipeline, inputs, output, values) as film:
        _, blocks = sound_of(film.cut, film.job(), film.context, rate, channels)
        found = list(blocks)
        whole = np.concatenate(found, axis=1) if found else np.zeros((channels or 1, 0), np.float32)
        return _tensor(whole, film.options) if as_ == "torch" else whole


# ------------------------------------------------------------------------------ what they are of


class Film:
    """A finished cut and what its frames are composed with, while it is entered.

    Raises PipelineError for mistakes in the options as soon as it is made.
    """

    cut: Cut
    context: LocalContext

    def __init__(
        self, pipeline: Pipeline, inputs: Any, output: Any, values: Mapping[str, Any]
    ) -> None:
        given, params = divided(values)
        self.options = as_options(given)
        self._whole = pipeline.with_params(params, _KEYWORDS)
        self._inputs, self._output = inputs, output
        self._open = ExitStack()

    def __enter__(self) -> Film:
        stages = self._whole.unwritten().checked()
        with ExitStack() as stack:
            context = stack.enter_context(local.opened_context(self.options))
            begin = stages.begin(self._inputs, self.options)
            if self.options.runner == "local":
                self.cut = local.run_in(context, stages.steps, begin).cut
            else:
                runner = chosen(self.options)
                self.cut = runner.run(stages.steps, begin, None, self.options).cut
            self.context = context
            self._open = stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.close()

    def job(self, size: Any = None, every: Any = None, **settings: Any) -> RenderJob:
        """What the film is rendered as, with other settings on top of the pipeline's own."""
        from smartcut.report.steps import made
        from smartcut.stages.render import Render

        renders = [s.stage for s in self._whole.steps if isinstance(s.stage, Render)]
        own = renders[-1] if renders else Render()
        given = {n: getattr(own, n) for n in own.model_fields_set if n != "outputs"}
        asked = made(Render, {**given, **_settings(size=size, **settings)})
        assert isinstance(asked, Render)
        film = self._output or self._whole.output or own.output or "film.mkv"
        job: RenderJob = asked.job(Path(film), self.context)
        if every is None:
            return job
        # Frames that are left out would be copied with those between.
        return replace(job, mode="encode", wish=replace(job.wish, every=parse_time(every)))


def _settings(**given: Any) -> dict[str, Any]:
    """The settings of a render for what is asked of frames; raises PipelineError."""
    from smartcut.report.steps import made
    from smartcut.stages.render import Render

    settings = {name: value for name, value in given.items() if value is not None}
    size = settings.pop("size", None)
    if size is not None:
        settings["resolution"] = _resolution(size)
    made(Render, settings)
    return settings


def _resolution(size: Any) -> str:
    if isinstance(size, int) and not isinstance(size, bool):
        return f"{size}p"
    if isinstance(size, str):
        return size
    if isinstance(size, (tuple, list)) and len(size) == 2:
        return f"{size[0]}x{size[1]}"
    raise PipelineError(
        f"size={size!r} is not accepted; accepted: (width, height), or the length of the shorter "
        "side, such as 360"
    )


# ------------------------------------------------------------------------------ what they come as


def _check_kind(as_: str, accepted: tuple[str, ...]) -> None:
    if as_ not in accepted:
        raise PipelineError(f"as_: unknown kind of array {close_to(str(as_), accepted)}")


def _picture_as(picture: np.ndarray, as_: str, options: Options) -> Any:
    if as_ == "pil":
        from PIL import Image

        return Image.fromarray(picture)
    if as_ == "torch":
        return _tensor(np.ascontiguousarray(picture.transpose(2, 0, 1)), options)
    return picture


def _tensor(values: np.ndarray, options: Options) -> Any:
    """A tensor on the device that was asked for; ``auto`` is the CPU's memory."""
    import torch

    device = "cpu" if options.device == "auto" else options.device
    return torch.from_numpy(values).to(device)
