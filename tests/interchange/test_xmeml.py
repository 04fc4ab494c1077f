"""Premiere's XML (xmeml): there and back to the frame, in the structure that is published."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartcut.cut import Cut, Effect, Segment, TimelineFormat, Track, Transition
from smartcut.effect import find_effect
from smartcut.errors import PipelineError
from smartcut.interchange.motion import motion_of
from smartcut.interchange.xmeml import to_xmeml, whole_rate
from smartcut.interchange.xmeml_reading import from_xmeml
from smartcut.params import to_pairs
from smartcut.source import AudioStream, Source, VideoStream
from smartcut.timebase import Range

RATES = (F(24000, 1001), F(25), F(30000, 1001), F(50), F(60000, 1001))


def film(rate: F, id: str = "film", **rest: Any) -> Source:
    video = VideoStream(
        0, "h264", 1 / rate, 1280, 720, "yuv420p", rate, False, F(0), 9000 / rate, 9000
    )
    audio = AudioStream(1, "aac", F(1, 48_000), 48_000, 2, "stereo", F(0), video.duration)
    path = Path(f"/media/a {id}.mp4")
    source = Source(id, path, "0" * 64, "mp4", F(0), video.duration, video, audio)
    return replace(source, **rest)


def cut_of(source: Source, *segments: Segment, tracks: tuple[Track, ...] = ()) -> Cut:
    assert source.video is not None
    format = TimelineFormat((1280, 720), source.video.rate)
    return Cut((source,), (Track("programme", segments), *tracks), format=format)


def piece(source: Source, first: int, end: int, **rest: Any) -> Segment:
    assert source.video is not None
    rate = source.video.rate
    return replace(Segment(source.id, Range(first / rate, end / rate)), **rest)


def again(cut: Cut) -> Cut:
    def look(path: Path, id: str) -> Source:
        return replace(next(s for s in cut.sources if s.path == path), id=id)

    found = from_xmeml(to_xmeml(cut), look=look)
    names = {s.path: s.id for s in cut.sources}
    ids = {s.id: names[s.path] for s in found.sources}
    tracks = tuple(
        replace(t, segments=tuple(
            replace(s, source=ids.get(s.source or ""),
                    label="" if s.label in names.values() else s.label)
            for s in t.segments)) for t in found.tracks
    )  # fmt: skip
    return replace(found, tracks=tracks)


rows = st.lists(
    st.tuples(
        st.integers(20, 8000), st.integers(20, 300), st.sampled_from([F(1), F(1), F(2)]),
        st.sampled_from(["stretched", "muted"]), st.booleans(), st.integers(0, 9),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@settings(max_examples=60)
@given(st.sampled_from(RATES), rows)
def test_what_it_holds_comes_back(rate: F, given_rows: list[Any]) -> None:
    source = film(rate)
    segments: list[Segment] = []
    for first, count, speed, sound, is_gap, overlap in given_rows:
        first -= first % 2
        one = piece(source, first, first + 2 * count, speed=speed, sound=sound)
        if one.range.end > 8990 / rate:
            continue
        if is_gap and segments and segments[-1].source:
            one = Segment(None, Range(F(0), count / rate))
        room = min(one.duration, segments[-1].duration) if segments else F(0)
        if overlap and room > 4 * overlap / rate and one.source and segments[-1].source:
            one = replace(one, transition=Transition("dissolve", overlap / rate))
        segments.append(one)
    if not any(s.source for s in segments):
        return
    music = Track("music", (piece(source, 100, 400),), -6.0)
    cut = cut_of(source, *segments, tracks=(music,))
    found = again(cut)
    wanted = list(cut.segments)
    assert [(s.source, s.speed, s.transition) for s in found.segments] == [
        (s.source, s.speed, s.transition) for s in wanted
    ]
    for one, other in zip(found.segments, wanted, strict=True):
        assert one.duration == other.duration
        if other.source:
            assert abs(one.range.start - other.range.start) <= (other.speed - 1) / rate
    assert found.sounds[0].segments == music.segments
    assert found.sounds[0].gain == pytest.approx(-6, abs=1e-3)


#: Children of the elements that are written, in the order of Apple's document type.
CHILDREN = {
    "xmeml": ["sequence"],
    "sequence": ["name", "duration", "rate", "timecode", "media"],
    "media": ["video", "audio"],
    "track": ["clipitem", "transitionitem", "enabled", "locked", "outputchannelindex"],
    "clipitem": [
        "name", "enabled", "duration", "rate", "start", "end", "in", "out", "file",
        "compositemode", "filter", "sourcetrack", "link",
    ],
    "transitionitem": ["start", "end", "alignment", "rate", "effect"],
    "file": ["name", "pathurl", "rate", "duration", "timecode", "media"],
    "rate": ["timebase", "ntsc"],
    "timecode": ["rate", "string", "frame", "displayformat"],
    "link": ["linkclipref", "mediatype", "trackindex", "clipindex"],
}  # fmt: skip


def test_the_structure_is_the_published_one() -> None:
    source = film(F(30000, 1001), metadata=(("timecode", "10:00:00;00"),))
    effects = (Effect("place", (("position", (0.75, 0.25)), ("width", 0.25), ("opacity", 0.5))),)
    over = Track("overlay", (piece(source, 0, 30, effects=effects),))
    second = piece(source, 100, 190, transition=Transition("wipe", 10 * F(1001, 30000)))
    cut = cut_of(source, piece(source, 0, 90), second, tracks=(over,))
    root = ElementTree.fromstring(to_xmeml(cut))
    for element in root.iter():
        if element.tag in CHILDREN and len(element):
            order = CHILDREN[element.tag]
            places = [order.index(child.tag) for child in element]
            assert places == sorted(places) or element.tag == "track", element.tag
    ids = [e.get("id") for e in root.iter("clipitem")]
    assert len(set(ids)) == len(ids)
    assert {e.text for e in root.iter("linkclipref")} <= set(ids)
    sequence = root.find("sequence")
    assert sequence is not None
    assert sequence.findtext("timecode/displayformat") == "DF"
    assert (sequence.findtext("rate/timebase"), sequence.findtext("rate/ntsc")) == ("30", "TRUE")
    file = root.find(".//file/timecode")
    assert file is not None
    assert (file.findtext("string"), file.findtext("frame")) == ("10:00:00;00", "1078920")
    first, other = root.findall("sequence/media/video/track")[0].findall("clipitem")
    values = [[i.findtext(n) for n in ("start", "end", "in", "out")] for i in (first, other)]
    assert values == [["0", "-1", "0", "90"], ["-1", "170", "100", "190"]]
    transition = root.find(".//video/track/transitionitem")
    assert transition is not None
    assert [transition.findtext(n) for n in ("start", "end")] == ["80", "90"]
    assert root.findtext(".//file/pathurl") == "file:///media/a%20film.mp4"
    numbers = {p.findtext("parameterid"): p.findtext("value") for p in root.iter("parameter")}
    assert (numbers["scale"], numbers["opacity"]) == ("25", "50")
    center = root.find(".//parameter[parameterid='center']/value")
    assert center is not None
    assert (center.findtext("horiz"), center.findtext("vert")) == ("0.25", "-0.25")


@pytest.mark.parametrize(
    "effects",
    [
        [("zoom", {"scale": 1.5, "x": 0.25})],
        [("rotate", {"degrees": 90})],
        [("crop", {"left": "100px", "top": "10px"})],
        [("place", {"position": "bottom-left", "width": 0.25, "opacity": 0.5})],
    ],
)
def test_what_moves_a_picture_comes_back(effects: list[tuple[str, dict[str, Any]]]) -> None:
    source = film(F(25))
    made = tuple(Effect(n, to_pairs(find_effect(n).model_validate(given))) for n, given in effects)
    cut = cut_of(source, piece(source, 0, 50, effects=made))
    found = again(cut)
    one, other = (motion_of(c.segments[0], source, (1280, 720), F(25))[0] for c in (cut, found))
    assert one is not None
    assert other is not None
    assert one.crop == other.crop
    assert one.first.numbers == pytest.approx(other.first.numbers, abs=1e-2)


@pytest.mark.parametrize(("rate", "said"), [(F(1000, 67), F(15)), (F(24000, 1001), F(24000, 1001))])
def test_rates_that_it_cannot_say(rate: F, said: F) -> None:
    assert whole_rate(rate) == said


def document(track: str, head: str = "<!DOCTYPE xmeml>") -> str:
    return f"""{head}<xmeml version="4"><sequence><name>x</name>
      <rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>
      <media><video><track>{track}</track></video></media></sequence></xmeml>"""


FILE = "<file id='f'><pathurl>file://localhost/media/a%20film.mp4</pathurl></file>"
RATE = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"


@pytest.mark.parametrize(
    ("track", "message"),
    [
        (f"<clipitem><start>0</start><end>1e9</end>{FILE}</clipitem>", "end '1e9' is no count"),
        (f"<clipitem><start>5</start><end>2</end>{FILE}</clipitem>", "lies nowhere"),
        (f"<clipitem><start>0</start><end>9</end>{'9' * 40}<in>{'9' * 40}</in>{FILE}</clipitem>",
         "is no count"),
        ("<clipitem><start>0</start><end>9</end><file id='g'/></clipitem>", "no pathurl"),
        (f"<clipitem><start>0</start><end>9</end><in>99999</in>{FILE}</clipitem>", "which lasts"),
        (f"<clipitem><start>0</start><end>9</end>{FILE}<filter><effect><effectid>timeremap"
         "</effectid><parameter><parameterid>variablespeed</parameterid><value>1</value>"
         "</parameter></effect></filter></clipitem>", "changes its speed"),
    ],
)  # fmt: skip
def test_damaged_documents_are_refused(track: str, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        from_xmeml(document(track), look=lambda path, id: replace(film(F(25)), id=id, path=path))


@pytest.mark.parametrize(
    "head",
    ['<!DOCTYPE xmeml [<!ENTITY a "x">]>', '<!DOCTYPE xmeml SYSTEM "http://x/y.dtd">'],
)
def test_entities_are_refused(head: str) -> None:
    with pytest.raises(PipelineError, match="declares entities or names a document type"):
        from_xmeml(document("", head))
    with pytest.raises(PipelineError, match="its top is <mlt>"):
        from_xmeml("<mlt/>")


def test_clips_of_other_programs() -> None:
    track = f"""
      <clipitem><name>one</name><start>0</start><end>-1</end><in>10</in><out>70</out>{RATE}{FILE}
        <filter><effect><name>Gaussian Blur</name><effectid>Gaussian</effectid></effect></filter>
      </clipitem>
      <transitionitem><start>50</start><end>60</end><alignment>center</alignment>
        <effect><name>Cross Dissolve</name></effect></transitionitem>
      <clipitem><name>two</name><start>-1</start><end>90</end><in>100</in><out>140</out>{RATE}
        <file id="f"/></clipitem>
      <generatoritem/>"""
    found = from_xmeml(
        document(track), look=lambda path, id: replace(film(F(25)), id=id, path=path)
    )
    assert [(s.label, s.range.start * 25, s.range.end * 25) for s in found.segments] == [
        ("one", 10, 70), ("two", 100, 140),
    ]  # fmt: skip
    assert found.segments[1].transition == Transition("dissolve", F(10, 25))
    assert found.mix.programme_gain is None
    assert "the effect Gaussian Blur is left out" in found.notes[0]
