"""SOURCE RANGES SLACK: ranges of frames, each ending where a copy can, within so many seconds.

As `highlights` and the like move the ends of what they choose: prints them as they were given.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

from benchmarks.check_frames import spelled
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.render.splicing.places import CopyPlaces, Surroundings

source, ranges, slack = sys.argv[1:]
index = video_index(probe(Path(source)))
places, around = CopyPlaces(index), Surroundings(Fraction(slack))
moved = []
for part in ranges.split(","):
    first, last = map(int, part.split("-"))
    asked = index.time_of(last)
    moved.append((first, index.boundary_near(places.end(asked, around.of_end(asked)))))
print(spelled(moved))
