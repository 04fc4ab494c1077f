"""`gradient`: colours that go over into each other, all over the frame."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from smartcut.colours import ColourParam, rgba
from smartcut.curve import Animated
from smartcut.drawer import Draw, DrawBench, Drawer, Painted


class Gradient(Drawer):
    """Fills the frame with colours that go over into each other, at even distances."""

    name: ClassVar[str] = "gradient"

    colours: tuple[ColourParam, ...] = Field(
        ("#101820", "#406080"), min_length=2, max_length=16, description="Two or more, in order."
    )
    form: Literal["linear", "radial"] = Field(
        "linear", description="Along a line, or from the middle to the corners."
    )
    angle: Animated = Field(
        90.0, description="Degrees clockwise of the line: 0 is to the right, 90 down."
    )

    def open(self, bench: DrawBench) -> Draw:
        import numpy as np

        width, height = bench.size
        x, y = (np.arange(width) + 0.5)[None, :], (np.arange(height) + 0.5)[:, None]

        def draw(now: Gradient) -> Painted:
            if now.form == "radial":
                far = np.hypot(width, height) / 2
                share = np.hypot(x - width / 2, y - height / 2) / far
            else:
                across, down = np.cos(np.deg2rad(now.angle)), np.sin(np.deg2rad(now.angle))
                length = abs(across) * width + abs(down) * height
                share = ((x - width / 2) * across + (y - height / 2) * down) / length + 0.5
            stops = np.array([rgba(colour) for colour in now.colours]) / 255
            places = np.linspace(0, 1, len(stops))
            channels = [np.interp(share, places, stops[:, i]) for i in range(4)]
            return Painted(np.stack(channels, axis=-1).astype(np.float32))

        return draw
