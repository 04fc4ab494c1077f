"""A transcript as text, JSON or subtitles."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from smartcut.annotation import Transcript
from smartcut.cut import Captions, Cut
from smartcut.errors import PipelineError, SourceError
from smartcut.files import write_text
from smartcut.render.captions.brought import captions_of
from smartcut.render.captions.files import write_sidecar

_SUFFIXES = (".srt", ".vtt", ".ass", ".json", ".txt")


def transcript_of(cut: Cut) -> Transcript:
    """The transcript of the cut's first source."""
    found = cut.data(Transcript, "transcript", cut.sources[0].id)
    return found or Transcript("en", ())


def to_plain(transcript: Transcript) -> dict[str, Any]:
    """``language`` and ``segments`` with their ``words``; times in seconds."""
    return {
        "language": transcript.language,
        "segments": [
            {
                "start": float(s.range.start),
                "end": float(s.range.end),
                "text": s.text,
                "words": [
                    {
                        "start": float(w.range.start),
                        "end": float(w.range.end),
                        "word": w.text,
                        "probability": w.probability,
                    }
                    for w in s.words
                ],
            }
            for s in transcript.sentences
        ],
    }


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
    text = "\n".join(s.text for s in transcript.sentences)
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
    else:
        shown = captions_of(replace(cut, captions=Captions()))
        write_sidecar(output, shown, kind.removeprefix("."))  # type: ignore[arg-type]
    return text
