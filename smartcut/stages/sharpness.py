"""How sharp the pictures are over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field

from smartcut.annotation import Signal
from smartcut.source import Source
from smartcut.stage import (
    Analysis,
    AnalysisStage,
    Context,
    DividedAnalysis,
    Frames,
    Group,
    Listener,
    Params,
    Picture,
)
from smartcut.stages._signals import make_signal, readings
from smartcut.timebase import RatioParam

if TYPE_CHECKING:
    import numpy as np

#: Length of the picture's shorter side at which it is judged.
SIZE = 360
#: Variance of the noise that a plain picture may have; less contrast is no contrast.
NOISE = 25.0
_UNITS = {"tenengrad": "radians per pixel", "laplacian": "radians per pixel, squared"}


class SharpnessReadings(BaseModel):
    """What was read in a part of a source."""

    times: list[Fraction]
    values: list[float]


class SharpnessParams(Params):
    """The parameters of the stage and of its analysis."""

    measure: Annotated[
        Literal["tenengrad", "laplacian"],
        Field(
            description="tenengrad: energy of the gradient. laplacian: energy of the second "
            "derivative, which sees finer detail and more noise."
        ),
    ] = "tenengrad"
    rate: Annotated[RatioParam, Field(gt=0, le=1000, description="Pictures a second.")] = Fraction(
        4
    )


class SharpnessAnalysis(SharpnessParams, DividedAnalysis):
    """Sharpness of sampled pictures, independent of brightness and contrast.

    The root of the energy of a derivative over the picture's variance, on luma of 360 lines: a
    mean spatial frequency. A plain picture has 0. Compare sharpness within a source: what is in
    the picture matters as much as the focus.
    """

    name: ClassVar[str] = "sharpness"
    version: ClassVar[int] = 4
    after: ClassVar[int] = 0
    """Of a part of a source: every picture is judged by itself."""
    readings: ClassVar[Any] = SharpnessReadings

    def wants(self, source: Source) -> Frames | None:
        return Frames(SIZE, "gray", self.rate) if source.video else None

    def listener(self, source: Source, context: Context) -> Listener:
        return SharpnessListener(self)

    def empty(self, source: Source) -> Signal:
        return make_signal((), ("sharpness",), ((),), _UNITS[self.measure])

    def part(self, listener: SharpnessListener) -> dict[str, Any]:
        """What was read in a part of a source."""
        return readings(listener)

    def join(self, parts: Sequence[Mapping[str, Any]]) -> Signal:
        """The sharpness of a source of which these are all parts, in order."""
        whole = SharpnessListener(self)
        for part in parts:
            whole.times.extend(Fraction(time) for time in part["times"])
            whole.values.extend(part["values"])
        return whole.finish()


class SharpnessListener:
    """Takes sampled gray pictures."""

    def __init__(self, params: SharpnessParams) -> None:
        self.measure = params.measure
        self.times: list[Fraction] = []
        self.values: list[float] = []

    def feed(self, item: Picture) -> None:
        self.times.append(item.time)
        self.values.append(sharpness(item.pixels, self.measure))

    def finish(self) -> Signal:
        return make_signal(self.times, ("sharpness",), (self.values,), _UNITS[self.measure])


def sharpness(gray: np.ndarray, measure: str = "tenengrad") -> float:
    """Root of a derivative's energy over the picture's variance; ``gray`` is uint8 (h, w).

    E. Krotkov, "Focusing", 1988 (Tenengrad); J. Pech-Pacheco et al., "Diatom autofocusing in
    brightfield microscopy", 2000 (variance of the Laplacian).
    """
    import cv2
    import numpy as np

    # Noise of single pixels is no detail.
    picture = cv2.GaussianBlur(gray, (3, 3), 0)
    if measure == "laplacian":
        energy = _variance(cv2.Laplacian(picture, cv2.CV_16S))
    else:
        # A Sobel kernel weighs differences over two pixels by 4.
        across = cv2.norm(cv2.Sobel(picture, cv2.CV_16S, 1, 0), cv2.NORM_L2SQR)
        down = cv2.norm(cv2.Sobel(picture, cv2.CV_16S, 0, 1), cv2.NORM_L2SQR)
        energy = (across + down) / 64 / picture.size
    return float(np.sqrt(energy / (_variance(picture) + NOISE)))


def _variance(values: np.ndarray) -> float:
    import cv2

    _, spread = cv2.meanStdDev(values)
    return float(spread[0, 0]) ** 2


class Sharpness(SharpnessParams, AnalysisStage):
    """Measures how sharp the pictures of every source are.

    ```yaml
    - sharpness
    ```
    """

    name: ClassVar[str] = "sharpness"
    group: ClassVar[Group] = "choose"
    gives: ClassVar[tuple[str, ...]] = ("sharpness",)
    hint: ClassVar[str] = "- sharpness"

    def analyses(self) -> tuple[Analysis, ...]:
        return (SharpnessAnalysis(measure=self.measure, rate=self.rate),)
