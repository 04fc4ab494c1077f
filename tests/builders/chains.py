"""A chain of effects over pictures of smooth noise."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np

import smartcut as sc
from smartcut.cache import Cache
from smartcut.cut import EffectClock
from smartcut.effect import (
    Image,
)
from smartcut.media.image import space_of
from smartcut.render.chain import Chain, Setting
from smartcut.render.route import Applied, Moment, plan_route
from smartcut.source import Colour


def picture(pixel_format: str, size: tuple[int, int], seed: int = 0) -> Image:
    """Smooth noise in every plane."""
    import cv2

    space = space_of(pixel_format, Colour("bt709", "bt709", "bt709", "limited"), size[1])
    random, planes = np.random.default_rng(seed), []
    for number in range(3):
        across, down = space.down if number else (1, 1)
        shape = -(-size[1] // down), -(-size[0] // across)
        small = random.uniform(0.15, 0.85, (5, 6)).astype(np.float32)
        plane = cv2.resize(small, shape[::-1]) * ((1 << space.depth) - 1)
        planes.append(plane.astype(np.uint16 if space.depth > 8 else np.uint8))
    alpha = planes[0] // 2 + 64 if pixel_format.startswith("yuva") else None
    return Image(tuple(planes), space, alpha)


class _Steady:
    """The clock of a source of 25 frames a second that a segment shows from its beginning."""

    def earlier(self, moment: Moment, count: int) -> Moment:
        return moment_of(max(moment.number - count, 0))

    def at(self, time: F, clock: EffectClock | None) -> Moment:
        return moment_of(int((time if clock is None else clock.shown.time_along(time)) * 25))


def moment_of(number: int) -> Moment:
    return Moment(number, 0.0, F(number, 25), F(number, 25))


def chain(
    effects: list[Applied], size: tuple[int, int], pixel_format: str, tmp_path: Path
) -> tuple[Chain, dict[int, Image]]:
    """A chain over ten pictures, which are shown in their own size, or as cropped."""
    pictures = {n: picture(pixel_format, size, n) for n in range(12)}
    effects = [replace(a, effect=a.effect.within(sc.Range(F(0), F(12, 25)))) for a in effects]
    route = plan_route(effects, size, size, "stretch")
    colour = Colour("bt709", "bt709", "bt709", "limited")
    setting = Setting(
        space=pictures[0].space,
        colour=colour,
        canvas=size,
        rate=F(25),
        duration=F(12, 25),
        cache=Cache(tmp_path / "cache"),
        network=lambda asked: asked.load("cpu", False),
    )
    return Chain(route, lambda moment: pictures[moment.number], _Steady(), setting), pictures
