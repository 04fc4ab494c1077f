"""Generated pictures on the timeline: where they go, that they are exact, and what is said."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from pydantic import ValidationError

import smartcut as sc
from smartcut.cache import file_sha256
from smartcut.cut import Segment
from smartcut.errors import ModelError, PipelineError, StageError
from smartcut.interchange.titles import shown_texts
from smartcut.models.makers import Brief, make
from smartcut.models.makers.camera_move import make as moved
from smartcut.models.makers.continuing import make as continued
from smartcut.models.makers.volume import projected, read_stack, slice_at, windowed
from smartcut.models.tracing.camera_path import CameraPath, orbit
from smartcut.models.tracing.scene import Camera
from smartcut.stages.generate import Generate
from smartcut.stages.render import Render
from smartcut.testing import number_in, write_bar_coded

TINY: dict[str, Any] = {"detail": 0.1, "samples": 2, "scene": "dusk"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "clip.mp4"
    write_bar_coded(path, frames=60, rate=F(30), gop=10)
    return path


def shown(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def numbers(path: Path) -> list[int | None]:
    """What the frames' bar codes say; None where there is none."""

    def number(picture: np.ndarray) -> int | None:
        try:
            return number_in(picture[..., 1])
        except ValueError:
            return None

    return [number(picture) for picture in shown(path)]


def manifest_of(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out.with_suffix(".manifest.json").read_text())
    return found


# ------------------------------------------------------------------------------------ placing


def test_a_title_goes_before_footage_that_is_copied(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    title = sc.generate(kind="title", text="Hello", seconds="0.4s", **TINY)
    made = sc.open(clip) | title | Render()
    plan = made.plan(output=out)
    kinds = [(line.state, line.reason) for line in plan.steps if line.stage == "render"]
    assert kinds[0][0] == "encode"
    assert "it is generated" in kinds[0][1]
    assert kinds[1] == ("copy", "nothing in it changes")
    assert [s.state for s in plan.steps if s.stage == "make"] == ["run"]
    made.render(out)
    assert numbers(out)[12:] == list(range(60))
    assert len(shown(out)) == 72
    again = made.plan(output=out)
    assert [s.state for s in again.steps if s.stage == "make"] == ["cached"]
    (generated,) = manifest_of(out)["generated"]
    assert (generated["start"], generated["end"]) == (0.0, 0.4)
    assert (generated["kind"], generated["engine"]) == ("title", "path-tracer")


def test_titles_that_come_later_move_with_their_pictures(clip: Path) -> None:
    cut = (
        sc.open(clip)
        | sc.title(text="late", at="1s", duration="0.5s")
        | sc.generate(kind="background", seconds="1s")
    ).cut()
    assert [t.range.start for t in shown_texts(cut)] == [F(2)]


def test_a_bridge_leads_from_one_segment_to_the_next(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    made = sc.open(clip, clip) | sc.generate(kind="bridge", engine="blend", seconds="0.1s")
    made.render(out)
    frames = [f.astype(int) for f in shown(out)]
    assert len(frames) == 123
    last, first = frames[59], frames[63]
    for number in range(3):
        mixed = last + (first - last) * (number + 1) / 4
        assert np.abs(frames[60 + number] - mixed).mean() < 3


def test_an_extension_carries_on_and_is_exact_in_length(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(clip) | sc.generate(kind="extend", seconds="0.5s")).render(out)
    frames = shown(out)
    assert len(frames) == 75
    assert numbers(out)[:60] == list(range(60))


def test_gaps_are_filled_and_keep_their_length(clip: Path) -> None:
    cut = sc.open(clip).cut()
    gap = Segment(None, sc.Range(F(0), F(1, 2)))
    gapped = cut.with_segments((cut.segments[0], gap, cut.segments[0]))
    stage = Generate(kind="background", at="gap", **TINY)
    filled = stage.apply(gapped, context_of(clip))
    assert [s.source for s in filled.segments] == ["clip", "background-1", "clip"]
    assert filled.duration == gapped.duration
    with pytest.raises(StageError, match="has no gap"):
        stage.apply(cut, context_of(clip))


def context_of(clip: Path) -> Any:
    """A context as stages get it."""
    from smartcut.cache import Cache
    from smartcut.context import LocalContext

    return LocalContext(Cache(), device="cpu")


def test_replaced_pictures_keep_the_sound_that_belongs_there(clip: Path) -> None:
    made = sc.open(clip, clip) | sc.generate(kind="b-roll", at="replace", on=1, **TINY)
    cut = made.cut()
    assert [s.source for s in cut.segments] == ["clip", "b-roll-1"]
    voice = cut.tracks[1]
    assert [(s.source, p.start, p.end) for s, p in voice.placed()] == [
        (None, F(0), F(2)),
        ("clip-2", F(2), F(4)),
    ]
    dropped = sc.open(clip) | sc.generate(kind="b-roll", at="replace", sound="drop", **TINY)
    assert len(dropped.cut().tracks) == 1


def test_a_pipeline_may_be_made_of_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    text = (
        "stages:\n  - generate: {kind: background, seconds: 0.2, scene: dusk, "
        "size: [64, 48], detail: 0.2, samples: 1}\n  - render\n"
    )
    sc.Pipeline.from_text(text).run(output=out)
    assert [f.shape for f in shown(out)] == [(48, 64, 3)] * 5
    with pytest.raises(PipelineError, match="nothing to edit"):
        sc.Pipeline.from_text("stages: [render]").run(output=out)


def test_the_seed_decides_and_nothing_else(clip: Path) -> None:
    def digest(**params: Any) -> str:
        cut = (sc.open(clip) | sc.generate(kind="background", **params)).cut()
        return next(s.digest for s in cut.sources if s.made)

    assert digest(seed=1) == digest(seed=1)
    assert len({digest(seed=1), digest(seed=2), digest(seed=1, seconds="2s")}) == 3


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"kind": "title"}, "`text` and `kind: title` belong together"),
        ({"kind": "title", "text": " "}, "it is empty"),
        ({"kind": "bridge", "at": "end"}, "cannot go to 'end'; accepted: between"),
        ({"kind": "bridge", "engine": "path-tracer"}, "accepted: rife, flow, blend, trained"),
        ({"kind": "b-roll", "engine": "trained"}, "needs `weights`"),
        ({"kind": "b-roll", "model": "some/model"}, "`model` needs a `prompt`"),
        ({"kind": "b-roll", "weights": "/nowhere.safetensors"}, "there is no file"),
    ],
)
def test_mistakes_are_named(params: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Generate(**params)


def test_a_bridge_needs_a_join(clip: Path) -> None:
    with pytest.raises(StageError, match="there is no join"):
        (sc.open(clip) | sc.generate(kind="bridge")).cut()


# ------------------------------------------------------------------------------------- engines


def brief(kind: str, frames: int, **more: Any) -> Brief:
    return Brief(kind, 64, 48, F(30), frames, **more)


def test_motion_is_carried_on_and_comes_to_rest() -> None:
    texture = cv2.GaussianBlur(
        np.random.default_rng(0).integers(0, 255, (48, 200, 3), np.uint8), (0, 0), 3
    )
    texture = cv2.normalize(texture, None, 0, 255, cv2.NORM_MINMAX)
    past = tuple(np.ascontiguousarray(texture[:, 40 - 2 * n : 104 - 2 * n]) for n in (0, 1))
    made = list(continued(brief("extend", 30, past=past)))

    def shift(picture: np.ndarray) -> int:
        middle = picture[8:40, 24:40].astype(int)
        errors = {
            s: np.abs(past[1][8:40, 24 - s : 40 - s].astype(int) - middle).mean()
            for s in range(-3, 24)
        }
        return min(errors, key=lambda s: errors[s])

    shifts = [shift(picture) for picture in made]
    assert shifts[0] == 2
    assert shifts[3] in (6, 7, 8)
    assert shifts == sorted(shifts)
    assert shifts[-1] == shifts[-5]


def test_a_still_shot_stays_still() -> None:
    still = np.full((48, 64, 3), 90, np.uint8)
    for picture in continued(brief("extend", 3, past=(still, still))):
        assert np.array_equal(picture, still)
    with pytest.raises(ModelError, match="no frame before"):
        list(continued(brief("extend", 1)))


def test_backgrounds_follow_from_their_seed() -> None:
    asked = {"scene": "studio", "detail": 0.3, "samples": 1}
    one, same, other = (
        list(make("path-tracer", brief("background", 2, seed=seed, params=asked)))
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    with pytest.raises(ModelError, match="unknown scene 'attic'; accepted: bokeh"):
        list(make("path-tracer", brief("background", 1, params={"scene": "attic"})))
    with pytest.raises(ModelError, match="unknown engine"):
        make("magic", brief("background", 1))


def test_a_camera_path_meets_its_views_and_moves_smoothly() -> None:
    views = tuple(Camera((x, 1.0, 5.0), view=40 + x) for x in (0.0, 1.0, 3.0))
    path = CameraPath(views, eased=False)
    assert [path.at(share) for share in (0, 0.5, 1)] == list(views)
    places = [path.at(i / 100).position[0] for i in range(101)]
    assert places == sorted(places)
    still = CameraPath(views[:1])
    assert still.at(0.7) == views[0]
    with pytest.raises(ValueError, match="needs a view"):
        CameraPath(())
    around = orbit((0, 1, 0), 4, 0, (-90, 90), views[0])
    for share in (0, 0.5, 1):
        x, _, z = around.at(share).position
        assert x * x + z * z == pytest.approx(16)


# --------------------------------------------------------------------------- slides and volumes


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[:, :80], picture[:, 80:] = (200, 40, 40), (40, 40, 200)
    cv2.imwrite(str(tmp_path / "slide.png"), picture[..., ::-1])
    return tmp_path / "slide.png"


def test_slides_stand_or_move(slide: Path) -> None:
    def edge(picture: np.ndarray) -> int:
        return int((picture[24, :, 0] > 120).sum())

    def made(move: str) -> list[int]:
        params = {"file": str(slide), "move": move, "zoom": 1.5, "fit": "crop"}
        return [edge(p) for p in moved(brief("slide", 5, params=params))]

    assert made("none") == [32] * 5
    right, left = made("right"), made("left")
    assert right == sorted(right, reverse=True)
    assert right[0] > 40 > 24 > right[-1]
    assert left == right[::-1]
    assert all(abs(e - 32) <= 1 for e in made("in"))


def test_slides_are_shown_as_long_as_asked(slide: Path) -> None:
    stage = sc.slides(pictures=[str(slide)] * 2, seconds="0.5s", size=(64, 48))
    found = (sc.Pipeline() | stage).cut()
    assert [s.duration for s in found.segments] == [F(13, 25)] * 2
    with pytest.raises(StageError, match="1 pictures for 0 spoken lines"):
        (sc.Pipeline() | sc.slides(pictures=[str(slide)], seconds="voice")).cut()


def test_a_slide_that_is_no_picture_is_named(tmp_path: Path) -> None:
    file = tmp_path / "slide.png"
    file.write_bytes(b"no picture")
    with pytest.raises(ModelError, match="is no picture that can be read"):
        list(moved(brief("slide", 1, params={"file": str(file)})))


def test_slices_are_mixed_and_volumes_turned() -> None:
    volume = np.zeros((3, 9, 9), np.float32)
    volume[1] = 1
    assert np.allclose(slice_at(volume, 0.25), 0.5)
    assert np.allclose(slice_at(volume, 1), 0)
    ball = np.zeros((5, 33, 33), np.float32)
    ball[2, 16, 26] = 1
    places = [int(projected(ball, turn)[2].argmax()) for turn in (0, 90, 180)]
    middle = projected(ball, 0).shape[1] // 2
    assert places[0] - middle == pytest.approx(10, abs=1)
    assert places[1] - middle == pytest.approx(0, abs=1)
    assert places[2] - middle == pytest.approx(-10, abs=1)
    assert windowed(np.array([[[0, 50, 100, 200]]]), (50, 100)).tolist() == [[[0, 0, 1, 1]]]


def test_slices_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        cv2.imwrite(str(tmp_path / f"s{number}.png"), np.full((8, 8), number * 1000, np.uint16))
    assert read_stack(tmp_path)[:, 0, 0].tolist() == [1000, 9000, 10000]
    cv2.imwrite(str(tmp_path / "s11.png"), np.zeros((8, 9), np.uint16))
    with pytest.raises(ModelError, match="the slices before it are 8x8"):
        read_stack(tmp_path)
    with pytest.raises(ModelError, match="holds no slices"):
        read_stack(tmp_path / "nowhere")


def test_notes_stand_while_their_slice_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "scan.npy"
    np.save(file, np.zeros((11, 8, 8), np.int16))
    stage = {"slices": str(file), "seconds": "10s", "through": 0.5, "size": (64, 48)}
    notes = [{"slice": 5, "text": "here"}]
    cut = (sc.Pipeline() | sc.volume(**stage, notes=notes)).cut()
    (title,) = shown_texts(cut)
    assert title.range.start < F(5, 2) < title.range.end
    with pytest.raises(StageError, match="a note for slice 11, but there are 11"):
        (sc.Pipeline() | sc.volume(**stage, notes=[{"slice": 11, "text": "x"}])).cut()


def test_a_cut_with_made_sources_goes_through_json(clip: Path) -> None:
    from smartcut.interchange.json import cut_from_json, cut_to_json

    cut = (sc.open(clip) | sc.generate(kind="extend")).cut()
    assert cut_from_json(cut_to_json(cut)) == cut
    assert cut.sources[-1].made is not None
    assert replace(cut.sources[-1].made, seed=1) != cut.sources[-1].made


# ----------------------------------------------------------------------------- known of a scene


def test_what_is_known_of_a_scene_is_written_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    stage = sc.generate(
        kind="b-roll",
        scene="yard",
        seconds="0.3s",
        truth=("boxes", "depth", "motion"),
        samples=1,
        detail=0.5,
        size=(96, 64),
        fps=10,
    )
    (sc.Pipeline() | stage).render(out)
    labels = json.loads((tmp_path / "out.labels.json").read_text())
    assert [image["id"] for image in labels["images"]] == [0, 1, 2]
    assert [image["time"] for image in labels["images"]] == [0.0, 0.1, 0.2]
    assert {kind["name"] for kind in labels["categories"]} <= {"person", "cart"}
    depth, motion = (np.load(tmp_path / f"out.{kind}.npy") for kind in ("depth", "motion"))
    assert depth.shape == (3, 64, 96)
    assert motion.shape == (3, 64, 96, 2)
    moved = 0
    by_track: dict[int, list[list[float]]] = {}
    for row in labels["annotations"]:
        by_track.setdefault(row["track_id"], []).append(row["bbox"])
    for boxes in by_track.values():
        for before, after in pairwise(boxes):
            left, top, width, height = before
            assert 0 <= left < left + width <= 96
            assert 0 <= top < top + height <= 64
            moved += abs(after[0] - before[0]) + abs(after[1] - before[1]) > 0
    assert moved
    # what does not move is nearer the bottom of the picture, as the camera looks down
    floor = np.abs(motion[0]).sum(-1) == 0
    assert floor.mean() > 0.5
    assert depth[0, -1].mean() < depth[0, 20].mean()


def test_truth_is_of_the_path_tracer_only() -> None:
    with pytest.raises(ValidationError, match="known only of what the path tracer makes"):
        Generate(kind="extend", truth=("boxes",))


# -------------------------------------------------------------------------- generators' weights


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained autoencoder of small clips: it shows little, but all of the way is gone."""
    import torch

    from smartcut.models.generation.vae import Vae

    torch.manual_seed(0)
    fields = {"frames": 4, "height": 16, "width": 16, "past": 2, "rate": 15.0, "labels": ("a", "b")}
    model = Vae(Vae.settings.model_validate({**fields, "latent": 8, "finest": 4, "style": 16}))
    file = tmp_path_factory.mktemp("weights") / "vae.safetensors"
    model.save(file)
    return file


def test_a_generator_s_weights_fill_the_timeline(weights: Path, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    made = sc.open(clip, clip) | sc.generate(kind="bridge", weights=weights, seconds="0.2s")
    made = made | sc.generate(kind="extend", weights=weights, seconds="0.2s", label="b")
    (made | sc.generate(kind="b-roll", weights=weights, seconds="1s", seed=3)).render(out)
    frames = shown(out)
    assert len(frames) == 60 + 6 + 60 + 6 + 30
    rows = manifest_of(out)["generated"]
    assert [(row["kind"], row["model"]) for row in rows] == [
        ("bridge", "vae"),
        ("extend", "vae"),
        ("b-roll", "vae"),
    ]
    assert {row["sha256"] for row in rows} == {file_sha256(weights)}


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"kind": "b-roll", "prompt": "a ball"}, "these weights know no prompts"),
        ({"kind": "b-roll", "label": "c"}, "unknown class 'c'; accepted: a, b"),
    ],
)
def test_what_weights_cannot_do_is_told_before_anything_is_made(
    weights: Path, clip: Path, params: dict[str, Any], said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        (sc.open(clip) | sc.generate(weights=weights, **params)).cut()


def test_files_that_may_hold_code_are_no_weights(clip: Path, tmp_path: Path) -> None:
    file = tmp_path / "weights.pt"
    file.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(ModelError, match="others may hold code"):
        (sc.open(clip) | sc.generate(kind="b-roll", weights=file)).cut()


def test_a_digest_that_looks_like_a_vast_number_is_a_digest(clip: Path) -> None:
    from smartcut.interchange.json import cut_from_json, cut_to_json

    cut = sc.open(clip).cut()
    odd = replace(cut, sources=(replace(cut.sources[0], digest="ab3e123456cd" + "0" * 52),))
    assert cut_from_json(cut_to_json(odd)) == odd
    with pytest.raises(PipelineError, match="too large an exponent"):
        cut_from_json(cut_to_json(cut).replace('"1"', '"1e999999"', 1))


def test_a_file_that_fails_its_check_replaces_nothing(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from smartcut.errors import RenderError
    from smartcut.render import write
    from smartcut.render.splicing.verify import Problem

    out = tmp_path / "out.mp4"
    out.write_bytes(b"an older file")
    monkeypatch.setattr(write, "verify", lambda rendering: (Problem("a frame is missing"),))
    with pytest.raises(RenderError, match=r"out\.mp4: a frame is missing"):
        sc.open(clip).render(out)
    assert out.read_bytes() == b"an older file"
    assert list(tmp_path.iterdir()) == [out]
