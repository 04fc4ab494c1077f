"""The cut that a film was made by, from whatever tells it; and what is said in its sources."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from smartcut.algebra import resolved
from smartcut.annotation import Transcript
from smartcut.api.opening import opened
from smartcut.api.pipeline import Pipeline
from smartcut.cut import Cut
from smartcut.errors import SourceError
from smartcut.playable import Playable
from smartcut.runners.local import Options, opened_cache

if TYPE_CHECKING:
    from smartcut.conforming.building import Unknown
    from smartcut.conforming.result import Conformed

_YAML = (".yaml", ".yml")
#: Seconds by which a film may be longer, or shorter, than its cut.
_LENGTHS = Fraction(1, 2)


class FilmCut(NamedTuple):
    """The cut that a film was made by."""

    cut: Cut
    name: str
    """What it is called."""
    path: Path | None = None
    """The film, where it is there."""
    manifest: Path | None = None
    """Where a manifest told of it."""
    conformed: Conformed | None = None
    """What was found out about it, where its cut was found in its sources."""


def film_of(
    what: Any,
    inputs: Any,
    sources: Any,
    params: Mapping[str, Any],
    options: Options,
    unknown: Unknown = "film",
) -> FilmCut:
    """The cut of a film, of a manifest, of a cut's file, or of a pipeline, which is run.

    The cut of a film without a manifest, or for which ``sources`` are given, is found in these;
    ``unknown`` is as in :func:`smartcut.api.conforming.conform`. Raises SourceError where there is
    no film, or nothing says what it was cut from.
    """
    from smartcut.interchange.formats import is_cut_file
    from smartcut.render.records.manifest import manifest_beside
    from smartcut.report.html.from_manifest import is_manifest

    if isinstance(what, Cut) and not params:
        return FilmCut(what, "cut")
    if isinstance(what, Playable):
        return FilmCut(_run(what._as_pipeline().with_params(params), inputs, options), "cut")
    path = Path(what)
    if path.suffix.lower() in _YAML:
        return FilmCut(_run(Pipeline.from_yaml(path, **params), inputs, options), path.name)
    if not path.is_file():
        raise SourceError(f"there is no {path}")
    if is_manifest(path):
        return _of_manifest(path, options)
    if is_cut_file(path):
        return FilmCut(_run(opened(path), None, options), path.name)
    if sources is not None:
        from smartcut.api.conforming import conform

        found = conform(
            path, sources, unknown=unknown, cache=options.cache, progress=options.progress
        )
        return FilmCut(found.cut, path.name, path, conformed=found)
    beside = manifest_beside(path)
    if beside is None:
        raise SourceError(
            f"{path} has no manifest beside it, so that nothing says what it was cut from; give "
            "its originals: --sources FOLDER; a signed account in it is compared with an original "
            "by `smartcut elisions FILM --check ORIGINAL`"
        )
    told_of = _of_manifest(beside, options)
    _check_length(path, told_of.cut.duration, beside)
    return told_of._replace(name=path.name, path=path)


def _check_length(film: Path, told: Fraction, manifest: Path) -> None:
    """Raise SourceError where a film is not the one that a manifest tells of."""
    from smartcut.media.probe import examined

    own = examined(film, digest="not read")[0].duration
    if abs(own - told) > _LENGTHS:
        raise SourceError(
            f"{film} lasts {float(own):.2f} s, and {manifest.name} tells of {float(told):.2f} s: "
            "the film was changed since; give its originals, in which the cut is found: --sources "
            "FOLDER"
        )


def _run(film: Pipeline, inputs: Any, options: Options) -> Cut:
    return film.unwritten().run_with(options, inputs).cut


def _of_manifest(path: Path, options: Options) -> FilmCut:
    """The cut as the run that wrote the manifest knew it, or as the manifest tells it."""
    from smartcut.report.html.from_manifest import told, whole_manifest
    from smartcut.runners.run_record import record_of

    plain = whole_manifest(path)
    with opened_cache(options.cache) as cache:
        try:
            record = record_of(cache, plain)
        except (KeyError, TypeError, AttributeError) as error:
            raise SourceError(f"{path} cannot be read as a manifest: {error!r}") from error
    known = record.cut if record else None
    cut, writing = told(plain, known, path)
    if known is not None and _plays(known) == _plays(cut):
        cut = known  # which has its captions, its mix and its drawings besides
    film = path.with_name(Path(writing.output).name)
    return FilmCut(cut, writing.output, film if film.is_file() else None, path)


def _plays(cut: Cut) -> list[tuple[Any, ...]]:
    """What a cut plays when."""
    return [
        (track.kind, segment.source, segment.range, place.start)
        for track in resolved(cut).tracks
        for segment, place in track.placed()
    ]


def are_words_known(cut: Cut) -> bool:
    """Whether what is said in one of its sources is known."""
    return any(isinstance(a.data, Transcript) and a.name == "transcript" for a in cut.annotations)


def with_words(cut: Cut, words: Any, options: Options) -> Cut:
    """The cut with what is said in its sources: as it is known, given, or recognised."""
    if words is None and are_words_known(cut):
        return cut
    from smartcut.stage import find_stage

    given = {"text": words} if isinstance(words, Mapping) else {"text": str(words)} if words else {}
    stage = find_stage("transcribe").model_validate(given)
    return (opened(cut) | stage).run_with(options, None).cut
