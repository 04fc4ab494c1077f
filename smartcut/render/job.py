"""What one render has to do, worked out before a frame is decoded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from smartcut.algebra import merged, resolved, snap, words_in_timeline
from smartcut.annotation import Word
from smartcut.cut import Cut, Segment, Track
from smartcut.errors import RenderError
from smartcut.media.hdr_metadata import metadata_options
from smartcut.render.accompanying import left_out
from smartcut.render.conversions import conversions
from smartcut.render.fields import field_notes, with_fields
from smartcut.render.following import dropped_timecode
from smartcut.render.hdr import lost_metadata, shown_metadata
from smartcut.render.holding import edge_near, lasting, may_last
from smartcut.render.key_frames import with_segments
from smartcut.render.layout import Stretch, lay_out
from smartcut.render.output import (
    Output,
    Wish,
    as_timeline,
    choose_output,
    has_sound,
    losses,
    recorded,
    shows_stills,
)
from smartcut.render.picture_format import flavours_lost
from smartcut.render.sampled import sampled
from smartcut.render.sound.changing import without_sound_effects
from smartcut.render.sound.plan import SoundPlan, plan_sounds
from smartcut.render.splicing.copying import (
    Copying,
    at_key_frames,
    can_be_joined,
    is_worth,
    plan_copying,
)
from smartcut.render.splicing.spans import Span, encoded_spans, spliced_spans
from smartcut.render.turning import with_turned_sources
from smartcut.source import Source
from smartcut.stage import Context
from smartcut.timebase import Range

if TYPE_CHECKING:
    from smartcut.media.index import VideoIndex
    from smartcut.render.captions.cues import Cue
    from smartcut.render.captions.fit import FittedCaptions
    from smartcut.render.records.signing import Signing

# Pauses shorter than this do not let ducked music come up between two words.
_BREATH = Fraction(3, 5)


@dataclass(frozen=True, slots=True)
class Extras:
    """What is written beside the file."""

    chapters: bool = False
    thumbnail: bool = False
    contact_sheet: bool = False
    filmstrip: bool = False
    waveform: bool = False
    chapter_list: bool = False
    speaker_list: bool = False
    manifest: bool = True
    title: str | None = None
    follow: bool = True
    keep_metadata: tuple[str, ...] = ()
    """Keys of the source's metadata that are copied besides those that describe the work."""

    @property
    def are_many(self) -> bool:
        """Whether there is more than a manifest beside the file."""
        pictures = self.thumbnail or self.contact_sheet or self.filmstrip or self.waveform
        return pictures or self.chapter_list or self.speaker_list


@dataclass(frozen=True, slots=True)
class RenderJob:
    """A render as asked for."""

    path: Path
    mode: Literal["auto", "copy", "encode"] = "auto"
    wish: Wish = Wish()
    extras: Extras = Extras()
    each_segment: bool = False
    sign: Signing | None = None
    loop: int = 0
    """How often an animation plays; 0: for ever."""
    shares_name: bool = False
    """See Output.shares_name."""
    heights: tuple[int, ...] = ()
    """Of HTTP Live Streaming: pixels of the shorter side; none: those of the usual ladder."""
    most_bytes: int | None = None
    """The file is to be just below that."""


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """A render as planned: nothing in it depends on pixels."""

    job: RenderJob
    cut: Cut
    """Edges moved to frame boundaries; without effects on sound, as pictures are made of it."""
    output: Output
    indexes: Mapping[str, VideoIndex]
    spans: tuple[Span, ...]
    words: tuple[Word, ...]
    cues: tuple[Cue, ...]
    sounds: tuple[SoundPlan, ...] = ()
    """The sound tracks, the main one first."""
    heard: Cut = Cut()
    """The cut with effects on sound."""
    styled: FittedCaptions | None = None
    """Its captions as they are drawn, where they are, or written with their look."""
    told: tuple[tuple[str, tuple[Cue, ...]], ...] = ()
    """The captions in further languages, each with its language."""

    @property
    def duration(self) -> Fraction:
        """Seconds of the output."""
        return self.spans[-1].range.end if self.spans else self.cut.duration

    @property
    def speech(self) -> tuple[Range, ...]:
        """When somebody speaks, in timeline time."""
        return spoken(self.words)


def spoken(words: Sequence[Word]) -> tuple[Range, ...]:
    """When somebody speaks, less the pauses between two words."""
    return tuple(merged([w.range for w in words], _BREATH))


def plan_render(
    cut: Cut, job: RenderJob, context: Context, never: Collection[int] = ()
) -> Rendering:
    """The plan of one render; reads packet indexes, decodes nothing.

    ``never`` holds the places of segments whose picture is not to be copied.

    Raises RenderError where the cut is empty or does not fit the container.
    """
    from smartcut.media.index import video_index

    if not cut.segments:
        raise RenderError("the cut is empty: there is nothing to render")
    _check_transitions(cut)
    cut, delivered = as_delivered(cut, job)
    wish, said = as_timeline(cut, job.wish)
    said = (*delivered, *said)
    job = replace(job, wish=wish)
    used = {s.source for t in (cut.programme, *cut.overlays) for s in t.segments}
    indexes = {s.id: video_index(s, context.cache) for s in cut.sources if s.video and s.id in used}

    def boundary(source: Source, time: Fraction) -> Fraction:
        index = indexes.get(source.id)
        if source.is_drawn:
            return max(Fraction(0), time)
        if index is None:
            return max(Fraction(0), min(time, source.duration))
        return edge_near(source, index, time)

    moved = said
    if job.mode == "copy":
        cut, notes = at_key_frames(cut, indexes, boundary)
        moved = (*moved, *notes)
    cut = snap(cut, boundary)
    if not cut.segments:
        raise RenderError("every segment of the cut is shorter than a frame")
    heard = resolved(cut)
    cut, turned = with_turned_sources(without_sound_effects(heard))
    moved = (*moved, *turned)
    output = replace(choose_output(cut, job.wish, job.path), shares_name=job.shares_name)
    if output.picture:
        picture = with_fields(output.picture, cut, job.wish.deinterlace)
        picture = with_segments(picture) if output.container.kind == "playlist" else picture
        output = replace(output, picture=picture)
    words = words_in_timeline(cut)
    shown, other_texts, styled = _captions(cut, output)
    spans: tuple[Span, ...] = ()
    if output.picture:
        if styled is not None:
            from smartcut.render.captions.planning import burned

            cut, said = burned(cut, styled)
            moved = (*moved, *said)
        _check_drawn(cut, job, output)
        known = shown_metadata(cut, output.picture, indexes, context.cache)
        options = (*output.picture.options, *metadata_options(output.picture.codec, known).items())
        output = replace(output, picture=replace(output.picture, options=options))
        output, spans = _plan_picture(cut, job, output, indexes, never)
        moved = (*moved, *losses(cut, output, job.wish), *conversions(cut, output))
        assert output.picture is not None
        if job.extras.follow:
            moved = (*moved, *dropped_timecode(cut, output.picture.rate))
        if any(span.kind == "encode" for span in spans):
            moved = (*moved, *lost_metadata(output.picture, known))
            picture = output.picture
            moved = (*moved, *flavours_lost(recorded(cut), picture.codec, picture.pixel_format))
            moved = (*moved, *field_notes(cut, output.picture, job.wish.deinterlace))
    else:
        moved = (*moved, *_never_drawn(cut))
    dropped = left_out(cut, output.container, job.extras.follow)
    stills = job.extras.thumbnail or job.extras.contact_sheet or job.extras.filmstrip
    if stills and not shows_stills(output):
        dropped = (*dropped, f"no pictures are made beside {output.path.suffix}")
    if job.extras.chapters and not output.container.has_chapters:
        dropped = (*dropped, f"`chapters` is left out: {output.path.suffix} has no chapters")
    sounds, told = plan_sounds(heard, job.mode, job.wish, output, spoken(words))
    if job.extras.waveform and not (sounds and output.container.kind == "stream"):
        dropped = (*dropped, f"no waveform is made beside {output.path.name}: it has no sound")
    output = replace(output, notes=(*output.notes, *moved, *dropped, *told))
    speech = (words, shown, sounds, heard, styled, other_texts)
    return Rendering(job, cut, output, indexes, spans, *speech)


def _check_transitions(cut: Cut) -> None:
    """Raise PipelineError for transitions that are not known."""
    joined = [segment.transition for segment in cut.segments if segment.transition is not None]
    if not joined:
        return
    from smartcut.transition import joining

    for transition in joined:
        joining(transition)


def _captions(
    cut: Cut, output: Output
) -> tuple[tuple[Cue, ...], tuple[tuple[str, tuple[Cue, ...]], ...], FittedCaptions | None]:
    """The captions of a resolved cut, those in further languages, and how the first are drawn."""
    if cut.captions is None:
        return (), (), None
    from smartcut.render.captions.planning import captions_in, styled_captions

    (_, shown), *others = captions_in(cut) or (("", ()),)
    return shown, tuple(others), styled_captions(cut, shown, output)


def as_delivered(cut: Cut, job: RenderJob) -> tuple[Cut, tuple[str, ...]]:
    """The cut as loud as the place takes it that it goes to, and what else is said of that."""
    delivery, notes = job.wish.delivery, list[str]()
    if delivery is None:
        return cut, ()
    if delivery.loudness is not None and cut.mix.loudness is None and has_sound(cut):
        cut = replace(cut, mix=replace(cut.mix, loudness=delivery.loudness))
        notes.append(f"the sound is brought to {delivery.loudness:g} LUFS for {delivery.name}")
    if delivery.longest is not None and cut.duration > delivery.longest:
        notes.append(
            f"it lasts {float(cut.duration):.0f} s; {delivery.name} takes {delivery.longest} s"
        )
    return cut, tuple(notes)


def _never_drawn(cut: Cut) -> Iterator[str]:
    """What would be drawn into the picture of an output that has none."""
    drawn = [source.made for source, _, _ in _drawn_above(cut) if source.made]
    if drawn:
        kinds = ", ".join(dict.fromkeys(f"{recipe.kind}s" for recipe in drawn))
        yield f"{kinds} are not shown: the output has no picture"
    if cut.captions and cut.captions.burn:
        yield (
            "captions are not burned in: the output has no picture; `subtitles: {sidecar: srt}` "
            "writes them beside it"
        )


def _drawn_above(cut: Cut) -> Iterator[tuple[Source, Segment, Range]]:
    """What is drawn above the programme of a resolved cut, and when."""
    for track in cut.overlays:
        yield from _drawn(track, cut)


def _drawn(track: Track, cut: Cut) -> Iterator[tuple[Source, Segment, Range]]:
    for segment, place in track.placed():
        source = cut.source(segment.source) if segment.source else None
        if source is not None and source.is_drawn:
            yield source, segment, place


def _check_drawn(cut: Cut, job: RenderJob, output: Output) -> None:
    """Raise RenderError for what cannot be drawn, and for what would never be seen."""
    assert output.picture is not None
    drawn = (*_drawn(cut.programme, cut), *_drawn_above(cut))
    if not drawn:
        return
    from smartcut.drawer import DrawBench
    from smartcut.render.drawing import drawer

    bench = DrawBench((output.picture.width, output.picture.height))
    for source, segment, place in drawn:
        assert source.made is not None
        what = f"the {source.made.kind} {segment.label!r}"
        if place.start >= cut.duration and not job.each_segment:
            raise RenderError(
                f"{what} begins at {float(place.start):g} s, but the cut lasts "
                f"{float(cut.duration):.3f} s; put its stage after those that shorten the cut"
            )
        try:
            drawer(source).check(bench)
        except RenderError as error:
            raise RenderError(f"{what}: {error}") from error


def _plan_picture(
    cut: Cut,
    job: RenderJob,
    output: Output,
    indexes: Mapping[str, VideoIndex],
    never: Collection[int],
) -> tuple[Output, tuple[Span, ...]]:
    """The output and its spans: copied where that is asked for, possible and worth it."""
    assert output.picture is not None
    stretches = lay_out(cut, indexes, output.picture, job.wish.hold)
    if job.wish.every is not None:
        stretches = sampled(stretches, output.picture, job.wish.every)
    reason = "mode encode was asked for"
    if job.mode != "encode":
        copied = _spliced(cut, job, output, indexes, stretches, never)
        if not isinstance(copied, str):
            return copied
        reason = copied
    if job.mode == "copy":
        raise RenderError(f"`mode: copy` is not possible: {reason}; use auto or encode")
    return output, encoded_spans(cut, stretches, output.picture, indexes, reason)


def _spliced(
    cut: Cut,
    job: RenderJob,
    output: Output,
    indexes: Mapping[str, VideoIndex],
    stretches: Sequence[Stretch],
    never: Collection[int],
) -> tuple[Output, tuple[Span, ...]] | str:
    """The output and its spans, some of them copied; or the reason why that is not possible.

    Held pictures are repeated; where nothing can be encoded beside what is copied, they last.
    """
    found = plan_copying(cut, job.wish, output, indexes)
    if isinstance(found, str):
        return found
    longer = lasting(stretches)
    ways = [stretches] if longer is None or job.mode == "auto" else []
    if longer is not None and (job.mode == "copy" or may_last(stretches)):
        ways.append(longer)
    reasons = []
    for way in ways:
        spans = spliced_spans(cut, way, found, indexes, never)
        refused = _why_not_spliced(cut, spans, found, output, job)
        if refused is None:
            return replace(output, picture=found.picture), spans
        reasons.append(refused)
    return reasons[0]


def _why_not_spliced(
    cut: Cut, spans: Sequence[Span], copying: Copying, output: Output, job: RenderJob
) -> str | None:
    """Why copied and encoded spans cannot make up the output; None where they can."""
    assert output.picture is not None
    picture = copying.picture
    encoded = [s for s in spans if s.kind == "encode"]
    if not encoded:
        return None
    if job.mode == "copy":
        return encoded[0].reason
    frames = sum(len(s.stretch) for s in spans)
    count = sum(len(s.stretch) for s in encoded)
    if not is_worth(frames - count, count, picture.codec, output.picture, job.wish):
        return encoded[0].reason
    if picture.upright != picture:
        shown = [cut.segments[i] for span in encoded for i in span.segments]
        changed = any(x.effects or x.between for x in shown)
        drawn = any(span.above for span in encoded)
        if changed or drawn or copying.reasons or any(x.source is None for x in cut.segments):
            return "the source is turned or has no square pixels, and something is drawn into it"
    return can_be_joined(picture, output.container)
