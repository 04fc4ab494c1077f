"""Two cuts beside each other, and three made one: files, cuts and pipelines."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from smartcut.api.inputs import PathLike
from smartcut.api.opening import opened
from smartcut.api.options import as_options, divided
from smartcut.cut import Cut
from smartcut.editing.differences import Difference, differences
from smartcut.editing.merging import Merged, merge
from smartcut.interchange.files import read_cut
from smartcut.interchange.formats import CutFormat, format_of
from smartcut.interchange.left_out import reduced
from smartcut.interchange.reading import Prober
from smartcut.runners.local import opened_cache
from smartcut.source import Source


def diff(before: Any, after: Any, **options: Any) -> list[Difference]:
    """What is different between two cuts, in words: dropped, added, moved, trimmed, retimed ...

    Each is a cut, its file in any format that smartcut reads, a pipeline, or the file of one. Of
    files in two formats, what both can say is compared.
    ``options`` as for :meth:`smartcut.api.Pipeline.run`, where stages have to run first.

        for one in sc.diff("reel.otio", "reel-edited.otio"):
            print(one)
    """
    with _prober(options) as look:
        one, other = _cut(before, look, options), _cut(after, look, options)
        return differences(
            _as_it_came_back(one, before, after, look), _as_it_came_back(other, after, before, look)
        )


def rebase(
    edited: PathLike | Cut,
    base: PathLike | Cut,
    onto: Any,
    inputs: Sequence[PathLike] | PathLike | None = None,
    **options: Any,
) -> Merged:
    """What a pipeline says now, with what an editor made of a cut that was exported before.

    ``base`` is the cut as it was exported, ``edited`` what came back, and ``onto`` the pipeline, or
    a cut; ``inputs`` are its files. The answer holds the cut, the editor's work as edits, and
    conflicts. ``options`` as for :meth:`smartcut.api.Pipeline.run`.

        found = sc.rebase("edited.otio", "exported.otio", "reel.yaml", "talk.mp4")
        print(found.edits.to_plain(), [one.text for one in found.conflicts])
    """
    with _prober(options) as look:
        mine = _cut(edited, look, options)
        before = _as_it_came_back(_cut(base, look, options), base, edited, look)
        theirs = _cut(onto, look, options, inputs)
    return merge(before, mine, theirs)


@contextmanager
def _prober(options: dict[str, Any]) -> Iterator[Prober]:
    """What looks at media of which a file says nothing."""
    from smartcut.media.probe import probe

    given, _ = divided(options)
    with opened_cache(as_options(given).cache) as cache:

        def look(path: Path, id: str) -> Source:
            found: Source = probe(path, id=id, cache=cache)
            return found

        yield look


def _cut(given: Any, look: Prober, options: dict[str, Any], inputs: Any = None) -> Cut:
    """The cut of a file, of a pipeline, or itself."""
    if isinstance(given, Cut):
        return given
    if isinstance(given, (str, os.PathLike)) and format_of(Path(given)) is not None:
        return read_cut(Path(given), look)
    return opened(given).cut(inputs, **options)


def _as_it_came_back(cut: Cut, file: Any, other: Any, look: Prober) -> Cut:
    """The cut as it would be read from a file of the other one's format.

    What that format cannot say is then nothing that anyone has taken out.
    """
    own, format = _format(file), _format(other)
    if format is None or format is own or format.reads_in is None:
        return cut
    return _through(cut, format, Path(other).parent, look)


def _format(given: Any) -> CutFormat | None:
    """The format of a file that holds a cut; None for anything else."""
    return format_of(Path(given)) if isinstance(given, (str, os.PathLike)) else None


def _through(cut: Cut, format: CutFormat, folder: Path, look: Prober) -> Cut:
    known = {source.path.resolve(): source for source in cut.sources if not source.is_drawn}

    def look_up(path: Path, id: str) -> Source:
        source = known.get(path.resolve())
        return look(path, id) if source is None else replace(source, id=id)

    held, _ = reduced(cut, format)
    text = format.write(held, name="base", folder=folder)
    return format.read(text.encode(), folder=folder, look=look_up, by="the base")
