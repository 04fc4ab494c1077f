"""Decodes all pictures of SOURCE and does nothing with them, by PyAV with its own threads."""

from __future__ import annotations

import sys

import av

with av.open(sys.argv[1]) as container:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    print(sum(1 for _ in container.decode(stream)), "frames")
