"""The value that flows through a pipeline: what to show, and what is known about it.

A :class:`Cut` is small and frozen. It holds no pixels, no open files and no models.

Cut
 ├─ sources      media that exists, and recipes for what is made or drawn
 ├─ tracks       what plays when: the programme (picture with its own sound), then pictures above it
 │               and extra sound
 ├─ annotations  what is known about each source, in source time
 ├─ mix          how the sound is put together
 ├─ captions     how the transcript is shown
 └─ alternatives what could be shown instead; neither seen nor heard

Source time starts at 0 with the first picture or sample that a player presents, in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from smartcut.annotation import Annotation, D
from smartcut.errors import SourceError
from smartcut.playable import Playable
from smartcut.source import Source, Value
from smartcut.text_style import TextStyle
from smartcut.timebase import Range
from smartcut.warp import Piece, Warp

# ---------------------------------------------------------------------------------- timeline


@dataclass(frozen=True, slots=True)
class EffectClock:
    """The time of the segment that an effect was put on, which has been divided or retimed since.

    What counts from that segment's beginning, or lasts as it did, goes on as if it were whole.
    """

    whole: Warp
    """(segment time, source time) of that segment."""
    shown: Warp
    """(segment time of today, segment time of then)."""

    def retimed(self, inner: Warp) -> EffectClock | None:
        """See :meth:`Segment.retimed`; None where the segment is again as it was."""
        shown = self.shown.composed(inner)
        is_whole = shown.is_identity and shown.duration == self.whole.duration
        return None if is_whole else EffectClock(self.whole, shown)

    def at(self, segment_time: Fraction) -> Fraction:
        """The time of then at one of today, which may lie before or after the segment."""
        return self.shown.along(segment_time)

    def moved(self, edge: Callable[[Fraction], Fraction]) -> EffectClock | None:
        """See :meth:`Warp.moved`; ``edge`` moves source times. None where nothing is left."""
        whole = self.whole.moved(edge)
        shift = self.whole.along(Fraction(0)) - edge(self.whole.along(Fraction(0)))
        slope = self.whole.pieces[0].slope
        later = shift / slope if slope else Fraction(0)

        def then(time: Fraction) -> Fraction:
            before = self.whole.part(Fraction(0), time - later) if time > later else None
            moved = before.moved(edge) if before else None
            return moved.duration if moved else Fraction(0)

        shown = Warp(tuple((t, s + later) for t, s in self.shown.points)).moved(then)
        return EffectClock(whole, shown) if whole and shown else None


@dataclass(frozen=True, slots=True)
class Effect:
    """A change to a segment's pictures, by a module of ``smartcut.effects`` or a plug-in."""

    name: str
    params: tuple[tuple[str, Value], ...] = ()
    during: Range | None = None
    """In source time; None is all of the segment."""
    version: int = 1
    """Of the effect that wrote it."""
    clock: EffectClock | None = None
    """None: its segment is the one that it was put on, as long as it was then."""

    @property
    def label(self) -> str:
        """Its name, and which one it is where it stands for several."""
        which = dict(self.params).get("use")
        return self.name if which is None else f"{self.name}.{which}"


@dataclass(frozen=True, slots=True)
class Between:
    """How pictures between a source's frames are made; without it, a frame is shown again."""

    engine: Literal["rife", "flow", "blend", "minterpolate"] = "rife"
    tier: Literal["fast", "best"] | None = None
    weights: str | None = None
    """sha256 of the network's weights."""
    file: str | None = None
    """The user's own weights."""
    guard: float = 0.0
    """Pictures less alike than this (structural similarity, 0..1) are not interpolated."""
    cadence: bool = False
    """Whether drawings held for several frames are found."""
    rate: Fraction | None = None
    """Frames a second that are wanted; None leaves the output's."""


@dataclass(frozen=True, slots=True)
class Transition:
    """How a segment comes in. It overlaps the segment before it by ``duration`` seconds."""

    kind: str
    duration: Fraction
    params: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Anchor:
    """A time of a source: where the programme shows it, something is connected."""

    source: str
    time: Fraction
    """In source time."""


At = Fraction | Anchor | Literal["throughout"] | None
"""Where a segment begins: a timeline time, an anchor, or after the one before it (None).

What has an anchor begins where the programme shows that time of the source, or the first after it,
and goes where the programme shows none: it stays on its sentence. ``throughout`` lasts as the
programme does.
"""


@dataclass(frozen=True, slots=True)
class Segment:
    """A range of a source, placed on a track after the segment before it.

    ``source`` is a :attr:`Source.id`; None is a gap: black, and silent. ``speed`` 2 plays twice
    as fast. ``sound`` says what becomes of the sound when it does: ``stretched`` keeps the pitch
    and stays with the picture, ``kept`` plays on at its own speed and may end before the picture.
    ``warp`` is for what no speed says: backwards, frozen, or changing; ``range`` is then what it
    shows, and ``speed`` 1. ``scores`` keep why the segment was chosen, each in 0..1.

    Raises ValueError where the warp shows another range.
    """

    source: str | None
    range: Range
    """In source time."""
    speed: Fraction = Fraction(1)
    effects: tuple[Effect, ...] = ()
    transition: Transition | None = None
    label: str = ""
    scores: tuple[tuple[str, float], ...] = ()
    sound: Literal["stretched", "kept", "muted"] = "stretched"
    at: At = None
    """On tracks beside the programme; see :data:`At`."""
    warp: Warp | None = None
    """None: straight through, at ``speed``."""
    between: Between | None = None
    """How pictures between frames are made, where they are."""
    chapter: str | None = None
    """The chapter that it belongs to, with those beside it that say the same."""
    id: str = field(default="", compare=False)
    """Names it within its cut, also after another run: what only moves or trims it keeps it.
    Equal segments may differ in it. See :func:`smartcut.algebra.identified`."""
    lead: Fraction = Fraction(0)
    """Seconds by which its sound is heard before it is seen; below 0, after it."""

    def __post_init__(self) -> None:
        if self.warp is not None and (self.range != self.warp.seen or self.speed != 1):
            seen = self.warp.seen
            raise ValueError(
                f"the warp of a segment of {self.source} shows {seen.start} to {seen.end} s, not "
                f"{self.range.start} to {self.range.end} s at speed {self.speed}"
            )

    @property
    def duration(self) -> Fraction:
        """In timeline time."""
        return self.range.duration / self.speed if self.warp is None else self.warp.duration

    @property
    def is_plain(self) -> bool:
        """It plays forwards at its own speed."""
        return self.speed == 1 and self.warp is None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """How its time passes: straight lines from segment time to source time."""
        if self.warp is not None:
            return self.warp.pieces
        if not self.duration:
            return ()
        return (Piece(Fraction(0), self.duration, self.range.start, self.range.end),)

    @property
    def pace(self) -> str:
        """How its time passes, in words; nothing where it just plays."""
        if self.warp is None:
            return "" if self.speed == 1 else f"speed {float(self.speed):g}"
        slopes = [piece.slope for piece in self.warp.pieces]
        if all(slope < 0 for slope in slopes):
            same = len(set(slopes)) == 1
            return (
                "reversed"
                if not same or slopes[0] == -1
                else f"reversed at speed {float(-slopes[0]):g}"
            )
        if not any(slopes):
            return "frozen"
        if min(slopes) >= 0:
            first, last = slopes[0], slopes[-1]
            low, high = min(slopes), max(slopes)
            if {first, last} == {low, high}:
                return f"speed {float(first):.3g} to {float(last):.3g}"
            return f"speed between {float(low):.3g} and {float(high):.3g}"
        return "played forwards and backwards"

    def source_at(self, time: Fraction) -> Fraction:
        """The source time at a time since the segment's beginning."""
        return self.range.start + time * self.speed if self.warp is None else self.warp.at(time)

    def time_of(self, source_time: Fraction) -> Fraction:
        """When a source time is shown first, since the segment's beginning.

        One that is not shown counts as on the line through the whole segment.
        """
        if self.warp is None:
            return (source_time - self.range.start) / self.speed
        nearest = min(max(source_time, self.range.start), self.range.end)
        return next(self.warp.times_of(nearest))

    def part(self, start: Fraction, end: Fraction) -> Segment:
        """What is shown from one time since the segment's beginning to another."""
        if start == end:
            time = self.source_at(start)
            return replace(self, range=Range(time, time), warp=None)
        return self.retimed(Warp.steady(start, end))

    def retimed(self, inner: Warp) -> Segment:
        """The segment with its time passing otherwise: divided, faster, held, or turned round.

        ``inner`` gives the segment time of then at each of now. Effects stay with their pictures:
        one that counts from the segment's beginning counts on from where it was.
        """
        whole = self.as_warp
        if inner.is_identity and inner.duration == whole.duration:
            return self
        effects = tuple(
            replace(
                effect,
                clock=effect.clock.retimed(inner) if effect.clock else EffectClock(whole, inner),
            )
            for effect in self.effects
        )
        lead = self.lead if inner.points[0][1] == 0 else Fraction(0)
        return replace(self, effects=effects, lead=lead).warped(whole.composed(inner))

    def lengthened(self, early: Fraction, late: Fraction) -> Segment:
        """The segment so many seconds of its own time longer at its ends; below 0 is shorter.

        It goes on as it begins and ends, and an effect reaches as far as it now does.
        """
        inner = Warp.steady(-early, self.duration + late)
        effects = tuple(
            replace(effect, clock=effect.clock.retimed(inner)) if effect.clock else effect
            for effect in self.effects
        )
        return replace(self, effects=effects).warped(self.as_warp.composed(inner))

    def moved(self, edge: Callable[[Fraction], Fraction]) -> Segment | None:
        """The segment with the ends of what it shows moved, at its speeds; see :meth:`Warp.moved`.

        None where nothing is left.
        """
        warp = self.as_warp.moved(edge) if self.duration else None
        if warp is None:
            return None
        effects = tuple(
            replace(effect, clock=effect.clock.moved(edge)) if effect.clock else effect
            for effect in self.effects
        )
        return replace(self, effects=effects).warped(warp)

    def warped(self, warp: Warp) -> Segment:
        """The segment with another warp, its effects as they are; what a speed says is one."""
        slope = warp.pieces[0].slope
        if len(warp.points) == 2 and slope > 0:
            return replace(self, range=warp.seen, speed=slope, warp=None)
        return replace(self, range=warp.seen, speed=Fraction(1), warp=warp)

    @property
    def as_warp(self) -> Warp:
        """How its time passes, a constant speed included; the segment is not empty."""
        if self.warp is not None:
            return self.warp
        return Warp(((Fraction(0), self.range.start), (self.duration, self.range.end)))

    @property
    def overlap(self) -> Fraction:
        """Seconds shared with the segment before it on the track."""
        return self.transition.duration if self.transition else Fraction(0)


@dataclass(frozen=True, slots=True)
class Ducking:
    """Lower a track while there is speech on the programme."""

    depth: float = 12.0
    """dB."""
    attack: Fraction = Fraction(1, 5)
    release: Fraction = Fraction(3, 5)


@dataclass(frozen=True, slots=True)
class Track:
    """Segments that play one after the other, or where their ``at`` says.

    The ``programme`` is picture with its own sound; ``overlay``, ``titles`` and ``captions`` are
    pictures above it; ``music`` and ``voice`` are sound. What other roles are is for ``kind`` to
    say.
    """

    role: str
    segments: tuple[Segment, ...] = ()
    gain: float = 0.0
    """dB."""
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)
    ducking: Ducking | None = None
    kind: Literal["picture", "sound"] = ""  # type: ignore[assignment]
    """Without one, it follows from the role."""

    def __post_init__(self) -> None:
        if not self.kind:
            sounds = self.role in ("music", "voice")
            object.__setattr__(self, "kind", "sound" if sounds else "picture")

    def placed(self) -> Iterator[tuple[Segment, Range]]:
        """Each segment with its range in timeline time; transitions overlap.

        Connected segments must have been resolved: see :func:`smartcut.algebra.resolved`.
        """
        at = Fraction(0)
        for segment in self.segments:
            assert segment.at is None or isinstance(segment.at, Fraction), "not resolved"
            start = at - segment.overlap if segment.at is None else segment.at
            at = start + segment.duration
            yield segment, Range(start, at)

    @property
    def places(self) -> tuple[Range, ...]:
        """The range of each segment in timeline time, as of :meth:`placed`.

        Renders ask for them at every span: those of the track that was asked last are kept.
        """
        global _known_places
        track, found = _known_places
        if track is not self:
            found = tuple(place for _, place in self.placed())
            _known_places = self, found
        return found

    @property
    def duration(self) -> Fraction:
        return sum((s.duration - s.overlap for s in self.segments), Fraction(0))


_known_places: tuple[Track | None, tuple[Range, ...]] = (None, ())

#: How many channels sound can be brought to.
Channels = Literal[1, 2, 6, 8]


@dataclass(frozen=True, slots=True)
class Mix:
    """How the sound is put together."""

    programme_gain: float | None = 0.0
    """dB; None drops the sources' own sound."""
    crossfade: Fraction = Fraction(1, 100)
    """Seconds of cross-fade at each join."""
    loudness: float | None = None
    """Integrated loudness to reach, in LUFS (ITU-R BS.1770); None leaves it."""
    true_peak: float = -1.0
    """Highest true peak, in dBTP."""
    tracks: Literal["all", "main", "mix"] | tuple[int, ...] = "all"
    """Which sound tracks of the sources the output has, ``mix`` all of them in one; or their
    numbers in the files, from 0, the main one first."""
    channels: Channels | None = None
    """Channels to bring every track to; None keeps those of the sources."""


@dataclass(frozen=True, slots=True)
class Captions:
    """How the transcript is shown."""

    sidecars: tuple[Literal["srt", "vtt", "ass"], ...] = ("srt",)
    soft: bool = False
    """A text track in the file."""
    burn: bool = False
    """Drawn into the picture."""
    line_length: int = 42
    lines: int = 2
    reading_speed: float = 17.0
    """Most characters a second."""
    min_duration: Fraction = Fraction(5, 6)
    max_duration: Fraction = Fraction(7)
    pause: Fraction = Fraction(1, 2)
    """A silence this long, in seconds, ends a caption."""
    language: str | None = None
    shows: tuple[str, ...] = ("original",)
    """The texts that are shown: the ``original``, or the language of a translation."""
    speakers: Literal["names", "colours", "dashes", "none"] = "none"
    """How who speaks is told, where that is known; the colours are those of the style."""
    style: TextStyle = field(default_factory=TextStyle)
    avoid: Literal["none", "faces"] = "none"
    """What captions that are drawn do not cover, where there is room elsewhere."""


# ----------------------------------------------------------------------------------- the cut

#: Of the form in which cuts are written; older ones are upgraded when they are read.
SCHEMA = 5


@dataclass(frozen=True, slots=True)
class TimelineFormat:
    """The picture that an editing system's timeline was made for."""

    size: tuple[int, int]
    """(width, height) in square pixels."""
    rate: Fraction | None = None
    """Frames a second; None where the project does not say."""


@dataclass(frozen=True, slots=True, repr=False)
class Cut(Playable):
    """What to show, and what is known about it.

    cut = (sc.open("talk.mp4") | sc.shots()).cut()
    [(s.source, float(s.range.start), s.scores) for s in cut.segments]
    (cut | sc.title(text="Harbour")).render("harbour.mp4")
    cut.frame(12.5)
    """

    sources: tuple[Source, ...] = ()
    tracks: tuple[Track, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    mix: Mix = Mix()
    captions: Captions | None = None
    notes: tuple[str, ...] = field(default=())
    """What the user should know: choices made, things that could not be had."""
    schema: int = SCHEMA
    format: TimelineFormat | None = None
    """Of the output, where nothing else is asked for; None leaves it to the sources."""
    is_sdr: bool = False
    """The output has standard dynamic range, whatever its sources have."""
    alternatives: tuple[Track, ...] = ()
    """Tracks that are neither seen nor heard: what could be there instead, for those who edit."""

    def __repr__(self) -> str:
        count = len(self.segments)
        names = ", ".join(source.id for source in self.sources)
        plural = "s" * (count != 1)
        return f"<cut of {count} segment{plural}, {float(self.duration):.3f} s; sources: {names}>"

    @property
    def programme(self) -> Track:
        """The first track: picture with its own sound."""
        return self.tracks[0] if self.tracks else Track("programme")

    @property
    def segments(self) -> tuple[Segment, ...]:
        return self.programme.segments

    @property
    def overlays(self) -> tuple[Track, ...]:
        """The picture tracks above the programme, bottom to top."""
        return tuple(track for track in self.tracks[1:] if track.kind == "picture")

    @property
    def sounds(self) -> tuple[Track, ...]:
        """The sound tracks; the programme's own sound is not among them."""
        return tuple(track for track in self.tracks[1:] if track.kind == "sound")

    @property
    def duration(self) -> Fraction:
        """Seconds of the programme."""
        return self.programme.duration

    @property
    def footage(self) -> tuple[Source, ...]:
        """What was recorded, less what plays only on the sound tracks (music, voice)."""
        heard = {s.source for t in self.tracks[1:] for s in t.segments}
        shown = {s.source for s in self.segments}
        recorded = (s for s in self.sources if s.made is None)
        return tuple(s for s in recorded if s.id in shown or s.id not in heard)

    def source(self, id: str) -> Source:
        """The source of that id; raises SourceError where there is none."""
        for source in self.sources:
            if source.id == id:
                return source
        raise self._unknown_source(id)

    def _unknown_source(self, id: str, hint: str = "") -> SourceError:
        known = f"its sources: {', '.join(s.id for s in self.sources) or 'none'}"
        return SourceError(f"the cut has no source {id!r}; {hint or known}")

    def annotation(self, name: str, source: str) -> Annotation | None:
        """The newest annotation of that name on that source (its id); None where there is none.

        Raises SourceError for a source that the cut does not have.
        """
        for annotation in reversed(self.annotations):
            if annotation.name == name and annotation.source == source:
                return annotation
        ids = {s.id for s in self.sources}
        if source not in ids:
            swapped = f"the annotation's name comes first: ({source!r}, {name!r})"
            raise self._unknown_source(source, swapped if name in ids else "")
        return None

    def data(self, kind: type[D], name: str, source: str) -> D | None:
        """The data of :meth:`annotation`, where it is of that kind."""
        found = self.annotation(name, source)
        return found.data if found and isinstance(found.data, kind) else None

    def with_annotation(self, annotation: Annotation) -> Cut:
        """The cut with this annotation in place of one of the same name and source."""
        kept = tuple(
            a
            for a in self.annotations
            if (a.name, a.source) != (annotation.name, annotation.source)
        )
        return replace(self, annotations=(*kept, annotation))

    def with_segments(self, segments: tuple[Segment, ...]) -> Cut:
        """The cut with another programme."""
        programme = replace(self.programme, segments=segments)
        return replace(self, tracks=(programme, *self.tracks[1:]))

    def with_note(self, note: str) -> Cut:
        return self if note in self.notes else replace(self, notes=(*self.notes, note))
