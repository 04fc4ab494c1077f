"""Packets from many places of a file, by several readers at once: HOW SOURCE CACHE.

HOW is `place` for smartcut's reader, which reads packets from where they lie, or `demuxer` for
PyAV's, with the file open once for each reader. Both know the file's index.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import av

from smartcut.cache import Cache
from smartcut.media.index import video_index
from smartcut.media.packets import PacketReader
from smartcut.media.probe import probe

READERS, PLACES, EACH = 8, 400, 10


def main(how: str, path: Path, cache: Path) -> None:
    source = probe(path)
    assert source.video is not None
    index = video_index(source, Cache(cache))
    chosen = random.Random(1).choices(index.pts[index.is_start].tolist()[:-1], k=PLACES)
    stream = source.video.index
    read = 0
    if how == "place":
        readers = [PacketReader(path, stream) for _ in range(READERS)]
        for number, pts in enumerate(chosen):
            packets = readers[number % READERS].from_key(pts)
            read += sum(next(packets).size for _ in range(EACH))
    else:
        open_files: list[Any] = [av.open(str(path)) for _ in range(READERS)]
        for number, pts in enumerate(chosen):
            container = open_files[number % READERS]
            container.seek(pts, stream=container.streams[stream])
            packets = container.demux(container.streams[stream])
            read += sum(next(packets).size for _ in range(EACH))
    print(read)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
