"""What a library knows, in SQLite: files and what they contain, and whose vectors lie where.

A file's content is known by its digest, so that a renamed or copied file brings nothing new.
Every change is one transaction; a segment of vectors is on disk before a row speaks of it.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.annotation import Annotation, Sentence, Shots
from smartcut.errors import CacheError
from smartcut.interchange.json import from_plain, to_plain
from smartcut.source import Source
from smartcut.timebase import Range

SCHEMA = 1
_TABLES = """
create table if not exists meta (key text primary key, value text not null);
create table if not exists contents (
    digest text primary key, source text not null, annotations text not null,
    shots text not null);
create table if not exists files (
    path text primary key, stamp text not null, digest text, error text);
create table if not exists spans (
    kind text not null, digest text not null, segment text not null, first integer not null,
    count integer not null, timebase text not null, places blob not null,
    primary key (kind, digest));
create table if not exists sentences (
    id integer primary key, digest text not null, start text not null, end text not null,
    text text not null);
create index if not exists sentences_of on sentences (digest);
create virtual table if not exists words using fts5 (
    text, content='sentences', content_rowid='id', tokenize='porter unicode61');
"""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as it was last seen; ``path`` is relative to the library's folder."""

    path: str
    stamp: str
    """Size, times and inode: while they stay, so does the content."""
    digest: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class RowRange:
    """Rows ``first`` to ``first + count`` of a segment are those of a content, in order."""

    digest: str
    segment: str
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """A sentence that was found."""

    id: int
    digest: str
    range: Range
    text: str


class Catalogue:
    """The database in ``folder``; for one thread. Reading goes on while another one writes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "library.sqlite"
        try:
            self._db = sqlite3.connect(self._path, timeout=30, isolation_level=None)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = full")
            self._db.executescript(_TABLES)
        except sqlite3.Error as error:
            raise CacheError(
                f"the library's database {self._path} cannot be used: {error}; make it again by "
                f"deleting {folder} and running: smartcut library index FOLDER"
            ) from error
        version = self.note("schema")
        if version is None:
            self.set_note("schema", SCHEMA)
        elif version != SCHEMA:
            raise CacheError(
                f"the library at {folder} has the layout {version}, and this smartcut reads "
                f"{SCHEMA}; make it again with: smartcut library index FOLDER --fresh"
            )

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """All that is written in the block is kept, or nothing of it."""
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    # ------------------------------------------------------------------------------- notes

    def note(self, key: str) -> Any:
        """A JSON value kept under ``key``, or None."""
        row = self._db.execute("select value from meta where key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def set_note(self, key: str, value: Any) -> None:
        self._db.execute("replace into meta values (?, ?)", (key, json.dumps(value)))

    # ------------------------------------------------------------------------------- files

    def files(self) -> dict[str, FileRow]:
        """Every file by its path."""
        rows = self._db.execute("select path, stamp, digest, error from files order by path")
        return {row[0]: FileRow(*row) for row in rows}

    def put_file(self, row: FileRow) -> None:
        self._db.execute(
            "replace into files values (?, ?, ?, ?)", (row.path, row.stamp, row.digest, row.error)
        )

    def drop_files(self, paths: Iterable[str]) -> None:
        self._db.executemany("delete from files where path = ?", ((p,) for p in paths))

    def files_of(self, digest: str) -> list[FileRow]:
        """The files with this content, by path."""
        rows = self._db.execute(
            "select path, stamp, digest, error from files where digest = ? order by path", (digest,)
        )
        return [FileRow(*row) for row in rows]

    # ---------------------------------------------------------------------------- contents

    def has(self, digest: str) -> bool:
        return bool(
            self._db.execute("select 1 from contents where digest = ?", (digest,)).fetchone()
        )

    def count(self) -> int:
        """How many contents there are."""
        return int(self._db.execute("select count(*) from contents").fetchone()[0])

    def content(self, digest: str) -> tuple[Source, tuple[Annotation, ...]]:
        """The source as it was probed, and what was found out about it."""
        row = self._db.execute(
            "select source, annotations from contents where digest = ?", (digest,)
        ).fetchone()
        known = from_plain(tuple[Annotation, ...], json.loads(row[1]))
        return from_plain(Source, json.loads(row[0])), known

    def put_content(self, source: Source, annotations: Sequence[Annotation]) -> None:
        plain = to_plain(tuple(annotations))
        shots = next((a.data.shots for a in annotations if isinstance(a.data, Shots)), ())
        ranges = [shot.range for shot in shots] or [Range(Fraction(0), source.duration)]
        texts = (
            json.dumps(to_plain(source)),
            json.dumps(plain),
            json.dumps([[str(r.start), str(r.end)] for r in ranges]),
        )
        self._db.execute("replace into contents values (?, ?, ?, ?)", (source.digest, *texts))

    def shots(self, digest: str) -> tuple[Range, ...]:
        """The ranges of a content's shots; its whole length where it has none."""
        row = self._db.execute("select shots from contents where digest = ?", (digest,)).fetchone()
        return tuple(Range(Fraction(a), Fraction(b)) for a, b in json.loads(row[0]))

    def drop_unowned(self) -> int:
        """Forget contents that no file has any more; how many those were."""
        gone = [
            row[0]
            for row in self._db.execute(
                "select digest from contents where digest not in "
                "(select digest from files where digest is not null)"
            )
        ]
        for digest in gone:
            self._db.execute(
                "insert into words (words, rowid, text) "
                "select 'delete', id, text from sentences where digest = ?",
                (digest,),
            )
            for table in ("sentences", "spans", "contents"):
                self._db.execute(f"delete from {table} where digest = ?", (digest,))
        return len(gone)

    # --------------------------------------------------------------------------- sentences

    def put_sentences(self, digest: str, sentences: Sequence[Sentence]) -> list[int]:
        """The ids that the sentences got."""
        ids = []
        for s in sentences:
            values = (digest, str(s.range.start), str(s.range.end), s.text.strip())
            added = self._db.execute(
                "insert into sentences (digest, start, end, text) values (?, ?, ?, ?)", values
            )
            self._db.execute(
                "insert into words (rowid, text) values (?, ?)", (added.lastrowid, values[3])
            )
            ids.append(int(added.lastrowid or 0))
        return ids

    def sentences(self, ids: Sequence[int]) -> dict[int, SpokenSentence]:
        """The sentences with these ids."""
        marks = ",".join("?" * len(ids))
        rows = self._db.execute(
            f"select id, digest, start, end, text from sentences where id in ({marks})", tuple(ids)
        )
        return {
            row[0]: SpokenSentence(
                row[0], row[1], Range(Fraction(row[2]), Fraction(row[3])), row[4]
            )
            for row in rows
        }

    def spoken(self, words: str, limit: int) -> list[int]:
        """Ids of sentences with any of the words, the best first (BM25); stems count as equal."""
        terms = [w for w in "".join(c if c.isalnum() else " " for c in words).split() if w]
        if not terms:
            return []
        query = " OR ".join(f'"{term}"' for term in terms)
        rows = self._db.execute(
            "select rowid from words where words match ? order by rank, rowid limit ?",
            (query, limit),
        )
        return [row[0] for row in rows]

    # ------------------------------------------------------------------------------- spans

    def put_span(
        self, kind: str, span: RowRange, timebase: Fraction, places: Sequence[int]
    ) -> None:
        """``places`` tell of each row when it is (in timebases), or which sentence's it is."""
        blob = zlib.compress(np.asarray(places, "<i8").tobytes(), 1)
        self._db.execute(
            "replace into spans values (?, ?, ?, ?, ?, ?, ?)",
            (kind, span.digest, span.segment, span.first, span.count, str(timebase), blob),
        )

    def move_span(self, kind: str, digest: str, segment: str, first: int) -> None:
        self._db.execute(
            "update spans set segment = ?, first = ? where kind = ? and digest = ?",
            (segment, first, kind, digest),
        )

    def spans(self, kind: str) -> list[RowRange]:
        """All spans of a kind, by segment and first row."""
        rows = self._db.execute(
            "select digest, segment, first, count from spans where kind = ? "
            "order by segment, first",
            (kind,),
        )
        return [RowRange(*row) for row in rows]

    def places(self, kind: str, digest: str) -> tuple[Fraction, np.ndarray]:
        """(timebase, int64 places) of a content's rows."""
        row = self._db.execute(
            "select timebase, places from spans where kind = ? and digest = ?", (kind, digest)
        ).fetchone()
        return Fraction(row[0]), np.frombuffer(zlib.decompress(row[1]), "<i8")

    def totals(self) -> Mapping[str, int]:
        """How much there is."""
        sums = dict(self._db.execute("select kind, sum(count) from spans group by kind"))
        words = self._db.execute("select count(*) from sentences").fetchone()[0]
        return {
            "files": len(self.files()),
            "contents": self.count(),
            "pictures": int(sums.get("pictures", 0)),
            "sentences": int(words),
        }
