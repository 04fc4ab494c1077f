"""The script that takes are of: as it is given, or as the takes have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from smartcut.best_takes.recording import TakeRecording
from smartcut.best_takes.script import found_script
from smartcut.best_takes.wording import normal, words_of_text
from smartcut.errors import SmartcutError, StageError


@dataclass(frozen=True, slots=True)
class TakeScript:
    """Its words as they are written, and as they are compared."""

    written: tuple[str, ...]
    normal: tuple[str, ...]
    notes: tuple[str, ...] = ()
    is_found: bool = False
    """It was found from the takes themselves."""


def script_of(
    text: str | None, file: Path | None, recordings: Sequence[TakeRecording]
) -> TakeScript:
    """The script; raises StageError for a file that cannot be read, or holds no word."""
    if text is None and file is None:
        words = found_script([[word.text for word in own.words] for own in recordings])
        return TakeScript(words, words, is_found=True)
    notes: tuple[str, ...] = ()
    if file is not None:
        text, notes = _text_of(file)
    written = words_of_text(text or "")
    if not written:
        where = f"{file}" if file is not None else "`text`"
        raise StageError(f"`takes`: there is no word in {where}, which is to be the script")
    return TakeScript(written, tuple(map(normal, written)), notes)


def _text_of(file: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a file: plain, or the lines of subtitles."""
    from smartcut.interchange.subtitles.reading import read_subtitles
    from smartcut.text_input import read_text_input

    try:
        if file.suffix.lower() in (".srt", ".vtt", ".ass", ".json"):
            read = read_subtitles(file, Fraction(24 * 3600))
            return " ".join(line for cue in read.cues for line in cue.lines), read.notes
        given = read_text_input(file)
        return given.text, given.notes
    except (OSError, ValueError) as error:
        raise StageError(f"`takes`: {file} cannot be read: {error}") from error
    except SmartcutError as error:
        raise StageError(f"`takes`: {error}") from error
