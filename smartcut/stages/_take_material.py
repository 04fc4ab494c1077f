"""What takes are compared by, gathered from a cut: words, sound, sharpness, faces and eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartcut.annotation import Annotation, Faces, Signal, Transcript, Word
from smartcut.best_takes.aligning import HeardWord
from smartcut.best_takes.recording import Curve, Heads, TakeRecording
from smartcut.best_takes.wording import normal
from smartcut.cut import Cut
from smartcut.source import Source
from smartcut.stage import Context
from smartcut.stages._take_eyes import EyesAnalysis, eyes_asked
from smartcut.stages._take_sound import BANDS, TakeSoundAnalysis
from smartcut.stages.sharpness import SharpnessAnalysis

if TYPE_CHECKING:
    import numpy as np


def recording_of(source: Source, cut: Cut, context: Context) -> TakeRecording:
    """The source with the words of it that the programme shows."""
    import numpy as np

    words = shown_words(source, cut)
    sound = context.result(TakeSoundAnalysis(), source).data
    assert isinstance(sound, Signal)
    faces = cut.data(Faces, "faces", source.id)
    return TakeRecording(
        source.id,
        tuple(HeardWord(normal(w.text), float(w.range.start), float(w.range.end)) for w in words),
        tuple(word.probability for word in words),
        float(source.duration),
        float(sound.timebase),
        np.array(sound.channel("level")),
        np.array(sound.channel("pitch")),
        np.array([sound.channel(band) for band in BANDS]),
        _curve(context.result(SharpnessAnalysis(), source)) if source.video else None,
        _eyes(source, faces, context) if faces is not None and source.video else None,
        _heads(faces) if faces is not None else None,
    )


def shown_words(source: Source, cut: Cut) -> list[Word]:
    """The words of a source that the programme shows, in order."""
    transcript = cut.data(Transcript, "transcript", source.id)
    shown = [segment.range for segment in cut.segments if segment.source == source.id]
    words = [w for s in (transcript.sentences if transcript else ()) for w in s.words]
    spoken = (w for w in words if normal(w.text) and w.range.duration > 0)
    kept = (w for w in spoken if any(place.contains(w.range.middle) for place in shown))
    return sorted(kept, key=lambda word: (word.range.start, word.range.end))


def _curve(annotation: Annotation) -> Curve:
    import numpy as np

    signal = annotation.data
    assert isinstance(signal, Signal)
    times = np.array([float(time) for time in signal.times()])
    return Curve(times, np.array(signal.values[0]))


def _eyes(source: Source, faces: Faces, context: Context) -> Curve | None:
    asked = eyes_asked(faces)
    return _curve(context.result(EyesAnalysis(faces=asked), source)) if asked else None


def _heads(faces: Faces) -> Heads:
    """Of each picture the largest face that counts."""
    import numpy as np

    largest: dict[int, tuple[float, float, float, float]] = {}
    for one in faces.sightings:
        known = largest.get(one.at)
        if one.track is not None and (known is None or one.box[2] > known[2]):
            largest[one.at] = one.box
    times = np.array([float(at * faces.timebase) for at in sorted(largest)])
    places: np.ndarray = np.array(
        [(x + w / 2, y + h / 2, w) for x, y, w, h in (largest[at] for at in sorted(largest))]
    ).reshape(-1, 3)
    return Heads(times, places)
