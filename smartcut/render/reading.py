"""A film as arrays, composed as it is rendered: its pictures one after the other, and its sound."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction

import numpy as np

from smartcut.cut import Channels, Cut
from smartcut.errors import RenderError
from smartcut.media.audio import at_rate
from smartcut.media.decode import DecoderPool
from smartcut.media.layouts import USUAL
from smartcut.render.compose import compose
from smartcut.render.footage import Tools
from smartcut.render.generation import realise
from smartcut.render.interpolation import Engines, Record
from smartcut.render.job import Rendering, RenderJob, plan_render
from smartcut.render.sound.mixdown import mixed
from smartcut.render.sound.output import OutputSound
from smartcut.render.splicing.spans import Span
from smartcut.render.still import seen_as, without_effects
from smartcut.stage import Context
from smartcut.timebase import nearest


def frames_of(cut: Cut, job: RenderJob, context: Context) -> Generator[tuple[Fraction, np.ndarray]]:
    """(timeline time, RGB) of every frame of the film: uint8 (height, width, 3), as it is shown.

    See :func:`smartcut.render.still.shown_at`. Each source is decoded in order, and no more than a
    few frames are in memory. Raises RenderError for a film without pictures.
    """
    rendering = plan_render(cut, replace(job, each_segment=False, sign=None), context)
    if not rendering.spans:
        raise RenderError("there are no frames: the film has no picture")
    realise(cut, context)
    engines = Engines(context.device, context.allow_net)
    with DecoderPool(0) as decoders:
        for span in rendering.spans:
            tools = Tools(decoders, engines, Record(), context.cache)
            with closing(_seen(rendering, span, tools, context)) as seen:
                yield from seen


def _seen(
    rendering: Rendering, span: Span, tools: Tools, context: Context
) -> Generator[tuple[Fraction, np.ndarray]]:
    if span.kind == "copy":
        rendering = without_effects(rendering)
    as_rgb = seen_as(span, context.cache)
    start = int(span.stretch.pts[0])
    with closing(compose(rendering, span, tools)) as frames:
        for tick, frame in frames:
            yield (start + tick) * span.picture.timebase, as_rgb(frame)


def sound_of(
    cut: Cut, job: RenderJob, context: Context, rate: int | None, channels: Channels | None
) -> tuple[int, Iterator[np.ndarray]]:
    """(samples a second, blocks) of the film's main sound: float32 (channels, n), before encoding.

    It is mixed at the film's own rate and then brought to ``rate``. The blocks hold as many samples
    as the film lasts; of a film without sound, silence.
    """
    if channels is not None:
        cut = replace(cut, mix=replace(cut.mix, channels=channels))
    rendering = plan_render(cut, replace(job, each_segment=False, sign=None), context)
    realise(cut, context)
    wanted = rate or (rendering.sounds[0].sound.rate if rendering.sounds else 48_000)
    return wanted, _blocks(rendering, wanted, channels)


def _blocks(rendering: Rendering, rate: int, channels: Channels | None) -> Iterator[np.ndarray]:
    left = nearest(rendering.duration * rate)
    count: int = channels or 1
    if rendering.sounds:
        plan = rendering.sounds[0]
        own, layout = plan.sound.rate, USUAL[channels] if channels else plan.sound.layout
        sound = OutputSound("pcm", own, layout, None)
        count = sound.channels
        mixing = mixed(replace(plan, sound=sound), rendering.duration, rendering.speech)
        with mixing as (blocks, _):
            for _, block in at_rate(_placed(blocks), own, rate, layout):
                if block.shape[1] and left:
                    yield block[:, :left]
                    left -= min(left, block.shape[1])
    while left:
        size = min(left, rate)
        yield np.zeros((count, size), np.float32)
        left -= size


def _placed(blocks: Iterator[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """The blocks with where each begins."""
    at = 0
    for block in blocks:
        yield at, block
        at += block.shape[1]
