"""What this build of FFmpeg can encode."""

from __future__ import annotations

import av

from smartcut.media.encode import ENCODERS


def encoders() -> dict[str, str | None]:
    """Each codec that smartcut writes, with its encoder's name; None where there is none."""
    return {c: n if n in av.codecs_available else None for c, n in ENCODERS.items()}


def ffmpeg_version() -> str:
    """PyAV's version, and that of the libavcodec inside it."""
    major, minor, micro = av.library_versions["libavcodec"]
    return f"PyAV {av.__version__}, libavcodec {major}.{minor}.{micro}"
