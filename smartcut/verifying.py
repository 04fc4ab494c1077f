"""Checks finished films: all that their expectations ask for is measured in one decode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from smartcut.context import Due, LocalContext
from smartcut.errors import MissingExtra, ModelError, PipelineError
from smartcut.expectation import (
    CannotCheck,
    Expectation,
    Miss,
    Verdict,
    Verification,
    plain_verdict,
    usual_expectations,
)
from smartcut.interchange.json import tells
from smartcut.media.containers import CONTAINERS
from smartcut.media.probe import probe
from smartcut.render.overviews import write_image
from smartcut.render.records.manifest import manifest_beside, read_manifest, write_manifest
from smartcut.render.records.manifest_shape import check_shape
from smartcut.source import Source
from smartcut.spec import StageLine
from smartcut.stage import Analysis, NotReady
from smartcut.timebase import format_time

D = TypeVar("D")

#: What keeps one expectation from being checked, and not the others.
_LACKS = (CannotCheck, ModelError, MissingExtra)
#: Pictures of what is missed: of each expectation at most so many.
_MOST_PICTURES = 5
_KEY = "expect"


@dataclass(frozen=True)
class FilmAtHand:
    """A finished film, see :class:`smartcut.expectation.FinishedFilm`."""

    source: Source
    context: LocalContext
    record: Mapping[str, Any] = field(default_factory=dict)

    def known(self, analysis: Analysis, kind: type[D]) -> D:
        found = self.context.result(analysis, self.source).data
        if not isinstance(found, kind):
            raise CannotCheck(f"{analysis.name} finds nothing in it")
        return found

    def kept(self, name: str, kind: type[D]) -> D | None:
        found = self._kept.get(name)
        return found if found is not None and tells(kind)(found) else None

    @cached_property
    def _kept(self) -> Mapping[str, Any]:
        kept = self.record.get(_KEY)
        found = kept.get("rendered") if isinstance(kept, dict) else None
        return found if isinstance(found, dict) else {}


def opened_film(path: Path, context: LocalContext) -> FilmAtHand:
    """The film in a file, with its manifest; raises SourceError.

    Raises PipelineError where the manifest beside it cannot be read.
    """
    source = probe(path, cache=context.cache)
    beside = manifest_beside(path)
    return FilmAtHand(source, context, _record_in(beside) if beside else {})


def _record_in(path: Path) -> dict[str, Any]:
    try:
        record = read_manifest(path)
        check_shape(record)
    except (OSError, ValueError, RecursionError) as error:
        raise PipelineError(
            f"{path} cannot be read as a manifest: {error}; where it is not that of the film, put "
            "it elsewhere"
        ) from error
    return record


def measure(film: FilmAtHand, expectations: Iterable[Expectation]) -> None:
    """Have all that they ask for measured, in one decode of the film.

    What one lacks (a network) keeps the others from nothing: it is met again when it is checked.
    """
    context, asked, due = film.context, set[str](), []
    for one in expectations:
        try:
            for analysis in one.analyses(film):
                inputs = context.inputs_of(analysis, film.source)
                key = context.key(analysis, inputs)
                if key in asked or context.find(analysis, film.source, inputs) is not None:
                    continue
                asked.add(key)
                due.append(Due(analysis, film.source, inputs, "not done before"))
        except _LACKS:
            continue
    if due:
        try:
            context.analyse(film.source, due)
        except _LACKS:
            return


def verify_film(
    film: FilmAtHand, expectations: Sequence[Expectation], origin: str, *, is_asked: bool = True
) -> Verification:
    """Whether the film is as expected."""
    measure(film, expectations)
    verdicts = tuple(_verdict(one, film, is_asked) for one in expectations)
    return Verification(film.source.path, verdicts, origin)


def _verdict(one: Expectation, film: FilmAtHand, is_asked: bool) -> Verdict:
    try:
        found = one.check(film)
    except (*_LACKS, NotReady) as error:
        return Verdict(one.name, "unchecked", one.wanted, str(error), (), is_asked)
    state = "failed" if found.misses else "met"
    return Verdict(one.name, state, one.wanted, found.measured, found.misses, is_asked)  # type: ignore[arg-type]


# ----------------------------------------------------------------------- which expectations


def kept_expectations(film: FilmAtHand) -> tuple[Expectation, ...]:
    """What was expected of the film when it was rendered; nothing where its manifest does not say.

    Raises PipelineError where those cannot be read.
    """
    kept = film.record.get(_KEY)
    given = kept.get("expected") if isinstance(kept, dict) else None
    if not isinstance(given, dict) or not given:
        return ()
    from smartcut.stages.expect import Expect

    try:
        return Expect.model_validate(given).expectations
    except ValueError as error:
        raise PipelineError(
            f"what the manifest of {film.source.path} expects cannot be read: {error}; give "
            "--expect FILE.yaml"
        ) from error


def verify_file(
    film: FilmAtHand, given: Sequence[Expectation] = (), origin: str = ""
) -> Verification:
    """Whether a film is as expected: as given, else as its manifest says, else as is usual."""
    if given:
        return verify_film(film, given, origin or "the expectations given")
    if kept := kept_expectations(film):
        return verify_film(film, kept, "the film's manifest")
    usual = usual_expectations()
    names = ", ".join(one.name for one in usual)
    told = f"what is usual ({names}): neither --expect nor the film's manifest names any"
    return verify_film(film, usual, told, is_asked=False)


# ------------------------------------------------------------------------ after a render


def verify_outputs(
    steps: Sequence[StageLine], outputs: Sequence[Path], context: LocalContext
) -> tuple[Verification, ...]:
    """Whether the films that were written are as the stages say; their manifests keep the answer.

    Each manifest also keeps what later checks compare with.
    """
    films = [path for path in outputs if _is_film(path)]
    return tuple(_verified(path, context.expected, steps, context) for path in films)


def _is_film(path: Path) -> bool:
    container = CONTAINERS.get(path.suffix.lower())
    return container is not None and container.kind in ("stream", "animation")


def _verified(
    path: Path,
    expectations: tuple[Expectation, ...],
    steps: Sequence[StageLine],
    context: LocalContext,
) -> Verification:
    film = opened_film(path, context)
    measure(film, expectations)
    kept = {one.name: value for one in expectations if (value := _kept(one, film)) is not None}
    found = verify_film(film, expectations, "the pipeline")
    beside = manifest_beside(path)
    if beside is not None and film.record:
        told = {
            "expected": _written(steps),
            "met": found.is_met,
            "verdicts": [plain_verdict(verdict) for verdict in found.verdicts],
            "rendered": kept,
        }
        write_manifest(beside, {**film.record, _KEY: told})
    return found


def _kept(one: Expectation, film: FilmAtHand) -> Any:
    try:
        return one.keep(film)
    except (*_LACKS, NotReady):
        return None


def _written(steps: Sequence[StageLine]) -> dict[str, Any]:
    """What is expected, as it can be read again."""
    found: dict[str, Any] = {}
    for step in steps:
        if getattr(step.stage, "expectations", None) is not None:
            found |= step.stage.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return found


# ------------------------------------------------------------------------------- pictures


def with_pictures(found: Verification, film: FilmAtHand, folder: Path) -> Verification:
    """The same with a JPEG in the folder for what is missed at a time, where there is a picture.

    The folder is made when there is something to show.
    """
    verdicts = [_shown(verdict, film, folder) for verdict in found.verdicts]
    return replace(found, verdicts=tuple(verdicts))


def _shown(verdict: Verdict, film: FilmAtHand, folder: Path) -> Verdict:
    timed = [miss for miss in verdict.misses if miss.start is not None][:_MOST_PICTURES]
    if not timed or film.source.video is None:
        return verdict
    names = iter(_written_pictures(verdict.name, timed, film, folder))
    shown = (replace(m, picture=next(names)) if m in timed else m for m in verdict.misses)
    return replace(verdict, misses=tuple(shown))


def _written_pictures(
    name: str, misses: Sequence[Miss], film: FilmAtHand, folder: Path
) -> Iterator[Path]:
    from smartcut.expectations._frames import pictures_at

    times = [miss.start for miss in misses if miss.start is not None]
    folder.mkdir(parents=True, exist_ok=True)
    for number, (time, picture) in enumerate(
        zip(times, pictures_at(film, times), strict=True), start=1
    ):
        clock = format_time(time).replace(":", ".")
        path = folder / f"{name}-{number}-{clock}.jpg"
        write_image(path, picture)
        yield path
