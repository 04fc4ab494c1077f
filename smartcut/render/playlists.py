"""HTTP Live Streaming (RFC 8216): a film in several heights, in segments of fragmented MP4.

``talk.m3u8`` names the heights, and ``talk.hls`` beside it has a folder for each. Every height is
cut at the same frames, so that players can change between them at any segment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from smartcut.cut import Cut
from smartcut.errors import RenderError
from smartcut.files import whole_folder, write_text
from smartcut.media.segmented import codec_strings, joined, write_segments
from smartcut.render.accompanying import Along
from smartcut.render.job import Rendering, RenderJob, plan_render
from smartcut.render.key_frames import SEGMENT
from smartcut.render.output import OutputPicture, recorded
from smartcut.render.parts import parts_of_file
from smartcut.render.pieces import make_pieces
from smartcut.render.splicing.verify import verify
from smartcut.stage import Context

#: Heights that are made where none are asked for, as far as the source has them.
LADDER = (1080, 720, 480, 360)


@dataclass(frozen=True, slots=True)
class Rung:
    """A height as it was written."""

    name: str
    """Its folder."""
    picture: OutputPicture
    bits: int
    """A second, on average."""
    peak: int
    codecs: str


def rungs(cut: Cut, job: RenderJob, context: Context) -> Iterator[Rendering]:
    """The film in each height, the highest first."""
    shown = [s.video for s in recorded(cut) if s.video]
    if not shown:
        raise RenderError(f"cannot write {job.path}: the cut shows no picture; write .m4a")
    most = min(job.wish.size or shown[0].display_size)
    highest = job.wish.short_side or most - most % 2
    asked = job.heights or (highest, *(height for height in LADDER if height < highest))
    for height in sorted(set(asked), reverse=True):
        wish = replace(job.wish, size=None, short_side=height)
        yield plan_render(cut, replace(job, mode="encode", wish=wish), context)


def write_playlist(cut: Cut, job: RenderJob, context: Context) -> tuple[Rendering, tuple[str, ...]]:
    """Write the film in all its heights; the answer is the highest, and notes."""
    folder = job.path.with_suffix(".hls")
    notes: list[str] = []
    written: list[Rung] = []
    renderings = list(rungs(cut, job, context))
    with whole_folder(folder) as hidden:
        for rendering in renderings:
            rung, said = _write_rung(rendering, hidden, context)
            written.append(rung)
            notes += [*rendering.output.notes, *said]
    write_text(job.path, master(written, folder.name))
    context.outputs.append(job.path)
    return renderings[0], tuple(dict.fromkeys(notes))


def _write_rung(
    rendering: Rendering, folder: Path, context: Context
) -> tuple[Rung, tuple[str, ...]]:
    picture = rendering.output.picture
    assert picture is not None
    name = f"{min(picture.upright.width, picture.upright.height)}p"
    pieces = make_pieces(rendering, context)
    place = folder / name
    place.mkdir()
    sizes = write_segments(place, parts_of_file(rendering, pieces, Along()), SEGMENT)
    with joined(place) as whole:
        problems = verify(replace(rendering, output=replace(rendering.output, path=whole)))
        if problems:
            raise RenderError(f"{rendering.output.path}, {name}: {problems[0].text}")
        codecs = codec_strings(whole)
    total = sum(size for size, _ in sizes) * 8 / float(sum(lasts for _, lasts in sizes))
    peak = max(size * 8 / float(lasts) for size, lasts in sizes)
    return Rung(name, picture, round(total), round(peak), codecs), pieces.notes


def master(rungs: list[Rung], folder: str) -> str:
    """The playlist of all heights."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for rung in rungs:
        shown = rung.picture.upright
        rate = f",FRAME-RATE={float(shown.rate):.3f}" if shown.rate else ""
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={max(rung.peak, rung.bits)},"
            f"AVERAGE-BANDWIDTH={rung.bits},RESOLUTION={shown.width}x{shown.height}{rate},"
            f'CODECS="{rung.codecs}"',
            f"{folder}/{rung.name}/index.m3u8",
        ]
    return "\n".join(lines) + "\n"
