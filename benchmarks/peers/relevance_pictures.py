"""Takes from SOURCE the pictures that `relevance` looks at; no network scores them."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

from smartcut.annotation import Data
from smartcut.media.index import video_index
from smartcut.media.listen import listen, passes
from smartcut.media.probe import probe
from smartcut.stage import Frames, Picture


class Counter:
    """Counts pictures, and looks at each, so that it has to be there."""

    def __init__(self) -> None:
        self.count = 0
        self.sum = 0

    def feed(self, item: Picture) -> None:
        self.count += 1
        self.sum += int(item.pixels[0, 0, 0])

    def finish(self) -> Data:
        raise NotImplementedError("nothing is kept")


source = probe(Path(sys.argv[1]))
index = video_index(source)
wish = Frames(224, "rgb", Fraction(1), within=Fraction(1))
counter = Counter()
listen(source, [(wish, counter)], index)
print(counter.count, "pictures;", passes([wish], index)[0].reason)
