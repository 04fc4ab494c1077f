"""FCPXML's time maps, connected clips, transforms, crops and opacities, written and read."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcut.algebra import in_sequence
from smartcut.curve import Curve
from smartcut.cut import Anchor, Cut, Effect, Segment, TimelineFormat, Track, Transition
from smartcut.effect import find_effect
from smartcut.interchange.fcpxml import to_fcpxml
from smartcut.interchange.fcpxml_reading import from_fcpxml
from smartcut.interchange.motion import motion_of
from smartcut.params import to_pairs
from smartcut.source import AudioStream, Source, VideoStream
from smartcut.timebase import Range
from smartcut.warp import Warp, straightened

RATE = F(30000, 1001)


def camera(id: str, **rest: Any) -> Source:
    video = VideoStream(
        0, "h264", 1 / RATE, 1280, 720, "yuv420p", RATE, False, F(0), 9000 / RATE, 9000
    )
    sound = AudioStream(1, "aac", F(1, 48_000), 48_000, 2, "stereo", F(0), video.duration)
    path = Path(f"/media/{id}.mp4")
    source = Source(id, path, "0" * 64, "mp4", F(0), video.duration, video, sound)
    return replace(source, **rest)


TALK = camera("talk", metadata=(("timecode", "10:00:00;00"),))
LOGO = camera("logo", audio=None)


def look(path: Path, id: str) -> Source:
    return replace(next(s for s in (TALK, LOGO) if s.path == path), id=id)


def effect(name: str, **params: Any) -> Effect:
    return Effect(name, to_pairs(find_effect(name).model_validate(params)))


def frames(first: int, end: int, id: str = "talk", **rest: Any) -> Segment:
    return replace(Segment(id, Range(first / RATE, end / RATE)), **rest)


def cut_of(*segments: Segment, tracks: tuple[Track, ...] = ()) -> Cut:
    used = {s.source for t in (Track("programme", segments), *tracks) for s in t.segments}
    sources = tuple(s for s in (TALK, LOGO) if s.id in used)
    format = TimelineFormat((1280, 720), RATE)
    return Cut(sources, (Track("programme", segments), *tracks), format=format)


def again(cut: Cut) -> Cut:
    return from_fcpxml(to_fcpxml(cut), look=look)


def written(cut: Cut) -> ElementTree.Element:
    return ElementTree.fromstring(to_fcpxml(cut))


# ------------------------------------------------------------------------------- time maps

points = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 8000)), min_size=2, max_size=5).map(
    lambda rows: straightened(
        [(sum(n for n, _ in rows[:i]) / RATE, s / RATE) for i, (_, s) in enumerate(rows)]
    )
)


@given(st.lists(points, min_size=1, max_size=3), st.booleans())
def test_every_warp_comes_back(warps: list[Warp], joined: bool) -> None:
    segments = []
    for warp in warps:
        before = segments[-1] if segments else None
        room = min(warp.duration, before.duration - before.overlap) if before else F(0)
        transition = None
        if before is not None and joined and room >= 8 / RATE:
            transition = Transition("dissolve", 4 / RATE)
        segments.append(replace(Segment("talk", warp.seen).warped(warp), transition=transition))
    cut = cut_of(*segments)
    assert again(cut).segments == cut.segments


def test_what_a_map_looks_like() -> None:
    back = Segment("talk", Range(F(0), F(0))).warped(Warp(((F(0), 90 / RATE), (F(1), 60 / RATE))))
    clip = written(cut_of(back)).find(".//asset-clip")
    assert clip is not None
    start = F(clip.get("start", "").rstrip("s"))
    found = [
        (F(p.get("time", "").rstrip("s")) - start, F(p.get("value", "").rstrip("s")))
        for p in clip.iterfind("timeMap/timept")
    ]
    tape = 1078920 / RATE  # frames at 10:00:00;00
    assert found == [(F(0), tape + 90 / RATE), (F(1), tape + 60 / RATE)]


# ------------------------------------------------------------------------------ connected


def test_what_lies_above_is_connected_where_it_begins() -> None:
    logo = effect("place", position="top-right", width=0.25)
    above = Track("overlay", (
        frames(0, 30, "logo", effects=(logo,), at=Anchor("talk", 320 / RATE)),
        frames(60, 75, "logo", effects=(logo,), at=100 / RATE),
    ))  # fmt: skip
    cut = cut_of(frames(300, 350), frames(900, 1000), tracks=(above,))
    clips = written(cut).findall(".//spine/asset-clip")
    assert [c.get("lane") for c in clips[0].iterfind("asset-clip")] == ["1"]
    assert [c.get("lane") for c in clips[1].iterfind("asset-clip")] == ["1"]
    parent, child = clips[1], clips[1].find("asset-clip")
    assert child is not None
    ahead = [F(e.get(n, "").rstrip("s")) for e, n in ((child, "offset"), (parent, "start"))]
    assert ahead[0] - ahead[1] == 50 / RATE
    found = again(cut)
    assert [t.role for t in found.tracks] == ["programme", "overlay"]
    wanted = in_sequence(cut).overlays[0].segments
    assert [s.range for s in found.overlays[0].segments] == [s.range for s in wanted]
    assert found.segments == cut.segments


def test_pictures_above_that_cover_the_frame_become_one_with_it() -> None:
    above = Track("overlay", (frames(0, 30, "logo", at=10 / RATE),))
    found = again(cut_of(frames(300, 350), tracks=(above,)))
    assert found.overlays == ()
    assert [s.source for s in found.segments] == ["talk", "logo", "talk"]


# ------------------------------------------------------------------------------ adjustments

MOVES = [
    [effect("zoom", scale=1.5, x=0.25)],
    [effect("zoom", scale=Curve.of((10, 1.0), (12, 1.5)))],
    [effect("rotate", degrees=90)],
    [effect("rotate", degrees=Curve.of((10, 0), (12, 30)))],
    [effect("flip"), effect("zoom", scale=2)],
    [effect("crop", left="100px", right="90px", top="10px")],
    [effect("crop", left=0.25, right=0.25), effect("place", position=(0.25, 0.75), width=0.5)],
    [effect("place", position="bottom-left", width=0.2, opacity=0.5)],
    [effect("place", position=(Curve.of((10, 0.2), (13, 0.8)), 0.5), width=0.3,
            opacity=Curve.of((10, 0), (11, 1)))],
]  # fmt: skip


@pytest.mark.parametrize("effects", MOVES)
@pytest.mark.parametrize("speed", [F(1), F(2)])
def test_what_moves_a_picture_comes_back(effects: list[Effect], speed: F) -> None:
    piece = frames(300, 420, effects=tuple(effects), speed=speed)
    other = frames(900, 990, transition=Transition("dissolve", 8 / RATE))
    cut = cut_of(piece, replace(other, effects=tuple(effects)))
    found = again(cut)
    for one, two in zip(cut.segments, found.segments, strict=True):
        assert (one.range, one.speed) == (two.range, two.speed)
        motions = [motion_of(s, TALK, (1280, 720), RATE)[0] for s in (one, two)]
        assert motions[0] is not None
        assert motions[1] is not None
        assert motions[1].crop == motions[0].crop
        for (at, state), (then, other_state) in zip(
            motions[0].states, motions[1].states, strict=True
        ):
            assert at == then
            assert state.numbers == pytest.approx(other_state.numbers, abs=1e-3)


def test_the_numbers_are_those_of_the_format() -> None:
    effects = (
        effect("crop", left="72px", bottom="36px"), effect("rotate", degrees=10),
        effect("place", position=(0.75, 0.25), width=0.5, opacity=0.5),
    )  # fmt: skip
    clip = written(cut_of(frames(0, 30, effects=effects))).find(".//asset-clip")
    assert clip is not None
    rect = clip.find("adjust-crop/trim-rect")
    assert rect is not None
    assert rect.attrib == {"left": "10", "bottom": "5"}
    transform = clip.find("adjust-transform")
    assert transform is not None
    assert transform.get("rotation") == "-10"
    assert clip.find("adjust-blend").attrib == {"amount": "0.5"}  # type: ignore[union-attr]
    assert [c.tag for c in clip] == ["adjust-crop", "adjust-transform", "adjust-blend"]


def project(adjustments: str) -> str:
    return f"""<fcpxml version="1.10"><resources>
      <format id="f" frameDuration="1001/30000s" width="1280" height="720"/>
      <asset id="a" name="talk" start="0s" duration="300s" hasVideo="1" format="f">
        <media-rep kind="original-media" src="file:///media/talk.mp4"/></asset></resources>
      <project><sequence format="f"><spine><asset-clip ref="a" name="talk" start="10010/1000s"
        duration="1001/1000s">{adjustments}</asset-clip></spine></sequence></project></fcpxml>"""


@pytest.mark.parametrize(
    ("adjustments", "note"),
    [
        ('<adjust-crop mode="crop"><crop-rect left="5"/></adjust-crop>', "crops that fill"),
        ('<adjust-transform anchor="5 5" scale="2 2"/>', "anchors"),
        ('<adjust-blend amount="0.5" mode="14"/>', "blend modes"),
        ('<filter-video ref="r9" name="Gaussian"/>', "the effect Gaussian"),
        ('<adjust-corners botLeft="1 1"/>', "the effect adjust-corners"),
        ('<adjust-transform><param name="rotation"><keyframeAnimation><keyframe time="10010/1000s" '
         'value="0"/><keyframe time="10510/1000s" value="40" interp="easeIn"/></keyframeAnimation>'
         "</param></adjust-transform>", "keys that are eased"),
        ('<adjust-transform scale="2 1" rotation="30"/>', "keeps its shape"),
        ('<adjust-crop mode="trim"><trim-rect left="100" right="100"/></adjust-crop>', "nothing"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_noted(adjustments: str, note: str) -> None:
    found = from_fcpxml(project(adjustments), look=look)
    assert any(note in n and "'talk'" in n for n in found.notes), found.notes


@pytest.mark.parametrize(
    "adjustments",
    [
        '<adjust-transform scale="1e400 1" position="x y" rotation="nan"/>',
        '<adjust-transform scale="0 0"/>',
        '<adjust-blend amount="-5"/>',
        '<adjust-crop mode="trim"><trim-rect left="-5" right="1e300"/></adjust-crop>',
        '<timeMap><timept time="0s" value="0s"/><timept time="0s" value="5s"/></timeMap>',
    ],
)
def test_numbers_without_sense_do_nothing(adjustments: str) -> None:
    found = from_fcpxml(project(adjustments), look=look)
    for effects in (s.effects for s in found.segments):
        for one in effects:
            find_effect(one.name).model_validate(dict(one.params))
