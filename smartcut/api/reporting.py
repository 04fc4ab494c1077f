"""Reports of cuts, manifests and films: gathers what is known, and writes it as one page."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from smartcut.algebra import resolved
from smartcut.api.inputs import PathLike
from smartcut.api.opening import opened
from smartcut.api.options import as_options, divided
from smartcut.api.pipeline import Pipeline
from smartcut.api.report_pictures import with_pictures
from smartcut.cut import Cut
from smartcut.errors import PipelineError, SmartcutError, SourceError
from smartcut.files import write_text
from smartcut.playable import Playable
from smartcut.render.records.manifest import models_of
from smartcut.report.html.facts import Missing, ReportFacts
from smartcut.report.html.from_manifest import is_manifest, told, whole_manifest
from smartcut.report.html.page import report_page
from smartcut.report.inspect import Inspection, inspect
from smartcut.report.verbs import pipeline_yaml
from smartcut.runners.local import Options, Result, opened_cache
from smartcut.runners.run_record import RunRecord, record_of, stages_of
from smartcut.spec import files_of

_YAML = (".yaml", ".yml")
_NO_RECORD = (
    "the cache has no record of the run that wrote this film (it was made elsewhere, without a "
    "cache, or long ago); run it again, or report on its cut: smartcut export PIPELINE -o cut.json"
)


def write_report(
    what: Any,
    output: PathLike,
    inputs: Sequence[PathLike] | PathLike | None = None,
    *,
    previews: bool = False,
    **values: Any,
) -> ReportFacts:
    """Write a report of a film, a manifest, a cut, a pipeline or a result; see Playable.report."""
    path = Path(output)
    if path.suffix.lower() not in (".html", ".htm"):
        raise PipelineError(f"{path}: a report is written to a file of .html")
    given, params = divided(values)
    options = as_options(given)
    facts = _facts(what, inputs, params, options)
    facts = with_pictures(facts, given, previews=previews)
    write_text(path, report_page(facts))
    return facts


def default_output(what: Path) -> Path:
    """Where a report goes when nothing is said: ``reel.report.html`` beside reel.mp4."""
    stem = what.name.removesuffix(what.suffix).removesuffix(".manifest")
    return what.with_name(f"{stem}.report.html")


def _facts(what: Any, inputs: Any, params: Mapping[str, Any], options: Options) -> ReportFacts:
    if isinstance(what, Result):
        return _of_result(what, options)
    if isinstance(what, Playable):
        return _of_pipeline(what._as_pipeline(), inputs, params, options, "cut")
    if not isinstance(what, (str, os.PathLike)):
        raise PipelineError(
            f"{what!r} cannot be reported on; accepted: a film, its manifest, a cut or its file, "
            "the YAML of a pipeline, a result"
        )
    path = Path(what)
    if path.suffix.lower() in _YAML:
        film = Pipeline.from_yaml(path, **params)
        return _of_pipeline(film, inputs, {}, options, path.name)
    if inputs or params:
        raise PipelineError(f"{path} is no pipeline: inputs and --set go with one")
    if is_manifest(path):
        return _of_manifest(path, None, options)
    from smartcut.interchange.formats import is_cut_file

    if is_cut_file(path):
        return _of_pipeline(opened(path), None, {}, options, path.name)
    return _of_film(path, options)


# ---------------------------------------------------------------------------- films and manifests


def _of_film(path: Path, options: Options) -> ReportFacts:
    """Of a media file: what its manifest says, where one is beside it."""
    found = inspect(path)
    if found.beside is not None and not _unreadable(found):
        return _of_manifest(found.beside, None, options)
    facts = _of_pipeline(opened(path), None, {}, options, path.name)
    why = "there is none beside the file" if found.beside is None else found.findings[0].text
    missing = Missing("how it was made", f"{why}; smartcut writes OUT.manifest.json with each film")
    kept = tuple(one for one in facts.missing if one.what != "how it was written")
    return replace(facts, inspection=found, missing=(missing, *kept), pipeline=None)


def _unreadable(found: Inspection) -> bool:
    return any(finding.code == "manifest-unreadable" for finding in found.findings)


def _of_result(result: Result, options: Options) -> ReportFacts:
    """Of what a run made: its first film's manifest, and the cut as the run had it."""
    manifests = [path for path in result.outputs if path.name.endswith(".manifest.json")]
    if manifests:
        facts = _of_manifest(manifests[0], result.cut, options)
        return replace(facts, notes=tuple(dict.fromkeys((*facts.notes, *result.notes))))
    facts = _of_cut(result.cut, "cut")
    return replace(facts, notes=result.notes)


def _of_manifest(path: Path, known: Cut | None, options: Options) -> ReportFacts:
    """Of a manifest: with its film, where it is there, and with what the run knew."""
    plain = whole_manifest(path)
    with opened_cache(options.cache) as cache:
        try:
            record = record_of(cache, plain)
        except (KeyError, TypeError, AttributeError) as error:
            raise SourceError(f"{path} cannot be read as a manifest: {error!r}") from error
    known = known or (record.cut if record else None)
    cut, writing = told(plain, known, path)
    film, missing = _film_beside(path, writing.output)
    if known is None:
        missing = (*missing, Missing("words, shots and signals", _NO_RECORD))
    else:
        missing = (*missing, *_unlearned(cut))
    if record is None:
        missing = (*missing, Missing("the pipeline and its options", _NO_RECORD))
    return ReportFacts(
        name=writing.output,
        cut=cut,
        writing=writing,
        inspection=film,
        models=tuple(dict(row) for row in plain.get("models") or ()),
        pipeline=_yaml(record) if record else None,
        options=tuple(record.options.items()) if record else (),
        present=_present(cut),
        notes=tuple(str(note) for note in plain.get("notes") or ()),
        missing=missing,
    )


def _film_beside(path: Path, name: str) -> tuple[Inspection | None, tuple[Missing, ...]]:
    """The film that a manifest is of, where it lies beside it; else what is therefore missing."""
    film = path.with_name(Path(name).name)
    if not film.is_file():
        why = f"there is no {film.name} beside the manifest, so its digest, tag and signature"
        return None, (Missing("the film itself", f"{why} were not looked at"),)
    try:
        return inspect(film), ()
    except SmartcutError as error:
        return None, (Missing("the film itself", str(error)),)


def _yaml(record: RunRecord) -> str:
    stages = [(name, dict(params)) for name, params in record.stages]
    return pipeline_yaml("", stages, [Path(path) for path in record.inputs])


# -------------------------------------------------------------------------------- cuts, pipelines


def _of_pipeline(
    film: Pipeline, inputs: Any, params: Mapping[str, Any], options: Options, name: str
) -> ReportFacts:
    """Of the cut that the stages make, without those that write files."""
    film = film.with_params(params)
    ready = film.unwritten()
    result = ready.run_with(options, inputs)
    facts = _of_cut(result.cut, name)
    begin = ready.begin(inputs, options)
    stages = [one for one in stages_of(film.steps, begin) if one[0] != "given"]
    if stages:
        files = [item.path for item in files_of(begin)]
        facts = replace(facts, pipeline=pipeline_yaml("", stages, files))
    return replace(facts, notes=tuple(dict.fromkeys((*facts.notes, *result.notes))))


def _of_cut(cut: Cut, name: str) -> ReportFacts:
    cut = resolved(cut)
    missing = Missing("how it was written", "a cut has not been rendered")
    return ReportFacts(
        name=name,
        cut=cut,
        models=tuple(models_of(cut)),
        present=_present(cut),
        notes=cut.notes,
        missing=(missing, *_unlearned(cut)),
    )


def _unlearned(cut: Cut) -> Iterator[Missing]:
    """What no stage has found out about the sources."""
    names = {annotation.name for annotation in cut.annotations}
    learned = {"words": "transcript", "shots": "shots", "loudness": "loudness", "motion": "motion"}
    stages = {"transcript": "transcribe"}
    lacking = {what: name for what, name in learned.items() if name not in names}
    if lacking:
        add = ", ".join(stages.get(name, name) for name in lacking.values())
        yield Missing(", ".join(lacking), f"no stage of the pipeline found them out; add: {add}")


def _present(cut: Cut) -> frozenset[str]:
    return frozenset(s.id for s in cut.sources if s.made is None and s.path.is_file())
