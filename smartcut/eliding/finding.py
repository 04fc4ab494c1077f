"""Every place where a film lets hear something else than was said, found from its cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from smartcut.algebra import resolved
from smartcut.cut import Cut
from smartcut.eliding.covering import covered_share, frame_of
from smartcut.eliding.heard import HeardPlace, heard, texts_of, voices
from smartcut.eliding.joins import HeardJoin, Kind, LeftOut, senses_of
from smartcut.eliding.sense import SenseChange
from smartcut.tightening.fillers import FILLERS, plain
from smartcut.timebase import Range

#: What each kind is, in words.
KINDS: dict[Kind, str] = {
    "shortened": "words of a sentence are left out",
    "joined": "parts of two sentences are heard as one",
    "reordered": "what was said later is heard earlier",
    "omitted": "whole sentences between are left out",
    "retaken": "another reading of the same words goes on",
    "paced": "it is played at another speed",
    "covered": "other pictures are seen than those of who speaks",
    "voiced": "a voice that was generated speaks",
}
#: Words that are told of around a place; of those left out, so many.
_AROUND, _MOST = 8, 60
#: Of the frame so much is another picture where who speaks is covered.
_COVERED = 0.5


@dataclass(frozen=True, slots=True)
class Elision:
    """A place where something else is heard, or seen, than was said."""

    kind: Kind
    at: Range
    """In timeline time; of joins it is empty."""
    source: str | None
    """Where it was said."""
    before: str = ""
    """What is heard up to there."""
    left_out: str = ""
    """The words that are not heard; nothing where only the way they are heard is another."""
    after: str = ""
    where: Range | None = None
    """When the words left out were said, in the source's time."""
    detail: str = ""
    """The speed, the picture, the voice, or the recording that goes on."""
    is_filler: bool = False
    """Nothing but "um" and its like is left out, or what is said again right after."""
    senses: tuple[SenseChange, ...] = ()
    is_judged: bool = True
    """Rules for signs of another sense are known of the language."""

    @property
    def text(self) -> str:
        """What is heard, with the words left out in brackets."""
        left = f"[{self.left_out}]" if self.left_out else ""
        return " ".join(part for part in (self.before, left, self.after) if part)

    def to_plain(self) -> dict[str, Any]:
        """Numbers and texts, as in JSON; times in seconds."""
        return {
            "kind": self.kind,
            "start": round(float(self.at.start), 3),
            "end": round(float(self.at.end), 3),
            "source": self.source,
            "text": self.text,
            "before": self.before,
            "left_out": self.left_out,
            "after": self.after,
            "said": None
            if self.where is None
            else [round(float(t), 3) for t in (self.where.start, self.where.end)],
            "detail": self.detail,
            "filler": self.is_filler,
            "judged": self.is_judged,
            "senses": [{"kind": one.kind, "because": one.because} for one in self.senses],
        }


def elisions(cut: Cut) -> tuple[Elision, ...]:
    """All of them, in the order of the film."""
    tracks = heard(cut)
    joins = [one for words in tracks for one in _joins(words)]
    places = [place for words in tracks for place in words]
    found = [*joins, *_paced(cut, places), *_covered(cut, places), *_voiced(cut)]
    return tuple(sorted(found, key=lambda one: (one.at.start, one.at.end)))


# ------------------------------------------------------------------------------------- the joins


def _joins(places: Sequence[HeardPlace]) -> Iterator[Elision]:
    """Where what is heard next was not said next."""
    for n, (one, other) in enumerate(pairwise((None, *places, None))):
        if one is None and other is None:
            return
        before, after = places[max(0, n - _AROUND) : n], places[n : n + _AROUND]
        elision = _elision(HeardJoin(one, other, places, n), before, after)
        if elision is not None:
            yield elision


def _elision(
    join: HeardJoin, before: Sequence[HeardPlace], after: Sequence[HeardPlace]
) -> Elision | None:
    kind = join.kind
    if kind is None:
        return None
    is_filler = kind == "shortened" and _is_filler(join.left[0])
    return Elision(
        kind,
        Range(join.at, join.at),
        join.left[0].text.source if join.left else join.known.text.source,
        _heard_words(before),
        _abridged(" ".join(part.said for part in join.left)),
        _heard_words(after),
        join.left[0].where if len(join.left) == 1 else None,
        _other_source(join) if kind == "retaken" else "",
        is_filler=is_filler,
        senses=() if is_filler else senses_of(join),
        is_judged=is_filler or kind == "retaken" or join.is_judged,
    )


def _heard_words(places: Sequence[HeardPlace]) -> str:
    """The words, with an ellipsis wherever something is left out between two of them."""
    found = [place.word.text.strip() for place in places[:1]]
    for one, other in pairwise(places):
        if HeardJoin(one, other).kind is not None:
            found.append("…")
        found.append(other.word.text.strip())
    return " ".join(found)


def _other_source(join: HeardJoin) -> str:
    one, other = join.one, join.other
    return f"of {other.text.source}" if one and other and one.text is not other.text else ""


def _abridged(said: str) -> str:
    words = said.split()
    if len(words) <= _MOST:
        return said
    half = _MOST // 2
    return " ".join([*words[:half], f"… {len(words) - _MOST} words …", *words[-half:]])


def _is_filler(left: LeftOut) -> bool:
    """Whether all words are fillers, or said once more right after."""
    text, numbers = left.text, left.numbers
    known = {*FILLERS.get(text.language, ()), *FILLERS["en"]}
    words = [plain(text.words[n].text) for n in numbers]
    following = [plain(w.text) for w in text.words[numbers[-1] + 1 :][: len(words)]]
    return all(word in known for word in words) or words == following


# -------------------------------------------------------------- pace, pictures, generated voices


def _said(places: Sequence[HeardPlace], when: Range) -> list[HeardPlace]:
    return [place for place in places if when.contains(place.at.middle)]


def _paced(cut: Cut, places: Sequence[HeardPlace]) -> Iterator[Elision]:
    for segment, place in resolved(cut).programme.placed():
        words = _said(places, place) if not segment.is_plain else []
        if words:
            said = " ".join(one.word.text.strip() for one in words[: 2 * _AROUND])
            yield Elision("paced", place, segment.source, said, detail=segment.pace)


def _covered(cut: Cut, places: Sequence[HeardPlace]) -> Iterator[Elision]:
    """Where words are heard while other pictures are seen."""
    known = {source.id: source for source in cut.sources}
    frame = frame_of(cut)
    for track in resolved(cut).overlays:
        if track.role in ("titles", "captions"):
            continue
        for segment, place in track.placed():
            source = known.get(segment.source or "")
            if source is None or source.is_drawn:
                continue
            words = _said(places, place)
            if words and covered_share(cut, segment, frame) > _COVERED:
                yield _under(words, place, f"pictures of {source.id}")
    apart = [p for p in places if p.shown is not None and p.shown != p.text.source]
    for shown, group in groupby(apart, key=lambda place: (place.shown, place.text.source)):
        words = list(group)
        place = Range(words[0].at.start, words[-1].at.end)
        yield _under(words, place, f"pictures of {shown[0]}")


def _under(words: Sequence[HeardPlace], place: Range, detail: str) -> Elision:
    said = " ".join(one.word.text.strip() for one in words[: 2 * _AROUND])
    return Elision("covered", place, words[0].text.source, said, detail=detail)


def _voiced(cut: Cut) -> Iterator[Elision]:
    texts = texts_of(cut)
    for _, segment, place in voices(cut):
        text = texts.get(segment.source or "")
        numbers = [
            n for n, word in enumerate(text.words if text else ())
            if segment.range.contains(word.range.middle)
        ]  # fmt: skip
        said = text.text(numbers[: 2 * _AROUND]) if text else ""
        engine = next((s.made.engine for s in cut.sources if s.id == segment.source and s.made), "")
        yield Elision("voiced", place, segment.source, said, detail=f"by {engine}")
