"""`reframe`: another shape of picture, that follows what matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from smartcut.annotation import Faces, Features, Shots, Signal, Speakers
from smartcut.cut import Cut, Segment, Track
from smartcut.effects.window import ShapeParam, Window
from smartcut.errors import StageError
from smartcut.expectation import Expectation, Miss
from smartcut.framing.path import Calm
from smartcut.framing.views import FramedView, Framing, views_of
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Stage, Step
from smartcut.stages._attention import AttentionAnalysis
from smartcut.stages._bars import BarDetection, bars_of_segment, without_bars
from smartcut.stages._chosen import OnParam, chosen
from smartcut.stages._constrained import steps_of_notes
from smartcut.stages._framed import FrameShape, laid_over, through_window
from smartcut.stages._of_effects import with_effect
from smartcut.stages._seen import ShownPicture, seen_in
from smartcut.stages.faces import FaceDetection, usual_shots, with_faces, with_shots
from smartcut.timebase import Range, TimeParam

if TYPE_CHECKING:
    import numpy as np

_WORDS = {
    "followed": "followed by a crop",
    "blur": "shown whole over a blurred copy",
    "pad": "shown whole with bars",
    "split": "divided into two",
}
Share = Annotated[float, Field(ge=0, le=1)]


class Reframe(Stage):
    """Gives the picture another shape, and follows faces, speakers or what moves.

    In each shot the crop stands, or moves evenly, and never pans across a cut. Where one crop
    cannot hold all who matter, `wide` says what is shown; without it, the one who speaks is
    followed (by motion in the faces, and by voices where `speakers` came before), and where nobody
    can be told, the whole picture is shown over a blurred one. Black bars are cropped before. The
    crop is written as an effect `window` with keys in source time: it stays on its subject whatever
    is cut or moved afterwards.

        - reframe: {aspect: "4:5", subject: face, wide: split}
        - render: {resolution: 1080x1350}

    ```yaml
    - reframe: {aspect: "9:16", subject: face}
    ```
    """

    name: ClassVar[str] = "reframe"
    gives: ClassVar[tuple[str, ...]] = ("shots", "faces")
    hint: ClassVar[str] = "- reframe: {aspect: 9:16}"

    aspect: ShapeParam = Field("9:16", description="Its shape: 9:16, 1:1, 4:5, 16:9 or any W:H.")
    subject: Literal["auto", "face", "speaker", "motion"] | tuple[Share, Share] = Field(
        "auto",
        description="What is followed. face: all faces together. speaker: the face that is "
        "livelier. motion: what moves. auto: all faces where they fit, else the speaker; without "
        "faces what moves or stands out. [x, y]: no one, but that point, in shares of the picture.",
    )
    wide: Literal["split", "blur", "pad", "none"] | None = Field(
        None,
        description="Where one crop cannot hold all who matter. split: two of them, one above the "
        "other. blur: the whole picture over a blurred one. pad: with bars. none: the crop anyway. "
        "Left out: the speaker where that can be told, else blur.",
    )
    deadzone: float = Field(
        0.15, ge=0, le=0.5,
        description="How far the subject may leave the middle before the crop moves, as a share "
        "of the crop.",
    )  # fmt: skip
    smooth: TimeParam = Field(
        Fraction(1), ge=0, le=10, description="Seconds over which a move begins and ends."
    )
    max_speed: float = Field(
        0.6, gt=0, le=10, description="Of the crop, in widths of the picture a second."
    )
    on: OnParam = Field(
        "all", description="`all`, `first`, `last`, or the numbers of segments from 0."
    )

    @property
    def _detection(self) -> FaceDetection | None:
        looks = isinstance(self.subject, str) and self.subject != "motion"
        return FaceDetection() if looks else None

    def analyses(self) -> tuple[Analysis, ...]:
        if not isinstance(self.subject, str):
            return (BarDetection(), usual_shots())
        faces = (self._detection,) if self._detection else ()
        return (usual_shots(), *faces, AttentionAnalysis(), BarDetection())

    def touches_all(self) -> bool:
        return True

    def apply(self, cut: Cut, context: Context) -> Cut:
        expected = [one for one in context.expected if one.name == "faces"]
        made = self._reshaped(cut, context)
        if not _misses(made, expected):
            return made
        for told, given in _CLOSER:
            other = self.model_copy(update=given)._reshaped(cut, context)
            if not _misses(other, expected):
                return other.with_note(
                    f"{self.name}: chosen as `expect` asks: {told}, so that faces are inside"
                )
        raise StageError(
            f"`{self.name}`: no crop to {self.aspect} keeps to faces (inside) of `expect`: "
            f"{_misses(made, expected)[0].reason}; accept less, or ask for another `aspect`"
        )

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        made = self.apply(cut, context)
        return made, steps_of_notes(self.name, cut, made)

    def _reshaped(self, cut: Cut, context: Context) -> Cut:
        """The cut in its new shape, whatever is expected."""
        those = chosen(self.on, len(cut.segments), self.name)
        those = {i for i in those if _has_picture(cut, cut.segments[i])}
        if not those:
            raise StageError(f"`{self.name}`: no segment of those chosen shows a picture")
        for id in dict.fromkeys(cut.segments[i].source for i in sorted(those)):
            cut = self._looked_at(cut, cut.source(id or ""), context)
        segments, kinds = list(cut.segments), Counter[str]()
        above: tuple[list[Segment], ...] = ([], [])
        for i in sorted(those):
            segments[i], over, found = self._framed(cut, segments[i], context)
            for track, more in zip(above, over, strict=True):
                track += more
            kinds.update(found)
        cut = cut.with_segments(tuple(segments))
        tracks = (Track("overlay", tuple(_once(segments))) for segments in above if segments)
        # Right above the programme: titles and what else is there stay on top.
        cut = replace(cut, tracks=(cut.programme, *tracks, *cut.tracks[1:]))
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        return cut.with_note(f"{self.name} to {self.aspect}: {told}")

    def _looked_at(self, cut: Cut, source: Source, context: Context) -> Cut:
        cut = with_shots(cut, source, context)
        if self._detection is not None:
            cut = with_faces(cut, source, self._detection, context)
        return cut

    def _framed(
        self, cut: Cut, segment: Segment, context: Context
    ) -> tuple[Segment, tuple[list[Segment], ...], list[str]]:
        """The segment in its new shape, what lies over it, and what each view of it is called."""
        source = cut.source(segment.source or "")
        assert source.video is not None
        bars = context.result(BarDetection(), source).data
        assert isinstance(bars, Signal)
        segment = without_bars(segment, bars_of_segment(cut, segment, bars))
        shape = FrameShape(self.aspect, ShownPicture(segment, source.video).size)
        if not isinstance(self.subject, str):
            x, y = self.subject
            fixed = with_effect(segment, Window(aspect=self.aspect, x=x, y=y))
            return fixed, ([], []), ["segment at a fixed point"]
        views = list(self._views(cut, segment, source, shape, context))
        # Clocks of files round, so what follows a cut begins this share of a frame early.
        early = 1 / source.video.rate / 4
        made = through_window(segment, shape, views, early)
        return made, laid_over(segment, shape, views, early), [_WORDS[v.how] for v in views]

    def _views(
        self, cut: Cut, segment: Segment, source: Source, shape: FrameShape, context: Context
    ) -> Iterator[FramedView]:
        assert source.video is not None
        assert isinstance(self.subject, str)
        maps = context.result(AttentionAnalysis(), source).data
        assert isinstance(maps, Features)
        rows, picture = _rows(maps, context), ShownPicture(segment, source.video)
        faces = cut.data(Faces, "faces", source.id) if self._detection else None
        speakers = cut.data(Speakers, "speakers", source.id)
        calm = Calm(self.deadzone, self.smooth, self.max_speed)
        framing = Framing(self.subject, self.wide, calm)
        for shot, shown in _shots(cut, segment):
            seen = seen_in(picture, shot, shown, faces, maps, rows, speakers)
            yield from views_of(shown, seen, shape.frame, framing)


#: What is tried, in this order, where faces would be cut off: what it costs grows.
_CLOSER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("the crop follows closely", {"deadzone": 0.0}),
    ("the crop follows closely, and as fast as they move", {"deadzone": 0.0, "max_speed": 4.0}),
    (
        "all faces are followed, closely",
        {"subject": "face", "deadzone": 0.0, "max_speed": 4.0, "smooth": Fraction(0)},
    ),
    ("the whole picture is shown over a blurred one", {"wide": "blur"}),
    (
        "the whole picture is shown over a blurred one for all faces",
        {"subject": "face", "wide": "blur"},
    ),
)


def _misses(cut: Cut, expected: Sequence[Expectation]) -> list[Miss]:
    told = (one.foresee(cut) for one in expected)
    return [miss for one in told if one is not None for miss in one.misses]


def _once(segments: list[Segment]) -> Iterator[Segment]:
    """Each but once: where the programme shows it twice, it is connected to both."""
    seen: set[tuple[object, ...]] = set()
    for segment in segments:
        key = segment.at, segment.range, segment.effects
        if key not in seen:
            seen.add(key)
            yield segment


def _shots(cut: Cut, segment: Segment) -> Iterator[tuple[Range, Range]]:
    """Each shot that a segment shows, and the part of it that is shown."""
    found = cut.data(Shots, "shots", segment.source or "")
    whole = [shot.range for shot in found.shots] if found and found.shots else [segment.range]
    # What lies before the first picture, or after the last, belongs to the shot there.
    whole[0] = Range(min(whole[0].start, segment.range.start), whole[0].end)
    whole[-1] = Range(whole[-1].start, max(whole[-1].end, segment.range.end))
    for shot in whole:
        shown = shot.intersect(segment.range)
        if shown is not None:
            yield shot, shown


def _rows(maps: Features, context: Context) -> np.ndarray:
    import numpy as np

    if not maps.pts:
        return np.zeros((0, maps.dimensions), np.float32)
    rows = context.cache.load_array(maps.array, mapped=True)
    assert rows is not None, "the cache lost what it has just given"
    return rows


def _has_picture(cut: Cut, segment: Segment) -> bool:
    return segment.source is not None and cut.source(segment.source).video is not None
