"""Titles: what the stage makes of its parameters, what is drawn when, and what gets encoded."""

from __future__ import annotations

import json
import wave
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any, ClassVar, cast

import av
import numpy as np
import pytest
from pydantic import ValidationError

import smartcut as sc
from smartcut.algebra import texts_shown
from smartcut.cut import Cut, Segment, Track
from smartcut.drawer import DrawBench, drawer_of, drawn_source
from smartcut.drawers.captions import BurnedCaptions, CaptionText
from smartcut.drawers.text import Text
from smartcut.errors import SmartcutError, StageError
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.interchange.moviepy_export import _warn_of_losses
from smartcut.interchange.titles import is_plain_text
from smartcut.looks import find_look
from smartcut.media.decode import DecoderPool, frames
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.render.captions.cues import Cue
from smartcut.render.captions.layout import lay_out as set_in_type
from smartcut.render.compose import compose
from smartcut.render.job import Rendering
from smartcut.render.layout import lay_out
from smartcut.render.output import OutputPicture
from smartcut.render.splicing.spans import Span, encoded_spans
from smartcut.source import Colour
from smartcut.stage import Context, Stage, find_stage
from smartcut.stages.render import Render
from smartcut.stages.title import TitleStage
from smartcut.testing import read_bar_codes, write_bar_coded
from smartcut.timebase import Range

NO_CONTEXT = cast(Context, None)
LOW: dict[str, Any] = {"text": "Harbour", "position": "bottom", "fade": 0}
"""A title that leaves the bar code free."""


def black(seconds: F | int) -> Cut:
    return Cut(tracks=(Track("programme", (Segment(None, Range(F(0), F(seconds))),)),))


def titled(cut: Cut, **params: Any) -> Cut:
    return TitleStage(**params).apply(cut, NO_CONTEXT)


def shown(cut: Cut) -> list[tuple[Text, Range]]:
    """The titles of a cut, bottom to top, and when they are seen."""
    found = []
    for _, segment, place in texts_shown(cut):
        recipe = cut.source(segment.source or "").made
        assert recipe is not None
        assert recipe.kind == "title"
        found.append((cast(Text, drawer_of(recipe)), place))
    return found


# ---------------------------------------------------------------------------------- the stage


def test_it_is_found_by_its_name() -> None:
    assert find_stage("title") is TitleStage
    assert isinstance(sc.title(text="x", duration=1), TitleStage)


def test_the_defaults() -> None:
    ((title, range),) = shown(titled(black(10), text="Harbour, 2026"))
    style = {"size": 0.09, "outline_width": 0.006, "position": "middle"}
    assert title == Text(text="Harbour, 2026", fade=F(1, 4), **style)
    assert range == Range(F(0), F(3))


def test_every_setting_arrives_in_the_cut() -> None:
    cut = titled(
        black(10), text="  One \n  two   words\n", at="2.5s", duration="1500ms", position="top",
        size=0.2, colour="#ff0", outline="#123456", outline_width=0, box="#00000080", fade="1/3",
    )  # fmt: skip
    ((title, range),) = shown(cut)
    assert range == Range(F(5, 2), F(4))
    assert title == Text(
        text="One\ntwo words", fade=F(1, 3), size=0.2, colour="#ff0", outline="#123456",
        outline_width=0, box="#00000080", position="top",
    )  # fmt: skip


def test_several_add_up_in_order() -> None:
    cut = titled(titled(black(10), text="One", at=4), text="Two")
    assert [title.text for title, _ in shown(cut)] == ["One", "Two"]
    assert [len(track.segments) for track in cut.overlays] == [2]


def test_those_that_overlap_lie_on_tracks_of_their_own() -> None:
    cut = titled(titled(titled(black(10), text="One"), text="Two", at=2), text="Three", at=5)
    assert [[s.label for s in t.segments] for t in cut.overlays] == [["One"], ["Two", "Three"]]
    assert {track.role for track in cut.overlays} == {"titles"}


def test_one_that_outlasts_the_cut_ends_and_fades_out_with_it() -> None:
    ((title, range),) = shown(titled(black(10), text="Late", at=F("9.6")))
    assert range == Range(F("9.6"), F(10))
    assert title.fade == F(1, 5)


@pytest.mark.parametrize("at", ["10s", "1m"])
def test_one_past_the_end_is_refused(at: str) -> None:
    with pytest.raises(StageError, match=r"'Late' is to appear at \d+ s, but the cut lasts 10"):
        titled(black(10), text="Late", at=at)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"text": " \n "}, "the text is empty"),
        ({"text": "A", "duration": "1s", "fade": "0.6s"}, "takes 1.2 s, and the title is there"),
        ({"text": "A", "duration": 0}, "greater than 0"),
        ({"text": "A", "at": -1}, "negative time"),
        ({"text": "A", "colour": "reddish"}, "reddish"),
        ({"text": "A", "font": "/nowhere.ttf"}, "is not a file"),
        ({"text": "A", "size": 0.6}, "less than or equal to 0.5"),
        ({}, "text"),
    ],
)
def test_mistakes_are_told(params: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TitleStage(**params)


def test_titles_come_back_from_json() -> None:
    cut = titled(black(F(30, 7)), text="Häfen\n港", at="1/3", duration="30000/29997", box="#0008")
    assert cut_from_json(cut_to_json(cut)) == cut


def test_a_cut_written_before_there_were_titles_is_read() -> None:
    plain = {**json.loads(cut_to_json(black(1))), "schema": 2}
    assert cut_from_json(json.dumps(plain)) == black(1)


# ------------------------------------------------------------------------- what is drawn, when


def test_it_fades_in_and_out_alike() -> None:
    text = Text(text="A", fade=F(1, 4))
    frames_of = [Range(F(k, 16), F(k + 1, 16)) for k in range(-2, 18)]
    seen = [now.opacity if (now := text.seen(f, F(1))) else 0 for f in frames_of]
    ramp = [0.125, 0.375, 0.625, 0.875]
    assert seen == [0, 0, *ramp, *[1] * 8, *ramp[::-1], 0, 0]


def test_without_a_fade_it_is_there_or_not() -> None:
    cut = titled(black(3), text="A", at=1, duration=1, fade=0)
    picture = OutputPicture(
        "h264", 320, 180, "yuv420p", F(3), F(1, 3), Colour(), "pad", 20, None, "veryfast"
    )
    (span,) = encoded_spans(cut, lay_out(cut, {}, picture), picture, {}, "asked")
    (above,) = span.above
    assert above.drawn is not None
    opacity = [now.opacity if now else 0 for now in cast("tuple[Text | None, ...]", above.drawn)]
    assert opacity[2:7] == [0, 1, 1, 1, 0]


@pytest.mark.parametrize("size", [(320, 180), (1920, 1080), (720, 1280), (64, 36)])
@pytest.mark.parametrize("position", ["top", "middle", "bottom"])
@pytest.mark.parametrize(
    "text",
    [
        "Harbour, 2026",
        "One\n\nTwo",
        "The long way round, as told by those who were there in the winter of that year",
        "Donaudampfschifffahrtsgesellschaftskapitän",
    ],
)
def test_it_never_runs_out_of_the_picture(text: str, position: Any, size: tuple[int, int]) -> None:
    ((title, range),) = shown(titled(black(9), text=text, position=position, box="#0008"))
    cue = Cue(range, tuple(title.text.split("\n")), ())
    layout = set_in_type(cue, size, title.style)
    left, top, right, bottom = layout.bounds
    assert left >= 0.06 * size[0] - 1e-6
    assert top >= 0.06 * size[1] - 1e-6
    assert right <= 0.94 * size[0] + 1e-6
    assert bottom <= 0.94 * size[1] + 1e-6
    assert " ".join(g.text for g in layout.glyphs) == " ".join(text.split())


def spans_of(cut: Cut, pixel_format: str = "yuv420p", size: tuple[int, int] = (320, 180)) -> Any:
    picture = OutputPicture(
        "h264", *size, pixel_format, F(10), F(1, 10), Colour(), "pad", 20, None, "veryfast"
    )
    shown = lay_out(cut, {}, picture)
    return encoded_spans(cut, shown, picture, {}, "asked")


def composed(cut: Cut, span: Span) -> list[np.ndarray]:
    """The luma of the frames of a span without sources."""
    rendering = Rendering(cast(Any, None), cut, cast(Any, None), {}, (span,), (), (), None)
    with DecoderPool(1) as decoders:
        shown = [frame for _, frame in compose(rendering, span, decoders)]
    depth = 4.0 if "10" in span.picture.pixel_format else 1.0
    rows = span.picture.height
    luma = []
    for frame in shown:
        plane: Any = np.frombuffer(frame.planes[0], np.uint16 if depth > 1 else np.uint8)
        luma.append(plane.reshape(rows, -1)[:, : span.picture.width] / depth)
    return luma


FORMATS = ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le")


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_frames_show_it_with_its_fade_in_every_pixel_format(pixel_format: str) -> None:
    cut = titled(black(2), text="Harbour", at="0.5s", duration="1s", fade="0.3s", outline_width=0)
    (span,) = spans_of(cut, pixel_format)
    shown = composed(cut, span)
    peaks = [(picture.max() - 16) / 219 for picture in shown]
    ramp = [1 / 6, 1 / 2, 5 / 6]
    expected = [*[0] * 5, *ramp, *[1] * 4, *ramp[::-1], *[0] * 5]
    assert peaks == pytest.approx(expected, abs=0.01)
    (plain,) = spans_of(cut)
    for one, other in zip(shown, composed(cut, plain), strict=True):
        assert np.abs(one - other).max() <= 1


def test_edges_of_letters_are_smooth_and_the_text_stands_in_the_middle() -> None:
    cut = titled(black(1), text="HIH", outline_width=0, fade=0, size=0.2)
    (span,) = spans_of(cut, size=(640, 360))
    picture = composed(cut, span)[0]
    grey = np.count_nonzero((picture > 40) & (picture < 210))
    assert 0 < grey < 0.25 * np.count_nonzero(picture > 210)
    rows, columns = (np.flatnonzero((picture > 100).any(axis=k)) for k in (1, 0))
    assert abs((columns[0] + columns[-1]) / 2 - 319.5) <= 2
    assert abs((rows[0] + rows[-1]) / 2 - 179.5) <= 0.05 * 360


def test_a_later_title_lies_over_an_earlier_one() -> None:
    cut = titled(black(1), text="HHH", fade=0, outline_width=0, size=0.3)
    (below,) = spans_of(cut)
    cut = titled(cut, text="I", fade=0, colour="#000000", outline_width=0, size=0.3)
    (both,) = spans_of(cut)
    assert composed(cut, both)[0].sum() < composed(cut, below)[0].sum()


def test_the_key_of_a_span_knows_text_time_style_and_fade_and_not_the_place() -> None:
    def key(at: F = F(2), length: F | int = 4, **changed: Any) -> str:
        cut = titled(black(8), **{"text": "A", "at": at + 1, "duration": 1, **changed})
        later = (Segment(None, Range(F(0), at)), Segment(None, Range(F(0), F(length))))
        return str(spans_of(cut.with_segments(later))[-1].key)

    keys = [
        key(),
        key(text="B"),
        key(fade=0),
        key(size=0.1),
        key(duration="1.1"),
        key(colour="#ff0000"),
        key(at=F(2), length=5),
    ]
    assert len(set(keys)) == len(keys)
    assert key(at=F(3)) == keys[0]


def test_titles_that_a_span_does_not_show_do_not_change_it() -> None:
    halves = tuple(Segment(None, Range(F(0), F(4))) for _ in range(2))
    cut = black(8).with_segments(halves)
    first, second = spans_of(titled(cut, text="A", at=1))
    bare = spans_of(cut)
    assert first.key != bare[0].key
    assert (second.key, second.above) == (bare[1].key, ())
    assert first.reason == "a gap is black; a title is drawn"


def test_each_reason_is_given_once() -> None:
    cut = titled(titled(black(1), text="A"), text="B")
    (span,) = spans_of(cut)
    assert span.reason == "a gap is black; a title is drawn"
    spoken = BurnedCaptions(texts=(CaptionText(start=F(0), end=F(1), lines=("C",)),))
    source = drawn_source("captions", spoken, F(0), ())
    captions = Track("captions", (Segment(source.id, Range(F(0), F(1)), at=F(0)),))
    tracks = (cut.tracks[0], captions, *cut.tracks[1:])
    cut = replace(cut, sources=(*cut.sources, source), tracks=tracks)
    (both,) = spans_of(cut)
    assert both.reason == "a gap is black; captions are burned in; a title is drawn"


# --------------------------------------------------------------------------- what gets encoded


def pictures(path: Path) -> list[np.ndarray]:
    source = probe(path)
    index = video_index(source)
    return [f.to_ndarray() for _, f in frames(source, index, 0, len(index))]


def manifest(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out.with_name(f"{out.stem}.manifest.json").read_text())
    return found


def hows(out: Path) -> list[tuple[str, int]]:
    return [(i["how"], i["frames"]) for i in manifest(out)["intervals"]]


def drawn_on(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether white letters are below the bar code, where the source has at most 191."""
    return int(after[120:180].max()) > 220 and int(before[120:180].max()) < 200


def test_only_its_own_frames_are_encoded(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, size=(320, 180), frames=600, gop=30)
    (sc.open(path) | sc.title(at="10s", duration="3s", **LOW)).render(out)
    assert hows(out) == [("copy", 300), ("encode", 90), ("copy", 210)]
    assert [i["reason"] for i in manifest(out)["intervals"]][1] == "a title is drawn"
    assert manifest(out)["settings"]["titles"][0]["text"] == "Harbour"
    assert read_bar_codes(out)[0] == list(range(600))
    one, two = pictures(path), pictures(out)
    for n, (a, b) in enumerate(zip(one, two, strict=True)):
        if 300 <= n < 390:
            assert drawn_on(a, b)
            assert np.mean((a[:90].astype(float) - b[:90]) ** 2) < 6.5  # 40 dB
        else:
            assert np.array_equal(a, b)


def test_between_key_frames_it_costs_no_more_than_the_way_to_the_next(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, size=(320, 180), frames=240, gop=30)
    (sc.open(path) | sc.title(at="1.5s", duration="1s", **LOW)).render(out)
    assert hows(out)[0] == ("copy", 45)
    assert sum(n for how, n in hows(out) if how == "encode") <= 45
    one, two = pictures(path), pictures(out)
    shown = [n for n, (a, b) in enumerate(zip(one, two, strict=True)) if drawn_on(a, b)]
    assert shown == list(range(45, 75))


def test_ten_bits_are_kept(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mkv", tmp_path / "o.mkv"
    write_bar_coded(path, size=(320, 180), frames=90, pixel_format="yuv420p10le", audio=None)
    (sc.open(path) | sc.title(at="1s", duration="1s", **LOW)).render(out)
    assert hows(out) == [("copy", 30), ("encode", 30), ("copy", 30)]
    two = pictures(out)
    assert two[45].dtype == np.uint16
    assert two[45][120:180].max() > 900 > 800 > two[15][120:180].max()


def test_over_a_dissolve_it_stays_whole(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, size=(320, 180), frames=180)
    (
        sc.open(path)
        | sc.trim(ranges=["0-2", "3-5"])
        | sc.transitions(duration="0.5s")
        | sc.title(at="1s", duration="1.5s", **LOW)
    ).render(out)
    reasons = [i["reason"] for i in manifest(out)["intervals"] if i["how"] == "encode"]
    assert "a dissolve joins two segments; a title is drawn" in reasons
    luma = [p[120:180] for p in pictures(out)]
    assert len(luma) == 105
    assert [n for n, p in enumerate(luma) if p.max() > 220] == list(range(30, 75))


class Arranged(Stage):
    """Half as long at twice the speed, a gap, then a second as it is."""

    name: ClassVar[str] = "arranged"

    def apply(self, cut: Cut, context: Context) -> Cut:
        source = cut.sources[0].id
        segments = (
            Segment(source, Range(F(0), F(2)), speed=F(2)),
            Segment(None, Range(F(0), F(1))),
            Segment(source, Range(F(2), F(3))),
        )
        return cut.with_segments(segments)


def test_over_a_gap_and_another_speed(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, size=(320, 180), frames=90)
    (sc.open(path) | Arranged() | sc.title(at="0.5s", duration="2s", **LOW)).render(out)
    luma = [p[120:180] for p in pictures(out)]
    assert len(luma) == 90
    assert [n for n, p in enumerate(luma) if p.max() > 220] == list(range(15, 75))


def test_a_turned_source_is_encoded_with_the_title_upright(tmp_path: Path) -> None:
    path, turned, out = (tmp_path / f"{n}.mp4" for n in "ato")
    write_bar_coded(path, size=(320, 180), frames=60, audio=None)
    with av.open(str(path)) as source, av.open(str(turned), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        stream.set_display_rotation(-90)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    (sc.open(turned) | sc.title(text="H", position="bottom", fade=0)).render(out)
    video = probe(out).video
    assert video is not None
    assert (video.width, video.height, video.rotation) == (180, 320, 0)
    assert {how for how, _ in hows(out)} == {"encode"}
    rows = np.flatnonzero((pictures(out)[30][250:320, 80:100] > 220).any(axis=1)) + 250
    assert (rows.min(), rows.max()) == (270, 289)


def test_each_segment_in_its_file_has_its_part_of_the_title(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, size=(320, 180), frames=90)
    cut = sc.open(path) | sc.split(by="length", length="1s")
    (cut | sc.title(at="0.5s", duration="1s", **LOW)).render(out, each="segment")
    shown = []
    for k in (1, 2, 3):
        luma = [p[120:180] for p in pictures(tmp_path / f"o-00{k}.mp4")]
        assert len(luma) == 30
        shown.append([n for n, p in enumerate(luma) if p.max() > 220])
    assert shown == [list(range(15, 30)), list(range(15)), []]
    assert hows(tmp_path / "o-003.mp4") == [("copy", 30)]


def test_a_second_run_with_another_title_encodes_only_its_frames(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=240)
    first = sc.open(path) | sc.title(at="1s", duration="1s", **LOW)
    first.render(out)
    both = first | sc.title(at="5s", duration="1s", **LOW)
    steps = (both | Render(output=str(out))).plan(output=out).steps
    states = [s.state for s in steps if s.stage == "render" and "sound" not in s.subject]
    assert states == ["copy", "cached", "copy", "encode", "copy"]


# ------------------------------------------------------------------------------------ refusals


def test_copying_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=30)
    with pytest.raises(SmartcutError, match="`mode: copy` is not possible: a title is drawn"):
        (sc.open(path) | sc.title(text="A", duration="0.5s")).render(
            tmp_path / "o.mp4", mode="copy"
        )


def test_a_cut_made_shorter_than_its_title_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=60)
    with pytest.raises(SmartcutError, match="'Late' begins at 1.5 s, but the cut lasts 1.000 s"):
        (sc.open(path) | sc.title(text="Late", at="1.5s") | sc.trim(end="1s")).render(
            tmp_path / "o.mp4"
        )


def test_characters_without_a_font_are_told_before_anything_is_made(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=30)
    with pytest.raises(SmartcutError, match=r"^the title 'A.*': text cannot be drawn: .*U\+E000"):
        (sc.open(path) | sc.title(text="A\ue000", duration="0.5s")).render(out)
    assert not out.exists()


def test_a_file_without_a_picture_says_that_it_shows_none(tmp_path: Path) -> None:
    path, out = tmp_path / "a.wav", tmp_path / "o.mp4"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 48_000))
    result = (sc.open(path) | sc.title(text="A", duration="0.5s")).render(out)
    assert "titles are not shown: the output has no picture" in result.notes


def test_a_moviepy_clip_says_that_it_is_without_them() -> None:
    with pytest.warns(UserWarning, match="without titles"):
        _warn_of_losses(titled(black(1), text="A"))


# ------------------------------------------------------------------------------------- looks


def test_a_title_takes_a_look_and_what_is_said_beside_it() -> None:
    ((title, _),) = shown(titled(black(10), text="Harbour", look="neon", colour="#ff0"))
    look = find_look("neon").style
    assert (title.glow, title.weight, title.unit) == (look.glow, look.weight, look.unit)
    assert (title.colour, title.size, title.position) == ("#ff0", 0.09, "middle")
    ((title, _),) = shown(titled(black(10), text="Harbour", look="box", style={"size": 0.2}))
    assert (title.box, title.size) == (find_look("box").style.box, 0.2)
    plain, glowing = (
        titled(black(10), text="Harbour", fade=0, **more).sources[-1]
        for more in ({}, {"look": "neon"})
    )
    assert is_plain_text(plain)
    assert not is_plain_text(glowing), "formats of plain titles lose its look"
    with pytest.raises(ValidationError, match="did you mean .neon."):
        titled(black(10), text="Harbour", look="nean")


def test_a_title_comes_as_its_look_is_animated_and_then_stays() -> None:
    drawer = Text(text="harbour", animation="pop", upper=True, animation_time=F(1, 5), size=0.3)
    assert not drawer.is_steady
    draw = drawer.open(DrawBench((320, 180)))
    widths = []
    for frame in range(12):
        now = drawer.seen(Range(F(frame, 30), F(frame + 1, 30)), F(2))
        assert now is not None
        widths.append(draw(now).rgba.shape[1])
    assert widths[0] < widths[1] < widths[3], "it grows"
    assert max(widths[:6]) > widths[6], "over its size"
    assert len(set(widths[6:])) == 1, "and rests"
    still = Text(text="HARBOUR", size=0.3)
    assert still.is_steady
    first = still.seen(Range(F(0), F(1, 30)), F(2))
    assert first is not None
    assert still.open(DrawBench((320, 180)))(first).rgba.shape[1] == widths[-1], "in capitals"
