"""The containers that are written, by the output's suffix, and the codecs that they take."""

from __future__ import annotations

#: suffix -> (FFmpeg's muxer, video codecs, audio codecs); the default codec comes first.
CONTAINERS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    ".mp4": (
        "mp4",
        ("h264", "hevc", "av1", "vp9"),
        ("aac", "ac3", "eac3", "opus", "mp3", "flac", "alac"),
    ),
    ".m4v": ("mp4", ("h264", "hevc"), ("aac", "ac3", "eac3", "alac")),
    ".mov": (
        "mov",
        ("h264", "hevc", "prores", "dnxhd", "qtrle", "png"),
        ("aac", "ac3", "eac3", "mp3", "alac", "pcm"),
    ),
    ".mkv": (
        "matroska",
        ("h264", "hevc", "av1", "vp9", "ffv1", "prores"),
        ("aac", "ac3", "eac3", "opus", "flac", "alac", "mp3", "pcm"),
    ),
    ".webm": ("webm", ("vp9", "av1"), ("opus",)),
}
