"""SOURCE RANGES SLACK COUNT: so many of the ranges of frames, as `highlights` would cut them.

Those that begin where a copy can, spread over the source, each ending where a copy can within so
many seconds. Prints them as they were given.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

from benchmarks.check_frames import spelled
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.render.splicing.places import CopyPlaces, Surroundings

source, ranges, slack, count = sys.argv[1:]
index = video_index(probe(Path(source)))
places, around = CopyPlaces(index), Surroundings(Fraction(slack))
moved = []
for part in ranges.split(","):
    first, last = map(int, part.split("-"))
    if not places.leads[first]:
        asked = index.time_of(last)
        moved.append((first, index.boundary_near(places.end(asked, around.of_end(asked)))))
step = max(1, len(moved) // int(count))
print(spelled(moved[::step][: int(count)]))
