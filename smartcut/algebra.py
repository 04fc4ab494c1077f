"""Pure operations on cuts: place, trim, split, and map between source and timeline time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

from smartcut.annotation import Speakers, SpeakerTurn, Transcript, Word
from smartcut.cut import Anchor, At, Cut, Segment, Track
from smartcut.errors import StageError
from smartcut.source import Source
from smartcut.timebase import Range, RangeIndex
from smartcut.warp import Warp

_NONE = Fraction(0)

# Sources are shown about equally long where they differ by less than this.
_ABOUT_SECONDS = 1.0
_ABOUT_SHARE = 0.05


def opening(sources: tuple[Source, ...]) -> Cut:
    """A cut that shows every source whole, one after the other."""
    segments = tuple(
        Segment(s.id, Range(Fraction(0), s.duration), label=s.id) for s in sources if s.duration
    )
    return Cut(sources=sources, tracks=(Track("programme", segments),))


def identified(cut: Cut) -> Cut:
    """The cut with an id of its own for every segment of it.

    One without an id is named by its source and, where it begins later than the source, by when
    (``talk@12.48``). Of several with the same id, such as the parts of one that was divided, the
    first keeps it and the others get a number (``talk@12.48.2``).
    """
    given = [segment.id for track in cut.tracks for segment in track.segments]
    if all(given) and len(set(given)) == len(given):
        return cut
    present, used, numbers = set(given), set[str](), dict[str, int]()

    def named(segment: Segment) -> Segment:
        id = base = segment.id or _origin(segment)
        while id in used or (id in present and id != segment.id):
            numbers[base] = numbers.get(base, 1) + 1
            id = f"{base}.{numbers[base]}"
        used.add(id)
        return segment if id == segment.id else replace(segment, id=id)

    tracks = (replace(t, segments=tuple(map(named, t.segments))) for t in cut.tracks)
    return replace(cut, tracks=tuple(tracks))


def _origin(segment: Segment) -> str:
    """What a segment came from."""
    if segment.source is None:
        return "gap"
    start = f"{float(segment.range.start):.3f}".rstrip("0").rstrip(".")
    return segment.source if start in ("0", "-0") else f"{segment.source}@{start}"


def snap(cut: Cut, boundary: Callable[[Source, Fraction], Fraction]) -> Cut:
    """The cut with every programme edge moved by ``boundary`` to where a frame starts.

    A segment that would become empty is dropped; a transition longer than half of either
    segment that it joins is shortened to that where it no longer fits.
    """
    snapped: list[Segment] = []
    for segment in cut.segments:
        if segment.source is not None:
            moved = segment.moved(partial(boundary, cut.source(segment.source)))
            if moved is None:
                continue
            segment = moved
        snapped.append(fitted(segment, snapped[-1] if snapped else None))
    return cut.with_segments(tuple(snapped))


def fitted(segment: Segment, before: Segment | None) -> Segment:
    """The segment with its transition as long as it fits after the one before it."""
    if segment.transition is None:
        return segment
    if before is None:
        return replace(segment, transition=None)
    room = min(segment.duration, before.duration - before.overlap)
    if segment.transition.duration <= room:
        return segment
    if room <= 0:
        return replace(segment, transition=None)
    return replace(segment, transition=replace(segment.transition, duration=room / 2))


def inserted(cut: Cut, number: int, segment: Segment) -> Cut:
    """The cut with a segment put before the ``number``-th; what other tracks have from there on at
    timeline times moves with it.

    What came there does so without its transition.
    """
    segments = list(cut.segments)
    placed = list(cut.programme.placed())
    at = placed[number][1].start if number < len(placed) else cut.duration
    if number < len(segments):
        segments[number] = replace(segments[number], transition=None)
        at += placed[number][0].overlap
    segments.insert(number, segment)

    def moved(one: Segment) -> Segment:
        later = isinstance(one.at, Fraction) and one.at >= at
        return replace(one, at=one.at + segment.duration) if later else one  # type: ignore[operator]

    others = (replace(t, segments=tuple(map(moved, t.segments))) for t in cut.tracks[1:])
    tracks = (replace(cut.programme, segments=tuple(segments)), *others)
    return replace(cut, tracks=tracks)


def divided(cut: Cut, time: Fraction) -> tuple[Cut, int]:
    """The cut with a segment that begins at a timeline time, and its number.

    That of the end is one past the last. Raises StageError for a time outside of the cut.
    """
    for number, (segment, place) in enumerate(cut.programme.placed()):
        if time == place.start:
            return cut, number
        if place.contains(time):
            at = time - place.start
            first, second = segment.part(Fraction(0), at), segment.part(at, segment.duration)
            halves = (first, replace(second, transition=None))
            before, after = cut.segments[:number], cut.segments[number + 1 :]
            return cut.with_segments((*before, *halves, *after)), number + 1
    if time == cut.duration:
        return cut, len(cut.segments)
    raise StageError(f"{float(time):g} s is not in the cut, which lasts {float(cut.duration):g} s")


# ------------------------------------------------------------------------------------- layers


def with_layer(cut: Cut, source: Source, segment: Segment, role: str) -> Cut:
    """The cut with a segment of a new source above all its pictures.

    It goes to the topmost picture track where that has the same role and room for it.
    """
    cut = replace(cut, sources=(*cut.sources, source))
    top = max((i for i, t in enumerate(cut.tracks) if t.kind == "picture"), default=0)
    if top and cut.tracks[top].role == role and _has_room(cut.tracks[top], segment):
        track = cut.tracks[top]
        filled = replace(track, segments=(*track.segments, segment))
        return replace(cut, tracks=(*cut.tracks[:top], filled, *cut.tracks[top + 1 :]))
    return replace(cut, tracks=(*cut.tracks, Track(role, (segment,), kind="picture")))


def _has_room(track: Track, segment: Segment) -> bool:
    """Whether a track holds nothing but timeline times, and nothing at that of the segment."""
    if not all(isinstance(one.at, Fraction) for one in (segment, *track.segments)):
        return False
    at = segment.at
    assert isinstance(at, Fraction)
    place = Range(at, at + segment.duration)
    return not any(taken.overlaps(place) for _, taken in track.placed())


def texts_shown(cut: Cut) -> Iterator[tuple[str, Segment, Range]]:
    """The texts that are drawn above the programme, with their segments and their places."""
    for track in resolved(cut).overlays:
        for segment, place in track.placed():
            source = cut.source(segment.source) if segment.source else None
            text = dict(source.made.params).get("text") if source and source.is_drawn else None  # type: ignore[union-attr]
            if isinstance(text, str):
                yield text, segment, place


def resolved(cut: Cut) -> Cut:
    """The cut with every connected segment where the programme of now has its place."""
    tracks = tuple(
        replace(track, segments=tuple(s for one in track.segments for s in _placed_at(one, cut)))
        for track in cut.tracks[1:]
    )
    return replace(cut, tracks=(cut.programme, *tracks)) if tracks else cut


def _placed_at(segment: Segment, cut: Cut) -> Iterator[Segment]:
    if segment.at == "throughout":
        if cut.duration:
            yield replace(segment.lengthened(_NONE, cut.duration - segment.duration), at=_NONE)
    elif isinstance(segment.at, Anchor):
        begins = list(_connections(segment, segment.at, cut))
        for i, (at, passed, backwards) in enumerate(begins):
            following = begins[i + 1][0] if i + 1 < len(begins) else cut.duration
            if backwards:
                yield from _lasting(_backwards(segment, passed), at, _NONE, following - at)
            else:
                yield from _lasting(segment, at, passed, following - at)
    else:
        yield segment


def _connections(
    segment: Segment, anchor: Anchor, cut: Cut
) -> Iterator[tuple[Fraction, Fraction, bool]]:
    """When a connected segment begins, in timeline time, and how much of it is over by then.

    That is where the programme comes to the anchor, or joins the source so soon after it that the
    segment would still be there. Where the programme plays backwards, so does the segment: it
    begins with as much of it as is over by the picture shown then.
    """
    covered = Range(anchor.time, anchor.time + segment.duration)
    before: Segment | None = None
    for shown, place in cut.programme.placed():
        part = _covered(shown.range, covered) if shown.source == anchor.source else None
        turned = _turns_back(shown)
        if part is not None and turned and part.duration:
            if not _goes_on(before, shown) or part.end == covered.end:
                yield to_timeline(shown, place, part.end), part.end - anchor.time, True
        elif part is not None and not turned:
            was_held = before is not None and before.range == Range(anchor.time, anchor.time)
            if not _goes_on(before, shown) or (part.start == anchor.time and not was_held):
                yield to_timeline(shown, place, part.start), part.start - anchor.time, False
        before = shown


def _turns_back(segment: Segment) -> bool:
    """Whether it plays backwards all through."""
    return segment.warp is not None and all(piece.slope < 0 for piece in segment.warp.pieces)


def _goes_on(before: Segment | None, shown: Segment) -> bool:
    """Whether a segment's pictures go on with those of the one before it, the same way."""
    if before is None or before.source != shown.source:
        return False
    if _turns_back(before) or _turns_back(shown):
        return _turns_back(before) and _turns_back(shown) and before.range.start == shown.range.end
    return before.range.end == shown.range.start


def _covered(seen: Range, covered: Range) -> Range | None:
    """What is seen of a range; of a held picture, its time."""
    if seen.duration:
        return seen.intersect(covered)
    return seen if covered.contains(seen.start) else None


def _backwards(segment: Segment, passed: Fraction) -> Segment:
    """So much of a segment's beginning, from its end to its beginning."""
    return segment.retimed(Warp.steady(_NONE, passed).reversed())


def _lasting(
    segment: Segment, at: Fraction, passed: Fraction, lasts: Fraction
) -> Iterator[Segment]:
    """At most so many seconds of a segment from a timeline time on, ``passed`` left out."""
    lasts = min(lasts, segment.duration - passed)
    if lasts > 0:
        yield replace(segment.part(passed, passed + lasts), at=at)


def connected(cut: Cut, time: Fraction) -> At:
    """The time of the source that the programme shows at a timeline time, where it shows one."""
    for segment, place in cut.programme.placed():
        if place.contains(time) and segment.source is not None:
            return Anchor(segment.source, to_source(segment, place, time))
    return time


def in_sequence(cut: Cut) -> Cut:
    """The cut with its tracks as formats without connections have them: with gaps between."""
    cut = resolved(cut)
    tracks = tuple(
        replace(track, segments=tuple(_with_gaps(track)))
        if any(segment.at is not None for segment in track.segments)
        else track
        for track in cut.tracks
    )
    return replace(cut, tracks=tracks)


def _with_gaps(track: Track) -> Iterator[Segment]:
    end = Fraction(0)
    for segment, place in sorted(track.placed(), key=lambda pair: pair[1].start):
        if place.start > end:
            yield Segment(None, Range(Fraction(0), place.start - end))
        yield replace(segment, at=None)
        end = place.end


def shown_in(track: Track, place: Range) -> Track:
    """What a resolved track shows in a range of the timeline, as a track that begins there."""
    found = []
    for segment, span in track.placed():
        shown = span.intersect(place)
        if shown is not None and segment.source is not None:
            part = segment.part(shown.start - span.start, shown.end - span.start)
            found.append(replace(part, at=shown.start - place.start))
    return replace(track, segments=tuple(found))


def heard_in(track: Track, place: Range) -> Track:
    """What a track plays in a range of the timeline, as a track that begins there."""
    segments: list[Segment] = []
    at = place.start
    for segment, span in track.placed():
        shown = span.intersect(place)
        if shown is None or segment.source is None:
            continue
        if shown.start > at:
            segments.append(Segment(None, Range(Fraction(0), shown.start - at)))
        part = segment.part(shown.start - span.start, shown.end - span.start)
        segments.append(replace(part, transition=None))
        at = shown.end
    return replace(track, segments=tuple(segments))


def to_timeline(segment: Segment, placed: Range, time_in_source: Fraction) -> Fraction:
    """Where a source time of ``segment`` falls first when it is placed at ``placed``."""
    return placed.start + segment.time_of(time_in_source)


def to_source(segment: Segment, placed: Range, time_in_timeline: Fraction) -> Fraction:
    """The source time that ``segment``, placed at ``placed``, shows at a timeline time."""
    return segment.source_at(time_in_timeline - placed.start)


def shown_when(
    segment: Segment, placed: Range, seen: Range, forwards: bool = False
) -> Iterator[Range]:
    """When a segment shows a range of its source, in timeline time; what goes on is one range.

    A frame that is held counts where the range goes on beyond it. ``forwards`` leaves out what
    plays backwards or is held.
    """
    if segment.warp is None and segment.range.duration:
        # As below, for the many words of a segment that just plays.
        part = segment.range.intersect(seen)
        if part is not None:
            when = part.shift(-segment.range.start)
            plain = segment.speed == 1
            yield (when if plain else when.scale(1 / segment.speed)).shift(placed.start)
        return
    waiting: Range | None = None
    for piece in segment.pieces:
        shown = piece.seen.intersect(seen)
        if shown is not None and not (forwards and piece.slope < 0):
            ends = sorted(piece.time_of(t) for t in (shown.start, shown.end))
        elif not forwards and not piece.slope and seen.contains(piece.first):
            ends = [piece.start, piece.end]
        else:
            continue
        when = Range(*ends).shift(placed.start)
        if waiting is not None and waiting.end == when.start:
            when = Range(waiting.start, when.end)
        elif waiting is not None:
            yield waiting
        waiting = when
    if waiting is not None:
        yield waiting


def as_shown(cut: Cut, wanted: Segment) -> tuple[Segment, ...]:
    """A range of a source as the programme shows it: with its effects, speeds and pictures between.

    ``wanted`` itself, where the programme does nothing to that source, or does not show the range.
    """
    own = [s for s in cut.segments if s.source == wanted.source]
    if all(s.is_plain and not s.effects and s.between is None for s in own):
        return (wanted,)
    found = [
        replace(segment.part(when.start, when.end), transition=None)
        for segment in own
        for when in shown_when(segment, Range(Fraction(0), segment.duration), wanted.range)
    ]
    return tuple(found) or (wanted,)


def words_in_timeline(cut: Cut) -> tuple[Word, ...]:
    """The words spoken in the programme and on voice tracks, in timeline time, in order.

    A word that the cut divides stays where at least half of it is heard, clipped to its segment.
    """
    return _spoken(cut, (cut.programme, *voices(cut)))


def voiced_in_timeline(cut: Cut) -> tuple[Word, ...]:
    """Those of :func:`words_in_timeline` that are spoken on voice tracks."""
    return _spoken(cut, voices(cut))


def turns_in_timeline(cut: Cut) -> tuple[SpeakerTurn, ...]:
    """Who speaks when in the programme and on voice tracks, in timeline time, in order."""
    found: list[SpeakerTurn] = []
    known: dict[str, tuple[tuple[SpeakerTurn, ...], RangeIndex]] = {}
    for segment, placed in (item for t in (cut.programme, *voices(cut)) for item in t.placed()):
        if segment.source is None:
            continue
        if segment.source not in known:
            speakers = cut.data(Speakers, "speakers", segment.source)
            own = speakers.turns if speakers else ()
            known[segment.source] = own, RangeIndex([turn.range for turn in own])
        turns, index = known[segment.source]
        for number in index.overlapping(segment.range):
            heard = turns[number].range.intersect(segment.range)
            if heard is not None:
                whens = shown_when(segment, placed, heard, forwards=True)
                found += [replace(turns[number], range=when) for when in whens]
    return tuple(sorted(found, key=lambda turn: turn.range))


def voices(cut: Cut) -> tuple[Track, ...]:
    """The voice tracks."""
    return tuple(track for track in cut.sounds if track.role == "voice")


def _spoken(cut: Cut, tracks: tuple[Track, ...]) -> tuple[Word, ...]:
    words: list[Word] = []
    spoken: dict[str, _Speech] = {}
    for segment, placed in (item for track in tracks for item in track.placed()):
        if segment.source is None:
            continue
        if segment.source not in spoken:
            spoken[segment.source] = _Speech(cut.data(Transcript, "transcript", segment.source))
        words.extend(_heard(spoken[segment.source].within(segment.range), segment, placed))
    return tuple(sorted(words, key=lambda w: (w.range.start, w.range.end)))


class _Speech:
    """The words of a transcript, found by when they are spoken."""

    def __init__(self, transcript: Transcript | None) -> None:
        sentences = transcript.sentences if transcript else ()
        self._words = [(word, s.range) for s in sentences for word in s.words]
        self._index = RangeIndex([word.range for word, _ in self._words])

    def within(self, place: Range) -> Iterator[Word]:
        """Those that overlap the place, of sentences that do."""
        for number in self._index.overlapping(place):
            word, sentence = self._words[number]
            if sentence.overlaps(place):
                yield word


def _heard(words: Iterable[Word], segment: Segment, placed: Range) -> Iterator[Word]:
    for word in words:
        heard = word.range.intersect(segment.range)
        if heard is not None and 2 * heard.duration >= word.range.duration:
            for when in shown_when(segment, placed, heard, forwards=True):
                yield replace(word, range=when)


def by_time_shown(cut: Cut) -> list[Source]:
    """The programme's sources, the one shown longest first; those that are made come last.

    Of those shown about equally long, within a second or a twentieth, the first one leads.
    """
    seconds: Counter[str] = Counter()
    for segment in cut.segments:
        if segment.source:
            seconds[segment.source] += float(segment.duration)  # type: ignore[assignment]
    longest = max(seconds.values(), default=0)
    about = longest - max(_ABOUT_SECONDS, longest * _ABOUT_SHARE)
    leads = next((id for id, shown in seconds.items() if shown > about), None)
    shown = [cut.source(id) for id, _ in seconds.most_common()]
    return sorted(shown, key=lambda source: (source.made is not None, source.id != leads))


def merged(ranges: list[Range], gap: Fraction) -> list[Range]:
    """The ranges in order, those closer than ``gap`` seconds made one."""
    result: list[Range] = []
    for item in sorted(ranges):
        if result and item.start - result[-1].end < gap:
            result[-1] = Range(result[-1].start, max(result[-1].end, item.end))
        else:
            result.append(item)
    return result
