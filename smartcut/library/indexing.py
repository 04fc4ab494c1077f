"""A folder's changes brought into its library: what is new is analysed, what is gone dropped.

The analyses are those of pipelines, run by the same runner and kept in the same cache; so a run
that was killed takes up where it was, whatever the catalogue had noted by then.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.annotation import Annotation, Features, Transcript
from smartcut.cache import Cache
from smartcut.context import Quiet, Stored
from smartcut.cut import Cut
from smartcut.errors import CacheError, MissingExtra, ModelError, SmartcutError, SourceError
from smartcut.library.catalogue import Catalogue, FileRow, RowRange
from smartcut.library.looking import AnalysisSet, Looker, Meanings, looker, meanings_identity
from smartcut.library.store import KINDS, PICTURES, SPEECH, Store
from smartcut.models.near_repeats import Effort
from smartcut.models.pool import held
from smartcut.runners import local
from smartcut.runners.local import Options
from smartcut.source import Source
from smartcut.spec import Input, StageLine
from smartcut.stage import Analysis, Progress
from smartcut.stages.shots import ShotsStage
from smartcut.stages.transcribe import Transcribe

#: Files that are looked at.
SUFFIXES = frozenset(
    [
        *(".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts"),
        *(".mxf", ".nut", ".ogv", ".ts", ".webm", ".wmv", ".aac", ".aif", ".aiff", ".flac"),
        *(".m4a", ".mka", ".mp3", ".oga", ".ogg", ".opus", ".wav"),
    ]
)
#: What is analysed is noted in the catalogue when so many pictures wait, or so many seconds passed.
_PICTURES, _SECONDS = 50_000, 30.0
_RATE = Fraction(1)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """How a library is made; kept with it, and taken from there by the next run."""

    model: str | None = None
    """As ``relevance`` takes it; None is what the library has, or else what is at hand."""
    rate: Fraction | None = None
    """Pictures a second."""
    speech: bool | None = None
    effort: Effort | None = None
    """As ``relevance`` takes it; None is ``auto``."""
    fresh: bool = False
    """Forget what the library knows, and make it again from the cached analyses."""


@dataclass(slots=True)
class IndexOutcome:
    """What an index run did; paths are relative to the folder."""

    analysed: list[str] = field(default_factory=list)
    unchanged: int = 0
    moved: list[str] = field(default_factory=list)
    """Files whose content was known already."""
    dropped: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """Files that cannot be read, and why; the next run tries them again."""
    totals: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def index(
    folder: Path,
    *,
    store: Path | None = None,
    settings: LibrarySettings | None = None,
    options: Options | None = None,
    network: Looker | None = None,
) -> IndexOutcome:
    """Bring the library of a folder up to date; the answer tells what was done.

    ``network`` is used in place of the one that the settings name. Raises SourceError for a
    folder that is none or has lost all its media, CacheError where the library is in use or
    cannot be written, ModelError where a network's weights are missing or are not those that the
    library was made with.
    """
    began = time.monotonic()
    options, settings = options or Options(), settings or LibrarySettings()
    if not folder.is_dir():
        raise SourceError(f"{folder} is not a folder; name the folder that holds the media")
    kept = Store.of(folder, store)
    with kept.locked():
        if settings.fresh:
            for file in kept.root.glob("library.sqlite*"):
                file.unlink()
        catalogue = Catalogue(kept.root)
        try:
            outcome = Indexer(folder, kept, catalogue, settings, options, network).run()
        finally:
            catalogue.close()
    outcome.seconds = time.monotonic() - began
    return outcome


def media_files(folder: Path, suffixes: frozenset[str] = SUFFIXES) -> dict[str, str]:
    """The folder's media at any depth, with a stamp that changes with the file; none hidden."""
    found: dict[str, str] = {}
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith(".") or os.path.splitext(name)[1].lower() not in suffixes:
                continue
            path = Path(parent, name)
            try:
                found[path.relative_to(folder).as_posix()] = stamp_of(path)
            except OSError:
                continue  # gone since it was listed, or a link to nothing
    return found


def stamp_of(path: Path) -> str:
    stat = path.stat()
    return f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}"


@dataclass(frozen=True, slots=True)
class Learned:
    """What was found out about a content."""

    files: tuple[FileRow, ...]
    """All files with this content."""
    source: Source
    annotations: tuple[Annotation, ...]
    features: Features | None
    rows: np.ndarray | None
    transcript: Transcript | None


class Indexer:
    """One run over a folder."""

    def __init__(
        self,
        folder: Path,
        store: Store,
        catalogue: Catalogue,
        settings: LibrarySettings,
        options: Options,
        network: Looker | None,
    ) -> None:
        self._folder, self._store, self._catalogue = folder, store, catalogue
        self._cache = Cache()
        self._options = options
        self._progress: Progress = options.progress or Quiet()
        self._outcome = IndexOutcome()
        self._network, self._asked, self._speaks = self._agreed(settings, network)
        self._meanings = Meanings()
        self._waiting: list[Learned] = []
        self._noted = time.monotonic()

    # ---------------------------------------------------------------------------- agreement

    def _agreed(
        self, settings: LibrarySettings, network: Looker | None
    ) -> tuple[Looker, tuple[Analysis, ...], bool]:
        """The networks to use, after checking that they are those of the library."""
        known = self._catalogue.note("networks") or {}
        model = settings.model or known.get("model") or "auto"
        network = network or looker(model, self._options.allow_net)
        rate = settings.rate or Fraction(known.get("rate", _RATE))
        speech = settings.speech if settings.speech is not None else known.get("speech", True)
        effort: Effort = settings.effort or self._catalogue.note("effort") or "auto"
        pictures = network.analysis(rate, effort)
        asked: list[Analysis] = [*ShotsStage().analyses(), pictures]
        if speech:
            asked.extend(Transcribe().analyses())
        context = Stored(self._cache, device="cpu", allow_net=self._options.allow_net)
        wanted = {
            "model": network.name,
            "rate": str(rate),
            "speech": speech,
            "pictures": _plain(pictures.model(context)),
            "recogniser": _plain(asked[-1].model(context)) if speech else None,
            "meanings": meanings_identity() if speech else None,
        }
        if known and self._catalogue.count():
            self._compare(known, wanted)
        with self._catalogue.change():
            self._catalogue.set_note("networks", wanted)
            self._catalogue.set_note("effort", effort)
            self._catalogue.set_note("folder", str(self._folder.resolve()))
        if speech and wanted["meanings"] is None:
            self._progress.note(
                "speech will be found by its words only, not by its meaning: the network for "
                "sentences is not here (smartcut models pull minilm-l6-v2)"
            )
        return network, tuple(asked), wanted["meanings"] is not None

    def _compare(self, known: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        differing = [key for key in wanted if known.get(key) != wanted[key]]
        if differing:
            says = "; ".join(f"{k}: {known.get(k)} then, {wanted[k]} now" for k in differing)
            raise ModelError(
                f"the library of {self._folder} was made with other networks or settings ({says})"
                "; vectors of two networks cannot be compared: use those again, or make the "
                f"library again with: smartcut library index {self._folder} --fresh"
            )

    # ------------------------------------------------------------------------------ the run

    def run(self) -> IndexOutcome:
        self._store.sweep(self._catalogue)
        found, known = media_files(self._folder), self._catalogue.files()
        if known and not found:
            raise SourceError(
                f"{self._folder} holds no media now, and its library knows {len(known)} files: "
                "nothing was dropped, since a share may be missing; if it was emptied on "
                "purpose, add --fresh"
            )
        fresh = self._sorted_out(found, known)
        self._drop([path for path in known if path not in found])
        if fresh:
            self._analyse(fresh)
        self._note_waiting()
        with self._catalogue.change():
            self._catalogue.drop_unowned()
        for kind in KINDS:
            self._store.tidy(kind, self._catalogue)
        self._outcome.totals = self._catalogue.totals()
        return self._outcome

    def _sorted_out(
        self, found: Mapping[str, str], known: Mapping[str, FileRow]
    ) -> dict[str, list[FileRow]]:
        """The files of unknown content, by digest; those of known content are noted at once."""
        fresh: dict[str, list[FileRow]] = {}
        moved: list[FileRow] = []
        for path, stamp in found.items():
            before = known.get(path)
            if before and before.stamp == stamp and before.error is None:
                self._outcome.unchanged += 1
                continue
            try:
                digest = self._cache.source_digest(self._folder / path)
            except OSError as error:
                self._fail(FileRow(path, stamp, None, f"cannot be read: {error.strerror}"))
                continue
            row = FileRow(path, stamp, digest, None)
            if self._catalogue.has(digest):
                moved.append(row)
            else:
                fresh.setdefault(digest, []).append(row)
        with self._catalogue.change():
            for row in moved:
                self._catalogue.put_file(row)
        self._outcome.moved = [row.path for row in moved]
        return fresh

    def _drop(self, gone: list[str]) -> None:
        with self._catalogue.change():
            self._catalogue.drop_files(gone)
        self._outcome.dropped = gone

    def _analyse(self, fresh: Mapping[str, list[FileRow]]) -> None:
        advance = self._progress.start("files", float(len(fresh)))
        with held(), ThreadPoolExecutor(max(1, self._options.jobs)) as pool:
            running: dict[Future[Cut], list[FileRow]] = {
                pool.submit(self._looked_at, rows[0]): rows for rows in fresh.values()
            }
            try:
                for done, future in enumerate(as_completed(running), 1):
                    # a result holds a whole transcript: it goes once it is noted
                    self._take(future, running.pop(future))
                    advance(float(done))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        self._progress.done("files")

    def _looked_at(self, row: FileRow) -> Cut:
        options = self._options
        one = Options(options.device, 1, True, options.allow_net, options.progress)
        step = StageLine(AnalysisSet(asked=self._asked))
        return self._runner((step,), (Input(path=self._folder / row.path),), None, one).cut

    _runner: Callable[..., Any] = staticmethod(local.run)

    def _take(self, future: Future[Cut], rows: Sequence[FileRow]) -> None:
        try:
            learned = self._learned(future.result(), rows)
        except Exception as error:
            if _is_ours(error):
                raise
            for row in rows:
                self._fail(FileRow(row.path, row.stamp, None, _reason(error)))
            return
        self._waiting.append(learned)
        self._outcome.analysed.append(rows[0].path)
        self._outcome.moved.extend(row.path for row in rows[1:])
        pictures = sum(len(w.rows) for w in self._waiting if w.rows is not None)
        if pictures >= _PICTURES or time.monotonic() - self._noted > _SECONDS:
            self._note_waiting()

    def _fail(self, row: FileRow) -> None:
        self._outcome.failed[row.path] = row.error or ""
        self._progress.note(f"{row.path} is left out: {row.error}")
        with self._catalogue.change():
            self._catalogue.put_file(row)

    def _learned(self, cut: Cut, files: Sequence[FileRow]) -> Learned:
        (source,) = cut.sources
        features = cut.data(Features, self._asked[1].name, source.id)
        rows = None
        if features and features.pts:
            rows = self._cache.load_array(features.array)
            if rows is None:
                raise CacheError("a file's vectors vanished from the cache; run again")
        kept = tuple(a for a in cut.annotations if not isinstance(a.data, Features))
        transcript = cut.data(Transcript, "transcript", source.id)
        files = tuple(FileRow(f.path, f.stamp, source.digest, None) for f in files)
        return Learned(files, source, kept, features, rows, transcript)

    # --------------------------------------------------------------------------------- notes

    def _note_waiting(self) -> None:
        """Bring what was learned into the catalogue: vectors to the disk first, then all rows."""
        waiting, self._waiting = self._waiting, []
        self._noted = time.monotonic()
        if not waiting:
            return
        seen = [w for w in waiting if w.rows is not None]
        pictures = [w.rows for w in seen if w.rows is not None]
        segment = self._store.add(PICTURES, pictures) if pictures else ""
        said = [w for w in waiting if w.transcript and w.transcript.sentences and self._speaks]
        speech = [
            self._meanings([s.text for s in w.transcript.sentences]) for w in said if w.transcript
        ]
        spoken = self._store.add(SPEECH, speech) if speech else ""
        with self._catalogue.change():
            ids: dict[str, list[int]] = {}
            for w in waiting:
                self._catalogue.put_content(w.source, w.annotations)
                for row in w.files:
                    self._catalogue.put_file(row)
                if w.transcript:
                    ids[w.source.digest] = self._catalogue.put_sentences(
                        w.source.digest, w.transcript.sentences
                    )
            for w, span in _spans(seen, pictures, segment):
                assert w.features is not None
                self._catalogue.put_span(PICTURES, span, w.features.timebase, w.features.pts)
            for w, span in _spans(said, speech, spoken):
                self._catalogue.put_span(SPEECH, span, Fraction(1), ids[w.source.digest])


def _spans(
    owners: Sequence[Learned], parts: Iterable[np.ndarray], segment: str
) -> Iterator[tuple[Learned, RowRange]]:
    at = 0
    for owner, part in zip(owners, parts, strict=True):
        yield owner, RowRange(owner.source.digest, segment, at, len(part))
        at += len(part)


def _is_ours(error: Exception) -> bool:
    """Whether the next file would fail like this one."""
    full = isinstance(error, OSError) and error.errno in _FULL
    return full or isinstance(error, (CacheError, ModelError, MissingExtra))


def _reason(error: Exception) -> str:
    known = isinstance(error, (SmartcutError, OSError))
    return str(error) if known else f"unexpected {type(error).__name__}: {error}"


def _plain(model: tuple[str, str] | None) -> list[str] | None:
    return list(model) if model else None
