"""The ready pipelines of things that nobody recorded, planned and run at small size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import MissingExtra, PipelineError, RenderError, StageError
from smartcut.interchange.titles import shown_texts
from smartcut.media.probe import probe
from smartcut.models.voice import engine as engines
from smartcut.models.voice.engine import LineSound
from smartcut.models.voice.scripts import unread
from smartcut.models.voice.spelling import words_of
from smartcut.render.captions import fonts as caption_fonts
from smartcut.runners.table import read_table
from smartcut.testing import number_in, write_bar_coded

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_media"
HEBREW, ARABIC = "\u05e2\u05d3\u05d4", "\u0644\u064a\u0644\u0649"
SMALL: dict[str, Any] = {"size": [160, 90], "fps": 5}


class Hum:
    """An engine that hums every word for a quarter of a second."""

    name, voice, rate, language = "hum", "hum", 16_000, "en"
    model: str | None = None
    weights: str | None = None

    def say(self, sentences: Sequence[str], speed: F, seed: int) -> list[LineSound]:
        one = (0.3 * np.sin(np.arange(4000) * 0.1)).astype(np.float32)
        counts = [len(words_of(sentence)) for sentence in sentences]
        return [
            LineSound(np.tile(one, n), tuple((i * 4000, i * 4000 + 4000) for i in range(n)))
            for n in counts
        ]


@pytest.fixture
def hum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "choose", lambda *given, **options: (Hum(), None))


def ready(name: str, /, **params: Any) -> sc.Pipeline:
    return sc.Pipeline.from_yaml(ROOT / "pipelines" / f"{name}.yaml", **params)


def shown(path: Path) -> np.ndarray:
    """int16 (N, H, W, 3): every frame."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack(frames).astype(np.int16)


def manifest_of(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out.with_suffix(".manifest.json").read_text())
    return found


def made_in(out: Path) -> list[tuple[str, float, float]]:
    """(kind, start, end) of each interval of generated pictures, as the manifest knows them."""
    found = [(g["kind"], g["start"], g["end"]) for g in manifest_of(out)["generated"]]
    return [part for part in found if part[0] not in ("score", "voiceover")]


def differing(one: np.ndarray, other: np.ndarray) -> list[int]:
    """The frames that look different."""
    return [int(i) for i in np.flatnonzero(np.abs(one - other).max((1, 2, 3)) > 60)]


@pytest.mark.parametrize(
    "name", ["personalised_ad", "lesson", "volume_scan", "synthetic_surveillance", "trailer"]
)
def test_their_samples_are_there_and_nothing_is_made_to_plan(name: str, tmp_path: Path) -> None:
    inputs = [SAMPLES / "match.mp4"] if name == "trailer" else []
    plan = ready(name).plan(inputs, tmp_path / "out.mp4")
    assert plan.steps[0].state != "cached"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["personalised_ad", "lesson"])
def test_a_plan_without_a_voice_says_what_is_missing_and_goes_on(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda package: None)
    monkeypatch.setenv("PATH", str(tmp_path))  # nor is there espeak-ng
    plan = ready(name).plan([], tmp_path / "out.mp4")
    (missing,) = [step for step in plan.steps if step.state == "missing"]
    assert missing.stage == "voiceover"
    assert "run: pip install 'smartcut-pipelines[voice]'" in missing.reason
    states = [(step.stage, step.state) for step in plan.steps]
    assert states[-1] == ("render", "unknown"), "it goes on to the end"
    assert "1 of the steps cannot run here until what they lack is installed" in plan.text()
    assert ":::missing" in plan.mermaid()
    assert not plan.is_idle
    with pytest.raises(MissingExtra, match=r"pip install 'smartcut-pipelines\[voice\]'"):
        ready(name).run(output=tmp_path / "out.mp4")
    assert list(tmp_path.iterdir()) == []


# -------------------------------------------------------------------------------- a scan, a yard


def test_a_scan_is_flown_through_with_its_notes(tmp_path: Path) -> None:
    short: dict[str, Any] = {"size": [160, 90], "fps": 10, "seconds": "4s", "title_seconds": "0.5s"}
    short["window"] = [0, 30000]
    out, plain = tmp_path / "out.mp4", tmp_path / "plain.mp4"
    result = ready("volume_scan", **short).run(output=out)
    assert made_in(out) == [("title", 0.0, 0.5), ("volume", 0.5, 4.5)]
    frames = shown(out)
    assert len(frames) == 45
    title, *notes = shown_texts(result.cut)
    assert (title.text, title.range) == ("Phantom of a head", sc.Range(F(0), F(1, 2)))
    assert [n.text for n in notes] == ["A small bright spot", "A second one"]
    assert notes[0].range.end == notes[1].range.start, "one note at a time"

    # each note's slice is seen while it stands: its spot is the brightest there is
    for note, number in zip(notes, (19, 37), strict=True):
        seen = 5 + round(F(23 * number, 59))
        assert note.range.contains(F(seen, 10))
        assert frames[seen][:70].max() > 180 > 1.5 * frames[seen - 4][:70].max(), "the spot"

    ready("volume_scan", **short, notes=[], title="Another").run(output=plain)
    numbers = differing(frames, shown(plain))
    inside = {n for n in range(45) for t in (title, *notes) if t.range.contains(F(n, 10))}
    assert numbers
    assert set(numbers) <= inside
    for text in (title, *notes):
        assert any(text.range.contains(F(n, 10)) for n in numbers), text.text


def test_the_yard_comes_with_its_labels(tmp_path: Path) -> None:
    out, again, other = (tmp_path / name for name in ("out.mp4", "again.mp4", "other.mp4"))
    tiny = {"size": [96, 54], "fps": 4, "seconds": "1s", "samples": 1}
    result = ready("synthetic_surveillance", **tiny).run(output=out)
    beside = {"out.mp4", "out.labels.json", "out.depth.npy", "out.motion.npy", "out.manifest.json"}
    assert {p.name for p in result.outputs} == beside
    assert made_in(out) == [("b-roll", 0.0, 1.0)]
    assert len(shown(out)) == 4

    labels = json.loads((tmp_path / "out.labels.json").read_text())
    images = [(i["id"], i["time"], i["width"], i["height"]) for i in labels["images"]]
    assert images == [(n, n / 4, 96, 54) for n in range(4)]
    kinds = {c["id"] for c in labels["categories"]}
    assert labels["annotations"]
    for box in labels["annotations"]:
        left, top, width, height = box["bbox"]
        assert box["category_id"] in kinds
        assert 0 <= box["image_id"] < 4
        assert min(left, top) >= 0
        assert min(width, height) > 0
        assert left + width <= 96
        assert top + height <= 54
    tracked = [(b["image_id"], b["track_id"]) for b in labels["annotations"]]
    assert len(tracked) == len(set(tracked)), "a thing is in a picture once"
    depth, motion = (np.load(tmp_path / f"out.{kind}.npy") for kind in ("depth", "motion"))
    assert (depth.shape, motion.shape) == ((4, 54, 96), (4, 54, 96, 2))
    assert (depth > 0).all()
    assert np.abs(np.nan_to_num(motion)).max() > 0.2, "something moves"

    boxes = {**tiny, "truth": ["boxes"]}
    ready("synthetic_surveillance", **boxes).run(output=again)
    ready("synthetic_surveillance", **boxes, seed=7).run(output=other)
    same, differs = (tmp_path / f"{name}.labels.json" for name in ("again", "other"))
    assert json.loads(same.read_text())["annotations"] == labels["annotations"]
    assert json.loads(differs.read_text())["annotations"] != labels["annotations"]


# ------------------------------------------------------------------------------ what is spoken


def test_each_picture_of_a_lesson_stays_while_its_line_is_heard(hum: None, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    pictures = [str(SAMPLES / "lesson" / name) for name in ("2-way.png", "3-colours.png")]
    lesson = ready(
        "lesson",
        pictures=pictures,
        lines=["One two three.", "Four five six seven. Eight."],
        move="none",
        title_seconds="1s",
        burn=False,
        **SMALL,
    )
    assert "depends on voiceover" in lesson.plan(output=out).text()
    result = lesson.run(output=out)
    # 0.75 s and 1.75 s of words, with half a second between sentences
    assert made_in(out) == [
        ("title", 0.0, 1.0),
        ("slide", 1.0, 2.2),
        ("slide", 2.2, 4.0),
        ("title", 4.0, 5.0),
    ]
    frames = shown(out)
    assert len(frames) == 25
    cues = (tmp_path / "out.srt").read_text().split("\n\n")
    begin = [(cue.splitlines()[1][:12], cue.splitlines()[2]) for cue in cues if cue.strip()]
    assert begin == [
        ("00:00:01,000", "One two three."),
        ("00:00:02,250", "Four five six seven."),
        ("00:00:03,750", "Eight."),
    ]
    first, second = (frames[n].mean((0, 1)) for n in (8, 15))
    assert first[2] > second[2] + 10, "blue air"
    music = next(t for t in result.cut.tracks if t.role == "music")
    assert music.segments[0].duration == result.cut.duration
    assert lesson.plan(output=out).is_idle


def test_a_table_of_customers_gives_each_a_video_of_their_own(hum: None, tmp_path: Path) -> None:
    rows = read_table(
        SAMPLES / "customers.csv", {"name": "", "spoken": "", "product": "", "seed": 0}
    ).rows
    assert [row["name"] for row in rows] == ["Ada", "Zoë", HEBREW, ARABIC, "李雷"]
    films = {}
    for row in rows[:3]:
        out = tmp_path / f"{row['name']}.mp4"
        ready("personalised_ad", **{**row, "seed": 1}, seconds="1.6s", **SMALL).run(output=out)
        assert made_in(out) == [("title", 0.0, 1.6), ("title", 1.6, 3.2)]
        assert f"Hello {row['spoken']}." in out.with_suffix(".srt").read_text(encoding="utf-8")
        films[row["name"]] = shown(out)
        assert len(films[row["name"]]) == 16
    # the same background; only the names differ, and then the products
    assert 8 > len(differing(films["Ada"], films[HEBREW])) > 0
    assert max(differing(films["Ada"], films[HEBREW])) < 8
    assert max(differing(films["Ada"], films["Zoë"])) >= 8


def test_a_name_that_no_font_has_is_told(
    hum: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caption_fonts, "_CJK_PACKAGE", "no_such_package")
    caption_fonts.faces.cache_clear()
    try:
        with pytest.raises(RenderError, match=r"lack 李 .*pip install manimgx-fonts-cjk"):
            ready("personalised_ad", name="李雷", spoken="Lee Lay", **SMALL).run(
                output=tmp_path / "out.mp4"
            )
    finally:
        caption_fonts.faces.cache_clear()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "language", "letters"),
    [
        ("Hello Zo\u00eb, 5 \u00b5m and \u03b1.", "en", ""),
        (f"Hello {HEBREW}.", "en", HEBREW),
        ("Hello \u674e\u96f7.", "de", "\u674e\u96f7"),
        (HEBREW, "he", ""),
    ],
)
def test_what_a_voice_cannot_read(text: str, language: str, letters: str) -> None:
    assert unread(text, language) == letters


def test_a_name_in_letters_of_another_language_is_not_spelled_out(
    hum: None, tmp_path: Path
) -> None:
    with pytest.raises(StageError, match="'hum' .language 'en'. cannot read: .*as it is said"):
        ready("personalised_ad", name=HEBREW, **SMALL).run(output=tmp_path / "out.mp4")
    assert list(tmp_path.iterdir()) == []


def test_what_a_table_says_is_taken_as_it_is() -> None:
    with pytest.raises(PipelineError, match="unknown parameter 'nom'"):
        ready("personalised_ad", nom="Ada")
    title = ready("personalised_ad", name="${product}").steps[0].stage
    assert title.model_dump()["text"] == "Hello ${product}"


def test_a_default_may_name_parameters_above_it() -> None:
    text = "params: {name: Ada, title: 'Hi ${name}'}\nstages: [{title: {text: '${title}'}}]"
    titles = [
        sc.Pipeline.from_text(text, **given).steps[0].stage.model_dump()["text"]
        for given in ({}, {"name": "Zoë"}, {"title": "${name}"})
    ]
    assert titles == ["Hi Ada", "Hi Zoë", "${name}"]
    below = "params: {title: '${name}', name: Ada}\nstages: [render]"
    with pytest.raises(PipelineError, match=r"^1: \$\{name\} is not a parameter"):
        sc.Pipeline.from_text(below)


@pytest.mark.slow
@pytest.mark.weights("piper-joe")
def test_the_name_is_heard(tmp_path: Path) -> None:
    pytest.importorskip(
        "piper", reason="piper-tts is not installed: pip install 'smartcut-pipelines[voice]'"
    )
    out = tmp_path / "out.mp4"
    ready("personalised_ad", name="Grace", seconds="2.5s", **SMALL).run(output=out)
    heard = manifest_of(out)["generated"]
    assert any(part["kind"] == "voiceover" and part["engine"] == "piper" for part in heard)
    assert "Hello Grace." in out.with_suffix(".srt").read_text()
    assert probe(out).audio is not None


# --------------------------------------------------------------------------------- the trailer


@pytest.mark.slow
def test_a_trailer_encodes_what_is_made_and_copies_footage(tmp_path: Path) -> None:
    clips = [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    for clip in clips:
        write_bar_coded(clip, frames=72, rate=F(12), gop=6)
    out = tmp_path / "out.mp4"
    trailer = ready(
        "trailer",
        duration="6s",
        detector="adaptive",
        engine="blend",
        bridge="blend",
        title_seconds="0.5s",
        credits_seconds="1s",
        credits="By\nnobody",
    )
    assert "12.0 s of media to decode" in trailer.plan(clips, out).text()
    result = trailer.run(clips, out)
    assert result.cut.notes[-1] == "score: 4 of 4 joins lie on a beat"
    ends = [place.end for _, place in result.cut.programme.placed()]
    assert [end for end in ends[:-1] if end % F(1, 2)] == []
    assert [kind for kind, *_ in made_in(out)] == ["title", "bridge", "interpolate", "title"]

    # what is generated or in slow motion is encoded; footage is copied, but for its edge
    spans = manifest_of(out)["intervals"]
    first, bridge, slow = spans[0], *[s for s in spans[1:] if s["how"] == "encode"][-3:-1]
    assert first["reason"] == "it is generated; a title is drawn"
    assert bridge["reason"] == "it is generated"
    assert slow["reason"].startswith("speed 0.5, frames are interpolated")
    footage = [s for s in spans if s["from"][0]["segment"] == 1]
    assert {s["from"][0]["source"] for s in footage} == {"a"}
    copied = [s for s in footage if s["how"] == "copy"]
    assert all("key frame" in s["reason"] for s in footage if s["how"] == "encode")
    assert sum(s["frames"] for s in copied) >= 24

    frames = shown(out)
    assert len(frames) == result.cut.duration * 12
    at = [round(s["start"] * 12 + n) for s in footage for n in range(s["frames"])]
    codes = [number_in(frames[n][..., 1].astype(np.uint8)) for n in at]
    begin = result.cut.segments[1].range.start * 12
    assert codes == list(range(int(begin), int(begin) + len(at)))
    _, before, between, after, _ = result.cut.segments
    recipe = result.cut.source(str(between.source)).made
    assert recipe is not None
    assert recipe.after == (before.source, before.range.end), "the beat left its edges alone"
    assert recipe.before == (after.source, after.range.start)
