"""How much moves in the pictures over time."""

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

#: Length of the picture's shorter side at which motion is measured.
SIZES = {"difference": 90, "flow": 120}
_CHANNELS = {"difference": ("motion",), "flow": ("motion", "camera")}
_UNITS = {"difference": "share of full scale a second", "flow": "picture heights a second"}
#: A reading is compared with so many before and after it.
_NEIGHBOURS = 2


class MotionReadings(BaseModel):
    """What was read in a part of a source; a row of values for each channel."""

    times: list[Fraction]
    values: list[list[float]]


class MotionParams(Params):
    """The parameters of the stage and of its analysis."""

    method: Annotated[
        Literal["difference", "flow"],
        Field(
            description="difference: how fast the brightness changes; cheap. flow: how fast things "
            "move, by optical flow, apart from how fast the camera does; ten times dearer."
        ),
    ] = "difference"
    rate: Annotated[
        RatioParam | None,
        Field(gt=0, le=1000, description="Pictures a second; left out, every frame."),
    ] = None


class MotionAnalysis(MotionParams, DividedAnalysis):
    """Motion between each picture and the one before it, per second.

    ``difference``: mean absolute change of luma, as a share of full scale. ``flow``: mean length
    of the flow after the camera's own motion (shift, turn and zoom) is taken off, and in the
    channel ``camera`` the mean length of that. Shots are not known here, and the step across a
    cut looks like wild motion: a lone reading above both its neighbours on either side is
    therefore lowered to the largest of these. The first reading repeats the second.
    """

    name: ClassVar[str] = "motion"
    version: ClassVar[int] = 4
    after: ClassVar[int] = 1
    """Of a part of a source: it is compared with the first picture of the next one."""
    readings: ClassVar[Any] = MotionReadings

    def wants(self, source: Source) -> Frames | None:
        if source.video is None:
            return None
        return Frames(SIZES[self.method], "gray", self.rate or "frame")

    def listener(self, source: Source, context: Context) -> Listener:
        return MotionListener(self)

    def empty(self, source: Source) -> Signal:
        channels = _CHANNELS[self.method]
        return make_signal((), channels, [()] * len(channels), _UNITS[self.method])

    def part(self, listener: MotionListener) -> dict[str, Any]:
        """What was read in a part of a source."""
        return readings(listener)

    def join(self, parts: Sequence[Mapping[str, Any]]) -> Signal:
        """The motion in a source of which these are all parts, in order."""
        whole = MotionListener(self)
        for part in parts:
            times = [Fraction(time) for time in part["times"]]
            whole.times.extend(t for t in times if not whole.times or t > whole.times[-1])
            for row, more in zip(whole.values, part["values"], strict=True):
                row.extend(more)
        return whole.finish()


class MotionListener:
    """Takes small gray pictures."""

    def __init__(self, params: MotionParams) -> None:
        self.method = params.method
        self.times: list[Fraction] = []
        self.values: list[list[float]] = [[] for _ in _CHANNELS[self.method]]
        self._before: np.ndarray | None = None
        self._flow: OpticalFlow | None = OpticalFlow() if self.method == "flow" else None

    def feed(self, item: Picture) -> None:
        if self._before is not None:
            seconds = float(item.time - self.times[-1])
            readings = self._measure(self._before, item.pixels)
            for row, reading in zip(self.values, readings, strict=True):
                row.append(reading / seconds if seconds > 0 else 0.0)
        self.times.append(item.time)
        self._before = item.pixels.copy()

    def _measure(self, before: np.ndarray, after: np.ndarray) -> tuple[float, ...]:
        if self._flow:
            return self._flow.motion(before, after)
        import cv2

        return (cv2.norm(before, after, cv2.NORM_L1) / after.size / 255,)

    def finish(self) -> Signal:
        rows = [_from_the_first(without_lone_spikes(row), len(self.times)) for row in self.values]
        return make_signal(self.times, _CHANNELS[self.method], rows, _UNITS[self.method])


class OpticalFlow:
    """Dense inverse search (Kroeger et al., 2016), split into the camera's motion and the rest."""

    def __init__(self) -> None:
        import cv2

        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._places: np.ndarray | None = None

    def motion(self, before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
        """(things, camera): mean lengths of the flow, in picture heights."""
        import numpy as np

        flow = self._search.calc(before, after, None).reshape(-1, 2).astype(np.float64)
        height, width = before.shape
        if self._places is None or len(self._places) != len(flow):
            rows, columns = np.mgrid[0:height, 0:width]
            self._places = np.stack([columns, rows], axis=-1).reshape(-1, 2).astype(np.float64)
            self._places -= self._places.mean(axis=0)
        camera = global_motion(self._places, flow)
        rest = np.linalg.norm(flow - camera, axis=1).mean()
        return float(rest) / height, float(np.linalg.norm(camera, axis=1).mean()) / height


def global_motion(places: np.ndarray, flow: np.ndarray, rounds: int = 4) -> np.ndarray:
    """The shift, turn and zoom that most of the flow (n, 2) follows, at each place (n, 2).

    Least squares, repeated on the half that fits best, so that things which move on their own do
    not count. Places are pixels from the picture's middle.
    """
    import numpy as np

    chosen = np.arange(len(flow))
    model = np.zeros_like(flow)
    for _ in range(rounds):
        x, y = places[chosen, 0], places[chosen, 1]
        u, v = flow[chosen, 0], flow[chosen, 1]
        # u = a x - b y + c and v = b x + a y + d, solved about the middle of the chosen places.
        mx, my, mu, mv = x.mean(), y.mean(), u.mean(), v.mean()
        dx, dy, du, dv = x - mx, y - my, u - mu, v - mv
        spread = max(float((dx * dx + dy * dy).sum()), 1e-9)
        a = float((dx * du + dy * dv).sum()) / spread
        b = float((dx * dv - dy * du).sum()) / spread
        px, py = places[:, 0] - mx, places[:, 1] - my
        model = np.stack([a * px - b * py + mu, b * px + a * py + mv], axis=1)
        misfit = np.linalg.norm(flow - model, axis=1)
        chosen = np.flatnonzero(misfit <= np.median(misfit))
    return model


def without_lone_spikes(values: list[float], reach: int = _NEIGHBOURS) -> list[float]:
    """Each value, or the largest of its ``reach`` neighbours on both sides if it is above all."""
    out = []
    for i, value in enumerate(values):
        around = values[max(i - reach, 0) : i] + values[i + 1 : i + 1 + reach]
        out.append(min(value, max(around, default=value)))
    return out


def _from_the_first(values: list[float], count: int) -> list[float]:
    return [*values[:1], *values] if values else [0.0] * count


class MotionStage(MotionParams, AnalysisStage):
    """Measures how much moves in every source.

    ```yaml
    - motion: {method: flow}
    ```
    """

    name: ClassVar[str] = "motion"
    group: ClassVar[Group] = "choose"
    gives: ClassVar[tuple[str, ...]] = ("motion",)
    hint: ClassVar[str] = "- motion"

    def analyses(self) -> tuple[Analysis, ...]:
        return (MotionAnalysis(method=self.method, rate=self.rate),)
