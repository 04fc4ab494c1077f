"""A camera that moves through views, smoothly, as a curve of Catmull and Rom (1974)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from smartcut.models.tracing.scene import Camera, Vector


@dataclass(frozen=True, slots=True)
class CameraPath:
    """Views passed at even times; one view is a camera that stands still."""

    views: tuple[Camera, ...]
    eased: bool = True
    """Whether the camera starts and ends at rest."""

    def __post_init__(self) -> None:
        if not self.views:
            raise ValueError("a camera path needs a view")

    def at(self, share: float) -> Camera:
        """The camera at a share of the way, 0 to 1; the views themselves are met exactly."""
        if len(self.views) == 1:
            return self.views[0]
        share = min(max(share, 0.0), 1.0)
        if self.eased:
            share = share * share * (3 - 2 * share)
        along = share * (len(self.views) - 1)
        number = min(int(along), len(self.views) - 2)
        around = [self.views[min(max(number + i, 0), len(self.views) - 1)] for i in (-1, 0, 1, 2)]
        return _between(around, along - number)


def _between(around: Sequence[Camera], share: float) -> Camera:
    if share == 0:
        return around[1]
    changed: dict[str, object] = {}
    for field in fields(Camera):
        values = [getattr(view, field.name) for view in around]
        if isinstance(values[1], tuple):
            x, y, z = (_curve([v[i] for v in values], share) for i in range(3))
            changed[field.name] = (x, y, z)
        elif all(v is not None for v in values):
            changed[field.name] = _curve(values, share)
    return replace(around[1], **changed)  # type: ignore[arg-type]


def _curve(values: Sequence[float], share: float) -> float:
    before, one, two, after = values
    a = -0.5 * before + 1.5 * one - 1.5 * two + 0.5 * after
    b = before - 2.5 * one + 2 * two - 0.5 * after
    c = 0.5 * (two - before)
    return ((a * share + b) * share + c) * share + one


def orbit(
    centre: Vector, distance: float, height: float, degrees: tuple[float, float], view: Camera
) -> CameraPath:
    """A path about ``centre`` from one angle to another, otherwise as ``view``."""
    from math import cos, radians, sin

    steps = max(2, round(abs(degrees[1] - degrees[0]) / 15) + 1)
    views = []
    for i in range(steps):
        angle = radians(degrees[0] + (degrees[1] - degrees[0]) * i / (steps - 1))
        place = (
            centre[0] + distance * sin(angle),
            centre[1] + height,
            centre[2] + distance * cos(angle),
        )
        views.append(replace(view, position=place, target=centre))
    return CameraPath(tuple(views))
