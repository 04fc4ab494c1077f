"""What the path tracer renders: surfaces with materials, light, and a camera.

Lengths are in metres, y points up. Colours and radiances are linear RGB of BT.709 primaries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Material:
    """How a surface answers light.

    ``colour`` is the share of light sent back (albedo), 0..1 each; ``emission`` is the radiance it
    sends out by itself. ``roughness`` 0 is a mirror and 1 nearly dull (metal only); ``index`` is
    the refractive index of glass.
    """

    colour: Vector = (0.8, 0.8, 0.8)
    kind: Literal["diffuse", "metal", "glass"] = "diffuse"
    emission: Vector = (0.0, 0.0, 0.0)
    roughness: float = 0.0
    index: float = 1.5
    squares: Vector | None = None
    """Albedo of every second square of a chequered plane; None for one colour."""
    square: float = 1.0
    """Length of a square's side."""

    @property
    def shines(self) -> bool:
        return any(e > 0 for e in self.emission)


@dataclass(frozen=True, slots=True)
class Sphere:
    centre: Vector
    radius: float
    material: Material = Material()
    name: str = "sphere"


@dataclass(frozen=True, slots=True)
class Plane:
    """An endless plane through ``point``; ``normal`` need not have length 1."""

    point: Vector
    normal: Vector = (0.0, 1.0, 0.0)
    material: Material = Material()
    name: str = "plane"


@dataclass(frozen=True, slots=True)
class Camera:
    """A thin lens at ``position`` that looks at ``target``.

    ``view`` is the vertical angle of view in degrees. ``aperture`` is the lens's diameter: 0 is a
    pinhole, and everything sharp; else what lies ``focus`` away is (None: the target's distance).
    """

    position: Vector
    target: Vector = (0.0, 0.0, 0.0)
    view: float = 40.0
    aperture: float = 0.0
    focus: float | None = None
    up: Vector = (0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """Surfaces under a sky, whose radiance is ``sky`` overhead and ``horizon`` at eye level."""

    spheres: tuple[Sphere, ...] = ()
    planes: tuple[Plane, ...] = ()
    sky: Vector = (0.5, 0.7, 1.0)
    horizon: Vector = (1.0, 1.0, 1.0)
