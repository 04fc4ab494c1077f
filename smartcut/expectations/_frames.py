"""Single pictures of a finished film."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from smartcut.expectation import FinishedFilm
from smartcut.stage import Frames

if TYPE_CHECKING:
    import numpy as np


def pictures_at(film: FinishedFilm, times: Sequence[Fraction]) -> Iterator[np.ndarray]:
    """RGB, uint8 (height, width, 3), upright, of what is shown at each of these times."""
    from smartcut.media.decode import Decoder
    from smartcut.media.index import video_index
    from smartcut.media.reduce import Reducer

    source = film.source
    if source.video is None or not times:
        return
    index = video_index(source, film.context.cache)
    reducer = Reducer(source.video)
    key = reducer.key(Frames(source.video.display_size, "rgb"))
    with Decoder(source, index, 1) as decoder:
        for time in times:
            number = min(max(index.frame_at(time), 0), len(index) - 1)
            for _, frame in decoder.frames(number, number + 1):
                yield reducer(frame, [key])[0]
