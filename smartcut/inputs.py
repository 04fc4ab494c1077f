"""What a pipeline begins with: files, what a search found, or the cut of a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from smartcut.algebra import opening
from smartcut.cache import Cache
from smartcut.cut import Cut, Segment, Track
from smartcut.errors import PipelineError
from smartcut.openblas import short_waits
from smartcut.source import Source, unused
from smartcut.spec import FoundInput, Input, StageLine
from smartcut.timebase import Range


def open_sources(
    inputs: Sequence[Input], steps: Sequence[StageLine], cache: Cache
) -> tuple[Source, ...]:
    """The probed sources, with ids made of their file names.

    Raises PipelineError where there is none, and no stage that makes something of nothing.
    """
    with short_waits():
        from smartcut.media.probe import probe

    if not inputs and not any(step.stage.makes for step in steps):
        raise PipelineError("there is nothing to edit: name input files, or write `inputs:`")
    if (path := cut_file(inputs)) is not None:
        from smartcut.media.cut_files import opened

        return opened(path, cache).sources
    sources: list[Source] = []
    for item in inputs:
        taken = {s.id for s in sources}
        sources.append(
            probe(
                item.path,
                id=unused(item.path.stem, taken),
                video=item.video,
                audio=item.audio,
                cache=cache,
            )
        )
    return tuple(sources)


def cut_file(inputs: Sequence[Input]) -> Path | None:
    """The cut file that is the only input; None where inputs are media.

    Raises PipelineError for a cut file among others.
    """
    from smartcut.interchange.formats import is_cut_file

    cuts = [item for item in inputs if is_cut_file(item.path)]
    if not cuts:
        return None
    if len(inputs) > 1 or (cuts[0].video, cuts[0].audio) != (None, None):
        raise PipelineError(
            f"{cuts[0].path} is a cut: it stands alone as the input, and chooses its own streams"
        )
    return cuts[0].path


def opening_cut(inputs: Sequence[Input], sources: Sequence[Source]) -> Cut:
    """What a pipeline begins with: whole sources, what a search found, or the cut of a file."""
    if (path := cut_file(inputs)) is not None:
        from smartcut.media.cut_files import reopened

        return reopened(path, tuple(sources))
    if not any(isinstance(item, FoundInput) for item in inputs):
        return opening(tuple(sources))
    found: list[tuple[int, Segment]] = []
    for item, source in zip(inputs, sources, strict=True):
        for one in item.found if isinstance(item, FoundInput) else ():
            stretch = Range(one.start, one.end)
            found.append(
                (one.place, Segment(source.id, stretch, label=one.label, scores=one.scores))
            )
    segments = tuple(segment for _, segment in sorted(found, key=lambda pair: pair[0]))
    return Cut(sources=tuple(sources), tracks=(Track("programme", segments),))
