"""`faces`: where faces are in the pictures, and which of them are one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from smartcut.annotation import Faces as FaceList
from smartcut.annotation import FaceSighting, Shots
from smartcut.cut import Cut
from smartcut.framing.tracks import joined
from smartcut.models.near_repeats import NearRepeats
from smartcut.source import Source
from smartcut.stage import (
    Analysis,
    Context,
    Frames,
    Group,
    Listener,
    Params,
    Picture,
    Stage,
    find_stage,
)
from smartcut.timebase import RatioParam

if TYPE_CHECKING:
    from smartcut.models.faces.found import FaceNetwork

BLAZE, CENTER = "blazeface", "centerface"
#: Pixels of the shorter side of what is looked at.
SIDE = 360
#: Boxes less sure than this are no sightings.
_THRESHOLDS = {BLAZE: 0.4, CENTER: 0.5}
#: How often a second network looks, in seconds.
_SECOND_LOOK = Fraction(1)


class FaceParams(Params):
    """The parameters of the stage and of its analysis."""

    detector: Annotated[
        Literal["auto", "blazeface", "centerface"],
        Field(
            description="blazeface: MediaPipe's full-range network. centerface: small and turned "
            "faces too, and six times as dear. auto: blazeface on every picture, and centerface "
            "once a second, which confirms and adds."
        ),
    ] = "auto"
    rate: Annotated[RatioParam, Field(gt=0, le=60, description="Pictures a second.")] = Fraction(4)

    @property
    def networks(self) -> tuple[str, ...]:
        return (BLAZE, CENTER) if self.detector == "auto" else (self.detector,)


class FaceDetection(FaceParams, Analysis):
    """Sightings of faces in sampled pictures; which are one face depends on the shots."""

    name: ClassVar[str] = "faces"
    version: ClassVar[int] = 1

    def wants(self, source: Source) -> Frames | None:
        return Frames(SIDE, "rgb", self.rate) if source.video else None

    def listener(self, source: Source, context: Context) -> Listener:
        return FaceListener(self, context)

    def empty(self, source: Source) -> FaceList:
        return FaceList(1 / self.rate, ())

    def model(self, context: Context) -> tuple[str, str]:
        from smartcut.models import weights

        digests = "+".join(weights.digest(name) for name in self.networks)
        return " and ".join(self.networks), digests


class FaceListener:
    """Takes sampled pictures; one that is the same as the one before is not looked at again."""

    def __init__(self, params: FaceDetection, context: Context) -> None:
        self._rate = params.rate
        self._networks = {name: _loaded(name, context.allow_net) for name in params.networks}
        self._every = max(1, int(_SECOND_LOOK * params.rate))
        self._repeats = NearRepeats("exact")
        self._found: dict[str, list[list[float]]] = {}
        self._sightings: list[FaceSighting] = []

    def feed(self, item: Picture) -> None:
        at = int(item.time * self._rate)
        if self._repeats.is_new(item.pixels, item.time):
            self._found = {}
        for place, (name, find) in enumerate(self._networks.items()):
            if place and item.index % self._every:
                continue
            if name not in self._found:
                self._found[name] = find(item.pixels).tolist()
            for left, top, right, bottom, score in self._found[name]:
                box = tuple(round(v, 5) for v in (left, top, right - left, bottom - top))
                assert len(box) == 4
                self._sightings.append(FaceSighting(at, box, round(score, 4), name))

    def finish(self) -> FaceList:
        engines = dict.fromkeys(network.engine for network in self._networks.values())
        return FaceList(1 / self._rate, tuple(self._sightings), " and ".join(engines))


def _loaded(name: str, allow_net: bool) -> FaceNetwork:
    from smartcut.models import weights
    from smartcut.models.faces import blazeface, centerface

    load = {BLAZE: blazeface.load, CENTER: centerface.load}[name]
    return load(weights.path(name, allow_net=allow_net), _THRESHOLDS[name])


class FindFaces(FaceParams, Stage):
    """Finds faces in every source, and follows each through its shot.

    Boxes are of heads, in shares of the picture, in source time. What comes and goes in less than
    three pictures, or that no network is sure of, does not count. Without `shots` before it, shots
    are found too, so that no face goes on across a cut.

        - faces: {detector: centerface, rate: 2}

    ```yaml
    - faces: {detector: blazeface}
    ```
    """

    name: ClassVar[str] = "faces"
    group: ClassVar[Group] = "choose"
    gives: ClassVar[tuple[str, ...]] = ("faces", "shots")
    hint: ClassVar[str] = "- faces"

    @property
    def detection(self) -> FaceDetection:
        return FaceDetection(detector=self.detector, rate=self.rate)

    def analyses(self) -> tuple[Analysis, ...]:
        return (usual_shots(), self.detection)

    def apply(self, cut: Cut, context: Context) -> Cut:
        for source in cut.footage:
            cut = with_faces(with_shots(cut, source, context), source, self.detection, context)
        return cut


def usual_shots() -> Analysis:
    """The shots that are found where no stage has: cuts and fades, by no network."""
    (analysis,) = find_stage("shots").model_validate({"detector": "adaptive"}).analyses()
    return analysis


def with_shots(cut: Cut, source: Source, context: Context) -> Cut:
    """The cut with shots of a source, its own if it has them."""
    if cut.annotation("shots", source.id) is not None:
        return cut
    return cut.with_annotation(context.result(usual_shots(), source))


def with_faces(cut: Cut, source: Source, detection: FaceDetection, context: Context) -> Cut:
    """The cut with the faces of a source, joined into tracks within its shots."""
    found = context.result(detection, source)
    assert isinstance(found.data, FaceList)
    second = CENTER if detection.detector == "auto" else None
    tracks = joined(found.data, cut.data(Shots, "shots", source.id), second)
    return cut.with_annotation(replace(found, data=tracks))
