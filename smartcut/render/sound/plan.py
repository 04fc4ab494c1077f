"""How each sound track of an output comes about: passed through, or mixed and encoded; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from smartcut.cache import key_of
from smartcut.cut import Cut, Segment, Track
from smartcut.media.containers import Container
from smartcut.media.languages import language_tag
from smartcut.render.output import Output, Wish
from smartcut.render.sound.changing import applied_sounds
from smartcut.render.sound.output import OutputSound, choose_sound
from smartcut.render.sound.passing import passed_sound
from smartcut.render.sound.tracks import SoundTrack, sound_tracks
from smartcut.source import Source
from smartcut.timebase import Range

#: Raised whenever the same mix would come out with other samples.
SOUND_VERSION = 10


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """A sound track of the output, and how it comes about."""

    track: SoundTrack
    sound: OutputSound
    reason: str
    """Why it is passed through, or why not."""
    key: str | None = None
    """Of the mix; None where it is passed through."""
    passed: tuple[Source, tuple[Range, ...]] | None = None
    """The source, and the ranges of it, whose sound is passed through."""


def plan_sounds(
    cut: Cut, mode: str, wish: Wish, output: Output, speech: Sequence[Range]
) -> tuple[tuple[SoundPlan, ...], tuple[str, ...]]:
    """(the sound tracks, the main one first; what the user should know of them).

    Raises RenderError for a codec that the container does not take, or a track that is not there.
    """
    wanted, told = sound_tracks(cut)
    tracks, left = _held(wanted, output.container)
    plans, notes = [], [*told, *left]
    for number, track in enumerate(tracks, 1):
        plan, said = _planned(track, mode, wish, output, speech)
        plans.append(plan)
        said = (*said, *_untold(track, output))
        name = "the sound" if len(tracks) == 1 else f"sound track {number}"
        notes.extend(f"{name}: {note}" for note in said)
    return tuple(plans), tuple(dict.fromkeys(notes))


def _held(
    tracks: Sequence[SoundTrack], container: Container
) -> tuple[Sequence[SoundTrack], tuple[str, ...]]:
    """The tracks that the container holds, and what is left out."""
    most = container.most_sounds if container.audio else 0
    if most is None or len(tracks) <= most:
        return tracks, ()
    if not most:
        return (), (f"the sound is left out: {container.suffix} holds pictures alone",)
    return tracks[:most], (
        f"{len(tracks) - most} of {len(tracks)} sound tracks are left out: {container.suffix} "
        f"holds {most}; write .m4a or .mka to keep all, or choose by `audio: {{tracks: mix}}`",
    )


def _planned(
    track: SoundTrack, mode: str, wish: Wish, output: Output, speech: Sequence[Range]
) -> tuple[SoundPlan, tuple[str, ...]]:
    sound, notes = choose_sound(track.cut, wish, output)
    found: tuple[Source, tuple[Range, ...]] | str = "mode encode was asked for"
    if track.also:
        found = "the sources' sound tracks are mixed"
    elif mode != "encode":
        found = passed_sound(track.cut, wish, output, packets=mode == "copy")
    if isinstance(found, str):
        return SoundPlan(track, sound, found, _key(track, sound, speech)), notes
    audio = found[0].audio
    assert audio is not None
    passed = OutputSound(audio.codec, audio.sample_rate, audio.layout, audio.bitrate)
    plan = SoundPlan(track, passed, "nothing touches it", passed=found)
    return plan, tuple(_moved(found[1], audio.start, mode, output))


def _untold(track: SoundTrack, output: Output) -> Iterator[str]:
    """What the container cannot say of a track."""
    container = output.container
    others = ".m4a or .mka" if container.alone else ".mp4 or .mkv"
    keep = f"in {container.suffix}; write {others} to keep it"
    lost = [role for role in track.roles if role not in container.roles]
    if container.most_sounds == 1 or not container.roles:
        lost = [role for role in lost if role != "default"]  # the only one is
    if lost:
        yield f"what it is for ({', '.join(lost)}) cannot be said {keep}"
    if track.language and language_tag(track.language, output.container.languages) is None:
        yield f"its language ({track.language}) cannot be said {keep}"


def _moved(ranges: Sequence[Range], start: Any, mode: str, output: Output) -> Iterator[str]:
    """What is said where only whole packets are copied."""
    if mode != "copy":
        return
    if len(ranges) > 1:
        yield "mode copy joins sound where its packets end, some milliseconds off"
    elif ranges[0].start > start and not output.container.has_edit_list:
        yield "mode copy begins sound where a packet begins, some milliseconds off"


def _key(track: SoundTrack, sound: OutputSound, speech: Sequence[Range]) -> str:
    cut = track.cut
    ducks = any(t.ducking for t in cut.tracks)
    return key_of(
        "sound",
        SOUND_VERSION,
        {
            "sound": sound,
            "tracks": [_track_inputs(cut, t) for t in (cut.programme, *cut.sounds)],
            "also": [_track_inputs(other, other.programme) for other in track.also],
            "mix": replace(cut.mix, tracks="all"),
            "speech": [[r.start, r.end] for r in speech] if ducks else None,
        },
    )


def _track_inputs(cut: Cut, track: Track) -> dict[str, Any]:
    segments = []
    for segment in track.segments:
        source = cut.source(segment.source) if segment.source else None
        segments.append(
            {
                "source": source.digest if source else None,
                "stream": source.audio.index if source and source.audio else None,
                "range": segment.range,
                "speed": segment.speed,
                **({} if segment.warp is None else {"warp": segment.warp}),
                "sound": segment.sound,
                "overlap": segment.overlap,
                "at": segment.at,
                **({"lead": segment.lead} if segment.lead else {}),
                **_effects(cut, segment),
            }
        )
    return {
        "role": track.role,
        "segments": segments,
        "gain": track.gain,
        "fades": [track.fade_in, track.fade_out],
        "ducking": track.ducking,
    }


def _effects(cut: Cut, segment: Segment) -> dict[str, Any]:
    """What a segment's effects on sound depend on; nothing where it has none."""
    found = []
    for one in applied_sounds(segment):
        kind = one.effect
        names = [analysis.name for analysis in kind.analyses()]
        known = [cut.annotation(name, segment.source) for name in names if segment.source]
        data = [None if found_out is None else found_out.data for found_out in known]
        found.append([kind.name, kind.version, kind, one.during, one.clock, kind.depends(), data])
    return {"effects": found} if found else {}
