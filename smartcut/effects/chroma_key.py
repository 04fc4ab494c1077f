"""`chroma_key`: make a colour clear."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from smartcut.colours import ColourParam, rgba
from smartcut.curve import Animated
from smartcut.effect import Bench, Image, Pixels, View, Work


class ChromaKey(Pixels):
    """Makes a colour clear, such as a green screen: on an overlay, what is below is seen there.

    On the programme it is black, and clear where the output has an alpha channel. Colours are
    compared by their chroma, however bright they are.

    ```yaml
    - chroma_key: {colour: "#00ff00", track: overlay}
    ```
    """

    name: ClassVar[str] = "chroma_key"

    colour: ColourParam = Field("#00ff00", description="The colour, `#rrggbb`.")
    similarity: Animated = Field(
        0.15, ge=0, le=1, description="How far from it, of all chroma, colours are clear."
    )
    blend: Animated = Field(
        0.1, ge=0, le=1, description="How much farther they become opaque; 0 is a hard edge."
    )

    def open(self, bench: Bench) -> Work:
        import numpy as np

        from smartcut.media.image import chroma_of, plain, sample_of
        from smartcut.media.resampling import chroma_spread

        samples = sample_of(rgba(self.colour)[:3], bench.space)
        wanted = chroma_of(plain((2, 2), bench.space, samples))[:, 0, 0]
        most = (1 << bench.space.depth) - 1
        similarity, blend = self.similarity, max(self.blend, 1e-6)

        def work(view: View) -> Image:
            image = view.image
            away = np.hypot(*(c - w for c, w in zip(chroma_of(image), wanted, strict=True)))
            shares = np.clip((away / np.sqrt(2) - similarity) / blend, 0, 1)
            shown = chroma_spread(shares.astype(np.float32), image)
            alpha = np.rint(shown * (most if image.alpha is None else image.alpha))
            return replace(image, alpha=alpha.astype(image.planes[0].dtype))

        return work
