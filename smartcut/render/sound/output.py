"""How a sound track is encoded: in its sources' kind where the container holds it; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smartcut.cut import Cut
from smartcut.media.containers import CONTAINERS, Container
from smartcut.media.layouts import USUAL, channel_count, keeps_channels, nearest_layout
from smartcut.render.output import Output, Wish, accepted_codec, by_time_shown
from smartcut.render.sound.codecs import CODECS, depth_of, kind_of, nearest_codec
from smartcut.source import AudioStream

# Bits a second of lossy sound: of one channel, of two, and of each further one.
_MONO, _STEREO, _FURTHER = 96_000, 192_000, 64_000


@dataclass(frozen=True, slots=True)
class OutputSound:
    """A sound stream to write."""

    codec: str
    """See sound_codecs.CODECS; of sound that is passed through, FFmpeg's name."""
    rate: int = 48_000
    layout: str = "stereo"
    bitrate: int | None = _STEREO
    """Bits a second; None where it is lossless, or passed through."""
    depth: str | None = None
    """How samples of lossless sound are kept; see sound_codecs.depth_of."""

    @property
    def channels(self) -> int:
        return channel_count(self.layout)


def choose_sound(cut: Cut, wish: Wish, output: Output) -> tuple[OutputSound, tuple[str, ...]]:
    """(how a track that is heard in this cut is encoded, what is converted).

    The kind is that of the source shown longest, the rate the highest of all. Raises RenderError
    for a codec that the container does not take.
    """
    accepted = output.container.audio
    recorded, others = _streams(cut)
    main = recorded[0] if recorded else None
    layout = _layout(cut, main, others)
    kind = kind_of(main.codec) if main else accepted[0]
    codec = nearest_codec(kind, layout, accepted)
    if wish.audio_codec is not None:
        codec = accepted_codec(wish.audio_codec, accepted, output.path, "audio_codec")
    kept = nearest_layout(layout, CODECS[codec].layouts)
    highest = max((stream.sample_rate for stream in (*recorded, *others)), default=48_000)
    rate = _nearest_rate(highest, CODECS[codec].rates)
    depth, deepest = _depth(codec, recorded)
    bitrate = None if depth else wish.audio_bitrate or _bitrate(codec, kept, recorded)
    notes = [*_why_another(kind, codec, output.container, wish)]
    notes += _mixed_kinds(cut, recorded, layout)
    if not keeps_channels(layout, kept):
        notes.append(f"{layout} is mixed down to {kept}, which {codec} can have")
    if rate < highest:
        notes.append(f"its {highest} samples a second become {rate}: {codec} takes no more")
    if deepest and depth and deepest != depth:
        notes.append(f"samples of {deepest} become {depth}: {codec} takes no more")
    return OutputSound(codec, rate, kept, bitrate, depth), tuple(notes)


def _streams(cut: Cut) -> tuple[list[AudioStream], list[AudioStream]]:
    """(what was recorded and plays in the programme, the longest first; what else is heard)."""
    shown = [s for s in by_time_shown(cut) if s.audio and cut.mix.programme_gain is not None]
    recorded = [s.audio for s in shown if s.audio and s.made is None]
    beside = [cut.source(s.source) for t in cut.sounds for s in t.segments if s.source]
    made = [s for s in shown if s.made is not None]
    return recorded, [s.audio for s in (*made, *beside) if s.audio]


def _layout(cut: Cut, main: AudioStream | None, others: Sequence[AudioStream]) -> str:
    """The layout of the source shown longest; two channels at least where music or the like has."""
    if cut.mix.channels is not None:
        return USUAL[cut.mix.channels]
    if main is None or main.channels == 1:
        most = max(others, key=lambda stream: stream.channels, default=None)
        if most is not None and most.channels > 1:
            return most.layout if main is None else "stereo"
        return "mono" if main is not None else "stereo"
    return main.layout


def _nearest_rate(highest: int, accepted: Sequence[int]) -> int:
    if not accepted:
        return highest
    return next((rate for rate in accepted if rate >= highest), accepted[-1])


def _depth(codec: str, recorded: Sequence[AudioStream]) -> tuple[str | None, str | None]:
    """(depth to write, that of the deepest source); None for lossy sound."""
    accepted = CODECS[codec].depths
    order = CODECS["pcm"].depths
    found = [depth for stream in recorded if (depth := depth_of(stream))]
    deepest = max(found, key=order.index, default=None)
    if not accepted:
        return None, deepest
    if deepest is None or deepest in accepted:
        return deepest or accepted[0], deepest
    return accepted[-1], deepest


def _bitrate(codec: str, layout: str, recorded: Sequence[AudioStream]) -> int:
    """Bits a second for as many channels, and no fewer than those of the sources."""
    count = channel_count(layout)
    usual = _MONO if count == 1 else _STEREO + _FURTHER * (count - 2)
    lossy = [stream.bitrate for stream in recorded if stream.bitrate and depth_of(stream) is None]
    whole = [-(-bits // 1000) * 1000 for bits in lossy]
    return min(max([usual, *whole]), CODECS[codec].most or usual)


def _why_another(kind: str, codec: str, container: Container, wish: Wish) -> Iterator[str]:
    """Notes where the kind of sound changes without being asked for."""
    if codec == kind or wish.audio_codec is not None:
        return
    if kind in container.audio:
        why = f"{kind} cannot have its channels"
    elif kind in CODECS:
        keep = [
            row.suffix
            for row in CONTAINERS.values()
            if kind in row.audio and row.alone == container.alone
        ]
        why = f"{container.suffix} does not hold {kind}; write {' or '.join(keep)} to keep it"
    else:
        why = f"smartcut has no encoder for {kind}; what nothing touches is copied into .mkv"
    yield f"{kind} becomes {codec}: {why}"


def _mixed_kinds(cut: Cut, recorded: Sequence[AudioStream], layout: str) -> Iterator[str]:
    """What is said of sources that differ."""
    kinds = list(dict.fromkeys(kind_of(stream.codec) for stream in recorded))
    if len(kinds) > 1:
        yield (
            f"sources of different kinds of sound ({', '.join(kinds)}) are joined in that of the "
            "one shown longest; set render.audio_codec to choose"
        )
    if cut.mix.channels is None:
        lost = {s.layout for s in recorded if not keeps_channels(s.layout, layout)}
        if lost:
            yield (
                f"sources of different layouts of channels were brought to {layout}, that of the "
                f"one shown longest ({', '.join(sorted(lost))} was mixed down); set "
                "`audio: {channels: N}` to choose"
            )
