"""The shape of manifests, as far as checks of a film read them: others may have been edited."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

# Beyond it no film goes on; infinity and the like are no times.
_Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]


class _Placed(BaseModel):
    start: _Seconds
    end: _Seconds


class _ManifestSegment(_Placed):
    source: str | None
    transition: str | None
    warp: list[tuple[str, str]] = []


class _ManifestTrack(BaseModel):
    kind: str
    segments: list[_ManifestSegment]


class _ManifestInput(BaseModel):
    id: str
    path: str | None
    made: str | None


class _ManifestWord(_Placed):
    text: str
    cut: str = ""
    lost: _Seconds = 0.0


class _ManifestCaption(_Placed):
    lines: list[str]
    box: tuple[_Share, _Share, _Share, _Share]
    colours: list[str]


class _ManifestMade(_Placed):
    media: str
    kind: str
    engine: str | None
    source_type: str


class _ManifestExpect(BaseModel):
    expected: dict[str, Any] = {}
    rendered: dict[str, Any] = {}


class _Manifest(BaseModel):
    timeline: list[_ManifestTrack] = []
    inputs: list[_ManifestInput] = []
    words: list[_ManifestWord] | None = None
    captions: list[_ManifestCaption] | None = None
    generated: list[_ManifestMade] = []
    expect: _ManifestExpect | None = None


def check_shape(plain: dict[str, Any]) -> None:
    """Raise ValueError that says where a manifest is not as a render writes it."""
    try:
        _Manifest.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}") from error
