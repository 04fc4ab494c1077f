"""Drafts look as the film does: turned, in its shape, HDR as SDR, woven fields and alpha shown."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction as F
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest

import smartcut as sc
from smartcut.testing import write_bar_coded
from tests.builders.playing import playing

X265 = "log-level=none:pools=1:frame-threads=1"
PQ = f"{X265}:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"


def turned(path: Path) -> None:
    plain = path.with_name("plain.mp4")
    write_bar_coded(plain, frames=60, size=(160, 96), options={"x264-params": "sar=4/3"})
    with av.open(str(plain)) as source, av.open(str(path), "w") as target:
        streams = {s.index: target.add_stream_from_template(s, opaque=True) for s in source.streams}
        streams[0].set_display_rotation(-90)
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)


def hdr(path: Path) -> None:
    how = {"encoder": "libx265", "pixel_format": "yuv420p10le", "options": {"x265-params": PQ}}
    write_bar_coded(path, frames=60, size=(160, 96), **how)  # type: ignore[arg-type]


def interlaced(path: Path) -> None:
    plain = path.with_name("plain.mp4")
    write_bar_coded(plain, frames=60, size=(160, 96), audio=None)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(plain), "-vf"]
    command += ["setfield=tff", "-flags", "+ildct+ilme", "-c:v", "libx264", "-g", "30", str(path)]
    subprocess.run(command, check=True)


def clear(path: Path) -> None:
    draw = "color=red@0.5:s=160x96:r=30:d=2,format=yuva444p10le"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", draw]
    subprocess.run([*command, "-c:v", "prores_ks", "-profile:v", "4444", str(path)], check=True)


KINDS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "turned, not square": (".mp4", turned),
    "PQ": (".mp4", hdr),
    "interlaced": (".mp4", interlaced),
    "alpha": (".mov", clear),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_drafts_look_as_the_film_does(kind: str, tmp_path: Path) -> None:
    suffix, make = KINDS[kind]
    source, shown = tmp_path / f"a{suffix}", tmp_path / "draft.mp4"
    make(source)
    film = sc.open(source)[F("0.4") : F("1.9")]
    with playing(film, tmp_path / f"out{suffix}") as (playback, rendering, _):
        playback.plays = frozenset()
        chunks = playback.show(rendering)
        assert all(chunk.is_preview for chunk in chunks)
        for chunk in chunks:
            shown.write_bytes(b"".join(playback.fragment(chunk.key, draft=True)))
            for at in (F(0), max(F(0), chunk.end - chunk.start - F(1, 20))):
                draft = np.asarray(sc.open(shown).frame(at)).astype(int)
                whole = np.asarray(film.frame(chunk.start + at)).astype(int)
                assert draft.shape == whole.shape
                assert np.abs(draft - whole).mean() < 6
                apart = draft.mean(axis=(0, 1)) - whole.mean(axis=(0, 1))
                assert np.abs(apart).max() < 2
