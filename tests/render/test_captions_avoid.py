"""Captions stand where they cover no face, one place each; words louder than most are strong."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.annotation import Annotation, Faces, FaceSighting, Sentence, Signal, Transcript, Word
from smartcut.cut import Captions, Cut, Effect, Segment, Track
from smartcut.render.captions.avoiding import avoiding, faces_shown
from smartcut.render.captions.fit import FittedCaptions, fitted
from smartcut.render.captions.layout import lay_out
from smartcut.source import Source, VideoStream
from smartcut.stages._loud_words import with_loud_words
from smartcut.text_style import Position, TextStyle
from smartcut.timebase import Range
from tests.builders import drawn_faces

LOW, HIGH = (0.4, 0.75, 0.2, 0.25), (0.4, 0.0, 0.2, 0.25)
SIZE = (640, 360)
#: The upper part of the picture, in its shape.
CROP = Effect("crop", (("bottom", 0.3), ("left", 0.15), ("right", 0.15)))


def source() -> Source:
    video = VideoStream(0, "h264", F(1, 25), 640, 360, "yuv420p", F(25), False, F(0), F(20), 500)
    return Source("a", Path("a.mp4"), "d" * 64, "mp4", F(0), F(20), video=video)


def cut_with(*seen: tuple[int, tuple[float, float, float, float]], **how: object) -> Cut:
    """Ten seconds with faces at those seconds, each seen four times a second."""
    sightings = tuple(
        FaceSighting(4 * second + quarter, box, 0.9, "n", track=k)
        for k, (second, box) in enumerate(seen)
        for quarter in range(4)
    )
    segment = replace(Segment("a", Range(F(0), F(10))), **how)  # type: ignore[arg-type]
    faces = Annotation("faces", "a", Faces(F(1, 4), sightings))
    return Cut((source(),), (Track("programme", (segment,)),), (faces,))


def captions(position: Position = "bottom") -> FittedCaptions:
    """One of a second in every two."""
    words = tuple(Word(Range(F(2 * k), F(2 * k + 1)), f"Word{k}") for k in range(5))
    own = Captions(burn=True, style=TextStyle(position=position), avoid="faces")
    return fitted(words, own, Range(F(0), F(10)), SIZE)


def bands(cut: Cut, position: Position = "bottom") -> list[str | None]:
    found = avoiding(captions(position), faces_shown(cut, SIZE, "pad"))
    for cue in found.cues:
        box = lay_out(cue, SIZE, found.captions.style).bounds
        middle = (box[1] + box[3]) / 2 / SIZE[1]
        where = cue.band or position
        assert {"top": middle < 0.4, "middle": 0.4 < middle < 0.6, "bottom": middle > 0.6}[where]
    return [cue.band for cue in found.cues]


def test_a_caption_over_a_face_goes_elsewhere_as_a_whole() -> None:
    assert bands(cut_with()) == [None] * 5
    assert bands(cut_with((4, LOW))) == [None, None, "top", None, None]
    assert bands(cut_with((4, LOW), (4, HIGH))) == [None, None, "middle", None, None]
    assert bands(cut_with((4, LOW)), "top") == [None] * 5
    assert bands(cut_with((4, HIGH)), "top") == [None, None, "bottom", None, None]


def test_faces_that_no_network_is_sure_of_do_not_count() -> None:
    cut = cut_with((4, LOW))
    faces = cut.data(Faces, "faces", "a")
    assert faces is not None
    unsure = tuple(replace(one, track=None) for one in faces.sightings)
    cut = cut.with_annotation(Annotation("faces", "a", replace(faces, sightings=unsure)))
    assert bands(cut) == [None] * 5


def test_faces_go_with_their_pictures() -> None:
    faster = cut_with((4, LOW), (8, HIGH), range=Range(F(0), F(20)), speed=F(2))
    assert bands(faster) == [None, "top", None, None, None], "shown at 2 s and 4 s"
    turned = cut_with((4, HIGH), effects=(Effect("flip", (("axis", "vertical"),)),))
    assert bands(turned) == [None, None, "top", None, None]
    cropped = cut_with((4, (0.4, 0.45, 0.2, 0.25)), effects=(CROP,))
    assert bands(cropped) == [None, None, "top", None, None], "what was the middle is the edge"
    left_out = cut_with((4, LOW), effects=(CROP,))
    assert bands(left_out) == [None] * 5


def test_where_faces_are_everywhere_least_is_covered() -> None:
    everywhere = [(4, (0.0, 0.0, 1.0, 0.9)), (4, (0.48, 0.9, 0.04, 0.1))]
    assert bands(cut_with(*everywhere)) == [None] * 5


@pytest.mark.parametrize("stress", [6.0, 15.0])
def test_words_are_strong_that_are_louder_than_most(stress: float) -> None:
    texts = ("a", "b", "loud", "d", "shout", "f", "g")
    gains = {"loud": -12.0, "shout": -4.0}
    words = tuple(Word(Range(F(k), F(k + 1)), text) for k, text in enumerate(texts))
    levels = tuple(gains.get(texts[i // 100], -20.0) - (i % 100 > 90) * 30 for i in range(700))
    level = Signal(F(1, 100), tuple(range(700)), ("level",), (levels,), "dB")
    said = Transcript("en", (Sentence(Range(F(0), F(7)), " ".join(texts), words),))
    marked = with_loud_words(said, level, stress).sentences[0].words
    expected = {"shout"} if stress > 10 else {"loud", "shout"}
    assert {word.text for word in marked if word.is_strong} == expected


@pytest.mark.slow
@pytest.mark.weights("blazeface", "centerface")
def test_faces_are_found_and_not_covered(tmp_path: Path) -> None:
    """A face at the lower edge for two seconds, then one at the upper edge."""
    low, high = (drawn_faces.face(110), lambda t: (0.5, 0.75)), (
        drawn_faces.face(110), lambda t: (0.5, 0.25),
    )  # fmt: skip
    pictures = [*drawn_faces.shot(1, 2.4, [low]), *drawn_faces.shot(2, 2.4, [high])]
    film = drawn_faces.write_film(tmp_path / "a.mp4", pictures)
    (tmp_path / "a.srt").write_text(
        "1\n00:00:00,200 --> 00:00:02,200\nBelow\n\n2\n00:00:02,600 --> 00:00:04,600\nAbove\n"
    )
    cut = sc.open(film) | sc.transcribe(text=tmp_path / "a.srt")
    style = {"colour": "#00ff00", "outline": "#00ff00", "size": 0.1}
    cut = cut | sc.subtitles(sidecar="none", burn=True, avoid="faces", style=style)
    cut.render(tmp_path / "o.mp4")
    with av.open(str(tmp_path / "o.mp4")) as container:
        shown = [f.to_ndarray(format="rgb24").astype(int) for f in container.decode(video=0)]
    for number, expected in ((30, "top"), (50, "top"), (70, "bottom"), (100, "bottom")):
        red, green, blue = (shown[number][..., i] for i in range(3))
        rows = np.flatnonzero(((green > 150) & (red < 110) & (blue < 110)).sum(axis=1) > 8)
        assert rows.size
        assert (rows.mean() < 120) == (expected == "top"), number
