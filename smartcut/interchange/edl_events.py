"""The lines of an edit decision list, CMX 3600, as events."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePath

from smartcut.errors import PipelineError
from smartcut.interchange.edits import MOST_EDITS
from smartcut.timebase import exact

_LONGEST_LINE = 10_000
_TIME = r"(\d{2}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2,3})"
_EVENT = re.compile(
    rf"(\d{{1,9}})\s+(\S+)\s+(\S+)\s+([A-Z]+\d*)\s+(?:(\d{{1,5}})\s+)?{_TIME}\s+{_TIME}\s+{_TIME}\s+{_TIME}"
)
_MOTION = re.compile(rf"M2\s+(\S+)\s+([+-]?\d{{1,6}}(?:\.\d{{1,6}})?)\s+{_TIME}")
_COMMENT = re.compile(r"\*\s*([A-Z ]+?)\s*:\s*(.*)")
#: Comments that name media.
_FILES = ("SOURCE FILE", "MEDIA")


@dataclass(slots=True)
class Event:
    """A line that plays something; times in frames: of its source, and of the list."""

    line: int
    number: str
    reel: str
    channels: str
    how: str
    fade: int
    times: tuple[str, str, str, str]
    motion: Fraction | None = None
    """Frames a second at which the source plays."""
    said: dict[str, list[str]] = field(default_factory=dict)
    """What comments below it say, by their keys."""
    coming_from: Event | None = None
    """Of a transition's two lines the first, which plays what the transition leads away from."""

    @property
    def clip(self) -> str:
        """The name of its clip, or else its reel."""
        key = "TO CLIP NAME" if self.fade else "FROM CLIP NAME"
        return self.comment(key) or self.reel

    def comment(self, key: str) -> str:
        """The first comment of that key, or nothing."""
        return next(iter(self.said.get(key, ())), "")

    def files(self) -> list[str]:
        """The media that comments name."""
        return [name for key in _FILES for name in self.said.get(key, ())]

    def named(self) -> str:
        """What messages call it."""
        return f"line {self.line} (clip {self.clip!r})"


@dataclass(slots=True)
class EditList:
    """All that a list says."""

    events: list[Event] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    """Comments above the first event."""
    drop: bool | None = None
    """Whether it says that its frames drop numbers."""


def read_events(text: str, by: str, note: Callable[[str], None]) -> EditList:
    """The list's events, in the order of its lines; raises PipelineError with the line."""
    reader = _Reader(by, note)
    for number, line in enumerate(text.splitlines(), 1):
        reader.take(number, line.strip())
    for event in reader.found.events:
        _share_out(event)
    # The first line of a transition mostly says only where the event before it ends.
    lasting = [e for e in reader.found.events if not reader.is_empty_first(e)]
    reader.found.events = lasting
    return reader.found


class _Reader:
    def __init__(self, by: str, note: Callable[[str], None]) -> None:
        self.by, self.note = by, note
        self.found = EditList()
        self._firsts: set[int] = set()

    def take(self, number: int, line: str) -> None:
        event = self.found.events[-1] if self.found.events else None
        if len(line) > _LONGEST_LINE:
            raise self._wrong(number, f"has {len(line)} letters")
        if match := _EVENT.fullmatch(line):
            self._begin(number, match, event)
        elif line[:1].isdigit():
            raise self._wrong(number, f"is no event of CMX 3600: {line[:80]!r}")
        elif line.startswith("FCM:"):
            self.found.drop = "NON" not in line.upper()
        elif event is not None and (motion := _MOTION.fullmatch(line)):
            event.motion = exact(motion[2])
        elif comment := _COMMENT.fullmatch(line):
            if event is None:
                self.found.said.setdefault(comment[1], comment[2].strip())
            else:
                event.said.setdefault(comment[1], []).append(comment[2].strip())

    def _begin(self, number: int, match: re.Match[str], before: Event | None) -> None:
        begun = self._begun(number, match)
        if before is not None and before.number == begun.number and begun.fade:
            begun.coming_from = before
            self._firsts.add(before.line)
        self.found.events.append(begun)
        if len(self.found.events) > 2 * MOST_EDITS:
            raise PipelineError(f"{self.by}: holds more than {MOST_EDITS} events")

    def _begun(self, number: int, match: re.Match[str]) -> Event:
        how = match[4]
        if how[0] not in "CDW" or how.startswith("CK"):
            raise self._wrong(number, f"is a key ({how}), which is not read; only one picture is")
        fade = int(match[5] or 0) if how[0] != "C" else 0
        if how[0] == "W":
            self.note(f"{self.by}: line {number}: the wipe becomes a dissolve")
        times = match[6], match[7], match[8], match[9]
        return Event(number, match[1], match[2], match[3].upper(), how, fade, times)

    def is_empty_first(self, event: Event) -> bool:
        """Whether it is the first line of a transition and plays nothing by itself."""
        return event.line in self._firsts and event.times[2] == event.times[3]

    def _wrong(self, line: int, what: str) -> PipelineError:
        return PipelineError(f"{self.by}: line {line} {what}")


def _share_out(event: Event) -> None:
    """Give a transition's first line what the comments below the second say of its clip."""
    before = event.coming_from
    if before is None:
        return
    name, files = event.comment("FROM CLIP NAME"), event.files()
    if name:
        before.said.setdefault("FROM CLIP NAME", [name])
    to = event.comment("TO CLIP NAME")
    is_of_first = len(files) == 1 and to and to != name == PurePath(files[0]).name
    if len(files) < 2 and not is_of_first:
        return
    # Both are named: that of the clip before it comes first.
    first, *others = files
    if not before.files():
        before.said["SOURCE FILE"] = [first]
    for key in _FILES:
        event.said.pop(key, None)
    if others:
        event.said["SOURCE FILE"] = others
