"""Several outputs of one run, what they are for, and pictures of another shape on a backdrop."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path

import av
import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import PipelineError
from smartcut.media.probe import probe
from smartcut.render.deliveries import DELIVERIES
from smartcut.report.inspect import inspect
from smartcut.stages.render import Render
from smartcut.testing import read_bar_codes, write_bar_coded


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    write_bar_coded(path, frames=30, size=(320, 180), rate=F(50))
    return path


def test_outputs_share_what_is_set_and_what_was_made(clip: Path, tmp_path: Path) -> None:
    stage = Render.model_validate(
        {
            "output": str(tmp_path / "o.mp4"),
            "mode": "encode",
            "crf": 30,
            "outputs": [
                {"output": "{stem}-again.mkv"},
                {"output": "{stem}.gif", "resolution": "160x90", "fps": 10, "crf": None},
                {"output": "{stem}.mp3"},
            ],
        }
    )
    result = (sc.open(clip) | stage).run()
    names = [path.name for path in result.outputs]
    assert names == [
        "o.mp4", "o.manifest.json", "o-again.mkv", "o-again.manifest.json", "o.gif",
        "o.gif.manifest.json", "o.mp3", "o.mp3.manifest.json",
    ]  # fmt: skip
    assert read_bar_codes(tmp_path / "o-again.mkv")[0] == list(range(30))
    video = probe(tmp_path / "o.gif").video
    assert video is not None
    assert (video.width, video.height, video.rate) == (160, 90, 10)
    plan = (sc.open(clip) | stage).plan()
    assert plan.is_idle
    spans = [step for step in plan.steps if step.subject.startswith("o-again.mkv 0")]
    assert [step.state for step in spans] == ["cached"]


def test_files_of_two_runs_keep_a_manifest_each(clip: Path, tmp_path: Path) -> None:
    def written(name: str) -> list[str]:
        result = (sc.open(clip) | sc.trim(end="0.3")).render(tmp_path / name)
        return [path.name for path in result.outputs]

    assert written("o.gif") == ["o.gif", "o.manifest.json"]
    assert written("o.mp3") == ["o.mp3", "o.mp3.manifest.json"]
    assert written("o.mp3") == ["o.mp3", "o.mp3.manifest.json"]
    assert written("o.gif") == ["o.gif", "o.manifest.json"]
    for name in ("o.gif", "o.mp3"):
        assert not inspect(tmp_path / name).findings
    (tmp_path / "o.gif").unlink()  # its manifest is nobody's now
    assert written("o.mkv") == ["o.mkv", "o.manifest.json"]


def test_what_was_generated_is_found_beside_each(clip: Path, tmp_path: Path) -> None:
    stage = Render.model_validate({"outputs": [{"output": "{stem}.gif", "resolution": "64x36"}]})
    made = sc.open(clip) | sc.trim(end="0.2") | sc.interpolate(factor=2, engine="blend") | stage
    made.run(output=tmp_path / "o.mp4")
    for name in ("o.mp4", "o.gif"):
        found = inspect(tmp_path / name)
        assert not found.findings
        assert found.made


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ([{"output": "o.mp4"}], r"two of its outputs are .*o\.mp4"),
        ([{"fps": 10}], r"number 0 of `outputs` has no `output`"),
    ],
)
def test_outputs_that_cannot_be(outputs: list, message: str, clip: Path, tmp_path: Path) -> None:
    for one in outputs:
        if "output" in one:
            one["output"] = str(tmp_path / one["output"])
    stage = Render.model_validate({"output": str(tmp_path / "o.mp4"), "outputs": outputs})
    with pytest.raises(PipelineError, match=message):
        (sc.open(clip) | stage).run()


def test_a_stem_needs_a_first_output(clip: Path) -> None:
    stage = Render.model_validate({"outputs": [{"output": "{stem}.gif"}]})
    with pytest.raises(PipelineError, match=r"is named after the first output: give -o OUT\.mp4"):
        (sc.open(clip) | stage).run()


# --------------------------------------------------------------------------------- what it is for


def settings(out: Path) -> dict:
    return json.loads((out.parent / f"{out.stem}.manifest.json").read_text())["settings"]


def test_a_delivery_sets_size_rate_quality_and_loudness(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.mp4"
    result = (sc.open(clip) | sc.trim(end="0.1")).render(out, preset="reels")
    picture = settings(out)["picture"]
    assert (picture["width"], picture["height"], picture["rate"]) == (1080, 1920, "30")
    assert (picture["codec"], picture["crf"], picture["preset"]) == ("h264", 20, "medium")
    assert settings(out)["mix"]["loudness"] == -14
    assert "at most 30 frames a second, as `preset` says" in result.notes
    assert "the sound is brought to -14 LUFS for reels" in result.notes


def test_nothing_is_made_larger_and_what_is_set_goes_first(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.mp4"
    (sc.open(clip) | sc.audio(loudness=-20)).render(out, preset="whatsapp", fps=25, crf=40)
    picture = settings(out)["picture"]
    assert (picture["width"], picture["height"], picture["rate"]) == (320, 180, "25")
    assert picture["crf"] == 40
    assert settings(out)["mix"]["loudness"] == -20


@pytest.mark.parametrize(
    ("preset", "name", "codec", "audio"),
    [
        ("archive", "o.mkv", "ffv1", "flac"),
        ("archive", "o.mov", "prores", "pcm"),
        ("proxy", "o.mp4", "h264", "aac"),
        ("youtube", "o.webm", "vp9", "opus"),
        ("podcast", "o.mp3", None, "mp3"),
    ],
)
def test_a_delivery_takes_what_the_file_can_hold(
    preset: str, name: str, codec: str | None, audio: str, clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / name
    (sc.open(clip) | sc.trim(end="0.2")).render(out, preset=preset)
    found = settings(out)
    assert (found["picture"] or {"codec": None})["codec"] == codec
    assert found["sounds"][0]["codec"] == audio


def test_what_already_fits_is_copied(tmp_path: Path) -> None:
    path, out = tmp_path / "a.mp4", tmp_path / "o.mp4"
    write_bar_coded(path, frames=30, size=(320, 180), rate=F(25))
    sc.open(path).render(out, preset="youtube")
    told = json.loads((tmp_path / "o.manifest.json").read_text())["intervals"]
    assert [interval["how"] for interval in told] == ["copy"]


def test_presets_of_encoders_are_still_taken_and_unknown_ones_named(
    clip: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o.mp4"
    sc.open(clip).render(out, preset="ultrafast", mode="encode")
    assert settings(out)["picture"]["preset"] == "ultrafast"
    with pytest.raises(PipelineError, match=r"'tube' is not known; accepted: youtube, tiktok"):
        sc.open(clip).render(out, preset="tube")
    assert {"youtube", "tiktok", "reels", "x", "whatsapp", "podcast", "archive", "proxy"} == set(
        DELIVERIES
    )


def test_stages_before_know_the_size_that_a_place_takes() -> None:
    assert Render.model_validate({"preset": "tiktok"}).target.size == (1080, 1920)
    given = Render.model_validate({"preset": "tiktok", "resolution": "360p"})
    assert (given.target.size, given.target.short_side) == (None, 360)


# ------------------------------------------------------------------------------------- a backdrop


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv420p10le", "gbrp"])
def test_bars_show_the_picture_blurred(pixel_format: str, tmp_path: Path) -> None:
    path, out, bars = tmp_path / "a.mkv", tmp_path / "o.mkv", tmp_path / "bars.mkv"
    encoder = "ffv1" if pixel_format == "gbrp" else "libx264"
    form = "bgr0" if pixel_format == "gbrp" else pixel_format
    write_bar_coded(path, frames=2, size=(320, 180), encoder=encoder, pixel_format=form, audio=None)
    for name, fit in ((out, "blur"), (bars, "pad")):
        sc.open(path).render(name, resolution="180x320", fit=fit, codec="ffv1")

    def pixels(name: Path) -> np.ndarray:
        with av.open(str(name)) as container:
            return next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)

    found, plain = pixels(out), pixels(bars)
    inner = np.abs(plain).sum((1, 2)) > 180 * 3 * 40
    top = int(np.flatnonzero(inner)[0])
    height = int(np.flatnonzero(inner)[-1]) + 1 - top
    assert abs(height - 180 * 180 / 320) <= 2
    assert np.abs(found - plain)[top + 4 : top + height - 4].max() <= 2
    for bar in (found[: top - 4], found[top + height + 4 :]):
        assert bar.mean() > 40
        assert np.abs(np.diff(bar, axis=1)).max() < 24  # nothing sharp is left


def test_nothing_changes_where_the_shape_is_the_same(clip: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one.mkv", tmp_path / "other.mkv"
    for out, fit in ((one, "blur"), (other, "pad")):
        (sc.open(clip) | sc.trim(end="0.1")).render(out, resolution="160x90", fit=fit, codec="ffv1")
    with av.open(str(one)) as a, av.open(str(other)) as b:
        for left, right in zip(a.decode(video=0), b.decode(video=0), strict=True):
            assert np.array_equal(left.to_ndarray(), right.to_ndarray())
