"""`shape`: a box, an ellipse or a line."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from smartcut.colours import ColourParam
from smartcut.curve import Animated
from smartcut.drawer import Draw, DrawBench, Drawer, Painted
from smartcut.image import Size


class ShapeDrawer(Drawer):
    """Draws a box, an ellipse, or a line with round ends; the edges are smooth."""

    name: ClassVar[str] = "shape"

    form: Literal["box", "ellipse", "line"] = Field("box", description="What it is.")
    x: Animated = Field(
        0.5, description="Its middle, or where a line begins: a share of the frame's width."
    )
    y: Animated = Field(0.5, description="The same, a share of the frame's height.")
    width: Animated = Field(
        0.2, description="A share of the frame's; of a line, how far it goes to the right."
    )
    height: Animated = Field(
        0.2, description="A share of the frame's; of a line, how far it goes down."
    )
    radius: Animated = Field(
        0.0, ge=0, le=0.5, description="Of a box's corners, as a share of the frame's height."
    )
    colour: ColourParam = Field("#ffffff", description="Inside: `#rrggbb` or `#rrggbbaa`.")
    outline: ColourParam = Field("#000000", description="Colour around it.")
    outline_width: Animated = Field(
        0.0, ge=0, le=0.2, description="A share of the frame's height; it lies outside the form."
    )
    thickness: Animated = Field(
        0.01, gt=0, le=1, description="Of a line, as a share of the frame's height."
    )

    def open(self, bench: DrawBench) -> Draw:
        def draw(now: ShapeDrawer) -> Painted | None:
            return _painted(now, bench.size)

        return draw


def _painted(now: ShapeDrawer, size: Size) -> Painted | None:
    from smartcut.render import forms

    across, down = size
    middle = now.x * across, now.y * down
    wide, high = now.width * across, now.height * down
    more = now.outline_width * down
    half = wide / 2, high / 2
    ends = (middle[0], middle[0] + wide), (middle[1], middle[1] + high)
    stroke = now.thickness * down / 2
    if now.form == "line":
        box = (min(ends[0]), min(ends[1]), max(ends[0]), max(ends[1]))
        pixels = forms.pixels_around(box, size, more + stroke + 1)
    else:
        box = (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])
        pixels = forms.pixels_around(box, size, more + 1)
    places = forms.centres(pixels)
    x, y = places[0] - middle[0], places[1] - middle[1]
    if now.form == "line":
        distance = forms.line(x, y, (wide, high), stroke)
    elif now.form == "ellipse":
        distance = forms.ellipse(x, y, half)
    else:
        distance = forms.round_box(x, y, half, min(now.radius * down, *half))
    sharp = now.form == "box" and not now.radius
    inner = forms.box_coverage(box, pixels) if sharp else forms.coverage(distance)
    layers = [(inner, now.colour)]
    if more:
        layers.append((forms.coverage(distance - more) - inner, now.outline))
    return forms.painted(layers, *pixels[:2])
