"""The style that finished films share, as a pipeline."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.api.films import film_of, with_words
from smartcut.api.inputs import PathLike
from smartcut.api.opening import opened
from smartcut.api.options import as_options, divided
from smartcut.api.pipeline import Pipeline
from smartcut.cut import Cut
from smartcut.errors import SourceError
from smartcut.files import write_text
from smartcut.playable import Playable
from smartcut.runners.local import Options

if TYPE_CHECKING:
    from smartcut.learning_style.style import LearnedStyle

#: What passages are compared by, and what says where pauses are.
_SEEN, _HEARD = ("motion", "sharpness"), ("loudness", "level", "voice")


@dataclass(frozen=True)
class FoundStyle:
    """How films were cut, as far as they carry it.

    style = sc.learn(["one.mp4", "two.mp4", "three.mp4"], sources="rushes")
    print(style.text())
    style.write("style.yaml")
    sc.open("talk.mp4") | style.pipeline()
    """

    learned: LearnedStyle

    def text(self) -> str:
        """What was learned, what was not and why, and how well it explains films held back."""
        from smartcut.report.learning import style_text

        return style_text(self.learned)

    def yaml(self) -> str:
        """A pipeline that cuts in this style; comments give each figure with its interval."""
        from smartcut.report.learning import style_yaml

        return style_yaml(self.learned)

    def pipeline(self) -> Pipeline:
        """The same, to run."""
        return Pipeline.from_text(self.yaml())

    def write(self, output: PathLike) -> None:
        """Write the pipeline to a file."""
        write_text(Path(output), self.yaml())

    def to_plain(self) -> dict[str, Any]:
        """Numbers and texts, as in JSON."""
        from smartcut.report.learning import style_plain

        return style_plain(self.learned)


def learn(
    films: Sequence[Any] | Any,
    inputs: Sequence[PathLike] | PathLike | None = None,
    *,
    sources: Sequence[PathLike] | PathLike | None = None,
    words: Mapping[str, PathLike] | PathLike | None = None,
    **options: Any,
) -> FoundStyle:
    """The style that several films share.

    ``films`` are cuts, their files, pipelines, manifests, and films: `conform` finds their cuts in
    ``sources``. ``words`` are files of what is said (SubRip, WebVTT, JSON), one for each source;
    where they are given, or known of all sources, pauses are those between words, else those in
    which nobody speaks. ``options`` as for :meth:`smartcut.api.Pipeline.run`. Raises SourceError
    where the films do not carry a style: one film, too few cuts, or nothing in common.

        sc.learn(["one.mp4", "two.mp4", "three.mp4"], sources="rushes").write("style.yaml")
    """
    from smartcut.learning_style.hearing import active, basis_of, heard_sources
    from smartcut.learning_style.studied import StudiedFilm
    from smartcut.learning_style.style import check_enough, learned

    given, params = divided(options)
    how = as_options(given)
    is_one = isinstance(films, (str, os.PathLike, Playable))
    named = []
    for number, what in enumerate([films] if is_one else list(films), 1):
        film = film_of(what, inputs, sources, params, how, unknown="gap")
        name = f"cut {number}" if isinstance(what, Playable) else film.name
        cut = _programme(film.cut)
        named.append((name, cut if words is None else with_words(cut, words, how)))
    if not named:
        raise SourceError("no films are given to learn from")
    check_enough([StudiedFilm(name, cut) for name, cut in named])
    basis = basis_of([cut for _, cut in named])
    studied = []
    for name, cut in named:
        known = _studied(cut, how, with_voice=basis == "voice")
        heard = {source.id: active(known, source, basis) for source in heard_sources(known)}
        studied.append(StudiedFilm(name, known, heard))
    return FoundStyle(learned(studied, basis))


def _programme(cut: Cut) -> Cut:
    """The programme alone, with the sources that it shows."""
    used = {segment.source for segment in cut.segments}
    return replace(
        cut,
        sources=tuple(source for source in cut.sources if source.id in used),
        tracks=cut.tracks[:1],
        annotations=tuple(one for one in cut.annotations if one.source in used),
        alternatives=(),
    )


def _studied(cut: Cut, options: Options, *, with_voice: bool) -> Cut:
    """The cut with the signals of its sources, as far as their files are there."""
    from smartcut.stages._studied import StudiedSources

    wanted = [*_SEEN, *(n for n in _HEARD if with_voice or n != "voice")]
    missing = [
        name
        for name in wanted
        if any(cut.annotation(name, source.id) is None for source in cut.footage)
    ]
    if not missing or not all(source.path.is_file() for source in cut.footage):
        return cut
    return (opened(cut) | StudiedSources(signals=tuple(missing))).run_with(options, None).cut
