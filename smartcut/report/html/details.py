"""The tables of a report: how the file was written, what it is made of, what vouches for it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from smartcut.algebra import words_in_timeline
from smartcut.annotation import Shots, Word
from smartcut.report.html.facts import GeneratedPart, ReportFacts, WrittenSound
from smartcut.report.html.markup import (
    clock,
    count,
    foreign,
    seconds,
    share,
    size,
    table,
    tag,
    text,
)
from smartcut.report.inspect import made_in_words, manifest_in_words, signature_in_words
from smartcut.source import Source

# Rows of a table; of more, the manifest has them all.
_MOST_ROWS = 500
# A pause so long, in seconds, begins a new line of what is said.
_PAUSE = Fraction(3, 2)
_LONGEST_LINE = 30


# --------------------------------------------------------------------------------- what is said


def transcript(facts: ReportFacts) -> str:
    """All that is heard, in timeline time; nothing where nothing is known to be said."""
    rows = [
        (clock(line[0].range.start), foreign(line[0].speaker or ""), foreign(_joined(line)))
        for line in _lines(words_in_timeline(facts.cut))
    ]
    if not rows:
        return ""
    if not any(line.speaker for line in words_in_timeline(facts.cut)):
        rows = [(when, said) for when, _, said in rows]  # type: ignore[misc]
        return _long("What is said", ("At", "Said"), rows)
    return _long("What is said", ("At", "By", "Said"), rows)


def _lines(words: tuple[Word, ...]) -> Iterator[list[Word]]:
    """Words that follow each other: of one speaker, without a pause, and not too many."""
    line: list[Word] = []
    for word in words:
        if line and (
            word.speaker != line[-1].speaker
            or word.range.start - line[-1].range.end > _PAUSE
            or (
                len(line) >= _LONGEST_LINE
                and line[-1].text.rstrip().endswith((".", "?", "!", "。"))
            )
        ):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def _joined(words: list[Word]) -> str:
    return " ".join(word.text.strip() for word in words)


def _long(caption: str, head: tuple[str, ...], rows: list[Any], class_: str = "") -> str:
    shown = table(caption, head, rows[:_MOST_ROWS], class_)
    left = len(rows) - _MOST_ROWS
    return shown + (tag("p", f"and {count(left, 'more row')}") if left > 0 else "")


# ------------------------------------------------------------------------------ how it was written


def writing(facts: ReportFacts) -> Iterator[str]:
    """Shares of what was copied and encoded, with reasons; sound; what was generated."""
    told = facts.writing
    if told is None:
        return
    if told.spans:
        yield table("Picture", ("How", "Why", "Share", "Time", "Frames", "Places"), _spans(facts))
    if told.sounds:
        yield table("Sound", ("Track", "Codec", "How", "Why"), _sounds(told.sounds))
    if told.generated:
        head = ("From", "To", "What", "By", "Source type", "Parameters")
        yield _long("Generated", head, [_generated(part) for part in told.generated])
    else:
        yield tag("p", "Nothing in it was generated, as far as its sources tell.")


def expected(facts: ReportFacts) -> str:
    """What was expected of the film, and whether it was so when it was written."""
    found = facts.writing.verdicts if facts.writing else ()
    if not found:
        return ""
    rows = [
        (
            text("met" if one.state == "met" else "not met"),
            text(one.name),
            text(one.wanted),
            text(one.measured) + "".join(tag("p", _missed(*miss)) for miss in one.misses),
        )
        for one in found
    ]
    return table("Expectations", ("", "Expectation", "Wanted", "Measured"), rows)


def _missed(at: Fraction | None, reason: str) -> str:
    return text(reason if at is None else f"{clock(at)}: {reason}")


def _spans(facts: ReportFacts) -> Iterator[tuple[str, ...]]:
    """A row for each reason, the one with the most time first."""
    assert facts.writing is not None
    found: dict[tuple[str, str], list[Any]] = {}
    for span in facts.writing.spans:
        found.setdefault((span.how, span.reason), []).append(span)
    whole = sum((s.range.duration for s in facts.writing.spans), Fraction(0))
    rows = [(k, sum((s.range.duration for s in v), Fraction(0)), v) for k, v in found.items()]
    names = {"copy": "Copied", "encode": "Encoded"}
    for (how, reason), time, spans in sorted(rows, key=lambda row: -row[1]):
        frames = sum(span.frames for span in spans)
        mark = tag("i", class_=f"key {how}") if how in names else ""
        yield (
            mark + text(names.get(how, how)), foreign(reason), share(time, whole), seconds(time),
            f"{frames:,}", str(len(spans)),
        )  # fmt: skip


def _sounds(sounds: tuple[WrittenSound, ...]) -> Iterator[tuple[str, ...]]:
    for number, sound in enumerate(sounds, 1):
        how = {"copy": "copied", "encode": "encoded"}.get(sound.how, sound.how or "not known")
        yield foreign(sound.name or number), foreign(sound.codec), text(how), foreign(sound.reason)


def _generated(part: GeneratedPart) -> tuple[str, ...]:
    return (
        clock(part.range.start, 2), clock(part.range.end, 2), foreign(f"{part.kind}, {part.media}"),
        foreign(part.engine), foreign(part.source_type), foreign(part.params),
    )  # fmt: skip


# ------------------------------------------------------------------------------ what it is made of


def sources(facts: ReportFacts) -> str:
    head = ("Source", "What it is", "Length", "Shots", "Shown for", "There", "SHA-256")
    shown: dict[str, Fraction] = {}
    for segment, place in facts.cut.programme.placed():
        if segment.source:
            shown[segment.source] = shown.get(segment.source, Fraction(0)) + place.duration
    rows = [_source(source, shown.get(source.id), facts) for source in facts.cut.sources]
    return _long("Sources", head, rows)


def _source(source: Source, shown: Fraction | None, facts: ReportFacts) -> tuple[str, ...]:
    there = "yes" if source.id in facts.present else "no"
    name = foreign(source.id)
    if source.made is None:
        name += tag("small", foreign(source.path))
    return (
        name, foreign(_kind(source)), clock(source.duration) if source.duration else "",
        _shots(source, facts), seconds(shown) if shown else "",
        there if source.made is None else "made", _digest(source.digest),
    )  # fmt: skip


def _shots(source: Source, facts: ReportFacts) -> str:
    found = facts.cut.data(Shots, "shots", source.id)
    if found:
        return str(len(found.shots))
    return "not known" if source.video else ""


def _kind(source: Source) -> str:
    if source.made:
        return " ".join(part for part in (source.made.kind, source.made.engine) if part)
    parts = []
    if video := source.video:
        parts.append(f"{video.codec} {video.width}x{video.height}, {float(video.rate):.6g} fps")
    if audio := source.audio:
        parts.append(f"{audio.codec} {audio.layout}")
    return "; ".join(parts or [source.format])


def _digest(digest: str | None) -> str:
    """The digest, which a line breaks anywhere."""
    return tag("code", text(digest), class_="digest") if digest else ""


def models(facts: ReportFacts) -> str:
    rows = [
        (
            foreign(row.get("annotation", "")), foreign(row.get("producer", "")),
            foreign(row.get("model") or "no network"), foreign(row.get("engine") or ""),
            _weights(row.get("sha256")),
        )
        for row in facts.models
    ]  # fmt: skip
    return (
        table("Analyses and networks", ("What", "By", "Network", "Engine", "SHA-256"), rows)
        if rows
        else ""
    )


def _weights(digests: Any) -> str:
    return tag("br").join(_digest(one) for one in str(digests).split("+")) if digests else ""


# ----------------------------------------------------------------------------------- provenance


def provenance(facts: ReportFacts) -> str:
    """The file and its digest, what it says of itself, its manifest, its signature, findings."""
    found = facts.inspection
    if found is None:
        return ""
    path = found.source.path
    rows = [
        ("File", f"{foreign(path.name)}, {size(path.stat().st_size)}"),
        ("SHA-256", _digest(found.source.digest)),
        ("Generated", text(made_in_words(found))),
        ("Manifest", text(manifest_in_words(found))),
        ("Signature (C2PA)", text(signature_in_words(found.signature))),
    ]
    rows += [("Does not fit", foreign(finding.text)) for finding in found.findings]
    if found.signature:
        rows += [("Why", foreign(reason)) for reason in found.signature.reasons]
    return pairs(rows)


def pairs(rows: list[tuple[str, str]]) -> str:
    return tag("dl", *(tag("dt", text(n)) + tag("dd", v) for n, v in rows), class_="pairs")
