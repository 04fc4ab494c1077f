"""All sound tracks of the sources are known, and go where the pictures go."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from fractions import Fraction as F
from pathlib import Path

import imageio_ffmpeg
import pytest

from smartcut.cut import AudioStream
from smartcut.media.probe import probe
from smartcut.report.tables import source_text

RATE = 48_000


def write_tracks(
    path: Path,
    tones: Sequence[Sequence[int]],
    *options: str,
    codec: str = "pcm_s16le",
    layouts: Sequence[str] = (),
    video: str = "libx264 -preset ultrafast -bf 2 -g 30",
    seconds: float = 4,
    rate: int = RATE,
) -> Path:
    """A film with a sound track for each list of frequencies (Hz), one for each channel.

    Every channel is silent in the first tenth of each second, so that it also tells the time.
    """
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi"]
    command += ["-i", f"testsrc2=s=160x90:r=30:d={seconds}"]
    for number, channels in enumerate(tones):
        told = "|".join(f"0.2*sin(2*PI*{f}*t)*gte(mod(t\\,1)\\,0.1)" for f in channels)
        layout = layouts[number] if layouts else ("mono", "stereo")[len(channels) - 1]
        command += ["-f", "lavfi", "-i", f"aevalsrc={told}:s={rate}:c={layout}:d={seconds}"]
    maps = [x for k in range(len(tones) + 1) for x in ("-map", str(k))]
    command += [*maps, "-c:v", *video.split(), "-pix_fmt", "yuv420p", "-c:a", codec]
    subprocess.run([*command, *options, str(path)], check=True)
    return path


def heard_tracks(path: Path) -> list[AudioStream]:
    """The sound tracks of a file, in their order."""
    source = probe(path)
    found = [source.audio, *(o for o in source.others if isinstance(o, AudioStream))]
    return sorted((s for s in found if s), key=lambda stream: stream.index)


TOLD = (
    "-metadata:s:a:0", "language=eng", "-metadata:s:a:0", "title=Desktop",
    "-metadata:s:a:1", "language=ger", "-metadata:s:a:1", "title=Mic",
    "-disposition:a:0", "default", "-disposition:a:1", "0", "-disposition:a:2", "comment",
)  # fmt: skip


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.mov"])
def test_the_probe_tells_of_all_tracks(name: str, tmp_path: Path) -> None:
    late = ("-output_ts_offset", "1")
    path = write_tracks(
        tmp_path / name, [[500], [600, 700], [800]], *TOLD, *late, codec="aac", seconds=2
    )
    one, two, three = heard_tracks(path)
    assert [s.language for s in (one, two, three)] == ["eng", "deu", None]
    assert [s.title for s in (one, two, three)] == ["Desktop", "Mic", ""]
    comment = () if name == "a.mov" else ("comment",)  # QuickTime knows no such tracks
    assert [s.roles for s in (one, two, three)] == [("default",), (), comment]
    assert [s.layout for s in (one, two, three)] == ["mono", "stereo", "mono"]
    for stream in (one, two, three):
        assert abs(stream.start) < F(1, 20)
        assert abs(stream.duration - 2) < F(1, 20)
    told = source_text(probe(path))
    assert f'also audio {two.index}: aac 48000 Hz stereo, from 0.000 s, deu, "Mic"' in told


def test_a_track_that_cannot_be_decoded_is_told(tmp_path: Path) -> None:
    path = write_tracks(tmp_path / "a.mkv", [[500], [600]], seconds=1)
    content = path.read_bytes()
    at = content.rindex(b"A_PCM/INT/LIT")
    path.write_bytes(content[:at] + b"A_PCM/INT/LIX" + content[at + 13 :])
    one, two = heard_tracks(path)
    assert abs(one.duration - 1) < F(1, 500)
    assert two.duration == 0
    assert "also audio 2: unknown, nothing in it can be decoded" in source_text(probe(path))
