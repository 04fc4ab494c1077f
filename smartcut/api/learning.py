"""The style that finished films share, as a pipeline."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.api.films import FilmCut, film_of, with_words
from smartcut.api.inputs import PathLike
from smartcut.api.opening import opened
from smartcut.api.options import as_options, divided
from smartcut.api.pipeline import Pipeline
from smartcut.cut import Cut
from smartcut.errors import SourceError
from smartcut.files import write_text
from smartcut.playable import Playable
from smartcut.runners.local import Options, opened_cache

if TYPE_CHECKING:
    from smartcut.cache import Cache
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
    table: Path | None = None
    """The table of colours (.cube) where the films have one in common."""

    def text(self) -> str:
        """What was learned, what was not and why, and how well it explains films held back."""
        from smartcut.report.learning import style_text

        return style_text(self.learned)

    def yaml(self) -> str:
        """A pipeline that cuts in this style; comments give each figure with its interval."""
        from smartcut.report.learning import style_yaml

        return style_yaml(self.learned, self.table)

    def pipeline(self) -> Pipeline:
        """The same, to run."""
        return Pipeline.from_text(self.yaml())

    def write(self, output: PathLike) -> tuple[Path, ...]:
        """Write the pipeline, and a table of colours as a .cube file beside it; what it wrote."""
        from smartcut.report.learning import style_yaml

        path = Path(output)
        if self.table is None:
            write_text(path, self.yaml())
            return (path,)
        beside = path.with_suffix(".cube")
        write_text(beside, self.table.read_text(encoding="ascii"))
        write_text(path, style_yaml(self.learned, Path(beside.name)))
        return path, beside

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
    which nobody speaks. Colours, and the look of captions whose words are known, are learned from
    films that were conformed. ``options`` as for :meth:`smartcut.api.Pipeline.run`. Raises
    SourceError where the films do not carry a style: one film, too few cuts, or nothing in common.

        sc.learn(["one.mp4", "two.mp4", "three.mp4"], sources="rushes").write("style.yaml")
    """
    from smartcut.learning_style.caption_seen import moments_of
    from smartcut.learning_style.colour_pairs import colours_of
    from smartcut.learning_style.hearing import active, basis_of, heard_sources
    from smartcut.learning_style.studied import StudiedFilm
    from smartcut.learning_style.style import check_enough, learned

    given, params = divided(options)
    how = as_options(given)
    is_one = isinstance(films, (str, os.PathLike, Playable))
    given_films = []
    for number, what in enumerate([films] if is_one else list(films), 1):
        film = film_of(what, inputs, sources, params, how, unknown="gap")
        name = f"cut {number}" if isinstance(what, Playable) else film.name
        given_films.append(film._replace(name=name, cut=_programme(film.cut)))
    if not given_films:
        raise SourceError("no films are given to learn from")
    given_films = given_films if words is None else _with_words(given_films, words, how)
    check_enough([StudiedFilm(film.name, film.cut) for film in given_films])
    basis = basis_of([film.cut for film in given_films])
    studied = []
    with opened_cache(how.cache) as cache:
        for film in given_films:
            known = _studied(film.cut, how, with_voice=basis == "voice")
            heard = {source.id: active(known, source, basis) for source in heard_sources(known)}
            colours = colours_of(film.conformed, cache) if film.conformed else ()
            moments = moments_of(film.conformed, cache) if film.conformed else ()
            studied.append(StudiedFilm(film.name, known, heard, colours, moments))
        found = learned(studied, basis)
        return FoundStyle(found, _kept_table(found, cache))


def _with_words(
    films: Sequence[FilmCut], words: Mapping[str, PathLike] | PathLike, options: Options
) -> list[FilmCut]:
    """The films with what is said in their sources; raises SourceError for a source of none."""
    known = [[source.id for source in film.cut.footage] for film in films]
    given: list[Any] = [words] * len(films)
    if isinstance(words, Mapping):
        everything = sorted({name for own in known for name in own})
        if unknown := sorted(set(words) - {"", *everything}):
            raise SourceError(
                f"what is said is given of {unknown[0]!r} (--from), which no film shows; sources: "
                f"{', '.join(everything)}"
            )
        given = [{name: words[name] for name in words if name in ("", *own)} for own in known]
    return [
        film._replace(cut=with_words(film.cut, own, options)) if own else film
        for film, own in zip(films, given, strict=True)
    ]


def _kept_table(found: LearnedStyle, cache: Cache) -> Path | None:
    """Where the table of colours is kept, where there is one."""
    from smartcut.api.kept_tables import kept_table

    table = found.grade.table if found.grade else None
    return None if table is None else kept_table(table, cache)


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
