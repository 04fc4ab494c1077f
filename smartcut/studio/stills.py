"""Single pictures of a rendering, composed as the film is."""

from __future__ import annotations

import io
from fractions import Fraction
from threading import Lock

import numpy as np

from smartcut.media.decode import DecoderPool
from smartcut.render.footage import Tools
from smartcut.render.generation import realise
from smartcut.render.interpolation import Engines, Record
from smartcut.render.job import Rendering
from smartcut.render.still import picture_at
from smartcut.stage import Context

_QUALITY = 85


class Stills:
    """Keeps a few decoders ready, so that looking about in a film is quick."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._decoders = DecoderPool(1)
        self._realising = Lock()

    def jpeg(self, rendering: Rendering, at: Fraction, height: int) -> bytes:
        """What the film shows at that time, at most ``height`` pixels high."""
        from PIL import Image

        context = self._context
        with self._realising:
            realise(rendering.cut, context)
        engines = Engines(context.device, context.allow_net)
        tools = Tools(self._decoders, engines, Record(), context.cache)
        pixels = picture_at(rendering, at, tools, context)
        image = Image.fromarray(np.ascontiguousarray(pixels))
        if height < image.height:
            image = image.resize((max(1, round(image.width * height / image.height)), height))
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=_QUALITY)
        return stream.getvalue()

    def close(self) -> None:
        self._decoders.__exit__()
