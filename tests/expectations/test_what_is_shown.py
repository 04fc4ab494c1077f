"""Films whose captions, faces, likeness or makers are not as expected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import smartcut as sc
from smartcut.annotation import Annotation, Faces, FaceSighting
from smartcut.cut import Cut, Effect, Segment, Track
from smartcut.expectation import Verdict
from smartcut.expectations._captions import FilmCaption, contrast_of
from smartcut.expectations.faces import FacesInside
from smartcut.source import Source, VideoStream
from smartcut.timebase import Range
from tests.builders import drawn_faces
from tests.builders.spoiled import ffmpeg, run_ffmpeg

#: Captions of the film, from when until when.
LINES = ((0.2, 1.8, "Good evening from the harbour"), (2.0, 3.7, "The boats sail home slowly"))
FAST = ((0.2, 0.9, "Good evening from the harbour"), (2.0, 3.7, "The boats sail home slowly"))
THREE = ((0.2, 3.7, "Good evening\nfrom the\nharbour"),)
READABLE = {"speed": 25, "lines": 2, "contrast": 4.5, "cover_faces": "never"}


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a face in the lower half of the picture."""
    head = drawn_faces.face(90)
    pictures = drawn_faces.shot(1, 4, [(head, lambda t: (0.5 + 0.01 * np.sin(6 * t), 0.83))])
    return drawn_faces.write_film(tmp_path_factory.mktemp("person") / "person.mp4", pictures)


def captioned(
    film: Path, out: Path, lines: Sequence[tuple[float, float, str]] = LINES, **style: Any
) -> Path:
    """The film with captions burned in, as they are brought."""
    srt = out.with_suffix(".brought.srt")
    clock = "00:00:{:06.3f}".format
    rows = [
        f"{n}\n{clock(a)} --> {clock(b)}\n{text}\n".replace(".", ",")
        for n, (a, b, text) in enumerate(lines, 1)
    ]
    srt.write_text("\n".join(rows))
    shown = sc.subtitles(burn=True, line_length=60, lines=3, style=style)
    (sc.open(film) | sc.transcribe(**{"from": srt}) | shown).render(out)
    return out


def verdict(path: Path, **expected: Any) -> Verdict:
    (found,) = sc.verify(path, **expected).verdicts
    return found


@pytest.mark.slow
@pytest.mark.weights("blazeface")
@pytest.mark.parametrize(
    ("lines", "style", "because"),
    [
        (LINES, {"position": "top"}, None),
        (LINES, {"position": "bottom"}, "of a face"),
        (FAST, {"position": "top"}, "characters a second, more than 25"),
        (THREE, {"position": "top"}, "3 lines, more than 2"),
        (LINES, {"position": "top", "colour": "#707890", "outline_width": 0}, "a contrast"),
    ],
    ids=["as they should be", "over a face", "too fast", "too many lines", "hardly visible"],
)
def test_captions(
    lines: Any, style: dict[str, Any], because: str | None, person: Path, tmp_path: Path
) -> None:
    found = verdict(captioned(person, tmp_path / "film.mp4", lines, **style), captions=READABLE)
    assert found.state == ("failed" if because else "met"), found
    assert all(because in miss.reason for miss in found.misses) if because else True


def test_captions_of_a_track_or_beside_the_film(tmp_path: Path) -> None:
    from smartcut.testing import write_bar_coded

    film = tmp_path / "film.mp4"
    write_bar_coded(film, frames=60, size=(160, 90))
    assert verdict(film, captions={"speed": 17}).state == "unchecked"
    assert not sc.verify(film, captions={"speed": 17}).is_met
    row = "1\n00:00:00,500 --> 00:00:01,500\nThirty characters in a second.\n"
    film.with_suffix(".srt").write_text(row)
    (miss,) = verdict(film, captions={"speed": 17}).misses
    assert miss.reason.startswith("30.0 characters a second")
    assert (miss.start, miss.end) == (F(1, 2), F(3, 2))
    assert verdict(film, captions={"speed": 30}).state == "met"


def test_contrast_is_that_of_letters_to_what_is_around_them() -> None:
    picture = np.full((90, 160, 3), 255, np.uint8)
    picture[40:50, 40:120] = 0
    picture[43:47, 50:110:2] = 255
    caption = FilmCaption(Range(F(0), F(1)), ("a",), (0.25, 0.44, 0.5, 0.12), ("#ffffff",))
    assert contrast_of(caption, picture) > 15
    picture[40:50, 40:120] = 200
    picture[43:47, 50:110] = 255
    assert 1 < contrast_of(caption, picture) < 2
    picture[:] = 255
    assert contrast_of(caption, picture) == 1


def cut_with_face(left: float, crop: Effect | None = None) -> Cut:
    video = VideoStream(0, "h264", F(1, 25), 640, 360, "yuv420p", F(25), False, F(0), F(4), 100)
    source = Source("a", Path("a.mp4"), "d" * 64, "mp4", F(0), F(4), video=video)
    seen = tuple(FaceSighting(n, (left, 0.3, 0.1, 0.2), 0.9, "n", track=1) for n in range(8))
    segment = Segment("a", Range(F(0), F(2)), effects=(crop,) if crop else ())
    faces = Annotation("faces", "a", Faces(F(1, 4), seen))
    return Cut((source,), (Track("programme", (segment,)),), (faces,))


def test_a_crop_that_cuts_a_face_off_is_foreseen() -> None:
    right = Effect("crop", (("left", 0.5),))
    inside = FacesInside()
    told = inside.foresee(cut_with_face(0.4))
    assert told is not None
    assert not told.misses
    told = inside.foresee(cut_with_face(0.45, right))
    assert told is not None
    assert [(miss.start, miss.end) for miss in told.misses] == [(F(0), F(2))]
    told = inside.foresee(cut_with_face(0.6, right))
    assert told is not None
    assert not told.misses


@pytest.mark.slow
@pytest.mark.weights("blazeface")
def test_a_face_at_the_edge_of_a_film_is_cut_off(tmp_path: Path) -> None:
    head = drawn_faces.face(150)
    for name, across, state in (("in", 0.5, "met"), ("out", 0.955, "failed")):
        place = (across, 0.5)
        pictures = drawn_faces.shot(2, 2, [(head, lambda t, place=place: place)])
        film = drawn_faces.write_film(tmp_path / f"{name}.mp4", pictures)
        found = verdict(film, faces={"inside": 0.98})
        assert found.state == state, found


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("master") / "master.mp4"
    pictures = drawn_faces.shot(3, 1, [(drawn_faces.face(60), lambda t: (0.3 + 0.3 * t, 0.5))])
    return drawn_faces.write_film(path, pictures)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("psnr", 35), ("ssim", 0.97), ("vmaf", 85)])
def test_likeness_to_a_reference(
    name: str, least: float, master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ffmpeg").symlink_to(ffmpeg())
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    good, bad = tmp_path / "good.mp4", tmp_path / "bad.mp4"
    run_ffmpeg("-i", master, "-c:v", "libx264", "-crf", 16, good)
    run_ffmpeg(
        "-i", master, "-vf", "gblur=sigma=8,noise=alls=24", "-c:v", "libx264", "-crf", 16, bad
    )
    expected = {name: {"reference": str(master), "mean": least}}
    assert verdict(good, **expected).state == "met", verdict(good, **expected)
    found = verdict(bad, **expected)
    assert found.state == "failed"
    assert f"less than {least:g}" in found.misses[0].reason


def test_vmaf_says_what_it_lacks(
    tmp_path: Path, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = verdict(master, vmaf=str(master))
    assert found.state == "unchecked"
    assert not found.is_met
    assert "`ffmpeg` with the filter libvmaf on PATH" in found.measured


@pytest.mark.slow
def test_what_was_generated_counts(tmp_path: Path) -> None:
    from smartcut.testing import write_bar_coded

    film, out = tmp_path / "film.mp4", tmp_path / "out.mp4"
    write_bar_coded(film, frames=60, size=(160, 90))
    slow = sc.open(film) | sc.interpolate(speed=0.5, engine="blend")
    slow.render(out)
    manifest = json.loads((tmp_path / "out.manifest.json").read_text())
    assert manifest["generated"]
    found = verdict(out, generated=0.2)
    assert found.state == "failed", found
    assert "is generated, more than 20%" in found.misses[0].reason
    assert verdict(out, generated=1).state == "met"
    assert verdict(film, generated=0).state == "met"


@pytest.mark.slow
@pytest.mark.weights("efficientnet-lite0", "minilm-l6-v2")
def test_what_is_seen() -> None:
    harbour = Path(__file__).parents[2] / "sample_media" / "harbour.mp4"
    boat = verdict(harbour, seen={"must": ["a sailing boat"], "model": "embedded"})
    assert boat.state == "met", boat
    never = verdict(harbour, seen={"never": ["a sailing boat"], "model": "embedded"})
    assert "'a sailing boat' is seen" in never.misses[0].reason
    assert verdict(harbour, seen={"must": ["a pizza"], "model": "embedded"}).state == "failed"


HARBOUR = Path(__file__).parents[2] / "sample_media" / "harbour.mp4"


@pytest.mark.slow
@pytest.mark.parametrize(("start", "lasts", "side"), [(0, 2.2, "end"), (7.3, 6, "beginning")])
def test_speech_that_breaks_off_is_heard_without_any_record(
    start: float, lasts: float, side: str, tmp_path: Path
) -> None:
    run_ffmpeg("-ss", start, "-t", lasts, "-i", HARBOUR, tmp_path / "part.mp4")
    (miss,) = verdict(tmp_path / "part.mp4", no_word_cut=True).misses
    assert miss.reason == f"the sound breaks off in a word, which lacks its {side}"
    assert float(miss.start or 0) == pytest.approx(2.2 if side == "end" else 0, abs=0.05)


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en")
def test_what_is_said_is_listened_to_without_a_record() -> None:
    found = verdict(HARBOUR, said={"must": ["lighthouse", "sun is going down"], "never": ["car"]})
    assert found.state == "met", found
    (miss,) = verdict(HARBOUR, said={"never": ["small boat"]}).misses
    assert miss.start is not None
    assert 6 < float(miss.start) < 8


@pytest.mark.slow
def test_nothing_usual_is_found_in_media_as_it_is() -> None:
    for name in ("harbour", "match"):
        assert sc.verify(HARBOUR.with_name(f"{name}.mp4")).failed == ()
