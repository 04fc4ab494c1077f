"""What is known about a source, in source time: shots, speech, speakers, signals, faces."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeVar

from smartcut.in_notebooks import InNotebooks
from smartcut.timebase import Range


@dataclass(frozen=True, slots=True)
class Shot:
    """One continuous camera take; ``start_frame`` is its first, ``end_frame`` one past its last."""

    range: Range
    start_frame: int
    end_frame: int
    entry: Literal["start", "cut", "fade", "dissolve"] = "cut"
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Shots(InNotebooks):
    shots: tuple[Shot, ...]
    engine: str = ""
    """What computed it, where a network did: ``onnxruntime 1.23.2, int8``."""


@dataclass(frozen=True, slots=True)
class Word:
    range: Range
    text: str
    probability: float = 1.0
    speaker: str | None = None
    """Who says it, where that is known."""
    is_strong: bool = False
    """Captions emphasise it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of speech as the recogniser cut it; its words carry their own ranges."""

    range: Range
    text: str
    words: tuple[Word, ...] = ()
    language: str | None = None
    """ISO 639-1, where it is not the transcript's."""


@dataclass(frozen=True, slots=True)
class Transcript(InNotebooks):
    language: str
    """ISO 639-1; where there are several, that of most of the speech."""
    sentences: tuple[Sentence, ...]
    stream: int | None = None
    """The sound stream that was listened to, where it is not the source's main one."""
    is_silent: bool = False
    """The main sound is digital silence."""
    is_captions: bool = False
    """Its sentences are captions of the user's, a line of text each line: shown as they are."""
    notes: tuple[str, ...] = ()
    """What was mended in a text that the user brought, and what of it is not spoken."""
    recogniser: str = ""
    """The engine that wrote it down, and its precision: ``faster-whisper, int8``."""
    unsent: float = 0.0
    """The share of the sound, 0..1, in which nobody speaks, so that no recogniser heard it."""

    def languages(self) -> tuple[str, ...]:
        """The languages of its sentences; its own first."""
        spoken = (sentence.language or self.language for sentence in self.sentences)
        return tuple(dict.fromkeys((self.language, *spoken)))


def translation_name(language: str) -> str:
    """The name of the annotation that holds a transcript in another language."""
    return f"translation.{language}"


@dataclass(frozen=True, slots=True)
class Signal:
    """Numbers over source time: ``values[c][i]`` belongs to ``channels[c]`` at ``pts[i]``.

    The first channel is the main one. ``pts`` counts ``timebase`` seconds from source time 0.
    """

    timebase: Fraction
    pts: tuple[int, ...]
    channels: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    unit: str = ""
    summary: tuple[tuple[str, float], ...] = ()
    """Figures of the whole source, such as integrated loudness."""
    engine: str = ""
    """What computed it, where a network did: ``onnxruntime 1.23.2, int8``."""

    def times(self) -> tuple[Fraction, ...]:
        return tuple(p * self.timebase for p in self.pts)

    def channel(self, name: str) -> tuple[float, ...]:
        return self.values[self.channels.index(name)]


@dataclass(frozen=True, slots=True)
class Features:
    """One vector for each sampled frame; the vectors lie in the cache under ``array``."""

    timebase: Fraction
    pts: tuple[int, ...]
    dimensions: int
    array: str
    """Cache key of a float32 array (N, dimensions), rows of length 1."""
    looked_at: tuple[int, ...] | None = None
    """Places in ``pts`` of the frames that a network looked at, where it did not look at all of
    them: each other one has the vector of one before it."""
    engine: str = ""
    """What computed it, where a network did: ``onnxruntime 1.23.2, int8``."""


@dataclass(frozen=True, slots=True)
class FaceSighting:
    """A face in one picture."""

    at: int
    """Its time in :attr:`Faces.timebase`."""
    box: tuple[float, float, float, float]
    """Left, top, width and height of the head, in shares of the upright picture."""
    score: float
    """How sure the network is, 0..1."""
    network: str
    track: int | None = None
    """Equal for sightings of one face within a shot; None where it is too unsure to count."""


@dataclass(frozen=True, slots=True)
class Faces:
    """Faces seen in sampled pictures, in the order of time."""

    timebase: Fraction
    sightings: tuple[FaceSighting, ...]
    engine: str = ""
    """What computed it, where a network did: ``onnxruntime 1.23.2, int8``."""

    def tracks(self) -> tuple[tuple[FaceSighting, ...], ...]:
        """The sightings of each face, in the order of its track's number."""
        found: dict[int, list[FaceSighting]] = {}
        for one in self.sightings:
            if one.track is not None:
                found.setdefault(one.track, []).append(one)
        return tuple(tuple(found[number]) for number in sorted(found))


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Levels over frequency, of a whole source: ``values[c][i]`` is channel c's at i * step Hz."""

    step: Fraction
    """Hz."""
    values: tuple[tuple[float, ...], ...]
    """dB."""


@dataclass(frozen=True, slots=True)
class Voices:
    """When somebody speaks, and how the voice sounds; the vectors lie in the cache."""

    stretches: tuple[Range, ...]
    """Where there is speech, in order."""
    windows: tuple[Range, ...]
    """Where the voice was looked at, in order; inside of stretches."""
    array: str
    """Cache key of a float32 array (windows, dimensions), rows of length 1."""
    engine: str = ""
    """What computed it, where a network did: ``onnxruntime 1.23.2, int8``."""


@dataclass(frozen=True, slots=True)
class SpeakerTurn:
    """Somebody speaks, without a pause; turns of one speaker may follow each other."""

    range: Range
    speaker: str


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who speaks when, in order of time."""

    turns: tuple[SpeakerTurn, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Who speaks, in the order of the first word."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns))


Data = Shots | Transcript | Signal | Features | Faces | Spectrum | Voices | Speakers


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one analysis found out about one source, and what produced it."""

    name: str
    source: str
    data: Data
    producer: str = ""
    """Analysis and version, such as ``shots/1``."""
    model: str | None = None
    """Name of the network that produced it."""
    weights: str | None = None
    """sha256 of that network's weights."""

    @property
    def engine(self) -> str:
        """The library, its version and precision that computed it; empty where nobody noted it."""
        data = self.data
        if isinstance(data, Transcript):
            return data.recogniser
        return "" if isinstance(data, (Spectrum, Speakers)) else data.engine


D = TypeVar("D", Shots, Transcript, Signal, Features, Faces, Spectrum, Voices, Speakers)
