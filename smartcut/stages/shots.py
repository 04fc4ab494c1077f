"""Shots: where one camera take ends and the next begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, create_model, model_validator

from smartcut.annotation import Shots
from smartcut.detector import DETECTORS, DetectorBench, ShotDetector, find_detector
from smartcut.params import Pairs, of_pairs, to_pairs
from smartcut.source import Source
from smartcut.stage import (
    Analysis,
    AnalysisStage,
    Context,
    Frames,
    Group,
    Listener,
    Params,
    Picture,
    RowNetwork,
)
from smartcut.stages._of_kinds import Kinds
from smartcut.timebase import TimeParam

if TYPE_CHECKING:
    import numpy as np

    from smartcut.boundaries.rules import Boundary

_KINDS = Kinds(DETECTORS, ShotDetector, "detector")  # type: ignore[type-abstract]
_USUAL = "auto"
#: The slope of a fade lasts at most this long.
_SLOPE = Fraction(2)


class ShotParams(Params):
    """The parameters that do not depend on the detector."""

    min_length: Annotated[
        TimeParam,
        Field(
            description="Shortest shot. The default is that of PySceneDetect's command line (its "
            "Python classes take 15 frames, which are 0.6 s at 25 frames a second)."
        ),
    ] = Fraction(3, 5)
    fades: Annotated[
        bool,
        Field(description="Put a boundary in the middle of each fade through black or white."),
    ] = True


class ShotDetection(ShotParams, Analysis):
    """Finds the shots of one source.

    Some detectors keep shots to ``min_length`` by their own rules; of the boundaries of others,
    and the fades, that lie closer together, the surest stays.
    """

    name: ClassVar[str] = "shots"
    version: ClassVar[int] = 5

    detector: str
    detector_version: int
    params: Pairs = ()
    """Of the detector, as far as they were given."""

    @property
    def kind(self) -> ShotDetector:
        """The detector, ready to work."""
        return of_pairs(find_detector(self.detector), self.params)

    def wants(self, source: Source) -> Frames | None:
        return None if source.video is None else self.kind.wants(source)

    def listener(self, source: Source, context: Context) -> Listener:
        return ShotListener(self, source, context)

    def empty(self, source: Source) -> Shots:
        return Shots(())

    def model(self, context: Context) -> tuple[str, str] | None:
        return self.kind.model(context)

    def asks(self, context: Context) -> RowNetwork | None:
        return self.kind.asks(context)


class ShotListener:
    """Takes every frame of a source, and knows the shots at the end."""

    def __init__(self, params: ShotDetection, source: Source, context: Context) -> None:
        assert source.video is not None
        self.video = source.video
        self.bench = DetectorBench(source, context, params.min_length)
        self.finds_fades = params.fades and not params.kind.finds_fades
        self.watch = params.kind.open(self.bench)
        self.levels: list[float] = []

    def feed(self, item: Picture) -> None:
        from smartcut.boundaries.pictures import level_of, thumbnail

        self.bench.times.append(item.time)
        self.bench.measures.add(thumbnail(item.pixels))
        if self.finds_fades:
            self.levels.append(level_of(item.pixels))
        self.watch.feed(item)

    def finish(self) -> Shots:
        from smartcut.boundaries import rules

        times, shortest = self.bench.times, self.bench.min_length
        if not times:
            return Shots(())
        end = self.video.start + self.video.duration
        if end <= times[-1]:
            end = times[-1] + 1 / self.video.rate
        found = self.watch.finish()
        if self.finds_fades:
            found = self._with_fades(found)
        if not self.watch.keeps_length:
            found = rules.spaced(found, times, shortest)
        return replace(rules.to_shots(found, times, end), engine=self.watch.engine)

    def _with_fades(self, found: Sequence[Boundary]) -> Sequence[Boundary]:
        import numpy as np

        from smartcut.boundaries import rules
        from smartcut.boundaries.pyscenedetect import find_dips

        times, measures = self.bench.times, self.bench.measures
        steps, contrast = measures.steps, measures.contrast
        ratios: np.ndarray = rules.step_ratios(steps)

        def hard(frame: int) -> bool:
            return rules.is_hard(steps, ratios, frame)

        dips = find_dips(np.asarray(self.levels), times)
        longest = max(2, round(_SLOPE * self.video.rate))
        fades = rules.find_fades(dips, measures.levels, contrast, hard, longest)
        if self.watch.keeps_length:
            with_fades = rules.with_fades(found, fades, contrast)
            return rules.apart_from(found, with_fades, times, self.bench.min_length)
        return rules.one_for_each_fade(found, fades, self.watch.hints, contrast, hard)


# ------------------------------------------------------- the stage, with what all detectors take


class _Shots(AnalysisStage, ShotParams):
    """What the stage does, whatever detectors there are."""

    group: ClassVar[Group] = "choose"

    detector: str = Field(_USUAL, description="What finds them.")

    @model_validator(mode="after")
    def _is_complete(self) -> _Shots:
        _ = self.kind  # which checks what the detector takes
        return self

    @property
    def kind(self) -> ShotDetector:
        """The detector with what was given; raises ValueError that says what is accepted."""
        own = self.model_fields_set - set(_Shots.model_fields)
        given = {n: value for n in sorted(own) if (value := getattr(self, n)) is not None}
        return _KINDS.made(self.detector, given)

    def analyses(self) -> tuple[Analysis, ...]:
        kind = self.kind
        return (
            ShotDetection(
                detector=kind.name,
                detector_version=kind.version,
                params=to_pairs(kind),
                min_length=self.min_length,
                fades=self.fades,
            ),
        )


def _documentation() -> str:
    lines = [
        "Finds the shots of every source: cuts, dissolves and fades.",
        "",
        "The detectors, to which a package of your own can add:",
        "",
    ]
    example = ["", "```yaml", "- shots: {detector: adaptive}", "```"]
    return "\n".join([*lines, *_KINDS.described(), *example])


def _stage() -> type[_Shots]:
    names: list[Any] = _KINDS.names
    detector = Field(
        _USUAL,
        description="What finds them: " + ", ".join(names) + ".",
        json_schema_extra={"enum": names},
    )
    made: type[_Shots] = create_model(
        "Shots",
        __base__=_Shots,
        __module__=__name__,
        __doc__=_documentation(),
        detector=(str, detector),
        **_KINDS.fields(),
    )
    made.name, made.gives, made.hint = "shots", ("shots",), "- shots"
    return made


ShotsStage = _stage()
