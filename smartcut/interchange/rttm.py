"""Who speaks when as RTTM, the form of NIST's Rich Transcription evaluations.

A line each turn: ``SPEAKER file 1 start duration <NA> <NA> name <NA> <NA>``, in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from smartcut.annotation import SpeakerTurn
from smartcut.errors import PipelineError
from smartcut.timebase import Range

#: Letters of a file that is read at most.
LARGEST = 32_000_000
_FIELDS = 8


def to_rttm(turns: Iterable[SpeakerTurn], name: str) -> str:
    """The turns; ``name`` is the recording's. Spaces in names become underscores."""
    return "".join(
        f"SPEAKER {_field(name)} 1 {_seconds(turn.range.start)} {_seconds(turn.range.duration)} "
        f"<NA> <NA> {_field(turn.speaker)} <NA> <NA>\n"
        for turn in turns
    )


def _field(text: str) -> str:
    return "_".join(text.split()) or "_"


def _seconds(time: Fraction) -> str:
    return f"{float(time):.3f}"


def from_rttm(text: str, by: str) -> dict[str, tuple[SpeakerTurn, ...]]:
    """The turns of each recording, in order; other lines than those of speakers are left out.

    Raises PipelineError, with the line, for what is no RTTM; ``by`` names the file.
    """
    found: dict[str, list[SpeakerTurn]] = {}
    for number, row in enumerate(text.splitlines(), 1):
        fields = row.split()
        if not fields or fields[0].startswith(";;") or fields[0] != "SPEAKER":
            continue
        try:
            start, lasts = (Fraction(fields[i]) for i in (3, 4))
            if len(fields) < _FIELDS or start < 0 or lasts < 0:
                raise ValueError(row)
        except (ValueError, IndexError, ZeroDivisionError) as error:
            raise PipelineError(
                f"{by}: {row.strip()[:80]!r} is no line of RTTM; it is 'SPEAKER file 1 start "
                "duration <NA> <NA> name <NA> <NA>', times in seconds",
                line=number,
            ) from error
        if lasts:
            turn = SpeakerTurn(Range(start, start + lasts), fields[7])
            found.setdefault(fields[1], []).append(turn)
    if not found:
        raise PipelineError(f"{by}: no line of it begins with SPEAKER, as those of RTTM do")
    return {name: tuple(sorted(own, key=lambda t: t.range)) for name, own in found.items()}
