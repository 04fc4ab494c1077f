"""A words file, read again: the script that it was written from, and what is left of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.annotation import Annotation, Sentence, Transcript, Word
from smartcut.cut import Cut, Segment, Track
from smartcut.errors import PipelineError
from smartcut.interchange.media_paths import from_url
from smartcut.interchange.reading import Media, Prober
from smartcut.interchange.words.markdown import HARD_SPACE, HEAD, TIMES, VERSION, clock
from smartcut.interchange.words.matching import TextLine, Token, matched
from smartcut.interchange.words.pieces import Heading, Item, WordsPiece, pieces
from smartcut.interchange.words.script import Script, ScriptLine, ScriptSource
from smartcut.timebase import Range, exact

_HEADING = re.compile(r" {0,3}#{1,6}\s+(.*?)\s*#*\s*")
_ITEM = re.compile(r"\s*[-*+]\s+\[([ xX])\]\s*(.*)")
_TIME = r"\d+:\d\d:\d\d\.\d{3}"
_WHERE = re.compile(rf"\[(?:((?:\\.|[^\]\\])+?)\s+)?({_TIME})\s*-\s*({_TIME})\]\s*(.*)")
_WHO = re.compile(r"\*\*((?:\\.|[^*\\])+):\*\*\s*(.*)")
_PAUSE = re.compile(r"\*[^*]*\*")
_PARTS = re.compile(r"(~~)|\\(.)|\{(\d+)\}(?=[ \t~]|$)|([ \t]+)|([*_`]+)|(.)")
_RULE = re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*")


@dataclass(frozen=True)
class WordsFile:
    """A file that was read: the script, and the words and headings that are left, in order."""

    script: Script
    items: tuple[Item, ...]

    @property
    def pieces(self) -> list[WordsPiece]:
        """The ranges that are to be heard."""
        return pieces(self.script, self.items)


def from_words(data: bytes, *, folder: Path, look: Prober | None, by: str) -> Cut:
    """The cut that a words file means; raises PipelineError, with the line where there is one."""
    read = read_words(data, by)
    media = Media(by, look)
    known = {s.id: media.at(from_url(str(s.path), folder)) for s in read.script.sources}
    segments = tuple(
        Segment(known[p.source].id, p.range, label=known[p.source].id, chapter=p.chapter)
        for p in read.pieces
    )
    notes = tuple(
        f"{known[s.id].path} has changed since {by} was written: its words may lie elsewhere"
        for s in read.script.sources
        if known[s.id].digest != s.digest
    )
    annotations = tuple(
        Annotation("transcript", known[s.id].id, transcript_of(read.script, s.id), "words/1")
        for s in read.script.sources
    )
    tracks = (Track("programme", segments),)
    return Cut(tuple(media.sources.values()), tracks, annotations, notes=notes)


def transcript_of(script: Script, source: str) -> Transcript:
    """What the file says of the words of a source."""
    own = (line for line in script.lines if line.source == source and not line.is_pause)
    sentences = (
        Sentence(line.range, " ".join(word.text for word in line.words), line.words) for line in own
    )
    return Transcript(script.source(source).language, tuple(sentences))


def read_words(data: bytes, by: str) -> WordsFile:
    """A words file; raises PipelineError, with the line where there is one."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PipelineError(f"{by}: a words file is text in UTF-8: {error}") from error
    rows = list(enumerate(text.splitlines(), 1))
    script, left = _script(rows, by)
    names: dict[int, str] = {}
    lines = list(_lines(left, script, by, names))
    items = tuple(matched(script, lines, by))
    return WordsFile(_with_names(script, names), items)


def _with_names(script: Script, names: dict[int, str]) -> Script:
    """The script with who says its lines as the text has it, which may have been mended."""
    lines = (
        replace(line, words=tuple(replace(word, speaker=names[number]) for word in line.words))
        if number in names
        else line
        for number, line in enumerate(script.lines)
    )
    return replace(script, lines=tuple(lines)) if names else script


# -------------------------------------------------------------------------------- what was said

_Row = tuple[int, str]


def _script(rows: list[_Row], by: str) -> tuple[Script, list[_Row]]:
    """What the file was written from, and the rows between its front and the times."""
    front, rest = _front(rows, by)
    begins = next((i for i, (_, row) in enumerate(rest) if row.strip() == f"<!-- {TIMES}"), None)
    if begins is None:
        raise PipelineError(
            f"{by}: the comment at the end that says when each word was said ({TIMES!r}) is gone; "
            "write the file anew with `smartcut words`"
        )
    ends = next((i for i in range(begins, len(rest)) if rest[i][1].strip() == "-->"), len(rest))
    lines: list[ScriptLine] = []
    durations: dict[str, Fraction] = {}
    for number, row in rest[begins + 1 : ends]:
        try:
            said = json.loads(row)
            if "words" in said:
                lines.append(ScriptLine(str(said["source"]), tuple(map(_word, said["words"]))))
                lines[-1].words[0]
            else:
                durations[str(said["source"])] = _seconds(said["duration"])
        except (ValueError, KeyError, TypeError, IndexError, ArithmeticError) as error:
            message = f"what is said here of the times of words is damaged: {error}"
            raise PipelineError(message, path=by, line=number) from error
    sources = tuple(_source(id, said, durations, by) for id, said in front.items())
    script = Script(sources, tuple(lines))
    _check(script, by)
    return script, [*rest[:begins], *rest[ends + 1 :]]


def _front(rows: list[_Row], by: str) -> tuple[dict[str, Any], list[_Row]]:
    import yaml

    ends = next((i for i, (_, row) in enumerate(rows) if i and row.rstrip() == "---"), None)
    if not rows or rows[0][1].rstrip() != "---" or ends is None:
        raise PipelineError(
            f"{by}: this is no words file: it does not begin with what `smartcut words` writes "
            f"there ('---', then {HEAD!r})"
        )
    try:
        found = yaml.safe_load("\n".join(row for _, row in rows[1:ends]))
        sources = found["sources"]
        if found.get("smartcut") != "words" or not isinstance(sources, dict):
            raise ValueError(f"{HEAD!r} is not there")
        if found.get("version") != VERSION:
            raise ValueError(f"version {found.get('version')!r}, not {VERSION}")
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PipelineError(
            f"{by}: the lines between '---' are not those of a words file: {error}", line=1
        ) from error
    return sources, rows[ends + 1 :]


def _word(row: Any) -> Word:
    text, start, end, *more = row
    probability = float(more[0]) if more else 1.0
    speaker = str(more[1]) if len(more) > 1 else None
    return Word(Range(_seconds(start), _seconds(end)), str(text), probability, speaker)


def _seconds(number: Any) -> Fraction:
    return exact(number) if isinstance(number, str) else Fraction(int(number), 1000)


def _source(id: Any, said: Any, durations: dict[str, Fraction], by: str) -> ScriptSource:
    name = str(id)
    if not isinstance(said, dict) or "path" not in said or name not in durations:
        raise PipelineError(f"{by}: what it says of the source {name!r} is not whole")
    path, digest = Path(str(said["path"])), str(said.get("sha256", ""))
    return ScriptSource(name, path, digest, durations[name], str(said.get("language", "en")))


def _check(script: Script, by: str) -> None:
    """Raise PipelineError where words overlap, or lie outside their sources."""
    ends = {source.id: Fraction(0) for source in script.sources}
    for line in script.lines:
        for word in line.words:
            if line.source not in ends or word.range.start < ends[line.source]:
                raise PipelineError(
                    f"{by}: {word.text!r} of {line.source!r} at {clock(word.range.start)} is not "
                    "in order"
                )
            ends[line.source] = word.range.end
    for source in script.sources:
        if ends[source.id] > source.duration:
            raise PipelineError(f"{by}: the words of {source.id!r} go past its end")


# ------------------------------------------------------------------------------- what is left


def _lines(
    rows: list[_Row], script: Script, by: str, names: dict[int, str]
) -> Iterator[TextLine | tuple[int, Heading]]:
    """The lines of the text that say something, in order.

    ``names`` gets who says which line of the script, where the text tells.
    """
    several = len(script.sources) > 1
    places = {
        (line.source, clock(line.range.start)): number for number, line in enumerate(script.lines)
    }
    is_ticked = True
    for number, row in _without_comments(rows):
        if not row.strip():
            is_ticked = True  # a line that goes on in the next row is one with it
            continue
        if heading := _HEADING.fullmatch(row):
            yield number, Heading(" ".join(t.text for t in _tokens(heading[1], number, by)))
            continue
        if _RULE.fullmatch(row):
            continue
        item = _ITEM.fullmatch(row)
        if item is None:
            if is_ticked:
                yield TextLine(number, tuple(_tokens(row.strip(), number, by)))
            continue
        is_ticked = item[1] != " "
        where = _WHERE.fullmatch(item[2])
        line = None if where is None else _line_at(where, places, script, several, number, by)
        text = item[2] if where is None else where[4]
        if who := _WHO.fullmatch(text):
            text = who[2]
            if line is not None:
                names[line] = _plain(who[1])
        if not is_ticked:
            continue
        is_pause = line is not None and script.lines[line].is_pause
        if is_pause and _PAUSE.fullmatch(text.strip()):
            yield TextLine(number, (), line, is_pause=True)
        else:
            yield TextLine(number, tuple(_tokens(text, number, by)), line)


def _line_at(
    where: re.Match[str],
    places: dict[tuple[str, str], int],
    script: Script,
    several: bool,
    number: int,
    by: str,
) -> int:
    """Which line of the script begins then."""
    source = _plain(where[1]) if where[1] else script.sources[0].id
    if where[1] is None and several:
        raise PipelineError(
            f"of which source? accepted before the time: {', '.join(s.id for s in script.sources)}",
            path=by,
            line=number,
        )
    found = places.get((source, where[2]))
    if found is None:
        raise PipelineError(
            f"no line of {source} begins at {where[2]}; times say which line it is, and stay as "
            "they are",
            path=by,
            line=number,
        )
    return found


def _without_comments(rows: list[_Row]) -> Iterator[_Row]:
    """The rows without what stands in comments."""
    is_inside = False
    for number, row in rows:
        kept = ""
        while row:
            mark = "-->" if is_inside else "<!--"
            before, found, row = row.partition(mark)
            kept += "" if is_inside else before
            is_inside ^= bool(found)
        if not is_inside or kept.strip():
            yield number, kept


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).replace(HARD_SPACE, " ")


def _tokens(text: str, number: int, by: str) -> list[Token]:
    """The words of a row; what Markdown means is read, and emphasis does not count."""
    struck, word, which = False, "", None
    found: list[Token] = []

    def end() -> None:
        nonlocal word, which
        if word:
            found.append(Token(word.replace(HARD_SPACE, " "), struck, which))
        word, which = "", None

    for part in _PARTS.finditer(text):
        strike, plain, mark, space, _, other = part.groups()
        if strike:
            end()
            struck = not struck
        elif space:
            end()
        elif mark and word:
            which = int(mark)
        elif plain or other:
            word += plain or other
        elif mark:
            word += part[0]
    end()
    if struck:
        message = "`~~` begins a struck part that does not end on this line; write `~~` after it"
        raise PipelineError(message, path=by, line=number)
    return found
