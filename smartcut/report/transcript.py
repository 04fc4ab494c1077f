"""A transcript as text, JSON, subtitles, or who speaks when."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from smartcut.annotation import Speakers, SpeakerTurn, Transcript
from smartcut.cut import Captions, Cut
from smartcut.diarising.labels import speaker_of
from smartcut.errors import PipelineError, SourceError
from smartcut.files import write_text
from smartcut.interchange.rttm import to_rttm
from smartcut.render.captions.brought import captions_of
from smartcut.render.captions.files import write_sidecar

_SUFFIXES = (".srt", ".vtt", ".ass", ".json", ".txt", ".rttm")


def transcript_of(cut: Cut) -> Transcript:
    """The transcript of the cut's first source."""
    found = cut.data(Transcript, "transcript", cut.sources[0].id)
    return found or Transcript("en", ())


def to_plain(transcript: Transcript) -> dict[str, Any]:
    """``language`` and ``segments`` with their ``words``; times in seconds.

    A segment's ``speaker`` is who says most of it; without one known, there is no such key.
    """
    return {
        "language": transcript.language,
        "segments": [
            {
                "start": float(s.range.start),
                "end": float(s.range.end),
                "text": s.text,
                "language": s.language or transcript.language,
                **_speaker(speaker_of(s)),
                "words": [
                    {
                        "start": float(w.range.start),
                        "end": float(w.range.end),
                        "word": w.text,
                        "probability": w.probability,
                        **_speaker(w.speaker),
                    }
                    for w in s.words
                ],
            }
            for s in transcript.sentences
        ],
    }


def _speaker(name: str | None) -> dict[str, str]:
    return {} if name is None else {"speaker": name}


def to_text(transcript: Transcript) -> str:
    """A line a sentence; where another speaker goes on, with the name before it."""
    lines, before = [], None
    for sentence in transcript.sentences:
        name = speaker_of(sentence)
        lines.append(sentence.text if name in (None, before) else f"{name}: {sentence.text}")
        before = name
    return "\n".join(lines)


def write_transcript(cut: Cut, output: Path | None) -> str:
    """The transcript as plain text; also written to ``output``, whose suffix says how.

    Raises PipelineError for a suffix that is not known, SourceError for a source without sound.
    """
    source = cut.sources[0]
    if source.audio is None:
        raise SourceError(
            f"{source.path} has no sound: there is no speech to write down; give a file with sound"
        )
    transcript = transcript_of(cut)
    text = to_text(transcript)
    if output is None:
        return text
    kind = output.suffix.lower()
    if kind not in _SUFFIXES:
        accepted = ", ".join(_SUFFIXES)
        raise PipelineError(f"cannot write {output}: unknown suffix; accepted: {accepted}")
    if kind == ".json":
        write_text(output, json.dumps(to_plain(transcript), indent=2, ensure_ascii=False) + "\n")
    elif kind == ".txt":
        write_text(output, text + "\n")
    elif kind == ".rttm":
        write_text(output, to_rttm(_turns(cut, output), source.path.stem))
    else:
        shown = captions_of(replace(cut, captions=Captions(speakers="names")))
        write_sidecar(output, shown, kind.removeprefix("."))  # type: ignore[arg-type]
    return text


def _turns(cut: Cut, output: Path) -> tuple[SpeakerTurn, ...]:
    found = cut.data(Speakers, "speakers", cut.sources[0].id)
    if found is None:
        raise PipelineError(f"{output} is to say who speaks: add --speakers auto")
    return found.turns
