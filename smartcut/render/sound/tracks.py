"""Which sound tracks an output has, and which stream of each source plays in them; pure.

The first is the main one: what was chosen of each source, and what is mixed with it. The others
follow the picture as they are: each is a cut of its own, whose sources have another stream as their
sound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from smartcut.cut import Cut, Mix
from smartcut.errors import RenderError
from smartcut.render.output import by_time_shown, has_sound
from smartcut.render.sound.changing import applied_sounds, without_sound_effects
from smartcut.source import AudioStream, Source


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """A sound track of the output."""

    cut: Cut
    """Its sources' ``audio`` is the stream that plays in this track."""
    also: tuple[Cut, ...] = ()
    """What is mixed into it: further tracks of the sources."""
    language: str | None = None
    """ISO 639-2/T."""
    title: str = ""
    roles: tuple[str, ...] = ()
    """See AudioStream.roles."""


_MAIN_ALONE = (
    "effects on sound change the main track alone; `audio: {tracks: main}` leaves the others out, "
    "`audio: {tracks: mix}` mixes all in one and changes that"
)

Lane = dict[str, AudioStream]
"""The streams of one track, by the ids of their sources."""


def sound_tracks(cut: Cut) -> tuple[tuple[SoundTrack, ...], tuple[str, ...]]:
    """(tracks, notes) of what the cut asks for; no track where nothing is heard.

    Raises RenderError where a track is asked for that no source has.
    """
    wanted = cut.mix.tracks
    shown = [s for s in by_time_shown(cut) if s.made is None]
    if isinstance(wanted, tuple):
        cut, shown = _chosen(cut, shown, wanted)
    if cut.mix.programme_gain is None or wanted == "main":
        return ((_main(cut),) if has_sound(cut) else ()), ()
    lanes, notes = _lanes(shown)
    cuts = [found for lane in lanes if has_sound(found := _other(cut, lane))]
    if not has_sound(cut) and not cuts:
        return (), notes
    if wanted == "mix":
        return (_main(cut, tuple(_with_effects(other, cut) for other in cuts)),), notes
    if cuts and any(applied_sounds(segment) for segment in cut.segments):
        notes = (*notes, _MAIN_ALONE)
    main, others = _main(cut), [_described(found) for found in cuts]
    if _is_chosen(cut):
        main = replace(main, roles=("default", *_not_default(main)))
        others = [replace(track, roles=_not_default(track)) for track in others]
    return (main, *others), (*notes, *_languages(lanes))


# ------------------------------------------------------------------------------------- the main


def _main(cut: Cut, also: tuple[Cut, ...] = ()) -> SoundTrack:
    return replace(_described(cut), also=also)


def _is_chosen(cut: Cut) -> bool:
    """Whether another stream than the file's first is the main one: then it is the default too."""
    heard = [s for s in by_time_shown(cut) if s.audio and s.made is None]
    return bool(heard) and heard[0].sounds[0] != heard[0].audio


def _not_default(track: SoundTrack) -> tuple[str, ...]:
    return tuple(role for role in track.roles if role != "default")


def _described(cut: Cut) -> SoundTrack:
    """A track with the language on which all its streams agree, and what the longest says."""
    heard = [s.audio for s in by_time_shown(cut) if s.audio]
    if not heard:
        return SoundTrack(cut)
    languages = {stream.language for stream in heard}
    language = languages.pop() if len(languages) == 1 else None
    return SoundTrack(cut, (), language, heard[0].title, heard[0].roles)


def _chosen(cut: Cut, shown: list[Source], numbers: tuple[int, ...]) -> tuple[Cut, list[Source]]:
    """The cut with these streams alone, counted in each file from 0; the first is the main one."""
    most = max((len(s.sounds) for s in shown), default=0)
    if missing := [n for n in numbers if n >= most]:
        there = f"0 to {most - 1}" if most else "none"
        raise RenderError(f"no source has sound track {missing[0]}; there are: {there}")
    changed = {}
    for source in shown:
        streams = source.sounds
        found = [streams[n] if n < len(streams) else None for n in numbers]
        kept = (o for o in source.others if not isinstance(o, AudioStream))
        others = (*kept, *(s for s in found[1:] if s is not None))
        changed[source.id] = replace(source, audio=found[0], others=others)
    cut = replace(cut, sources=tuple(changed.get(s.id, s) for s in cut.sources))
    return cut, list(changed.values())


# ----------------------------------------------------------------------------------- the others


def _other(cut: Cut, lane: Lane) -> Cut:
    """The cut as heard on another track: the programme alone, as it is."""
    sources = tuple(replace(s, audio=lane.get(s.id)) for s in cut.sources)
    mix = Mix(crossfade=cut.mix.crossfade, channels=cut.mix.channels)
    programme = replace(without_sound_effects(cut).programme, ducking=None)
    return replace(cut, sources=sources, tracks=(programme,), mix=mix)


def _with_effects(cut: Cut, main: Cut) -> Cut:
    """What is mixed into the main track, with the effects of that."""
    return cut.with_segments(main.segments)


def _lanes(shown: Sequence[Source]) -> tuple[list[Lane], tuple[str, ...]]:
    """(further tracks, notes): streams beside the main ones, put together by language or place."""
    lanes: list[Lane] = []
    for source in shown:
        free = list(lanes)
        for stream in _in_order(source, free):
            lane = _lane_for(stream, free)
            if lane is None:
                lanes.append({source.id: stream})
            else:
                free = [other for other in free if other is not lane]
                lane[source.id] = stream
    return lanes, tuple(_missing(shown, lanes))


def _in_order(source: Source, lanes: Sequence[Lane]) -> list[AudioStream]:
    """The source's further streams: first those whose language a lane has."""
    others = [stream for stream in source.sounds if stream != source.audio]
    return sorted(others, key=lambda stream: _same_language(stream, lanes) is None)


def _lane_for(stream: AudioStream, free: Sequence[Lane]) -> Lane | None:
    return _same_language(stream, free) or next(iter(free), None)


def _same_language(stream: AudioStream, lanes: Sequence[Lane]) -> Lane | None:
    """The only lane of the stream's language."""
    if stream.language is None:
        return None
    found = [lane for lane in lanes if stream.language in {s.language for s in lane.values()}]
    return found[0] if len(found) == 1 else None


def _missing(shown: Sequence[Source], lanes: Sequence[Lane]) -> Iterator[str]:
    for source in shown:
        for stream in source.others:
            if isinstance(stream, AudioStream) and not stream.duration:
                yield (
                    f"{source.id}: its sound track {stream.index} ({stream.codec}) cannot be "
                    "decoded, and is left out"
                )
        for number, lane in enumerate(lanes, 2):
            if source.id not in lane:
                yield (
                    f"{source.id} has no sound track {number}{_named(lane)}: it is silent there; "
                    "`audio: {tracks: main}` leaves such tracks out"
                )


def _named(lane: Lane) -> str:
    first = next(iter(lane.values()))
    told = [x for x in (first.language, first.title) if x]
    return f" ({', '.join(told)})" if told else ""


def _languages(lanes: Sequence[Lane]) -> Iterator[str]:
    for number, lane in enumerate(lanes, 2):
        found = sorted({stream.language or "unknown" for stream in lane.values()})
        if len(found) > 1:
            yield f"sound track {number} joins sounds of different languages: {', '.join(found)}"
