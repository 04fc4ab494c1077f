"""Two cuts beside each other, and three made one: files, cuts and pipelines."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from smartcut.api.inputs import PathLike
from smartcut.api.opening import opened
from smartcut.api.options import as_options, divided
from smartcut.cut import Cut
from smartcut.editing.differences import Difference, differences
from smartcut.editing.merging import Merged, merge
from smartcut.interchange.files import by_path, read_cut
from smartcut.interchange.formats import CutFormat, format_of
from smartcut.interchange.left_out import reduced
from smartcut.interchange.reading import Prober
from smartcut.runners.local import opened_cache
from smartcut.source import Source


def diff(before: Any, after: Any, **options: Any) -> list[Difference]:
    """What is different between two cuts, in words: dropped, added, moved, trimmed, retimed ...

    Each is a cut, its file in any format that smartcut reads, a pipeline, or the file of one.
    ``options`` as for :meth:`smartcut.api.Pipeline.run`, where stages have to run first.

        for one in sc.diff("reel.otio", "reel-edited.otio"):
            print(one)
    """
    with _prober(options) as look:
        return differences(_cut(before, look, options), _cut(after, look, options))


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
        before = _as_it_came_back(_cut(base, look, options), base, edited)
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


def _as_it_came_back(base: Cut, file: Any, edited: Any) -> Cut:
    """The cut as an editor would have given it back in the other file's format.

    What that format cannot say is then nothing that the editor has taken out.
    """
    if not isinstance(edited, (str, os.PathLike)):
        return base
    format = format_of(Path(edited))
    own = format_of(Path(file)) if isinstance(file, (str, os.PathLike)) else None
    if format is None or format is own or format.reads_in is None:
        return base
    return _through(base, format, Path(edited).parent)


def _through(cut: Cut, format: CutFormat, folder: Path) -> Cut:
    held, _ = reduced(cut, format)
    text = format.write(held, name="base", folder=folder)
    return format.read(text.encode(), folder=folder, look=by_path(cut.sources), by="the base")
