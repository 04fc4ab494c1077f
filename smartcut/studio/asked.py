"""What operations ask for: parameters of their addresses, or of the JSON that they are sent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from smartcut.params import Params

_BASE = "The version that was seen; 409 where it is no longer the newest."
# Keys of chunks and sounds are digests; ids of sources and segments are names.
_LONGEST_NAME = 400


class NothingAsked(Params):
    """No parameters."""


class OfState(Params):
    codecs: str | None = Field(
        None,
        max_length=1000,
        description="Kinds of pictures that the browser plays, with commas: h264,hevc-10.",
    )


class OfVersion(Params):
    """Which version is meant; without it, whatever is the newest."""

    base: int | None = Field(None, ge=0, description=_BASE)


class OfSegment(Params):
    segment: str = Field(max_length=_LONGEST_NAME, description="Its id.")


class OfSource(Params):
    source: str = Field(max_length=_LONGEST_NAME, description="Its id.")


class TwoVersions(Params):
    a: int = Field(ge=0, description="The version before.")
    b: int = Field(ge=0, description="The version after.")


class OfChunk(Params):
    key: str = Field(max_length=_LONGEST_NAME, description="As the state has it.")
    draft: bool = Field(False, description="Whether less quality that is there sooner will do.")
    height: int | None = Field(
        None, ge=16, le=4320, description="Of a draft, in pixels; without it, the film's."
    )
    start: float = Field(
        0.0,
        ge=0,
        le=1e7,
        allow_inf_nan=False,
        description="Of a draft: what lies before, in seconds of the chunk, may be left out.",
    )


class OfSound(Params):
    key: str = Field(max_length=_LONGEST_NAME, description="As the state has it.")
    start: float = Field(
        0.0, ge=0, le=1e7, allow_inf_nan=False, description="From when on, in seconds."
    )


class OfListening(Params):
    source: str = Field(max_length=_LONGEST_NAME, description="Its id.")
    start: float = Field(
        0.0,
        ge=0,
        le=1e7,
        allow_inf_nan=False,
        description="From when on, in seconds of the source.",
    )
    duration: float = Field(10.0, ge=0.001, le=600, allow_inf_nan=False, description="In seconds.")
    gain: float = Field(0.0, ge=-60, le=40, allow_inf_nan=False, description="In dB.")


class OfFrame(Params):
    at: float = Field(ge=0, le=1e7, allow_inf_nan=False, description="In seconds of the film.")
    height: int = Field(360, ge=16, le=4320, description="In pixels, at most.")


class OfResult(Params):
    v: str = Field(
        "", max_length=40, description="Anything: what differs is not taken from a cache."
    )


class OfText(Params):
    text: str = Field(max_length=1_000_000, description="The YAML of a pipeline.")


class ToEdit(OfVersion):
    ops: list[dict[str, Any]] = Field(
        min_length=1, max_length=10_000, description="Edits, as docs/corrections.md has them."
    )


class ToAmend(OfVersion):
    number: int = Field(ge=0, description="Of the edit, from 0.")
    edit: dict[str, Any] | None = Field(None, description="In its place; without it, none.")


class ToSetPipeline(OfVersion):
    text: str = Field(max_length=1_000_000, description="The YAML of a pipeline.")


class ToSave(Params):
    path: str | None = Field(
        None,
        max_length=4096,
        description="NAME.edits.yaml, or a cut such as NAME.otio; without it, beside the pipeline.",
    )


class ToRender(Params):
    output: str | None = Field(
        None, max_length=4096, description="The file to write; without it, the pipeline's own."
    )


# ---------------------------------------------------------------------------- finished films

_File = Annotated[str, Field(max_length=4096)]


class ToStop(Params):
    work: Literal["render", "conform", "learn"] | None = Field(
        None, description="What is to end; without it, all."
    )


class ToConform(Params):
    film: _File = Field(description="The finished film: a file below the studio's folders.")
    sources: list[_File] = Field(
        min_length=1, max_length=1000, description="Files and folders of the originals."
    )
    unknown: Literal["film", "gap"] = Field(
        "film", description="What the cut has where no original shows: the film itself, or a gap."
    )


class OfFilmFrame(Params):
    of: Literal["film", "original"] = Field(description="Which picture.")
    frame: int = Field(ge=0, le=10**9, description="Number of the film's frame, from 0.")
    height: int = Field(360, ge=16, le=2160, description="In pixels, at most.")


class ToLearn(Params):
    films: list[_File] = Field(
        min_length=1, max_length=100, description="Finished films, cuts, manifests, pipelines."
    )
    sources: list[_File] = Field(
        [], max_length=1000, description="Originals of finished films: files and folders."
    )


class ToKeep(Params):
    path: str | None = Field(
        None, max_length=4096, description="The file to write; without it, beside the output."
    )


class ToOpen(Params):
    path: _File = Field(description="A pipeline, a cut or media below the studio's folders.")
    leave: bool = Field(False, description="Leave corrections that are not saved.")
