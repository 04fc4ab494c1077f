"""What can be done with files: wishes, each with the command that does it to these files."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from smartcut.absent import no_file
from smartcut.errors import PipelineError
from smartcut.source import Source
from smartcut.timebase import format_time

#: A film or a talk shorter than this, in seconds, has no use for chapters or several short clips.
_LONG = 90
#: An animation of more seconds than this would be very large.
_MOVING_PICTURE = 6


class Kind(Enum):
    """What a file is, as far as it decides what can be done with it."""

    FILM = "film"
    SILENT = "film without sound"
    SOUND = "sound"
    PICTURE = "picture"
    PIPELINE = "pipeline"
    TIMELINE = "cut"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class GivenFiles:
    """A file or folder, and what is known of it."""

    path: Path
    kind: Kind
    source: Source | None = None
    """Of media, what a probe found."""

    @property
    def seconds(self) -> float:
        return float(self.source.duration) if self.source else 0.0

    @property
    def text(self) -> str:
        """The file in a line: its kind, size, rate and length."""
        words = [f"{self.path}: {self.kind.value}"]
        if self.source and (video := self.source.video):
            words.append("{}x{}".format(*video.display_size))
            if self.kind is not Kind.PICTURE:
                words.append(f"{float(video.nominal_rate):.5g} frames a second")
        if self.source and self.kind is not Kind.PICTURE:
            words.append(format_time(self.source.duration))
        return ", ".join(words)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A wish in words, and the arguments of `smartcut` that fulfil it."""

    wish: str
    arguments: tuple[str, ...]

    @property
    def command(self) -> str:
        """As it is typed into a shell."""
        return shlex.join(("smartcut", *self.arguments))


def given(path: Path) -> GivenFiles:
    """What a path leads to; raises PipelineError where nothing is there, SourceError where
    it is no media file, or nothing else that is known."""
    from smartcut.interchange.formats import is_cut_file
    from smartcut.media.probe import probe

    if path.is_dir():
        return GivenFiles(path, Kind.FOLDER)
    if path.suffix.lower() in (".yaml", ".yml"):
        return GivenFiles(path, Kind.PIPELINE)
    if is_cut_file(path):
        return GivenFiles(path, Kind.TIMELINE)
    if not path.exists():
        raise PipelineError(no_file(path))
    source = probe(path)
    return GivenFiles(path, _kind_of(source), source)


def _kind_of(source: Source) -> Kind:
    if source.video is None:
        return Kind.SOUND
    if source.video.frames == 1 and source.audio is None:
        return Kind.PICTURE
    return Kind.FILM if source.audio else Kind.SILENT


def proposals(files: Sequence[GivenFiles]) -> list[Proposal]:
    """What can be done with these files, what is asked for most often first."""
    if len(files) == 1:
        return [Proposal(wish, tuple(words)) for wish, *words in _of_one(files[0])]
    return [Proposal(wish, tuple(words)) for wish, *words in _of_several(files)]


# ------------------------------------------------------------------------------- by kind of file

#: A wish, and the words of its command.
_Row = Sequence[str]


def _of_one(file: GivenFiles) -> Iterator[_Row]:
    name, whole = str(file.path), file.path.stem
    if file.kind in (Kind.FILM, Kind.SILENT):
        yield from _of_film(file, name, has_sound=file.kind is Kind.FILM)
    elif file.kind is Kind.SOUND:
        yield from _of_sound(file, name)
    elif file.kind is Kind.PICTURE:
        yield "make a film of it", "slideshow", name, "--seconds", "5", "-o", f"{whole}.mp4"
        yield "say what is in it", "probe", name
    elif file.kind is Kind.PIPELINE:
        yield "make the film", "run", name, "-o", f"{whole}.mp4"
        yield "say what it would do, and why", "plan", name
        yield "look for mistakes", "check", name
    elif file.kind is Kind.TIMELINE:
        yield "make the film", "run", name, "-o", f"{whole}.mp4"
        yield "write it for an editing system", "export", name, "-o", f"{whole}.otio"
    else:
        yield "make it searchable", "library", "index", name
        yield "find pictures by words", "search", name, "a sailing boat"
        yield "find what is said", "search", name, "--speech", "harbour"


def _of_film(file: GivenFiles, name: str, *, has_sound: bool) -> Iterator[_Row]:
    if has_sound:
        yield "take the silence out", "tighten", name
        yield "show what is said, in the picture", "captions", name
        yield "cut by the words that are said", "words", name
    if has_sound and file.seconds > _LONG:
        length = "20s..60s"
        yield (
            "pick the best clips",
            "shorts", name, "--clips", "3", "--length", length, "-o", f"{file.path.stem}-{{n}}.mp4",
        )  # fmt: skip
        yield "divide it into chapters", "chapters", name
    end = _time(min(10, 0.5 * file.seconds))
    yield "cut a part out", "cut", name, f"0-{end}", "-o", f"{file.path.stem}.cut{file.path.suffix}"
    width, height = file.source.video.display_size if file.source and file.source.video else (1, 1)
    if width > height:
        yield "make it upright, following faces", "reframe", name, "--aspect", "9:16"
    else:
        yield "make it wide, following faces", "reframe", name, "--aspect", "16:9"
    yield "play it faster", "speed", name, "--factor", "2"
    yield "take the shake out", "stabilise", name
    if has_sound:
        yield "make it as loud as the web wants", "loudness", name, "--target", "-14"
        yield "take its sound alone", "audio", name, "-o", f"{file.path.stem}.mp3"
    until = _time(min(_MOVING_PICTURE, file.seconds))
    yield "make an animation", "gif", name, "--end", until, "--fps", "12", "--resolution", "360p"
    yield "save a still picture", "frame", name, end, "-o", f"{file.path.stem}.png"
    yield "say what is in it", "probe", name


def _of_sound(file: GivenFiles, name: str) -> Iterator[_Row]:
    yield "write down what is said", "transcribe", name
    yield "take the silence out", "tighten", name
    yield "cut by the words that are said", "words", name
    yield "clean it up: less noise, an even level", "clean", name
    yield "make it as loud as podcasts are", "loudness", name, "--target", "-16"
    yield "play it faster", "speed", name, "--factor", "1.5"
    if file.seconds > _LONG:
        yield "divide it into chapters", "chapters", name
    yield "convert it", "audio", name, "-o", f"{file.path.stem}.mp3"
    yield "say what is in it", "probe", name


def _of_several(files: Sequence[GivenFiles]) -> Iterator[_Row]:
    names = [str(file.path) for file in files]
    kinds = [file.kind for file in files]
    films = [n for n, k in zip(names, kinds, strict=True) if k in (Kind.FILM, Kind.SILENT)]
    pictures = [n for n, k in zip(names, kinds, strict=True) if k is Kind.PICTURE]
    sounds = [n for n, k in zip(names, kinds, strict=True) if k is Kind.SOUND]
    if Kind.PIPELINE in kinds:
        ordered = sorted(files, key=lambda file: file.kind is not Kind.PIPELINE)
        inputs = [str(file.path) for file in ordered]
        yield "make the film", "run", *inputs, "-o", f"{ordered[0].path.stem}.mp4"
        yield "say what it would do, and why", "plan", *inputs
        yield "make a film of each", "run", *inputs, "--each", "-o", "out/{stem}.mp4"
        return
    whole = f"{files[0].path.stem}.joined"
    if len(pictures) == len(files):
        yield "show them one after the other", "slideshow", *names, "-o", f"{whole}.mp4"
    elif len(films) + len(pictures) == len(files):
        yield "join them, one after the other", "join", *names, "-o", f"{whole}.mp4"
        yield "join them by dissolves", "join", *names, "--kind", "dissolve", "-o", f"{whole}.mp4"
    if len(sounds) == len(files):
        yield "join them, one after the other", "join", *names, "-o", f"{whole}.m4a"
    if len(films) > 1 and len(films) == len(files):
        yield (
            "show them side by side",
            "split-screen",
            *names,
            "-o",
            f"{files[0].path.stem}.split.mp4",
        )
        yield "switch between them: cameras of one event", "multicam", *names
    if len(films) == 1 and len(pictures) == len(files) - 1:
        for picture in pictures:
            logo = ("--file", picture, "--position", "top-right", "--width", "0.15")
            yield f"lay {Path(picture).name} above the film", "overlay", films[0], *logo
    if len(films) == 1 and len(sounds) == len(files) - 1:
        for sound in sounds:
            piece = f"[{{file: {shlex.quote(sound)}, gain: -12}}]"
            yield f"put {Path(sound).name} under the film", "sounds", films[0], "--pieces", piece


def _time(seconds: float) -> str:
    return f"{seconds:.3g}"
