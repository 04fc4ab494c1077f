"""A cut as far as a format holds it, and notes of what it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from smartcut.algebra import in_sequence, texts_shown
from smartcut.cut import Cut, Mix, Segment, Track
from smartcut.errors import PipelineError
from smartcut.interchange.edits import from_edits, to_edits
from smartcut.interchange.formats import CutFormat, Pace
from smartcut.interchange.motion import unmoved
from smartcut.interchange.timecode import timeline_rate
from smartcut.interchange.titles import is_plain_text, without_drawn
from smartcut.timebase import Range
from smartcut.transition import title_of

#: Seconds of the source that stand for a held picture where none can be held, if it has no rate.
_HELD = Fraction(1, 25)
_KEEP = ".otio and .json keep"
_MOST_NAMED = 6


def reduced(cut: Cut, format: CutFormat) -> tuple[Cut, tuple[str, ...]]:
    """What the format holds of the cut, lasting as long, and a note for each thing left out.

    Raises PipelineError where next to nothing would be left.
    """
    if format.holds.everything:
        return cut, ()
    cut = in_sequence(cut)
    notes = [*_besides_tracks(cut, format), *_of_mix(cut, format)]
    notes += [*_of_transitions(cut, format), *_of_effects(cut, format)]
    cut, drawn = _without_drawn(cut, format)
    cut, left = _with_tracks(cut, format)
    left = [*drawn, *left]
    _check_media(cut, format)
    tracks = []
    for track in cut.tracks:
        track, without = _as_clips(track, format)
        found, more = _paced(track, cut, format)
        left += [*without, *more]
        tracks.append(_joined(found, cut, format))
    return replace(cut, tracks=tuple(tracks)), tuple(dict.fromkeys((*left, *notes)))


def _which(numbers: Iterable[int]) -> str:
    """``segments 1, 4 and 5``, or how many there are."""
    found = list(numbers)
    if len(found) > _MOST_NAMED:
        return f"{len(found)} segments"
    *first, last = map(str, found)
    return f"segments {', '.join(first)} and {last}" if first else f"segment {last}"


# ------------------------------------------------------------------------------------- drawn


def _without_drawn(cut: Cut, format: CutFormat) -> tuple[Cut, list[str]]:
    """The cut with gaps in place of what is drawn, but for texts where there are titles."""
    used = Counter(s.source for track in cut.tracks for s in track.segments)
    drawn = [source for source in cut.sources if source.is_drawn and source.id in used]
    texts = {s.source for _, s, _ in texts_shown(cut)} if format.holds.titles != "none" else set()
    lost: Counter[str] = Counter()
    for source in drawn:
        if source.made is not None and source.id not in texts:
            lost[source.made.kind] += used[source.id]
    notes = [
        f"{count} {kind}{'s' if count > 1 else ''} {'are' if count > 1 else 'is'} left out: "
        f"{format.title} holds nothing that is drawn; {_KEEP} {'them' if count > 1 else 'it'}"
        for kind, count in lost.items()
    ]
    if not all(is_plain_text(source) for source in drawn if source.id in texts):
        notes.append(
            f"titles keep their text, time, size and colour there; {_KEEP} their fades and looks"
        )
    return without_drawn(cut, {id for id in texts if id is not None}), notes


# ------------------------------------------------------------------------------------ tracks


def _with_tracks(cut: Cut, format: CutFormat) -> tuple[Cut, list[str]]:
    """The cut with the tracks that there can be."""
    notes = []
    layers, sounds = format.holds.layers, format.holds.sounds
    for track in (*(() if layers else cut.overlays), *(() if sounds else cut.sounds)):
        shown = sum(segment.source is not None for segment in track.segments)
        what = "pictures above the programme" if track.kind == "picture" else "sound"
        notes.append(
            f"the track {track.role!r} ({shown} segments of {what}) is left out: {format.title} "
            f"holds none; {_KEEP} it"
        )
    kept = [t for t in cut.tracks[1:] if (layers if t.kind == "picture" else sounds)]
    return replace(cut, tracks=(cut.programme, *kept)), notes


def _check_media(cut: Cut, format: CutFormat) -> None:
    used = dict.fromkeys(s.source for t in cut.tracks for s in t.segments if s.source)
    if not format.holds.several and len(used) != 1:
        raise PipelineError(
            f"{format.title} holds pieces of one file, but the cut shows "
            f"{len(used) or 'none'}{': ' if used else ''}{', '.join(used)}; export each on its "
            "own, or to another format, such as .otio"
        )


def _as_clips(track: Track, format: CutFormat) -> tuple[Track, list[str]]:
    """The track without gaps where there can be none."""
    notes, segments = [], track.segments
    gaps = [n for n, s in enumerate(segments) if s.source is None]
    if gaps and not format.holds.gaps:
        notes.append(f"{_which(gaps)} of {track.role} are gaps, which {format.title} has none of")
        segments = tuple(s for s in segments if s.source is not None)
    named = [n for n, s in enumerate(segments) if s.label not in ("", s.source)]
    if named and not format.holds.labels:
        notes.append(f"{_which(named)} of {track.role} have names, which are left out")
    muted = [n for n, s in enumerate(segments) if s.sound == "muted"]
    if muted and not format.holds.muted:
        notes.append(f"{_which(muted)} of {track.role} are muted, and are heard there; {_KEEP} it")
    ahead = [n for n, s in enumerate(segments) if s.lead]
    if ahead:
        notes.append(
            f"the sound of {_which(ahead)} of {track.role} changes with the picture there, and no "
            f"longer before or after it; {_KEEP} that"
        )
    return replace(track, segments=segments), notes


# ----------------------------------------------------------------------------- how time passes


def pace_of(segment: Segment) -> Pace | None:
    """Which way its time passes, where no constant speed above 0 says it."""
    slopes = {piece.slope for piece in segment.warp.pieces} if segment.warp else set()
    if not slopes:
        return None
    if len(slopes) > 1:
        return "changing"
    return "backwards" if slopes.pop() < 0 else "held"


def _paced(track: Track, cut: Cut, format: CutFormat) -> tuple[Track, list[str]]:
    """The track with what lasts as long in place of what the format cannot play."""
    notes, segments = [], []
    for number, segment in enumerate(track.segments):
        pace = pace_of(segment)
        if pace is not None and pace not in format.holds.paces:
            how = "its one frame plays slowly" if pace == "held" else "it plays on"
            notes.append(
                f"segment {number} of {track.role} is {segment.pace}, which {format.title} does "
                f"not hold: {how} forwards there; {_KEEP} it"
            )
            segment = straight(segment, cut)
        segments.append(segment)
    fast = [n for n, s in enumerate(segments) if s.speed != 1]
    if fast and not format.holds.speed:
        notes.append(
            f"{_which(fast)} of {track.role} play at their own speed there: {format.title} knows "
            f"no others; {_KEEP} them"
        )
    early = [n for n, s in enumerate(segments) if s.lead]
    if early:
        notes.append(
            f"{_which(early)} of {track.role}: sound and picture begin together there; {_KEEP} "
            "where the sound leads or lags"
        )
    made = [n for n, s in enumerate(segments) if s.between is not None]
    if made:
        notes.append(
            f"{_which(made)} of {track.role}: no frames are made between frames there; {_KEEP} "
            "how they are made"
        )
    kept = [n for n, s in enumerate(segments) if s.sound == "kept" and not s.is_plain]
    if kept:
        notes.append(
            f"{_which(kept)} of {track.role}: their sound changes its speed with the picture there"
        )
    return replace(track, segments=tuple(segments)), notes


def straight(segment: Segment, cut: Cut) -> Segment:
    """What a warped segment shows, forwards, at its mean speed; of a held picture, its frame."""
    lasts, seen = segment.duration, segment.range
    if not seen.duration:
        rates = (s.video.nominal_rate for s in cut.sources if s.id == segment.source and s.video)
        frame = next((1 / rate for rate in rates if rate > 0), _HELD)
        seen = Range(seen.start, seen.start + min(lasts, frame))
    return replace(segment, range=seen, speed=seen.duration / lasts, warp=None)


# -------------------------------------------------------------------------------- transitions


def _of_transitions(cut: Cut, format: CutFormat) -> Iterator[str]:
    found = [s.transition for track in cut.tracks for s in track.segments if s.transition]
    if not found or format.holds.transitions == "all":
        return
    if format.holds.transitions == "none":
        kinds = ", ".join(dict.fromkeys(t.kind for t in found))
        yield f"{format.title} holds no transitions ({kinds}): cuts in their middles; {_KEEP} them"
        return
    named = dict.fromkeys(t.kind for t in found if title_of(t.kind) == t.kind)
    given = dict.fromkeys(name for t in found for name, _ in t.params)
    if named:
        yield f"{', '.join(named)}: written by name; other programs show a cross dissolve"
    if given:
        yield f"parameters of transitions are left out ({', '.join(given)}); {_KEEP} them"


def _joined(track: Track, cut: Cut, format: CutFormat) -> Track:
    """The track with cuts in place of transitions, where there are none."""
    if format.holds.transitions != "none" or not any(s.transition for s in track.segments):
        return track
    rate = timeline_rate(cut)
    edits = to_edits(track.segments, lambda d: Fraction(int(d * rate / 2)) / rate)
    return replace(track, segments=from_edits([replace(e, joint=None) for e in edits]))


# ------------------------------------------------------------------------------------ effects


def _of_effects(cut: Cut, format: CutFormat) -> Iterator[str]:
    """A note for each effect that is not written, with its segments."""
    for track in cut.tracks:
        is_kept = format.holds.layers if track.kind == "picture" else format.holds.sounds
        if is_kept or track is cut.programme:
            where: dict[str, list[int]] = {}
            for number, segment in enumerate(track.segments):
                effects = segment.effects
                if format.holds.motion != "none" and track.kind == "picture":
                    effects = unmoved(segment, cut, format.holds.motion == "keyed")
                for effect in effects:
                    where.setdefault(effect.label, []).append(number)
            for label, numbers in where.items():
                yield (
                    f"the effect {label} of {_which(dict.fromkeys(numbers))} of {track.role} is "
                    f"left out: {format.title} does not hold it; {_KEEP} it"
                )


# ---------------------------------------------------------------------------- everything else


def _of_mix(cut: Cut, format: CutFormat) -> Iterator[str]:
    mix, usual = cut.mix, Mix()
    if mix.loudness is not None:
        yield f"the loudness of {mix.loudness:g} LUFS is not reached there; {_KEEP} the target"
    if (mix.tracks, mix.channels) != (usual.tracks, usual.channels):
        yield f"which sound tracks and channels the output has is left out; {_KEEP} it"
    for track in cut.tracks:
        if track.kind == "sound" and not format.holds.sounds:
            continue
        fades = [n for n, v in (("in", track.fade_in), ("out", track.fade_out)) if v]
        if fades:
            yield f"the fade {' and '.join(fades)} of {track.role} is left out; {_KEEP} it"
        if track.ducking is not None:
            yield f"{track.role} is not lowered under speech there; {_KEEP} how it is"
        if track.gain and not format.holds.gain:
            yield f"the gain of {track.gain:g} dB of {track.role} is left out; {_KEEP} it"
    if mix.programme_gain and not format.holds.gain:
        yield f"the gain of {mix.programme_gain:g} dB of the programme is left out; {_KEEP} it"


def _besides_tracks(cut: Cut, format: CutFormat) -> Iterator[str]:
    if cut.is_sdr:
        yield f"that HDR is to become SDR is not said there; {_KEEP} it"
    if cut.alternatives:
        which = ", ".join(track.role for track in cut.alternatives)
        yield f"what could be shown instead ({which}) is left out; {_KEEP} it"
    if cut.captions is not None:
        yield f"captions are left out: `subtitles` writes them beside a video; {_KEEP} them"
    shown = [s for s in cut.segments if s.source is not None]
    is_silent = cut.mix.programme_gain is None or all(s.sound == "muted" for s in shown)
    if shown and is_silent and not format.holds.silent:
        yield f"the programme's own sound is heard there, which the mix leaves out; {_KEEP} it"
    if any(s.chapter for track in cut.tracks for s in track.segments):
        yield f"names of chapters are left out; {_KEEP} them"
    has_scores = any(s.scores for track in cut.tracks for s in track.segments)
    known = [a for a in cut.annotations if not (format.holds.words and a.name == "transcript")]
    if known or has_scores:
        yield (
            "what was found out about the media, and why segments were chosen, is left out; "
            f"{_KEEP} it"
        )
