"""A question to a library, and the stretches of its media that answer it.

Pictures are found by their vectors, speech by its words (BM25) and by its meaning; where several
are asked for, the lists are joined by reciprocal rank (Cormack et al. 2009). What is found is
told by shot: one result each, at its best moment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.annotation import Annotation
from smartcut.cache import Cache
from smartcut.context import Stored
from smartcut.errors import ModelError, PipelineError
from smartcut.library.catalogue import Catalogue, RowRange, SpokenSentence
from smartcut.library.indexing import stamp_of
from smartcut.library.looking import Looker, Meanings, looker, meanings_identity
from smartcut.library.store import PICTURES, SPEECH, Store
from smartcut.library.vectors import Vectors
from smartcut.runners.local import Options
from smartcut.source import Source
from smartcut.stage import Context
from smartcut.timebase import Range

LONGEST = Fraction(10)
#: The constant of reciprocal rank fusion.
_RANKS = 60
#: Sentences whose meaning is less near than this do not answer, whatever else there is.
_RELATED = 0.35
_MANY, _ROUNDS = 200, 3


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: at least one of ``words``, ``image`` and ``speech``."""

    words: str | None = None
    """What is to be seen."""
    image: Path | None = None
    """A picture like what is to be seen."""
    speech: str | None = None
    """What is to be heard."""
    limit: int = 10
    longest: Fraction = LONGEST
    """Seconds: of a longer shot, so much around its best moment."""

    def __post_init__(self) -> None:
        texts = [t for t in (self.words, self.speech) if t is not None]
        if not texts and self.image is None:
            raise PipelineError("nothing to search for: give words, --image or --speech")
        if any(not t.strip() for t in texts) or self.limit < 1 or self.longest <= 0:
            raise PipelineError("a search needs words that are not empty, a limit and a length > 0")


@dataclass(frozen=True, slots=True)
class Hit:
    """A stretch of a file that answers."""

    path: Path
    digest: str
    range: Range
    """In source time."""
    at: Fraction
    """The best moment."""
    score: float
    """In 0..1; of one question, the higher the better."""
    shot: int
    """Counted from 0."""
    why: tuple[tuple[str, float], ...]
    """The scores by what was asked: words, image, speech."""
    text: str = ""
    """What is said there, where speech was asked for."""


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The hits, best first, with what a cut needs of their sources."""

    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()
    contents: dict[str, tuple[Source, tuple[Annotation, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartHit:
    """A picture or a sentence that answers one part of a question."""

    digest: str
    at: Fraction
    score: float
    said: SpokenSentence | None = None


FrameKey = tuple[str, int]
"""A content's digest, and the number of a shot."""


class Library:
    """An opened library; one question after another costs no opening. For one thread."""

    def __init__(
        self,
        folder: Path,
        catalogue: Catalogue,
        store: Store,
        options: Options | None = None,
        network: Looker | None = None,
    ) -> None:
        options = options or Options()
        self._folder, self._catalogue = folder, catalogue
        self._context = Stored(Cache(), device=options.device, allow_net=options.allow_net)
        self._made: dict[str, Any] = catalogue.note("networks") or {}
        self._network = network
        self._meanings = Meanings()
        self._spans: dict[str, dict[str, list[RowRange]]] = {}
        self._vectors: dict[str, tuple[list[str], Vectors]] = {}
        for kind in (PICTURES, SPEECH):
            spans = catalogue.spans(kind)
            self._vectors[kind] = store.opened(kind, spans)
            for span in spans:
                self._spans.setdefault(span.segment, {}).setdefault(kind, []).append(span)
        self._shots: dict[str, tuple[Range, ...]] = {}
        self._places: dict[tuple[str, str], tuple[Fraction, np.ndarray]] = {}
        self.notes: list[str] = []

    # -------------------------------------------------------------------------- the question

    def answer(self, question: Question) -> SearchAnswer:
        """What is found; raises ModelError where the library's network is not here any more."""
        self.notes = []
        lists: dict[str, list[PartHit]] = {}
        if question.words is not None or question.image is not None:
            lists.update(self._seen(question))
        if question.speech is not None:
            lists["speech"] = self._said(question.speech, 5 * question.limit)
        hits = self._hits(lists, question)
        contents = {hit.digest: self._catalogue.content(hit.digest) for hit in hits}
        return SearchAnswer(tuple(hits), tuple(self.notes), contents)

    def _looker(self) -> Looker:
        """The network that the pictures' vectors are of."""
        if self._network is None:
            self._network = looker(self._made["model"], self._context.allow_net)
        rate = Fraction(self._made["rate"])
        found = self._network.analysis(rate, "auto").model(self._context)
        if (list(found) if found else None) != self._made["pictures"]:
            raise ModelError(
                f"the library of {self._folder} was made with {self._made['pictures']}, and the "
                f"network here is {found}: have that one again, or index again with --fresh"
            )
        if self._network.note:
            self.notes.append(self._network.note)
        return self._network

    # -------------------------------------------------------------------------------- pictures

    def _seen(self, question: Question) -> dict[str, list[PartHit]]:
        network, context = self._looker(), self._context
        found: dict[str, list[PartHit]] = {}
        if question.words is not None:
            words = question.words
            query = network.words(words, context)
            found["words"] = self._pictures(query, question.limit, network, words, context)
        if question.image is not None:
            query = network.image(question.image, context)
            found["image"] = self._pictures(query, question.limit, network, None, context)
        return found

    def _pictures(
        self, query: np.ndarray, limit: int, network: Looker, words: str | None, context: Context
    ) -> list[PartHit]:
        """Moments of at least ``limit`` shots, where there are so many, the best first."""
        names, vectors = self._vectors[PICTURES]
        count = max(_MANY, 20 * limit)
        moments: list[PartHit] = []
        for _ in range(_ROUNDS):
            near = vectors.search(query, count)
            scores = np.array([n.score for n in near])
            if words is not None and near:
                rows = vectors.rows(near)
                scores = network.scores(rows, words, context)
            moments = [
                self._moment(names[n.segment], n.row, float(score))
                for n, score in zip(near, scores, strict=True)
            ]
            shots = {self._shot_of(m)[0] for m in moments}
            if len(shots) >= limit or len(near) < count:
                break
            count *= 4
        return sorted(moments, key=lambda m: (-m.score, m.digest, m.at))

    def _owner(self, kind: str, segment: str, row: int) -> tuple[RowRange, int]:
        spans = self._spans[segment][kind]
        span = spans[bisect_right(spans, row, key=lambda s: s.first) - 1]
        return span, row - span.first

    def _places_of(self, kind: str, digest: str) -> tuple[Fraction, np.ndarray]:
        if (kind, digest) not in self._places:
            self._places[kind, digest] = self._catalogue.places(kind, digest)
        return self._places[kind, digest]

    def _moment(self, segment: str, row: int, score: float) -> PartHit:
        span, number = self._owner(PICTURES, segment, row)
        timebase, places = self._places_of(PICTURES, span.digest)
        return PartHit(span.digest, int(places[number]) * timebase, min(1.0, max(0.0, score)))

    # ---------------------------------------------------------------------------------- speech

    def _said(self, speech: str, limit: int) -> list[PartHit]:
        if not self._made.get("speech"):
            self.notes.append("the library was indexed without speech (--no-speech)")
            return []
        lists = [self._catalogue.spoken(speech, limit)]
        if self._made.get("meanings"):
            if self._made["meanings"] == meanings_identity():
                lists.append(self._meant(speech, limit))
            else:
                self.notes.append(
                    "speech was searched by its words only: the network for sentences that the "
                    "library was made with is not here (smartcut models pull minilm-l6-v2)"
                )
        ranked = _fused(lists)
        said = self._catalogue.sentences([id for id, _ in ranked])
        return [
            PartHit(said[id].digest, said[id].range.middle, score, said[id]) for id, score in ranked
        ]

    def _meant(self, speech: str, limit: int) -> list[int]:
        """Ids of the sentences of like meaning, the nearest first."""
        names, vectors = self._vectors[SPEECH]
        ids = []
        for near in vectors.search(self._meanings([speech])[0], limit):
            if near.score >= _RELATED:
                span, number = self._owner(SPEECH, names[near.segment], near.row)
                _, places = self._places_of(SPEECH, span.digest)
                ids.append(int(places[number]))
        return ids

    # ------------------------------------------------------------------------------------ hits

    def _hits(self, lists: dict[str, list[PartHit]], question: Question) -> list[Hit]:
        best: dict[str, dict[FrameKey, PartHit]] = {}
        for kind, moments in lists.items():
            of_kind = best.setdefault(kind, {})
            for moment in moments:
                of_kind.setdefault(self._shot_of(moment)[0], moment)
        if len(best) == 1:
            ((kind, only),) = best.items()
            ranked = [(key, moment.score) for key, moment in only.items()]
        else:
            ranked = _fused([list(of_kind) for of_kind in best.values()])
        hits: list[Hit] = []
        for key, score in ranked:
            path = self._path(key[0])
            if path is not None:
                found = {k: b[key] for k, b in best.items() if key in b}
                hits.append(self._hit(key, path, score, found, question.longest))
            if len(hits) == question.limit:
                break
        return hits

    def _hit(
        self, key: FrameKey, path: Path, score: float, found: dict[str, PartHit], longest: Fraction
    ) -> Hit:
        lead = next(iter(found.values()))
        shot = self._shot_of(lead)[1]
        said = next((m.said for m in found.values() if m.said), None)
        if said is not None and len(found) == 1:
            stretch = said.range
        else:
            stretch = around(lead.at, shot, longest)
        why = tuple((kind, moment.score) for kind, moment in found.items())
        text = said.text if said else ""
        return Hit(path, key[0], stretch, lead.at, score, key[1], why, text)

    def _path(self, digest: str) -> Path | None:
        """The file that still has this content; None, and a note, where there is none."""
        files = self._catalogue.files_of(digest)
        for file in files:
            with suppress(OSError):
                if stamp_of(self._folder / file.path) == file.stamp:
                    return self._folder / file.path
        name = files[0].path if files else digest
        note = f"{name} has changed or is gone since it was indexed: run `smartcut library index`"
        if note not in self.notes:
            self.notes.append(note)
        return None

    def _shot_of(self, moment: PartHit) -> tuple[FrameKey, Range]:
        """The shot that shows the moment, or the whole source where it has no shots."""
        digest = moment.digest
        if digest not in self._shots:
            self._shots[digest] = self._catalogue.shots(digest)
        shots = self._shots[digest]
        number = max(0, bisect_right(shots, moment.at, key=lambda s: s.start) - 1)
        return (digest, number), shots[number]


def around(at: Fraction, shot: Range, longest: Fraction) -> Range:
    """The shot, or where it is longer, ``longest`` seconds of it around ``at``."""
    if shot.duration <= longest:
        return shot
    start = min(max(shot.start, at - longest / 2), shot.end - longest)
    return Range(start, start + longest)


def _fused(lists: Sequence[Iterable[Any]]) -> list[tuple[Any, float]]:
    """Items by reciprocal rank over all lists; what is first in each has the score 1."""
    scores: dict[Any, float] = {}
    for items in lists:
        for rank, item in enumerate(items, 1):
            scores[item] = scores.get(item, 0.0) + 1 / (_RANKS + rank)
    most = len(lists) / (_RANKS + 1)
    return sorted(((i, s / most) for i, s in scores.items()), key=lambda pair: -pair[1])


def search(
    folder: Path,
    question: Question,
    *,
    store: Path | None = None,
    options: Options | None = None,
    network: Looker | None = None,
) -> SearchAnswer:
    """What the library of a folder answers; nothing is decoded.

    Raises SourceError where the folder has no library yet.
    """
    kept = Store.of(folder, store)
    with kept.catalogue(folder) as catalogue:
        return Library(folder, catalogue, kept, options, network).answer(question)
