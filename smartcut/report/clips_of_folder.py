"""A set of clips from a folder of video: our own detector finds the shots, clips lie within one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from smartcut.annotation import Shots
from smartcut.cache import Cache
from smartcut.cut import Cut
from smartcut.errors import CacheError, ModelError, SmartcutError, SourceError
from smartcut.media.index import video_index
from smartcut.models.generation import dataset, footage
from smartcut.models.generation.dataset import Dataset, TrainingClip
from smartcut.models.generation.footage import TrainingFootage
from smartcut.models.generation.making import KINDS
from smartcut.runners import local
from smartcut.runners.local import Options
from smartcut.spec import Input, StageLine
from smartcut.stage import Progress
from smartcut.stages.shots import ShotsStage
from smartcut.timebase import Range

KIND = "video"
# A fade or dissolve shows two shots for about so long on both sides of its boundary.
_MIXED = Fraction(1, 2)


def make(
    folder: Path,
    out: Path,
    *,
    clips: int,
    size: int,
    frames: int,
    rate: Fraction,
    device: str,
    cache: bool,
    progress: Progress,
) -> Dataset:
    """The set of at most ``clips`` clips of a folder's videos, written to ``out``.

    Files that cannot be read are named and left out. Raises ModelError where none can be used.
    """
    if not folder.is_dir():
        raise ModelError(
            f"{str(folder)!r} is neither a kind of dataset nor a folder; accepted: "
            f"{', '.join(KINDS)}, or a folder of video"
        )
    found = list(_examined(folder, rate, frames, device, cache, progress))
    if not any(item.starts for item in found):
        raise ModelError(
            f"{folder} holds no video of which a clip could be taken: wanted is a file "
            f"({' '.join(footage.SUFFIXES)}) with a shot of {frames} frames at "
            f"{float(rate):g} a second; fewer --frames or a higher --rate need shorter shots"
        )
    chosen = footage.chosen(found, clips)
    able = sum(len(item.starts) for item in found)
    if able < clips:
        progress.note(f"{clips} clips were asked for, and the shots hold {able}")
    with local.opened_cache(cache) as kept:
        made = _taken(chosen, kept, progress, size=size, frames=frames, rate=rate)
        return dataset.write(out, made, kind=KIND, rate=float(rate))


def _examined(
    folder: Path, rate: Fraction, frames: int, device: str, cache: bool, progress: Progress
) -> Iterator[TrainingFootage]:
    """Each file that can be read, with all places where a clip could start."""
    for path in footage.videos(folder):
        name = path.relative_to(folder).as_posix()
        try:
            options = Options(device, 1, cache, progress=progress)
            cut = local.run((StageLine(ShotsStage()),), (Input(path=path),), None, options).cut
        except CacheError:
            raise
        except SmartcutError as error:
            progress.note(f"{name} is left out: {error}")
            continue
        (source,) = cut.sources
        if source.video is None:
            progress.note(f"{name} is left out: it has no picture")
            continue
        starts = footage.starts(_shots(cut), rate, frames)
        if not starts:
            progress.note(f"{name} is left out: no shot of it has {frames} frames")
        yield TrainingFootage(source, name, footage.caption_of(path), starts)


def _shots(cut: Cut) -> list[Range]:
    """The shots without what they share with their neighbours in fades and dissolves."""
    found = cut.data(Shots, "shots", cut.sources[0].id)
    shots = found.shots if found else ()
    ranges = []
    for i, shot in enumerate(shots):
        leaves = shots[i + 1].entry if i + 1 < len(shots) else "cut"
        start = shot.range.start + (_MIXED if shot.entry in ("fade", "dissolve") else 0)
        end = shot.range.end - (_MIXED if leaves in ("fade", "dissolve") else 0)
        if start < end:
            ranges.append(Range(start, end))
    return ranges


def _taken(
    chosen: list[TrainingFootage],
    cache: Cache,
    progress: Progress,
    *,
    size: int,
    frames: int,
    rate: Fraction,
) -> Iterator[TrainingClip]:
    total, done = sum(len(item.starts) for item in chosen), 0
    advance = progress.start("clips", float(total))
    for item in chosen:
        index = video_index(item.source, cache)
        try:
            for clip in footage.taken(item, index, size=size, frames=frames, rate=rate):
                yield clip
                done += 1
                advance(float(done))
        except SourceError as error:
            progress.note(f"{item.name} is left out from there on: {error}")
    progress.done("clips")
