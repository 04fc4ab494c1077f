"""The formats in which cuts are kept: one row each, identified by their suffix."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.registry import close_to

if TYPE_CHECKING:
    from smartcut.interchange.reading import Prober

Pace = Literal["backwards", "held", "changing"]
#: Ways in which time passes that no constant speed above 0 says.
PACES: tuple[Pace, ...] = ("backwards", "held", "changing")


class Holds(NamedTuple):
    """What a format can say of a cut besides clips of media, in order, with their in points."""

    several: bool = True
    """More than one media file."""
    gaps: bool = True
    """Black and silence between clips."""
    layers: bool = False
    """Pictures above each other."""
    sounds: bool = False
    """Sound besides that of the pictures."""
    labels: bool = True
    """Names of segments."""
    muted: bool = True
    """Some pictures without their own sound."""
    silent: bool = True
    """A film without any sound."""
    speed: bool = True
    """Constant speeds above 0."""
    paces: tuple[Pace, ...] = ()
    transitions: Literal["none", "named", "all"] = "named"
    """``named``: a dissolve under the transition's name; ``all``: with all parameters."""
    motion: Literal["none", "even", "keyed"] = "none"
    """Where a picture is, how large, turned, cropped and clear; ``keyed``: and how that changes;
    ``even``: and never out of shape or mirrored."""
    gain: bool = False
    titles: Literal["none", "text", "all"] = "none"
    words: bool = False
    """What is said, and when."""
    everything: bool = False
    """All that there is in a cut."""


class CutFormat(NamedTuple):
    """A row of the table."""

    name: str
    suffix: str
    title: str
    """What the format is called where it comes from."""
    editors: tuple[str, ...]
    """The programs that it is written for, as ``--for`` names them."""
    holds: Holds
    module: str
    """Below ``smartcut.interchange``; it has the function ``to_NAME``."""
    reads_in: str | None
    """The module with ``from_NAME``; None for what is only written."""

    def write(self, cut: Cut, *, name: str, folder: Path) -> str:
        """What the file holds; media is named as seen from ``folder``.

        Raises PipelineError for a cut that the format cannot hold, and MissingExtra.
        """
        writer: Callable[..., str] = _function(self.module, f"to_{self.name}")
        return writer(cut, name=name, folder=folder)

    def read(self, data: bytes, *, folder: Path, look: Prober | None, by: str) -> Cut:
        """The cut in a file's bytes; raises PipelineError, and what ``look`` raises."""
        if self.reads_in is None:
            raise PipelineError(
                f"{by}: {self.title} is written, but not read; of the same cut, have another "
                f"format, such as {FORMATS[0].suffix}"
            )
        reader: Callable[..., Cut] = _function(self.reads_in, f"from_{self.name}")
        return reader(data, folder=folder, look=look, by=by)


def _function(module: str, name: str) -> Any:
    return getattr(import_module(f"smartcut.interchange.{module}"), name)


_ALL = Holds(
    layers=True, sounds=True, paces=PACES, transitions="all", motion="keyed", gain=True,
    titles="all", everything=True,
)  # fmt: skip


_MLT = Holds(
    layers=True,
    sounds=True,
    paces=("backwards", "held"),
    motion="keyed",
    gain=True,
)
_PIECES = Holds(
    several=False, gaps=False, muted=False, silent=False, speed=False, transitions="none"
)

#: Every format, the usual one for other programs first.
FORMATS: tuple[CutFormat, ...] = (
    CutFormat("otio", ".otio", "OpenTimelineIO", (), _ALL, "otio", "otio_reading"),
    CutFormat("fcpxml", ".fcpxml", "FCPXML 1.10", ("finalcut", "resolve"), Holds(
        layers=True, sounds=True, paces=PACES, motion="keyed", gain=True, titles="text",
    ), "fcpxml", "fcpxml_reading"),
    CutFormat("xmeml", ".xml", "Final Cut Pro 7's XML (xmeml)", ("premiere",), Holds(
        layers=True, sounds=True, motion="even", gain=True,
    ), "xmeml", "xmeml_reading"),
    CutFormat("mlt", ".mlt", "MLT XML for Shotcut", ("shotcut",), _MLT, "mlt", None),
    CutFormat("kdenlive", ".kdenlive", "MLT XML for Kdenlive", ("kdenlive",), _MLT, "mlt", None),
    CutFormat("edl", ".edl", "Edit decision list, CMX 3600", ("avid",), Holds(
        sounds=True, silent=False,
    ), "edl", "edl_reading"),
    CutFormat("losslesscut", ".llc", "LosslessCut's project", ("losslesscut",), _PIECES,
              "losslesscut", "losslesscut"),
    CutFormat("csv", ".csv", "LosslessCut's list of segments (CSV)", (), _PIECES,
              "losslesscut", None),
    CutFormat("v1", ".v1", "auto-editor's timeline 1", (), Holds(
        several=False, gaps=False, labels=False, muted=False, silent=False, transitions="none",
    ), "auto_editor", "auto_editor_reading"),
    CutFormat("v3", ".v3", "auto-editor's timeline 3", ("auto-editor",), Holds(
        layers=True, sounds=True, labels=False, transitions="none",
    ), "auto_editor", "auto_editor_reading"),
    CutFormat("json", ".json", "smartcut's own JSON", (), _ALL, "json_files", "json_files"),
    CutFormat("words", ".md", "Words as Markdown", (), Holds(
        gaps=False, labels=False, muted=False, silent=False, speed=False, transitions="none",
        words=True,
    ), "words.markdown", "words.reading"),
)  # fmt: skip

#: Suffixes of files that hold a cut.
SUFFIXES = tuple(format.suffix for format in FORMATS)
EDITORS = tuple(sorted(editor for format in FORMATS for editor in format.editors))


def format_of(path: Path) -> CutFormat | None:
    """The format of a file of that name; None where it is of none."""
    suffix = path.suffix.lower()
    return next((format for format in FORMATS if format.suffix == suffix), None)


def is_cut_file(path: Path) -> bool:
    """Whether a file of that name holds a cut."""
    return format_of(path) is not None


def accepted() -> str:
    return f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"


def format_for(editor: str) -> CutFormat:
    """The format that an editing program reads best; raises PipelineError that names them."""
    for format in FORMATS:
        if editor in format.editors:
            return format
    raise PipelineError(f"unknown editor {close_to(editor, EDITORS)}")


def named_for(editor: str, path: Path) -> Path:
    """The path with the suffix that the editor reads, where it has none.

    Raises PipelineError for an unknown editor, and for another format's suffix.
    """
    wanted = format_for(editor)
    if not path.suffix:
        return path.with_suffix(wanted.suffix)
    if path.suffix.lower() != wanted.suffix:
        raise PipelineError(
            f"{path}: for {editor} a cut is written to a file that ends in {wanted.suffix} "
            f"({wanted.title})"
        )
    return path
