"""What operations ask for: parameters of their addresses, or of the JSON that they are sent."""

from __future__ import annotations

from typing import Any

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
