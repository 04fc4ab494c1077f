"""The ready pipelines, planned and run at small size; what runs again, and what does not."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

import smartcut as sc
from smartcut.media import decode, encode, listen
from smartcut.media.audio import samples
from smartcut.media.loudness import LoudnessMeter
from smartcut.media.probe import probe
from smartcut.testing import write_bar_coded
from tests.builders.samples import SAMPLES, beginning

ROOT = Path(__file__).parents[2]
needs_networks = pytest.mark.weights(
    "whisper-tiny.en", "transnetv2", "efficientnet-lite0", "minilm-l6-v2"
)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many frames were decoded and pieces encoded since the test cleared it."""
    counts = {"decoded": 0, "encoded": 0}
    real_encode = encode.encode_video

    def counting(real):  # type: ignore[no-untyped-def]
        def frames(*args, **kwargs):  # type: ignore[no-untyped-def]
            for item in real(*args, **kwargs):
                counts["decoded"] += 1
                yield item

        return frames

    def encode_video(*args, **kwargs):  # type: ignore[no-untyped-def]
        counts["encoded"] += 1
        return real_encode(*args, **kwargs)

    monkeypatch.setattr(decode.Decoder, "frames", counting(decode.Decoder.frames))
    monkeypatch.setattr(listen, "picked", counting(listen.picked))
    monkeypatch.setattr(encode, "encode_video", encode_video)
    return counts


@needs_networks
def test_the_highlight_reel_and_what_a_second_run_does(
    tmp_path: Path, counted: dict[str, int]
) -> None:
    pipeline = sc.Pipeline.from_yaml(ROOT / "pipelines" / "highlight_reel.yaml")
    inputs = [SAMPLES / "harbour.mp4", SAMPLES / "match.mp4"]
    out = tmp_path / "reel.mp4"
    params = {
        "duration": "12s",
        "resolution": "180p",
        "prompt": ["a sailing boat"],
        "music": str(SAMPLES / "music.m4a"),
    }
    assert "not done before" in pipeline.plan(inputs, out, **params).text()
    result = pipeline.run(inputs, out, **params)
    assert counted["decoded"] > 1000

    assert abs(result.cut.duration - 12) <= 0.2
    names = {p.name for p in result.outputs}
    assert names == {
        "reel.mp4", "reel.srt", "reel.sheet.png", "reel.thumbnail.png", "reel.manifest.json",
    }  # fmt: skip
    assert all(p.stat().st_size for p in result.outputs)
    manifest = json.loads((tmp_path / "reel.manifest.json").read_text())
    assert {"harbour", "match", "music"} == {i["id"] for i in manifest["inputs"]}
    assert any(m["model"] == "embedded-efficientnet-minilm" for m in manifest["models"])
    assert manifest["intervals"][-1]["end"] == pytest.approx(12, abs=0.2)
    assert "-->" in (tmp_path / "reel.srt").read_text()
    meter = LoudnessMeter(48_000, 2)
    made = probe(out)
    for block in samples(made, 48_000, 2, Fraction(0), made.duration):
        meter.add(block)
    assert meter.integrated == pytest.approx(-16, abs=1.0)
    boats = [s for s in result.cut.segments if s.source == "harbour"]
    assert boats, "the prompt names what only the harbour has"

    counted.update(decoded=0, encoded=0)
    assert pipeline.plan(inputs, out, **params).is_idle
    before = out.read_bytes()
    pipeline.run(inputs, out, **params)
    assert counted == {"decoded": 0, "encoded": 0}
    assert out.read_bytes() == before

    again = pipeline.plan(inputs, out, **{**params, "prompt": ["a football"]})
    assert not again.decodes
    assert any(s.stage == "relevance" and "prompts changed" in s.reason for s in again.steps)

    pipeline.run(inputs, out, **{**params, "subtitles": "vtt"})
    assert counted == {"decoded": 0, "encoded": 0}
    assert (tmp_path / "reel.vtt").exists()


@pytest.mark.slow
@needs_networks
@pytest.mark.weights("blazeface", "centerface")
def test_the_upright_reel_has_captions_in_the_picture(tmp_path: Path) -> None:
    pipeline = sc.Pipeline.from_yaml(ROOT / "pipelines" / "social_vertical.yaml")
    sky = beginning("sky.mp4", 9, tmp_path)
    result = pipeline.run([sky], tmp_path / "up.mp4", duration="4s")

    video = probe(tmp_path / "up.mp4").video
    assert video is not None
    assert (video.width, video.height) == (720, 1280)
    manifest = json.loads((tmp_path / "up.manifest.json").read_text())
    assert any("captions are burned in" in i["reason"] for i in manifest["intervals"])
    assert result.cut.captions is not None


@pytest.mark.weights("whisper-tiny.en")
def test_subtitling_copies_the_picture(tmp_path: Path) -> None:
    pipeline = sc.Pipeline.from_yaml(ROOT / "pipelines" / "subtitle.yaml")
    pipeline.run([SAMPLES / "harbour.mp4"], tmp_path / "out.mkv")
    manifest = json.loads((tmp_path / "out.manifest.json").read_text())
    assert [i["how"] for i in manifest["intervals"]] == ["copy"]
    for suffix in (".srt", ".vtt", ".ass"):
        assert "boat" in (tmp_path / "out").with_suffix(suffix).read_text()
    from smartcut.source import SubtitleStream

    assert any(isinstance(o, SubtitleStream) for o in probe(tmp_path / "out.mkv").others)


@pytest.mark.slow
def test_the_liveliest_moments_in_slow_motion(tmp_path: Path) -> None:
    pipeline = sc.Pipeline.from_yaml(
        ROOT / "pipelines" / "slow_motion.yaml", engine="flow", top=0.05
    )
    small = beginning("match.mp4", 12, tmp_path, resolution="180p")
    source = probe(small)
    result = pipeline.run([small], tmp_path / "slow.mp4")
    assert result.cut.duration > source.duration
    paces = [piece.slope for s in result.cut.segments for piece in s.pieces]
    assert (min(paces), max(paces)) == (Fraction(1, 4), 1)
    manifest = json.loads((tmp_path / "slow.manifest.json").read_text())
    copied = sum(i["frames"] for i in manifest["intervals"] if i["how"] == "copy")
    made = sum(part["made"] for part in manifest["generated"])
    assert copied > 0
    assert made > 60
    assert {part["engine"] for part in manifest["generated"]} == {"flow"}
    assert source.video is not None
    shown = probe(tmp_path / "slow.mp4").video
    assert shown is not None
    assert shown.rate == source.video.rate
    assert abs(shown.duration - result.cut.duration) < 1 / shown.rate


def test_one_file_for_each_shot(tmp_path: Path) -> None:
    pipeline = sc.Pipeline.from_yaml(
        ROOT / "pipelines" / "shots_to_clips.yaml", detector="adaptive"
    )
    result = pipeline.run([SAMPLES / "match.mp4"], tmp_path / "clip.mp4")
    clips = [p for p in result.outputs if p.suffix == ".mp4"]
    assert [p.name for p in clips] == [f"clip-{i:03d}.mp4" for i in range(1, 5)]
    truth = json.loads((SAMPLES / "truth.json").read_text())["match.mp4"]
    edges = [*(s["first_frame"] for s in truth["shots"]), truth["frames"]]

    lengths = [v.frames for p in clips if (v := probe(p).video)]
    assert lengths == [b - a for a, b in pairwise(edges)]


def test_an_interrupted_render_leaves_no_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "a.mp4", tmp_path / "out.mp4"
    write_bar_coded(source)
    real = decode.Decoder.frames

    def interrupted(self, first, last):  # type: ignore[no-untyped-def]
        for number, frame in real(self, first, last):
            if number == 40:
                raise KeyboardInterrupt
            yield number, frame

    monkeypatch.setattr(decode.Decoder, "frames", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sc.open(source).render(out, fps=25)
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_all_analyses_of_a_source_share_one_decode(tmp_path: Path, counted: dict[str, int]) -> None:
    source = tmp_path / "a.mp4"
    write_bar_coded(source, frames=60)
    stages = sc.open(source) | sc.shots(detector="adaptive") | sc.motion() | sc.sharpness()
    stages.run()
    assert counted["decoded"] == 60
